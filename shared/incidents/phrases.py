"""Days, places and tolls as phrases of a sentence. What is unknown is no phrase, and never a zero."""

import calendar
from collections.abc import Sequence
from datetime import date

from shared import countries
from shared.domain.event import DateRange, Place, Toll
from shared.domain.vocabulary import DatePrecision, PlacePrecision
from shared.incidents.wording import ROLES

#: Longest name that fits a sentence, in characters.
NAME_CHARS = 80


def said(name: str | None) -> str:
    """Return a name as a sentence can hold it: on one line; nothing when it is none, or too long for one."""
    plain = " ".join((name or "").split())
    return plain if len(plain) <= NAME_CHARS else ""


def listed(things: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return " and ".join(part for part in (", ".join(things[:-1]), *things[-1:]) if part)


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


def where(place: Place | None) -> str:
    """Return "in Goma, North Kivu, the Democratic Republic of the Congo"; nothing when unknown."""
    if place is None:
        return ""
    names = [said(one) for one in (place.name, place.city, place.admin1)]
    country = countries.in_a_sentence(place.country)
    different: dict[str, str] = {}
    for one in (*names, country):
        if one:
            different.setdefault(one.casefold().removeprefix("the "), one)
    if country:  # as the sentence needs it, not as the article spells it: "in the Philippines"
        different[country.casefold().removeprefix("the ")] = country
    at = "at" if place.precision is PlacePrecision.FACILITY and names[0] else "in"
    return f"{at} {', '.join(different.values())}" if different else ""


def count(toll: Toll) -> tuple[str, bool] | None:
    """Return how many as words, "2 to 5", and whether that is more than one. None where only roles are told."""
    low, best, high = toll.min, toll.best, toll.max
    likely = f" (most likely {best:,})" if best is not None else ""
    if low is not None and low == high:
        return f"{low:,}", low != 1
    if low is not None and high is not None:
        return f"{low:,} to {high:,}{likely}", True
    if low is not None:
        return f"at least {low:,}{likely if best != low else ''}", low != 1
    if high is not None:
        return f"up to {high:,}{likely if best != high else ''}", high != 1
    return None if best is None else (f"{best:,}", best != 1)


def roles(toll: Toll) -> str:
    """Return "2 civilians and 1 child": who was, where nobody tells how many in all."""
    return listed([f"{n:,} {ROLES[role][n != 1]}" for role, n in toll.by_role.items() if n])


def nobody(toll: Toll | None) -> bool:
    """Return whether it is told that nobody was."""
    return toll is not None and toll.max == 0


def range_of(toll: Toll) -> str:
    """Return how many in few words: "2 to 5", "at least 3"; nothing where only roles are told."""
    found = count(toll.model_copy(update={"best": None}) if (toll.min, toll.max) != (None, None) else toll)
    return found[0] if found else ""
