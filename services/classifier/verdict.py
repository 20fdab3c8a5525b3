"""Is the article relevant, and how sure are we of an event? Small calibrated models over what the heads say."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.classifier import kinds
from services.classifier.events import NEWS, Happening
from services.classifier.network.heads import Array, Judgement
from services.classifier.told import Told
from services.classifier.triggers import STRONG

#: Least probability of a relevant article.
THRESHOLD = 0.5
#: Probabilities are taken no nearer to 0 and 1 than this before their log odds.
_EDGE = 1e-4
#: Balance of cues that says nothing, and how far from it more of them say no more.
_EVEN = 3.0
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
class Cues:
    """What speaks for or against an article besides the heads."""

    gate: float  #: log odds at the gate
    words: float  #: the balance of its hand-set cues
    age_days: int  #: days between the story's own incident and publication; 0 when unknown


#: What the verdict on relevance goes by, in order.
INPUTS = ("whole article", "two clearest sentences", "gate", "trigger", "words for", "words against", "age")


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The models: of relevance, and of an event being right in its type; and what each opinion on kinds weighs."""

    relevance: Linear
    event: Linear
    kinds: tuple[float, ...]

    def relevant(self, cues: Cues, sentences: Sequence[Told], judgement: Judgement) -> float:
        """Return the calibrated probability that the article is relevant."""
        return self.relevance.probability(relevance_inputs(cues, sentences, judgement))

    def strengths(self, sentences: Sequence[Told], judgement: Judgement) -> Array:
        """Return for each subtype the probability that it is the kind of the story's own incident."""
        return kinds.strengths(sentences, judgement, self.kinds)

    def confidence(self, relevant: float, happening: Happening) -> float:
        """Return the calibrated probability that a happening is one of the article's, with the right type."""
        return self.event.probability(event_inputs(relevant, happening))


def relevance_inputs(cues: Cues, sentences: Sequence[Told], judgement: Judgement) -> tuple[float, ...]:
    """Return what the verdict on an article goes by, in the order of `INPUTS`."""
    own = sorted((t.own * t.core for t in sentences), reverse=True)[:2]
    words = float(np.clip(cues.words - _EVEN, -_WORDS, _WORDS))
    age = math.log1p(cues.age_days / NEWS.days)
    heads = (_odds(judgement.relevant), _odds(sum(own) / 2))
    named = max((g.weight / STRONG for t in sentences if t.reading.in_lead for g in t.reading.facts), default=0.0)
    return (*heads, cues.gate, named, max(words, 0.0), min(words, 0.0), age)


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
