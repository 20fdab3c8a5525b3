"""Redis forgets what has ended: its memory over many articles that pass through real queues and a real worker.

`TOCSIN_BENCH_ARTICLES=100000` draws the curve that docs/operations.md shows; CI runs a short one.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from services.cli.embedded.instance import Servers

ARTICLES = int(os.environ.get("TOCSIN_BENCH_ARTICLES", "4000"))
#: Redis's own tables grow in steps, so memory is compared between the first and the last quarter of the run.
GROWTH = 1.05
STOP_S = 60


@pytest.fixture
def environment(servers: Servers) -> Iterator[dict[str, str]]:
    """Settings that lead to an empty Redis database of this module's own."""
    url = servers.redis_url.rsplit("/", 1)[0] + "/7"
    client = Redis.from_url(url)
    client.flushdb()
    yield os.environ | {"TOCSIN_REDIS_URL": url}
    client.flushdb()
    client.close()


@pytest.fixture
def worker(environment: dict[str, str], tmp_path: Path) -> Iterator[None]:
    """A worker of all queues whose steps do nothing."""
    with (tmp_path / "worker.log").open("wb") as log:
        command = [sys.executable, "-m", "tests.bench.trivial"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        yield
        process.terminate()
        process.wait(STOP_S)


@pytest.mark.usefixtures("worker")
def test_memory_is_flat(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "tests.bench.feeder", str(ARTICLES)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    curve = [int(line) for line in done.stdout.split()]
    print(f"\nRedis, MB after each twentieth of {ARTICLES} articles:", *(f"{used / 1e6:.2f}" for used in curve))
    quarter = len(curve) // 4
    assert quarter
    assert max(curve[-quarter:]) < GROWTH * max(curve[:quarter])
