"""Fitting the verdicts: two logistic models on stories that the network was not trained on."""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from services.classifier import classify, kinds, verdict
from services.classifier.classify import Analysis
from services.classifier.heads import SUBTYPES
from services.classifier.models import Models
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledStory
from services.classifier.verdict import Linear, Verdicts
from shared.domain.article import Published
from shared.domain.vocabulary import TYPE_OF

_STRENGTH, _PULL = 1.0, 0.002
#: A verdict that turns nothing away, while the real one is fitted.
OPEN = Verdicts(Linear((0.0,) * 4, 30.0), Linear((0.0,) * 3, 0.0), (0.5, 0.5, 1.0))

Rows = list[tuple[float, ...]]


def analyse(story: Story, models: Models) -> Analysis:
    """Return the analysis of a story of a corpus."""
    day = Published.of_day(story.published) if story.published else None
    return classify.analyse(story.title, story.text, day, "en", models=models)


def fit(held_out: Sequence[tuple[Story, LabelledStory]], models: Models) -> Verdicts:
    """Return the verdicts fitted on stories with our own labels."""
    ajar = dataclasses.replace(models, gate=dataclasses.replace(models.gate, threshold=-np.inf), verdicts=OPEN)
    seen = [(analyse(story, ajar), label) for story, label in held_out if not label.doubtful]
    pairs = [(found, label) for found, label in seen if found.judgement is not None]
    inputs = [
        verdict.relevance_inputs(f.gate or 0.0, f.words or 0.0, f.told, f.judgement) for f, _ in pairs if f.judgement
    ]
    relevance = _fit(inputs, [label.relevant for _, label in pairs])
    weights = _kinds(pairs)
    again = dataclasses.replace(ajar, verdicts=dataclasses.replace(OPEN, kinds=weights))
    pairs = [(analyse(story, again), label) for story, label in held_out if not label.doubtful]
    told = [row for found, label in pairs if found.judgement for row in _events(found, label, relevance)]
    return Verdicts(relevance, _fit([row for row, _ in told], [right for _, right in told]), weights)


def _kinds(pairs: Sequence[tuple[Analysis, LabelledStory]]) -> tuple[float, ...]:
    """Return the weights of the three opinions on kinds that make the labelled kinds likeliest."""
    rows = []
    for found, label in pairs:
        wanted = [SUBTYPES.index(e.subtype) for e in label.events if e.main and not e.optional]
        if found.judgement and wanted:
            rows.append((kinds.opinions(found.told, found.judgement), wanted))

    def surprise(weights: npt.NDArray[np.float64]) -> float:
        totals = [(weights @ opinions, wanted) for opinions, wanted in rows]
        each = [np.mean([t[k] for k in wanted]) - np.log(np.exp(t - t.max()).sum()) - t.max() for t, wanted in totals]
        return float(-np.mean(each) + _PULL * (weights**2).sum())

    found_ = minimize(surprise, np.array(OPEN.kinds), method="L-BFGS-B", bounds=[(0, None)] * len(OPEN.kinds))
    return tuple(float(w) for w in found_.x)


def _events(found: Analysis, label: LabelledStory, relevance: Linear) -> Iterator[tuple[tuple[float, ...], bool]]:
    assert found.judgement is not None  # noqa: S101 - for the type checker: only such are asked
    score = relevance.probability(
        verdict.relevance_inputs(found.gate or 0.0, found.words or 0.0, found.told, found.judgement)
    )
    for happening in found.happenings:
        wanted = {TYPE_OF[e.subtype] for e in label.events if e.main == happening.main}
        yield verdict.event_inputs(score, happening), TYPE_OF[happening.subtype] in wanted


def _fit(inputs: Rows, answers: list[bool]) -> Linear:
    model = LogisticRegression(C=_STRENGTH, max_iter=1000).fit(np.array(inputs), answers)
    return Linear(tuple(float(w) for w in model.coef_[0]), float(model.intercept_[0]))


def store(fitted: Verdicts, folder: Path) -> None:
    """Write `verdict.json`."""
    (folder / "verdict.json").write_text(json.dumps(dataclasses.asdict(fitted), indent=1) + "\n", encoding="utf-8")


def calibration_error(probabilities: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal width (Naeini, Cooper and Hauskrecht 2015)."""
    at = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = [
        abs(probabilities[at == b].mean() - right[at == b].mean()) * (at == b).mean()
        for b in range(bins)
        if (at == b).any()
    ]
    return float(sum(gaps))
