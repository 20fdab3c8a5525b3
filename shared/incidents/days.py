"""Days as phrases of a sentence, and a summary without them. It needs no table of countries, as other phrases do."""

import calendar
import re
from datetime import date

from shared.domain.event import DateRange
from shared.domain.incident import Incident
from shared.domain.vocabulary import DatePrecision

#: Who tells it, as the second sentence begins.
_TELLING = re.compile(r"(?:[0-9,]+ reports|One report)\b.*? tells? of it\b")


def day(value: date) -> str:
    """Return "3 March 2026"."""
    return f"{value.day} {calendar.month_name[value.month]} {value.year}"


def days(value: DateRange | None) -> str:
    """Return "on 3 March 2026", "in March 2026", "between 28 February and 3 March 2026"; nothing when unknown."""
    if value is None:
        return ""
    start, end = value.start, value.end
    if start != end and value.precision is DatePrecision.MONTH and _whole_month(start, end):
        return f"in {calendar.month_name[start.month]} {start.year}"
    if value.precision is DatePrecision.YEAR and (start, end) == (date(start.year, 1, 1), date(start.year, 12, 31)):
        return f"in {start.year}"
    return between(start, end)


def _whole_month(start: date, end: date) -> bool:
    last = calendar.monthrange(start.year, start.month)[1]
    return (start, end) == (start.replace(day=1), start.replace(day=last))


def between(start: date, end: date) -> str:
    """Return "on 3 March 2026" or "between 28 February and 3 March 2026"."""
    if start == end:
        return f"on {day(start)}"
    month = calendar.month_name[start.month]
    if start.year != end.year:
        return f"between {day(start)} and {day(end)}"
    return f"between {start.day if start.month == end.month else f'{start.day} {month}'} and {day(end)}"


def undated(incident: Incident) -> str:
    """Return what a summary says of the happening: neither its days nor who reports it, when.

    It is what searches read. Who asks for a protest march does not mean what happened in March, nor does every
    incident that is reported concern who asks for reports.
    """
    first, last = incident.first_published, incident.last_published
    text = incident.summary
    for phrase in (days(incident.date), between(min(first, last), max(first, last)) if first and last else ""):
        text = text.replace(phrase, "") if phrase else text
    return " ".join(_TELLING.sub("", text).split())
