"""When a sentence says it happened: expressions of news time, resolved against the day of publication.

expressions of the sentence ─▶ two that make a stretch, joined ─▶ what each dates: an act, a statement, or neither

Without a day of publication only expressions that name their year resolve.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.classifier.when import days
from services.classifier.when.expressions import FAMILIES, Now
from shared.domain.event import DateRange
from shared.domain.vocabulary import DatePrecision

#: Code points before and after an expression in which words say what it dates.
_BEFORE, _REPORT_WINDOW = 60, 30
_REPORTING = re.compile(
    r"\b(?:said|says|told|announced|reported|confirmed|statement|wrote|writing|condemned|added|identified|named"
    r"|released|charged|arraigned|indicted|sentenced|updated)\W+(?:\w+\W+){0,3}$"
)
_UNFIT = re.compile(
    r"\b(?:anniversary of (?:\w+\W+){0,6}|next |until |by |since |before |due (?:on |in )?|scheduled for |dated "
    r"|born (?:on |in )?|founded in |established in |(?:posted|published|updated|filed|aired)(?: on|:| at [\d:]+)? )"
    r"(?:the )?$"
)
_REMEMBERED = re.compile(r"^\W+(?:\w+ )?anniversary")
#: "LIMA, 26 MAY 89 (AFP) -- ": the day of the report, which stands for that of the act where no other is told.
_DATELINE_END = re.compile(r"^ ?(?:\([^()]{1,60}\)|\[[^\]]{1,40}\])? ?(?:--?|:)")
_DATELINE_REACH = 60
_COMING = re.compile(
    r"\b(?:will|'ll|shall|next|coming|upcoming|planned|planning|plans|scheduled|slated|due|set|expected|until|to be"
    r"|going to|is to|are to|later)\b(?!.*\b(?:said|told|after|who|which|when|announced|killed|shot)\b)[^.;]*$"
)
#: Between two days that bound one stretch: "late Saturday or early Sunday", "Friday night into Saturday".
_JOINT = re.compile(
    r"^(?: (?:night|evening|afternoon|morning))? ?(?:-|to|into|through|and into|(?:and|or)(?= early| late))"
    r" ?(?:early |late |on |the )*$"
)
_BETWEEN = re.compile(r"\b(?:between|from) (?:late |early )?$")
_AND = re.compile(r"^(?: (?:night|evening|afternoon|morning))? (?:and|to|until) (?:early |late |on )*$")
_MOST_DAYS = 6
#: Forms that give no date of an act by themselves.
_BARE = frozenset({"bare month", "bare year", "next weekday", "history"})


@dataclass(frozen=True, slots=True)
class When:
    """A date in a sentence. `spoken` marks the time of a statement rather than of an act."""

    range: DateRange
    start: int  #: code points into the sentence
    end: int
    spoken: bool
    form: str = "exact"  #: kind of expression, as `expressions` names it
    aside: bool = False  #: whether it dates no act: a limit, an anniversary, a bare year
    ahead: bool = False  #: whether it lies after the day of publication


def find(lower: str, anchor: date | None, told: date | None = None) -> tuple[When, ...]:
    """Return the dates of acts and statements told in a lower-cased sentence, in order.

    `anchor` is the day of publication; `told` the last day told before, from which "the next day" is counted.
    """
    return tuple(w for w in read(lower, anchor, told) if not w.aside)


def read(lower: str, anchor: date | None, told: date | None = None) -> tuple[When, ...]:
    """Return every time expression that resolves, in order: those that date no act too."""
    found = sorted(_resolved(lower, anchor, told), key=lambda w: w.start)
    return tuple(_joined(lower, found))


def last_day(whens: Sequence[When], told: date | None) -> date | None:
    """Return the last day that acts are told of: what "the next day" of the next sentence is counted from."""
    fine = [w.range.end for w in whens if w.range.precision is DatePrecision.DAY and not (w.aside or w.spoken)]
    return fine[-1] if fine else told


def to_come(lower: str, start: int) -> bool:
    """Tell whether the words before an expression speak of what is to come."""
    return bool(_COMING.search(lower[max(0, start - _BEFORE) : start]))


def _resolved(lower: str, anchor: date | None, told: date | None) -> Iterator[When]:
    taken: list[tuple[int, int]] = []
    for family, rules in FAMILIES:
        if not family.search(lower):
            continue
        for rule in rules:
            for match in rule.pattern.finditer(lower):
                start, end = match.span()
                if any(start < b and a < end for a, b in taken):
                    continue
                taken.append((start, end))
                before = lower[max(0, start - _BEFORE) : start]
                range_ = rule.resolve(match, Now(anchor, told, to_come(lower, start)))
                if range_:
                    dateline = start < _DATELINE_REACH and bool(_DATELINE_END.match(lower[end:]))
                    spoken = dateline or bool(_REPORTING.search(before[-_REPORT_WINDOW:]))
                    coming = bool(anchor and range_.start.toordinal() > anchor.toordinal() + 1)
                    aside = rule.form in _BARE or _dates_no_act(before, lower[end:])
                    yield When(range_, start, end, spoken, "dateline" if dateline else rule.form, aside, coming)


def _dates_no_act(before: str, after: str) -> bool:
    return bool(_UNFIT.search(before) or _REMEMBERED.match(after))


def _joined(lower: str, found: Sequence[When]) -> Iterator[When]:
    """Yield the dates, with one for two days that bound a stretch."""
    held: When | None = None
    for when in found:
        stretch = held and _stretch(lower, held, when)
        if held and not stretch:
            yield held
        held = stretch or when
    if held:
        yield held


def _stretch(lower: str, one: When, other: When) -> When | None:
    if {one.range.precision, other.range.precision} != {DatePrecision.DAY}:
        return None
    apart = (other.range.start - one.range.start).days
    between = lower[one.end : other.start]
    joint = _JOINT.match(between) or (_AND.match(between) and _BETWEEN.search(lower[: one.start]))
    if not (joint and 0 < apart <= _MOST_DAYS):
        return None
    range_ = days.between(one.range.start, other.range.end, DatePrecision.DAYS)
    return replace(one, range=range_, end=other.end) if range_ else None
