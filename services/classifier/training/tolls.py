"""`python -m services.classifier.training.tolls --data ../shared/data`: fits the weights that choose a toll.

our labels: an event's own sentences ─┐
gun violence, as the classifier reads ┴▶ rivals, right or wrong ─▶ linear softmax for each harm ─▶ tolls.json

The figures are cross-validated over stories; what is stored is fitted on all.
"""

import argparse
import gzip
import json
import logging
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from services.classifier import models
from services.classifier.casualties import choice, counting, features, rivals, tolls
from services.classifier.casualties.rivals import Rival
from services.classifier.casualties.wording import Harm
from services.classifier.models import Models
from services.classifier.sentences import Sentence
from services.classifier.training import corpora, examples, labels, verdict
from services.classifier.training.anchoring import anchored
from shared.domain.vocabulary import Subtype

_FOLDS = 5
#: Weight of a record against a label: a record knows more than its article may tell. Pull of weights to nothing.
_RECORD, _PULL = 0.3, 0.5
#: Articles of gun violence that are read: those whose name's hash gives one of these remainders of seven.
_SHARE, _OF = (0, 1, 2, 3), 7
_DIGITS = 3

_log = logging.getLogger("training")

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """What one event tells of one harm: the features of each rival, "nothing told" last, and which are right."""

    story: str
    harm: Harm
    features: tuple[Mapping[str, float], ...]
    right: tuple[bool, ...]
    weight: float


def _rows(
    sentences: Sequence[Sentence], subtype: Subtype
) -> dict[Harm, tuple[list[Rival], tuple[Mapping[str, float], ...]]]:
    found, nothing = rivals.of(tolls.read(sentences, subtype)), Rival(0, vague=False, statements=())
    rows: dict[Harm, tuple[list[Rival], tuple[Mapping[str, float], ...]]] = {}
    for harm, other in ((Harm.KILLED, Harm.INJURED), (Harm.INJURED, Harm.KILLED)):
        rows[harm] = [*found[harm], nothing], tuple(features.of(found[harm], found[other], subtype))
    return rows


def is_right(rival: Rival, told: Sequence[int | None] | None) -> bool:
    """Tell whether a rival has the labelled least, likeliest and greatest number, the vague ones by their least."""
    if told is None or not rival.statements:
        return told is None and not rival.statements
    least, best, _ = told
    if best is None:
        return rival.value == least if rival.vague else least is not None and rival.value >= least
    return not rival.vague and rival.value == best


def of_labels(data: Path) -> Iterator[Case]:
    """Yield the labelled events with the sentences that were labelled as telling them."""
    rules, own = models.load_rules(), {label.key: label for label in labels.load()}
    for corpus in corpora.READERS:
        for story in (s for s in corpora.read(corpus, data) if s.key in own):
            readings, _ = examples.readings_of(story, rules)
            label = anchored(own[story.key], [r.sentence for r in readings])
            for event in (e for e in label.events if not e.optional):
                rows = _rows([r.sentence for r in readings if r.sentence.start in event.sentences], event.subtype)
                for harm, (each, seen) in rows.items():
                    right = tuple(is_right(r, event.facts[harm]) for r in each)
                    yield Case(story.key, harm, seen, right, 1.0)


def of_records(data: Path, classifier: Models) -> Iterator[Case]:
    """Yield the main events of gun-violence news against the records of their incidents; nothing told is none."""
    with gzip.open(data / "gva/incidents.jsonl.gz", "rt", encoding="utf-8") as lines:
        records: dict[str, dict[str, Any]] = {str(r["incident_uri"]): r for r in map(json.loads, lines)}
    for story in corpora.read("gva", data):
        record = records.get(story.labels["incident"])
        if record is None or zlib.crc32(story.name.encode()) % _OF not in _SHARE:
            continue
        for happening in [h for h in verdict.analyse(story, classifier).happenings if h.main][:1]:
            sentences = [r.sentence for r in happening.readings]
            if _attackers_hurt(sentences):
                continue  # a record counts them among its dead, our guideline does not
            for harm, (each, seen) in _rows(sentences, happening.subtype).items():
                told = tuple((0 if r.vague else r.value) == record[f"num_{harm}"] for r in each)
                yield Case(f"gva/{story.labels['incident']}", harm, seen, told, _RECORD)


def _attackers_hurt(sentences: Sequence[Sentence]) -> bool:
    return any(rivals.is_attacker(c) for s in sentences for c in counting.find(s.plain))


def fit(cases: Sequence[Case], names: Sequence[str]) -> Array:
    """Return the weights of the features that make the right rivals likeliest (a conditional logit, L2 pull)."""
    asked = [c for c in cases if any(c.right) and not all(c.right)]
    rows = np.concatenate([_matrix(c, names) for c in asked])
    right, weight = np.concatenate([c.right for c in asked]), np.array([c.weight for c in asked])
    starts = np.cumsum([0, *(len(c.right) for c in asked[:-1])])
    owner = np.repeat(np.arange(len(asked)), [len(c.right) for c in asked])

    def surprise(values: Array) -> tuple[float, Array]:
        scores = rows @ values
        raised = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        every, hit = np.add.reduceat(raised, starts), np.add.reduceat(raised * right, starts)
        slope = weight[owner] * (raised / every[owner] - raised * right / hit[owner])
        loss = -(weight * np.log(hit / every)).sum() + _PULL * (values**2).sum()
        return float(loss), rows.T @ slope + 2 * _PULL * values

    found: Array = minimize(surprise, np.zeros(len(names)), jac=True, method="L-BFGS-B").x
    return found


def _matrix(case: Case, names: Sequence[str]) -> Array:
    return np.array([[row.get(name, 0.0) for name in names] for row in case.features])


def _accuracy(cases: Sequence[Case], names: Sequence[str], values: Array) -> float:
    return float(np.mean([c.right[int(np.argmax(_matrix(c, names) @ values))] for c in cases]))


def _checked(cases: Sequence[Case], names: Sequence[str]) -> dict[str, float]:
    """Return the share right over stories that a fold has not seen, by source."""
    hits: dict[str, list[tuple[float, int]]] = {}
    for fold in range(_FOLDS):
        there = [zlib.crc32(c.story.encode()) % _FOLDS == fold for c in cases]
        values = fit([c for c, out in zip(cases, there, strict=True) if not out], names)
        for source, weight in (("labels", 1.0), ("records", _RECORD)):
            left = [c for c, out in zip(cases, there, strict=True) if out and c.weight == weight]
            hits.setdefault(source, []).append((_accuracy(left, names, values), len(left)))
    return {source: sum(a * n for a, n in found) / sum(n for _, n in found) for source, found in hits.items()}


def main() -> int:
    """Fit, show the cross-validated figures, and store the weights. Returns the exit status."""
    options = argparse.ArgumentParser(prog="training.tolls", description=__doc__)
    options.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    given = options.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    cases = [*of_labels(given.data), *of_records(given.data, models.load_models())]
    stored = {}
    for harm in Harm:
        mine = [c for c in cases if c.harm is harm]
        names = sorted({name for c in mine for row in c.features for name in row})
        _log.info("%s: %d cases, right %s", harm, len(mine), _checked(mine, names))
        stored[harm.value] = dict(zip(names, (round(float(v), _DIGITS) for v in fit(mine, names)), strict=True))
    choice.WEIGHTS.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
