"""Fits the pair model: a logistic regression whose weights are bounded where a corpus of one country could mislead it.

Numpy and scipy alone; scipy is of the training group.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from services.indexer.merging.model import BIAS

Array = npt.NDArray[np.float64]

#: Pull of weights to nothing.
PULL = 0.5
_DIGITS = 3
#: What may be said of a feature, whatever the corpora say: by its name or the part before the dot; the longest counts.
#: Gun violence teaches that towns and days are often misread. Elsewhere distinct attacks share town, kind and words.
BOUNDS: Mapping[str, tuple[float | None, float | None]] = {
    "words": (0, 6.5),
    "title": (0, 3.0),
    "persons": (0, None),
    "persons.no_name": (None, 0),
    "persons.no_age": (None, 0),
    "persons.party_other": (None, 0),
    "together": (0, None),
    "apart": (None, -1.5),  # a shared province or country is no ground where the tolls differ
    "time.same": (0, None),
    "time.same_day": (0, None),
    "time.1": (None, -0.7),
    "time.3": (None, -3.0),
    "time.10": (None, -3.0),
    "time.far": (None, -3.5),
    "time.later": (None, 0),
    "time.unknown": (None, 0),
    "place.coarse": (None, -1.0),
    "place.unknown": (None, -1.5),
    "place.city": (0, None),
    "place.5km": (0, None),
    "place.far": (None, -2.5),
    "place.country": (None, -3.0),
    "place.admin1": (0, 0.3),
    "place.admin1_other": (None, -2.5),
    "published.far": (None, 0),
    "kind.same": (0, None),
    "kind.other": (None, -2.0),
    "tolls.killed_equal": (0, None),
    "tolls.injured_equal": (0, None),
    "tolls.killed_several": (0, None),
    "tolls.injured_several": (0, None),
    "tolls.killed_far": (None, -0.7),
    "tolls.injured_far": (None, -0.3),
    "tolls.killed_very_far": (None, -3.5),
    "tolls.injured_very_far": (None, -0.5),
    "site": (None, 0),
}


def bounds(name: str) -> tuple[float | None, float | None]:
    """Return the least and the greatest weight of a feature. What parts two reports may be outweighed, by persons."""
    if name.endswith("&persons"):
        return (0, None)
    return BOUNDS.get(name, BOUNDS.get(name.partition(".")[0], (None, None)))


def table(rows: Sequence[Mapping[str, float]], names: Sequence[str]) -> Array:
    """Return features as a table, a column of ones in front."""
    column = {name: at for at, name in enumerate(names)}
    filled = np.zeros((len(rows), len(names) + 1))
    filled[:, 0] = 1
    for number, row in enumerate(rows):
        for name, value in row.items():
            if name in column:
                filled[number, column[name] + 1] = value
    return filled


def fit(x: Array, same: npt.NDArray[np.bool_], worth: Array, names: Sequence[str]) -> dict[str, float]:
    """Return the weights under which the pairs are likeliest, `x` as of `table`, each pair counted for its worth."""
    from scipy.optimize import minimize  # of the training group: the rest is tested without it

    sign = np.where(same, 1.0, -1.0)

    def surprise(weights: Array) -> tuple[float, Array]:
        margin = sign * (x @ weights)
        loss = float((worth * np.logaddexp(0, -margin)).sum() + PULL * (weights[1:] ** 2).sum())
        pull = x.T @ (-worth * sign / (1 + np.exp(np.clip(margin, -30, 30))))
        pull[1:] += 2 * PULL * weights[1:]
        return loss, pull

    limits = [(None, None), *map(bounds, names)]
    start = np.array([min(0.0, 0.0 if high is None else high) for _, high in limits])
    found = minimize(surprise, start, jac=True, method="L-BFGS-B", bounds=limits, options={"maxiter": 300})
    return {name: round(float(w), _DIGITS) for name, w in zip((BIAS, *names), found.x, strict=True)}
