"""The models that decide whether a span is a place and which one: small networks, fitted by `training/placing.py`.

first look: each place by itself ─▶ how sure each name is ─▶ what the names say of each other ─▶ second look
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from services.classifier.where.candidates import ALONE, SPOKEN, Array, Mass, Table
from services.classifier.where.names import Text

WEIGHTS = Path(__file__).parents[1] / "weights" / "places.json"
#: What the first look weighs, in the order of its columns.
WHICH_FIRST = (*ALONE, *SPOKEN)


@dataclass(frozen=True, slots=True)
class Net:
    """A network with one hidden layer: columns → a score."""

    inner: Array  #: columns by hidden
    inner_bias: Array
    outer: Array
    direct: Array  #: columns → score, past the hidden layer

    def score(self, rows: Array) -> Array:
        """Return a score for each row."""
        hidden = np.maximum(rows @ self.inner + self.inner_bias, 0)
        return np.asarray(hidden @ self.outer + rows @ self.direct, np.float32)


@dataclass(frozen=True, slots=True)
class Weights:
    """One set for texts in which capitals tell, one for others."""

    which_first: Net
    is_first: Net
    which_second: Net
    is_second: Net
    threshold: float  #: log odds above which a span is a place


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of an article's spans before they are weighed together."""

    text: Text
    table: Table
    spoken: list[Array]  #: per mention, rows of its name by SPOKEN
    spoken_anywhere: Array  #: rows by SPOKEN, most over the mentions


@cache
def load(path: Path = WEIGHTS) -> tuple[dict[bool, Weights], dict[str, float]]:
    """Return the weights by whether capitals tell, and how often a word that is also a name stands in small letters."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    sets = {case == "mixed": weights(stored[case]) for case in ("mixed", "single")}
    return sets, stored["common"]


def weights(stored: dict[str, Any]) -> Weights:
    """Return weights from their JSON form."""
    nets = {
        name: Net(**{part: np.array(values, np.float32) for part, values in stored[name].items()})
        for name in ("which_first", "is_first", "which_second", "is_second")
    }
    return Weights(**nets, threshold=stored["threshold"])


def look(text: Text) -> Look:
    """Gather what is known of an article's spans. There must be some."""
    table = Table(text)
    spoken = table.spoken(text.names)
    anywhere = np.zeros((len(table.entries), len(SPOKEN)), np.float32)
    for name, said in zip(text.names, spoken, strict=True):
        np.maximum(anywhere[table.slices[name.key]], said, out=anywhere[table.slices[name.key]])
    return Look(text, table, spoken, anywhere)


def first_rows(seen: Look) -> Array:
    """Return the columns of the first look for each row of the table."""
    return np.concatenate([seen.table.alone, seen.spoken_anywhere], axis=1)


def shares(scores: Array, starts: Sequence[int] | Any, owner: Any) -> Array:
    """Return for each row how likely it is among the rows of its name."""
    raised = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
    return np.asarray(raised / np.add.reduceat(raised, starts)[owner], np.float32)


def spans(seen: Look, rows: Sequence[Array], chances: Sequence[Array]) -> Array:
    """Return the columns by which each span is judged: its cues, and what is known of its likeliest place.

    `rows` and `chances`: per mention, for each place of its name, the columns of the look and how likely it is.
    """
    best = [int(np.argmax(c)) for c in chances]
    judged = [
        (*name.cues, float(chances[at][best[at]]), np.log(len(chances[at]))) for at, name in enumerate(seen.text.names)
    ]
    return np.concatenate([np.array(judged, np.float32), np.stack([rows[at][b] for at, b in enumerate(best)])], axis=1)


def weigh_first(seen: Look, which: Net, judge: Net) -> Mass:
    """Return how sure each name and each of its places is, before the names are weighed together."""
    table, columns = seen.table, first_rows(seen)
    chances = shares(which.score(columns), table.starts, table.owner)
    at = [table.slices[n.key] for n in seen.text.names]
    judged = judge.score(spans(seen, [columns[s] for s in at], [chances[s] for s in at]))
    sure = 1 / (1 + np.exp(-np.clip(judged, -30, 30)))
    names = np.zeros(len(table.slices), np.float32)
    inside = np.array([n.cues[-1] for n in seen.text.names], np.float32)
    np.maximum.at(names, [table.number[n.key] for n in seen.text.names], sure * (1 - inside))
    return Mass(names, chances)


def second_rows(seen: Look, mass: Mass) -> list[Array]:
    """Return per mention the columns of the second look for the places of its name."""
    among = seen.table.among(mass)
    table = seen.table
    return [
        np.concatenate([table.alone[s], said, seen.spoken_anywhere[s], among[s]], axis=1)
        for said, s in ((said, table.slices[n.key]) for n, said in zip(seen.text.names, seen.spoken, strict=True))
    ]


def softmax(scores: Array) -> Array:
    """Return how likely each of some places is."""
    raised = np.exp(scores - scores.max())
    return np.asarray(raised / raised.sum(), np.float32)


def weigh(seen: Look, nets: Weights) -> tuple[Array, list[int]]:
    """Return for each span the log odds that it is a place, and which place of its name it is."""
    rows = second_rows(seen, weigh_first(seen, nets.which_first, nets.is_first))
    scores = nets.which_second.score(np.concatenate(rows))
    bounds = np.cumsum([len(r) for r in rows])[:-1]
    chances = [softmax(part) for part in np.split(scores, bounds)]
    return nets.is_second.score(spans(seen, rows, chances)), [int(np.argmax(c)) for c in chances]
