"""What searches read of a summary: the happening, not its days, nor who tells it."""

import calendar
import re
from datetime import date

import pytest

from shared.domain.event import DateRange
from shared.domain.incident import Incident
from shared.domain.vocabulary import DatePrecision
from shared.incidents.days import days, undated
from shared.incidents.fold import fold, worded
from tests import examples
from tests.generated import incident


def told(**fields: object) -> Incident:
    """An incident of three dead in Goma, with some fields of its own, in words."""
    report = examples.report(told=examples.event(killed=examples.toll(3)))
    return worded(fold("TCN-0000000001", [report]).model_copy(update=fields))


def test_the_happening_stays_and_who_tells_it_when_goes() -> None:
    shown = told(claimed_by="M23")
    assert "3 March 2026" in shown.summary
    assert "One report" in shown.summary
    left = undated(shown)
    assert left.startswith("3 people were killed in a bombing in Goma")
    assert left.endswith("; M23 claimed responsibility.")
    assert not re.search(r"2026|March|report|publish|tells", left)


@pytest.mark.parametrize(
    ("start", "end", "precision"),
    [
        (date(2026, 3, 3), date(2026, 3, 3), DatePrecision.DAY),
        (date(2026, 2, 27), date(2026, 3, 5), DatePrecision.WEEK),
        (date(2026, 3, 1), date(2026, 3, 31), DatePrecision.MONTH),
        (date(2026, 1, 1), date(2026, 12, 31), DatePrecision.YEAR),
        (date(2025, 12, 30), date(2026, 1, 2), DatePrecision.WEEK),
    ],
)
def test_days_of_every_precision_go(start: date, end: date, precision: DatePrecision) -> None:
    span = DateRange(start=start, end=end, precision=precision)
    shown = told(date=span, first_published=date(2026, 3, 1), last_published=date(2026, 3, 9), reports=1200)
    assert days(span) in shown.summary
    assert not re.search(r"202[56]|March|February|1,200", undated(shown))


def test_a_march_and_may_in_names_stay() -> None:
    place = examples.GOMA.model_copy(update={"name": "March", "city": "March"})
    assert "in March" in undated(told(place=place))


@pytest.mark.parametrize("seed", range(60))
def test_no_incident_keeps_a_month_that_no_name_of_it_has(seed: int) -> None:
    shown = worded(incident(seed).model_copy(update={"title": ""}))
    names = " ".join(
        [shown.claimed_by or "", *(one.name for one in shown.actors), *shown.sites]
        + ([shown.place.name, shown.place.city or "", shown.place.admin1 or ""] if shown.place else [])
    )
    months = [one for one in calendar.month_name[1:] if re.search(rf"\b{one}\b", undated(shown)) and one not in names]
    assert months == []


def test_a_withdrawn_incident_and_one_without_a_summary_are_no_error() -> None:
    assert undated(told().model_copy(update={"summary": ""})) == ""
    assert "no report of it is left" in undated(told(reports=0)).lower()
