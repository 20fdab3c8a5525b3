"""What two reports have in common."""

from datetime import date
from typing import Any

import pytest

from services.indexer.merging.features import apart, features, gap_days, kin, parted
from services.indexer.merging.traits import Traits
from shared.domain.vocabulary import EventType, Subtype
from tests import examples
from tests.examples import BUKAVU, day, event, report, toll

OTHER = "http://south.example/other"


def found(one: Traits, other: Traits) -> dict[str, float]:
    """The features, which must not depend on who comes first."""
    assert features(one, other) == pytest.approx(features(other, one))
    return features(one, other)


def traits(url: str = "http://north.example/story", **fields: Any) -> Traits:
    """A report's; fields of its event, or its text and title."""
    of_article = {name: fields.pop(name) for name in ("text", "title", "published") if name in fields}
    return Traits(report(url, event(**fields), **of_article))


def test_the_same_day_town_kind_and_toll() -> None:
    said = found(traits(killed=toll(3)), traits(OTHER, killed=toll(3)))
    assert {"time.same", "time.same_day", "place.city", "place.5km", "kind.same"} <= said.keys()
    assert {"tolls.killed_equal", "tolls.killed_several", "together.day_town_toll"} <= said.keys()


def test_a_single_victim_says_less_than_several() -> None:
    assert "tolls.killed_several" not in found(traits(killed=toll(1)), traits(OTHER, killed=toll(1)))


def test_far_tolls_are_told_from_near_ones() -> None:
    assert "tolls.killed_near" in found(traits(killed=toll(3)), traits(OTHER, killed=toll(4)))
    assert "tolls.killed_very_far" in found(traits(killed=toll(3)), traits(OTHER, killed=toll(40)))


@pytest.mark.parametrize(("on", "name"), [(4, "time.1"), (6, "time.3"), (12, "time.10"), (25, "time.far")])
def test_days_apart(on: int, name: str) -> None:
    assert name in found(traits(), traits(OTHER, date=day(date(2026, 3, on))))


def test_a_day_after_the_other_was_published_is_later() -> None:
    assert "time.later" in found(traits(), traits(OTHER, date=day(date(2026, 3, 9))))
    assert "time.later" not in found(traits(), traits(OTHER, date=day(date(2026, 3, 5))))


def test_a_hundred_kilometres_are_far_unless_the_same_persons_are_named() -> None:
    text = "He shot Tamsin Oduya, 34, who sold bread."
    said = found(traits(text=text), traits(OTHER, place=BUKAVU, text=f"Yesterday he shot Tamsin Oduya, 34. {OTHER}"))
    assert said["place.far"] == 1
    assert said["place.far&persons"] == 1
    assert found(traits(), traits(OTHER, place=BUKAVU))["place.far&persons"] == 0


def test_the_names_of_places_are_no_persons() -> None:
    text = "It happened near Goma Qaxville in the east."
    place = examples.GOMA.model_copy(update={"city": "Goma Qaxville"})
    assert "persons.names" not in found(
        traits(text=text, place=place), traits(OTHER, text=f"{text} {OTHER}", place=place)
    )


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    said = found(traits(place=None, date=None), traits(OTHER))
    assert {"place.unknown", "time.unknown"} <= said.keys()
    assert gap_days(traits(date=None), traits()) is None


def test_kin_are_attacks_or_unrest() -> None:
    assert EventType.BATTLE in kin(EventType.EXPLOSIVE_REMOTE)
    assert "kind.other" in found(traits(), traits(OTHER, subtype=Subtype.ARREST))


APART = [
    {},
    {"date": day(date(2026, 3, 9))},
    {"date": None},
    {"date": day(date(2026, 3, 4)), "killed": toll(9)},
    {"place": BUKAVU},
    {"place": examples.GOMA.model_copy(update={"country": "RW"})},
    {"place": None},
    {"subtype": Subtype.PEACEFUL_PROTEST},
    {"subtype": Subtype.ARMED_ATTACK},
]


@pytest.mark.parametrize("other", APART)
@pytest.mark.parametrize("text", ["He shot Tamsin Oduya, 34, who sold bread.", "Shots were heard."])
def test_what_parts_two_reports_is_known_without_the_rest(other: dict[str, Any], text: str) -> None:
    one = traits(killed=toll(1), text=text)
    two = traits(OTHER, **({"killed": toll(1)} | other), text=f"Later he shot Tamsin Oduya, 34, too. {OTHER}")
    assert apart(one, two) is apart(two, one) is parted(features(one, two))
