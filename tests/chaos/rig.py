"""The rig: real servers and the site, started once; workers, beat and API anew for each drill."""

import os
import pwd
import shlex
import signal
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx
from elasticsearch import Elasticsearch
from redis import Redis

from services.cli.embedded import elasticsearch_build, ports, ready, servers
from services.cli.embedded import home as homes
from services.cli.embedded.programs import Program
from shared.delivery.ledger import Ledger
from shared.index import MODELS, VERSION, connect
from shared.worker.run import BEAT, KINDS
from tests.chaos import news
from tests.chaos.processes import ROOT, Crew, Process, wait_until
from tests.chaos.proxies import Front, Line

START_S = 120.0
#: The pages that end whoever reads them: see `poisoned.py`.
POISON = ("segfault", "memory", "endless", "deaf")


class Rig:
    """Servers, site and the processes of one drill. A context: leaving it ends every process."""

    def __init__(self, seed: int, *, scale: float, size: float = 1.0) -> None:
        # Elasticsearch's user must be able to go there
        self.folder = Path(tempfile.mkdtemp(prefix="tocsin-chaos-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.home = homes.prepare(self.folder / "home")
        self.seed = seed
        self.scale = scale
        self.size = size
        self.redis_port, self.elasticsearch_port, self.site_port = (ports.any_free() for _ in range(3))
        distribution = elasticsearch_build.ensure(print)
        node = servers.elasticsearch(self.home, self.elasticsearch_port, distribution, print, fast_start=True)
        self.redis_process = self._process(servers.redis(self.home, self.redis_port))
        self.elasticsearch_process = self._process(node)
        words = (str(self.site_port), str(seed), str(size), ",".join(POISON))
        self.site = Process("site", _python("-m", "tests.chaos.site", *words), self.folder, dict(os.environ))
        self.redis = Redis(host=ports.LOOPBACK, port=self.redis_port)
        self.elasticsearch: Elasticsearch = connect(self.elasticsearch_url)

    @property
    def redis_url(self) -> str:
        """Where Redis itself answers."""
        return f"redis://{ports.LOOPBACK}:{self.redis_port}/0"

    @property
    def elasticsearch_url(self) -> str:
        """Where Elasticsearch itself answers."""
        return f"http://{ports.LOOPBACK}:{self.elasticsearch_port}"

    def __enter__(self) -> Self:
        for process in (self.redis_process, self.elasticsearch_process, self.site):
            process.start()
        self.await_redis()
        self.await_elasticsearch()
        last = f"http://{news.address(0)}:{self.site_port}/robots.txt"
        wait_until(lambda: ready.http_answers(last), START_S, "the site")
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self.site, self.redis_process, self.elasticsearch_process):
            process.end()

    def mend(self) -> None:
        """Bring back the servers, whatever a fault that broke off has left of them."""
        for process in (self.redis_process, self.elasticsearch_process):
            process.signal(signal.SIGCONT, group=True)
            if not process.alive():
                process.start()
        self.await_redis()
        self.await_elasticsearch()

    def await_redis(self) -> None:
        """Return when Redis has loaded its data and answers."""
        wait_until(lambda: ready.redis_answers(self.redis_url), START_S, "Redis")

    def await_elasticsearch(self) -> None:
        """Return when Elasticsearch has its shards at hand."""
        wait_until(lambda: ready.elasticsearch_answers(self.elasticsearch_url), START_S, "Elasticsearch")

    def _process(self, program: Program) -> Process:
        user = program.user if program.user and os.geteuid() == 0 else None
        process = Process(program.name, shlex.split(program.command), self.folder, dict(os.environ), user=user)
        process.cwd = program.directory or self.home
        process.group = pwd.getpwnam(user).pw_gid if user else None
        return process


@dataclass
class Stand:
    """What one drill runs in: a fresh Redis, indices under a prefix of its own, workers, beat and API."""

    rig: Rig
    prefix: str
    environment: dict[str, str]
    news: news.News
    api_port: int = field(default_factory=ports.any_free)
    crew: Crew = field(default_factory=Crew)

    @property
    def api_url(self) -> str:
        """Where the API answers."""
        return f"http://{ports.LOOPBACK}:{self.api_port}"

    @property
    def ledger(self) -> Ledger:
        """The ledger, asked behind the back of any proxy."""
        return Ledger(self.rig.redis)

    def alias(self, name: str) -> str:
        """Return the alias of an index."""
        return self.prefix + name

    def start(self, *, modules: Mapping[str, str]) -> None:
        """Start everything and return when the API answers. `modules` names other modules to run for some kinds."""
        self.rig.redis.flushall()
        api = ("-m", "uvicorn", "services.api.app:create_app", "--factory", "--no-access-log", "--port")
        folder = self.rig.folder / f"{self.prefix}logs"
        folder.mkdir()
        commands = {kind: _python("-m", modules.get(kind, "shared.worker"), kind) for kind in (*KINDS, BEAT)}
        commands["api"] = _python(*api, str(self.api_port))
        self.crew.start(*(Process(name, words, folder, self.environment) for name, words in commands.items()))
        wait_until(lambda: ready.http_answers(f"{self.api_url}/v1/health"), START_S, "the API")

    def end(self) -> None:
        """Stop the processes and remove the indices."""
        self.crew.end()
        names = [f"{self.prefix}{name}-v{VERSION}" for name in MODELS]
        self.rig.elasticsearch.options(request_timeout=60).indices.delete(index=names, ignore_unavailable=True)

    def ended(self) -> int:
        """Return how many submissions have left the ledger, as Redis knows it."""
        snapshot = self.ledger.snapshot()
        return snapshot.accepted - len(snapshot.in_flight)

    def at(self, step: str) -> int:
        """Return how many submissions stand at a step."""
        return int(self.rig.redis.zcard(f"tocsin:at:{step}"))

    def audit(self) -> dict[str, int]:
        """Return the answer of GET /v1/audit."""
        answer: dict[str, int] = httpx.get(f"{self.api_url}/v1/audit", timeout=60).raise_for_status().json()
        return answer


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a fault changes beforehand: where the servers are reached, more of the environment, and what it uses."""

    redis_url: str | None = None
    elasticsearch_url: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    scale: float | None = None  #: another TOCSIN_DELIVERY_TIME_SCALE than that of the suite
    line: Line | None = None
    front: Front | None = None


def stand(rig: Rig, number: int, setting: Setting, *, poison: tuple[str, ...] = ()) -> Stand:
    """Prepare the stand of drill `number`."""
    prefix = f"chaos-{number}-"
    pages = rig.folder / f"{prefix}pages"
    pages.mkdir()
    environment = {
        **os.environ,
        "TOCSIN_HOME": str(rig.home),
        "TOCSIN_REDIS_URL": setting.redis_url or rig.redis_url,
        "TOCSIN_ELASTICSEARCH_URL": setting.elasticsearch_url or rig.elasticsearch_url,
        "TOCSIN_INDEX_PREFIX": prefix,
        "TOCSIN_PAGE_STORE_URL": f"file://{pages}",
        "TOCSIN_FETCH_ALLOW": ",".join(f"{news.address(n)}:{rig.site_port}" for n in range(news.OUTLETS)),
        "TOCSIN_DELIVERY_TIME_SCALE": str(setting.scale or rig.scale),
        "TOCSIN_FETCH_TIMEOUT_S": str(30 * (setting.scale or rig.scale)),  # has to fit into the step's limit
        "PYTHONPATH": str(ROOT),
        **setting.environment,
    }
    return Stand(rig, prefix, environment, news.make(rig.seed, size=rig.size, poison=poison))


def _python(*words: str) -> list[str]:
    return [sys.executable, *words]
