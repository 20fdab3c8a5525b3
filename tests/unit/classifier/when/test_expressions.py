"""Expressions of time beside those that date an act by themselves, and what the words around make of them."""

import re
from datetime import date

import pytest

from services.classifier.when import dates, days, feasts
from shared.domain.vocabulary import DatePrecision

#: A Thursday.
ANCHOR = date(2022, 3, 17)
TOLD = date(2022, 3, 11)


@pytest.mark.parametrize("month", [m for m in days.MONTHS if m != "sept"])
def test_every_month_is_read_in_a_full_date(month: str) -> None:
    (found,) = dates.find(f"shells fell on the depot on 2 {month} 2019, killing two.", None)
    assert found.range == days.one(date(2019, days.MONTHS[month], 2))


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("the next day", date(2022, 3, 12)),
        ("the day before", date(2022, 3, 10)),
        ("the same day", TOLD),
        ("two days later", date(2022, 3, 13)),
        ("a week earlier", date(2022, 3, 4)),
    ],
)
def test_a_day_beside_another_is_counted_from_it(phrase: str, expected: date) -> None:
    lower = f"the depot was shelled {phrase}."
    (found,) = dates.find(lower, ANCHOR, TOLD)
    assert found.range == days.one(expected)
    assert all(w.range != found.range for w in dates.find(lower, ANCHOR))


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("on christmas eve", date(2021, 12, 24)),
        ("on easter monday", date(2021, 4, 5)),
        ("on good friday 2020", date(2020, 4, 10)),
        ("on memorial day", date(2021, 5, 31)),
        ("on mlk day", date(2022, 1, 17)),
        ("on the 4th of july 2020", date(2020, 7, 4)),
        ("on thanksgiving", date(2021, 11, 25)),
    ],
)
def test_a_feast_is_its_day_of_the_year(phrase: str, expected: date) -> None:
    (found,) = dates.find(f"the depot was shelled {phrase}.", ANCHOR)
    assert found.range == days.one(expected)


@pytest.mark.parametrize(("anchor", "found"), [(date(2025, 7, 8), 1), (date(2025, 10, 2), 0)])
def test_a_day_that_others_keep_at_another_time_dates_only_what_was_just_now(anchor: date, found: int) -> None:
    assert len(dates.find("gunmen struck on independence day.", anchor)) == found


def test_a_feast_without_year_or_publication_is_unknown() -> None:
    assert not dates.read("the depot was shelled on christmas eve.", None)


def test_what_is_to_come_lies_ahead() -> None:
    (found,) = dates.find("the two sides will meet on monday.", ANCHOR)
    assert found.range == days.one(date(2022, 3, 21))
    assert found.ahead


@pytest.mark.parametrize(
    "lower",
    [
        "the depot must be cleared by 20 march.",
        "it was the 12 march 2019 anniversary of the shelling.",
        "the budget of 2019 was cut; a 2018 paper says so.",
        "he was born on 4 july 1980.",
    ],
)
def test_what_dates_no_act_is_read_but_not_offered(lower: str) -> None:
    asides = [w for w in dates.read(lower, ANCHOR) if w.aside]
    assert asides
    assert not set(asides) & set(dates.find(lower, ANCHOR))


def test_a_dateline_is_the_time_of_the_report() -> None:
    line, act = dates.find("geneva, 12 march (wire) -- the depot was shelled on 10 march.", ANCHOR)
    assert (line.range, line.spoken) == (days.one(date(2022, 3, 12)), True)
    assert (act.range, act.spoken) == (days.one(date(2022, 3, 10)), False)


def test_two_days_that_bound_a_stretch_are_one() -> None:
    (found,) = dates.find("the depot was shelled late tuesday or early wednesday.", ANCHOR)
    assert (found.range.start, found.range.end) == (date(2022, 3, 15), date(2022, 3, 16))
    assert found.range.precision is DatePrecision.DAYS


def test_the_last_day_told_passes_over_statements_and_wide_dates() -> None:
    whens = dates.read("shelled on monday, police said on tuesday, after an attack in january.", ANCHOR)
    assert dates.last_day(whens, None) == date(2022, 3, 14)
    assert dates.last_day((), TOLD) == TOLD


@pytest.mark.parametrize("name", feasts.PATTERN.replace("\\.?", "").split("|"))
def test_every_feast_holds_what_is_looked_for_first(name: str) -> None:
    assert re.search(feasts.MARK, name)
