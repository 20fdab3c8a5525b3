"""Redis forgets what has ended: its memory over many articles that pass through real queues and a real worker.

`TOCSIN_BENCH_ARTICLES=100000` draws the curve that docs/operations.md shows; CI runs a short one.
"""

import os
from pathlib import Path

from services.cli.embedded.instance import Servers
from tests.bench.flow import empty_redis, feed, worker

ARTICLES = int(os.environ.get("TOCSIN_BENCH_ARTICLES", "4000"))
#: Redis's own tables grow in steps, so memory is compared between the first and the last quarter of the run.
GROWTH = 1.05


def test_memory_is_flat(servers: Servers, tmp_path: Path) -> None:
    with empty_redis(servers.redis_url) as (_, environment), worker(environment, tmp_path / "worker.log"):
        curve = feed(environment, ARTICLES)
    print(f"\nRedis, MB after each twentieth of {ARTICLES} articles:", *(f"{used / 1e6:.2f}" for used in curve))
    quarter = len(curve) // 4
    assert quarter
    assert max(curve[-quarter:]) < GROWTH * max(curve[:quarter])
