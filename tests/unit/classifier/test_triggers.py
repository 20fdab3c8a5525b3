"""Which words tell of an incident, and whether as fact."""

import pytest

from services.classifier import triggers
from services.classifier.lexicon import lexicon, people, plural
from services.classifier.sentences import Sentence
from services.classifier.triggers import Trigger
from shared.domain.vocabulary import CasualtyRole, Realis, Subtype


def found(text: str) -> tuple[Trigger, ...]:
    return triggers.find(Sentence(text, 0, 1), lexicon())


@pytest.mark.parametrize(
    ("text", "subtype"),
    [
        ("A suicide bomber struck the checkpoint.", Subtype.SUICIDE_BOMBING),
        ("A roadside bomb hit the bus.", Subtype.BOMBING),
        ("Mortar shells landed in the square.", Subtype.SHELLING_ROCKET_MISSILE),
        ("An airstrike levelled the depot.", Subtype.AIR_DRONE_STRIKE),
        ("Two men lobbed a grenade at the bar.", Subtype.GRENADE),
        ("The mayor was gunned down.", Subtype.ASSASSINATION),
        ("A clerk was stabbed on the platform.", Subtype.ARMED_ATTACK),
        ("Rebels clashed with the garrison.", Subtype.ARMED_CLASH),
        ("Militants overran the town.", Subtype.TERRITORY_GAINED_NONSTATE),
        ("Six engineers were kidnapped.", Subtype.ABDUCTION),
        ("Robbers took 20 hostages in the bank.", Subtype.HOSTAGE_TAKING),
        ("The barn was set on fire.", Subtype.ARSON),
        ("Pirates boarded the tanker.", Subtype.HIJACKING),
        ("Thousands of demonstrators marched to the ministry.", Subtype.PEACEFUL_PROTEST),
        ("Youths hurled stones at officers.", Subtype.VIOLENT_DEMONSTRATION),
        ("The man was lynched by villagers.", Subtype.MOB_VIOLENCE),
        ("Police arrested five men.", Subtype.ARREST),
        ("Customs officers seized 40 rifles.", Subtype.WEAPONS_SEIZURE),
        ("The school was emptied after a bomb threat.", Subtype.THREAT_HOAX),
        ("A prisoner swap took place at the border.", Subtype.AGREEMENT),
    ],
)
def test_an_act_has_its_subtype(text: str, subtype: Subtype) -> None:
    assert subtype in {t.subtype for t in found(text)}


@pytest.mark.parametrize(
    "text",
    [
        "He suffered a heart attack.",
        "The minister came under fire for the budget.",
        "It was a box office bomb.",
        "Her shots on goal decided it.",
        "She has battled cancer for years.",
        "The show starts in March.",
    ],
)
def test_figures_of_speech_are_no_acts(text: str) -> None:
    assert found(text) == ()


@pytest.mark.parametrize(
    ("text", "realis"),
    [
        ("A car bomb exploded.", Realis.ACTUAL),
        ("Police defused a car bomb.", Realis.ATTEMPTED),
        ("Guards foiled a kidnapping.", Realis.ATTEMPTED),
        ("The group threatened more bombings.", Realis.THREATENED),
        ("Officials fear that there could be airstrikes.", Realis.HYPOTHETICAL),
        ("The army denied reports of shelling.", Realis.DENIED),
    ],
)
def test_cues_change_realis(text: str, realis: Realis) -> None:
    assert realis in {t.realis for t in found(text)}


def test_a_cue_in_another_clause_changes_nothing() -> None:
    found_there = found("The talks could fail, and a car bomb exploded.")
    assert {t.realis for t in found_there} == {Realis.ACTUAL}


def test_spans_lie_in_the_sentence() -> None:
    text = "İstanbul\u2019da: a car bomb EXPLODED — gunmen opened fire."
    assert found(text)
    assert all(0 <= t.start < t.end <= len(text) for t in found(text))


def test_people_have_plurals_and_roles() -> None:
    assert people()["policemen"] is CasualtyRole.POLICE
    assert people()["civilians"] is CasualtyRole.CIVILIAN
    assert people()["man"] is None
    assert [plural(w) for w in ("deputy", "boy", "coach", "housewife")] == ["deputies", "boys", "coaches", "housewives"]


@pytest.mark.parametrize(
    "text",
    [
        "No shots were fired.",
        "Nobody was shot.",
        "The march ended without violence.",
        "They won on penalties after a penalty shoot-out victory.",
        "He killed off the contest.",
    ],
)
def test_a_no_undoes_a_trigger(text: str) -> None:
    assert not [t for t in found(text) if t.subtype is not Subtype.PEACEFUL_PROTEST]


@pytest.mark.parametrize("text", ["Gunmen came.", "The attackers fled.", "Armed men were seen.", "The shooter ran."])
def test_those_who_do_it_are_no_act(text: str) -> None:
    (trigger,) = found(text)
    assert trigger.weight == triggers.ACTOR


def test_the_longer_match_covers_the_shorter() -> None:
    (trigger,) = found("They opened fire on a police checkpoint.")
    assert trigger.subtype is Subtype.ARMED_CLASH
