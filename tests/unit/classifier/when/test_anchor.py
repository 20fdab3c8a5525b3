"""Publication dates that are missing or wrong: nothing is counted from them, and nothing is raised."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier import models, sentences
from services.classifier.sentences import Sentence
from services.classifier.when.anchor import trusted
from shared.domain.coded import Coding
from tests.unit.classifier.conftest import Coder

TODAY = date(2024, 6, 1)
PUBLISHED = date(2019, 4, 30)
ATTACK = "Gunmen shot dead four guards at a depot in Segou on {}, police said."


def read(text: str) -> tuple[Sentence, ...]:
    return sentences.read("", text, models.load_rules().splitter)


def start(coding: Coding) -> date | None:
    """Return the first day of the first event, None when it has no date."""
    assert coding.relevant
    dated = coding.events[0].date
    return dated.start if dated else None


@pytest.mark.parametrize("day", [None, date(1492, 10, 12), date(2024, 6, 4), date(9999, 12, 31)])
def test_what_cannot_be_is_not_trusted(day: date | None) -> None:
    assert trusted(day, read("Rebels burned a bridge on Thursday."), TODAY) is None


@pytest.mark.parametrize("day", [date(1803, 7, 23), PUBLISHED, TODAY, date(2024, 6, 3)])
def test_what_can_be_is_trusted(day: date) -> None:
    assert trusted(day, read("Rebels burned a bridge on Thursday."), TODAY) == day


def test_a_story_does_not_know_of_a_day_years_after_it() -> None:
    assert trusted(PUBLISHED, read("Rebels burned a bridge on 12 May 2022. It fell on Friday."), TODAY) is None


@pytest.mark.parametrize(
    "text",
    [
        "Rebels burned a bridge on 12 May 2018.",
        "The trial of the bomber will begin on 12 May 2022.",
        "The truce holds until 12 May 2022.",
        "The talks, due to end on 12 May 2022, began on Sunday.",
        "The election of 2022 is far off.",
        "A misprint: he was shot on 12 May 2109.",
        "They signed on 12 January 2020.",
    ],
)
def test_what_is_told_of_years_to_come_does_not_count_against_it(text: str) -> None:
    assert trusted(PUBLISHED, read(text), TODAY) == PUBLISHED


@settings(deadline=None)
@given(day=st.none() | st.dates(), today=st.dates(max_value=date(9999, 12, 1)), told=st.dates())
def test_any_day_is_kept_or_dropped(day: date | None, today: date, told: date) -> None:
    kept = trusted(day, read(f"A bomb went off on {told.isoformat()}."), today)
    assert kept in (None, day)


@pytest.mark.parametrize("day", ["Thursday", "14 March", "the eve of the feast", "an unknown day"])
@pytest.mark.parametrize("published", [None, "2999-01-01", "0001-01-01"])
def test_without_a_day_of_publication_no_date_is_invented(code: Coder, published: str | None, day: str) -> None:
    assert start(code("", ATTACK.format(day), published)) is None


@pytest.mark.parametrize("published", [None, "2999-01-01", "0001-01-01", "2012-02-02"])
def test_a_date_with_its_year_needs_no_publication(code: Coder, published: str | None) -> None:
    assert start(code("", ATTACK.format("14 March 2021"), published)) == date(2021, 3, 14)


def test_a_dateline_with_its_year_needs_no_publication(code: Coder) -> None:
    text = "BAMAKO, 14 MAR 91 (AFP) -- GUNMEN SHOT DEAD FOUR GUARDS AT A DEPOT IN SEGOU, POLICE SAID."
    assert start(code("", text, None)) == date(1991, 3, 14)


def test_a_weekday_is_not_counted_from_a_publication_years_too_early(code: Coder) -> None:
    text = ATTACK.format("Thursday") + " A like attack on 9 March 2021 killed two guards."
    assert start(code("", text, "2012-02-02")) in (None, date(2021, 3, 9))
