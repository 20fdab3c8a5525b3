"""Who answers an act."""

import pytest

from services.classifier.sentences import Sentence
from services.classifier.who import responders
from shared.domain.vocabulary import ActorKind, ActorRole, Sector
from tests.unit.classifier.conftest import Coder, not_yet


def named(*texts: str) -> list[tuple[str, Sector]]:
    sentences = [Sentence(text, 100 * at, at) for at, text in enumerate(texts, 1)]
    return [(r.name, r.sector) for r in responders.find(sentences)]


@pytest.mark.parametrize(
    ("text", "name", "sector"),
    [
        ("Police arrested two men on Monday.", "Police", Sector.POLICE),
        ("Police have since launched a search for the woman.", "Police", Sector.POLICE),
        ("Two men were arrested by the Sandford Police Department.", "Sandford Police Department", Sector.POLICE),
        ("The Sandford Police said they had detained a boy.", "Sandford Police", Sector.POLICE),
        ("Riot police fired tear gas.", "Riot police", Sector.POLICE),
        ("Troops were quickly deployed to the market.", "Troops", Sector.MILITARY),
        ("Firefighters rescued four children from the roof.", "Firefighters", Sector.OFFICIAL),
        ("The wounded were treated by paramedics.", "paramedics", Sector.MEDICAL),
        ("UN peacekeepers evacuated the village.", "UN peacekeepers", Sector.PEACEKEEPER),
    ],
)
def test_who_acts_after_or_against_it_answers_it(text: str, name: str, sector: Sector) -> None:
    assert named(text) == [(name, sector)]


@pytest.mark.parametrize(
    "text",
    [
        "Police said gunmen seized the mayor.",
        "Gunmen arrested by nobody fled.",
        "Three soldiers were killed.",
        "The army denied it.",
        "Rebels detained the officers' driver.",
    ],
)
def test_who_speaks_or_suffers_does_not(text: str) -> None:
    assert named(text) == []


def test_one_force_is_one_by_its_fullest_name() -> None:
    told = ("Police sealed off the street.", "Kilburn Police arrested a man.", "Police searched his house.")
    assert named(*told) == [("Kilburn Police", Sector.POLICE)]


def test_no_more_than_the_first_are_coded() -> None:
    told = ("Police arrived.", "Soldiers arrived.", "Firefighters arrived.", "Paramedics arrived.", "The navy arrived.")
    assert [name for name, _ in named(*told)] == ["Police", "Soldiers", "Firefighters"]


def test_they_stand_among_the_actors_with_their_sentence(code: Coder) -> None:
    text = (
        "Gunmen shot dead three farmers near Kano on Monday, police said.\n"
        "Soldiers arrived within an hour and paramedics treated the wounded."
    )
    (event,) = code("Gunmen kill three farmers near Kano", text).events
    answering = {a.name: a.kind for a in event.actors or () if a.role is ActorRole.RESPONDER}
    assert answering == {"Soldiers": ActorKind.STATE_FORCE, "paramedics": ActorKind.GROUP}
    assert any("Soldiers arrived" in text[start:end] for start, end in event.evidence["actors"])


@not_yet(reason="read as a violent demonstration, in which the students are the makers")
def test_forces_that_do_the_act_do_not_answer_it(code: Coder) -> None:
    text = "Riot police fired tear gas at students in Lima on Monday and dispersed the march. Nine students were hurt."
    events = code("Police fire tear gas at students in Lima", text).events
    roles = {a.role for e in events for a in e.actors or () if "police" in a.name.lower()}
    assert roles == {ActorRole.PERPETRATOR}


def test_words_without_end_name_nobody() -> None:
    assert named("Police have " * 2_000 + "slept.") == []
    assert named("Big " * 4_000 + "Police slept.") == []
