"""Finds what was accepted between the moment of the sums and that of the index, and had ended by then.

The sums and the index are taken a moment apart. Whatever is accepted and discarded between the two has an outcome and
is not in the sums; counted in, the audit after a restore holds. Clocks alone cannot tell which those are: an acceptance
is stamped a little before it is in the sums. The sketch can: without them it has to be that of all others.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from shared.delivery.sketch import Cell, cells, found
from shared.upkeep.books import Late

#: An acceptance is stamped at most so long before it is in the sums, by clocks that differ.
MARGIN = timedelta(minutes=10)


class Comparison:
    """The sums, and what is found in the index and in the ledger."""

    def __init__(self, sketches: Mapping[date, bytes], at: datetime) -> None:
        """`at`: the moment of the sums."""
        self._wanted = {day: cells(raw) for day, raw in sketches.items()}
        self._at = at
        self._there: dict[tuple[date, int], Cell] = defaultdict(Cell)
        self._new: dict[tuple[date, int], list[Late]] = defaultdict(list)

    def note(self, submission_id: str, accepted_at: datetime, *, ended: bool) -> None:
        """Count in a submission. One that is in flight is among the sums, so only what has `ended` may be late."""
        try:
            ((cell, _),) = found([submission_id]).items()
            place = accepted_at.astimezone(UTC).date(), cell
            self._there[place] = self._there[place].plus(submission_id)
        except ValueError:  # no id of ours: nothing was accepted under it
            return
        if ended and accepted_at > self._at - MARGIN:
            self._new[place].append(Late(id=submission_id, accepted_at=accepted_at))

    def late(self) -> Iterable[Late]:
        """Yield what was accepted after the sums were taken."""
        for place, new in self._new.items():
            wanted = self._wanted.get(place[0], {}).get(place[1], Cell())
            there = self._there[place]
            if wanted != there:
                new.sort(key=lambda one: one.accepted_at)
                surplus = there.count - wanted.count
                newest = new[-surplus:] if 0 < surplus <= len(new) else []
                expected = wanted
                for one in newest:
                    expected = expected.plus(one.id)
                # where others are missing besides, clocks have to do
                yield from newest if expected == there else [one for one in new if one.accepted_at > self._at]
