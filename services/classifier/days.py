"""Days, weeks and months counted back from the day of publication."""

import calendar
from datetime import date, timedelta

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


def one(day: date) -> DateRange:
    """Return the range of a single day."""
    return DateRange(start=day, end=day, precision=DatePrecision.DAY)


def between(start: date, end: date, precision: DatePrecision) -> DateRange | None:
    """Return the range, or None when it runs backwards."""
    return DateRange(start=start, end=end, precision=precision) if start <= end else None


def shift(day: date, days: int) -> date:
    """Return `day` moved by `days`, held inside the calendar."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def weekday(anchor: date, name: str, *, last: bool = False) -> date:
    """Return the latest such day on or before `anchor`; with `last`, that day of the calendar week before."""
    wanted = WEEKDAYS.index(name)
    if last:
        return shift(anchor, -anchor.weekday() - _WEEK + wanted)
    return shift(anchor, -((anchor.weekday() - wanted) % _WEEK))


def week(anchor: date, back: int) -> DateRange:
    """Return the calendar week, Monday to Sunday, `back` weeks before; the current one ends at `anchor`."""
    monday = shift(anchor, -anchor.weekday() - _WEEK * back)
    return DateRange(
        start=monday, end=shift(monday, _SUNDAY) if back else max(anchor, monday), precision=DatePrecision.WEEK
    )


def weekend(anchor: date) -> DateRange:
    """Return the latest Saturday and Sunday that have begun."""
    saturday = weekday(anchor, "saturday")
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
    return between(date(anchor_year, 1, 1), min(last, end) if end else last, DatePrecision.YEAR)


def past(anchor: date, number: int, day: int) -> date | None:
    """Return the latest such day of the year on or before `anchor`, a day's grace given for time zones."""
    for candidate in (anchor.year, anchor.year - 1):
        found = exact(candidate, number, day)
        if found and found <= anchor + timedelta(days=1):
            return found
    return None


def exact(year_: int, number: int, day: int) -> date | None:
    """Return the day, or None when there is no such day."""
    try:
        return date(year_, number, day)
    except ValueError:
        return None
