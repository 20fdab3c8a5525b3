"""Where an event took place: the best of the places that its sentences name."""

import re
import tomllib
from collections import Counter
from collections.abc import Sequence

from services.classifier import lexicon
from services.classifier.events import Happening
from services.classifier.reading import Reading
from services.classifier.where import unlisted
from services.classifier.where.gazetteer import Entry, Gazetteer
from services.classifier.where.places import Found
from shared.domain.event import Place
from shared.domain.vocabulary import PlacePrecision


def _before(key: str, filler: str, most: int) -> re.Pattern[str]:
    """Return a pattern for one of the phrases before a name, with up to `most` filling words between."""
    words = tomllib.loads(lexicon.data("placewords.toml"))
    phrases, between = "|".join(words[key]), "|".join(words[filler])
    return re.compile(rf"\b(?:{phrases})\b(?: (?:{between})){{0,{most}}} ?\Z", re.IGNORECASE)


_AT = _before("at", "between", 4)
_FROM = _before("elsewhere", "adjective", 2)
_SPEECH = re.compile(r"\b(?:told|spokes\w+|reporters|reporting|correspondent)\b", re.IGNORECASE)
#: A country's name before a noun is an adjective: "US embassy", "Israel army".
_ADJECTIVES = frozenset({"US", "U.S.", "UK", "U.K.", "UN", "UAE"})
_NOUN_AFTER = re.compile(r"(?:-\w+)? [a-z]")
_DATELINE = re.compile(r"\A[\w .,'-]{0,40}(?:\([^)]{1,20}\) ?)?[-:] ", re.ASCII)

_FINENESS = {
    PlacePrecision.FACILITY: 3.0,
    PlacePrecision.NEIGHBOURHOOD: 3.0,
    PlacePrecision.CITY: 2.2,
    PlacePrecision.ADMIN2: 1.5,
    PlacePrecision.ADMIN1: 1.2,
    PlacePrecision.REGION: 0.8,
    PlacePrecision.COUNTRY: -0.4,
}
_RADIUS_KM = {
    PlacePrecision.FACILITY: 1.0,
    PlacePrecision.NEIGHBOURHOOD: 3.0,
    PlacePrecision.CITY: 8.0,
    PlacePrecision.ADMIN2: 30.0,
}
#: What a place gains when all the article's places lie in its country, and loses when it lies in none or in many.
_HOME, _NOWHERE = 1.2, -0.8
_DATELINE_REACH = 20
_BIG_CITY, _BIG_CITY_KM = 1_000_000, 20.0
_POINTS = frozenset({PlacePrecision.FACILITY, PlacePrecision.NEIGHBOURHOOD, PlacePrecision.CITY, PlacePrecision.ADMIN2})


def choose(happening: Happening, found: Sequence[Found], gazetteer: Gazetteer) -> tuple[Place, Found] | None:
    """Return where it hit, and the mention that says so; None when no sentence of the event names a known place."""
    telling = happening.telling
    orders = {r.sentence: _nearness(r, telling, main=happening.main) for r in happening.readings}
    countries = Counter(f.entry.country for f in found if f.entry and f.entry.country)
    home = {country: _HOME * n / countries.total() for country, n in countries.items()}
    near = [f for f in found if f.sentence in orders and not _is_adjective(f)]
    scored = [
        (_score(f, orders[f.sentence]) + home.get(_country(f), _NOWHERE if f.entry else _HOME / 2), f) for f in near
    ]
    if not scored:
        return None
    best = max(scored, key=lambda pair: (pair[0], -pair[1].sentence.rank, -pair[1].start))[1]
    if best.entry:
        return place(best.name, best.entry, gazetteer), best
    return _unlisted(best, near, max(home, key=lambda c: home[c], default=None), gazetteer), best


def _country(found: Found) -> str:
    return (found.entry.country if found.entry else None) or ""


def _unlisted(found: Found, near: Sequence[Found], home: str | None, gazetteer: Gazetteer) -> Place:
    """Return a place without a point: in the area that its sentence names, else in the story's country."""
    around = [f.entry for f in near if f.entry and f.sentence is found.sentence]
    holder = max(around, key=lambda e: _FINENESS[e.precision], default=None)
    kind = unlisted.precision(found)
    return Place(
        name=found.name,
        city=found.name if kind is PlacePrecision.CITY else holder.city if holder else None,
        admin1=gazetteer.province_of(holder) if holder else None,
        country=holder.country if holder else home,
        precision=kind,
    )


def _nearness(reading: Reading, telling: Sequence[Reading], *, main: bool) -> float:
    """Return what a sentence's place is worth: most in the lead and beside the trigger, and nothing far from both."""
    told = reading in telling
    if not main:
        return 2.0 if told else 1.0
    if reading.order <= 1:
        return 3.0 + told
    if reading.in_lead:
        return 2.2 + told
    return max(0.3, 1.8 - 0.1 * reading.order) if told else max(0.1, 0.8 - 0.1 * reading.order)


def _score(found: Found, nearness: float) -> float:
    before = found.sentence.plain[max(0, found.start - 60) : found.start]
    score = nearness + _FINENESS[found.entry.precision if found.entry else unlisted.precision(found)]
    if _FROM.search(before):
        score -= 2.0
    elif _AT.search(before):
        score += 1.2
    if found.start < _DATELINE_REACH and _DATELINE.match(found.sentence.plain):
        score -= 2.0
    return score - 0.5 * bool(_SPEECH.search(before))


def _is_adjective(found: Found) -> bool:
    """Tell whether a country's short name goes with the noun after it: "the US base", "UK officials"."""
    return found.name in _ADJECTIVES and bool(_NOUN_AFTER.match(found.sentence.plain, found.end))


def place(name: str, entry: Entry, gazetteer: Gazetteer) -> Place:
    """Return the contract's place for a gazetteer entry. Areas too wide for a point have none."""
    point = entry.precision in _POINTS
    radius = _RADIUS_KM.get(entry.precision)
    if entry.precision is PlacePrecision.CITY and entry.weight >= _BIG_CITY:
        radius = _BIG_CITY_KM
    return Place(
        name=name,
        city=entry.city if point else None,
        admin1=gazetteer.province_of(entry),
        country=entry.country,
        lat=round(entry.lat, 4) if point else None,
        lon=round(entry.lon, 4) if point else None,
        radius_km=radius,
        precision=entry.precision,
        geonames_id=entry.geonames_id,
    )
