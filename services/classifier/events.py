"""Happenings: which sentences tell of the story's own incidents, and which of others.

what the heads say of the whole ─┬─▶ kinds of the story's own incidents ─▶ the sentences, date and realis of each
what they say of each sentence ──┘
sentences on other incidents ─▶ together when next to each other, of one kind and not of two dates ─▶ background
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from services.classifier.network.heads import REALES, SUBTYPES, Array
from services.classifier.reading import Reading
from services.classifier.told import Told
from services.classifier.triggers import STRONG
from services.classifier.when import choice
from shared.domain.event import DateRange
from shared.domain.vocabulary import TYPE_OF, DatePrecision, EventType, Realis, Subtype

#: What happened further back is not news of itself. After the coding guideline of the evaluation data.
NEWS = timedelta(days=60)
#: Background further back than this is history, and not coded.
OLDEST = timedelta(days=365)
MOST_BACKGROUND = 6
#: A sentence shows what happened when it does so this much as the clearest.
_TELLING = 0.3
_NO_VOTES = np.zeros(len(REALES), np.float32)
#: How likely a second kind must be to stand beside the first as another of the story's own.
_SECOND = 0.25
#: Families whose words tell of the same act: gunmen who attack a checkpoint are fought, and the bomb was the beginning.
_CHAIN = frozenset({EventType.BATTLE, EventType.EXPLOSIVE_REMOTE, EventType.VIOLENCE_CIVILIANS})
#: How surely a sentence must show what happened to be told of a second incident.
_SHOWN = 0.1
#: How sure a sentence without a strong trigger must be of telling of another incident to make one, and how sure one may
#: be of telling of an act that is not coded.
_ASIDE, _UNCODED = 0.2, 0.5
#: What a strong trigger adds to the probability of its kind.
_NAMED = 0.3
#: What the words around strong triggers add to the probability of their realis.
_CUED = 1.0
#: How sure a sentence must be of telling of the story's own incident to keep it although its date is another.
_OWN = 0.97


@dataclass(frozen=True, slots=True)
class Happening:
    """One incident as the article tells it, before its values are coded. `told` comes in reading order."""

    subtype: Subtype
    realis: Realis
    main: bool
    told: tuple[Told, ...]
    telling: tuple[Reading, ...]  #: those that show what happened, the clearest first; never empty
    date: DateRange | None
    dated_by: Reading | None
    strength: float  #: how sure the heads are of its kind, 0 to 1
    others: frozenset[int] = frozenset()  #: ranks of the sentences that tell of other acts

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Its sentences."""
        return tuple(t.reading for t in self.told)


def find(sentences: Sequence[Told], strengths: Array, anchor: date | None) -> tuple[Happening, ...]:
    """Return the story's own happenings, the surest first, and up to `MOST_BACKGROUND` others.

    `strengths`: for each subtype the probability that it is the kind of the story's own incident.
    """
    order = np.argsort(-strengths, kind="stable")
    first = SUBTYPES[order[0]]
    own = [first, *(s for s in (SUBTYPES[k] for k in order[1:] if strengths[k] >= _SECOND) if not one_chain(first, s))]
    range_, dated_by = choice.choose(sentences, own[0], anchor)
    here = [t for t in sentences if not _elsewhere(t, range_)] or list(sentences)
    # Each sentence goes to one of the kinds: another reading of the same words would count their dead twice.
    parts: dict[Subtype, list[Told]] = {subtype: [] for subtype in own}
    for told in here:
        clear = told.core >= _SHOWN and told.reading.order
        parts[max(own, key=told.shows) if clear else own[0]].append(told)
    found = []
    for n, (subtype, part) in enumerate((s, p) for s, p in parts.items() if p):
        dated = (range_, dated_by) if n == 0 else choice.choose(part, subtype, anchor)
        strength = float(strengths[SUBTYPES.index(subtype)])
        found.append(happening(part, subtype, *dated, strength, main=True))
    others = background([t for t in sentences if _elsewhere(t, range_)], anchor)
    return tuple(beside(h, (*found, *others)) for h in (*found, *others[:MOST_BACKGROUND]))


def beside(one: Happening, happenings: Sequence[Happening]) -> Happening:
    """Return a happening that knows which sentences tell of the others."""
    own = {t.reading.sentence.rank for t in one.told}
    all_ = {t.reading.sentence.rank for h in happenings for t in h.told}
    return replace(one, others=(one.others | all_) - own)


def one_chain(one: Subtype, other: Subtype) -> bool:
    """Tell whether two kinds may be two readings of one act: to code both would count its dead twice."""
    return TYPE_OF[one] is TYPE_OF[other] or {TYPE_OF[one], TYPE_OF[other]} <= _CHAIN


def happening(
    sentences: Sequence[Told],
    subtype: Subtype,
    range_: DateRange | None,
    dated_by: Reading | None,
    strength: float,
    *,
    main: bool,
) -> Happening:
    """Return a happening with the sentences that show it best, and its realis by their votes."""
    weights = [t.shows(subtype) * (t.own if main else max(t.own, t.aside)) * (0.5 + t.core) for t in sentences]
    ranked = sorted(range(len(sentences)), key=lambda at: (-weights[at], at))
    telling = [sentences[at].reading for n, at in enumerate(ranked) if n == 0 or weights[at] >= _TELLING * max(weights)]
    votes = sum((w * _realis(t) for w, t in zip(weights, sentences, strict=True) if t.realis is not None), _NO_VOTES)
    realis = REALES[int(np.argmax(votes))] if np.any(votes) else Realis.ACTUAL
    if main and _is_denied(sentences):
        realis = Realis.DENIED
    return Happening(subtype, realis, main, tuple(sentences), tuple(telling), range_, dated_by, strength)


def _is_denied(sentences: Sequence[Told]) -> bool:
    """Tell whether a story opens with a denial and no sentence says for itself that it happened."""
    return any(t.reading.denies for t in sentences) and not any(
        trigger.weight >= STRONG and trigger.realis is Realis.ACTUAL
        for t in sentences
        if not t.reading.denies
        for trigger in t.reading.facts
    )


def age_days(range_: DateRange | None, anchor: date | None) -> int:
    """Return the days between a date and publication; 0 when either is unknown, or the date lies ahead."""
    return max(0, (anchor - range_.end).days) if range_ and anchor else 0


def _elsewhere(sentence: Told, main_date: DateRange | None) -> bool:
    """Tell whether a sentence tells of another happening: so say its own date, its words, or the heads."""
    reading = sentence.reading
    if reading.order == 0:
        return False
    dates = [w.range for w in reading.whens if not (w.spoken or w.ahead)]
    if reading.facts and sentence.own < _OWN:
        if main_date and dates:
            return not any(_near(d, main_date) for d in dates)
        if reading.background and not reading.in_lead:
            return True
    return sentence.aside > sentence.own


def _near(one: DateRange, main: DateRange) -> bool:
    """Tell whether two dates may be one: they overlap or are a day apart, and the first is not much wider."""
    if one.precision not in choice.FINE and main.precision in choice.FINE:
        return one.precision is not DatePrecision.YEAR and one.start <= main.start <= one.end
    return one.start - timedelta(days=1) <= main.end and main.start <= one.end + timedelta(days=1)


def background(sentences: Sequence[Told], anchor: date | None) -> list[Happening]:
    """Return the other incidents that sentences tell of, in reading order."""
    groups: list[tuple[Subtype, DateRange | None, list[Told]]] = []
    for sentence in sentences:
        range_ = next((w.range for w in sentence.reading.whens if not (w.spoken or w.ahead)), None)
        if not _is_told(sentence, range_) or (range_ and anchor and range_.end < anchor - OLDEST):
            continue
        subtype = kind_of(sentence)
        for at, (kind, dated, group) in enumerate(groups):
            beside = sentence.reading.order - group[-1].reading.order <= 1
            same = TYPE_OF[kind] is TYPE_OF[subtype] and (range_ is None or dated is None or range_ == dated)
            if same and (beside or (range_ and dated)):
                groups[at] = (kind, dated or range_, [*group, sentence])
                break
        else:
            groups.append((subtype, range_, [sentence]))
    return [
        happening(
            group,
            subtype,
            range_,
            next((t.reading for t in group if any(w.range == range_ for w in t.reading.whens)), None)
            if range_
            else None,
            max(t.shows(subtype) * max(t.own, t.aside) for t in group),
            main=False,
        )
        for subtype, range_, group in groups
    ]


def _is_told(sentence: Told, range_: DateRange | None) -> bool:
    """Tell whether a sentence aside tells of an incident that can be coded, rather than of violence in general."""
    strong = any(t.weight >= STRONG or (t.subtype is None and range_) for t in sentence.reading.facts)
    return sentence.uncoded < _UNCODED and (strong or sentence.background >= _ASIDE)


def kind_of(sentence: Told) -> Subtype:
    """Return the kind of what a sentence tells by itself: as the head says, helped by the trigger words."""
    named = {t.subtype for t in sentence.reading.facts if t.weight >= STRONG}
    return max(SUBTYPES, key=lambda s: sentence.shows(s) + _NAMED * (s in named))


def _realis(sentence: Told) -> Array:
    """Return what a sentence says of whether it happened: as the head says, helped by the words around its triggers."""
    said = np.zeros(len(REALES), np.float32) if sentence.realis is None else sentence.realis.copy()
    for trigger in sentence.reading.facts:
        said[REALES.index(trigger.realis)] += _CUED * trigger.weight / STRONG / len(sentence.reading.facts)
    return said
