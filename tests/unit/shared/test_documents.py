"""The mappings: derived from the nouns, pinned by a golden file."""

import json
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.documents import document, from_document, mapping
from shared.domain.alert import Delivery, DeliveryKind, DeliveryStatus
from shared.domain.base import Model
from shared.domain.event import Toll
from shared.domain.incident import FiledArticle, Incident, Report
from shared.domain.outcome import Outcome, Status
from shared.incidents.fold import fold
from shared.index import MODELS
from tests import examples

#: What documents hold besides their models.
RECKONED: dict[type[Model], set[str]] = {
    Outcome: {"took_s"},
    Incident: {"perpetrators", "victims", "victim_sectors"},
}

GOLDEN = Path(__file__).parent / "mappings.json"


def test_the_mappings_are_those_that_are_pinned() -> None:
    """When this fails on purpose: write the new mappings to the golden file.

    A new field with a default is added to the index that is there; for any other change raise `shared.index.VERSION`,
    and for a field that must not be lost when an older process, still running, writes what it has read without it.
    """
    derived = {name: mapping(model) for name, model in MODELS.items()}
    assert derived == json.loads(GOLDEN.read_text())


def instances() -> list[Model]:
    """One of each indexed model, with every kind of value."""
    report = examples.report(told=examples.event(killed=examples.toll(3)))
    article = examples.coded(examples.event())
    filed = FiledArticle(
        **article.article.model_dump(), relevant=True, model="m", events=article.coding.events, incident_ids=("i",)
    )
    return [
        filed,
        report,
        fold(report.incident_id, [report]),
        Outcome.of(examples.submission(), Status.INDEXED, step="index"),
    ]


@pytest.mark.parametrize("model", instances(), ids=lambda m: type(m).__name__)
def test_a_document_gives_its_model_back(model: Model) -> None:
    assert from_document(type(model), json.loads(json.dumps(document(model)))) == model


def test_a_document_is_read_without_being_changed() -> None:
    stored = document(examples.report(told=examples.event(killed=examples.toll(3))))
    before = json.dumps(stored)
    from_document(Report, stored)
    assert json.dumps(stored) == before


def test_what_is_kept_unread_may_have_the_names_of_what_is_derived() -> None:
    """The payload of a delivery, say, is anything that a receiver is sent."""
    told = {"location": "Goma", "plain": True, "place": {"location": [1, 2]}}
    one = Delivery(
        id="d",
        alert_id="a",
        kind=DeliveryKind.TEST,
        incident_id=None,
        revision=None,
        status=DeliveryStatus.PENDING,
        created_at=examples.NOON,
        next_at=examples.NOON,
        payload=told,
    )
    assert from_document(Delivery, json.loads(json.dumps(document(one)))).payload == told


@pytest.mark.parametrize("model", instances(), ids=lambda m: type(m).__name__)
def test_what_a_later_tocsin_has_added_is_passed_over(model: Model) -> None:
    """Wherever it stands, and without touching what was read: that is compared with what is written."""
    stored = json.loads(json.dumps(document(model)))
    added = grown(stored)
    before = deepcopy(added)
    assert added != stored
    assert from_document(type(model), added) == model
    assert added == before


def grown(value: Any) -> Any:
    """Return a document with one more field in each of its objects but those whose keys are values."""
    if isinstance(value, list):
        return [grown(one) for one in value]
    if isinstance(value, dict):
        by_value = ("quotes", "by_role", "evidence")
        return {"added_later": "x", **{name: one if name in by_value else grown(one) for name, one in value.items()}}
    return value


def test_what_is_missing_or_of_another_type_is_noticed_beside_what_was_added() -> None:
    for change in ({"article_id": None}, {"fetched_at": "noon"}):
        with pytest.raises(ValidationError):
            from_document(Report, document(examples.report()) | {"plain": {"title": "x"}} | change)


def test_a_place_with_coordinates_is_a_point() -> None:
    place = document(examples.report())["event"]["place"]
    assert place["location"] == {"lat": examples.GOMA.lat, "lon": examples.GOMA.lon}


def test_a_place_without_coordinates_has_no_point() -> None:
    nowhere = examples.GOMA.model_copy(update={"lat": None, "lon": None})
    assert "location" not in document(examples.report(told=examples.event(place=nowhere)))["event"]["place"]


@pytest.mark.parametrize("model", [FiledArticle, Report, Incident, Outcome])
def test_every_field_of_a_document_is_in_the_strict_mapping(model: type[Model]) -> None:
    assert mapping(model)["dynamic"] == "strict"
    derived = RECKONED.get(model, set()) | ({"plain"} if model is Incident else set())
    named = {field.alias or name for name, field in model.model_fields.items()}
    assert set(mapping(model)["properties"]) == named | derived


def test_actors_are_nested_and_flat() -> None:
    actors = mapping(Report)["properties"]["event"]["properties"]["actors"]
    assert (actors["type"], actors["include_in_parent"]) == ("nested", True)
    assert actors["properties"]["role"] == {"type": "keyword"}


def test_a_toll_says_how_far_its_numbers_lie_apart() -> None:
    assert spread(Toll(min=3, best=4, max=9)) == 6
    assert spread(examples.toll(3)) == 0
    assert spread(Toll(min=3)) is None  # "at least three" has no upper end


def spread(toll: Toll) -> int | None:
    """What the document of a report with this toll says of its spread."""
    found: int | None = document(examples.report(told=examples.event(killed=toll)))["event"]["killed"].get("spread")
    return found


def test_an_outcome_says_how_long_it_took() -> None:
    outcome = Outcome.of(examples.submission(), Status.INDEXED, step="index")
    ended = outcome.model_copy(update={"ended_at": outcome.accepted_at + timedelta(seconds=90)})
    assert document(ended)["took_s"] == 90


def test_the_parties_of_an_incident_stand_flat_beside_the_nested_ones() -> None:
    told = {"kind": "group", "named": True, "sector": "rebel"}
    actors = [
        told | {"name": "Blue Front", "role": "perpetrator"},
        told | {"name": "gunmen", "role": "perpetrator", "named": False},
        told | {"name": "Ada Obi", "role": "victim", "sector": "aid", "kind": "person"},
        told | {"name": "two drivers", "role": "victim", "sector": "aid", "named": False},
        told | {"name": "Police", "role": "responder", "sector": "police"},
    ]
    incident = fold("TCN-0123456789", [examples.report(told=examples.event(actors=actors))])
    parties = {name: document(incident)[name] for name in RECKONED[Incident]}
    assert parties == {"perpetrators": ["Blue Front"], "victims": ["Ada Obi"], "victim_sectors": ["aid"]}
