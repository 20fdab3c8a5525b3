"""Holidays by which news dates what happened: "on Christmas Eve", "the Fourth of July shooting"."""

from collections.abc import Callable
from datetime import date, timedelta

from services.classifier.when import days

_FIXED = {
    "new year's day": (1, 1),
    "valentine's day": (2, 14),
    "st. patrick's day": (3, 17),
    "cinco de mayo": (5, 5),
    "fourth of july": (7, 4),
    "independence day": (7, 4),
    "halloween": (10, 31),
    "veterans day": (11, 11),
    "christmas eve": (12, 24),
    "christmas day": (12, 25),
    "boxing day": (12, 26),
    "new year's eve": (12, 31),
}
#: Days that move, by month, weekday and which of the month.
_MOVING = {
    "martin luther king jr. day": (1, "monday", 3),
    "presidents day": (2, "monday", 3),
    "mother's day": (5, "sunday", 2),
    "memorial day": (5, "monday", -1),
    "father's day": (6, "sunday", 3),
    "labor day": (9, "monday", 1),
    "columbus day": (10, "monday", 2),
    "thanksgiving day": (11, "thursday", 4),
    "thanksgiving": (11, "thursday", 4),
}
_BY_EASTER = {"good friday": -2, "holy saturday": -1, "easter sunday": 0, "easter monday": 1}
#: Other spellings, and the names that stand for them.
_OTHER = {"4th of july": "fourth of july", "july fourth": "fourth of july", "mlk day": "martin luther king jr. day"}

#: Names that other countries have for other days: they date news only soon after the American day.
_OTHERS_HAVE = frozenset({"independence day", "labor day", "mother's day", "father's day"})
_SOON = timedelta(days=8)

_NAMES = (*_FIXED, *_MOVING, *_BY_EASTER, *_OTHER)
#: Pattern of a holiday's name in lower case, the longer names first.
PATTERN = "|".join(sorted(_NAMES, key=len, reverse=True)).replace(".", r"\.?")
#: Pattern of what is in every one of them, quick to look for.
MARK = "day|s eve|mayo|july|halloween|thanksgiving"


def day(name: str, year: int | None, anchor: date | None) -> date | None:
    """Return the holiday of that year, else the latest on or before `anchor`; None when neither is known."""
    plain = name if name in _NAMES else name.replace("st ", "st. ").replace("jr ", "jr. ")
    in_year = _of_year(_OTHER.get(plain, plain))
    if year is not None:
        return in_year(year)
    if anchor is None:
        return None
    both = (in_year(anchor.year), in_year(max(anchor.year - 1, 1)))
    latest = next((d for d in both if d.toordinal() <= anchor.toordinal() + 1), None)
    return latest if latest and (plain not in _OTHERS_HAVE or anchor - latest <= _SOON) else None


def _of_year(name: str) -> Callable[[int], date]:
    if name in _FIXED:
        number, day_ = _FIXED[name]
        return lambda year: date(year, number, day_)
    if name in _MOVING:
        month, weekday, nth = _MOVING[name]
        return lambda year: days.nth_weekday(year, month, weekday, nth)
    return lambda year: days.easter(year) + timedelta(days=_BY_EASTER[name])
