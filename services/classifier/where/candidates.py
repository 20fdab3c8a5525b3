"""Which of the places of a name an article means: what is known of each, by itself and among the article's other names.

names ─▶ rows, one for each place of each distinct name ─▶ by itself: size, kind, spelling
                                                        ─▶ among the others: same country, same province, near
mention, row ─▶ "Paris, Texas", "Kirkuk province"
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from services.classifier.where.folding import fold
from services.classifier.where.gazetteer import Entry
from services.classifier.where.names import CUES, Name, Text, holder
from shared.domain import earth
from shared.domain.vocabulary import PlacePrecision

Array = npt.NDArray[np.float32]

#: Places of one name that are weighed: the largest, and of the rest those in countries that the article speaks of.
_LARGEST, _AT_HOME = 40, 30
#: Places that speak for others near them: the likeliest of the article.
_WITNESSES = 300
#: People from whom on a town is known everywhere.
_METROPOLIS = 1_000_000
#: Powers of ten between the people of an area and of its town of that name from which on the town is a village to it.
_MINUTE = 3
_NEAR_KM = (30.0, 150.0, 500.0)
_FINE = (PlacePrecision.NEIGHBOURHOOD, PlacePrecision.FACILITY)
_KIND_OF_WORD = {
    **dict.fromkeys(("province", "governorate", "state", "oblast", "department", "region"), PlacePrecision.ADMIN1),
    **dict.fromkeys(("county", "parish", "district", "borough", "municipality"), PlacePrecision.ADMIN2),
    **dict.fromkeys(("city", "town", "village", "port"), PlacePrecision.CITY),
}
_DATELINE = CUES.index("dateline")

#: What is told of a place by itself, then by the words at one mention, then by the article's other names.
ALONE = (
    *("log_weight", "no_weight", "share", "largest", "city", "admin1", "admin2", "country", "region", "fine"),
    *("other_spelling", "other_spelling_city", "capital_like"),
    *("has_namesake", "is_namesake", "country_has_namesake", "is_namesake_of_country"),
)
SPOKEN = (
    *("inside_next", "inside_following", "holds_previous", "kind_said", "other_kind_said", "town_named"),
    "city_in_dateline",
)
AMONG = (
    *("same_country", "same_admin1", "same_admin2", "country_named", "admin1_named", "people_named"),
    *("near_0", "near_1", "near_2", "same_country_if_country", "peopled_if_country"),
    *("near_1_if_city", "same_admin1_if_city", "same_admin1_if_admin2"),
)


@dataclass(frozen=True, slots=True)
class Mass:
    """How sure the article's places are: of each name that it is one, of each row that it is meant."""

    names: Array
    rows: Array


class Table:
    """The places that an article's names may be, a row each, together by name."""

    def __init__(self, text: Text) -> None:
        home = set(text.peoples)
        home |= {
            e.country for n in text.names for e in n.candidates if e.precision is PlacePrecision.COUNTRY and e.country
        }
        self.text = text
        self.entries: list[Entry] = []
        self.slices: dict[str, slice] = {}
        for name in text.names:
            if name.key not in self.slices:
                start = len(self.entries)
                self.entries += _weighed(name.candidates, home)
                self.slices[name.key] = slice(start, len(self.entries))
        self.number = {key: at for at, key in enumerate(self.slices)}
        self.slices_of = [s for s in self.slices.values() for _ in range(s.stop - s.start)]
        self.owner = np.repeat(np.arange(len(self.slices)), [s.stop - s.start for s in self.slices.values()])
        self.starts = np.array([s.start for s in self.slices.values()], np.intp)
        self.country = _codes([e.country for e in self.entries])
        self.admin1 = _codes([f"{e.country}.{e.admin1}" if e.admin1 else None for e in self.entries])
        self.admin2 = _codes([str(e.admin2) if e.admin2 else None for e in self.entries])
        self.kind = {kind: np.array([e.precision is kind for e in self.entries], np.float32) for kind in PlacePrecision}

    @cached_property
    def alone(self) -> Array:
        """What is known of each row by itself, rows by `ALONE`."""
        weight = np.array([max(0, e.weight) for e in self.entries], np.float32)
        log = np.log10(weight + 1)
        total = np.log10(np.add.reduceat(weight, self.starts) + 1)[self.owner]
        largest = np.maximum.reduceat(weight, self.starts)[self.owner]
        other = np.array([key != fold(e.name) for key, s in self.slices.items() for e in self.entries[s]], np.float32)
        city = self.kind[PlacePrecision.CITY]
        areas = self.kind[PlacePrecision.ADMIN1] + self.kind[PlacePrecision.ADMIN2]
        columns = (
            *(log / 8, weight == 0, np.maximum(log - total, -5) / 5, weight == largest),
            *(self.kind[k] for k in (PlacePrecision.CITY, PlacePrecision.ADMIN1, PlacePrecision.ADMIN2)),
            *(self.kind[PlacePrecision.COUNTRY], self.kind[PlacePrecision.REGION]),
            sum(self.kind[k] for k in _FINE),
            *(other, other * city, city * (weight > _METROPOLIS)),
            *self._namesakes(weight, areas, self.admin1),
            *self._namesakes(weight, self.kind[PlacePrecision.COUNTRY], self.country),
        )
        return np.stack([np.asarray(c, np.float32) for c in columns], axis=1)

    def _namesakes(self, weight: Array, areas: Array, codes: npt.NDArray[np.intp]) -> tuple[Array, Array]:
        """Return for each area that holds a town of its name, and for each such town, how much of the area it is.

        1 for a province that is little more than its town (Kano), near 0 for one that has a village of its name.
        `codes`: for each row the area of this kind that it lies in.
        """
        held, holds_ = np.zeros(len(self.entries), np.float32), np.zeros(len(self.entries), np.float32)
        for area in np.flatnonzero(areas * (codes > 0)):
            rows = self.slices_of[area]
            inside = self.kind[PlacePrecision.CITY][rows] * (codes[rows] == codes[area])
            if inside.any():
                town = rows.start + int(np.argmax(inside * (weight[rows] + 1)))
                part = (np.log10(weight[town] + 1) - np.log10(weight[area] + 1)) / _MINUTE
                holds_[area] = np.clip(1 + part, 0.05, 1)
                held[town] = max(held[town], holds_[area])
        return holds_, held

    def spoken(self, mentions: Sequence[Name]) -> list[Array]:
        """Return for each mention what its words say of the places of its name, rows of the name by `SPOKEN`."""
        said = [np.zeros((self._size(n), len(SPOKEN)), np.float32) for n in mentions]
        for at, name in enumerate(mentions):
            self._kinds(name, said[at])
            for step in (1, 2, 3):
                if at + step >= len(mentions):
                    break
                how = holder(name, mentions[at + step])
                if how:
                    self._hold(name, mentions[at + step], said[at], said[at + step], comma=how == ",")
        towns = {n.key for n in mentions}
        for at, name in enumerate(mentions):
            if name.cues[_DATELINE]:
                said[at][:, 6] = self.kind[PlacePrecision.CITY][self.slices[name.key]]
            for row, entry in enumerate(self.entries[self.slices[name.key]]):
                if entry.precision in _FINE and entry.city and fold(entry.city) in towns:
                    said[at][row, 5] = 1.0
        return said

    def _size(self, name: Name) -> int:
        rows = self.slices[name.key]
        return int(rows.stop - rows.start)

    def _kinds(self, name: Name, said: Array) -> None:
        kind = _KIND_OF_WORD.get(name.after) or _KIND_OF_WORD.get(name.kind_before)
        if kind:
            told = self.kind[kind][self.slices[name.key]]
            said[:, 3], said[:, 4] = told, 1 - told

    def _hold(self, name: Name, outer: Name, said: Array, said_outer: Array, *, comma: bool) -> None:
        """Mark the places of a name that lie in a place of the next one, and those that hold one of the name before."""
        inner_at, outer_at = self.slices[name.key], self.slices[outer.key]
        inner, outers = self.entries[inner_at], self.entries[outer_at]
        holders = {mark for e in outers for mark in _marks_of_holder(e)}
        for row, entry in enumerate(inner):
            if not holders.isdisjoint(_marks_inside(entry)):
                said[row, 0 if comma else 1] = 1.0
        inside = {mark for e in inner for mark in _marks_inside(e)}
        for row, entry in enumerate(outers):
            if comma and not inside.isdisjoint(_marks_of_holder(entry)):
                said_outer[row, 2] = 1.0

    def among(self, mass: Mass) -> Array:
        """Return what the article's other names say of each row, rows by `AMONG`."""
        weight = mass.rows * mass.names[self.owner]
        total = float(mass.names.sum()) + 1.0
        same = [self._shared(codes, weight) / total for codes in (self.country, self.admin1, self.admin2)]
        country, first = self.kind[PlacePrecision.COUNTRY], self.kind[PlacePrecision.ADMIN1]
        country_named = self._shared(self.country, weight * country)
        admin1_named = self._shared(self.admin1, weight * first)
        people = self._people()
        near = self._near(weight) / total
        city, second = self.kind[PlacePrecision.CITY], self.kind[PlacePrecision.ADMIN2]
        columns = (
            *same,
            np.minimum(country_named, 1),
            np.minimum(admin1_named, 1),
            people,
            *near,
            same[0] * country,
            people * country,
            near[1] * city,
            same[1] * city,
            same[1] * second,
        )
        return np.stack([np.asarray(c, np.float32) for c in columns], axis=1)

    def _shared(self, codes: npt.NDArray[np.intp], weight: Array) -> Array:
        """Return for each row the weight of other names' rows with its code."""
        most = int(codes.max()) + 1
        everywhere = np.bincount(codes, weight, most)
        pairs, at = np.unique(self.owner * most + codes, return_inverse=True)
        own = np.bincount(at, weight, len(pairs))
        shared = np.asarray(everywhere[codes] - own[at], np.float32)
        shared[codes == 0] = 0.0
        return np.maximum(shared, 0)

    def _people(self) -> Array:
        """Return the share of each row's country in the adjectives of countries and names of peoples."""
        told = self.text.peoples
        total = sum(told.values()) + 1
        return np.array([told.get(e.country or "", 0) / total for e in self.entries], np.float32)

    def _near(self, weight: Array) -> Array:
        """Return the weight of other names' places within each of `_NEAR_KM`, radii by rows."""
        point = np.radians(np.array([(e.lat, e.lon) for e in self.entries], np.float32).reshape(-1, 2))
        flat = np.cos(point[:, 0])
        unit = np.stack([flat * np.cos(point[:, 1]), flat * np.sin(point[:, 1]), np.sin(point[:, 0])], axis=1)
        areas = self.kind[PlacePrecision.COUNTRY] + self.kind[PlacePrecision.REGION] + self.kind[PlacePrecision.ADMIN1]
        speaks = weight * (1 - np.minimum(areas, 1))
        best = np.argsort(-speaks, kind="stable")[:_WITNESSES]
        cosine = unit @ unit[best].T
        cosine[self.owner[:, None] == self.owner[best][None, :]] = -2.0
        return np.stack([(cosine > np.cos(km / earth.RADIUS_KM)) @ speaks[best] for km in _NEAR_KM])


def _weighed(candidates: tuple[Entry, ...], home: set[str]) -> list[Entry]:
    if len(candidates) <= _LARGEST:
        return list(candidates)
    rest = [e for e in candidates[_LARGEST:] if e.country in home]
    return [*candidates[:_LARGEST], *rest[:_AT_HOME]]


def _codes(values: Sequence[str | None]) -> npt.NDArray[np.intp]:
    """Return numbers from 1 for equal values, 0 for none."""
    seen: dict[str, int] = {}
    return np.array([seen.setdefault(v, len(seen) + 1) if v else 0 for v in values], np.intp)


def _marks_of_holder(entry: Entry) -> tuple[tuple[str, str], ...]:
    if entry.precision is PlacePrecision.COUNTRY:
        return (("country", entry.country or ""),)
    if entry.precision is PlacePrecision.ADMIN1:
        return (("admin1", f"{entry.country}.{entry.admin1}"),)
    if entry.precision is PlacePrecision.ADMIN2:
        return (("admin2", str(entry.geonames_id)),)
    return (("city", f"{entry.country}.{fold(entry.name)}"),) if entry.precision is PlacePrecision.CITY else ()


def _marks_inside(entry: Entry) -> tuple[tuple[str, str], ...]:
    marks = [("country", entry.country or "-")] if entry.precision is not PlacePrecision.COUNTRY else []
    if entry.precision not in (PlacePrecision.COUNTRY, PlacePrecision.ADMIN1) and entry.admin1:
        marks.append(("admin1", f"{entry.country}.{entry.admin1}"))
    if entry.precision not in (PlacePrecision.COUNTRY, PlacePrecision.ADMIN1, PlacePrecision.ADMIN2) and entry.admin2:
        marks.append(("admin2", str(entry.admin2)))
    if entry.precision in _FINE and entry.city:
        marks.append(("city", f"{entry.country}.{fold(entry.city)}"))
    return tuple(marks)


def holds(outer: Entry, inner: Entry) -> bool:
    """Tell whether one place lies in another."""
    return not set(_marks_of_holder(outer)).isdisjoint(_marks_inside(inner))
