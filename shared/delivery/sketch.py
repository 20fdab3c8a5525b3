"""A sketch of every submission ever accepted: 1.3 KB a day, from which the audit can name what went missing.

For each day (UTC, of `accepted_at`) a Redis string of 64 cells. A submission belongs to the cell of the first digits
of its id; a cell holds how many ids it got and, word by word, the sum of their four 32-bit words. The difference of two
such cells that differ by one id is that id. This is the one-hash case of an invertible Bloom lookup table (Goodrich and
Mitzenmacher, 2011): where more than one id of a cell differs, it is known how many, and how they begin.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date
from struct import iter_unpack
from typing import cast

from redis import Redis
from redis.client import Pipeline

from shared.domain.submission import Submission

CELLS = 64
_PREFIX = "tocsin:sketch:"
_WORDS = 4
_WRAP = 2**32


@dataclass(frozen=True)
class Cell:
    """A set of ids, boiled down."""

    count: int = 0
    sums: tuple[int, ...] = (0,) * _WORDS

    def plus(self, submission_id: str) -> "Cell":
        """Return the cell with one more id in it."""
        sums = zip(self.sums, _words(submission_id), strict=True)
        return Cell(self.count + 1, tuple((one + other) % _WRAP for one, other in sums))


@dataclass(frozen=True)
class Difference:
    """What one cell should hold and does not, or holds and should not."""

    day: date
    missing: int  #: accepted and nowhere to be found; negative: found and never accepted
    submission_id: str | None  #: which one, where it is a single one
    prefixes: tuple[str, ...]  #: how the ids of this cell begin


def note(pipe: Pipeline, submission: Submission) -> None:
    """Queue in `pipe` what adds an accepted submission to the sketch of its day."""
    base = _cell(submission.id) * (1 + _WORDS)
    fields = pipe.bitfield(key(submission.accepted_at.astimezone(UTC).date()))
    for n, value in enumerate((1, *_words(submission.id))):
        fields.incrby("u32", f"#{base + n}", value)
    fields.execute()


def days(redis: Redis) -> list[date]:
    """Return the days of which there is a sketch."""
    keys = cast("Iterable[bytes]", redis.scan_iter(f"{_PREFIX}*", count=10_000))
    return sorted(date.fromisoformat(found.decode().removeprefix(_PREFIX)) for found in keys)


def cells(raw: bytes | None) -> dict[int, Cell]:
    """Return the cells of a sketch as it lies in Redis."""
    size = 4 * (1 + _WORDS)
    padded = (raw or b"").ljust(CELLS * size, b"\0")
    return {n: Cell(count, tuple(sums)) for n, (count, *sums) in enumerate(iter_unpack(f">{1 + _WORDS}I", padded))}


def found(submission_ids: Iterable[str]) -> dict[int, Cell]:
    """Return the cells of some ids."""
    cells: dict[int, Cell] = defaultdict(Cell)
    for one in submission_ids:
        cells[_cell(one)] = cells[_cell(one)].plus(one)
    return cells


def differences(day: date, wanted: Mapping[int, Cell], there: Mapping[int, Cell]) -> list[Difference]:
    """Compare what was accepted with what was found."""
    result = []
    for n in range(CELLS):
        one, other = wanted.get(n, Cell()), there.get(n, Cell())
        if one != other:
            missing = one.count - other.count
            # of one more or one less the difference is the id itself
            words = [(a - b) * missing % _WRAP for a, b in zip(one.sums, other.sums, strict=True)]
            single = "".join(f"{word:08x}" for word in words) if abs(missing) == 1 else None
            result.append(Difference(day, missing, single, _prefixes(n)))
    return result


def key(day: date) -> str:
    """Return the Redis key of the sketch of `day`."""
    return f"{_PREFIX}{day.isoformat()}"


def _cell(submission_id: str) -> int:
    return int(submission_id[:2], 16) % CELLS


def _prefixes(cell: int) -> tuple[str, ...]:
    return tuple(f"{byte:02x}" for byte in range(cell, 256, CELLS))


def _words(submission_id: str) -> tuple[int, ...]:
    return tuple(int(submission_id[start : start + 8], 16) for start in range(0, 8 * _WORDS, 8))
