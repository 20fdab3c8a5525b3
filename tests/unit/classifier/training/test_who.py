"""Fitting who is coded."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("sklearn")

from services.classifier.events import Happening
from services.classifier.training import who
from services.classifier.training.labels import Filler, LabelledEvent
from services.classifier.training.who import Case
from services.classifier.who import choice, parties
from shared.domain.vocabulary import Realis, Subtype
from tests.unit.classifier.who.making import GUNMEN, REBELS, event, heads, tagged

SHOT = tagged("Gunmen shot a guard in Kalou.", ("perpetrator", "Gunmen", GUNMEN), ("victim", "guard", {}), sure=0.8)
BLAMED = tagged("Police blamed the River Front.", ("perpetrator", "River Front", REBELS), sure=0.6)
BOMBS = tagged(
    "A bomb and a mine were found.",
    ("weapon", "bomb", {"weapon_class": "explosive"}),
    ("weapon", "mine", {"weapon_class": "mine"}),
)


def labelled(*sentences: int, main: bool = True, subtype: Subtype = Subtype.ARMED_ATTACK) -> LabelledEvent:
    return LabelledEvent(subtype, Realis.ACTUAL, main, False, sentences, sentences[:1], {}, ())


def filler(slot: str, **answers: str) -> Filler:
    return Filler(slot, answers, ())


def judged(happening: Happening, slot: str, *names: list[str], fillers: list[Filler] | None = None) -> dict[str, bool]:
    found = parties.candidates(happening, slot, heads())
    right = who.judge(slot, found, fillers or [filler(slot)] * len(names), names)
    return {c.party.name: r for c, r in zip(found, right, strict=True)}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("River Front", "Front of the Rivers", True),
        ("River Front", "River Police", True),
        ("River Front", "the Kalou police", False),
        ("", "River Front", False),
    ],
)
def test_names_are_alike_that_share_half_of_their_words(one: str, other: str, same: bool) -> None:
    assert who.alike(one, other) is same


def test_each_happening_meets_the_event_that_shares_most_sentences() -> None:
    happening = event(SHOT, BLAMED)
    starts = [r.sentence.start for r in happening.readings]
    assert all(s is not None for s in starts)
    near, far = labelled(*(s or 0 for s in starts)), labelled(starts[1] or 0)
    assert list(who.align([happening], [far, near])) == [(happening, near)]
    assert list(who.align([happening, happening], [near])) == [(happening, near)]
    assert list(who.align([happening], [labelled(9999)])) == []
    assert list(who.align([replace(happening, main=False)], [near])) == []


def test_a_filler_goes_to_its_surest_candidate() -> None:
    happening = event(SHOT, BLAMED)
    both = ["River Front", "gunmen"]
    assert judged(happening, "perpetrator", both) == {"Gunmen": True, "River Front": False}
    assert judged(happening, "perpetrator", ["River Front"]) == {"Gunmen": False, "River Front": True}
    assert judged(happening, "perpetrator", ["River Front"], ["gunmen"]) == {"Gunmen": True, "River Front": True}
    assert judged(happening, "perpetrator") == {"Gunmen": False, "River Front": False}


def test_a_means_of_the_right_class_is_right_by_another_name() -> None:
    told = [filler("weapon", weapon_class="mine")]
    assert judged(event(BOMBS), "weapon", ["device"], fillers=told) == {"bomb": False, "mine": True}


def cases(right: bool = True, count: int = 40) -> list[Case]:
    """Sure candidates are right; unsure ones are not."""
    rows = ({"sure": 2.0, "bias": 1.0}, {"sure": -2.0, "bias": 1.0})
    return [Case(f"x/{n}", "victim", rows, (right, not right), 1) for n in range(count)]


def test_weights_follow_what_is_right() -> None:
    assert who.fit(cases())["sure"] > 0.5
    assert who.fit(cases(right=False))["sure"] < -0.5


def test_too_few_right_ones_teach_nothing() -> None:
    assert who.fit_or_trust(cases(count=10)) == {"sure": 1.0}
    assert who.fit_or_trust(cases(right=False))["sure"] < 0


def test_the_f_measure_counts_what_no_candidate_names() -> None:
    known = cases(count=2)
    chances = [[0.9, 0.6], [0.9, 0.1]]
    assert who.f1(known, chances, 0.5) == pytest.approx(2 * 2 / (3 + 2))
    assert who.f1(known, chances, 0.7) == 1
    assert who.f1([replace(c, wanted=2) for c in known], chances, 0.7) == pytest.approx(2 * 2 / (2 + 4))


def test_no_more_are_counted_than_are_coded() -> None:
    rows = tuple({"sure": 1.0} for _ in range(5))
    case = Case("x/1", "weapon", rows, (True,) * 5, 5)
    assert who.f1([case], [[0.9] * 5], 0.5) == pytest.approx(2 * 4 / (4 + 5))


def test_two_candidates_that_are_one_party_count_once() -> None:
    told = tagged("Gunmen came.", ("perpetrator", "Gunmen", GUNMEN))
    happening = event(told, tagged("The attackers fled.", ("perpetrator", "attackers", GUNMEN)))
    found = tuple(parties.candidates(happening, "perpetrator", heads()))
    rows = tuple({"sure": 1.0} for _ in found)
    one = Case("x/1", "perpetrator", rows, (True, False), 1, found, (frozenset({0}), frozenset({0})))
    assert who.f1([one], [[0.9, 0.9]], 0.5) == 1
    apart = replace(one, found=(), names=())
    assert who.f1([apart], [[0.9, 0.9]], 0.5) == pytest.approx(2 * 1 / (2 + 1))


def test_a_slot_has_weights_a_least_chance_and_figures() -> None:
    stored, figures = who.slot_of(cases())
    assert set(stored) == {"weights", "least"}
    assert figures == {"f1": 1.0, "f1_by_sureness_alone": 1.0, "events": 40.0}
    assert stored["least"] == min(who._LEASTS)  # noqa: SLF001 - of all that do equally well the lowest


def test_the_shipped_weights_are_made_by_this_module() -> None:
    record = json.loads(Path(choice.WEIGHTS).read_text(encoding="utf-8"))
    assert set(record["slots"]) == set(choice.MOST)
    assert set(record["classes"]) == set(choice.CLASSED)
    fitted = {*choice.MOST, *(f"{slot} class" for slot in choice.CLASSED)}
    assert set(record["cross_validated"]) == fitted
    for slot in fitted - {"claimant"}:
        figures = record["cross_validated"][slot]
        assert figures["f1"] > figures["f1_by_sureness_alone"]
