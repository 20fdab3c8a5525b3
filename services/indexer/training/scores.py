"""How well stories are grouped: pairs and B³, as the rulers count them."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


def grouped(found: Mapping[K, str], right: Mapping[K, str]) -> dict[str, float]:
    """Return precision, recall and F1 over pairs, and the F1 of B³. Both name the group of each story."""
    units = [unit(found_group, right_group) for found_group, right_group in groups(found, right).values()]
    hit, claimed, wanted = (sum(s) for s in zip(*((s - 1, f - 1, r - 1) for s, f, r in units), strict=True))
    precision, recall = hit / max(1, claimed), hit / max(1, wanted)
    b3 = harmonic(sum(s / f for s, f, _ in units) / len(units), sum(s / r for s, _, r in units) / len(units))
    return {"precision": precision, "recall": recall, "pairs": harmonic(precision, recall), "b3": b3}


def groups(found: Mapping[K, str], right: Mapping[K, str]) -> dict[K, tuple[frozenset[K], frozenset[K]]]:
    """Return for each story those that are grouped with it, and those that should be; both hold itself."""
    claimed, wanted = _inverted(found), _inverted(right)
    return {key: (claimed[found[key]], wanted[right[key]]) for key in right}


def unit(found: frozenset[K], right: frozenset[K]) -> tuple[int, int, int]:
    """Return how many are in both, in what was found, and in what is right."""
    return len(found & right), len(found), len(right)


def harmonic(one: float, other: float) -> float:
    """Return the harmonic mean, 0 when both are."""
    return 2 * one * other / (one + other) if one + other else 0.0


def _inverted(labels: Mapping[K, str]) -> dict[str, frozenset[K]]:
    found: defaultdict[str, set[K]] = defaultdict(set)
    for key, label in labels.items():
        found[label].add(key)
    return {label: frozenset(keys) for label, keys in found.items()}
