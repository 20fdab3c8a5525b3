"""Is the article relevant, and how sure are we of an event? Small calibrated models over what the heads say."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.classifier import kinds
from services.classifier.events import Happening
from services.classifier.heads import Array, Judgement
from services.classifier.told import Told

#: Least probability of a relevant article.
THRESHOLD = 0.5
#: Probabilities are taken no nearer to 0 and 1 than this before their log odds.
_EDGE = 1e-4
#: Balance of cues beyond which more of them say no more.
_WORDS = 15.0


@dataclass(frozen=True, slots=True)
class Linear:
    """A logistic model: weights in the order of its inputs, and a bias."""

    weights: tuple[float, ...]
    bias: float

    def probability(self, inputs: Sequence[float]) -> float:
        """Return the probability for one row of inputs."""
        total = sum(w * x for w, x in zip(self.weights, inputs, strict=True)) + self.bias
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The models: of relevance, and of an event being right in its type; and what each opinion on kinds weighs."""

    relevance: Linear
    event: Linear
    kinds: tuple[float, ...]

    def relevant(self, gate: float, words: float, sentences: Sequence[Told], judgement: Judgement) -> float:
        """Return the calibrated probability that the article is relevant."""
        return self.relevance.probability(relevance_inputs(gate, words, sentences, judgement))

    def strengths(self, sentences: Sequence[Told], judgement: Judgement) -> Array:
        """Return for each subtype the probability that it is the kind of the story's own incident."""
        return kinds.strengths(sentences, judgement, self.kinds)

    def confidence(self, relevant: float, happening: Happening) -> float:
        """Return the calibrated probability that a happening is one of the article's, with the right type."""
        return self.event.probability(event_inputs(relevant, happening))


def relevance_inputs(gate: float, words: float, sentences: Sequence[Told], judgement: Judgement) -> tuple[float, ...]:
    """Return what the verdict on an article goes by. `gate`: its log odds; `words`: the balance of its cues."""
    own = sorted((t.own * t.core for t in sentences), reverse=True)[:2]
    return (_odds(judgement.relevant), _odds(sum(own) / 2), gate, float(np.clip(words, -_WORDS, _WORDS)))


def event_inputs(relevant: float, happening: Happening) -> tuple[float, ...]:
    """Return what the confidence in an event goes by."""
    return (_odds(relevant), _odds(happening.strength), float(happening.main))


def _odds(probability: float) -> float:
    kept = float(np.clip(probability, _EDGE, 1 - _EDGE))
    return math.log(kept / (1 - kept))


def load(folder: Path) -> Verdicts:
    """Read `verdict.json`. Raises OSError when it is missing."""
    stored = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    relevance, event = (Linear(tuple(stored[n]["weights"]), stored[n]["bias"]) for n in ("relevance", "event"))
    return Verdicts(relevance, event, tuple(stored["kinds"]))
