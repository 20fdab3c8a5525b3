"""The scheduler's task, sent by its own timer."""

from services.scheduler.reconcile import reconcile
from shared import broker
from shared.connections import open_redis
from shared.ledger import Ledger


@broker.app.task(name=broker.RECONCILE, expires=broker.OVERDUE_S)  # type: ignore[untyped-decorator]
def reconcile_ledger() -> None:
    """Send again what has made no progress past its deadline."""
    redis = open_redis()
    reconcile(Ledger(redis), send=broker.send, waiting=lambda queue: int(redis.llen(queue)))
