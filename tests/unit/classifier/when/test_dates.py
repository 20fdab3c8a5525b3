"""News time, counted back from the day of publication."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.when import dates, days
from shared.domain.vocabulary import DatePrecision

#: A Thursday.
ANCHOR = date(2022, 3, 17)


@pytest.mark.parametrize(
    ("phrase", "start", "end", "precision"),
    [
        ("on thursday", "2022-03-17", "2022-03-17", "day"),
        ("on wednesday evening", "2022-03-16", "2022-03-16", "day"),
        ("on friday", "2022-03-11", "2022-03-11", "day"),
        ("last wednesday", "2022-03-09", "2022-03-09", "day"),
        ("last friday", "2022-03-11", "2022-03-11", "day"),
        ("tuesday of last week", "2022-03-08", "2022-03-08", "day"),
        ("today", "2022-03-17", "2022-03-17", "day"),
        ("this evening", "2022-03-17", "2022-03-17", "day"),
        ("yesterday", "2022-03-16", "2022-03-16", "day"),
        ("last night", "2022-03-16", "2022-03-16", "day"),
        ("the day before yesterday", "2022-03-15", "2022-03-15", "day"),
        ("overnight", "2022-03-16", "2022-03-17", "days"),
        ("overnight saturday", "2022-03-12", "2022-03-13", "days"),
        ("over the weekend", "2022-03-12", "2022-03-13", "days"),
        ("in recent days", "2022-03-14", "2022-03-17", "days"),
        ("this week", "2022-03-14", "2022-03-17", "week"),
        ("last week", "2022-03-07", "2022-03-13", "week"),
        ("earlier this month", "2022-03-01", "2022-03-17", "month"),
        ("last month", "2022-02-01", "2022-02-28", "month"),
        ("last year", "2021-01-01", "2021-12-31", "year"),
        ("13 march", "2022-03-13", "2022-03-13", "day"),
        ("march 13th, 2020", "2020-03-13", "2020-03-13", "day"),
        ("dec. 24", "2021-12-24", "2021-12-24", "day"),
        ("july 5-6", "2021-07-05", "2021-07-06", "days"),
        ("5 to 6 july 2020", "2020-07-05", "2020-07-06", "days"),
        ("2022-03-02", "2022-03-02", "2022-03-02", "day"),
        ("three days ago", "2022-03-14", "2022-03-14", "day"),
        ("two weeks ago", "2022-02-28", "2022-03-06", "week"),
        ("a month earlier", "2022-02-01", "2022-02-28", "month"),
        ("in november", "2021-11-01", "2021-11-30", "month"),
        ("november 2019", "2019-11-01", "2019-11-30", "month"),
        ("in 2019", "2019-01-01", "2019-12-31", "year"),
    ],
)
def test_a_phrase_means_its_days(phrase: str, start: str, end: str, precision: str) -> None:
    (found,) = dates.find(f"the depot was shelled {phrase}.", ANCHOR)
    assert (found.range.start.isoformat(), found.range.end.isoformat()) == (start, end)
    assert found.range.precision is DatePrecision(precision)


@pytest.mark.parametrize(
    "sentence",
    [
        "on the second anniversary of the 3 march killing",
        "the march 3 anniversary of the siege",
        "the trial opens next monday",
        "the truce holds until friday",
        "he has led the group since 2019",
        "born on 5 may 1980",
        "31 february was no day",
        "there were 12 shells and 40 houses",
    ],
)
def test_what_is_no_date_of_an_act_is_left_out(sentence: str) -> None:
    assert dates.find(sentence, ANCHOR) == ()


def test_without_publication_only_years_resolve() -> None:
    assert dates.find("on thursday, yesterday, 13 march, last week and in november", None) == ()
    (found,) = dates.find("on 13 march 2021", None)
    assert found.range.start == date(2021, 3, 13)


def test_the_day_of_a_statement_is_marked() -> None:
    shelled, spoken = dates.find("the depot was shelled on monday, the ministry said on tuesday", ANCHOR)
    assert (shelled.spoken, spoken.spoken) == (False, True)


def test_dates_come_in_order_and_do_not_overlap() -> None:
    found = dates.find("on monday, last friday, 3 march and 2-3 january 2021", ANCHOR)
    assert [w.start for w in found] == sorted(w.start for w in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@given(anchor=st.dates(), name=st.sampled_from(days.WEEKDAYS))
def test_a_weekday_is_never_ahead(anchor: date, name: str) -> None:
    day = days.weekday(anchor, name)
    assert day <= anchor or anchor.toordinal() < 7
    assert (anchor - day).days < 7


@given(
    anchor=st.none() | st.dates(),
    told=st.none() | st.dates(),
    text=st.text(alphabet="0123456789 abcdefgmonthyrjulast-,.", max_size=60),
)
def test_any_text_on_any_day_resolves_or_not(anchor: date | None, told: date | None, text: str) -> None:
    words = " 99 years ago last week 31 april 9999 last december next day nine weeks later good friday"
    for when in dates.find(text + words, anchor, told):
        assert when.range.start <= when.range.end


@pytest.mark.parametrize(
    ("phrase", "year"),
    [
        ("thirty years on, the town remembers", 1992),
        ("jailed over the 2015 grenade attack", 2015),
        ("the 1998 bombing", 1998),
    ],
)
def test_a_year_that_dates_a_remembered_act(phrase: str, year: int) -> None:
    (found,) = dates.find(phrase, ANCHOR)
    assert (found.range.start.year, found.range.precision) == (year, DatePrecision.YEAR)


@pytest.mark.parametrize("phrase", ["2015 people were attacked", "ten years on the run", "a 1998 model"])
def test_other_numbers_are_no_years(phrase: str) -> None:
    assert dates.find(phrase, ANCHOR) == ()
