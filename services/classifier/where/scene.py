"""Where an event took place: which of the places that the article names.

Every mention in reach is a candidate, with what speaks for and against it (`signs.py`); a small logistic model weighs
them against each other and against there being no place. A place named twice counts with both mentions.
Weights: `weights/scene.json`, made by `training/scene.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.classifier import logit
from services.classifier.events import Happening
from services.classifier.where import implied, unlisted
from services.classifier.where.candidates import holds
from services.classifier.where.gazetteer import Entry, Gazetteer
from services.classifier.where.places import Found
from services.classifier.where.signs import Scene
from shared.domain.event import Place
from shared.domain.vocabulary import PlacePrecision

WEIGHTS = Path(__file__).parents[1] / "weights" / "scene.json"
#: How likely a place must be beside the area that holds it to be taken instead.
FINER = 0.25
_RADIUS_KM = {
    PlacePrecision.FACILITY: 1.0,
    PlacePrecision.NEIGHBOURHOOD: 3.0,
    PlacePrecision.CITY: 8.0,
    PlacePrecision.ADMIN2: 30.0,
}
_BIG_CITY, _BIG_CITY_KM = 1_000_000, 20.0
_POINTS = frozenset({PlacePrecision.FACILITY, PlacePrecision.NEIGHBOURHOOD, PlacePrecision.CITY, PlacePrecision.ADMIN2})


@dataclass(frozen=True, slots=True)
class Candidate:
    """One mention of a place with what speaks for and against its being the event's."""

    found: Found
    signs: Mapping[str, float]


def choose(happening: Happening, scene: Scene, gazetteer: Gazetteer) -> tuple[Place, Found] | None:
    """Return where it hit, and the mention that says so; None where no place is likelier than that."""
    told, weights = candidates(happening, scene), logit.load(WEIGHTS)
    chosen = best(told, weights)
    if chosen is None:
        return None
    found = chosen.found
    if found.entry:
        return place(found.name, found.entry, gazetteer), found
    listed = [c for c in told if c.found.entry and c.found.entry.country == scene.home]
    holder = best([c for c in listed if c.found.sentence is found.sentence] or listed, weights)
    return unlisted_place(found, holder.found.entry if holder else None, scene.home, gazetteer), found


def candidates(happening: Happening, scene: Scene) -> tuple[Candidate, ...]:
    """Return the mentions of places in reach of an event, in reading order."""
    return tuple(Candidate(mention.found, told) for mention, told in scene.signs(happening))


def best(found: Sequence[Candidate], weights: Mapping[str, float]) -> Candidate | None:
    """Return the surest mention of the likeliest place; None where no place is likelier than there being none.

    Where that is an area, the likeliest place in it is taken that is all but as likely: it tells the area too.
    """
    odds, keys = logit.worths((c.signs for c in found), weights), [implied.key(c.found) for c in found]
    totals = logit.totals(odds, keys)
    entries = {key: c.found.entry for key, c in zip(keys, found, strict=True)}
    chosen = logit.likeliest(totals)
    if chosen is None:
        return None
    reporter = {key for key, c in zip(keys, found, strict=True) if c.signs.get("dateline")}
    while True:
        least = FINER * totals[chosen]
        inside = [k for k in totals if k not in reporter and totals[k] >= least and _is_in(entries[k], entries[chosen])]
        if not inside:
            return found[logit.surest(odds, keys, chosen)]
        chosen = max(inside, key=lambda k: totals[k])


def _is_in(inner: Entry | None, outer: Entry | None) -> bool:
    return inner is not None and outer is not None and inner != outer and holds(outer, inner)


def unlisted_place(found: Found, holder: Entry | None, home: str | None, gazetteer: Gazetteer) -> Place:
    """Return a place that no gazetteer lists: in the likeliest listed one, else in the story's country.

    It has the point and radius of that where it can lie in it: a village in a district, a street in a town.
    """
    kind = unlisted.precision(found)
    if holder is None:
        return Place(
            name=found.name, city=found.name if kind is PlacePrecision.CITY else None, country=home, precision=kind
        )
    around = place(found.name, holder, gazetteer).model_copy(update={"precision": kind, "geonames_id": None})
    if kind is not PlacePrecision.CITY:
        return around
    beside = {"lat": None, "lon": None, "radius_km": None} if holder.precision is PlacePrecision.CITY else {}
    return around.model_copy(update={"city": found.name, **beside})


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
