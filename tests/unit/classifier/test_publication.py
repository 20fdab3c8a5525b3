"""What a story's days are counted from: a publication known to the day, and no other."""

import pytest

from services.classifier.classify import classify
from services.classifier.models import Models
from shared.domain.article import Published
from shared.domain.event import DateRange

TITLE = "Car bomb kills six in Karachi"
TEXT = "A car bomb exploded outside a bank in Karachi on Monday, killing six people, police said."


def dated(models: Models, precision: str, value: str = "2022-01-01") -> DateRange | None:
    published = Published(value=value, precision=precision, source="input")
    return classify(TITLE, TEXT, published, "en", models=models).events[0].date


@pytest.mark.parametrize("precision", ["year", "month"])
def test_nothing_is_counted_back_from_a_month_or_a_year(models: Models, precision: str) -> None:
    assert dated(models, precision) is None


@pytest.mark.parametrize(("precision", "value"), [("day", "2022-01-01"), ("minute", "2022-01-01T09:00:00+05:00")])
def test_a_weekday_is_counted_back_from_a_day(models: Models, precision: str, value: str) -> None:
    date = dated(models, precision, value)
    assert date
    assert (str(date.start), str(date.end)) == ("2021-12-27", "2021-12-27")


@pytest.mark.parametrize("precision", ["year", "month", "day", "second"])
def test_the_day_is_exact_or_none(precision: str) -> None:
    published = Published(value="2022-01-01", precision=precision, source="meta")
    assert (published.exact_day == published.day) == (precision in ("day", "second"))
    assert (published.exact_day is None) == (precision in ("year", "month"))
