"""Which of the rivals is the toll: a linear model weighs what is said of each, and of nothing being told.

rivals ─▶ features of each among all ─▶ the likeliest; a number takes the place of the "dozens" that it makes exact
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from services.classifier.casualties import features
from services.classifier.casualties.counts import Kind
from services.classifier.casualties.rivals import Rival
from services.classifier.casualties.wording import Harm
from shared.domain.vocabulary import Subtype

WEIGHTS = Path(__file__).parents[1] / "weights" / "tolls.json"
#: So many times its least number a vague one no longer means.
_VAGUEST = 10


@cache
def weights() -> Mapping[Harm, Mapping[str, float]]:
    """Return the shipped weights of the features."""
    stored = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return {harm: stored[harm] for harm in Harm}


def choose(harm: Harm, found: Mapping[Harm, Sequence[Rival]], subtype: Subtype) -> Rival | None:
    """Return the likeliest rival, or None when nothing is told. `subtype`: the kind of the event."""
    rivals, others = found[harm], found[Harm.INJURED if harm is Harm.KILLED else Harm.KILLED]
    if not rivals:
        return None
    rows, weigh = features.of(rivals, others, subtype), weights()[harm]
    scores = [sum(weigh.get(name, 0.0) * value for name, value in row.items()) for row in rows]
    best = scores.index(max(scores))
    if best == len(rivals):
        return None
    exact = [n for n, rival in enumerate(rivals) if _makes_exact(rival, rivals[best])]
    return rivals[max(exact, key=scores.__getitem__) if exact else best]


def _makes_exact(rival: Rival, vague: Rival) -> bool:
    """Tell whether a rival gives the number of what another tells as "dozens"."""
    told = any(s.kind is Kind.NUMBER and not (s.summed or s.added or s.rest or s.sides) for s in rival.statements)
    return vague.vague and told and not rival.vague and vague.value <= rival.value < vague.value * _VAGUEST
