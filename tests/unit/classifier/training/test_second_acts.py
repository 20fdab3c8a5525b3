"""Fitting which sentences tell of another act."""

from dataclasses import replace
from importlib.util import find_spec

import pytest

from services.classifier import classify, second_acts
from services.classifier.classify import Analysis
from services.classifier.models import Models, load_models
from services.classifier.second_acts import Candidate
from services.classifier.training import second_acts as training
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledEvent, LabelledStory
from services.classifier.training.second_acts import Question
from shared.domain.article import Published
from shared.domain.vocabulary import Realis, Subtype

NEEDS_SCIPY = pytest.mark.skipif(not find_spec("scipy"), reason="fitting needs the training group")
TITLE = "Protesters march in Santiago"
LINES = (
    "Thousands of people marched through Santiago on Friday against a pension law.",
    "The march ended in the evening.",
    "In Valparaiso, hooded youths looted a supermarket and burned a police van.",
    "The government called for calm.",
)
STARTS = [sum(len(line) + 1 for line in LINES[:at]) for at in range(len(LINES))]


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models()


@pytest.fixture(scope="module")
def found(models: Models) -> Analysis:
    return classify.analyse(TITLE, "\n".join(LINES), Published.of_day("2022-03-17"), "en", models=models)


def event(subtype: Subtype, *lines: int, main: bool = True, optional: bool = False) -> LabelledEvent:
    starts = tuple(STARTS[n] for n in lines)
    return LabelledEvent(subtype, Realis.ACTUAL, main, optional, starts, starts, {})


MARCH, RIOT = event(Subtype.PEACEFUL_PROTEST, 0, 1), event(Subtype.VIOLENT_DEMONSTRATION, 2, main=False)


def test_the_stage_before_is_what_is_asked_about(found: Analysis, models: Models) -> None:
    assert len(found.happenings) == 2
    assert len(training.unparted(found, models)) == 1


def test_the_own_event_is_that_of_the_opening(found: Analysis, models: Models) -> None:
    (first,) = training.unparted(found, models)
    assert training.own(first, found.told, (RIOT, MARCH)) is MARCH
    assert training.own(first, found.told, ()) is None


@pytest.mark.parametrize(
    ("labelled", "right"),
    [
        ((MARCH, RIOT), True),
        ((MARCH,), False),
        ((replace(MARCH, sentences=tuple(STARTS[:3])),), False),
        ((MARCH, replace(RIOT, subtype=Subtype.ASSASSINATION)), False),
        ((MARCH, replace(RIOT, optional=True)), None),
    ],
    ids=["another act", "no act", "the same act", "of another kind", "optional"],
)
def test_a_label_answers(
    found: Analysis, models: Models, labelled: tuple[LabelledEvent, ...], right: bool | None
) -> None:
    (candidate,) = [
        c for c in second_acts.candidates(training.unparted(found, models)) if c.told.reading.sentence.rank == 3
    ]
    assert training.answer(candidate, MARCH, labelled) is right


def test_questions_come_from_relevant_stories_without_doubt(models: Models) -> None:
    story = Story("written", "one", TITLE, "\n".join(LINES), "2022-03-17")
    sure = LabelledStory(story.key, relevant=True, doubtful=False, events=(MARCH, RIOT), uncoded=())
    others = (replace(sure, relevant=False), replace(sure, doubtful=True))
    assert not list(training.questions([(story, label) for label in others], models))
    asked = list(training.questions([(story, sure)], models))
    assert {q.group for q in asked} == {story.key}
    assert sum(q.right[0] for q in asked) == 1


@NEEDS_SCIPY
def test_what_is_fitted_is_a_probability(found: Analysis, models: Models) -> None:
    base = next(second_acts.candidates(training.unparted(found, models)))

    def asked(place: float, right: float) -> Question:
        return Question("story", (Candidate(base.told, base.subtype, {"any": 1.0, "place": place}),), (right,))

    weights = training.fit([*[asked(0, 0)] * 600, *[asked(0, 1)] * 200, *[asked(1, 1)] * 600, *[asked(1, 0)] * 200])
    without, with_place = (asked(place, 0).candidates for place in (0, 1))
    assert second_acts.probability(without[0], weights) == pytest.approx(0.25, abs=0.05)
    assert second_acts.probability(with_place[0], weights) == pytest.approx(0.75, abs=0.05)
    assert training.likely(without, weights) is None
    assert training.likely(with_place, weights) is with_place[0]
