"""Happenings: which triggers tell of the story's own incident, and which of others.

title and lead ─▶ votes for a subtype ─▶ the main happening ◀─ sentences that tell more of it
a trigger with another date, or "last week also saw" ─▶ a background happening
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.classifier.reading import Reading
from services.classifier.triggers import ACTOR, STRONG, WEAK
from shared.domain.event import DateRange
from shared.domain.vocabulary import TYPE_OF, DatePrecision, Realis, Subtype

#: What happened further back is not news of itself. After the coding guideline of the evaluation data.
NEWS = timedelta(days=60)
#: Background further back than this is history, and not coded.
OLDEST = timedelta(days=365)
MOST_BACKGROUND = 6
#: Sentences of the body in which the date of the main happening is looked for.
_DATE_REACH = 8
#: Sentences beside a trigger in which the time of a statement may stand for that of the act.
_SPOKEN_REACH = 3

_TITLE, _FIRST, _LEAD, _BODY = 2.5, 2.0, 1.2, 0.25
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
_SURE = 2.0


@dataclass(frozen=True, slots=True)
class Happening:
    """One incident as the article tells it, before its values are coded. `readings` come in reading order."""

    subtype: Subtype
    realis: Realis
    main: bool
    readings: tuple[Reading, ...]
    date: DateRange | None
    dated_by: Reading | None

    def telling(self) -> tuple[Reading, ...]:
        """Return the readings that hold a trigger of the subtype, or any trigger when none does."""
        exact = tuple(r for r in self.readings if any(t.subtype is self.subtype for t in r.facts))
        return exact or tuple(r for r in self.readings if r.facts) or self.readings[:1]


def find(readings: Sequence[Reading], anchor: date | None) -> tuple[Happening, ...]:
    """Return the main happening and up to `MOST_BACKGROUND` others. Empty when no sentence tells of any."""
    votes = _votes(readings)
    subtype = _winner(votes)
    if subtype is None:
        return ()
    told, dated_by = _main_date(readings, subtype, anchor)
    own = tuple(r for r in readings if not _elsewhere(r, told))
    main = Happening(subtype, _realis(own, subtype), True, own, told, dated_by)
    others = _background([r for r in readings if _elsewhere(r, told)], subtype, anchor)
    return (main, *others[:MOST_BACKGROUND])


def _votes(readings: Sequence[Reading]) -> dict[Subtype | None, float]:
    votes: dict[Subtype | None, float] = defaultdict(float)
    for reading in readings:
        weight = {0: _TITLE, 1: _FIRST}.get(reading.order, _LEAD if reading.in_lead else _BODY)
        weight *= 0.4 if reading.background else 1.0
        best: dict[Subtype | None, float] = {}
        for trigger in reading.facts:
            strength = WEAK if trigger.weight == ACTOR else trigger.weight
            best[trigger.subtype] = max(best.get(trigger.subtype, 0.0), strength)
        for subtype, strength in best.items():
            votes[subtype] += weight * strength * (_FOLLOW_UP.get(subtype, 1.0) if subtype else 1.0)
    return votes


def _winner(votes: dict[Subtype | None, float]) -> Subtype | None:
    named = {s: n for s, n in votes.items() if s is not None}
    if not named:
        # Only "attack" and "killed": people were attacked, and nobody says how.
        return Subtype.ARMED_ATTACK if votes.get(None, 0.0) >= _SURE * STRONG else None
    best = max(named, key=lambda s: (named[s], s))
    for blunt, sharp in _SHARPER:
        if best is blunt and named.get(sharp, 0.0) >= max(STRONG, 0.4 * named[best]):
            best = sharp
    return best


def _main_date(
    readings: Sequence[Reading], subtype: Subtype, anchor: date | None
) -> tuple[DateRange | None, Reading | None]:
    """Return the date of the story's act and the sentence that tells it.

    The first date of news is taken before an older one, an act's before a statement's, a fine one before a wide one,
    and one beside a trigger of the subtype before one beside any other.
    """
    near = [r for r in readings if r.order <= _DATE_REACH and r.facts and (r.in_lead or not r.background)]
    exact = [r for r in near if any(t.subtype in (subtype, None) for t in r.facts)]
    told = [
        ((_is_old(w.range, anchor), w.spoken, w.range.precision not in _FINE, beside), w.range, reading)
        for beside, group in enumerate((exact, near))
        for place, reading in enumerate(group)
        for w in reading.whens
        # "Last month" in "the latest since last month" is the date of the others.
        if (not w.spoken or place < _SPOKEN_REACH) and not (reading.background and w.range.precision not in _FINE)
    ]
    best = min(told, key=lambda candidate: candidate[0], default=None)
    return (best[1], best[2]) if best else (None, None)


def _is_old(told: DateRange, anchor: date | None) -> bool:
    return bool(anchor and told.end < anchor - NEWS)


_FINE = frozenset({DatePrecision.DAY, DatePrecision.DAYS})


def _elsewhere(reading: Reading, main_date: DateRange | None) -> bool:
    """Tell whether a sentence tells of another happening: by its own date, or because it says so."""
    dates = [w.range for w in reading.whens if not w.spoken]
    if reading.order == 0:
        return False
    if main_date and dates:
        return not any(_near(d, main_date) for d in dates) and bool(reading.facts)
    return reading.background and not reading.in_lead and bool(reading.facts)


def _near(one: DateRange, main: DateRange) -> bool:
    """Tell whether two dates may be one: they overlap or are a day apart, and the first is not much wider."""
    if one.precision not in _FINE and main.precision in _FINE:
        return one.precision is not DatePrecision.YEAR and one.start <= main.start <= one.end
    return one.start - timedelta(days=1) <= main.end and main.start <= one.end + timedelta(days=1)


def _realis(readings: Sequence[Reading], subtype: Subtype) -> Realis:
    """Return what most of the act's triggers say, those of title and lead first."""
    votes: dict[Realis, float] = defaultdict(float)
    for reading in readings:
        for trigger in reading.facts:
            if trigger.subtype is subtype:
                votes[trigger.realis] += trigger.weight * (3 if reading.in_lead else 0.5)
    if not votes:
        return Realis.ACTUAL
    return max(votes, key=lambda r: (votes[r], r is Realis.ACTUAL))


def _background(readings: Sequence[Reading], main: Subtype, anchor: date | None) -> list[Happening]:
    groups: dict[tuple[object, object], list[Reading]] = {}
    facts: dict[tuple[object, object], tuple[Subtype, DateRange | None]] = {}
    for reading in readings:
        # A bare "attack" with a date of its own is enough; without one it takes a word that names the act.
        strong = [t for t in reading.facts if t.weight >= STRONG or (t.subtype is None and reading.whens)]
        told = next((w.range for w in reading.whens if not w.spoken), None)
        if not strong or (told and anchor and told.end < anchor - OLDEST):
            continue
        subtype = _winner(_votes([reading])) or main
        if all(t.subtype is None for t in strong) and TYPE_OF[subtype] is TYPE_OF[Subtype.ARMED_ATTACK]:
            subtype = main  # a bare "attack" in the background is one of the same kind
        key = (TYPE_OF[subtype], told.model_dump_json() if told else reading.order)
        groups.setdefault(key, []).append(reading)
        facts.setdefault(key, (subtype, told))
    return [
        Happening(
            facts[key][0],
            _realis(group, facts[key][0]),
            False,
            tuple(group),
            facts[key][1],
            group[0] if facts[key][1] else None,
        )
        for key, group in groups.items()
    ]
