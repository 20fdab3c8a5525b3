"""Of which kind are the story's own incidents? Three opinions, weighed: the whole, its sentences, its words."""

from collections.abc import Sequence

import numpy as np

from services.classifier.network.heads import SUBTYPES, Array, Judgement
from services.classifier.reading import Reading
from services.classifier.told import Told
from services.classifier.triggers import ACTOR, WEAK
from shared.domain.vocabulary import Subtype

#: What a trigger counts for by where it stands, and where its sentence says that it tells of another happening.
_TITLE, _FIRST, _LEAD, _BODY, _BACKGROUND = 2.5, 2.0, 1.2, 0.25, 0.4
#: How surely a sentence that was not read tells of the story's own incident.
_UNREAD = 0.2
#: Acts that follow others: they name the story only where nothing more harmful does.
_FOLLOW_UP = {
    Subtype.ARREST: 0.55,
    Subtype.PEACEFUL_PROTEST: 0.8,
    Subtype.AGREEMENT: 0.8,
    Subtype.THREAT_HOAX: 0.7,
    Subtype.ARMED_ATTACK: 0.9,
    Subtype.WEAPONS_SEIZURE: 0.7,
}
#: Where both are told, the second is the more specific or the more harmful reading of the first.
_SHARPER = (
    (Subtype.BOMBING, Subtype.SUICIDE_BOMBING),
    (Subtype.ARMED_ATTACK, Subtype.ASSASSINATION),
    (Subtype.ARMED_CLASH, Subtype.VIOLENT_DEMONSTRATION),
    (Subtype.PEACEFUL_PROTEST, Subtype.FORCE_AGAINST_PROTESTERS),
    (Subtype.PEACEFUL_PROTEST, Subtype.VIOLENT_DEMONSTRATION),
    (Subtype.PEACEFUL_PROTEST, Subtype.PROTEST_WITH_INTERVENTION),
)
_SHARP_ENOUGH = 0.4
#: Shares below this are taken for it before their logarithm.
_LEAST = 1e-3


def opinions(sentences: Sequence[Told], judgement: Judgement) -> Array:
    """Return three rows over the subtypes: log odds of the story, of its sentences, and the share of its words."""
    rows = [(t.subtypes, t.own * (0.3 + t.core)) for t in sentences if t.subtypes is not None]
    nothing = np.zeros(len(SUBTYPES), np.float32)
    told = sum((kinds * weight for kinds, weight in rows), nothing) / max(sum(w for _, w in rows), _LEAST)
    votes = _votes(sentences)
    return np.stack([np.log(judgement.mains + _LEAST), np.log(told + _LEAST), votes / (votes.sum() + 1)])


def strengths(sentences: Sequence[Told], judgement: Judgement, weights: Sequence[float]) -> Array:
    """Return for each subtype the probability that the story's own incident is of that kind."""
    total = np.asarray(weights, np.float32) @ opinions(sentences, judgement)
    raised = np.exp(total - total.max())
    return np.asarray(raised / raised.sum(), np.float32)


def _votes(sentences: Sequence[Told]) -> Array:
    """Return how much the trigger words speak for each subtype."""
    votes = np.zeros(len(SUBTYPES), np.float32)
    for told in sentences:
        weight = _place(told.reading) * (_UNREAD if told.roles is None else told.own)
        best: dict[Subtype, float] = {}
        for trigger in told.reading.facts:
            if trigger.subtype:
                strength = WEAK if trigger.weight == ACTOR else trigger.weight
                best[trigger.subtype] = max(best.get(trigger.subtype, 0.0), strength)
        for subtype, strength in best.items():
            votes[SUBTYPES.index(subtype)] += weight * strength * _FOLLOW_UP.get(subtype, 1.0)
    for blunt, sharp in ((SUBTYPES.index(b), SUBTYPES.index(s)) for b, s in _SHARPER):
        if votes[sharp] > 0 and votes[sharp] >= _SHARP_ENOUGH * votes[blunt]:
            votes[sharp], votes[blunt] = votes[sharp] + votes[blunt], 0.0
    return votes


def _place(reading: Reading) -> float:
    where = {0: _TITLE, 1: _FIRST}.get(reading.order, _LEAD if reading.in_lead else _BODY)
    return where * (_BACKGROUND if reading.background else 1.0)
