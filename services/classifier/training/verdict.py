"""Fitting the verdicts: two logistic models on stories that the network was not trained on."""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from services.classifier import classify, verdict
from services.classifier.classify import Analysis
from services.classifier.models import Models
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledStory
from services.classifier.verdict import Linear, Verdicts
from shared.domain.article import Published
from shared.domain.vocabulary import TYPE_OF

_STRENGTH = 1.0
#: A verdict that turns nothing away, while the real one is fitted.
OPEN = Verdicts(Linear((0.0,) * 4, 30.0), Linear((0.0,) * 3, 0.0))

Rows = list[tuple[float, ...]]


def analyse(story: Story, models: Models) -> Analysis:
    """Return the analysis of a story of a corpus."""
    day = Published.of_day(story.published) if story.published else None
    return classify.analyse(story.title, story.text, day, "en", models=models)


def fit(held_out: Sequence[tuple[Story, LabelledStory]], models: Models) -> Verdicts:
    """Return the verdicts fitted on stories with our own labels."""
    ajar = dataclasses.replace(models, gate=dataclasses.replace(models.gate, threshold=-np.inf), verdicts=OPEN)
    pairs = [(analyse(story, ajar), label) for story, label in held_out if not label.doubtful]
    pairs = [(found, label) for found, label in pairs if found.judgement is not None]
    inputs = [verdict.relevance_inputs(f.gate or 0.0, f.told, f.judgement) for f, _ in pairs if f.judgement]
    relevance = _fit(inputs, [label.relevant for _, label in pairs])
    told = [row for found, label in pairs for row in _events(found, label, relevance)]
    return Verdicts(relevance, _fit([row for row, _ in told], [right for _, right in told]))


def _events(found: Analysis, label: LabelledStory, relevance: Linear) -> Iterator[tuple[tuple[float, ...], bool]]:
    assert found.judgement is not None  # noqa: S101 - for the type checker: only such are asked
    score = relevance.probability(verdict.relevance_inputs(found.gate or 0.0, found.told, found.judgement))
    for happening in found.happenings:
        wanted = {TYPE_OF[e.subtype] for e in label.events if e.main == happening.main}
        yield verdict.event_inputs(score, happening), TYPE_OF[happening.subtype] in wanted


def _fit(inputs: Rows, answers: list[bool]) -> Linear:
    model = LogisticRegression(C=_STRENGTH, max_iter=1000).fit(np.array(inputs), answers)
    return Linear(tuple(float(w) for w in model.coef_[0]), float(model.intercept_[0]))


def store(fitted: Verdicts, folder: Path) -> None:
    """Write `verdict.json`."""
    rows = {name: dataclasses.asdict(getattr(fitted, name)) for name in ("relevance", "event")}
    (folder / "verdict.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def calibration_error(probabilities: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal width (Naeini, Cooper and Hauskrecht 2015)."""
    at = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = [
        abs(probabilities[at == b].mean() - right[at == b].mean()) * (at == b).mean()
        for b in range(bins)
        if (at == b).any()
    ]
    return float(sum(gaps))
