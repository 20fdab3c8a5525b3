"""The time expressions of news, each with what it means: patterns over lower-cased text and their resolvers.

A weekday is the latest such day on or before publication; "last Wednesday" is that day of the calendar week before.
Where the words around speak of what is to come, a weekday, day or month without year is the next one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from services.classifier.numbers import NUMBER, value
from services.classifier.when import days, feasts
from shared.domain.event import DateRange
from shared.domain.vocabulary import DatePrecision


@dataclass(frozen=True, slots=True)
class Now:
    """What an expression is counted from. `anchor`: day of publication; `told`: the last day told before it."""

    anchor: date | None
    told: date | None = None
    ahead: bool = False  #: whether the words around speak of what is to come


Resolver = Callable[[re.Match[str], Now], DateRange | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of expression. `form` names it for those who choose between dates."""

    form: str
    pattern: re.Pattern[str]
    resolve: Resolver


_DAY = "(?P<wd>" + "|".join(days.WEEKDAYS) + ")"
_MON = "(?P<mon>" + "|".join(sorted(days.MONTHS, key=len, reverse=True)) + r")\.?"
#: Names of months that are no other word: these may stand alone.
_SURE = "(?P<mon>" + "|".join(m for m in days.MONTHS if len(m) > len("sept") and m != "march") + "|june|july)"
_D = r"(?P<d>[0-3]?\d)(?:st|nd|rd|th)?"
_D2 = r"(?P<d2>[0-3]?\d)(?:st|nd|rd|th)?"
_Y = r"(?P<y>1[5-9]\d\d|20\d\d)"
_PART = r"(?:early |earlier |late |later |mid[- ]|(?:the )?(?:beginning|start|middle|end) of )"
_TO = r" ?(?:-|to|and|through|until) ?"
_COUNT = rf"(?P<n>{NUMBER}|an?)"
_UNIT = r"(?P<unit>days?|weeks?|months?|years?)"
_TIME = r"(?:early |late )?(?:morning|afternoon|evening|night)"

#: What a year before it dates: "the 2015 bombing".
_ACT = (
    r"(?:attacks?|bombings?|blasts?|explosions?|massacres?|shootings?|stabbings?|killings?|murders?|assassinations?"
    r"|kidnappings?|abductions?|siege|war|invasion|coup|uprising|genocide|riots?|protests?|raids?|clashes)\b"
)


def _full(match: re.Match[str], now: Now) -> DateRange | None:
    groups = match.groupdict()
    number, day = days.MONTHS[match["mon"]], int(match["d"])
    if groups.get("y") or groups.get("yy"):
        year = int(match["y"]) if groups.get("y") else days.full_year(match["yy"], now.anchor)
        found = days.exact(year, number, day)
    elif now.anchor is None:
        return None
    else:
        found = (days.coming if now.ahead else days.near)(now.anchor, number, day)
    return days.one(found) if found else None


def _numeric(match: re.Match[str], now: Now) -> DateRange | None:
    """Resolve 3/25/2016, the American order first."""
    first, second = int(match["a"]), int(match["b"])
    year = int(match["y"]) if match["y"] else days.full_year(match["yy"], now.anchor)
    found = days.exact(year, first, second) or days.exact(year, second, first)
    return days.one(found) if found else None


def _stretch(match: re.Match[str], now: Now) -> DateRange | None:
    first = _full(match, now)
    last = first and days.exact(first.start.year, first.start.month, int(match["d2"]))
    return days.between(first.start, last, DatePrecision.DAYS) if first and last else None


def _iso(match: re.Match[str], _now: Now) -> DateRange | None:
    found = days.exact(int(match["y"]), int(match["m"]), int(match["d"]))
    return days.one(found) if found else None


def _month(match: re.Match[str], now: Now) -> DateRange | None:
    number, groups, anchor = days.MONTHS[match["mon"]], match.groupdict(), now.anchor
    if groups.get("y"):
        return days.month(int(match["y"]), number)
    if not anchor:
        return None
    which = groups.get("which")
    if which in ("this", "last"):
        return days.month(anchor.year - (which == "last"), number)
    back = (anchor.month - number) % 12
    return days.months_back(anchor, back - 12 if now.ahead and back else back)


def _year(match: re.Match[str], now: Now) -> DateRange | None:
    return days.year(int(match["y"]), now.anchor)


def _weekday(match: re.Match[str], now: Now) -> DateRange | None:
    if not now.anchor:
        return None
    groups = match.groupdict()
    if groups.get("next"):
        return days.one(days.shift(days.weekday(now.anchor, match["wd"], last=True), 14))
    last = bool(groups.get("last") or groups.get("week"))
    day = days.weekday(now.anchor, match["wd"], last=last, ahead=now.ahead)
    if groups.get("overnight"):
        return days.between(day, days.shift(day, 1), DatePrecision.DAYS)
    return days.one(day)


def _ago(match: re.Match[str], now: Now) -> DateRange | None:
    return _back_from(now.anchor, match)


def _later(match: re.Match[str], now: Now) -> DateRange | None:
    """Resolve "two days later": counted from the day told before."""
    sign = 1 if match["side"] in ("later", "after") else -1
    count = value(match["n"])
    if now.told is None or count is None or not match["unit"].startswith(("day", "week")):
        return _back_from(now.anchor, match) if match["side"] == "earlier" else None
    return days.one(days.shift(now.told, sign * count * (7 if match["unit"].startswith("week") else 1)))


def _back_from(day: date | None, match: re.Match[str]) -> DateRange | None:
    count, unit = value(match["n"]), match["unit"]
    if day is None or count is None:
        return None
    if unit.startswith("day"):
        return days.one(days.shift(day, -count))
    if unit.startswith("week"):
        return days.week(day, count)
    if unit.startswith("month"):
        return days.months_back(day, count)
    return days.year(day.year - count)


def _back(offset: int) -> Resolver:
    def resolve(_match: re.Match[str], now: Now) -> DateRange | None:
        return days.one(days.shift(now.anchor, -offset)) if now.anchor else None

    return resolve


def _beside(offset: int) -> Resolver:
    def resolve(_match: re.Match[str], now: Now) -> DateRange | None:
        return days.one(days.shift(now.told, offset)) if now.told else None

    return resolve


def _until_now(first: int) -> Resolver:
    def resolve(_match: re.Match[str], now: Now) -> DateRange | None:
        return days.between(days.shift(now.anchor, -first), now.anchor, DatePrecision.DAYS) if now.anchor else None

    return resolve


def _past_days(match: re.Match[str], now: Now) -> DateRange | None:
    count = value(match["n"])
    return _until_now(count)(match, now) if count and count < 7 else None  # noqa: PLR2004 - longer is a stretch of time


def _weekend(match: re.Match[str], now: Now) -> DateRange | None:
    return days.weekend(now.anchor, before=match["which"] in ("last", "past", "previous")) if now.anchor else None


def _unit(match: re.Match[str], now: Now) -> DateRange | None:
    if not now.anchor:
        return None
    which = match["which"].split()[-1]
    back = {"last": 1, "previous": 1, "next": -1, "coming": -1}.get(which, 0)
    if match["unit"] == "week":
        return days.week(now.anchor, back)
    if match["unit"] == "month":
        return days.months_back(now.anchor, back)
    return days.year(now.anchor.year - back, now.anchor)


def _feast(match: re.Match[str], now: Now) -> DateRange | None:
    year = match["y"]
    if not year and not now.anchor:
        return None
    found = feasts.day(match["feast"], int(year) if year else None, now.anchor)
    return days.one(found) if found else None


def _september(_match: re.Match[str], _now: Now) -> DateRange | None:
    return days.one(date(2001, 9, 11))


def _rules(*rules: tuple[str, str, Resolver]) -> tuple[Rule, ...]:
    return tuple(Rule(form, re.compile(rf"(?<!\w){pattern}(?!\w)"), resolve) for form, pattern, resolve in rules)


def _has(words: str) -> re.Pattern[str]:
    return re.compile(words)


#: Rules by what a sentence must hold for any of them to be tried; among rules, the earlier wins.
FAMILIES: tuple[tuple[re.Pattern[str], tuple[Rule, ...]], ...] = (
    (
        _has("sept|9/11"),
        _rules(("history", (r"(?:9/11|sept(?:ember|\.)? 11(?:th)?(?:,? 2001)?"
                r"(?=,? (?:terror|attack|hijack)))"), _september)),
    ),
    (
        _has(r"\d[-/]\d"),
        _rules(
            ("full", rf"{_Y}-(?P<m>[01]\d)-(?P<d>[0-3]\d)(?:t[\d:.+z-]+)?", _iso),
            ("full", r"(?P<a>[0-3]?\d)/(?P<b>[0-3]?\d)/(?:(?P<y>20\d\d|19\d\d)|(?P<yy>\d\d))", _numeric),
        ),
    ),
    (
        _has(rf"(?:{'|'.join(sorted(days.MONTHS, key=len, reverse=True))})(?![a-z])"),
        _rules(
            ("exact", rf"{_MON} {_D}{_TO}{_D2}(?:,? {_Y})?", _stretch),
            ("exact", rf"{_D}{_TO}{_D2}(?: of)? {_MON}(?:,? {_Y})?", _stretch),
            ("full", (rf"(?:(?P<wd>{'|'.join(days.WEEKDAYS)})[ ,]+)?(?:the )?{_D}(?: of)? {_MON},?"
             rf" '?(?P<yy>\d\d)(?=\W*$|[,;)]| \(| -)"), _full),
            ("exact", rf"(?:{_DAY}(?: {_TIME})?[ ,]+)?{_MON} (?:the )?{_D}(?:,? {_Y})?(?! ?\d|:\d| [ap]\.?m)", _full),
            ("exact", rf"(?:{_DAY}(?: {_TIME})?[ ,]+)?(?:the )?{_D}(?: (?:day )?of)? {_MON}(?:,? {_Y})?", _full),
            ("month", rf"{_PART}?{_MON},? (?:of )?{_Y}", _month),
            ("month", rf"{_PART}?{_MON}(?: of)? (?P<which>this|last) year", _month),
            ("month", rf"(?:in |of |last |since |by |until |{_PART})(?:early |late |mid-)?{_MON}(?! \d)", _month),
            ("month", rf"this (?!may |march ){_MON}(?! \d)", _month),
            ("bare month", rf"{_SURE}(?! \d)", _month),
        ),
    ),
    (
        _has(feasts.MARK),
        _rules(("feast", rf"(?P<feast>{feasts.PATTERN})(?:,? {_Y})?", _feast)),
    ),
    (
        _has("day"),
        _rules(
            ("weekday", rf"(?P<overnight>overnight) (?:on |into )?{_DAY}", _weekday),
            ("weekday", rf"{_DAY} (?P<overnight>overnight)", _weekday),
            ("last weekday", rf"(?P<last>last|the previous) {_DAY}", _weekday),
            ("last weekday", rf"{_DAY}(?: {_TIME})? (?P<week>of last week|last week)", _weekday),
            ("next weekday", rf"(?P<next>next) {_DAY}", _weekday),
            ("weekday", _DAY, _weekday),
            ("today", r"(?:the )?day before yesterday", _back(2)),
            ("today", rf"yesterday(?: {_TIME})?", _back(1)),
            ("today", r"(?:(?:earlier|later|early|late|at dawn) )?today", _back(0)),
            ("beside", r"(?:the )?(?:next|following) day", _beside(1)),
            ("beside", r"(?:the )?(?:previous day|day before|day earlier)", _beside(-1)),
            ("beside", r"(?:that|the same) day", _beside(0)),
        ),
    ),
    (
        _has("night|morning|evening|afternoon|dawn|tomorrow|weekend"),
        _rules(
            ("today", r"(?:the night before last|two nights ago)", _back(2)),
            ("today", r"(?:late |early )?last (?:night|evening)", _back(1)),
            ("today", r"(?:early |late |later )?(?:tonight|this (?:morning|afternoon|evening))", _back(0)),
            ("next weekday", r"tomorrow", _back(-1)),
            ("overnight", r"overnight", _until_now(1)),
            ("beside", r"(?:the )?(?:next|following) (?:morning|night|evening|afternoon)", _beside(1)),
            ("beside", r"(?:that|the same) (?:morning|night|evening|afternoon)", _beside(0)),
            ("weekend", r"(?:over |during |at )?(?:(?:the )?(?P<which>this|last|past|previous)|the|a) weekend",
             _weekend),
        ),
    ),
    (
        _has("day|week|month|year|hour"),
        _rules(
            ("ago", rf"{_COUNT} {_UNIT}(?: or (?:so|more))? ago", _ago),
            ("beside", rf"{_COUNT} {_UNIT} (?P<side>later|earlier|after|before)(?=\W|$)", _later),
            ("ago", rf"(?P<n>{NUMBER}) (?P<unit>years?) on(?=,|:|\.|$| since\b| from\b)", _ago),
            ("recent", rf"(?:in |over |during |within )?the (?:past|last) {_COUNT} days", _past_days),
            ("recent", (r"(?:in |over |during |within )?(?:the )?(?:past|last)"
             r" (?:24 hours|few hours|several hours|day)"), _until_now(1)),
            ("recent", r"(?:in )?(?:recent|the past few|the last few) days", _until_now(3)),
            ("unit", (rf"(?:in )?{_PART}?(?:in )?(?P<which>(?:the )?"
             r"(?:this|last|previous|next|current|coming)) (?P<unit>week|month|year)"), _unit),
        ),
    ),
    (
        _has(r"(?:1[5-9]|20)\d\d"),
        _rules(
            ("year", rf"(?:in|of|during) (?:early |late |mid-)?{_Y}", _year),
            ("year", rf"{_Y}(?= (?:[a-z-]+ ){{0,2}}{_ACT})", _year),
            ("bare year", (rf"(?<![$£€#.,\d/-])(?:{_PART}|fiscal )?{_Y}"
             r"(?! (?:people|others|more|feet|points|block)\b|[-/.,]\d)"), _year),
        ),
    ),
)  # fmt: skip
