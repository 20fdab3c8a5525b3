"""The notifier's tasks. What they need is in Redis and Elasticsearch: a message only wakes them up.

So they are acknowledged when they begin: one that is lost with its worker is not missed, the next one comes.
"""

import random
from datetime import UTC, datetime, timedelta
from functools import cache

from elasticsearch import Elasticsearch

from services.notifier.deliver import Courier, Marks
from services.notifier.mail import Mail
from services.notifier.match import match
from services.notifier.webhook import Webhook, open_client
from shared import broker
from shared.alerts.book import Book
from shared.alerts.log import Log
from shared.connections import open_redis
from shared.domain.alert import AlertState, Channel
from shared.errors import Outage, Transient, Unavailable
from shared.incidents.answers import IndexMissing, verdicts
from shared.incidents.changed import Changed
from shared.incidents.locks import redis_locks
from shared.index import WrongVersion, connect, need_fitting
from shared.logs import logger
from shared.pipeline import NOTIFY
from shared.settings import settings

log = logger(__name__)

DELIVER = "deliver"
#: Seconds after which an alert is free again whose notifier died: more than any one attempt takes.
LEASE_S = 60
#: Most alerts told to be served in one round: at most four each for the threads of one notifier.
ROUND = 32
#: Batches of changes matched in one round.
BATCHES = 20
#: How long the log of deliveries is kept, and how often it is looked through, in seconds.
KEPT, PRUNE_S = timedelta(days=30), 600


@broker.app.task(name=NOTIFY.name, acks_late=False)  # type: ignore[untyped-decorator]
def notify() -> None:
    """Match what has changed, and have the alerts served for which something waits."""
    try:
        with verdicts():
            _book().ready()
            for _ in range(BATCHES):
                if not match(changed=_changed(), book=_book(), deliveries=_log(), public_url=settings().public_url):
                    break
            for alert_id in due(_book(), _log()):
                broker.app.send_task(DELIVER, args=[alert_id], queue=NOTIFY.queue)
            if open_redis().set("tocsin:ran:prune", 1, nx=True, ex=PRUNE_S):
                for _ in range(BATCHES):
                    if not _log().prune(datetime.now(UTC) - KEPT):
                        break
    except (Transient, Unavailable, WrongVersion) as error:
        _wait_for_better(error)


@broker.app.task(name=DELIVER, acks_late=False)  # type: ignore[untyped-decorator]
def deliver(alert_id: str) -> None:
    """Serve one alert, unless another notifier does."""
    try:
        with verdicts():
            _courier().serve(alert_id)
    except (Transient, Unavailable) as error:
        _wait_for_better(error)


def due(book: Book, deliveries: Log) -> list[str]:
    """Return some alerts to be served now, by chance, so that none waits for ever behind others.

    Also those that were deleted: what waits for them is dropped.
    """
    waiting = deliveries.due(datetime.now(UTC))
    if not waiting:
        return []
    disabled = {one.id for one in book.all() if one.state is AlertState.DISABLED}
    found = [name for name, test in waiting.items() if test or name not in disabled]
    return random.sample(found, min(ROUND, len(found)))


def _wait_for_better(error: Exception) -> None:
    """Leave it to the next round: nothing was struck off that was not done."""
    if isinstance(error, IndexMissing):
        _book.cache_clear()
        _courier.cache_clear()
    if isinstance(error, Outage | Unavailable | WrongVersion):
        log.warning("notifier_waits", error=str(error))


@cache
def _elasticsearch() -> Elasticsearch:
    return connect(settings().elasticsearch_url)


@cache
def _changed() -> Changed:
    return Changed(open_redis())


@cache
def _book() -> Book:
    return Book(_elasticsearch(), settings().index_prefix)


@cache
def _log() -> Log:
    return Log(_elasticsearch(), settings().index_prefix)


@cache
def _courier() -> Courier:
    given = settings()
    return Courier(
        book=_book(),
        deliveries=_log(),
        marks=Marks(open_redis()),
        locks=redis_locks(open_redis(), lease_s=LEASE_S, patience_s=0),
        senders={Channel.WEBHOOK: Webhook(open_client(given)), Channel.EMAIL: Mail(given)},
    )


def warm_up() -> None:
    """Make the client at start, once, before there are threads, where a wrong setting is seen. Raises WrongVersion."""
    need_fitting(_elasticsearch(), settings().index_prefix)
    _courier()
