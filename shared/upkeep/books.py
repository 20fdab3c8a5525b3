"""What of Redis is backed up: the ledger and its sums, the quarantine, the notes of what changed, marks with an end.

Messages are not: each belongs to a submission in the ledger, which is sent again from the start after a restore. Nor
are locks, canaries and whatever else is known anew a minute later.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, Literal, cast

from pydantic import Base64Bytes
from redis import Redis
from redis.client import Pipeline

from shared.delivery import sketch
from shared.delivery.ledger import ACCEPTED, PAGE, Ledger, entry_key, standing_key
from shared.delivery.sketch import note
from shared.domain.base import Model, UtcDatetime
from shared.domain.submission import Submission
from shared.incidents.changed import CHANGED, DUE
from shared.pipeline import STAGES

#: Strings that end by themselves: what receivers of alerts have taken, and what second opinions have cost today.
MARKS = ("tocsin:told:*", "tocsin:llm_tokens:*")
#: Entries are restored as if they had not moved for so long: the reconciler sends them again at once.
STILL = timedelta(days=2)


class Sums(Model):
    """How many submissions were accepted, and the sketches of their days (see `shared.delivery.sketch`)."""

    kind: Literal["sums"] = "sums"
    accepted: int
    sketches: dict[date, Base64Bytes]


class Entry(Model):
    """A submission in flight."""

    kind: Literal["entry"] = "entry"
    id: str
    step: str
    submission: str  #: as it stands in the ledger, as JSON: also what another version wrote
    run: int = 0


class Late(Model):
    """A submission that was accepted and had ended after the sums were taken, before the index was."""

    kind: Literal["late"] = "late"
    id: str
    accepted_at: UtcDatetime


class Specimen(Model):
    """A message in quarantine, packed as it lies there."""

    kind: Literal["specimen"] = "specimen"
    id: str
    step: str
    failed_at: float  #: seconds since the epoch
    packed: Base64Bytes


class Note(Model):
    """An incident that has changed and was not yet matched against the alerts."""

    kind: Literal["note"] = "note"
    id: str
    raw: str


class Mark(Model):
    """A string that ends by itself."""

    kind: Literal["mark"] = "mark"
    key: str
    value: str
    ttl_ms: int


Line = Sums | Entry | Late | Specimen | Note | Mark


@dataclass(frozen=True)
class Moment:
    """The books at one moment: what was accepted, what was in flight, what lay in quarantine."""

    at: datetime  #: by the clock of Redis
    sums: Sums
    in_flight: dict[str, str]  #: submission id → step
    quarantined: dict[str, dict[str, float]]  #: step → id → when it failed

    @classmethod
    def of(cls, redis: Redis) -> "Moment":
        """Take it, in one transaction. Raises `redis.RedisError` when Redis is away."""

        def quarantines(pipe: Pipeline) -> None:
            for stage in STAGES.values():
                pipe.zrange(stage.quarantine, 0, -1, withscores=True)

        found = Ledger(redis).snapshot(also=quarantines)
        return cls(
            at=datetime.fromtimestamp(found.now, UTC),
            sums=Sums.model_construct(accepted=found.accepted, sketches=found.raw_sketches),
            in_flight={one: standing.step for one, standing in found.in_flight.items()},
            quarantined={
                name: {one.decode(): score for one, score in at} for name, at in zip(STAGES, found.also, strict=True)
            },
        )


def entries(redis: Redis, ids: Iterable[str]) -> Iterator[tuple[str, Entry | None]]:
    """Yield the entry of each submission, None for one that is no more in flight."""
    rest = iter(ids)
    while chunk := list(islice(rest, PAGE)):
        with redis.pipeline(transaction=False) as pipe:
            for one in chunk:
                pipe.hmget(entry_key(one), ["submission", "step", "run"])
            rows = pipe.execute()
        for one, (submission, step, run) in zip(chunk, rows, strict=True):
            if submission is None or step is None:
                yield one, None
            else:
                yield one, Entry(id=one, step=step.decode(), submission=submission.decode(), run=int(run or 0))


def specimens(redis: Redis, moment: Moment) -> Iterator[tuple[str, Specimen | None]]:
    """Yield what lay in quarantine, one in memory at a time; None for what has left it since."""
    for name, failed in moment.quarantined.items():
        for one, at in failed.items():
            row = cast("bytes | None", redis.hget(f"{STAGES[name].quarantine}:specimens", one))
            # built as it is: validation would take the bytes for base64
            yield (
                one,
                None if row is None else Specimen.model_construct(id=one, step=name, failed_at=at, packed=row),
            )


def notes(redis: Redis) -> Iterator[Note]:
    """Yield the notes of what changed. Those that were there all the time are among them, each at least once."""
    for name, raw in cast("Iterator[tuple[bytes, bytes]]", redis.hscan_iter(CHANGED, count=PAGE)):
        yield Note(id=name.decode(), raw=raw.decode())


def marks(redis: Redis) -> Iterator[Mark]:
    """Yield the marks that have not ended."""
    for pattern in MARKS:
        rest = cast("Iterator[bytes]", redis.scan_iter(pattern, count=10_000, _type="string"))
        while chunk := list(islice(rest, PAGE)):
            with redis.pipeline(transaction=False) as pipe:
                for key in chunk:
                    pipe.get(key)
                    pipe.pttl(key)
                rows = pipe.execute()
            for key, value, ttl_ms in zip(chunk, rows[::2], rows[1::2], strict=True):
                if value is not None and ttl_ms > 0:
                    yield Mark(key=key.decode(), value=value.decode(), ttl_ms=ttl_ms)


def put(redis: Redis, lines: Iterable[Line], taken_at: datetime) -> None:
    """Write lines into the books. Raises `redis.RedisError`; repeated on books that were emptied, it begins anew."""
    rest = iter(lines)
    while chunk := list(islice(rest, PAGE)):
        with redis.pipeline(transaction=True) as pipe:
            for line in chunk:
                _put(pipe, line, taken_at)
            pipe.execute()


def _put(pipe: Any, line: Line, taken_at: datetime) -> None:
    match line:
        case Sums():
            pipe.set(ACCEPTED, line.accepted)
            for day, raw in line.sketches.items():
                pipe.set(sketch.key(day), raw)
        case Entry():
            fields: dict[str, Any] = {"submission": line.submission, "step": line.step}
            pipe.hset(entry_key(line.id), mapping=fields | ({"run": line.run} if line.run else {}))
            pipe.zadd(standing_key(line.step), {line.id: (taken_at - STILL).timestamp()})
        case Late():
            pipe.incr(ACCEPTED)
            note(pipe, Submission(id=line.id, url="", accepted_at=line.accepted_at))
        case Specimen():
            key = STAGES[line.step].quarantine
            pipe.hset(f"{key}:specimens", line.id, line.packed)
            pipe.zadd(key, {line.id: line.failed_at})
        case Note():
            pipe.hset(CHANGED, line.id, line.raw)
            pipe.zadd(DUE, {line.id: 0})
        case Mark():
            pipe.set(line.key, line.value, px=line.ttl_ms)
