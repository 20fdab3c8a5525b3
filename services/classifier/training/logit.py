"""Fitting a choice among candidates (`services.classifier.logit`), and the command that does it.

The loss is the surprise at what is right among all that is told and "none": a conditional logit whose alternatives
are sums over their mentions. Folds are drawn by group, so that two reports of one happening stay together.
"""

import argparse
import json
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Rows = Sequence[Mapping[str, float]]


class Question(Protocol):
    """Candidates with how right each is. Questions of one group are never parted by a fold."""

    @property
    def group(self) -> str:
        """Its group."""

    @property
    def candidates(self) -> Sequence[Any]:
        """What may be chosen."""

    @property
    def right(self) -> Sequence[float]:
        """How right each candidate is, 0 to 1."""


Q = TypeVar("Q", bound=Question)

_FOLDS = 5
#: Pull of weights to nothing.
_PULL = 1.0
#: Added to the weight of every candidate: one that is likely wrong says more than none.
LEAN = 1.0
_DIGITS = 3


def fit(asked: Sequence[Rows], right: Sequence[Sequence[float]], worth: Sequence[float]) -> dict[str, float]:
    """Return the weights under which the best candidates of each question are likeliest.

    `right`: how right each candidate is; of a question of which all are 0, none should be chosen. `worth`: what each
    question counts for. Each has candidates.
    """
    from scipy.optimize import minimize  # of the training group: the rest is tested without it

    names = sorted({name for rows in asked for row in rows for name in row})
    table = np.array([[row.get(name, 0.0) for name in names] for rows in asked for row in rows])
    of = np.repeat(np.arange(len(asked)), [len(rows) for rows in asked])
    wanted = np.concatenate([[float(r == max(rights) > 0) for r in rights] for rights in right])
    none = np.array([max(rights) == 0 for rights in right])
    weight = np.array(worth)

    def surprise(weights: Array) -> tuple[float, Array]:
        odds = np.exp(np.clip(table @ weights, -30, 30))
        total = 1 + np.bincount(of, odds, len(asked))
        good = np.where(none, 1.0, np.bincount(of, odds * wanted, len(asked)))
        loss = float((weight * np.log(total / good)).sum() + _PULL * (weights**2).sum())
        pull = odds / total[of] - np.where(none[of], 0.0, odds * wanted / good[of])
        return loss, table.T @ (weight[of] * pull) + 2 * _PULL * weights

    found = minimize(surprise, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return {name: round(float(w), _DIGITS) + LEAN * (name == "any") for name, w in zip(names, found.x, strict=True)}


def answers(
    asked: Sequence[Q], fitted: Callable[[Sequence[Q]], dict[str, float]], best: Callable[[Any, dict[str, float]], Any]
) -> Iterator[tuple[Q, Any, float]]:
    """Yield each question with what is chosen by weights that have not seen its group, and how right that is."""
    fold = [zlib.crc32(question.group.encode()) % _FOLDS for question in asked]
    unseen = [fitted([q for q, f in zip(asked, fold, strict=True) if f != k]) for k in range(_FOLDS)]
    for question, k in zip(asked, fold, strict=True):
        chosen = best(question.candidates, unseen[k])
        pairs = zip(question.right, question.candidates, strict=True)
        yield question, chosen, max((right for right, candidate in pairs if candidate is chosen), default=0.0)


def means(counts: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the mean of each figure, by name."""
    return {name: round(float(np.mean(values)), 4) for name, values in sorted(counts.items())}


def command(
    doc: str | None, weights: Path, made: Callable[[Path], dict[str, Any]], arguments: Sequence[str] | None
) -> int:
    """Write the weights that `made` fits on the corpora of a folder, with their figures; show the figures."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--into", type=Path, default=weights, help="file to write")
    given = parser.parse_args(arguments)
    record = made(given.data)
    given.into.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(record["cross_validated"], indent=1) + "\n")
    return 0
