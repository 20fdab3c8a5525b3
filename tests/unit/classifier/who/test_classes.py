"""The classes of what was aimed at, and of the means."""

import json
from pathlib import Path

import pytest

from services.classifier.network.mentions import Tagged
from services.classifier.who import choice, classes, parties
from services.classifier.who.choice import Model
from shared.domain.vocabulary import Subtype
from tests.unit.classifier.who.making import PEOPLE, event, heads, tagged

BOMBS = tagged(
    "A blast of a bomb was heard, and a mine was found.",
    ("weapon", "blast", {"weapon_class": "explosive"}),
    ("weapon", "bomb", {"weapon_class": "explosive"}),
    ("weapon", "mine", {"weapon_class": "mine"}),
)
MOST = Model({"most": 1.0}, 0.5)


def features(slot: str, told: Tagged, subtype: Subtype = Subtype.BOMBING) -> classes.Features:
    happening = event(told, subtype=subtype)
    victims = parties.candidates(happening, "victim", heads()) if slot == "target" else []
    return classes.features(slot, parties.candidates(happening, slot, heads()), victims, happening)


def coded(told: Tagged, model: Model, likely: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    happening = event(told, subtype=Subtype.BOMBING)
    found = parties.candidates(happening, "weapon", heads())
    chosen = classes.choose("weapon", found, [], happening, model)
    pairs = classes.named("weapon", chosen, found, [c for c in found if c.party.name in likely])
    return [(candidate.party.name, class_) for candidate, class_ in pairs]


def test_each_class_with_a_sign_is_weighed() -> None:
    rows = features("weapon", BOMBS)
    assert list(rows) == ["explosive", "mine"]
    explosive, mine = rows["explosive"], rows["mine"]
    assert explosive["any"] > mine["any"]  # two that are told, not one
    assert explosive["times"] > mine["times"]
    assert (explosive["said better"] > 0, mine["said better"]) == (True, 0)
    assert {"class:mine", "type:explosive_remote", "explosive_remote|mine", "bombing|mine"} <= set(mine)
    assert mine["first"] == explosive["first"] == 1


def test_who_was_hit_speaks_for_a_class_of_targets() -> None:
    told = tagged("A reporter was shot.", ("victim", "reporter", {**PEOPLE, "target_class": "media"}))
    rows = features("target", told)
    assert rows["media"]["hit first"] == 1
    assert rows["media"]["none"] == 1
    assert rows["media"]["hit"] > rows["media"]["most"]


def test_nothing_told_is_no_class() -> None:
    assert features("weapon", tagged("It rained.")) == {}


def test_a_class_is_named_once_unless_others_are_likely_themselves() -> None:
    assert [class_ for _, class_ in coded(BOMBS, MOST)] == ["explosive", "mine"]
    assert coded(BOMBS, MOST, ("blast", "bomb")) == [("blast", "explosive"), ("bomb", "explosive"), ("mine", "mine")]


def test_an_unlikely_class_is_not_coded_whoever_is_likely() -> None:
    assert coded(BOMBS, Model({"bias": -9.0}, 0.5), ("blast", "mine")) == []
    against = Model({"bias": 1.0, "class:mine": -9.0}, 0.5)
    assert [class_ for _, class_ in coded(BOMBS, against, ("mine",))] == ["explosive"]


def test_no_more_classes_are_coded_than_a_slot_has_room_for() -> None:
    names = {"knives": "blade", "guns": "firearm", "stones": "thrown", "drones": "drone", "mortars": "mortar"}
    text = f"They had {', '.join(names)}."
    told = tagged(text, *(("weapon", name, {"weapon_class": class_}) for name, class_ in names.items()))
    assert len(coded(told, Model({"bias": 1.0}, 0.1))) == choice.MOST["weapon"]


def test_models_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "who.json"
    path.write_text(json.dumps({"classes": {"weapon": {"weights": {"bias": 1.5}, "least": 0.4}}}))
    assert classes.load(path) == {"weapon": Model({"bias": 1.5}, 0.4)}


@pytest.mark.parametrize("slot", list(choice.CLASSED))
def test_the_shipped_weights_know_every_feature(slot: str) -> None:
    model = classes.load()[slot]
    rows = features("weapon", BOMBS)
    assert {name for name in rows["explosive"] if ":" not in name and "|" not in name} <= set(model.weights)
    assert 0 < model.least < 1
