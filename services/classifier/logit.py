"""A choice among candidates: each has log odds against there being none, and mentions of one thing count together.

candidates ─▶ features ─▶ worth of each ─▶ totals by what they stand for ─▶ the likeliest, shown by its surest mention
"""

import json
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

#: Log odds further from even say no more.
_SURE = 30.0


@cache
def load(path: Path) -> Mapping[str, float]:
    """Read the weights of a choice. Raises OSError when they are missing."""
    found: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))["weights"]
    return found


def score(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Return the log odds of a candidate against there being none."""
    return min(_SURE, max(-_SURE, sum(weights.get(name, 0.0) * value for name, value in features.items())))


def worths(rows: Iterable[Mapping[str, float]], weights: Mapping[str, float]) -> list[float]:
    """Return the odds of each candidate against there being none."""
    return [math.exp(score(features, weights)) for features in rows]


def totals(odds: Sequence[float], keys: Sequence[K]) -> dict[K, float]:
    """Return the odds of what the candidates stand for, in the order in which each is first told."""
    found: dict[K, float] = {}
    for key, each in zip(keys, odds, strict=True):
        found[key] = found.get(key, 0.0) + each
    return found


def likeliest(odds: Mapping[K, float]) -> K | None:
    """Return what is likeliest, the first told of equals; None where nothing is likelier than there being none."""
    best = max(odds, key=odds.__getitem__, default=None)
    return None if best is None or odds[best] < 1 else best


def surest(odds: Sequence[float], keys: Sequence[K], key: K) -> int:
    """Return the number of the surest candidate that stands for `key`, the first of equals."""
    return max((at for at, each in enumerate(keys) if each == key), key=lambda at: odds[at])
