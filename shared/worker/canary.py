"""The canary: a small task that goes the way of the articles, so that a worker which does nothing is seen.

Beat sends one to each queue's canary list every `canary_every_s` seconds. The workers of the queue take canaries before
anything else, and run them in their pool, where the time is noted. A canary that waited for its successor expires, so
they do not pile up.

A worker that is well notes the time at least every `limit_s(queue)` seconds: the longest task, by its hard limit, and
two intervals. A queue that is silent for longer has no worker, or only workers whose pools are stuck.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from celery import shared_task
from redis import Redis

from shared.connections import open_redis
from shared.delivery.timing import timing
from shared.logs import logger
from shared.pipeline import STAGES

log = logger(__name__)

CANARY = "canary"
#: Seconds after which a canary is no longer wanted, by the clocks of two machines: more than those ever differ.
EXPIRES_S = 3600
#: Seconds for which the time of the last canary and the reports are kept: a day, for "since when?".
TTL_S = 86_400
#: Canaries that may be missed until what a worker reported with its last one is forgotten.
REPORT_TTL = 10

#: The queues that are watched.
QUEUES = tuple(dict.fromkeys(stage.queue for stage in STAGES.values()))
#: Gives what a kind of worker has to report with its canaries: Redis keys and their values.
Report = Callable[[], Mapping[str, int]]
_reports: list[Report] = []


def list_of(queue: str) -> str:
    """Return the name of the canaries' own queue beside `queue`. It is read first: `queue_order_strategy`."""
    return f"{CANARY}.{queue}"


def limit_s(queue: str) -> float:
    """Return the seconds of silence after which no worker of `queue` is alive."""
    longest = max(timing().hard_limit_s[stage.name] for stage in STAGES.values() if stage.queue == queue)
    return longest + 2 * timing().canary_every_s


def schedule(every_s: float) -> dict[str, dict[str, Any]]:
    """Return beat's entries."""
    return {
        list_of(queue): {
            "task": CANARY,
            "args": [queue],
            "schedule": every_s,
            "options": {"queue": list_of(queue), "expires": EXPIRES_S},
        }
        for queue in QUEUES
    }


def report_with(report: Report) -> None:
    """Have this worker's canaries report too."""
    _reports.append(report)


# Acknowledged when it begins: one that is lost with its worker is not missed, the next one comes.
@shared_task(name=CANARY, acks_late=False, soft_time_limit=10, time_limit=20)  # type: ignore[untyped-decorator]
def canary(queue: str) -> None:
    """Note that this worker reads `queue` and works, and what it reports. Raises RedisError."""
    redis = open_redis()
    mark(redis, queue)
    for report in _reports:
        for key, value in report().items():
            redis.set(key, value, px=int(1000 * REPORT_TTL * timing().canary_every_s))


def mark(redis: Redis, queue: str) -> None:
    """Note that a worker of `queue` works now, by the clock of Redis. Raises RedisError."""
    redis.set(_key(queue), _now(redis), ex=TTL_S)


def alive(redis: Redis, queues: Sequence[str] = QUEUES) -> dict[str, float | None]:
    """Return by queue the seconds since its last canary; None when there was none for a day. Raises RedisError."""
    now = _now(redis)
    marks: list[Any] = redis.mget([_key(queue) for queue in queues])
    return {
        queue: None if mark is None else max(0.0, now - float(mark)) for queue, mark in zip(queues, marks, strict=True)
    }


def silent(since: Mapping[str, float | None]) -> list[str]:
    """Return, of what `alive` found, the queues that no worker reads which is well: silent for over `limit_s`."""
    return [queue for queue, seconds in since.items() if seconds is None or seconds > limit_s(queue)]


def waiting(redis: Redis, queue: str) -> int:
    """Return how many messages wait in `queue`, whatever their priority. Raises RedisError."""
    # Kombu has a list per priority. We send none, so all is in the first; others may put theirs elsewhere.
    pipe = redis.pipeline(transaction=False)
    for suffix in ("", "\x06\x163", "\x06\x166", "\x06\x169"):
        pipe.llen(f"{queue}{suffix}")
    return sum(pipe.execute())


def _key(queue: str) -> str:
    return f"tocsin:canary:{queue}"


def _now(redis: Redis) -> float:
    seconds, microseconds = redis.time()
    return float(seconds + microseconds / 1e6)
