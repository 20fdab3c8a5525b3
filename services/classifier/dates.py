"""When a sentence says it happened: expressions of news time, resolved against the day of publication.

A weekday is the latest such day on or before publication; "last Wednesday" is that day of the calendar week before.
Without a day of publication only expressions that name their year resolve.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from services.classifier import days
from services.classifier.numbers import NUMBER, value
from shared.domain.event import DateRange
from shared.domain.vocabulary import DatePrecision

_DAY = "(?P<wd>" + "|".join(days.WEEKDAYS) + ")"
_MON = "(?P<mon>" + "|".join(sorted(days.MONTHS, key=len, reverse=True)) + r")\.?"
_D = r"(?P<d>[0-3]?\d)(?:st|nd|rd|th)?"
_D2 = r"(?P<d2>[0-3]?\d)(?:st|nd|rd|th)?"
_Y = r"(?P<y>[12]\d{3})"

#: What a year before it dates: "the 2015 bombing".
_ACT = (
    r"(?:attacks?|bombings?|blasts?|explosions?|massacres?|shootings?|stabbings?|killings?|murders?|assassinations?"
    r"|kidnappings?|abductions?|siege|war|invasion|coup|uprising|genocide|riots?|protests?|raids?|clashes)\b"
)

#: Code points before a date in which "said" shows that somebody spoke then.
_REPORT_WINDOW = 30
_REPORTING = re.compile(
    r"\b(?:said|says|told|announced|reported|confirmed|statement|wrote|writing|condemned|added)\W+(?:\w+\W+){0,3}$"
)
_UNFIT = re.compile(
    r"\b(?:anniversary of (?:\w+\W+){0,6}|next |until |by |since |before |due (?:on |in )?|scheduled for |dated "
    r"|born (?:on |in )?|founded in |established in )(?:the )?$"
)
_REMEMBERED = re.compile(r"^\W+(?:\w+ )?anniversary")


@dataclass(frozen=True, slots=True)
class When:
    """A date in a sentence. `spoken` marks the time of a statement rather than of an act."""

    range: DateRange
    start: int  #: code points into the sentence
    end: int
    spoken: bool


Resolver = Callable[[re.Match[str], date | None], DateRange | None]


def find(lower: str, anchor: date | None) -> tuple[When, ...]:
    """Return the dates told in a lower-cased sentence, in order. `anchor` is the day of publication."""
    found: list[When] = []
    taken: list[tuple[int, int]] = []
    for pattern, resolve in _RULES:
        for match in pattern.finditer(lower):
            start, end = match.span()
            if any(start < b and a < end for a, b in taken):
                continue
            taken.append((start, end))
            before = lower[max(0, start - 60) : start]
            told = None if _UNFIT.search(before) or _REMEMBERED.match(lower[end:]) else resolve(match, anchor)
            if told:
                spoken = bool(_REPORTING.search(before[-_REPORT_WINDOW:]))
                found.append(When(told, start, end, spoken))
    return tuple(sorted(found, key=lambda w: w.start))


def _full(match: re.Match[str], anchor: date | None) -> DateRange | None:
    number, day, year = days.MONTHS[match["mon"]], int(match["d"]), match["y"]
    found = days.exact(int(year), number, day) if year else anchor and days.past(anchor, number, day)
    return days.one(found) if found else None


def _stretch(match: re.Match[str], anchor: date | None) -> DateRange | None:
    first = _full(match, anchor)
    last = first and days.exact(first.start.year, first.start.month, int(match["d2"]))
    return days.between(first.start, last, DatePrecision.DAYS) if first and last else None


def _iso(match: re.Match[str], _anchor: date | None) -> DateRange | None:
    found = days.exact(int(match["y"]), int(match["m"]), int(match["d"]))
    return days.one(found) if found else None


def _month(match: re.Match[str], anchor: date | None) -> DateRange | None:
    number = days.MONTHS[match["mon"]]
    if match["y"]:
        return days.month(int(match["y"]), number)
    return days.months_back(anchor, (anchor.month - number) % 12) if anchor else None


def _year(match: re.Match[str], anchor: date | None) -> DateRange | None:
    return days.year(int(match["y"]), anchor)


def _weekday(match: re.Match[str], anchor: date | None) -> DateRange | None:
    if not anchor:
        return None
    groups = match.groupdict()
    day = days.weekday(anchor, match["wd"], last=bool(groups.get("last") or groups.get("week")))
    if groups.get("overnight"):
        return days.between(day, days.shift(day, 1), DatePrecision.DAYS)
    return days.one(day)


def _ago(match: re.Match[str], anchor: date | None) -> DateRange | None:
    count, unit = value(match["n"]), match["unit"]
    if not anchor or count is None:
        return None
    if unit.startswith("day"):
        return days.one(days.shift(anchor, -count))
    if unit.startswith("week"):
        return days.week(anchor, count)
    if unit.startswith("month"):
        return days.months_back(anchor, count)
    return days.year(anchor.year - count)


def _back(offset: int) -> Resolver:
    def resolve(_match: re.Match[str], anchor: date | None) -> DateRange | None:
        return days.one(days.shift(anchor, -offset)) if anchor else None

    return resolve


def _overnight(_match: re.Match[str], anchor: date | None) -> DateRange | None:
    return days.between(days.shift(anchor, -1), anchor, DatePrecision.DAYS) if anchor else None


def _weekend(_match: re.Match[str], anchor: date | None) -> DateRange | None:
    return days.weekend(anchor) if anchor else None


def _unit(match: re.Match[str], anchor: date | None) -> DateRange | None:
    if not anchor:
        return None
    back = int(match["which"] in ("last", "previous", "past"))
    if match["unit"] == "week":
        return days.week(anchor, back)
    if match["unit"] == "month":
        return days.months_back(anchor, back)
    return days.year(anchor.year - back, anchor)


def _recent(_match: re.Match[str], anchor: date | None) -> DateRange | None:
    return days.between(days.shift(anchor, -3), anchor, DatePrecision.DAYS) if anchor else None


def _rule(pattern: str, resolve: Resolver) -> tuple[re.Pattern[str], Resolver]:
    return re.compile(rf"(?<!\w){pattern}(?!\w)"), resolve


_RULES = (
    _rule(rf"{_Y}-(?P<m>[01]\d)-(?P<d>[0-3]\d)", _iso),
    _rule(rf"{_MON} {_D} ?(?:-|to|and) ?{_D2}(?:,? {_Y})?", _stretch),
    _rule(rf"{_D} ?(?:-|to|and) ?{_D2} {_MON}(?:,? {_Y})?", _stretch),
    _rule(rf"{_MON} {_D}(?:,? {_Y})?(?! ?\d)", _full),
    _rule(rf"{_D}(?: of)? {_MON}(?:,? {_Y})?", _full),
    _rule(rf"(?:in|last|this|early|late|of) {_MON}(?:,? {_Y})?", _month),
    _rule(rf"{_MON},? {_Y}", _month),
    _rule(rf"(?P<overnight>overnight) (?:on |into )?{_DAY}", _weekday),
    _rule(rf"(?P<last>last) {_DAY}", _weekday),
    _rule(rf"{_DAY} (?P<week>of last week|last week)", _weekday),
    _rule(_DAY, _weekday),
    _rule(r"(?:the )?day before yesterday", _back(2)),
    _rule(r"(?:yesterday|last night)", _back(1)),
    _rule(r"(?:today|tonight|this (?:morning|afternoon|evening)|(?:earlier|later) today|at dawn today)", _back(0)),
    _rule(r"(?:over the|at the|this|last|the past) weekend", _weekend),
    _rule(r"overnight", _overnight),
    _rule(rf"(?P<n>{NUMBER}|a) (?P<unit>days?|weeks?|months?|years?) (?:ago|earlier)", _ago),
    _rule(rf"(?P<n>{NUMBER}) (?P<unit>years?) on(?=,|:|\.|$| since\b| from\b)", _ago),
    _rule(r"(?:in )?(?:recent|the past few|the last few) days", _recent),
    _rule(r"(?:(?:earlier|later) )?(?P<which>this|last|previous) (?P<unit>week|month|year)", _unit),
    _rule(rf"(?:in|of) {_Y}", _year),
    _rule(rf"{_Y}(?= (?:[a-z-]+ ){{0,2}}{_ACT})", _year),
)
