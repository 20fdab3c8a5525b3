"""Recognises an event of an article that was coded anew: positions, kinds and numbers may have changed. Pure.

Old and new events are paired off, the likeliest first, each once. What the article told beside it takes part too, so
that an event that is told no more is not taken for its neighbour.

    what agrees                      counts      what contradicts             counts
    -------------------------------  ----------  ---------------------------  ------
    the text, word for word          2           another country              -3
    subtype; type                    2; 1        days further apart than one  -3
    days; country; town              1 each
    killed; injured                  1 each
    position                         ½
"""

from collections.abc import Sequence

from shared.domain.event import DateRange, Event, Place
from shared.domain.incident import Report

#: Least likeness at which two codings are taken for one event.
LEAST = 1.0
_AGAINST = -3.0


def bare(event: Event) -> Event:
    """Return an event without its evidence, which points into a text that is not kept with it."""
    return event.model_copy(update={"evidence": {}, "headline": ()})


def likeness(old: Event, new: Event, *, same_text: bool) -> float:
    """Return how much speaks for two codings being of one event; negative: more against it than for it."""
    kind = 2.0 if old.subtype == new.subtype else float(old.type == new.type)
    tolls = ((old.killed, new.killed), (old.injured, new.injured))
    score = kind + _days(old.date, new.date) + _place(old.place, new.place) + 2 * same_text
    return score + sum(one is not None and one == other for one, other in tolls)


def recognised(old: Sequence[tuple[int, Event]], reports: Sequence[Report], *, fingerprint: str) -> list[Report | None]:
    """Return for each old event the report that tells it now, or None.

    Args:
        old: positions and events, as they were.
        reports: all of the article, as they are.
        fingerprint: of the text in which the old ones were found.
    """
    pairs = sorted(
        (
            (_likeness(position, event, report, fingerprint), -position, -report.position, number, place)
            for number, (position, event) in enumerate(old)
            for place, report in enumerate(reports)
        ),
        reverse=True,
    )
    found: list[Report | None] = [None] * len(old)
    taken: set[int] = set()
    for score, _, _, number, place in pairs:
        if score >= LEAST and found[number] is None and place not in taken:
            found[number] = reports[place]
            taken.add(place)
    return found


def _likeness(position: int, event: Event, report: Report, fingerprint: str) -> float:
    same = likeness(event, report.event, same_text=report.fingerprint == fingerprint)
    return same + 0.5 * (position == report.position)


def _days(one: DateRange | None, other: DateRange | None) -> float:
    if one is None or other is None:
        return 0.0
    gap = max((other.start - one.end).days, (one.start - other.end).days)
    return 1.0 if gap <= 1 else _AGAINST


def _place(one: Place | None, other: Place | None) -> float:
    if one is None or other is None or one.country is None or other.country is None:
        return 0.0
    if one.country != other.country:
        return _AGAINST
    return 1.0 + ((one.city or one.name) == (other.city or other.name))
