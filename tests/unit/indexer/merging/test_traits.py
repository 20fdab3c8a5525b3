"""What a report is compared by."""

from datetime import date

import pytest

from services.indexer.merging.traits import Traits, cosine, likeliest
from shared.domain.event import Actor, Toll
from shared.domain.vocabulary import ActorKind, ActorRole, Sector
from tests.examples import day, event, report, toll


def test_the_likeliest_number_is_the_best_else_the_least_else_the_greatest() -> None:
    assert likeliest(Toll(min=2, best=3, max=9)) == 3
    assert likeliest(Toll(min=2, best=None, max=9)) == 2
    assert likeliest(Toll(min=None, best=None, max=9)) == 9
    assert likeliest(None) is None


def test_a_vector_is_like_itself_and_unlike_another() -> None:
    one = Traits(report(title="Quaxville mill burns")).title
    other = Traits(report(title="Senators debate tariffs")).title
    assert cosine(one, one) == pytest.approx(1.0)
    assert cosine(one, other) == 0.0
    assert cosine(one, {}) == 0.0


def test_likeness_does_not_depend_on_which_comes_first() -> None:
    one, other = (Traits(report(title=told)).title for told in ("Mill burns", "Mill of Quaxville burns to the ground"))
    assert 0 < cosine(one, other) == cosine(other, one) < 1


def test_the_names_of_a_place_are_those_of_all_its_levels() -> None:
    place = event().place
    assert place is not None
    told = event(place=place.model_copy(update={"name": "Virunga market", "admin1": "North Kivu"}))
    assert Traits(report(told=told)).places == {"virunga", "market", "goma", "north", "kivu"}
    assert Traits(report(told=event(place=None))).places == frozenset()


def test_parties_are_the_rare_words_of_those_that_are_named() -> None:
    named = Actor(
        role=ActorRole.PERPETRATOR, kind=ActorKind.GROUP, sector=Sector.REBEL, name="Quaxville Front", named=True
    )
    unnamed = Actor(
        role=ActorRole.PERPETRATOR, kind=ActorKind.GROUP, sector=Sector.REBEL, name="zubrowkan gunmen", named=False
    )
    assert "quaxville" in Traits(report(told=event(actors=(named, unnamed)))).parties
    assert "zubrowkan" not in Traits(report(told=event(actors=(named, unnamed)))).parties


def test_days_and_tolls_are_numbers_or_nothing() -> None:
    known = Traits(report(told=event(date=day(date(2026, 3, 3)), killed=toll(4))))
    assert known.first == known.last == date(2026, 3, 3).toordinal()
    assert known.published == date(2026, 3, 4).toordinal()
    assert (known.killed, known.injured) == (4, None)
    unknown = Traits(report(told=event(date=None), published=None))
    assert (unknown.first, unknown.last, unknown.published, unknown.killed) == (None,) * 4
