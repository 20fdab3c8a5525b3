"""Chosen parties that are one."""

import pytest

from services.classifier.network.mentions import Tagged
from services.classifier.who import merging, parties
from shared.domain.vocabulary import ActorRole
from tests.unit.classifier.who.making import GUNMEN, PEOPLE, REBELS, event, heads, tagged

POLICE = {"kind": "state_force", "sector": "police"}


def merged(slot: str, *told: Tagged) -> list[list[str]]:
    found = parties.candidates(event(*told), slot, heads())
    return [[c.party.name for c in party] for party in merging.merge(slot, found)]


def of(slot: str, *names: tuple[str, dict[str, str]]) -> list[Tagged]:
    """A sentence for each name."""
    return [tagged(f"Then {name} came.", (slot, name, answers)) for name, answers in names]


@pytest.mark.parametrize(
    ("names", "parties_"),
    [
        ([("gunmen", GUNMEN), ("attackers", GUNMEN)], [["gunmen", "attackers"]]),
        ([("insurgents", REBELS), ("rebels", REBELS)], [["insurgents", "rebels"]]),
        ([("insurgents", REBELS), ("policemen", POLICE)], [["insurgents"], ["policemen"]]),
        ([("Kalou Front", REBELS), ("gunmen", GUNMEN)], [["Kalou Front", "gunmen"]]),
        ([("Kalou Front", REBELS), ("Delta Army", REBELS)], [["Kalou Front"], ["Delta Army"]]),
        ([("Kalou Front", REBELS), ("four rebels", REBELS)], [["Kalou Front"], ["rebels"]]),
        ([("Kalou Front", REBELS), ("four policemen", POLICE)], [["Kalou Front"], ["policemen"]]),
    ],
)
def test_who_did_it_is_one_party_on_each_side(
    names: list[tuple[str, dict[str, str]]], parties_: list[list[str]]
) -> None:
    assert merged("perpetrator", *of("perpetrator", *names)) == parties_


@pytest.mark.parametrize(
    ("names", "parties_"),
    [
        (["Ana Ruiz", "teacher"], [["Ana Ruiz", "teacher"]]),
        (["schoolboy", "Ben Diaz"], [["Ben Diaz", "schoolboy"]]),
        (["Ana Ruiz", "Ben Diaz"], [["Ana Ruiz"], ["Ben Diaz"]]),
        (["Ana Ruiz", "three nurses"], [["Ana Ruiz"], ["nurses"]]),
        (["boy", "teenager"], [["boy", "teenager"]]),
        (["villagers", "people"], [["villagers", "people"]]),
        (["nurses", "farmers"], [["nurses"], ["farmers"]]),
        (["four nurses", "four farmers"], [["nurses", "farmers"]]),
        (["farmer", "nurses"], [["farmer"], ["nurses"]]),
    ],
)
def test_who_was_hit_is_told_by_name_and_by_what_they_are(names: list[str], parties_: list[list[str]]) -> None:
    assert merged("victim", *of("victim", *((name, PEOPLE) for name in names))) == parties_


def test_what_a_person_is_goes_to_the_nearest_name() -> None:
    told = of("victim", ("Ana Ruiz", PEOPLE), ("Ben Diaz", PEOPLE), ("schoolboy", PEOPLE))
    assert merged("victim", *told) == [["Ana Ruiz"], ["Ben Diaz", "schoolboy"]]


def test_means_are_left_apart() -> None:
    told = of("weapon", ("bomb", {"weapon_class": "explosive"}), ("blast", {"weapon_class": "explosive"}))
    assert merged("weapon", *told) == [["bomb"], ["blast"]]


def test_other_words_for_a_party_are_its_other_names() -> None:
    told = of("victim", ("schoolboy", PEOPLE), ("Ben Diaz", PEOPLE))
    (victim,) = [a for a in parties.of(event(*told), heads()).actors if a.role is ActorRole.VICTIM]
    assert (victim.name, victim.aliases) == ("Ben Diaz", ("schoolboy",))
