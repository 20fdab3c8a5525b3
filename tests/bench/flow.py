"""The delivery without the work: real queues, a real worker whose steps do nothing, and a feeder."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from redis import Redis

STOP_S = 60


@contextmanager
def empty_redis(url: str) -> Iterator[tuple[Redis, dict[str, str]]]:
    """Give the Redis database 7 of a server, empty, and the environment that leads to it."""
    own = url.rsplit("/", 1)[0] + "/7"
    client = Redis.from_url(own)
    client.flushdb()
    yield client, os.environ | {"TOCSIN_REDIS_URL": own}
    client.flushdb()
    client.close()


@contextmanager
def worker(environment: dict[str, str], log: Path) -> Iterator[None]:
    """Run a worker of all queues."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.trivial"], env=environment, stdout=file, stderr=file
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(STOP_S)


def feed(environment: dict[str, str], articles: int) -> list[int]:
    """Send articles through and return Redis's memory in bytes after each twentieth of them."""
    command = [sys.executable, "-m", "tests.bench.feeder", str(articles)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [int(line) for line in done.stdout.split()]


def redis_cpu_s(redis: Redis) -> float:
    """CPU seconds of the Redis server so far."""
    cpu = redis.info("cpu")
    return float(cpu["used_cpu_user"]) + float(cpu["used_cpu_sys"])


def children_cpu_s() -> float:
    """CPU seconds of the child processes that have ended so far."""
    spent = getrusage(RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
