"""Days, weeks and months counted from the day of publication."""

import calendar
from datetime import date

from shared.domain.event import DateRange
from shared.domain.vocabulary import DatePrecision

WEEKDAYS = tuple(day.lower() for day in calendar.day_name)
MONTHS = (
    {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
    | {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
    | {"sept": 9}
)

_WEEK = 7
_SUNDAY = 6
#: A day without year is the next one when that comes within so many days and the latest lies further back than these.
_AT_HAND, _FAR = 62, 300
#: Years of two digits, without a day of publication: 29 is 2029, 30 is 1930.
_CENTURY_TURNS = 30


def one(day: date) -> DateRange:
    """Return the range of a single day."""
    return DateRange(start=day, end=day, precision=DatePrecision.DAY)


def between(start: date, end: date, precision: DatePrecision) -> DateRange | None:
    """Return the range, or None when it runs backwards."""
    return DateRange(start=start, end=end, precision=precision) if start <= end else None


def shift(day: date, days: int) -> date:
    """Return `day` moved by `days`, held inside the calendar."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def weekday(anchor: date, name: str, *, last: bool = False, ahead: bool = False) -> date:
    """Return the latest such day on or before `anchor`; with `last`, that day of the calendar week before.

    With `ahead`, the first such day on or after `anchor`.
    """
    wanted = WEEKDAYS.index(name)
    if last:
        return shift(anchor, -anchor.weekday() - _WEEK + wanted)
    if ahead:
        return shift(anchor, (wanted - anchor.weekday()) % _WEEK)
    return shift(anchor, -((anchor.weekday() - wanted) % _WEEK))


def week(anchor: date, back: int) -> DateRange:
    """Return the calendar week, Monday to Sunday, `back` weeks before; the current one ends at `anchor`."""
    monday = shift(anchor, -anchor.weekday() - _WEEK * back)
    return DateRange(
        start=monday, end=shift(monday, _SUNDAY) if back else max(anchor, monday), precision=DatePrecision.WEEK
    )


def weekend(anchor: date, *, before: bool = False) -> DateRange:
    """Return the latest Saturday and Sunday that have begun; with `before`, the latest that are over."""
    saturday = weekday(anchor, "saturday")
    if before and shift(saturday, 1) >= anchor:
        saturday = shift(saturday, -_WEEK)
    return DateRange(start=saturday, end=shift(saturday, 1), precision=DatePrecision.DAYS)


def month(year: int, number: int) -> DateRange | None:
    """Return a whole month, or None outside the calendar."""
    if not date.min.year <= year <= date.max.year:
        return None
    last = calendar.monthrange(year, number)[1]
    return DateRange(start=date(year, number, 1), end=date(year, number, last), precision=DatePrecision.MONTH)


def months_back(anchor: date, back: int) -> DateRange | None:
    """Return the month `back` months before; the current one ends at `anchor`."""
    whole = month(*_counted(anchor, back))
    return between(whole.start, anchor, DatePrecision.MONTH) if whole and not back else whole


def _counted(anchor: date, back: int) -> tuple[int, int]:
    years, month0 = divmod(anchor.year * 12 + anchor.month - 1 - back, 12)
    return years, month0 + 1


def year(anchor_year: int, end: date | None = None) -> DateRange | None:
    """Return a whole year, cut at `end` when that lies in it."""
    if not date.min.year <= anchor_year <= date.max.year:
        return None
    last = date(anchor_year, 12, 31)
    cut = end and end.year == anchor_year
    return DateRange(start=date(anchor_year, 1, 1), end=end if cut and end else last, precision=DatePrecision.YEAR)


def past(anchor: date, number: int, day: int) -> date | None:
    """Return the latest such day of the year on or before `anchor`, a day's grace given for time zones."""
    for candidate in (anchor.year + 1, anchor.year, anchor.year - 1):
        found = exact(candidate, number, day)
        if found and found.toordinal() <= anchor.toordinal() + 1:
            return found
    return None


def near(anchor: date, number: int, day: int) -> date | None:
    """Return the latest such day on or before `anchor`; the next one when that is at hand and the latest is far.

    News writes the year of a day that lies ten months back.
    """
    before, after = past(anchor, number, day), coming(anchor, number, day)
    if before and after and (after - anchor).days <= _AT_HAND and (anchor - before).days > _FAR:
        return after
    return before


def coming(anchor: date, number: int, day: int) -> date | None:
    """Return the first such day of the year on or after `anchor`."""
    for candidate in (anchor.year, anchor.year + 1):
        found = exact(candidate, number, day)
        if found and found >= anchor:
            return found
    return None


def full_year(digits: str, anchor: date | None) -> int:
    """Return the year that two digits stand for: the one nearest to `anchor`."""
    short = int(digits)
    if anchor is None:
        return short + (2000 if short < _CENTURY_TURNS else 1900)
    century = anchor.year - anchor.year % 100
    return min((century + short - 100, century + short, century + short + 100), key=lambda y: abs(y - anchor.year))


def exact(year_: int, number: int, day: int) -> date | None:
    """Return the day, or None when there is no such day."""
    try:
        return date(year_, number, day)
    except ValueError:
        return None


def easter(year_: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (the anonymous algorithm; Meeus 1991, chapter 8)."""
    century, rest = divmod(year_, 100)
    golden = year_ % 19
    skipped = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - skipped + 15) % 30
    step = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * step) // 451
    number, day0 = divmod(epact + step - 7 * late + 114, 31)
    return date(year_, number, day0 + 1)


def nth_weekday(year_: int, number: int, name: str, nth: int) -> date:
    """Return the nth such weekday of a month, counted from its end when `nth` is negative."""
    first, length = calendar.monthrange(year_, number)
    offset = (WEEKDAYS.index(name) - first) % _WEEK + 1
    found = range(offset, length + 1, _WEEK)
    return date(year_, number, found[nth - 1 if nth > 0 else nth])
