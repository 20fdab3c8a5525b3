"""Acts told beside the story's own that are others: on another day and in another place.

One of the two alone does not tell: a day may be that of a statement, a place that of a hospital or of the reporter.
On labelled stories place alone was right once in seven (docs/model-card.md, experiments).
"""

from collections.abc import Sequence
from dataclasses import replace

from services.classifier import events
from services.classifier.events import Happening
from services.classifier.told import Told
from services.classifier.triggers import STRONG
from services.classifier.when import choice
from services.classifier.where.candidates import holds
from services.classifier.where.gazetteer import Entry
from services.classifier.where.signs import Scene, distance_km
from shared.domain.event import DateRange
from shared.domain.vocabulary import Realis

#: How surely a sentence must show what happened to tell of an act of its own.
_SHOWN = 0.3
#: Places nearer to each other than this may be one.
_APART_KM = 50.0


def split(happening: Happening, seen: Scene) -> tuple[Happening, ...]:
    """Return a happening of the story's own as the several that it is, in reading order.

    The first keeps all sentences that do not by themselves show one of the others.
    """
    told: dict[DateRange, list[Told]] = {}
    for sentence in happening.told if happening.main else ():
        day = _day(sentence)
        if day and _places(sentence, seen):
            told.setdefault(day, []).append(sentence)
    if len(told) <= 1:
        return (happening,)
    (day, opening), *others = told.items()
    here = [e for t in opening for e in _places(t, seen)]
    moved = {
        own: part
        for own, part in others
        if (own.end < day.start or day.end < own.start)
        and _are_apart(here, [e for t in part for e in _places(t, seen)])
    }
    if not moved:
        return (happening,)
    ranks = {own: frozenset(t.reading.sentence.rank for t in part) for own, part in moved.items()}
    gone = frozenset[int]().union(*ranks.values())
    rest = [t for t in happening.told if t.reading.sentence.rank not in gone]
    kept = frozenset(t.reading.sentence.rank for t in rest)
    first = _act(rest, opening, day, gone)
    return (first, *(_act(part, part, own, kept | (gone - ranks[own])) for own, part in moved.items()))


def _day(sentence: Told) -> DateRange | None:
    """Return the day of the act that a sentence of the body shows; None where it shows none or tells several days."""
    reading = sentence.reading
    strong = any(t.weight >= STRONG and t.realis is Realis.ACTUAL for t in reading.facts)
    days = {w.range for w in reading.whens if not (w.spoken or w.ahead) and w.range.precision in choice.FINE}
    shows = reading.order > 0 and sentence.core >= _SHOWN and strong
    return days.pop() if shows and len(days) == 1 else None


def _places(sentence: Told, seen: Scene) -> list[Entry]:
    return [f.entry for f in seen.found if f.sentence is sentence.reading.sentence and f.entry]


def _are_apart(these: Sequence[Entry], those: Sequence[Entry]) -> bool:
    return all(
        not (one == other or holds(one, other) or holds(other, one)) and distance_km(one, other) > _APART_KM
        for one in these
        for other in those
    )


def _act(told: Sequence[Told], shown: Sequence[Told], day: DateRange, others: frozenset[int]) -> Happening:
    clearest = max(shown, key=lambda t: t.core)
    subtype = events.kind_of(clearest)
    made = events.happening(told, subtype, day, shown[0].reading, clearest.shows(subtype), main=True)
    return replace(made, others=others)
