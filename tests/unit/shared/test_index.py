"""The mappings: derived from the nouns, pinned by a golden file."""

import json
from pathlib import Path

import pytest

from shared.domain.base import Model
from shared.domain.incident import FiledArticle, Incident, Report
from shared.domain.outcome import Outcome, Status
from shared.incidents.fold import fold
from shared.index import MODELS, document, from_document, mapping
from tests import examples

GOLDEN = Path(__file__).parent / "mappings.json"


def test_the_mappings_are_those_that_are_pinned() -> None:
    """When this fails on purpose: write the new mappings to the golden file.

    A new field with a default is added to the index that is there; for any other change raise `shared.index.VERSION`.
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


def test_a_place_with_coordinates_is_a_point() -> None:
    place = document(examples.report())["event"]["place"]
    assert place["location"] == {"lat": examples.GOMA.lat, "lon": examples.GOMA.lon}


def test_a_place_without_coordinates_has_no_point() -> None:
    nowhere = examples.GOMA.model_copy(update={"lat": None, "lon": None})
    assert "location" not in document(examples.report(told=examples.event(place=nowhere)))["event"]["place"]


@pytest.mark.parametrize("model", [FiledArticle, Report, Incident, Outcome])
def test_every_field_of_a_document_is_in_the_strict_mapping(model: type[Model]) -> None:
    assert mapping(model)["dynamic"] == "strict"
    assert set(mapping(model)["properties"]) == {field.alias or name for name, field in model.model_fields.items()}


def test_actors_are_nested_and_flat() -> None:
    actors = mapping(Report)["properties"]["event"]["properties"]["actors"]
    assert (actors["type"], actors["include_in_parent"]) == ("nested", True)
    assert actors["properties"]["role"] == {"type": "keyword"}
