"""Fitting the choice of an event's place."""

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from services.classifier import sentences
from services.classifier.models import Models, load_models
from services.classifier.training import scene as training
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledEvent, LabelledStory
from services.classifier.training.scene import Judge, Question
from services.classifier.where import scene
from services.classifier.where.places import Found
from services.classifier.where.scene import Candidate
from shared.domain.vocabulary import PlacePrecision, Realis, Subtype

NEEDS_SCIPY = pytest.mark.skipif(not find_spec("scipy"), reason="fitting needs the training group")


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models()


def found(models: Models, name: str, kind: str | None, country: str = "") -> Found:
    """A mention of a place; of kind None it is one that no gazetteer lists."""
    sentence = sentences.read("", f"Rain fell in {name}.", models.splitter)[0]
    known = [e for e in models.gazetteer.lookup(name) if e.precision.value == kind and country in (e.country or "")]
    return Found(name, sentence, 13, 13 + len(name), known[0] if kind else None)


def place(name: str, city: str | None, admin1: str | None, country: str) -> dict[str, Any]:
    return {"name": name, "city": city, "admin1": admin1, "country": country}


QUETTA = place("Quetta", "Quetta", "Balochistan", "PK")


@pytest.mark.parametrize(
    ("label", "name", "kind", "right"),
    [
        (QUETTA, "Quetta", "city", 1.0),
        (QUETTA, "Quetta", None, 1.0),
        (QUETTA, "Pakistan", "country", 0.3),
        (QUETTA, "Lahore", "city", 0.3),
        (QUETTA, "Kabul", "city", 0.0),
        (QUETTA, "Nowhere", None, 0.0),
        (place("Kano market", "Kano", "Kano", "NG"), "Kano", "city", 1.0),
        (place("Dala", "Dala", "Kano", "NG"), "Kano", "admin1", 0.5),
        (place("Kano", None, "Kano", "NG"), "Kano", "admin1", 1.0),
        (place("Pakistan", None, None, "PK"), "Pakistan", "country", 1.0),
    ],
)
def test_a_label_judges_places(
    models: Models, label: dict[str, Any], name: str, kind: str | None, right: float
) -> None:
    assert training.labelled(label, models.gazetteer)(found(models, name, kind)) == right


def test_where_the_label_has_no_place_none_is_right(models: Models) -> None:
    assert training.labelled(None, models.gazetteer)(found(models, "Quetta", "city")) == 0


@pytest.mark.parametrize(
    ("name", "kind", "right"),
    [
        ("Fresno", "city", 1.0),
        ("Clovis", "city", 1.0),
        ("Los Angeles", "city", 0.3),
        ("California", "admin1", 0.5),
        ("Texas", "admin1", 0.3),
        ("United States", "country", 0.3),
        ("Toronto", "city", 0.0),
        ("Fresno", None, 1.0),
    ],
)
def test_a_record_of_a_shooting_judges_places(models: Models, name: str, kind: str | None, right: float) -> None:
    record = {"city_or_county": "Fresno", "state": "California", "lat_lon": [36.74, -119.77]}
    mention = found(models, name, kind, "" if name in ("Toronto", "United States") or kind is None else "US")
    assert training.recorded(record, models.gazetteer)(_of_state(models, mention, "CA")) == right


def _of_state(models: Models, mention: Found, state: str) -> Found:
    """Return the mention with the town of that state, where there are several of its name."""
    if mention.entry is None or mention.entry.precision is not PlacePrecision.CITY or mention.entry.country != "US":
        return mention
    return replace(
        mention, entry=next(e for e in models.gazetteer.lookup(mention.name) if e.admin1 == state and e.city)
    )


def test_a_record_without_a_point_goes_by_the_name_in_its_state(models: Models) -> None:
    judge = training.recorded({"city_or_county": "Fresno (county)", "state": "California"}, models.gazetteer)
    assert judge(_of_state(models, found(models, "Fresno", "city", "US"), "CA")) == 1
    assert judge(_of_state(models, found(models, "Clovis", "city", "US"), "CA")) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("filler", "name", "kind", "right"),
    [
        ("PERU: AYACUCHO (DEPARTMENT): CAYARA (CITY)", "Cayara", None, 1.0),
        ("PERU: AYACUCHO (DEPARTMENT): CAYARA (CITY)", "Ayacucho", "city", 0.5),
        ("PERU: AYACUCHO (DEPARTMENT): CAYARA (CITY)", "Lima", "city", 0.3),
        ("PERU", "Peru", "country", 1.0),
        ("PERU: LIMA (CITY)", "Peru", "country", 0.3),
        ("? PERU: LIMA (CITY)", "Lima", "city", 1.0),
        ("PERU: LIMA (CITY)", "Quito", "city", 0.0),
    ],
)
def test_a_key_judges_places(models: Models, filler: str, name: str, kind: str | None, right: float) -> None:
    judge = training.keyed([{3: [filler]}], models.gazetteer)
    country = {"Lima": "PE", "Ayacucho": "PE", "Quito": "EC"}.get(name, "")
    assert judge(found(models, name, kind, country)) == right


def test_the_dateline_goes_back_before_the_text() -> None:
    story = Story("muc", "1", "", "A BOMB EXPLODED.", None, {"opened": "LIMA, 3 JAN 90 -- [TEXT] A BOMB EXPLODED."})
    whole, shift = training.opened(story)
    assert whole.text[shift:] == story.text
    assert whole.text.startswith("LIMA")
    assert training.opened(replace(story, labels={})) == (replace(story, labels={}), 0)


STORY = Story(
    "x", "1", "Bomb kills nine in Quetta", "A bomb killed nine people at a market in Quetta, Pakistan, on Monday."
)


def _label(told: dict[str, Any] | None) -> LabelledStory:
    event = LabelledEvent(Subtype.BOMBING, Realis.ACTUAL, True, False, (0,), (0,), {"place": told})
    return LabelledStory(STORY.key, True, False, (event,), ())


def test_a_labelled_story_asks_for_the_place_of_its_event(models: Models) -> None:
    (question,) = training.of_labels(STORY, _label(QUETTA), models)
    assert (question.source, question.placed) == ("labels", True)
    right = {c.found.name: r for c, r in zip(question.candidates, question.right, strict=True)}
    assert right == {"Quetta": 1.0, "Pakistan": pytest.approx(0.3)}
    (nowhere,) = training.of_labels(STORY, _label(None), models)
    assert not nowhere.placed
    assert set(nowhere.right) == {0.0}


def _questions(models: Models, count: int) -> list[Question]:
    judge: Judge = training.labelled(QUETTA, models.gazetteer)
    good, bad = found(models, "Quetta", "city"), found(models, "Lahore", "city")
    both = (Candidate(good, {"any": 1.0, "at": 1.0}), Candidate(bad, {"any": 1.0, "from": 1.0}))
    return [Question("labels", f"{n}", both, tuple(judge(c.found) for c in both), placed=True) for n in range(count)]


@NEEDS_SCIPY
def test_what_stands_beside_right_places_gains_and_the_rest_loses(models: Models) -> None:
    asked = _questions(models, 20)
    weights = training.fit(asked)
    assert weights["at"] > 0 > weights["from"]
    best = scene.best(asked[0].candidates, weights)
    assert best is not None
    assert best.found.name == "Quetta"


@NEEDS_SCIPY
def test_figures_are_of_events_that_the_model_has_not_seen(models: Models) -> None:
    figures = training.figures(_questions(models, 20))
    assert figures == {"labels.country": 1.0, "labels.named": 1.0, "labels.place": 1.0}
    wrong = [replace(q, right=(0.3, 0.0)) for q in _questions(models, 20)]
    assert training.figures(wrong) == {"labels.country": 1.0, "labels.named": 0.0, "labels.place": 0.0}


@NEEDS_SCIPY
def test_the_weights_are_written_with_their_figures(
    models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _questions(models, 10)
    monkeypatch.setattr(training, "questions", lambda _data, _models: iter(asked))
    assert training.main(["--data", str(tmp_path), "--into", str(tmp_path / "scene.json")]) == 0
    record = json.loads((tmp_path / "scene.json").read_text())
    assert record["events"] == 10
    assert record["weights"]["at"] > 0
    assert record["cross_validated"]["labels.place"] == 1.0
