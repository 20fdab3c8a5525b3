"""Articles that flow through real indexers on a real Redis and Elasticsearch, and what has come of them."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from celery import Celery
from elasticsearch import Elasticsearch
from redis import Redis

from services.cli.embedded.instance import Servers
from shared.broker import RELEASE, SCHEDULE_QUEUE
from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item, pack
from shared.domain.coded import CodedArticle
from shared.domain.submission import Submission
from shared.index import MODELS, index_name
from shared.pages import open_page_store
from shared.pipeline import BATCH, INDEX
from shared.settings import Settings
from tests import examples
from tests.integration.drilling import wait_for

ROOT = Path(__file__).parents[3]
PATIENCE_S = 180
BUMPED = "tests.integration.upkeep.bumped"
SCALE = "0.1"


class Scene:
    """One installation: a prefix, a database of Redis, a folder of pages, and the processes that work on them."""

    def __init__(self, redis: Redis, client: Elasticsearch, servers: Servers, prefix: str, folder: Path) -> None:
        redis_url, url = servers.redis_url, servers.elasticsearch_url
        self.redis, self.client, self.prefix, self.folder = redis, client, prefix, folder
        self.ledger = Ledger(redis)
        self.settings = Settings(
            redis_url=redis_url,
            elasticsearch_url=url,
            index_prefix=prefix,
            page_store_url=f"file://{folder}/pages",
            home=folder,
        )
        self.environment = os.environ | {
            "TOCSIN_REDIS_URL": redis_url,
            "TOCSIN_ELASTICSEARCH_URL": url,
            "TOCSIN_INDEX_PREFIX": prefix,
            "TOCSIN_PAGE_STORE_URL": self.settings.page_store_url,
            "TOCSIN_HOME": str(folder),
            "TOCSIN_DELIVERY_TIME_SCALE": SCALE,
            "TOCSIN_FETCH_TIMEOUT_S": "1",
            "PYTHONPATH": str(ROOT),
        }
        self.pages = open_page_store(self.settings.page_store_url)
        self._app = Celery("scene", broker=redis_url)
        self._app.conf.update(task_compression="zlib", task_serializer="json")
        self.processes: list[subprocess.Popen[bytes]] = []

    def accept(self, coded: CodedArticle) -> Submission:
        """Accept the URL of an article as the hook does, its page stored."""
        one = Submission.accept(coded.article.url, source="test")
        self.ledger.accept(one)
        page = examples.page(one.url).model_copy(
            update={"body_key": self.pages.put(one.url.encode()), "fetched_at": coded.article.fetched_at}
        )
        self.pages.keep(one, page)
        return one

    def send(self, *batch: tuple[Submission, CodedArticle], run: int = 0) -> None:
        """Send coded articles to the indexers, in one message."""
        items = [Item.of(submission, coded, run=run) for submission, coded in batch]
        for message in pack(items, INDEX, BATCH):
            self._app.send_task(INDEX.name, args=[message.model_dump(mode="json")], queue=INDEX.queue)

    def wait(self, condition: Callable[[], object], within_s: float = PATIENCE_S) -> None:
        """Wait until it holds, and have a worker send what is due as beat does. Nothing is sent again meanwhile."""

        def holds() -> bool:
            if not self.redis.llen(SCHEDULE_QUEUE):
                self._app.send_task(RELEASE, queue=SCHEDULE_QUEUE)
            return bool(condition())

        wait_for(holds, within_s)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a module in a process of its own. What it says is in `log`."""
        with self.log.open("ab") as log:
            process = subprocess.Popen([sys.executable, "-m", *words], env=self.environment, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def indexer(self, *, bumped: bool = False) -> subprocess.Popen[bytes]:
        """Start an indexer, of the next version on demand, and return when it reads its queue."""
        before = self.log.read_text().count(" ready.") if self.log.exists() else 0
        words = (BUMPED, "worker", "indexer") if bumped else ("shared.worker", "indexer")
        process = self.start(*words, "--concurrency", "1")
        wait_for(lambda: self.log.read_text().count(" ready.") > before or process.poll() is not None, PATIENCE_S)
        return process

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a module to its end."""
        return subprocess.run(
            [sys.executable, "-m", *words], env=self.environment, capture_output=True, text=True, check=False
        )

    @property
    def log(self) -> Path:
        """What the processes have said."""
        return self.folder / "processes.log"

    def documents(self, name: str, *, version: int | None = None) -> dict[str, Any]:
        """Return every document of an index by id, by the alias unless a version is named."""
        index = f"{self.prefix}{name}" if version is None else index_name(self.prefix, name, version)
        self.client.indices.refresh(index=index)
        hits = self.client.search(index=index, size=10_000)["hits"]["hits"]
        return {hit["_id"]: hit["_source"] for hit in hits}

    def everything(self, *names: str) -> dict[str, dict[str, Any]]:
        """Return every document of some indices, or of all."""
        return {name: self.documents(name) for name in names or MODELS}

    def destroy(self) -> None:
        """Lose Redis, the indices and the pages."""
        self.redis.flushdb()
        for index in self.client.indices.get(index=f"{self.prefix}*"):
            self.client.indices.delete(index=index)
        for path in sorted((self.folder / "pages").rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()

    def close(self) -> None:
        """End the processes, and delete what is left."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait(60)
        self._app.close()
        for index in self.client.indices.get(index=f"{self.prefix}*"):
            self.client.indices.delete(index=index)


def happenings(number: int) -> Sequence[CodedArticle]:
    """Return coded articles, three of each happening, every fourth no news."""
    result = []
    for n in range(number):
        day = examples.day(datetime(2026, 1 + n // 3 % 12, 1 + n // 36, tzinfo=UTC).date())
        told = [] if n % 4 == 3 else [examples.event(date=day, killed=examples.toll(n // 3 + 1))]
        result.append(examples.coded(*told, url=f"http://site{n % 3}.example/{n // 3}"))
    return result
