"""What the word lists and the calendar say of a sentence, as numbers that stand beside its vector."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from services.classifier.reading import OTHER_MATTERS, Reading
from shared.domain.vocabulary import Realis, Subtype

#: Days between publication and the date that a sentence tells, up to which it counts as of the same age.
_AGES = (2, 14, 60, 365)
_SUBTYPES = tuple(Subtype)
_REALES = tuple(Realis)
_MOST = 3  #: hints of one kind that are counted
_LONG, _FAR = 40.0, 30.0  #: words and sentences that count as many

#: What each number says, in order. Weights are made for exactly these: a change asks for `make train`.
NAMES = (
    "title",
    "first",
    "lead",
    "order",
    "words",
    "digits",
    "capitals",
    *(f"trigger:{s}" for s in _SUBTYPES),
    "trigger:generic",
    *(f"realis:{r}" for r in _REALES),
    *(f"matter:{m}" for m in OTHER_MATTERS),
    "background",
    "trial",
    "plot",
    "sport",
    "hard",
    "dated",
    *(f"age:{days}" for days in (*_AGES, "older", "unknown")),
    "published",
)
WIDTH = len(NAMES)
_AT = {name: place for place, name in enumerate(NAMES)}


def of(readings: Sequence[Reading], anchor: date | None) -> npt.NDArray[np.float32]:
    """Return one row of `WIDTH` numbers, most between 0 and 1, for each sentence. `anchor`: day of publication."""
    rows = np.zeros((len(readings), WIDTH), dtype=np.float32)
    for row, reading in zip(rows, readings, strict=True):
        for name, value in _values(reading, anchor).items():
            row[_AT[name]] = value
    return rows


def _values(reading: Reading, anchor: date | None) -> dict[str, float]:
    text = reading.sentence.text
    values: dict[str, float] = {
        "title": reading.order == 0,
        "first": reading.order == 1,
        "lead": reading.in_lead,
        "order": min(reading.order / _FAR, 1),
        "words": min(text.count(" ") / _LONG, 1),
        "digits": any(map(str.isdigit, text)),
        "capitals": sum(map(str.isupper, text)) / len(text),
        "background": reading.background,
        "trial": reading.trial,
        "plot": reading.plot,
        "sport": min(len(reading.sport), _MOST) / _MOST,
        "hard": reading.hard,
        "dated": bool(reading.whens),
        "published": anchor is not None,
    }
    values |= {f"matter:{name}": min(count, _MOST) / _MOST for name, count in reading.matters.items()}
    for trigger in reading.triggers:
        name = f"trigger:{trigger.subtype or 'generic'}"
        values[name] = max(values.get(name, 0.0), trigger.weight / _MOST)
        values[f"realis:{trigger.realis}"] = 1.0
    return values | {_age((anchor - when.range.end).days if anchor else None): 1.0 for when in reading.whens}


def _age(days: int | None) -> str:
    if days is None:
        return "age:unknown"
    return f"age:{next((limit for limit in _AGES if days <= limit), 'older')}"


def summary(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return `2 * WIDTH` numbers on the whole article: the greatest of title and lead, and the mean of all."""
    lead = rows[: max(1, int(rows[:, _AT["lead"]].sum()))]
    return np.concatenate([lead.max(axis=0), rows.mean(axis=0)])


SUMMARY_WIDTH = 2 * WIDTH
