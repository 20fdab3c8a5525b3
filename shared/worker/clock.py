"""What is due by the clock: lost submissions are sent again, what was put off goes on, the notifier is woken up.

Beat asks for it; whichever worker is free does it.
"""

from redis import Redis

from shared import broker
from shared.connections import open_redis
from shared.delivery.delays import BATCH, Delays
from shared.delivery.ledger import Ledger
from shared.delivery.reconcile import reconcile
from shared.delivery.timing import timing
from shared.pipeline import NOTIFY
from shared.worker import canary


@broker.app.task(name=broker.RECONCILE)  # type: ignore[untyped-decorator]
def reconcile_ledger() -> None:
    """Run one round on the ledger of this process's Redis, and note that it ran."""
    redis = open_redis()
    durations = timing()
    if not _first(redis, broker.RECONCILE, durations.reconcile_every_s):
        return
    reconcile(
        Ledger(redis),
        send=broker.send,
        waiting=lambda queue: canary.waiting(redis, queue),
        overdue_s=durations.overdue_s,
    )
    redis.set(broker.RECONCILED_AT, redis.time()[0], px=int(8000 * durations.reconcile_every_s))


@broker.app.task(name=broker.RELEASE)  # type: ignore[untyped-decorator]
def release_delayed() -> None:
    """Send what was put off and is due."""
    redis = open_redis()
    if not _first(redis, broker.RELEASE, timing().release_every_s):
        return
    delays = Delays(redis, lease_s=timing().release_lease_s)
    while delays.release(broker.send) == BATCH:
        pass


@broker.app.task(name=broker.WATCH)  # type: ignore[untyped-decorator]
def watch() -> None:
    """Wake a notifier up, unless messages wait for one already: without one they do not pile up."""
    redis = open_redis()
    if _first(redis, broker.WATCH, timing().watch_every_s) and not canary.waiting(redis, NOTIFY.queue):
        broker.app.send_task(NOTIFY.name, queue=NOTIFY.queue)


def _first(redis: Redis, name: str, every_s: float) -> bool:
    """Return whether none has run for most of an interval: after a time without workers a crowd of them waits."""
    return bool(redis.set(f"tocsin:ran:{name}", 1, nx=True, px=int(800 * every_s)))
