"""The choice among the candidates of a slot."""

import json
import math
from pathlib import Path

import pytest

from services.classifier.who import choice, parties
from services.classifier.who.choice import Model
from shared.domain.vocabulary import Subtype
from tests.unit.classifier.who.making import GUNMEN, REBELS, event, heads, tagged

TOLD = (
    tagged("Gunmen of the River Front came.", ("perpetrator", "Gunmen", GUNMEN), sure=0.6),
    tagged("The River Front denied it.", ("perpetrator", "River Front", REBELS), sure=0.8),
    tagged("Officers spoke.", ("perpetrator", "Officers", REBELS), ("victim", "Officers", REBELS), sure=0.2),
)


def names(weights: dict[str, float], least: float = 0.5) -> list[str]:
    happening = event(*TOLD)
    found = parties.candidates(happening, "perpetrator", heads())
    chosen = choice.choose("perpetrator", found, happening, Model(weights, least))
    return [c.party.name for c in chosen]


def features() -> dict[str, dict[str, float]]:
    happening = event(*TOLD)
    found = parties.candidates(happening, "perpetrator", heads())
    rows = choice.features("perpetrator", found, happening)
    return {c.party.name: dict(row) for c, row in zip(found, rows, strict=True)}


def test_the_likely_are_chosen_in_reading_order() -> None:
    assert names({"sure": 1.0}) == ["Gunmen", "River Front"]
    assert names({"sure": 1.0}, 0.7) == ["River Front"]
    assert names({"sure": 1.0}, 0.9) == []
    assert names({"sure": -1.0}) == ["Officers"]


def test_no_more_are_chosen_than_a_slot_has_room_for() -> None:
    names = ("Ants", "Bees", "Crows", "Doves", "Eagles", "Foxes", "Geese")
    happening = event(*(tagged(f"{name} came.", ("perpetrator", name, {})) for name in names))
    found = parties.candidates(happening, "perpetrator", heads())
    assert len(choice.choose("perpetrator", found, happening, Model({"sure": 1.0}, 0.1))) == choice.ROOM["perpetrator"]
    assert len(parties.of(happening, heads()).actors) <= choice.MOST["perpetrator"]


def test_what_speaks_for_and_against_a_candidate() -> None:
    rows = features()
    assert rows["River Front"]["sure"] == pytest.approx(math.log(4), abs=1e-5)
    assert rows["River Front"]["behind"] == 0
    assert rows["Gunmen"]["behind"] == pytest.approx(math.log(4 / 1.5), abs=1e-5)
    assert (rows["River Front"]["proper"], rows["Gunmen"]["proper"]) == (1, 0)
    assert (rows["River Front"]["outnamed"], rows["Gunmen"]["outnamed"]) == (0, 1)
    assert rows["Officers"]["as:victim"] == pytest.approx(0.2)
    assert rows["Gunmen"]["plain beside proper"] == pytest.approx(math.log(2))
    assert rows["Gunmen"]["type:violence_civilians"] == 1
    assert "type:battle" not in rows["Gunmen"]


def test_the_kind_of_event_counts() -> None:
    happening = event(*TOLD, subtype=Subtype.ARREST)
    found = parties.candidates(happening, "perpetrator", heads())
    assert all("type:enforcement" in row for row in choice.features("perpetrator", found, happening))


def test_of_one_class_the_thing_and_the_surer_are_worth_more() -> None:
    means = {"weapon_class": "explosive"}
    told = tagged(
        "A blast of a bomb was heard, and a mine was found.",
        ("weapon", "blast", means),
        ("weapon", "bomb", means),
        ("weapon", "mine", {"weapon_class": "mine"}),
    )
    happening = event(told)
    found = parties.candidates(happening, "weapon", heads())
    rows = {c.party.name: row for c, row in zip(found, choice.features("weapon", found, happening), strict=True)}
    assert {name: (row["class taken"], row["class said better"]) for name, row in rows.items()} == {
        "blast": (1, 1),
        "bomb": (0, 1),
        "mine": (0, 0),
    }


def test_nobody_to_choose_from_is_nobody_chosen() -> None:
    happening = event(tagged("It rained."))
    assert choice.choose("weapon", [], happening, Model({"bias": 9.0}, 0.1)) == []


def test_chances_are_of_the_weighted_sum() -> None:
    assert choice.probability({"sure": 2.0, "unknown": 5.0}, {"sure": 1.0, "bias": -1.0}) == pytest.approx(0.8808, 1e-3)


def test_the_shipped_weights_know_every_slot_and_feature() -> None:
    shipped = choice.load()
    assert set(shipped) == set(choice.MOST)
    known = set(features()["Gunmen"])
    for model in shipped.values():
        assert 0 < model.least < 1
        assert "sure" in model.weights
    assert known - {"as:claimant"} <= set(shipped["perpetrator"].weights)


def test_weights_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "who.json"
    path.write_text(json.dumps({"slots": {"victim": {"weights": {"bias": 1.5}, "least": 0.4}}}))
    assert choice.load(path) == {"victim": Model({"bias": 1.5}, 0.4)}
