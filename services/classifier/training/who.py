"""Fitting who is coded: `python -m services.classifier.training.who --data ../shared/data`.

labelled stories that the network has not seen ─▶ candidates of each slot, right or wrong ─▶ `weights/who.json`

What the network saw it tags too surely, so that only the stories held out can tell what its sureness is worth.
The figures are cross-validated over stories, and so is the least chance; the weights that are stored are fitted on all.
Of things aimed at and means, classes are fitted too: they, not their names, are what is coded.
"""

import argparse
import json
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from services.classifier import models
from services.classifier.events import Happening
from services.classifier.models import Models
from services.classifier.network.heads import Heads
from services.classifier.training import examples, stories, verdict
from services.classifier.training.anchoring import anchored
from services.classifier.training.labels import Filler, LabelledEvent
from services.classifier.training.stories import Labelled
from services.classifier.who import choice, classes, merging, naming, parties
from services.classifier.who.choice import Candidate

Array = npt.NDArray[np.float64]

_FOLDS, _DIGITS = 5, 3
#: Inverse pull of the weights to nothing, and what is tried as least chance.
_STRENGTH, _STRENGTHS = 0.3, {"target class": 0.1}
_LEASTS = tuple(round(0.1 + 0.02 * n, 2) for n in range(31))
#: Slots of people, whose chosen candidates may be one party.
MERGED = ("perpetrator", "victim")
#: Right candidates that a model is fitted on at least.
_ENOUGH = 30
#: Of least chances whose F differs by less, the lowest is taken: other kinds of text are tagged less surely.
#: Of classes the best: a class too many costs as much as one too few, and several names bear each.
_TIE, _CLASS_TIE = 0.01, 0.0
#: What the same kind adds to the share of sentences by which happenings and events are paired.
_SAME_KIND = 0.5
#: Words of two names that must be the same: this share of all, as the gold's ruler has it.
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Case:
    """One slot of one event: its candidates, what each is and names, which are right, and how many there are to find.

    Of classes, `found` is empty and a candidate names nothing but itself.
    """

    story: str
    slot: str
    features: tuple[Mapping[str, float], ...]
    right: tuple[bool, ...]
    wanted: int
    found: tuple[Candidate, ...] = ()
    names: tuple[frozenset[int], ...] = ()  #: for each candidate the fillers that it names

    def hits(self, taken: Sequence[int]) -> tuple[int, int]:
        """Return how many of what is taken are right, and how many parties that makes."""
        if not self.found:
            return sum(self.right[at] for at in taken), len(taken)
        at_ = {id(self.found[at]): at for at in taken}
        merged = merging.merge(self.slot, [self.found[at] for at in sorted(taken)])[: choice.MOST[self.slot]]
        left = set[int]().union(*self.names)
        hits = 0
        for party in merged:
            hit = min(left & frozenset[int]().union(*(self.names[at_[id(c)]] for c in party)), default=None)
            hits += hit is not None
            left.discard(-1 if hit is None else hit)
        return hits, len(merged)


def alike(one: str, other: str) -> bool:
    """Tell whether two names share enough of their words."""
    a, b = naming.content(one), naming.content(other)
    return bool(a and b) and 2 * len(a & b) >= _ALIKE * (len(a) + len(b))


def align(
    happenings: Sequence[Happening], events: Sequence[LabelledEvent]
) -> Iterator[tuple[Happening, LabelledEvent]]:
    """Yield each happening with the labelled event that shares most of its sentences, every event once."""
    pairs = []
    for at, happening in enumerate(happenings):
        mine = {r.sentence.start for r in happening.readings}
        for n, event in enumerate(events):
            shared = len(mine & set(event.sentences)) / max(1, len(event.sentences))
            if shared and happening.main == event.main:
                pairs.append((shared + _SAME_KIND * (happening.subtype is event.subtype), at, n))
    used: set[tuple[str, int]] = set()
    for _, at, n in sorted(pairs, reverse=True):
        if not {("happening", at), ("event", n)} & used:
            used |= {("happening", at), ("event", n)}
            yield happenings[at], events[n]


def cases(known: Sequence[Labelled], loaded: Models) -> Iterator[Case]:
    """Yield the slots of the events that are found in labelled stories."""
    ajar = verdict.ajar(loaded)
    for story, label in known:
        if not label.relevant or any(e.fillers is None for e in label.events):
            continue
        readings, _ = examples.readings_of(story, models.load_rules())
        texts = {r.sentence.start: r.sentence.text for r in readings}
        events = anchored(label, [r.sentence for r in readings]).events
        for happening, event in align(verdict.analyse(story, ajar).happenings, events):
            if not event.optional:
                yield from _of_event(story.key, happening, event, texts, loaded.heads)


def _of_event(
    story: str, happening: Happening, event: LabelledEvent, texts: Mapping[int | None, str], heads: Heads
) -> Iterator[Case]:
    """Yield the slots of an event, and the classes of those that have such."""
    found = {slot: parties.candidates(happening, slot, heads) for slot in choice.MOST}
    for slot, mine in found.items():
        fillers = [f for f in event.fillers or () if f.slot == slot]
        names = [[texts[s][a:b] for s, a, b in f.mentions if s in texts] for f in fillers]
        right = judge(slot, mine, fillers, names)
        rows, wanted = tuple(choice.features(slot, mine, happening)), max(len(fillers), sum(right))
        if slot in MERGED:
            named = tuple(frozenset(n for n, each in enumerate(names) if _fits(c, each)) for c in mine)
            yield Case(story, slot, rows, right, wanted, tuple(mine), named)
        else:
            yield Case(story, slot, rows, right, wanted)
        if slot in choice.CLASSED:
            told = {f.answers[choice.CLASSED[slot]] for f in fillers if choice.CLASSED[slot] in f.answers}
            signs = classes.features(slot, mine, found["victim"] if slot == "target" else (), happening)
            yield Case(story, f"{slot} class", tuple(signs.values()), tuple(c in told for c in signs), len(told))


def judge(
    slot: str, found: Sequence[Candidate], fillers: Sequence[Filler], names: Sequence[Sequence[str]]
) -> tuple[bool, ...]:
    """Return which candidates are right: the surest of each filler, by `names`, and of each class that is told."""
    told = {f.answers[choice.CLASSED[slot]] for f in fillers} if slot in choice.CLASSED else set()
    right = [False] * len(found)
    left = set(range(len(fillers)))
    for at in sorted(range(len(found)), key=lambda at: choice.worth(found[at]), reverse=True):
        hit = next((n for n in left if _fits(found[at], names[n])), None)
        class_ = choice.told(found[at], choice.CLASSED[slot]) if told else None
        right[at] = hit is not None or class_ in told
        left.discard(-1 if hit is None else hit)
        told.discard(class_ if right[at] else None)
    return tuple(right)


def _fits(candidate: Candidate, names: Sequence[str]) -> bool:
    return any(alike(m.mention.text, name) for m in candidate.party.mentions for name in names)


def strength(slot: str) -> float:
    """Return the inverse pull of a slot's weights to nothing."""
    return _STRENGTHS.get(slot, _STRENGTH)


def fit(known: Sequence[Case]) -> dict[str, float]:
    """Return the weights of a slot that make its right candidates likely and the others not."""
    names = sorted({name for c in known for row in c.features for name in row})
    rows = np.array([[row.get(name, 0.0) for name in names] for c in known for row in c.features])
    right = np.array([r for c in known for r in c.right])
    model = LogisticRegression(C=strength(known[0].slot), max_iter=3000, fit_intercept=False).fit(rows, right)
    return dict(zip(names, (round(float(w), _DIGITS) for w in model.coef_[0]), strict=True))


def fit_or_trust(known: Sequence[Case]) -> dict[str, float]:
    """Return the weights of a slot; its sureness as it is where too few are right to learn from."""
    return fit(known) if sum(sum(c.right) for c in known) >= _ENOUGH else {"sure": 1.0}


def f1(known: Sequence[Case], chances: Sequence[Sequence[float]], least: float) -> float:
    """Return the F measure of what is chosen, over all events."""
    hits = claimed = 0
    for case, mine in zip(known, chances, strict=True):
        likely = sorted((at for at, p in enumerate(mine) if p >= least), key=lambda at: -mine[at])
        hit, made = case.hits(likely[: choice.ROOM[case.slot.split()[0]]])
        hits += hit
        claimed += made
    return 2 * hits / max(1, claimed + sum(c.wanted for c in known))


def unseen(known: Sequence[Case]) -> list[list[float]]:
    """Return the chances of all candidates, each story's by weights that were fitted without it."""
    fold = [zlib.crc32(c.story.encode()) % _FOLDS for c in known]
    made = [fit_or_trust([c for c, f in zip(known, fold, strict=True) if f != k]) for k in range(_FOLDS)]
    return [[choice.probability(row, made[k]) for row in c.features] for c, k in zip(known, fold, strict=True)]


def slot_of(known: Sequence[Case]) -> tuple[dict[str, object], dict[str, float]]:
    """Return the model of a slot as it is stored, and its figures."""
    chances = unseen(known)
    reached = {value: f1(known, chances, value) for value in _LEASTS}
    of_classes = known[0].slot.endswith("class")
    tie = _CLASS_TIE if of_classes else _TIE
    least = min(value for value, score in reached.items() if score >= max(reached.values()) - tie)
    surest = "most" if of_classes else "sure"
    tagged = [[row[surest] for row in c.features] for c in known]
    bare = max(f1(known, tagged, value) for value in np.arange(-4.0, 3.0, 0.2))
    figures = {"f1": f1(known, chances, least), "f1_by_sureness_alone": bare, "events": float(len(known))}
    return {"weights": fit_or_trust(known), "least": least}, {
        name: round(value, _DIGITS) for name, value in figures.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, cross-validate and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--into", type=Path, default=choice.WEIGHTS, help="file to write")
    given = parser.parse_args(arguments)
    kept = [pair for pair in stories.labelled(given.data) if stories.held_out(pair[0])]
    asked = list(cases(kept, models.load_models()))
    made = {slot: slot_of([c for c in asked if c.slot == slot]) for slot in dict.fromkeys(c.slot for c in asked)}
    record = {
        "slots": {slot: made[slot][0] for slot in choice.MOST},
        "classes": {slot: made[f"{slot} class"][0] for slot in choice.CLASSED},
        "cross_validated": {slot: figures for slot, (_, figures) in made.items()},
    }
    given.into.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(record["cross_validated"], indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
