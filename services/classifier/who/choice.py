"""Which of the parties that may fill a slot of an event do.

Each is weighed on its own by a logistic model of its slot: how surely the network tags it, where it is told, what it
is, what else it may be, and what stands beside it. Weights: `weights/who.json`, made by `training/who.py`.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from services.classifier import lexicon
from services.classifier.events import Happening
from services.classifier.network.heads import CLASSES, Array
from services.classifier.who.grouping import Party, share
from shared.domain.vocabulary import TYPE_OF, WeaponClass

WEIGHTS = Path(__file__).parents[1] / "weights" / "who.json"
#: The slots that are coded, and how many of each at most.
MOST = {"perpetrator": 3, "victim": 6, "target": 4, "weapon": 4, "claimant": 1}
#: Candidates that are chosen before those that are one party are put together.
ROOM = {**MOST, "perpetrator": 6, "victim": 12}
#: Slots whose fillers are known by their class, and the question that asks for it.
CLASSED = {"target": "target_class", "weapon": "weapon_class"}
#: What goes off, when nothing more is said of it, and when more is.
GENERAL = WeaponClass.EXPLOSIVE
SPECIFIC = frozenset({WeaponClass.IED, WeaponClass.VEHICLE_BOMB, WeaponClass.SUICIDE_VEST, WeaponClass.MINE})
#: What an act is worth beside a thing that may stand for the same means.
_ACT = 0.5
#: Bounds of a probability whose log odds are taken.
_LEAST = 0.01
#: A rival as sure as this counts.
_RIVAL = 0.3
_LEAD = 2


@dataclass(frozen=True, slots=True)
class Model:
    """The weights of one slot, and how likely a party must be to be coded."""

    weights: Mapping[str, float]
    least: float


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A party that may fill a slot; no two are the same. `answers`: probabilities of `CLASSES`, by question."""

    party: Party
    answers: Mapping[str, Array]
    listed: bool  #: whether a word of its name tells its class


def told(candidate: Candidate, question: str) -> str:
    """Return the likeliest answer to a question about a candidate."""
    return CLASSES[question][int(np.argmax(candidate.answers[question]))]


def worth(candidate: Candidate) -> float:
    """Return by what the better of two candidates is known: the surer, but "bomb" before "blast"."""
    head = candidate.party.name.lower().split()[-1]
    return candidate.party.sure * (_ACT if lexicon.class_words("means")[0].fullmatch(head) else 1)


def choose(slot: str, found: Sequence[Candidate], happening: Happening, model: Model) -> list[Candidate]:
    """Return the candidates that are likely enough, the likeliest at most `ROOM`, in reading order."""
    chances = [probability(f, model.weights) for f in features(slot, found, happening)]
    likely = sorted((at for at, p in enumerate(chances) if p >= model.least), key=lambda at: -chances[at])
    return [found[at] for at in sorted(likely[: ROOM[slot]])]


def probability(values: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Return how likely a candidate fills the slot."""
    return 1 / (1 + math.exp(-sum(weights.get(name, 0.0) * value for name, value in values.items())))


@cache
def load(path: Path = WEIGHTS) -> Mapping[str, Model]:
    """Read the models by slot. Raises OSError when they are missing."""
    rows = json.loads(path.read_text(encoding="utf-8"))["slots"]
    return {slot: Model(row["weights"], row["least"]) for slot, row in rows.items()}


def features(slot: str, found: Sequence[Candidate], happening: Happening) -> list[Mapping[str, float]]:
    """Return what speaks for and against each candidate."""
    everyone = [c.party for c in found]
    best = max((p.sure for p in everyone), default=0.0)
    among = list(_among_classes(found, CLASSED[slot])) if slot in CLASSED else [{}] * len(found)
    return [
        {
            "bias": 1.0,
            **dict(_of_tags(slot, c.party)),
            **dict(_of_sentences(c.party)),
            **dict(_of_name(c)),
            **dict(_among(c.party, everyone, best)),
            **classes,
            f"type:{TYPE_OF[happening.subtype]}": 1.0,
            "main": float(happening.main),
        }
        for c, classes in zip(found, among, strict=True)
    ]


def odds(chance: float) -> float:
    """Return the log odds of a probability, within bounds."""
    held = min(max(chance, _LEAST), 1 - _LEAST)
    return math.log(held / (1 - held))


def _of_tags(slot: str, party: Party) -> Iterator[tuple[str, float]]:
    yield "sure", odds(party.sure)
    yield "best", odds(max(m.mention.score for m in party.mentions))
    yield "times", math.log(len(party.mentions))
    others = {other: share(party, other) for other in MOST if other != slot}
    yield from ((f"as:{other}", fills) for other, fills in others.items())
    yield "most:other", float(max(others.values()) > share(party, slot))


def _of_sentences(party: Party) -> Iterator[tuple[str, float]]:
    yield "own", max(m.weight for m in party.mentions)
    yield "core", max(m.told.core for m in party.mentions)
    orders = [m.told.reading.order for m in party.mentions]
    yield "headline", float(0 in orders)
    yield "lead", float(any(0 < o <= _LEAD for o in orders))
    yield "early", 1 / (1 + min(orders))


def _of_name(candidate: Candidate) -> Iterator[tuple[str, float]]:
    party = candidate.party
    words = party.name.lower().split()
    yield "proper", float(party.proper)
    yield "known", float(party.known is not None)
    yield "people", float(words[-1] in lexicon.people())
    yield "words", math.log(len(words))
    yield "listed", float(candidate.listed)
    if "made_of" in candidate.answers:
        yield "thing", float(candidate.answers["made_of"][CLASSES["made_of"].index("thing")])


def _among(party: Party, everyone: Sequence[Party], best: float) -> Iterator[tuple[str, float]]:
    rivals = [p for p in everyone if p is not party and p.sure >= _RIVAL]
    yield "behind", odds(best) - odds(party.sure)
    mine = "proper" if party.proper else "plain"
    for proper, theirs in ((True, "proper"), (False, "plain")):
        yield f"{mine} beside {theirs}", math.log1p(sum(p.proper is proper for p in rivals))
    yield "outnamed", float(not party.proper and any(p.proper for p in rivals))
    surer = [p for p in everyone if p.sure > party.sure]
    yield "twin", float(any(p.words & party.words for p in surer))


def _among_classes(found: Sequence[Candidate], question: str) -> Iterator[Mapping[str, float]]:
    """Yield whether a better candidate is of its class, or another of a class that says more than "explosive"."""
    classes, worths = [told(c, question) for c in found], [worth(c) for c in found]
    exact = any(class_ in SPECIFIC for class_ in classes)
    for mine, value in zip(classes, worths, strict=True):
        taken = any(class_ == mine and other > value for class_, other in zip(classes, worths, strict=True))
        yield {"class taken": float(taken), "class said better": float(mine == GENERAL and exact)}
