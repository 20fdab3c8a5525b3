"""The heads at run time: from vectors and features to what each sentence and the whole article say. Plain numpy."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from services.classifier.network.encoder import Encoded
from shared.domain.vocabulary import ActorKind, Realis, Sector, Subtype, TargetClass, WeaponClass

Array = npt.NDArray[np.float32]

#: The order of each head's answers. Weights are made for exactly these.
SUBTYPES, REALES = tuple(Subtype), tuple(Realis)
#: What a sentence has to do with the article's events; `uncoded` tells of an act that is none of them.
ROLES = ("none", "main", "background", "uncoded")
#: What a word may be a part of: the name of a party or a means, the words for a toll, a place or a time of the event.
SLOTS = ("perpetrator", "victim", "target", "weapon", "claimant", "killed", "injured", "place", "date")
#: What the filler of a slot may be, by question.
CLASSES: dict[str, tuple[str, ...]] = {
    "kind": tuple(ActorKind),
    "sector": tuple(Sector),
    "target_class": tuple(TargetClass),
    "weapon_class": tuple(WeaponClass),
    "made_of": ("people", "thing"),  # of a target
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Probabilities, a row for each sentence that was read; `relevant` and `mains` are of the whole article."""

    subtypes: Array  #: sentences by subtypes: of which kind is the event, if it tells of one?
    realis: Array  #: sentences by realis, of the event that it tells
    roles: Array  #: sentences by roles
    core: Array  #: sentences: does it show by itself what happened?
    relevant: float
    mains: Array  #: subtypes: of which kind are the story's own events, if it has any?
    slots: Array  #: tokens by slots: is it a part of a filler?
    seen: Array  #: tokens as the token trunk sees them, for `Heads.answers`


@dataclass(frozen=True, slots=True)
class Heads:
    """Weights by name, as `training/network.py` names them."""

    weights: dict[str, Array]

    def judge(self, encoded: Encoded, features: Array, summary: Array) -> Judgement:
        """Return what the network says. `features`: a row for each sentence; `summary`: of the article."""
        seen = self._trunk("sentence", np.concatenate([encoded.sentences, features], axis=1))
        whole = self._trunk("story", np.concatenate([encoded.opening, summary])[None, :])
        tokens = self._trunk("token", encoded.tokens)
        return Judgement(
            subtypes=_softmax(self._head("subtype", seen)),
            realis=_softmax(self._head("realis", seen)),
            roles=_softmax(self._head("role", seen)),
            core=_sigmoid(self._head("core", seen))[:, 0],
            relevant=float(_sigmoid(self._head("relevant", whole))[0, 0]),
            mains=_softmax(self._head("mains", whole))[0],
            slots=_sigmoid(self._head("slots", tokens)),
            seen=tokens,
        )

    def answers(self, question: str, seen: Array) -> Array:
        """Return the probabilities of `CLASSES[question]`, a row for each filler from the mean of its tokens."""
        return _softmax(self._head(question, seen))

    def _trunk(self, name: str, values: Array) -> Array:
        return _gelu(values @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"])

    def _head(self, name: str, values: Array) -> Array:
        answers: Array = values @ self.weights[f"heads.{name}.weight"].T + self.weights[f"heads.{name}.bias"]
        return answers


def load(folder: Path) -> Heads:
    """Read `heads.npz`. Raises OSError when it is missing."""
    with np.load(folder / "heads.npz", allow_pickle=False) as stored:
        return Heads({name: stored[name].astype(np.float32) for name in stored.files})


def _gelu(x: Array) -> Array:
    # The tanh form (Hendrycks and Gimpel 2016, arXiv:1606.08415); the network is trained with the same. One array, in
    # single precision throughout: powers and doubles take a hundred times as long.
    inner = x * x
    inner *= 0.044715
    inner += 1
    inner *= x
    inner *= math.sqrt(2 / math.pi)
    np.tanh(inner, out=inner)
    inner += 1
    inner *= x
    inner *= 0.5
    return inner


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))), np.float32)


def _softmax(x: Array) -> Array:
    raised = np.exp(x - x.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)
