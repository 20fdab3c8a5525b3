"""Fitting the verdicts: two logistic models on stories that the network was not trained on."""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from services.classifier import classify, kinds, verdict
from services.classifier.classify import Analysis
from services.classifier.models import Models
from services.classifier.network.heads import SUBTYPES
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledStory
from services.classifier.verdict import Linear, Verdicts
from shared.domain.article import Published
from shared.domain.vocabulary import TYPE_OF

_STRENGTH, _PULL = 1.0, 0.002
#: Least and greatest weights of the inputs of `verdict.INPUTS`. Matters that speak against an article (accidents,
#: sport, anniversaries …) are each so rare among stories held out that free weights would all but ignore them; and few
#: articles have a day of publication, so that free weights would take a bomb of 1994 for news.
_BOUNDS = ((0, None), (0, None), (0, None), (0, None), (0.05, None), (0.7, None), (None, -0.9))
#: A verdict that turns nothing away, while the real one is fitted.
OPEN = Verdicts(Linear((0.0,) * len(verdict.INPUTS), 30.0), Linear((0.0,) * 3, 0.0), (0.5, 0.5, 1.0))

Rows = list[tuple[float, ...]]


def ajar(loaded: Models) -> Models:
    """Return models that turn no article away, and weigh kinds as before."""
    gate = dataclasses.replace(loaded.gate, threshold=-np.inf)
    return dataclasses.replace(loaded, gate=gate, verdicts=dataclasses.replace(OPEN, kinds=loaded.verdicts.kinds))


def analyse(story: Story, models: Models) -> Analysis:
    """Return the analysis of a story of a corpus."""
    day = Published.of_day(story.published) if story.published else None
    return classify.analyse(story.title, story.text, day, "en", models=models)


def fit(held_out: Sequence[tuple[Story, LabelledStory]], models: Models) -> Verdicts:
    """Return the verdicts fitted on stories with our own labels."""
    ajar = dataclasses.replace(models, gate=dataclasses.replace(models.gate, threshold=-np.inf), verdicts=OPEN)
    seen = [(analyse(story, ajar), label) for story, label in held_out if not label.doubtful]
    pairs = [(found, label) for found, label in seen if found.judgement is not None]
    inputs = [verdict.relevance_inputs(f.cues, f.told, f.judgement) for f, _ in pairs if f.cues and f.judgement]
    relevance = _fit_bound(np.array(inputs), np.array([label.relevant for _, label in pairs]))
    weights = _kinds(pairs)
    again = dataclasses.replace(ajar, verdicts=dataclasses.replace(OPEN, kinds=weights))
    pairs = [(analyse(story, again), label) for story, label in held_out if not label.doubtful]
    told = [row for found, label in pairs if found.judgement for row in _events(found, label, relevance)]
    return Verdicts(relevance, _fit([row for row, _ in told], [right for _, right in told]), weights)


def _kinds(pairs: Sequence[tuple[Analysis, LabelledStory]]) -> tuple[float, ...]:
    """Return the weights of the three opinions on kinds that make the labelled kinds likeliest."""
    from scipy.optimize import minimize  # of the training group: what else is here is used without it

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
    assert found.cues is not None  # noqa: S101 - as above
    score = relevance.probability(verdict.relevance_inputs(found.cues, found.told, found.judgement))
    for happening in found.happenings:
        wanted = {TYPE_OF[e.subtype] for e in label.events if e.main == happening.main}
        yield verdict.event_inputs(score, happening), TYPE_OF[happening.subtype] in wanted


def _fit_bound(inputs: npt.NDArray[np.float64], answers: npt.NDArray[np.bool_]) -> Linear:
    """Return a logistic model whose weights keep to what is known of their inputs."""
    from scipy.optimize import minimize

    sides = np.where(answers, 1.0, -1.0)

    def surprise(values: npt.NDArray[np.float64]) -> float:
        losses = np.logaddexp(0, -sides * (inputs @ values[:-1] + values[-1]))
        return float(losses.mean() + _PULL * (values[:-1] ** 2).sum())

    start = np.append([max(low or 0, 0.3) if high is None else -0.3 for low, high in _BOUNDS], 0.0)
    found = minimize(surprise, start, method="L-BFGS-B", bounds=[*_BOUNDS, (None, None)])
    return Linear(tuple(float(w) for w in found.x[:-1]), float(found.x[-1]))


def _fit(inputs: Rows, answers: list[bool]) -> Linear:
    from sklearn.linear_model import LogisticRegression

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
