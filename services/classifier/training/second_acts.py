"""Fitting second acts: `python -m services.classifier.training.second_acts --data ../shared/data`.

labelled stories that the network has not seen ─▶ sentences of their own incidents: does each tell of another act, of
the kind that it shows? ─▶ `weights/second_acts.json`

The figures are cross-validated by story; the weights that are stored are fitted on all.
"""

import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from services.classifier import events, models, second_acts
from services.classifier.classify import Analysis
from services.classifier.events import Happening
from services.classifier.models import Models
from services.classifier.second_acts import Candidate
from services.classifier.told import Told
from services.classifier.training import logit, stories, verdict
from services.classifier.training.anchoring import anchored
from services.classifier.training.labels import LabelledEvent
from services.classifier.training.stories import Labelled
from shared.domain.vocabulary import TYPE_OF


@dataclass(frozen=True, slots=True)
class Question:
    """One sentence: does it tell of another act?"""

    group: str  #: its story
    candidates: tuple[Candidate, ...]  #: the sentence alone
    right: tuple[float, ...]


def questions(labelled: Sequence[Labelled], loaded: Models) -> Iterator[Question]:
    """Yield the candidates of the relevant stories that are found so; those of optional events are left out."""
    for story, label in labelled:
        found = verdict.analyse(story, loaded) if label.relevant and not label.doubtful else None
        if found and found.happenings:
            label_ = anchored(label, [t.reading.sentence for t in found.told])
            whole = unparted(found, loaded)
            told = own(whole[0], found.told, label_.events)
            for candidate in second_acts.candidates(whole):
                right = answer(candidate, told, label_.events)
                if right is not None:
                    yield Question(story.key, (candidate,), (float(right),))


def unparted(found: Analysis, loaded: Models) -> tuple[Happening, ...]:
    """Return the happenings of a story before second acts were looked for."""
    assert found.judgement is not None  # noqa: S101 - for the type checker: a story with happenings was judged
    return events.find(found.told, loaded.verdicts.strengths(found.told, found.judgement), found.anchor)


def own(first: Happening, sentences: Sequence[Told], labelled: Sequence[LabelledEvent]) -> LabelledEvent | None:
    """Return the labelled event that headline, opening and clearest sentences of the first happening tell most of."""
    starts = [r.sentence.start for r in first.telling]
    starts += [t.reading.sentence.start for t in sentences if t.reading.order <= 1]

    def shared(event: LabelledEvent) -> tuple[int, bool]:
        return sum((s in event.sentences) + (s in event.core) for s in starts), event.main

    return max(labelled, key=shared, default=None)


def answer(candidate: Candidate, told: LabelledEvent | None, labelled: Sequence[LabelledEvent]) -> bool | None:
    """Tell whether a sentence tells of a labelled event of its kind beside the story's own; None of an optional one."""
    start = candidate.told.reading.sentence.start
    others = [e for e in labelled if e is not told and start in e.sentences]
    shown = max(others, key=lambda e: start in e.core, default=None)
    if shown is None:
        return False
    return None if shown.optional else TYPE_OF[shown.subtype] is TYPE_OF[candidate.subtype]


def fit(asked: Sequence[Question]) -> dict[str, float]:
    """Return the weights: no lean, as what is given is a probability."""
    features = [[c.features for c in q.candidates] for q in asked]
    weights = logit.fit(features, [q.right for q in asked], [1.0] * len(asked))
    return weights | {"any": weights["any"] - logit.LEAN}


def likely(found: Sequence[Candidate], weights: Mapping[str, float]) -> Candidate | None:
    """Return the sentence if it is likely enough to be coded."""
    return next((c for c in found if second_acts.probability(c, weights) >= second_acts.LIKELY), None)


def made(data: Path) -> dict[str, Any]:
    """Return the weights with their figures."""
    kept = [pair for pair in stories.labelled(data) if stories.held_out(pair[0])]
    loaded = models.load_models()
    gate = dataclasses.replace(loaded.gate, threshold=-np.inf)
    asked = list(questions(kept, dataclasses.replace(loaded, gate=gate)))
    said = [(q.right[0], chosen is not None) for q, chosen, _ in logit.answers(asked, fit, likely)]
    right = sum(r for r, taken in said if taken)
    figures = {
        "sentences": len(said),
        "other acts": sum(r for r, _ in said),
        "precision": round(right / max(1, sum(taken for _, taken in said)), 4),
        "recall": round(right / max(1.0, sum(r for r, _ in said)), 4),
    }
    return {"weights": fit(asked), "cross_validated": figures}


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, cross-validate and write the weights."""
    return logit.command(__doc__, second_acts.WEIGHTS, made, arguments)


if __name__ == "__main__":
    sys.exit(main())
