"""Which reports are worth comparing, and which of many."""

from datetime import date

import pytest

from services.indexer.merging.candidates import candidates_query
from services.indexer.merging.nearness import (
    MOST,
    SAME_KIND,
    SAME_TEXT,
    SAME_TOWN,
    SHARED,
    Nearness,
    points,
    sought,
)
from services.indexer.merging.traits import Traits
from shared.domain.event import Event
from shared.domain.incident import Report
from shared.domain.vocabulary import Subtype
from tests.examples import BUKAVU, GOMA, day, event, report

TOLD = "Tamsin Oduya, a baker of Quaxville, was shot beside the Blue Heron mill, witnesses said."


def other(told: Event | None = None, text: str = "Nothing in common with that.", number: int = 0) -> Report:
    """A report of another publisher, in other words."""
    return report(f"http://other{number}.example/x", told, text=text, title="Untitled")


def gained(one: Report, stored: Report) -> int | None:
    """The points of a stored report, None where it is not found."""
    near = Nearness()
    near.add(Traits(stored))
    return next((points for points, _ in near.scored(Traits(one))), None)


def test_one_country_and_day_and_kin_types_are_near() -> None:
    assert gained(report(), other(event(place=BUKAVU))) == SAME_KIND
    assert gained(report(), other(event(Subtype.ARMED_ATTACK, place=BUKAVU))) == 0


@pytest.mark.parametrize(
    "told",
    [
        event(Subtype.PEACEFUL_PROTEST),
        event(place=GOMA.model_copy(update={"country": "RW"})),
        event(place=None),
        event(date=day(date(2026, 3, 5))),
        event(date=day(date(2026, 3, 1))),
    ],
)
def test_another_kind_country_or_day_is_not(told: Event) -> None:
    assert gained(report(), other(told)) is None


@pytest.mark.parametrize("number", [2, 4])
def test_a_day_apart_is_near(number: int) -> None:
    assert gained(report(), other(event(date=day(date(2026, 3, number))))) == SAME_TOWN + SAME_KIND


def test_the_same_text_is_near_wherever_and_whenever() -> None:
    copy = report("http://copy.example/x", event(place=None, date=None), text="The same words.")
    found = gained(report(text="The same words."), copy)
    assert found is not None
    assert found >= SAME_TEXT


def test_telling_words_are_enough_and_the_rarer_count_for_more() -> None:
    one = report(told=event(place=None), text=f"{TOLD} Nobody was held.")
    found = gained(one, other(event(date=day(date(2020, 1, 1))), TOLD))
    shared = set(sought(Traits(one))) & set(Traits(other(text=TOLD)).terms)
    assert len(shared) >= SHARED
    assert found == sum(points(word) for word in shared)
    assert points("quaxville") > points("witnesses")


def test_two_words_are_not() -> None:
    one = report(told=event(place=None), text="Quaxville mourns Oduya.")
    assert gained(one, other(event(place=None), "Oduya of Quaxville.")) is None


def test_of_many_those_of_the_same_town_are_compared() -> None:
    near = Nearness()
    for number in range(2 * MOST):
        near.add(Traits(other(event(place=BUKAVU), number=number)))
    right = other(number=2 * MOST)
    near.add(Traits(right))
    found = near.near(Traits(report()))
    assert len(found) == MOST
    assert found[0].report == right
    assert [one.report.id for one in found[1:]] == sorted(one.report.id for one in found[1:])


def test_the_order_of_coming_does_not_matter() -> None:
    stored = [other(event(place=BUKAVU), number=number) for number in range(2 * MOST)]
    found = []
    for order in (stored, stored[::-1]):
        near = Nearness()
        for one in order:
            near.add(Traits(one))
        found.append([one.report.id for one in near.near(Traits(report()))])
    assert found[0] == found[1]


def test_the_search_looks_for_the_same_words_at_the_same_price() -> None:
    one = report(text=TOLD)
    (words,) = [
        way["bool"]["should"] for way in candidates_query(one)["bool"]["should"] if "minimum_should_match" in str(way)
    ]
    asked = {part["constant_score"]["filter"]["term"]["terms"]: part["constant_score"]["boost"] for part in words}
    assert asked == {word: points(word) for word in sought(Traits(one))}
