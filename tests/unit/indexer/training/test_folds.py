"""The figures that a model is judged by: of the shipped grouping, with models that have not seen the stories."""

import itertools
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from services.indexer.merging import model
from services.indexer.merging.traits import Traits
from services.indexer.training import folds
from services.indexer.training.corpora import Text
from services.indexer.training.pairs import FOLDS, LOOK_ALIKE, Pairs, fold_of, paired, question
from services.indexer.training.stories import Coded
from tests.examples import BUKAVU, day, event, report


def story(name: str, happening: str, topic: str, number: int = 3, **fields: Any) -> Coded:
    """A story of the Nth of March."""
    text = Text(name, "", "", None, happening, topic)
    told = report(f"http://{name}.example/x", event(date=day(date(2026, 3, 1) + timedelta(number)), **fields))
    return Coded(text, Traits(told), [told])


def two_of_each(happenings: int) -> list[Coded]:
    """Two stories of each happening, every one far from the next in time."""
    return [
        story(f"s{number}{half}", f"h{number}", f"h{number}", 5 * number)
        for number in range(happenings)
        for half in "ab"
    ]


def perfect(stories: Sequence[Coded]) -> model.Odds:
    """Odds that know what is right."""
    of = {one.traits.report.id: one.story.happening for one in stories}
    return lambda one, other: 5.0 if of[one.report.id] == of[other.report.id] else -5.0


def texts(stories: Sequence[Coded]) -> dict[str, list[Text]]:
    """All stories as one corpus."""
    return {"gva": [one.story for one in stories]}


def test_the_stories_of_a_topic_are_of_one_part() -> None:
    assert fold_of("7") == fold_of("7")
    assert {fold_of(str(number)) for number in range(100)} == set(range(FOLDS))


def test_a_pair_is_judged_by_a_model_that_saw_neither_of_its_stories(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = paired(two_of_each(40))
    asked = question(pairs)
    fitted = []

    def fake(_: object, chosen: np.ndarray) -> dict[str, dict[str, float]]:
        fitted.append({part for at in np.flatnonzero(chosen) for part in map(pairs.fold, pairs.numbers[int(at)])})
        weights = {model.BIAS: 0.1 * len(fitted)}
        return {"worded": weights, "bare": weights}

    monkeypatch.setattr("services.indexer.training.pairs.Question.fitted", fake)
    odds = folds.unseen(pairs, asked)
    for a, b in pairs.numbers:
        said = odds(pairs.stories[a].traits, pairs.stories[b].traits)
        if said not in (model.PARTED, model.SURE):
            which = round(10 * model.SURE * np.arctanh(said / model.SURE)) - 1
            assert not {pairs.fold(a), pairs.fold(b)} & fitted[which]
    assert len(fitted) == FOLDS * (FOLDS + 1) // 2


def test_a_perfect_model_has_perfect_figures() -> None:
    stories = two_of_each(6)
    found = folds.figures(paired(stories), texts(stories), perfect(stories), 0.0)
    assert found["gva.pairs"] == found["gva.b3"] == found["gva.coded.pairs"] == 1.0


def test_what_was_not_coded_stands_alone_and_costs_recall() -> None:
    stories = two_of_each(2)
    told = {"gva": [*texts(stories)["gva"], Text("missed", "", "", None, "h0", "h0")]}
    found = folds.figures(paired(stories), told, perfect(stories), 0.0)
    assert found["gva.precision"] == 1.0
    assert found["gva.recall"] == 0.5  # of the eight ordered pairs four are with the story that was not coded
    assert found["gva.coded.recall"] == 1.0


def test_look_alikes_apart_are_counted_by_pairs() -> None:
    stories = [story("a", "t/one", "t"), story("b", "t/one", "t"), story("c", "t/other", "t")]
    apart = folds.figures(paired(stories), texts(stories), perfect(stories), 0.0)
    together = folds.figures(paired(stories), texts(stories), lambda *_: 5.0, 0.0)
    assert (apart["gva.apart"], together["gva.apart"]) == (1.0, 0.0)


def test_all_events_of_an_article_are_grouped_and_its_main_event_counts() -> None:
    one, other = story("a", "h", "h"), story("b", "h", "h")
    aside = report("http://b.example/x", event(place=BUKAVU))
    background = {"id": "aside", "event": aside.event.model_copy(update={"main": False})}
    with_aside = Coded(other.story, other.traits, [*other.reports, aside.model_copy(update=background)])
    found = folds.grouped([one, with_aside], lambda *_: 5.0, 0.0)
    assert found["a"] == found["b"]
    assert found.keys() == {"a", "b"}


def test_the_strictest_of_equally_good_thresholds_is_chosen() -> None:
    measured = {-1.0: {"gva.pairs": 0.900}, -0.5: {"gva.pairs": 0.899}, 0.0: {"gva.pairs": 0.85}}
    assert folds.chosen(measured) == -0.5


def test_odds_are_reckoned_once_for_a_pair() -> None:
    count = itertools.count(1)
    odds = folds.remembered(lambda *_: float(next(count)))
    one, other = (Traits(report(url)) for url in ("http://a.example/x", "http://b.example/x"))
    assert odds(one, other) == odds(other, one) == 1.0


def test_look_alikes_weigh_more_in_the_fit() -> None:
    stories = [story("a", "t/one", "t"), story("b", "t/other", "t"), story("c", "u", "u")]
    pairs = Pairs(stories, [(0, 1), (0, 2)], [{}, {}])
    assert list(pairs.worth) == [LOOK_ALIKE, 1.0]
    assert not pairs.same.any()
