"""The scheduler's task, sent by its own timer."""

from redis import Redis

from services.scheduler.reconcile import reconcile
from shared import broker
from shared.ledger import Ledger
from shared.settings import settings


@broker.app.task(name=broker.RECONCILE, expires=broker.OVERDUE_S)  # type: ignore[untyped-decorator]
def reconcile_ledger() -> None:
    """Send again what has made no progress past its deadline."""
    redis = Redis.from_url(settings().redis_url, socket_timeout=10, socket_connect_timeout=5)
    reconcile(Ledger(redis), send=broker.send, waiting=lambda queue: int(redis.llen(queue)))
