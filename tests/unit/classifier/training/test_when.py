"""Fitting the choice of an event's date."""

import json
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest

from services.classifier import models, reading, sentences
from services.classifier.training import when as training
from services.classifier.training.labels import LabelledEvent, LabelledStory
from services.classifier.training.when import Question
from services.classifier.when import choice
from services.classifier.when.choice import Candidate
from shared.domain.event import DateRange
from shared.domain.vocabulary import Realis, Subtype


def _range(start: str, end: str) -> DateRange:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    return DateRange(start=first, end=last, precision="day" if first == last else "days")


def _story(told: dict[str, str] | None, *, main: bool = True) -> LabelledStory:
    facts = {"date": told}
    event = LabelledEvent(Subtype.BOMBING, Realis.ACTUAL, main, False, (0,), (0,), facts)
    return LabelledStory("x/1", True, False, (event,), ())


@pytest.mark.parametrize(
    ("start", "end", "share"),
    [
        ("2020-05-04", "2020-05-05", 1.0),
        ("2020-05-04", "2020-05-04", 0.5),
        ("2020-05-02", "2020-05-07", 0.5),
        ("2020-05-01", "2020-05-05", 0.0),
    ],
)
def test_a_date_is_right_exactly_or_within_the_labels_precision(start: str, end: str, share: float) -> None:
    judge = training.labelled(_story({"start": "2020-05-04", "end": "2020-05-05", "precision": "days"}))
    assert judge is not None
    assert judge(_range(start, end)) == share


def test_where_the_label_has_no_date_none_is_right() -> None:
    judge = training.labelled(_story(None))
    assert judge is not None
    assert judge(_range("2020-05-04", "2020-05-04")) == 0


def test_a_story_without_an_event_of_its_own_asks_nothing() -> None:
    assert training.labelled(_story(None, main=False)) is None


def test_a_key_with_a_dash_holds_the_week_before() -> None:
    judge = training.keyed([{2: ["- 12 MAR 89"]}, {2: ["03 JAN 89"]}])
    days = ("1989-03-12", "1989-03-06", "1989-03-01", "1989-01-03", "1989-01-02")
    assert [judge(_range(day, day)) for day in days] == [1, 1, 0, 1, 0]


def _questions(count: int) -> list[Question]:
    rules = models.load_rules()
    (read,) = reading.read(sentences.read("", "Gunmen shot a mayor.", rules.splitter), rules.lexicon, None)
    good = Candidate(_range("2020-05-04", "2020-05-04"), read, {"any": 1.0, "act": 1.0})
    bad = Candidate(_range("2020-05-06", "2020-05-06"), read, {"any": 1.0, "speech": 1.0})
    both = [Question("labels", f"{n}", (good, bad), (1.0, 0.0), dated=True) for n in range(count)]
    return [*both, *(Question("labels", f"n{n}", (bad,), (0.0,), dated=False) for n in range(count))]


NEEDS_SCIPY = pytest.mark.skipif(not find_spec("scipy"), reason="fitting needs the training group")


@NEEDS_SCIPY
def test_what_stands_beside_right_days_gains_and_the_rest_loses() -> None:
    asked = _questions(20)
    weights = training.fit(asked)
    assert weights["act"] > 0 > weights["speech"]
    assert choice.best(asked[0].candidates, weights) is asked[0].candidates[0]


@NEEDS_SCIPY
def test_figures_are_of_stories_that_the_model_has_not_seen() -> None:
    asked = _questions(20)
    found = training.figures(asked)
    assert found["labels.exact"] == found["labels.within"] == 1
    turned = [Question(q.source, q.group, q.candidates[::-1], q.right, q.dated) for q in asked if q.dated]
    alone = [Question("labels", "alone", turned[0].candidates, turned[0].right, dated=True)]
    assert training.figures([*asked, *alone])["labels.exact"] < 1


def test_the_shipped_weights_say_how_they_were_reached() -> None:
    record = json.loads(Path(choice.WEIGHTS).read_text(encoding="utf-8"))
    assert record["stories"] > 1000
    assert {"gva.exact", "labels.within", "muc.exact"} <= set(record["cross_validated"])
