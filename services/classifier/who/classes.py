"""Of which classes the things aimed at and the means of an event are, and which party is named for each.

Classes are weighed, not names: several names of one class are one answer, and a class that two unsure names share is
likely. Each class of which there is any sign is weighed by a logistic model of its slot. Weights: `weights/who.json`.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from services.classifier.events import Happening
from services.classifier.network.heads import CLASSES
from services.classifier.who.choice import (
    CLASSED,
    GENERAL,
    MOST,
    SPECIFIC,
    WEIGHTS,
    Candidate,
    Model,
    odds,
    probability,
)
from services.classifier.who.choice import told as likeliest
from shared.domain.vocabulary import TYPE_OF

#: A class of which everything says less than this is not weighed.
_SIGN = 0.02
_LEAD = 2

Features = dict[str, Mapping[str, float]]


@cache
def load(path: Path = WEIGHTS) -> Mapping[str, Model]:
    """Read the models by slot. Raises OSError when they are missing."""
    rows = json.loads(path.read_text(encoding="utf-8"))["classes"]
    return {slot: Model(row["weights"], row["least"]) for slot, row in rows.items()}


def choose(
    slot: str, found: Sequence[Candidate], victims: Sequence[Candidate], happening: Happening, model: Model
) -> list[str]:
    """Return the classes that are likely enough, the likeliest first, at most `MOST`."""
    rows = features(slot, found, victims, happening)
    chances = {class_: probability(row, model.weights) for class_, row in rows.items()}
    likely = sorted((c for c, chance in chances.items() if chance >= model.least), key=lambda c: -chances[c])
    return likely[: MOST[slot]]


def named(
    slot: str, chosen: Sequence[str], found: Sequence[Candidate], likely: Sequence[Candidate]
) -> list[tuple[Candidate, str]]:
    """Return who stands for each chosen class, in reading order.

    The `likely` candidates of a class; where there are none, the candidate of `found` that is most surely of it.
    """
    question = CLASSED[slot]
    pairs = [(c, likeliest(c, question)) for c in likely if likeliest(c, question) in chosen]
    for class_ in chosen:
        if found and all(told != class_ for _, told in pairs):
            pairs.append((_surest(found, question, class_), class_))
    return sorted(pairs, key=lambda pair: pair[0].party.place)


def features(slot: str, found: Sequence[Candidate], victims: Sequence[Candidate], happening: Happening) -> Features:
    """Return what speaks for and against each class of which there is a sign. `victims`: asked for targets alone."""
    question = CLASSED[slot]
    names, type_ = CLASSES[question], TYPE_OF[happening.subtype]
    (most, any_), (hit, hit_any) = _signs(found, question), _signs(victims, question)
    said, best, best_hit = [likeliest(c, question) for c in found], max(most), max(hit)
    exact = max((most[names.index(c)] for c in SPECIFIC), default=0.0) if slot == "weapon" else 0.0
    rows: Features = {}
    for at, class_ in enumerate(names):
        if max(most[at], hit[at]) < _SIGN:
            continue
        rows[class_] = {
            "bias": 1.0,
            "most": odds(most[at]),
            "any": odds(any_[at]),
            "behind": odds(best) - odds(most[at]),
            "first": float(most[at] == best),
            "hit": odds(hit[at]),
            "hit any": odds(hit_any[at]),
            "hit first": float(0 < hit[at] == best_hit),
            "said better": exact * (class_ == GENERAL),
            **dict(_of_named([c for c, other in zip(found, said, strict=True) if other == class_])),
            "main": float(happening.main),
            f"class:{class_}": 1.0,
            f"type:{type_}": 1.0,
            f"{type_}|{class_}": 1.0,
            f"{happening.subtype}|{class_}": 1.0,
        }
    return rows


def _of_named(mine: Sequence[Candidate]) -> Iterator[tuple[str, float]]:
    """Yield what the candidates of a class say of it."""
    mentions = [m for c in mine for m in c.party.mentions]
    yield "listed", max((c.party.sure for c in mine if c.listed), default=0.0)
    yield "times", math.log1p(len(mentions))
    yield "none", float(not mentions)
    yield "core", max((m.told.core for m in mentions), default=0.0)
    yield "own", max((m.weight for m in mentions), default=0.0)
    yield "headline", float(any(m.told.reading.order == 0 for m in mentions))
    yield "lead", float(any(0 < m.told.reading.order <= _LEAD for m in mentions))


def _surest(found: Sequence[Candidate], question: str, class_: str) -> Candidate:
    at = CLASSES[question].index(class_)
    return max(found, key=lambda c: c.party.sure * float(c.answers[question][at]))


def _signs(found: Sequence[Candidate], question: str) -> tuple[list[float], list[float]]:
    """Return for each class how surely a candidate fills the slot and is of it: the surest one, and at least one."""
    if not found:
        return [0.0] * len(CLASSES[question]), [0.0] * len(CLASSES[question])
    sure = np.array([c.party.sure for c in found])
    table = sure[:, None] * np.minimum([c.answers[question] for c in found], 1.0)
    most: list[float] = table.max(axis=0).tolist()
    any_: list[float] = (1 - np.prod(1 - table, axis=0)).tolist()
    return most, any_
