"""Second acts: sentences of the story's own incidents that tell of another one, as round-ups do.

own happenings ─▶ sentences that show an act ─▶ what speaks for another one ─▶ likely enough ─▶ background

The heads take two bombs of one morning for one incident. A logistic model says which sentences tell of another act; it
cannot say whether that is the story's news too, so that all of them become background, which hides none of them.
Weights: `weights/second_acts.json`, made by `training/second_acts.py`.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.classifier import events, logit
from services.classifier.events import MOST_BACKGROUND, Happening
from services.classifier.told import Told
from services.classifier.triggers import STRONG
from shared.domain.vocabulary import TYPE_OF, EventType, Subtype

WEIGHTS = Path(__file__).parent / "weights" / "second_acts.json"
#: Least probability of another act. On the stories held out all from .3 to .5 gain over all events, .3 most; but below
#: this one incident told at length now and then becomes two, with the same dead.
LIKELY = 0.45
#: The first sentence of the body that is looked at: title and first sentence say what the story's own incident is.
_FROM = 2
#: How surely a sentence without a strong trigger must show what happened.
_SHOWN = 0.1
#: Probabilities are taken no nearer to 0 and 1 than this before their log odds.
_EDGE = 1e-3
#: What is burnt or looted in a riot is part of it.
_RIOTING = {EventType.RIOT, EventType.PROPERTY}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may tell of another act, of which kind, and what speaks for it."""

    told: Told
    subtype: Subtype
    features: Mapping[str, float]


def part(happenings: Sequence[Happening], anchor: date | None) -> tuple[Happening, ...]:
    """Return the happenings of a story with its second acts taken out of its own incidents, behind the others."""
    weights = logit.load(WEIGHTS)
    found = [c.told for c in candidates(happenings) if probability(c, weights) >= LIKELY]
    room = MOST_BACKGROUND - sum(not h.main for h in happenings)
    acts = events.background(sorted(found, key=lambda t: t.reading.order), anchor)[: max(0, room)]
    taken = {t.reading.sentence.rank for h in acts for t in h.told}
    whole = [*(_without(h, taken) for h in happenings), *acts]
    return tuple(events.beside(h, whole) for h in whole)


def probability(candidate: Candidate, weights: Mapping[str, float]) -> float:
    """Return how likely a candidate tells of another act."""
    return 1 / (1 + math.exp(-logit.score(candidate.features, weights)))


def candidates(happenings: Sequence[Happening]) -> Iterator[Candidate]:
    """Yield the sentences of a story's own happenings, but for the opening and the clearest, that show an act.

    One of another kind that may be a second reading of the same act is no candidate.
    """
    own = [h for h in happenings if h.main]
    kept = {r.sentence.rank for h in own for r in (h.telling[0], h.dated_by) if r}
    for told in (t for h in own for t in h.told):
        strong = any(t.weight >= STRONG for t in told.reading.facts)
        shown = told.reading.facts and (strong or told.core >= _SHOWN)
        subtype = events.kind_of(told)
        reread = TYPE_OF[subtype] is not TYPE_OF[own[0].subtype] and _may_be_one(subtype, own[0].subtype)
        if shown and not reread and told.reading.order >= _FROM and told.reading.sentence.rank not in kept:
            yield Candidate(told, subtype, _features(told, subtype, own[0].subtype, strong=strong))


def _may_be_one(one: Subtype, other: Subtype) -> bool:
    """Tell whether two kinds may be two readings of one act: to code both would count its dead twice."""
    return events.one_chain(one, other) or {TYPE_OF[one], TYPE_OF[other]} == _RIOTING


def _features(told: Told, subtype: Subtype, first: Subtype, *, strong: bool) -> dict[str, float]:
    """Return what speaks for another act. `first`: the kind of the story's surest own incident."""
    background = min(1 - _EDGE, max(_EDGE, told.background))
    return {
        "any": 1.0,
        "background": math.log(background / (1 - background)),
        "core": told.core,
        "shows": told.shows(subtype),
        "strong": float(strong),
        "place": float(bool(told.tagged and told.tagged.mentions("place"))),
        "same type": float(TYPE_OF[subtype] is TYPE_OF[first]),
    }


def _without(one: Happening, taken: set[int]) -> Happening:
    """Return a happening of the story's own without the sentences of some ranks."""
    left = [t for t in one.told if t.reading.sentence.rank not in taken]
    if not one.main or len(left) == len(one.told):
        return one
    return events.happening(left, one.subtype, one.date, one.dated_by, one.strength, main=True)
