"""The day that a story's dates are counted from: that of its publication, unless it cannot be right."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from services.classifier.sentences import Sentence
from services.classifier.when import dates
from shared.domain.vocabulary import DatePrecision

#: Publication dates before this are mistakes of the page.
_EARLIEST = date(1800, 1, 1)
#: How far clocks and time zones may put publication ahead of us.
_GRACE = timedelta(days=2)
#: A story that tells what was done so long after its publication was not published then.
_FORESIGHT = timedelta(days=366)
#: What may come with any date: elections, trials and notes on the page.
_UNTOLD = re.compile(
    r"\b(?:modified|accessed|retrieved|updated|copyright|scheduled|due|elections?|trial|term|expires?|opens?)\b"
)
_YEAR = re.compile(r"\b[12]\d{3}\b")


def trusted(published: date | None, sentences: Sequence[Sentence], today: date) -> date | None:
    """Return the day of publication; None where it is missing or wrong: "Thursday" is then no day.

    Wrong is a day to come, one before `_EARLIEST`, and one long before days that the story tells as gone by.
    """
    if published is None or not _EARLIEST <= published <= today + _GRACE:
        return None
    return None if any(_told_after(s.lower, published, today) for s in sentences) else published


def _told_after(lower: str, published: date, today: date) -> bool:
    if not any(int(year) > published.year for year in _YEAR.findall(lower)):
        return False
    if _UNTOLD.search(lower):
        return False
    exact = (w for w in dates.find(lower, None) if w.range.precision is DatePrecision.DAY)
    return any(published + _FORESIGHT < w.range.start <= today and not dates.to_come(lower, w.start) for w in exact)
