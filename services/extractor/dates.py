"""Publication dates as markup writes them."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from htmldate import find_date
from lxml import html

from services.extractor import urls
from shared.domain.article import Published

_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d|\d{8}(?!\d))"
    r"(?:(?:T|\s+)(\d\d?:\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?)?",
    re.IGNORECASE,
)
_FIRST_YEAR = 1990  # news pages are younger than the web; older values are defaults of a database
_WARM_UP = "<html><body><p>Published on the 3rd day of March, in the year 2021, they say: 3. Mar 2021</p></body></html>"


def published(value: str, source: str) -> Published | None:
    """Read a date of markup, ISO 8601 or as in mail headers. None when it is neither, or no plausible day.

    Midnight to the second is how software writes "some time on this day", so it counts as a day.
    """
    match = _ISO.match(value.strip())
    if not match:
        return _from_mail(value, source)
    day, time, second, zone = match.groups()
    day = day if "-" in day else f"{day[:4]}-{day[4:6]}-{day[6:]}"
    offset = "+00:00" if zone and zone.upper() in ("Z", "UTC", "GMT") else _with_colon(zone or "")
    return _moment(day, f"{time.zfill(5)}:{second or '00'}{offset}" if time else "", source)


def from_page(tree: html.HtmlElement, url: str, times: Iterable[str] = ()) -> Published | None:
    """Search the visible page and its URL for the day of publication (htmldate). The tree is not changed.

    `times` are moments that stand on the page; one on the day that was found tells the time of day.
    """
    # A tree, never a string: htmldate downloads a string that looks like a URL.
    found = find_date(tree, url=url, original_date=True)
    day = _moment(found, "", "html") if found else None
    finer = (moment for value in times if (moment := published(value, "html")) and day and moment.day == day.day)
    return next(finer, day)


def by_own_clock(stated: Published, url: str) -> Published:
    """Mend a moment given in UTC whose day the URL contradicts by one: in New York the evening is UTC's tomorrow.

    The day is what a story's "today" and "Thursday" are counted from, so it is worth more than the lost time of day.
    """
    moment, day = datetime.fromisoformat(stated.value), urls.day_in(url)
    if day is None or moment.utcoffset() != timedelta(0) or abs((moment.date() - day).days) != 1:
        return stated
    return Published(value=day.isoformat(), precision="day", source=stated.source)


def warm_up() -> None:
    """Load what htmldate loads at its first hard page (0.5 s), so that it happens before the processes fork."""
    find_date(html.fromstring(_WARM_UP))


def _from_mail(value: str, source: str) -> Published | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return _moment(moment.date().isoformat(), moment.timetz().isoformat(timespec="seconds"), source)


def _moment(day: str, time: str, source: str) -> Published | None:
    try:
        moment = datetime.fromisoformat(f"{day}T{time}" if time else day)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        plausible = moment.year >= _FIRST_YEAR and aware <= datetime.now(UTC) + timedelta(days=2)
    except (ValueError, OverflowError):
        return None
    if not plausible:
        return None
    if time[:8] in ("", "00:00:00"):
        return Published(value=day, precision="day", source=source)
    precision = "second" if moment.second else "minute"
    return Published(value=moment.isoformat(timespec="seconds"), precision=precision, source=source)


def _with_colon(zone: str) -> str:
    digits = zone.replace(":", "")
    return f"{digits[:3]}:{digits[3:] or '00'}" if digits else ""
