"""Whether two reports tell one happening: log odds by a logistic model whose every weight has a name.

    features ──weights──▶ log odds, from PARTED to SURE ──▶ score 0..1, grounds in words

Where both reports know their articles' words the weights `worded` count, else `bare`: day, place and tolls say more
where there is nothing else.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from services.indexer.merging import grounds
from services.indexer.merging.features import apart, features, parted
from services.indexer.merging.traits import Traits

#: Made by `services.indexer.training`.
FILE = Path(__file__).parent / "pairs.json"
#: Name of the weight that every pair has.
BIAS = "any"
#: Log odds further from even say no more: one report that fits ill must not outweigh many that fit.
SURE = 6.0
#: Log odds of what cannot be one happening: as much as one sure member of an incident, and more, speaks for it.
PARTED = -10.0

#: Groups of features that two readings of one article always agree in.
_OF_THE_TEXT = ("words", "title", "persons")

Weights = Mapping[str, Mapping[str, float]]
#: The log odds that two reports tell one happening.
Odds = Callable[[Traits, Traits], float]


@dataclass(frozen=True)
class Match:
    """How likely two reports tell one happening, as log odds, and the grounds in words."""

    odds: float
    reason: str

    @property
    def score(self) -> float:
        """The likelihood, 0 to 1."""
        return likelihood(self.odds)


@cache
def weights() -> Weights:
    """Read the weights. Raises OSError when they are missing."""
    found: Weights = _file()["weights"]
    return found


@cache
def threshold() -> float:
    """Read the least mean log odds at which a report joins an incident, or two groups are one. Raises as `weights`.

    Training chooses it, on incidents that the weights have not seen.
    """
    return float(_file()["threshold"])


@cache
def _file() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def odds(one: Traits, other: Traits, by: Weights | None = None) -> float:
    """Return the log odds that two reports tell one happening. Symmetric."""
    if one.report.article_id == other.report.article_id and one.report.event != other.report.event:
        return reread(one, other, (by or weights())["bare"])
    if verbatim(one, other):
        return SURE
    if apart(one, other):
        return PARTED
    worded = bool(one.terms and other.terms)
    return weighed(features(one, other), (by or weights())["worded" if worded else "bare"])


def reread(one: Traits, other: Traits, by: Mapping[str, float]) -> float:
    """Return the log odds of two readings of one article, of which the older may have told another event.

    That title, words and persons agree says nothing there, nor do they outweigh another day, place or kind.
    """
    told = {name: value for name, value in features(one, other).items() if not name.startswith(_OF_THE_TEXT)}
    return weighed({name: value for name, value in told.items() if "&" not in name}, by)


def weighed(found: Mapping[str, float], by: Mapping[str, float]) -> float:
    """Return the log odds that features speak for."""
    if parted(found):
        return PARTED
    total = by[BIAS] + sum(by.get(name, 0.0) * value for name, value in found.items())
    return SURE * math.tanh(total / SURE)


def verbatim(one: Traits, other: Traits) -> bool:
    """Return whether two reports are of one text, and of one event in it.

    Of one article it is an older reading, which may have told another event at this position.
    """
    alike = one.report.article_id != other.report.article_id or one.report.event == other.report.event
    return alike and one.report.fingerprint == other.report.fingerprint and one.report.position == other.report.position


def match(one: Traits, other: Traits) -> Match:
    """Return the log odds with the grounds."""
    reason = "the same text" if verbatim(one, other) else grounds.said(one, other)
    return Match(odds(one, other), reason)


def likelihood(log_odds: float) -> float:
    """Return log odds as a share, 0 to 1."""
    return 1 / (1 + math.exp(-log_odds))
