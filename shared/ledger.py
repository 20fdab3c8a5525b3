"""The ledger: every accepted submission stands here until its outcome is in Elasticsearch.

Redis keys, all under `tocsin:`

    accepted            how many submissions were ever accepted
    in_flight           sorted set: submission id → moment of its last progress, seconds since the epoch
    submission:<id>     hash: the submission, the step it is at, and per step how often it was begun and put off
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from redis import Redis

from shared.domain.submission import Submission
from shared.pipeline import FETCH, Stage

_ACCEPTED = "tocsin:accepted"
_IN_FLIGHT = "tocsin:in_flight"

# Scripts, so that a late duplicate cannot bring back a submission that has just been closed.
_BEGIN = """
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
redis.call('HSET', KEYS[1], 'step', ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[3])
local begun = redis.call('HINCRBY', KEYS[1], 'begun:' .. ARGV[1], 1)
return {begun, tonumber(redis.call('HGET', KEYS[1], 'put_off:' .. ARGV[1]) or '0')}
"""

_PUT_OFF = """
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HINCRBY', KEYS[1], 'put_off:' .. ARGV[1], 1) end
"""


def _key(submission_id: str) -> str:
    return f"tocsin:submission:{submission_id}"


@dataclass(frozen=True)
class Delivery:
    """What the ledger knows of the delivery that has just begun. It outlives Celery's task ids."""

    attempts: int  #: times this step ended in Transient before
    crashes: int  #: times this step was begun before and never ended: its worker died


@dataclass(frozen=True)
class Entry:
    """A submission in flight."""

    submission: Submission
    step: str
    progress_at: float  #: seconds since the epoch


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
        self._put_off = redis.register_script(_PUT_OFF)

    def accept(self, submission: Submission) -> None:
        """Write the submission down, wholly or not at all. It now has to end in an outcome."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(_key(submission.id), mapping={"submission": submission.model_dump_json(), "step": FETCH.name})
            pipe.zadd(_IN_FLIGHT, {submission.id: self._clock()})
            pipe.incr(_ACCEPTED)
            pipe.execute()

    def begin(self, submission_id: str, stage: Stage) -> Delivery | None:
        """Note that a delivery at `stage` begins. None: the submission has ended, this is a late duplicate."""
        answer = self._begin(keys=[_key(submission_id), _IN_FLIGHT], args=[stage.name, self._clock(), submission_id])
        if answer is None:
            return None
        begun, put_off = cast("list[int]", answer)
        return Delivery(attempts=put_off, crashes=begun - put_off - 1)

    def put_off(self, submission_id: str, stage: Stage) -> None:
        """Note that the delivery ended in Transient and will come again."""
        self._put_off(keys=[_key(submission_id)], args=[stage.name])

    def close(self, submission_id: str) -> None:
        """Strike the submission out: its outcome is in Elasticsearch."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(_key(submission_id))
            pipe.zrem(_IN_FLIGHT, submission_id)
            pipe.execute()

    def find(self, submission_id: str) -> Entry | None:
        """Return the entry of a submission, None when it is not in flight."""
        fields = cast("dict[bytes, bytes]", self._redis.hgetall(_key(submission_id)))
        progress = self._redis.zscore(_IN_FLIGHT, submission_id)
        if not fields or progress is None:
            return None
        return Entry(Submission.model_validate_json(fields[b"submission"]), fields[b"step"].decode(), progress)

    def touch(self, submission_id: str) -> None:
        """Note progress, so that a submission that has just been sent again is not overdue."""
        self._redis.zadd(_IN_FLIGHT, {submission_id: self._clock()}, xx=True)

    def overdue(self, older_than_s: float, *, limit: int) -> list[Entry]:
        """Return at most `limit` entries without progress for `older_than_s` seconds, the oldest first."""
        ids = cast(
            "list[bytes]",
            self._redis.zrange(_IN_FLIGHT, "-inf", self._clock() - older_than_s, byscore=True, offset=0, num=limit),
        )
        return [entry for one in ids if (entry := self.find(one.decode())) is not None]

    def snapshot(self) -> Snapshot:
        """Return the counter and the open submissions as they stand at one moment."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.get(_ACCEPTED)
            pipe.zrange(_IN_FLIGHT, 0, -1, withscores=True)
            accepted, rows = pipe.execute()
        return Snapshot(int(accepted or 0), {one.decode(): score for one, score in rows})
