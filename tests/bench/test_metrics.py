"""What counting costs: CPU of the delivery alone with metrics against without.

    ratio = CPU of a worker that is measured and scraped ÷ of one that is not

The steps do nothing, so this is the worst case: of an article that is fetched, read and classified it is far less.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from services.cli.embedded.instance import Servers
from services.cli.embedded.ports import LOOPBACK, any_free
from tests.bench.flow import STOP_S, children_cpu_s, empty_redis, feed

ARTICLES = int(os.environ.get("TOCSIN_BENCH_ARTICLES", "300"))
#: Half of the delivery's cost would be far too much; what is printed is what counts.
RATIO = 1.5
SCRAPE_S = 1.0


def test_counting_costs_little(servers: Servers, tmp_path: Path) -> None:
    bare = spent(servers.redis_url, tmp_path, 0)
    measured = spent(servers.redis_url, tmp_path, any_free())
    print(
        f"\nmetrics, CPU ms per article through five steps that do nothing: {1e3 * bare / ARTICLES:.2f} without, "
        f"{1e3 * measured / ARTICLES:.2f} with and scraped every {SCRAPE_S:g} s: "
        f"ratio {measured / bare:.2f} (at most {RATIO})"
    )
    assert measured / bare < RATIO


def spent(redis_url: str, folder: Path, port: int) -> float:
    """Return the CPU seconds of a worker that does all articles."""
    # starting the worker is among it, and the same in both
    with empty_redis(redis_url) as (_, environment):
        start = children_cpu_s()
        with worker(environment | {"TMPDIR": str(folder)}, folder / "worker.log", port), scraping(port):
            fed = children_cpu_s()
            feed(environment, ARTICLES)
            fed = children_cpu_s() - fed
        return children_cpu_s() - start - fed


@contextmanager
def worker(environment: dict[str, str], log: Path, port: int) -> Iterator[None]:
    """Run a worker of all queues, in one child of a pool."""
    options = json.dumps({"concurrency": 1, "metrics_port": port})
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.measured", options],
            env=os.environ | environment | {"TOCSIN_LOG_LEVEL": "error"},
            stdout=file,
            stderr=file,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(STOP_S)


@contextmanager
def scraping(port: int) -> Iterator[None]:
    """Scrape every second, fifteen times as often as Prometheus does."""
    stop = threading.Event()

    def scrape() -> None:
        while not stop.wait(SCRAPE_S):
            try:
                urlopen(f"http://{LOOPBACK}:{port}/metrics", timeout=5).read()
            except URLError:
                continue  # it does not listen yet

    thread = threading.Thread(target=scrape)
    if port:
        thread.start()
    yield
    stop.set()
    if port:
        thread.join()
