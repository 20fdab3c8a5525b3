"""What the words of an article say for and against its being news of an incident, by hand-set weights.

One of the verdict's inputs: words of court, sport, history, accidents and statistics, and dates too old for news, are
too rare in training to leave them to the network alone.
"""

from collections.abc import Sequence
from datetime import date

from services.classifier.events import NEWS
from services.classifier.reading import Reading
from services.classifier.triggers import STRONG, Trigger
from shared.domain.vocabulary import Subtype

#: How much each other matter takes off, per sentence that hints at it; set by hand on the development articles.
_OTHER = {
    "court": 2.0,
    "leisure": 1.3,
    "figures": 1.2,
    "exercise": 1.0,
    "accident": 0.9,
    "cyber": 0.8,
    "history": 0.8,
    "policy": 0.6,
}
_SUBTYPE_WORTH = {Subtype.PEACEFUL_PROTEST: 0.7, Subtype.ARREST: 0.6, Subtype.OTHER: 0.7, Subtype.AGREEMENT: 0.7}
_TITLE, _FIRST, _LEAD, _BODY = 1.3, 1.3, 0.8, 0.15
_MOST_PER_SENTENCE, _MOST_FROM_BODY = 4.5, 2.0

#: What is left of a trigger's worth when it is dated before that, when its sentence tells a stage of a trial, and when
#: the story reports a game.
_OLD, _TRIED, _PLAYED = 0.15, 0.3, 0.15
#: A story reports a game when of its first sentences this share speaks of play, in this many different words.
_OPENING, _SPORT_SHARE, _SPORT_WORDS = 8, 0.4, 4


def balance(readings: Sequence[Reading], anchor: date | None) -> float:
    """Return what speaks for an incident less what speaks against it; about 3 is where both weigh the same.

    Title and lead decide, as they say what a story is about. `anchor` is the day of publication: what is older than
    `NEWS` counts little.
    """
    game = _is_game(readings)
    worths = [_worth(r, anchor) * (_PLAYED if game and not r.hard else 1.0) for r in readings]
    body = min(_MOST_FROM_BODY, sum(_BODY * w for r, w in zip(readings, worths, strict=True) if not r.in_lead))
    lead = sum(_place_weight(r) * w for r, w in zip(readings, worths, strict=True) if r.in_lead)
    return lead + body - sum(_place_weight(r) * _against(r) for r in readings)


def _is_game(readings: Sequence[Reading]) -> bool:
    """Tell whether a story is a sports report: its words of war are figures of speech where nobody is hurt."""
    opening = [r for r in readings if r.order <= _OPENING]
    sporting = [r for r in opening if r.sport]
    words = frozenset(word for r in sporting for word in r.sport)
    return len(words) >= _SPORT_WORDS and len(sporting) >= _SPORT_SHARE * len(opening)


def _place_weight(reading: Reading) -> float:
    if not reading.in_lead:
        return _BODY
    return {0: _TITLE, 1: _FIRST}.get(reading.order, _LEAD)


def _worth(reading: Reading, anchor: date | None) -> float:
    worth = [_value(t, plot=reading.plot) * (_OLD if _is_old(reading, t, anchor) else 1.0) for t in reading.facts]
    dated = any(not w.spoken for w in reading.whens) and max(worth, default=0) >= 1
    whole = max(worth, default=0.0) + 0.3 * (len(worth) - 1) * bool(worth) + (STRONG / 4) * dated
    return min(_MOST_PER_SENTENCE, whole) * (_TRIED if reading.trial else 1.0)


def _value(trigger: Trigger, *, plot: bool) -> float:
    if plot and trigger.subtype is Subtype.ARREST:
        return trigger.weight  # an arrest that stops an attack
    return trigger.weight * (_SUBTYPE_WORTH.get(trigger.subtype, 1.0) if trigger.subtype else 0.6)


def _is_old(reading: Reading, trigger: Trigger, anchor: date | None) -> bool:
    """Tell whether the date that stands nearest to a trigger lies further back than news does."""
    nearest = min(reading.whens, key=lambda w: max(w.start - trigger.end, trigger.start - w.end), default=None)
    return bool(anchor and nearest and nearest.range.end < anchor - NEWS)


def _against(reading: Reading) -> float:
    return min(_MOST_PER_SENTENCE, sum(_OTHER[name] * min(count, 2) for name, count in reading.matters.items()))
