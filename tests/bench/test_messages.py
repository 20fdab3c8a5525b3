"""What it saves to send articles together: CPU of the delivery alone, with messages of one article and of sixteen.

    ratio = CPU of worker and Redis with messages of up to 16 ÷ the same with messages of 1

The feeder, which stands for the hook, is the same in both and left out by its own measure of CPU.
"""

from pathlib import Path

from services.cli.embedded.instance import Servers
from shared.pipeline import BATCH
from tests.bench.flow import children_cpu_s, empty_redis, feed, redis_cpu_s, worker

ARTICLES = 2000
#: Five deliveries of an article, of which the first, to the fetcher, is always one of its own.
RATIO = 0.75


def test_articles_together_are_cheaper(servers: Servers, tmp_path: Path) -> None:
    cost = {batch: spent(servers.redis_url, tmp_path / "worker.log", batch) for batch in (1, BATCH)}
    ratio = cost[BATCH] / cost[1]
    print(
        f"\ndelivery, CPU ms per article: {1e3 * cost[1] / ARTICLES:.1f} in messages of 1, "
        f"{1e3 * cost[BATCH] / ARTICLES:.1f} in messages of up to {BATCH}: ratio {ratio:.2f} (at most {RATIO})"
    )
    assert ratio < RATIO


def spent(redis_url: str, log: Path, batch: int) -> float:
    """Return the CPU seconds of worker and Redis for all articles in messages of up to `batch`."""
    with empty_redis(redis_url) as (redis, environment):
        settings = environment | {"TOCSIN_MESSAGE_ARTICLES": str(batch)}
        server = redis_cpu_s(redis)
        before = children_cpu_s()
        with worker(settings, log):
            fed = children_cpu_s()
            feed(settings, ARTICLES)
            feeder = children_cpu_s() - fed
        return children_cpu_s() - before - feeder + redis_cpu_s(redis) - server
