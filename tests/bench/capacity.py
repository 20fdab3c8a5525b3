"""`python -m tests.bench.capacity [ARTICLES]`: the figures of docs/scaling.md that no other benchmark prints.

What extracting and filing an article costs in processor time, and what a million of them take on Elasticsearch's disk.
Its own Redis and Elasticsearch are started, or those of TOCSIN_TEST_REDIS_URL and TOCSIN_TEST_ELASTICSEARCH_URL used.
Articles are made up: 3 KB of text each, one in five with an event, in one of 5,000 towns on one of 400 days.
"""

import json
import os
import random
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from elasticsearch import Elasticsearch
from redis import Redis

from services.cli import filters
from services.cli.embedded.instance import Servers
from services.cli.embedded.servers import embedded_servers
from services.indexer.index import index
from shared.delivery.messages import Item, pack
from shared.domain.coded import CodedArticle
from shared.domain.submission import Submission
from shared.incidents.locks import redis_locks
from shared.incidents.store import Store
from shared.index import MODELS, VERSION, connect
from shared.pipeline import BATCH, CLASSIFY, FETCH
from tests import examples
from tests.bench.incidents import Maker

PREFIX = "capacity-"
SITES = Path("deploy/demo/sites")
ROUNDS = 10
RELEVANT = 5  #: one in so many


@contextmanager
def some_servers() -> Iterator[Servers]:
    """Those that the environment names, or own ones."""
    named = [os.environ.get(f"TOCSIN_TEST_{name}_URL") for name in ("REDIS", "ELASTICSEARCH")]
    if named[0] and named[1]:
        yield Servers(redis_url=named[0], elasticsearch_url=named[1])
        return
    with tempfile.TemporaryDirectory() as folder, embedded_servers(Path(folder), fast_start=False) as running:
        yield running


def articles(count: int) -> Iterator[CodedArticle]:
    """Yield coded articles of about the size and shape of real ones."""
    maker, chance = Maker(), random.Random(5)  # noqa: S311 - nothing secret
    for n in range(count):
        text = " ".join(maker.sentence() for _ in range(22))
        day = date(2025, 1, 1) + timedelta(days=chance.randrange(400))
        told = examples.event(place=chance.choice(maker.towns), date=examples.day(day), killed=examples.toll(n % 9))
        events = () if n % RELEVANT else (told,)
        url = f"http://{chance.choice(maker.sites)}/{n}"
        yield examples.coded(*events, url=url, text=text, title=maker.sentence()[:80])


def node_cpu_ms(client: Elasticsearch) -> float:
    """Milliseconds of processor time of Elasticsearch so far."""
    (node,) = client.nodes.stats(metric="process")["nodes"].values()
    return float(node["process"]["cpu"]["total_in_millis"])


def extracting() -> None:
    """Print what the demo's pages cost to extract."""
    pages = [
        {"url": f"http://x.example/{p.name}", "html": p.read_text(errors="replace")}
        for p in sorted(SITES.rglob("*.html"))
    ]
    filters.extract(pages[0])
    begin = time.process_time()
    for _ in range(ROUNDS):
        for page in pages:
            filters.extract(page)
    spent = 1e3 * (time.process_time() - begin) / (ROUNDS * len(pages))
    size = sum(len(page["html"]) for page in pages) / len(pages)
    print(f"extract: {spent:.1f} ms of CPU a page (the demo's {len(pages)}, {size / 1e3:.0f} KB each)")


def waiting() -> None:
    """Print what an article takes in a message that waits: as Kombu writes it, compressed and in base64."""
    coded = list(articles(BATCH))
    submissions = [Submission.accept(one.article.url) for one in coded]
    for stage, items in (
        (FETCH, [Item.of(one, one) for one in submissions]),
        (CLASSIFY, [Item.of(one, with_text.article) for one, with_text in zip(submissions, coded, strict=True)]),
    ):
        messages = pack(items, stage, BATCH)
        bodies = [json.dumps([message.model_dump(mode="json")]).encode() for message in messages]
        size = sum(4 * len(zlib.compress(body)) // 3 for body in bodies)
        print(
            f"{stage.name}: {size / len(items):.0f} bytes of message body an article, "
            f"{BATCH} articles in {len(bodies)} messages"
        )


def filing(servers: Servers, count: int) -> None:
    """Print what filing costs, and what lies on the disk afterwards."""
    client = connect(servers.elasticsearch_url).options(request_timeout=120)
    indices = [f"{PREFIX}{name}-v{VERSION}" for name in MODELS]
    client.indices.delete(index=indices, ignore_unavailable=True)
    store, locks = Store(client, PREFIX), redis_locks(Redis.from_url(servers.redis_url))
    made = list(articles(count))
    own, server = time.process_time(), node_cpu_ms(client)
    for first in range(0, count, BATCH):
        index(made[first : first + BATCH], store=store, locks=locks)
    own, server = 1e3 * (time.process_time() - own) / count, (node_cpu_ms(client) - server) / count
    print(f"index: {own:.1f} ms of CPU an article in the indexer, {server:.1f} ms in Elasticsearch ({count} articles)")
    client.indices.forcemerge(index=indices, max_num_segments=1)
    client.indices.refresh(index=indices)
    for name in MODELS:
        stats = client.indices.stats(index=f"{PREFIX}{name}", metric="store,docs")["_all"]["primaries"]
        size, documents = stats["store"]["size_in_bytes"], stats["docs"]["count"]
        print(
            f"{name}: {documents} documents, {size / 1e6:.2f} MB, {size / count * 1e6 / 1e9:.2f} GB a million articles"
        )
    client.indices.delete(index=indices)


if __name__ == "__main__":
    extracting()
    waiting()
    with some_servers() as running:
        filing(running, int(sys.argv[1]) if len(sys.argv) > 1 else 4000)
