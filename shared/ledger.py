"""The ledger: every accepted submission stands here until its outcome is in Elasticsearch.

Redis keys, all under `tocsin:`

    accepted            how many submissions were ever accepted
    at:<step>           sorted set of those at a step: submission id → moment of last progress, seconds since the epoch
    submission:<id>     hash: the submission, the step it is at, and for each step
                        open:<step>     deliveries that have begun and not ended
                        put_off:<step>  deliveries that ended in Transient
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from redis import Redis

from shared.domain.submission import Submission
from shared.pipeline import FETCH, STAGES, Stage

_ACCEPTED = "tocsin:accepted"

# Scripts, so that a late duplicate cannot bring back a submission that has just been closed. KEYS[1] is the hash of the
# submission; the sorted sets are named in the scripts, since the hash tells which one it is in. ARGV: id, step, now.
_BEGIN = """
local at = redis.call('HGET', KEYS[1], 'step')
if not at then return false end
if at ~= ARGV[2] then redis.call('ZREM', 'tocsin:at:' .. at, ARGV[1]) end
redis.call('HSET', KEYS[1], 'step', ARGV[2])
redis.call('ZADD', 'tocsin:at:' .. ARGV[2], ARGV[3], ARGV[1])
local open = redis.call('HINCRBY', KEYS[1], 'open:' .. ARGV[2], 1)
return {open - 1, tonumber(redis.call('HGET', KEYS[1], 'put_off:' .. ARGV[2]) or '0')}
"""
_END = """
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('HDEL', KEYS[1], 'open:' .. ARGV[2])
if ARGV[3] == '1' then redis.call('HINCRBY', KEYS[1], 'put_off:' .. ARGV[2], 1) end
"""
_RESTART = """
local at = redis.call('HGET', KEYS[1], 'step')
if not at then return end
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if field ~= 'submission' and field ~= 'step' then redis.call('HDEL', KEYS[1], field) end
end
redis.call('ZREM', 'tocsin:at:' .. at, ARGV[1])
redis.call('HSET', KEYS[1], 'step', ARGV[2])
redis.call('ZADD', 'tocsin:at:' .. ARGV[2], ARGV[3], ARGV[1])
"""
_CLOSE = """
local at = redis.call('HGET', KEYS[1], 'step')
redis.call('DEL', KEYS[1])
if at then redis.call('ZREM', 'tocsin:at:' .. at, ARGV[1]) end
"""


def _key(submission_id: str) -> str:
    return f"tocsin:submission:{submission_id}"


def _at(step: str) -> str:
    return f"tocsin:at:{step}"


@dataclass(frozen=True)
class Delivery:
    """What the ledger knows of the delivery that has just begun. It outlives Celery's task ids."""

    attempts: int  #: times this step ended in Transient before
    crashes: int  #: deliveries of this step that began and never ended: their workers died, or are still at it


@dataclass(frozen=True)
class Entry:
    """A submission in flight."""

    submission: Submission
    step: str


@dataclass(frozen=True)
class Snapshot:
    """The ledger at one moment."""

    accepted: int
    in_flight: dict[str, float]  #: submission id → moment of last progress, seconds since the epoch


class Ledger:
    """The ledger in Redis. Every method raises `redis.RedisError` when Redis is away."""

    def __init__(self, redis: Redis, *, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._clock = clock
        self._begin = redis.register_script(_BEGIN)
        self._end = redis.register_script(_END)
        self._restart = redis.register_script(_RESTART)
        self._close = redis.register_script(_CLOSE)

    def accept(self, submission: Submission) -> None:
        """Write the submission down, wholly or not at all. It now has to end in an outcome."""
        fields: dict[Any, Any] = {"submission": submission.model_dump_json(), "step": FETCH.name}
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(_key(submission.id), mapping=fields)
            pipe.zadd(_at(FETCH.name), {submission.id: self._clock()})
            pipe.incr(_ACCEPTED)
            pipe.execute()

    def begin(self, submission_id: str, stage: Stage) -> Delivery | None:
        """Note that a delivery at `stage` begins. None: the submission has ended, this is a late duplicate."""
        answer = self._begin(keys=[_key(submission_id)], args=[submission_id, stage.name, self._clock()])
        if answer is None:
            return None
        crashes, put_off = cast("list[int]", answer)
        return Delivery(attempts=put_off, crashes=crashes)

    def end(self, submission_id: str, stage: Stage, *, put_off: bool = False) -> None:
        """Note that a delivery at `stage` has ended, whatever its verdict; `put_off` when it was Transient.

        Of two deliveries at once the end of one clears both: a crash may be forgotten, none is made up.
        """
        self._end(keys=[_key(submission_id)], args=[submission_id, stage.name, int(put_off)])

    def restart(self, submission_id: str) -> None:
        """Put a submission back to the start of its journey, with its counts of deliveries at zero."""
        self._restart(keys=[_key(submission_id)], args=[submission_id, FETCH.name, self._clock()])

    def close(self, submission_id: str) -> None:
        """Strike the submission out: its outcome is in Elasticsearch."""
        self._close(keys=[_key(submission_id)], args=[submission_id])

    def find(self, submission_id: str) -> Entry | None:
        """Return the entry of a submission, None when it is not in flight.

        Raises:
            ValidationError: it was written by another version of Tocsin.
        """
        submission, step = cast("list[bytes | None]", self._redis.hmget(_key(submission_id), ["submission", "step"]))
        if submission is None or step is None:
            return None
        return Entry(Submission.model_validate_json(submission), step.decode())

    def overdue(self, stage: Stage, older_than_s: float, *, offset: int, limit: int) -> list[str]:
        """Return submissions at `stage` without progress for `older_than_s` seconds, the oldest first."""
        ids = self._redis.zrange(
            _at(stage.name), "-inf", self._clock() - older_than_s, byscore=True, offset=offset, num=limit
        )
        return [one.decode() for one in cast("list[bytes]", ids)]

    def snapshot(self) -> Snapshot:
        """Return the counter and the open submissions as they stand at one moment."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.get(_ACCEPTED)
            for name in STAGES:
                pipe.zrange(_at(name), 0, -1, withscores=True)
            accepted, *rows = pipe.execute()
        return Snapshot(int(accepted or 0), {one.decode(): score for at in rows for one, score in at})
