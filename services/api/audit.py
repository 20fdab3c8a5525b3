"""The audit: does every submission ever accepted have one outcome, or is on its way? And if not: which has not?

    Redis, at one moment           accepted, in flight, a sketch of each day's ids
    Elasticsearch, just after      outcomes of what was accepted by that moment

What is in flight at that moment counts as in flight, also when its outcome is there a moment later, and when it has one
from before: it was sent back out of quarantine.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Generic, TypeVar

from fastapi import APIRouter, Query
from pydantic import Field

from services.api.dependencies import Behind, needed
from services.api.record import Record, open_record
from shared.delivery.ledger import Snapshot
from shared.delivery.sketch import Cell, Difference, differences, found
from shared.delivery.timing import timing
from shared.domain.base import Model, UtcDatetime
from shared.domain.outcome import Status

router = APIRouter(prefix="/v1", tags=["operations"])

#: Most rows of a list.
ROWS = 100
#: An outcome and the ledger both know a submission for a moment each time; only what lasts is worth a line.
LINGERS = timedelta(seconds=60)

T = TypeVar("T", bound=Model)


class Rows(Model, Generic[T]):
    """A list, and how long it would be in full."""

    total: int
    rows: tuple[T, ...] = Field(description=f"At most {ROWS}.")


class Odd(Model):
    """Submissions that were accepted and cannot be found, or the other way round."""

    day: date = Field(description="The day of acceptance, UTC.")
    count: int = Field(description="How many, at least: one too many and one too few cancel out where ids begin alike.")
    submission_id: str | None = Field(
        description="Which one, where it is a single one. Where several of both kinds began alike, it may mislead."
    )
    prefixes: tuple[str, ...] = Field(description="How the ids begin, where it is not.")


class Still(Model):
    """A submission in flight without progress."""

    submission_id: str
    step: str
    still_s: float = Field(description="Seconds since its last progress.")


class Again(Model):
    """A submission that has an outcome and stands in the ledger."""

    submission_id: str
    step: str = Field(description="Where it is.")
    status: Status = Field(description="How it had ended.")
    ended_at: UtcDatetime


class Audit(Model):
    """The sum that must hold, accepted = indexed + discarded + quarantined + in flight, and what departs from it."""

    accepted: int
    indexed: int
    discarded: int
    quarantined: int
    in_flight: int
    balance: int = Field(description="accepted less all others. 0: nothing lost, nothing twice, as far as sums tell.")
    oldest_in_flight_s: float | None = Field(description="Seconds since the stillest of those in flight moved.")
    at: UtcDatetime = Field(description="The moment of which all of this speaks.")
    days: int = Field(description="Days of acceptance that were compared by their counts.")
    days_read: int = Field(description="Days of which every id was compared: those whose counts differ; deep: all.")
    days_unknown: int = Field(description="Days that cannot be compared: nothing was noted of them when they were new.")
    missing: Rows[Odd] = Field(description="Accepted, without an outcome, and not in flight: lost.")
    unknown: Rows[Odd] = Field(description="With an outcome or in flight and never accepted, or counted twice.")
    stuck: Rows[Still] = Field(
        description="In flight and overdue, the stillest first: in a long queue, or lost and soon sent again."
    )
    ended_in_ledger: Rows[Again] = Field(
        description="In flight again after an outcome, or not struck from the ledger after it. No fault in itself."
    )


@router.get("/audit")
def audit(
    behind: Behind, deep: Annotated[bool, Query(description="Compare every id of every day, not only counts.")] = False
) -> Audit:
    """Count every submission ever accepted by how it ended, and name those that are lost, foreign or still."""
    with needed():
        at = datetime.now(UTC)
        books = behind.ledger.snapshot()
        # before the outcomes: whatever has left the ledger by now has its outcome there
        standing = behind.ledger.days_accepted(list(books.in_flight))
        with open_record(behind, at) as record:
            ended = record.counts(sorted(standing))
            checked = _Check(books, standing, ended, record, deep=deep)
            total, again = record.ended_among(sorted(standing), at - LINGERS, ROWS)
    by_status = {status: sum(n for (_, name), n in ended.items() if name == status) for status in Status}
    still = sorted((round(books.now - books.in_flight[one].moved_at, 1), one) for one in standing)[::-1]
    overdue = [(seconds, one) for seconds, one in still if seconds > timing().overdue_s[books.in_flight[one].step]]
    return Audit(
        accepted=books.accepted,
        **{str(status): count for status, count in by_status.items()},
        in_flight=len(standing),
        balance=books.accepted - sum(by_status.values()) - len(standing),
        oldest_in_flight_s=max(0.0, still[0][0]) if still else None,
        at=at,
        days=len(books.sketches),
        days_read=checked.days_read,
        days_unknown=len({day for (day, _), count in ended.items() if count} - set(books.sketches)),
        missing=checked.missing,
        unknown=checked.unknown,
        stuck=Rows(
            total=len(overdue),
            rows=tuple(
                Still(submission_id=one, step=books.in_flight[one].step, still_s=seconds)
                for seconds, one in overdue[:ROWS]
            ),
        ),
        ended_in_ledger=Rows(
            total=total, rows=tuple(Again(**row, step=books.in_flight[row["submission_id"]].step) for row in again)
        ),
    )


class _Check:
    """The days one by one: first how many, then, where that differs or it is to go deep, which."""

    def __init__(
        self,
        books: Snapshot,
        standing: dict[str, date | None],
        ended: Counter[tuple[date, str]],
        record: Record,
        *,
        deep: bool,
    ) -> None:
        by_day: dict[date, list[str]] = defaultdict(list)
        for one, day in standing.items():
            if day is not None:
                by_day[day].append(one)
        there = Counter({day: len(ids) for day, ids in by_day.items()})
        for (day, _), count in ended.items():
            there[day] += count
        self._unplaced = {one for one, day in standing.items() if day is None}
        self.days_read = 0
        odd: list[tuple[int, Odd]] = []
        for day, cells in sorted(books.sketches.items()):
            if deep or there[day] != sum(cell.count for cell in cells.values()):
                self.days_read += 1
                odd += self._compare(day, cells, record.ids(day), by_day[day])
        self.missing = _rows([one for sign, one in odd if sign >= 0])
        self.unknown = _rows([one for sign, one in odd if sign <= 0])

    def _compare(
        self, day: date, cells: dict[int, Cell], ended: Iterable[str], standing: Sequence[str]
    ) -> Iterator[tuple[int, Odd]]:
        ids = list(ended)
        ids += set(standing).difference(ids)
        for one in ids:
            if not _well_formed(one):
                yield -1, Odd(day=day, count=1, submission_id=one, prefixes=(one[:2],))
        known = set(ids)
        for difference in differences(day, cells, found(one for one in ids if _well_formed(one))):
            name = _name(difference, known)
            if name not in self._unplaced:
                count = max(1, abs(difference.missing))
                yield (
                    difference.missing,
                    Odd(day=day, count=count, submission_id=name, prefixes=() if name else difference.prefixes),
                )


def _well_formed(submission_id: str) -> bool:
    return len(submission_id) == 32 and set(submission_id) <= set("0123456789abcdef")  # noqa: PLR2004 - digits of an id


def _name(difference: Difference, known: set[str]) -> str | None:
    """Return the id of a difference of one; None where two lost and one foreign only look like one."""
    name = difference.submission_id
    if name is None or name[:2] not in difference.prefixes:
        return None
    return name if (name in known) == (difference.missing < 0) else None


def _rows(odd: Sequence[Odd]) -> Rows[Odd]:
    return Rows(total=sum(one.count for one in odd), rows=tuple(odd[:ROWS]))
