"""What waits, as Redis has it. Beat alone tells it: there is one of it, so that nothing is counted twice."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis import Redis, RedisError
from redis.exceptions import NoPermissionError

from shared.delivery.delays import Delays
from shared.delivery.ledger import Ledger
from shared.delivery.quarantine import Quarantine
from shared.delivery.timing import Timing
from shared.pipeline import STAGES
from shared.worker import canary

#: Name, what it says, and the label of its values.
REDIS_UP = ("tocsin_redis_up", "Whether Redis answered beat at this scrape: 1 or 0.", "")
QUEUE_MESSAGES = ("tocsin_queue_messages", "Messages waiting; one may carry up to 16 articles.", "queue")
WORKER_SILENT = (
    "tocsin_worker_silent_seconds",
    "Since a worker of the queue last took a canary; a day when none did.",
    "queue",
)
WORKER_LIMIT = (
    "tocsin_worker_silent_limit_seconds",
    "Silence after which no worker is well.",
    "queue",
)
STEP_SUBMISSIONS = ("tocsin_step_submissions", "Submissions at a step, or waiting for it.", "step")
STEP_OLDEST = ("tocsin_step_oldest_seconds", "Since the last progress of the one that waits longest.", "step")
OVERDUE = ("tocsin_ledger_overdue", "Submissions without progress for longer than their step allows.", "step")
QUARANTINE = ("tocsin_quarantine_messages", "Messages in quarantine, by the step they failed at.", "step")
DELAYED = ("tocsin_delayed_articles", "Articles that were put off and wait to be tried again.", "")
ACCEPTED = ("tocsin_accepted", "Submissions ever accepted.", "")


class Backlog(Collector):
    """Counts at each scrape. While Redis is away it tells only that."""

    def __init__(self, redis: Redis, timing: Timing) -> None:
        self._redis = redis
        self._timing = timing

    def describe(self) -> Iterable[Metric]:
        """Name nothing: registering must not ask Redis."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Return the families. Raises nothing of Redis."""
        try:
            found = list(self._counted())
        except NoPermissionError:
            raise  # it is not away: whoever looks at the target's error finds the user's rights wrong
        except RedisError:
            return [gauge(REDIS_UP, {"": 0})]
        return [gauge(REDIS_UP, {"": 1}), *found]

    def _counted(self) -> Iterable[Metric]:
        redis, ledger, quarantine = self._redis, Ledger(self._redis), Quarantine(self._redis)
        yield gauge(QUEUE_MESSAGES, {queue: canary.waiting(redis, queue) for queue in canary.QUEUES})
        silent = canary.alive(redis).items()
        yield gauge(WORKER_SILENT, {queue: canary.TTL_S if since is None else since for queue, since in silent})
        yield gauge(WORKER_LIMIT, {queue: canary.limit_s(queue) for queue in canary.QUEUES})
        at = ledger.backlog(self._timing.overdue_s)
        yield gauge(STEP_SUBMISSIONS, {step: one.submissions for step, one in at.items()})
        yield gauge(STEP_OLDEST, {step: one.oldest_s for step, one in at.items()})
        yield gauge(OVERDUE, {step: one.overdue for step, one in at.items()})
        yield gauge(QUARANTINE, {stage.name: quarantine.count(stage) for stage in STAGES.values()})
        yield gauge(DELAYED, {"": Delays(redis).count()})
        name, words, _ = ACCEPTED
        yield CounterMetricFamily(name, words, value=ledger.accepted())


def gauge(told: tuple[str, str, str], values: Mapping[str, float]) -> Metric:
    """Return a family of the values that are told: (name, what it says, label), and each value by that label."""
    name, words, label = told
    family = GaugeMetricFamily(name, words, labels=[label] if label else [])
    for value, number in values.items():
        family.add_metric([value] if label else [], number)
    return family


def register(open_redis: Callable[[], Redis], timing: Timing, registry: CollectorRegistry = REGISTRY) -> None:
    """Have this process tell what waits."""
    registry.register(Backlog(open_redis(), timing))
