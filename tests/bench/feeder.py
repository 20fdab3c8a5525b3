"""Sends articles through the queues and prints Redis's memory, in bytes, twenty times on the way, at rest.

    python -m tests.bench.feeder 100000

Run by `test_redis_memory.py` in a process of its own, since a process reads its settings once.
"""

import sys
import time

from shared import broker
from shared.connections import open_redis
from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item
from shared.domain.submission import Submission
from shared.pipeline import FETCH

#: Most articles on their way at any time.
IN_FLIGHT = 500
#: Seconds without any progress after which the run has failed.
PATIENCE_S = 60


def feed(articles: int) -> None:
    """Send `articles` through."""
    redis = open_redis()
    ledger = Ledger(redis)
    for n in range(articles):
        if n % 100 == 0:
            wait_below(IN_FLIGHT, ledger)
        submission = Submission.accept(f"https://paper-{n % 97}.example/world/2026/11/a-story-{n:07}.html")
        ledger.accept(submission)
        broker.send(FETCH, [Item.of(submission, submission)])
        if (n + 1) % (articles // 20) == 0:
            wait_below(1, ledger)
            print(redis.info("memory")["used_memory"], flush=True)


def wait_below(limit: int, ledger: Ledger) -> None:
    """Return when fewer than `limit` articles are on their way."""
    least, deadline = ledger.in_flight(), time.monotonic() + PATIENCE_S
    while (waiting := ledger.in_flight()) >= limit:
        if waiting < least:
            least, deadline = waiting, time.monotonic() + PATIENCE_S
        if time.monotonic() > deadline:
            raise SystemExit(f"{waiting} articles do not move")
        time.sleep(0.02)


if __name__ == "__main__":
    feed(int(sys.argv[1]))
