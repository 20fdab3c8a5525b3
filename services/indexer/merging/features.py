"""What two reports have in common and what parts them, as named numbers. Symmetric.

    words    how alike the telling words and the titles are
    persons  names, ages and parties that both tell
    time     how far apart the days are that they tell, and the days of publication
    place    how far apart the places are
    tolls    whether the numbers agree
    kind     whether type and subtype agree

A feature's name begins with its group. All numbers are 0 to 1, but those of shared names and ages, which end at 4.
What parts two reports counts anew with how much they share of persons: a day or a place is misread more often than two
happenings have their dead in common.
"""

from collections.abc import Iterator, Mapping

from services.indexer.merging.traits import Traits, cosine
from services.indexer.merging.words import worth
from shared.domain import earth
from shared.domain.event import Place
from shared.domain.vocabulary import EventType, PlacePrecision, Subtype

#: What parts two reports, unless they name the same persons.
_APART = frozenset(
    (
        "time.3",
        "time.10",
        "time.far",
        "time.later",
        "place.far",
        "place.admin1_other",
        "place.country",
        "published.far",
    )
)
#: What parts them for good where they name no person in common.
_FIRM = frozenset(("time.3", "time.10", "time.far", "tolls.daily", "place.far", "place.country", "kind.other"))
Pair = Iterator[tuple[str, float]]

#: What the most of shared names and ages count for.
_MOST = 4.0
#: Names are weighed in units of this worth: that of a middling rare one.
_NAME = 5.0
#: Upper ends, in days, of gaps between days told and days of publication.
_GAPS = ((0, "same"), (1, "1"), (3, "3"), (10, "10"))
#: Days between publications that part two tellings. A shorter gap says nothing, nor does a day that is not known.
_PUBLISHED_FAR = 30
#: Upper ends, in kilometres, of distances between fine places.
_BANDS = ((5, "5"), (25, "25"), (60, "60"))
#: Tolls of which two say more than that one person was hit.
SEVERAL = 2
#: Tolls further apart than this factor, and by more than this number, do not look like tellings of one attack.
FAR_FACTOR = 3
FAR_BY = 5
#: Tolls that differ by no more may be one: early counts are off by one or two.
MISCOUNT = 2

_FINE = frozenset({PlacePrecision.FACILITY, PlacePrecision.NEIGHBOURHOOD, PlacePrecision.CITY})
_ATTACK = frozenset({EventType.BATTLE, EventType.EXPLOSIVE_REMOTE, EventType.VIOLENCE_CIVILIANS})
_VAGUE = frozenset({Subtype.ARMED_ATTACK, Subtype.ARMED_CLASH, Subtype.ASSASSINATION})
_UNREST = frozenset({EventType.PROTEST, EventType.RIOT})


def features(one: Traits, other: Traits) -> dict[str, float]:
    """Return what tells whether two reports are of one happening, by name; what is not there is 0."""
    parts = (_words, _persons, _time, _place, _tolls, _daily, _kind)
    found = {name: float(value) for part in parts for name, value in part(one, other) if value}
    persons = min(1.0, (found.get("persons.names", 0.0) + found.get("persons.ages", 0.0)) / 2)
    for name in _APART & found.keys():
        found[f"{name}&persons"] = persons
    if "time.same" in found and ("place.city" in found or "place.5km" in found):
        toll = "tolls.killed_equal" in found or "tolls.injured_equal" in found
        found |= {
            "together.day_town": 1.0,
            "together.day_town_toll": toll,
            "together.day_town_kind": "kind.same" in found,
        }
    if "place.coarse" in found and found.keys() & {"tolls.killed_far", "tolls.injured_far"}:
        found["apart.coarse_toll"] = 1.0
    return found


def parted(found: Mapping[str, float]) -> bool:
    """Return whether two reports cannot be of one happening: of two countries, or far apart with no person in common.

    No weight may outweigh this: two attacks told in the same words are still two.
    """
    if "place.country" in found:  # what indexers lock by: see `index.Case.names`
        return True
    common = found.get("persons.names", 0.0) + found.get("persons.ages", 0.0) + found.get("persons.party", 0.0)
    return not common and not _FIRM.isdisjoint(found)


def apart(one: Traits, other: Traits) -> bool:
    """Return what `parted` says of two reports, without reckoning what is only weighed: most that are compared are."""
    told = {name: float(value) for part in (_time, _place, _kind, _daily) for name, value in part(one, other) if value}
    return not _FIRM.isdisjoint(told) and parted(told | dict(_persons(one, other)))


def kin(kind: EventType) -> frozenset[EventType]:
    """Return the types that different tellings of one event of type `kind` may be coded as."""
    return next((family for family in (_ATTACK, _UNREST) if kind in family), frozenset({kind}))


def shared_names(one: Traits, other: Traits) -> frozenset[str]:
    """Return the rare names that both tell and that are no names of their places."""
    return (one.names & other.names) - one.places - other.places


def gap_days(one: Traits, other: Traits) -> int | None:
    """Return how many days lie between the days told, 0 or less when they meet, None when one tells none."""
    if one.first is None or one.last is None or other.first is None or other.last is None:
        return None
    return max(other.first - one.last, one.first - other.last)


def distance_km(one: Place, other: Place) -> float | None:
    """Return the great-circle distance of two places in kilometres, None when one has no coordinates."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    return earth.distance_km(one.lat, one.lon, other.lat, other.lon)


def fine(one: Place, other: Place) -> bool:
    """Return whether both places are at least as fine as a town."""
    return one.precision in _FINE and other.precision in _FINE


def _words(one: Traits, other: Traits) -> Pair:
    yield "words.like", cosine(one.terms, other.terms)
    yield "title.like", cosine(one.title, other.title)


def _persons(one: Traits, other: Traits) -> Pair:
    shared = shared_names(one, other)
    yield "persons.names", min(_MOST, sum(worth(name) for name in shared) / _NAME)
    yield "persons.no_name", bool(one.names and other.names and not shared)
    ages = one.ages & other.ages
    yield "persons.ages", min(_MOST, len(ages))
    yield "persons.no_age", bool(one.ages and other.ages and not ages)
    parties = (one.parties & other.parties) - one.places - other.places
    yield "persons.party", bool(parties)
    yield "persons.party_other", bool(one.parties and other.parties and not parties)


def _time(one: Traits, other: Traits) -> Pair:
    gap = gap_days(one, other)
    if gap is None:
        yield "time.unknown", 1
    else:
        yield f"time.{next((name for most, name in _GAPS if gap <= most), 'far')}", 1
        yield "time.same_day", one.first == one.last == other.first == other.last
    if one.published is not None and other.published is not None:
        between = abs(one.published - other.published)
        yield "published.far", between > _PUBLISHED_FAR
    yield "time.later", _later(one, other) or _later(other, one)


def _later(one: Traits, other: Traits) -> bool:
    """Return whether one tells a day after the other was published, by more than time zones."""
    return one.first is not None and other.published is not None and one.first > other.published + 1


def _place(one: Traits, other: Traits) -> Pair:
    here, there = one.place, other.place
    if here is None or there is None:
        yield "place.unknown", 1
        return
    yield "place.country", bool(here.country and there.country and here.country != there.country)
    yield "place.city", bool(here.city and here.city == there.city)
    apart = distance_km(here, there)
    if apart is not None and fine(here, there):
        band = next((name for most, name in _BANDS if apart <= most), None)
        yield (f"place.{band}km" if band else "place.far"), 1
    else:
        yield "place.coarse", 1
        if here.admin1 and there.admin1:
            yield ("place.admin1" if here.admin1 == there.admin1 else "place.admin1_other"), 1


def _tolls(one: Traits, other: Traits) -> Pair:
    for name, a, b in (("killed", one.killed, other.killed), ("injured", one.injured, other.injured)):
        if a is None or b is None:
            yield f"tolls.{name}_unknown", 1
            yield f"tolls.{name}_one", (a is None) != (b is None)
            continue
        low, high = sorted((a, b))
        yield f"tolls.{name}_equal", low == high
        yield f"tolls.{name}_several", low == high >= SEVERAL
        yield f"tolls.{name}_near", high - low == 1
        yield f"tolls.{name}_far", high - low > 1
        yield f"tolls.{name}_very_far", high > FAR_FACTOR * low and high - low > FAR_BY


def _daily(one: Traits, other: Traits) -> Pair:
    """Yield whether two tellings are a day apart and count unlike tolls, as of attacks that come every day."""
    gap, a, b = gap_days(one, other), one.killed, other.killed
    yield "tolls.daily", gap is not None and gap >= 1 and a is not None and b is not None and abs(a - b) > MISCOUNT


def _kind(one: Traits, other: Traits) -> Pair:
    a, b = one.report.event, other.report.event
    yield "kind.same", a.subtype == b.subtype
    yield "kind.type", a.subtype != b.subtype and a.type == b.type
    # a bomb is not taken for a shooting; an attack of no stated means may be either
    unlike = a.type != b.type and a.type in _ATTACK and not {a.subtype, b.subtype} <= _VAGUE
    yield "kind.other", b.type not in kin(a.type) or unlike
    yield "site.same", bool(one.report.site) and one.report.site == other.report.site
