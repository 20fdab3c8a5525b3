"""The ledger: every accepted submission stands here until its outcome is in Elasticsearch.

Redis keys, all under `tocsin:`

    accepted            how many submissions were ever accepted
    at:<step>           sorted set of those at a step: submission id → moment of last progress, seconds since the epoch
    submission:<id>     hash: the submission, the step it is at, and for each step
                        open:<step>     deliveries that have begun and not ended
                        put_off:<step>  deliveries that ended in Transient
                        since:<step>    moment of the first delivery that ended so

Time is Redis's own: workers whose clocks differ, or jump, agree on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from redis import Redis
from redis.client import Pipeline

from shared.domain.submission import Submission
from shared.pipeline import FETCH, STAGES, Stage
from shared.sketch import note

_ACCEPTED = "tocsin:accepted"

# Scripts, so that a late duplicate cannot bring back a submission that has just been closed. KEYS are the hashes of the
# submissions; the sorted sets are named in the scripts, since a hash tells which one it is in. ARGV ends with the ids.
_NOW = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
"""
# Given a step and the ids.
_BEGIN = f"""{_NOW}
local answers = {{}}
for i, key in ipairs(KEYS) do
  local id, at = ARGV[i + 1], redis.call('HGET', key, 'step')
  if at then
    if at ~= ARGV[1] then
      redis.call('ZREM', 'tocsin:at:' .. at, id)
      redis.call('HSET', key, 'step', ARGV[1])
    end
    redis.call('ZADD', 'tocsin:at:' .. ARGV[1], now, id)
    local open = redis.call('HINCRBY', key, 'open:' .. ARGV[1], 1)
    local counts = redis.call('HMGET', key, 'put_off:' .. ARGV[1], 'since:' .. ARGV[1])
    answers[i] = {{open - 1, tonumber(counts[1] or '0'), counts[2] or '', tostring(now)}}
  else
    answers[i] = false
  end
end
return answers
"""
# Given a step, 1 when the delivery counts as an attempt, 1 when it is to be repeated.
_END = f"""{_NOW}
for _, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then
    redis.call('HDEL', key, 'open:' .. ARGV[1])
    if ARGV[2] == '1' then redis.call('HINCRBY', key, 'put_off:' .. ARGV[1], 1) end
    if ARGV[3] == '1' then redis.call('HSETNX', key, 'since:' .. ARGV[1], tostring(now)) end
  end
end
"""
# Given the ids.
_CLOSE = """
for i, key in ipairs(KEYS) do
  local at = redis.call('HGET', key, 'step')
  redis.call('DEL', key)
  if at then redis.call('ZREM', 'tocsin:at:' .. at, ARGV[i]) end
end
"""
# Given a step and the id; for what still stands in the ledger.
_RESTART = f"""{_NOW}
local at = redis.call('HGET', KEYS[1], 'step')
if not at then return 0 end
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if field ~= 'submission' and field ~= 'step' then redis.call('HDEL', KEYS[1], field) end
end
redis.call('ZREM', 'tocsin:at:' .. at, ARGV[2])
redis.call('HSET', KEYS[1], 'step', ARGV[1])
redis.call('ZADD', 'tocsin:at:' .. ARGV[1], now, ARGV[2])
return 1
"""


def _key(submission_id: str) -> str:
    return f"tocsin:submission:{submission_id}"


def _at(step: str) -> str:
    return f"tocsin:at:{step}"


@dataclass(frozen=True)
class Delivery:
    """What the ledger knows of the delivery that has just begun. It outlives Celery's task ids."""

    attempts: int  #: times this step ended in Transient before, outages of our own servers not counted
    crashes: int  #: deliveries of this step that began and never ended: their workers died, or are still at it
    since: float | None  #: when this step first ended in Transient, seconds since the epoch
    now: float  #: when this delivery began, on the same clock

    @property
    def waited_s(self) -> float:
        """Seconds since this step first ended in Transient."""
        return self.now - self.since if self.since else 0.0


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
    now: float  #: that moment, on the same clock


class Ledger:
    """The ledger in Redis. Every method raises `redis.RedisError` when Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._begin = redis.register_script(_BEGIN)
        self._end = redis.register_script(_END)
        self._restart = redis.register_script(_RESTART)
        self._close = redis.register_script(_CLOSE)

    def accept(self, submission: Submission) -> None:
        """Write the submission down, wholly or not at all. It now has to end in an outcome."""
        now = self._now()
        with self._redis.pipeline(transaction=True) as pipe:
            _open(pipe, submission, FETCH, now)
            pipe.incr(_ACCEPTED)
            note(pipe, submission)
            pipe.execute()

    def reopen(self, pipe: Pipeline, submission: Submission, stage: Stage) -> None:
        """Queue in `pipe` what puts a submission in flight at `stage`, its counts at zero, also one that had ended."""
        pipe.delete(_key(submission.id))
        for name in STAGES:
            pipe.zrem(_at(name), submission.id)
        _open(pipe, submission, stage, self._now())

    def begin(self, submission_ids: Sequence[str], stage: Stage) -> list[Delivery | None]:
        """Note that a delivery at `stage` begins. None for a submission that has ended: this is a late duplicate."""
        rows = self._begin(keys=[_key(one) for one in submission_ids], args=[stage.name, *submission_ids])
        return [_delivery(row) if row else None for row in cast("list[list[Any] | None]", rows)]

    def end(self, submission_ids: Sequence[str], stage: Stage, *, again: bool = False, counted: bool = False) -> None:
        """Note that a delivery at `stage` has ended; `again` when it is to be repeated, `counted` when as an attempt.

        Of two deliveries at once the end of one clears both: a crash may be forgotten, none is made up.
        """
        if submission_ids:
            self._end(keys=[_key(one) for one in submission_ids], args=[stage.name, int(counted), int(again)])

    def restart(self, submission_id: str) -> bool:
        """Put a submission in flight back to the start of its journey, counts at zero. False when it has ended."""
        return bool(self._restart(keys=[_key(submission_id)], args=[FETCH.name, submission_id]))

    def close(self, submission_ids: Sequence[str]) -> None:
        """Strike submissions out: their outcomes are in Elasticsearch."""
        if submission_ids:
            self._close(keys=[_key(one) for one in submission_ids], args=list(submission_ids))

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
            _at(stage.name), "-inf", self._now() - older_than_s, byscore=True, offset=offset, num=limit
        )
        return [one.decode() for one in cast("list[bytes]", ids)]

    def in_flight(self) -> int:
        """Return how many submissions have no outcome yet."""
        with self._redis.pipeline(transaction=True) as pipe:
            for name in STAGES:
                pipe.zcard(_at(name))
            return sum(pipe.execute())

    def snapshot(self) -> Snapshot:
        """Return the counter and the open submissions as they stand at one moment."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.time()
            pipe.get(_ACCEPTED)
            for name in STAGES:
                pipe.zrange(_at(name), 0, -1, withscores=True)
            (seconds, micros), accepted, *rows = pipe.execute()
        in_flight = {one.decode(): score for at in rows for one, score in at}
        return Snapshot(int(accepted or 0), in_flight, seconds + micros / 1e6)

    def _now(self) -> float:
        seconds, micros = self._redis.time()
        return seconds + micros / 1e6


def _open(pipe: Pipeline, submission: Submission, stage: Stage, now: float) -> None:
    fields: dict[Any, Any] = {"submission": submission.model_dump_json(), "step": stage.name}
    pipe.hset(_key(submission.id), mapping=fields)
    pipe.zadd(_at(stage.name), {submission.id: now})


def _delivery(row: Sequence[Any]) -> Delivery:
    crashes, put_off, since, now = row
    return Delivery(attempts=put_off, crashes=crashes, since=float(since) if since else None, now=float(now))
