"""Where the place names of an article are: each resolved to the likeliest place of that name."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.classifier import names as naming
from services.classifier.gazetteer import Entry, Gazetteer, fold
from services.classifier.names import LARGE, TOKEN, Name, place_words
from services.classifier.sentences import Sentence
from shared.domain.vocabulary import PlacePrecision

#: What a candidate gains, in powers of ten of people: when all the article's geography lies in its country; when the
#: name after it holds it ("Hawija, Kirkuk province"); when it is spelled so; when its town is named too.
_HOME, _INSIDE, _SPELLED, _TOWN_NAMED = 3.0, 8.0, 1.0, 2.0
#: What a province loses beside a town of its name, unless "province" follows.
_NOT_PROVINCE = -1.5
_WITHIN = re.compile(r",? (?:in |the |\w+ )?(?:\w+ )?")


@dataclass(frozen=True, slots=True)
class Found:
    """A place name where it stands. `entry` is None when the gazetteer does not know which place it is."""

    name: str
    sentence: Sentence
    start: int  #: code points into the sentence
    end: int
    entry: Entry | None


def find(sentences: tuple[Sentence, ...], gazetteer: Gazetteer) -> tuple[Found, ...]:
    """Return the place names of an article, title included, in reading order."""
    mixed = naming.is_mixed_case("".join(s.text for s in sentences if s.rank))
    names = {s: list(naming.find(s, gazetteer, mixed=mixed)) for s in sentences}
    context = _Context(
        gazetteer, _home(names, gazetteer), frozenset(fold(n.text) for found in names.values() for n in found)
    )
    return tuple(found for s in sentences for found in _resolved(s, names[s], context))


@dataclass(frozen=True, slots=True)
class _Context:
    """What the whole article says of where it plays."""

    gazetteer: Gazetteer
    home: dict[str, float]  #: share of the article's geography, by country
    named: frozenset[str]  #: folded


def _home(names: dict[Sentence, list[Name]], gazetteer: Gazetteer) -> dict[str, float]:
    """Return how much of the article's geography lies in each country, 0 to 1."""
    votes: Counter[str] = Counter()
    for sentence, found in names.items():
        for name in found:
            best = max(name.candidates, key=lambda e: e.weight)
            if best.country and best.weight >= LARGE and not _is_chance(best, name, _NOWHERE):
                votes[best.country] += 2 if best.precision is PlacePrecision.COUNTRY else 1
        for token in TOKEN.finditer(sentence.plain):
            country = gazetteer.demonyms.get(token.group().lower())
            if country:
                votes[country] += 1
    total = sum(votes.values())
    return {country: count / total for country, count in votes.items()}


def _resolved(sentence: Sentence, names: list[Name], context: _Context) -> Iterator[Found]:
    for position, name in enumerate(names):
        outer = names[position + 1] if position + 1 < len(names) else None
        inside = outer and _WITHIN.fullmatch(sentence.plain[name.end : outer.start])
        holders = outer.candidates if outer and inside else ()
        best = max(name.candidates, key=lambda e, n=name, h=holders: _rank(e, n, h, context))  # type: ignore[misc]
        known = None if _is_chance(best, name, context.home) else best
        yield Found(sentence.text[name.start : name.end], sentence, name.start, name.end, known)


#: A geography that holds no country.
_NOWHERE = {"": 1.0}


def _is_chance(entry: Entry, name: Name, home: dict[str, float]) -> bool:
    """Tell whether a town is met only by a lesser-known spelling, where nothing else in the story lies."""
    other_spelling = entry.precision is PlacePrecision.CITY and fold(name.text) != fold(entry.name)
    return other_spelling and bool(home) and entry.country not in home


def _rank(entry: Entry, name: Name, holders: Iterable[Entry], context: _Context) -> float:
    score = math.log10(entry.weight + 10) + _HOME * context.home.get(entry.country or "", 0.0)
    if entry.precision is PlacePrecision.ADMIN1:
        score += _INSIDE if name.after in place_words("province") else _NOT_PROVINCE
    if fold(name.text) == fold(entry.name):
        score += _SPELLED
    if entry.city and entry.precision in (PlacePrecision.NEIGHBOURHOOD, PlacePrecision.FACILITY):
        score += _TOWN_NAMED if fold(entry.city) in context.named else -1.0
    held = any(holder is not entry and _holds(holder, entry, context.gazetteer) for holder in holders)
    return score + _INSIDE * held


def _holds(holder: Entry, entry: Entry, gazetteer: Gazetteer) -> bool:
    if holder.country != entry.country or entry.precision is PlacePrecision.COUNTRY:
        return False
    if holder.precision is PlacePrecision.ADMIN1:
        return entry.admin1 == holder.admin1 or gazetteer.province_of(entry) == holder.name
    return holder.precision is PlacePrecision.COUNTRY or holder.name == entry.city != entry.name
