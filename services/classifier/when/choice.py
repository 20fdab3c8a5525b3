"""Which of the dates that an article tells is that of the event.

Every date in reach is a candidate, with what its words, its sentence and the other dates say of it; a small logistic
model weighs them against each other and against there being no date. One day told twice counts with both mentions.
Weights: `weights/when.json`, made by `training/when.py`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.classifier import logit
from services.classifier.reading import Reading
from services.classifier.told import Told
from services.classifier.when.dates import When
from shared.domain.event import DateRange
from shared.domain.vocabulary import DatePrecision, Subtype

WEIGHTS = Path(__file__).parents[1] / "weights" / "when.json"
#: Sentences of the body in which the date of an event is looked for.
REACH = 20
FINE = frozenset({DatePrecision.DAY, DatePrecision.DAYS})
#: Code points either side of a date whose words say what it dates.
_AROUND = 45
#: What words near a date say of it. Each counts before and after the date on its own.
_WORDS = {
    "court": r"\b(?:arrest|charged?\b|court|appear|arraign|indict|sentenc|convict|plead|bail|jail|trial"
    r"|hearing|custody)",
    "aftermath": r"\b(?:died|funeral|vigil|buried|memorial|autopsy|identified|released?\b|condol|mourn|surgery"
    r"|condition)",
    "speech": r"\b(?:said|says|told|announce|report|confirm|statement|wrote|condemn|conference|interview|spoke|posted)",
    "meeting": r"\b(?:visit|met\b|meeting|talks|summit|election|vote|agree|session)",
    "happened": r"\b(?:happen|occurr|took place|broke out|respond|called|dispatch|erupt|unfold|carried out"
    r"|began|started)",
    "harm": r"\b(?:shot|shoot|gun|kill|murder|attack|fire|wound|injur|explo|bomb|blast|clash|raid|kidnap|abduct|stab"
    r"|ambush|assassinat|dead|struck|hit\b|fight|battle|riot)",
    "found": r"\b(?:found|discover|body|bodies)",
    "earlier": r"\b(?:earlier|previous|another|similar|had|last|also|since|after|following)\b",
    "clock": r"\b\d{1,2}(?::\d\d)? ?(?:a\.?m|p\.?m|o'clock|hours|gmt)\b|\b(?:noon|midnight)\b",
    "part": r"\b(?:morning|afternoon|evening|night|dawn|early|late|shortly|around|about)\b",
}
_PATTERNS = {name: re.compile(words) for name, words in _WORDS.items()}
_NEAR, _FAR = 40, 100
_FRESH, _WEEK, _NEWS, _YEAR = 1, 7, 60, 365


@dataclass(frozen=True, slots=True)
class Candidate:
    """One mention of a date with what speaks for and against its being the event's."""

    range: DateRange
    reading: Reading
    features: Mapping[str, float]


def choose(
    sentences: Sequence[Told], subtype: Subtype, anchor: date | None, weights: Mapping[str, float] | None = None
) -> tuple[DateRange | None, Reading | None]:
    """Return the date of the event and the sentence that tells it; None where none is likelier than that."""
    chosen = best(candidates(sentences, subtype, anchor), logit.load(WEIGHTS) if weights is None else weights)
    return (chosen.range, chosen.reading) if chosen else (None, None)


def best(found: Sequence[Candidate], weights: Mapping[str, float]) -> Candidate | None:
    """Return the surest mention of the likeliest date; None where no date is likelier than there being none."""
    odds, ranges = logit.worths((c.features for c in found), weights), [c.range for c in found]
    likeliest = logit.likeliest(logit.totals(odds, ranges))
    return None if likeliest is None else found[logit.surest(odds, ranges, likeliest)]


def candidates(sentences: Sequence[Told], subtype: Subtype, anchor: date | None) -> tuple[Candidate, ...]:
    """Return the dates in reach, in reading order."""
    near = [(t, w) for t in sentences if t.reading.order <= REACH for w in t.reading.whens]
    if subtype is Subtype.ARREST:
        near = _news(near, anchor)
    fine = [w.range for _, w in near if w.range.precision in FINE]
    first = near[0][1] if near else None
    found = []
    for told, when in near:
        features = {"any": 1.0, "first": float(when is first)}
        features |= dict(_of_form(when, anchor))
        features |= dict(_of_words(told.reading, when))
        if told.tagged:
            features["tagged"] = told.tagged.shares(when.start, when.end)["date"]
        features |= dict(_of_sentence(told, subtype))
        features |= dict(_among(when, fine))
        found.append(Candidate(when.range, told.reading, features))
    return tuple(found)


def _news(near: list[tuple[Told, When]], anchor: date | None) -> list[tuple[Told, When]]:
    """Leave out what is too old for news where an act of news is dated: the crime that somebody is arrested for.

    Not so for an attack: told again when somebody is charged with it, it keeps its own date, however old.
    """
    fresh = [(t, w) for t, w in near if anchor is None or (anchor - w.range.end).days <= _NEWS]
    return fresh if any(not w.spoken and w.range.precision in FINE for _, w in fresh) else near


def _of_form(when: When, anchor: date | None) -> Iterator[tuple[str, float]]:
    yield f"form:{when.form}", 1.0
    yield f"precision:{when.range.precision}", 1.0
    if anchor is None:
        yield "age:unknown", 1.0
        return
    age = (anchor - when.range.end).days
    if when.ahead:
        yield "age:ahead", 1.0
    elif age <= _FRESH:
        yield f"age:{max(age, 0)}", 1.0
    else:
        yield f"age:{next((limit for limit in (_WEEK, _NEWS, _YEAR) if age <= limit), 'older')}", 1.0


def _of_words(reading: Reading, when: When) -> Iterator[tuple[str, float]]:
    """Yield what the words around a date say: its neighbours, and how far the nearest trigger is."""
    lower = reading.sentence.lower
    sides = {"before": lower[max(0, when.start - _AROUND) : when.start], "after": lower[when.end : when.end + _AROUND]}
    for side, words in sides.items():
        for name, pattern in _PATTERNS.items():
            if pattern.search(words):
                yield f"{side}:{name}", 1.0
    if when.spoken:
        yield "spoken", 1.0
    gaps = [max(when.start - t.end, t.start - when.end) for t in reading.facts]
    nearest = min(gaps, default=None)
    if nearest is not None:
        yield f"trigger:{'near' if nearest <= _NEAR else 'far' if nearest <= _FAR else 'off'}", 1.0


def _of_sentence(told: Told, subtype: Subtype) -> Iterator[tuple[str, float]]:
    reading = told.reading
    yield f"order:{min(reading.order, 4)}", 1.0
    yield "order", reading.order / REACH
    yield "own", told.own
    yield "aside", told.aside
    yield "core", told.core
    yield "shows", told.shows(subtype) * told.core
    yield "trial", float(reading.trial)
    yield "background", float(reading.background)
    yield "court", float(reading.matters["court"] > 0)
    yield "only", float(len(reading.whens) == 1)


def _among(when: When, fine: Sequence[DateRange]) -> Iterator[tuple[str, float]]:
    """Yield how a date stands to the fine ones: earlier or later than they, or holding them."""
    others = [r for r in fine if r != when.range]
    yield "earliest", float(all(when.range.start <= r.start for r in others))
    yield "latest", float(all(when.range.end >= r.end for r in others))
    width = when.range.end - when.range.start
    held = any(when.range.start <= r.start and r.end <= when.range.end and r.end - r.start < width for r in others)
    yield "holds", float(held)
