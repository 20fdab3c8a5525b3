"""The ledger: every accepted submission stands here until its outcome is in Elasticsearch.

Redis keys, all under `tocsin:`

    accepted            how many submissions were ever accepted
    at:<step>           sorted set of those at a step: submission id → moment of last progress, seconds since the epoch
    submission:<id>     hash: the submission, the step it is at or waits for, which `run` of it this is when it was
                        opened again (late messages of earlier runs are dropped), and for each step
                        open:<step>     deliveries that have begun and not ended
                        put_off:<step>  deliveries that ended in Transient
                        since:<step>    moment of the first delivery that ended so

Time is Redis's own: workers whose clocks differ, or jump, agree on it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, cast

from redis import Redis
from redis.client import Pipeline

from shared.delivery import ledger_scripts as scripts
from shared.delivery import sketch
from shared.delivery.sketch import Cell, note
from shared.domain.submission import Submission
from shared.pipeline import FETCH, STAGES, Stage

ACCEPTED = "tocsin:accepted"
#: Entries read in one go.
PAGE = 1000


def entry_key(submission_id: str) -> str:
    """Return the key of the hash of a submission."""
    return f"tocsin:submission:{submission_id}"


def standing_key(step: str) -> str:
    """Return the key of the sorted set of those at a step."""
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
    step: str  #: the one it is at, or waits for
    run: int = 0  #: which journey of it; its messages carry the same


@dataclass(frozen=True)
class Standing:
    """Where a submission in flight stands."""

    step: str
    moved_at: float  #: last progress, seconds since the epoch


@dataclass(frozen=True)
class Backlog:
    """What stands at one step."""

    submissions: int
    oldest_s: float  #: since the last progress of the one that has made none for longest; 0 when there is none
    overdue: int  #: those without progress for longer than they should be


@dataclass(frozen=True)
class Snapshot:
    """The ledger at one moment."""

    accepted: int
    in_flight: dict[str, Standing]  #: by submission id
    raw_sketches: dict[date, bytes]  #: what was accepted on each day (UTC), as far as it was sketched
    now: float  #: that moment, seconds since the epoch, on Redis's clock
    also: Sequence[Any] = ()  #: what else was asked for

    @cached_property
    def sketches(self) -> dict[date, dict[int, Cell]]:
        """The sketches, read."""
        return {day: sketch.cells(raw) for day, raw in self.raw_sketches.items()}


class Ledger:
    """The ledger in Redis. Every method raises `redis.RedisError` when Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._begin = redis.register_script(scripts.BEGIN)
        self._end = redis.register_script(scripts.END)
        self._restart = redis.register_script(scripts.RESTART)
        self._close = redis.register_script(scripts.CLOSE)

    def accept(self, submission: Submission) -> None:
        """Write the submission down, wholly or not at all. It now has to end in an outcome."""
        now = self._now()
        with self._redis.pipeline(transaction=True) as pipe:
            _open(pipe, submission, FETCH, now)
            pipe.incr(ACCEPTED)
            note(pipe, submission)
            pipe.execute()

    def reopen(self, pipe: Pipeline, submission: Submission, stage: Stage) -> int:
        """Queue in `pipe` what puts a submission in flight at `stage`, its counts at zero, also one that had ended.

        Returns the run that its messages have to carry: what comes late of an earlier run, an outcome above all, is
        dropped.
        """
        now = self._now()
        run = int(now * 1000)
        pipe.delete(entry_key(submission.id))
        for name in STAGES:
            pipe.zrem(standing_key(name), submission.id)
        _open(pipe, submission, stage, now)
        pipe.hset(entry_key(submission.id), "run", run)
        return run

    def begin(
        self, submission_ids: Sequence[str], stage: Stage, runs: Sequence[int] | None = None
    ) -> list[Delivery | None]:
        """Note that a delivery at `stage` begins, of the `runs` that the messages carry: by default the first.

        None for a submission that has ended, or was opened again since: this is a late duplicate.
        """
        numbers = runs or [0] * len(submission_ids)
        rows = self._begin(
            keys=[entry_key(one) for one in submission_ids], args=[stage.name, *submission_ids, *numbers]
        )
        return [_delivery(row) if row else None for row in cast("list[list[Any] | None]", rows)]

    def end(
        self,
        submission_ids: Sequence[str],
        stage: Stage,
        *,
        runs: Sequence[int] | None = None,
        to: Stage | None = None,
        again: bool = False,
        counted: bool = False,
    ) -> None:
        """Note that a delivery at `stage` has ended, and that what follows waits for `to`.

        `again` when it is to be repeated, `counted` when it counts as an attempt. Of copies of a message that are
        delivered at the same time each is a crash to those that begin later, until the end of one clears them all.
        """
        if submission_ids:
            keys, numbers = [entry_key(one) for one in submission_ids], runs or [0] * len(submission_ids)
            flags: list[Any] = [stage.name, int(counted), int(again), (to or stage).name]
            self._end(keys=keys, args=[*flags, *submission_ids, *numbers])

    def restart(self, submission_id: str) -> bool:
        """Put a submission in flight back to the start of its journey, counts at zero. False when it has ended."""
        return bool(self._restart(keys=[entry_key(submission_id)], args=[FETCH.name, submission_id]))

    def close(self, submission_ids: Sequence[str], runs: Sequence[int] | None = None) -> None:
        """Strike submissions out, but for those opened again since: their outcomes are in Elasticsearch."""
        if submission_ids:
            numbers = runs or [0] * len(submission_ids)
            self._close(keys=[entry_key(one) for one in submission_ids], args=[*submission_ids, *numbers])

    def find(self, submission_id: str) -> Entry | None:
        """Return the entry of a submission, None when it is not in flight.

        Raises:
            ValidationError: it was written by another version of Tocsin.
        """
        fields = cast("list[bytes | None]", self._redis.hmget(entry_key(submission_id), ["submission", "step", "run"]))
        submission, step, run = fields
        if submission is None or step is None:
            return None
        return Entry(Submission.model_validate_json(submission), step.decode(), int(run or 0))

    def overdue(self, stage: Stage, older_than_s: float, *, offset: int, limit: int) -> list[str]:
        """Return submissions at `stage` without progress for `older_than_s` seconds, the oldest first."""
        ids = self._redis.zrange(
            standing_key(stage.name), "-inf", self._now() - older_than_s, byscore=True, offset=offset, num=limit
        )
        return [one.decode() for one in cast("list[bytes]", ids)]

    def in_flight(self) -> int:
        """Return how many submissions have no outcome yet."""
        with self._redis.pipeline(transaction=True) as pipe:
            for name in STAGES:
                pipe.zcard(standing_key(name))
            return sum(pipe.execute())

    def accepted(self) -> int:
        """Return how many submissions were ever accepted."""
        return int(cast("bytes | None", self._redis.get(ACCEPTED)) or 0)

    def backlog(self, overdue_s: Mapping[str, float]) -> dict[str, Backlog]:
        """Return what stands at each step. `overdue_s`: by step, seconds without progress after which one is late."""
        now = self._now()
        with self._redis.pipeline(transaction=False) as pipe:
            for name in STAGES:
                pipe.zcard(standing_key(name))
                pipe.zrange(standing_key(name), 0, 0, withscores=True)
                pipe.zcount(standing_key(name), "-inf", now - overdue_s[name])
            rows = iter(pipe.execute())
        return {
            name: Backlog(count, max(0.0, now - oldest[0][1]) if oldest else 0.0, overdue)
            for name, count, oldest, overdue in zip(STAGES, rows, rows, rows, strict=True)
        }

    def snapshot(self, also: Callable[[Pipeline], object] = lambda _: None) -> Snapshot:
        """Return counter, open submissions and sketches in one transaction: what it counts, it also knows.

        `also` may queue more questions in it.
        """
        today = datetime.now(UTC).date()
        # a day that begins in this moment has no sketch yet
        days = sorted({*sketch.days(self._redis), today, today + timedelta(days=1)})
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.time()
            pipe.get(ACCEPTED)
            for name in STAGES:
                pipe.zrange(standing_key(name), 0, -1, withscores=True)
            for day in days:
                pipe.get(sketch.key(day))
            also(pipe)
            (seconds, micros), accepted, *rows = pipe.execute()
        standing, sketched, more = (
            rows[: len(STAGES)],
            rows[len(STAGES) :][: len(days)],
            rows[len(STAGES) + len(days) :],
        )
        in_flight = {
            one.decode(): Standing(name, score) for name, at in zip(STAGES, standing, strict=True) for one, score in at
        }
        raw = {day: one for day, one in zip(days, sketched, strict=True) if one}
        return Snapshot(int(accepted or 0), in_flight, raw, seconds + micros / 1e6, more)

    def days_accepted(self, submission_ids: Sequence[str]) -> dict[str, date | None]:
        """Return the day (UTC) on which each was accepted, for those still in flight; None where it cannot be read."""
        days: dict[str, date | None] = {}
        for start in range(0, len(submission_ids), PAGE):
            page = submission_ids[start : start + PAGE]
            with self._redis.pipeline(transaction=False) as pipe:
                for one in page:
                    pipe.hget(entry_key(one), "submission")
                rows = pipe.execute()
            days |= {one: _day(raw) for one, raw in zip(page, rows, strict=True) if raw is not None}
        return days

    def _now(self) -> float:
        seconds, micros = self._redis.time()
        return seconds + micros / 1e6


def _open(pipe: Pipeline, submission: Submission, stage: Stage, now: float) -> None:
    fields: dict[Any, Any] = {"submission": submission.model_dump_json(), "step": stage.name}
    pipe.hset(entry_key(submission.id), mapping=fields)
    pipe.zadd(standing_key(stage.name), {submission.id: now})


def _delivery(row: Sequence[Any]) -> Delivery:
    crashes, put_off, since, now = row
    return Delivery(attempts=put_off, crashes=crashes, since=float(since) if since else None, now=float(now))


def _day(raw: bytes) -> date | None:
    try:  # not as a Submission: what another version wrote counts too
        return datetime.fromisoformat(json.loads(raw)["accepted_at"]).astimezone(UTC).date()
    except (ValueError, KeyError, TypeError):
        return None
