"""The ruler over WikiEvents' arguments, on an article of our own."""

from typing import Any

import pytest

from tests.eval import wikievents

ROW = {
    "doc_id": "x",
    "text": "Raiders shot two millers in Odrel. The gang fled.",
    "entity_mentions": [
        {"id": "T1", "text": "Raiders"},
        {"id": "T2", "text": "millers"},
        {"id": "T3", "text": "Odrel"},
        {"id": "T4", "text": "The gang"},
    ],
    "event_mentions": [
        {
            "event_type": "Life.Die.Unspecified",
            "arguments": [
                {"role": "Killer", "entity_id": "T1", "text": "Raiders"},
                {"role": "Victim", "entity_id": "T2", "text": "two millers"},
                {"role": "Place", "entity_id": "T3", "text": "Odrel"},
            ],
        },
        {
            "event_type": "Conflict.Attack.Unspecified",
            "arguments": [{"role": "Attacker", "entity_id": "T4", "text": "The gang"}],
        },
        {
            "event_type": "Contact.Contact.Meet",
            "arguments": [{"role": "Place", "entity_id": "T4", "text": "The gang"}],
        },
    ],
}


def _event(**fields: Any) -> dict[str, Any]:
    return {"actors": [], "targets": [], "weapons": [], "place": None, **fields}


def test_mentions_of_one_chain_are_one_entity() -> None:
    wanted = wikievents.document(ROW, [["T1", "T4"]]).wanted
    (entity,) = wanted["perpetrator"]
    assert {"Raiders", "The gang"} <= set(entity)


def test_without_chains_every_mention_is_its_own() -> None:
    assert len(wikievents.document(ROW, []).wanted["perpetrator"]) == 2


def test_arguments_of_other_kinds_of_event_are_not_wanted() -> None:
    wanted = wikievents.document(ROW, []).wanted
    assert [len(wanted[slot]) for slot in wikievents.SLOTS] == [2, 1, 0, 1]


def test_actors_targets_weapons_and_places_are_claimed_once_each() -> None:
    actors = [
        {"role": "perpetrator", "name": "raiders"},
        {"role": "victim", "name": "two millers"},
        {"role": "responder", "name": "police"},
    ]
    event = _event(actors=actors, targets=[{"name": "mill"}], weapons=[{"name": "rifles"}], place={"name": "Odrel"})
    claimed = wikievents.claimed({"events": [event, event]})
    assert claimed == {
        "perpetrator": ["raiders"],
        "victim": ["two millers", "mill"],
        "weapon": ["rifles"],
        "place": ["Odrel"],
    }


def test_an_article_without_events_claims_nothing() -> None:
    assert not any(wikievents.claimed({"events": []}).values())


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("two millers", "millers", True),
        ("the Odrel mill", "Odrel", True),
        ("a miller", "the Odrel baker", False),
        ("Mill of the Lower Odrel Hills", "Odrel", False),
        ("the", "the", False),
    ],
)
def test_names_are_alike_when_half_of_their_words_are(ours: str, theirs: str, same: bool) -> None:
    assert wikievents.alike(ours, theirs) is same


def test_an_entity_counts_once_and_a_second_name_for_it_is_a_false_alarm() -> None:
    assert wikievents.unit(["raiders", "the gang"], [("Raiders", "The gang")]) == (1, 2, 1)


def test_what_is_not_named_is_wanted_all_the_same() -> None:
    assert wikievents.unit([], [("Raiders",)]) == (0, 0, 1)
