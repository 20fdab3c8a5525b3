"""The index of places as a SQLite file: written beside its final place and renamed, so that nobody sees half of one.

place     id, name, kind (position in PlacePrecision), country, lat, lon, weight, geonames_id, city, admin1, admin2
name      folded name → place
start     first word → words in the longest name that begins so
province  country, code → English name of the first-level area
demonym   folded adjective → country
"""

import math
import os
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from services.classifier import lexicon
from services.classifier.where.atlas import seal, sources
from services.classifier.where.atlas.sources import Place
from services.classifier.where.folding import fold
from shared.domain.vocabulary import PlacePrecision

_SCHEMA = """
CREATE TABLE place (id INTEGER PRIMARY KEY, name TEXT, kind INTEGER, country TEXT, lat REAL, lon REAL, weight INTEGER,
                    geonames_id INTEGER, city TEXT, admin1 TEXT, admin2 INTEGER);
CREATE TABLE name (folded TEXT, place INTEGER, PRIMARY KEY (folded, place)) WITHOUT ROWID;
CREATE TABLE start (word TEXT PRIMARY KEY, words INTEGER) WITHOUT ROWID;
CREATE TABLE province (country TEXT, code TEXT, name TEXT);
CREATE TABLE demonym (folded TEXT, country TEXT);
"""
#: Words in the longest name that is listed.
_MOST_WORDS = 6
#: Side of the squares, in parts of a degree, whose middles are averaged to an area's: many towns in one place are one.
_SQUARES = 2
#: Degrees within which a town and a district of one name are one.
_BESIDE = 0.2
#: What SQLite calls a disk that is full, broken or not to be written.
_DISK = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})
_KINDS = {kind: at for at, kind in enumerate(PlacePrecision)}


def build(path: Path) -> None:
    """Write the index to `path`. Raises OSError where that cannot be written: no right, no room, a broken disk."""
    handle, draft = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    try:
        with closing(sqlite3.connect(draft)) as index:
            _fill(index)
        os.fchmod(handle, 0o644)
        os.fsync(handle)
        Path(draft).rename(path)
        _sync(path.parent)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _DISK:
            raise
        raise OSError(f"{path}: {error}") from error
    finally:
        os.close(handle)
        Path(draft).unlink(missing_ok=True)


def _fill(index: sqlite3.Connection) -> None:
    index.execute("PRAGMA journal_mode=MEMORY")  # a draft that fails is thrown away: no journal beside it
    with index:
        index.executescript(_SCHEMA)
        _write(index, *gather())
    with index:
        seal.put(index)


def _sync(folder: Path) -> None:
    """Make a new name in a folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def gather() -> tuple[list[Place], dict[tuple[str, str], str]]:
    """Return all places, and the English names of first-level areas by country and code."""
    towns = list(sources.towns())
    divisions = _divisions(towns)
    provinces = _provinces(divisions, towns)
    countries = list(sources.countries())
    for country in countries:
        if not (country.lat or country.lon):
            country.lat, country.lon = _middle([t for t in towns if t.country == country.country])
    seats = defaultdict(list)
    for town in towns:
        seats[town.country, fold(town.name)].append(town)
    areas = []
    for area, seat in sources.areas():
        found = max(seats[area.country, fold(seat)], key=lambda t: t.weight, default=None) if seat else None
        if found:
            area.geonames_id, area.admin1, area.admin2 = found.geonames_id, found.admin1, found.admin2
        areas.append(area)
    # GeoNames has some districts of a town as towns of their own: "Sadr City" beside Baghdad.
    districts = {(a.country, fold(a.name)): a for a in areas if a.kind is PlacePrecision.NEIGHBOURHOOD}
    towns = [t for t in towns if not _is_near(t, districts.get((t.country, fold(t.name))))]
    return [*towns, *divisions, *countries, *sources.continents(), *areas], provinces


def _is_near(town: Place, district: Place | None) -> bool:
    return district is not None and math.hypot(town.lat - district.lat, town.lon - district.lon) < _BESIDE


def _divisions(towns: list[Place]) -> list[Place]:
    """Return the first and second-level areas that hold a town, and set the second-level area of the towns."""
    areas, held = sources.divisions()
    within: dict[int, list[Place]] = defaultdict(list)
    for town in towns:
        for number in held.get(town.geonames_id or 0, ()):
            if number in areas:
                within[number].append(town)
                if areas[number].kind is PlacePrecision.ADMIN2:
                    town.admin2 = areas[number].geonames_id
    for number, inside in within.items():
        area = areas[number]
        area.weight = sum(t.weight for t in inside)
        area.lat, area.lon = _middle(inside)
        if area.kind is PlacePrecision.ADMIN2:
            area.admin1 = inside[0].admin1
            area.admin2 = area.geonames_id
        elif not area.admin1:
            area.admin1 = inside[0].admin1
    return [areas[number] for number in within]


def _middle(towns: Iterable[Place]) -> tuple[float, float]:
    """Return the mean of the squares of land in which people live, as a guess at the middle of an area."""
    squares = {(round(t.lat * _SQUARES), round(t.lon * _SQUARES)): (t.lat, t.lon) for t in towns}
    if not squares:
        return 0.0, 0.0
    return tuple(round(sum(axis) / len(squares), 4) for axis in zip(*squares.values(), strict=True))


def _provinces(divisions: list[Place], towns: list[Place]) -> dict[tuple[str, str], str]:
    """Give first-level areas English and short names and, where listed, points; return the English ones."""
    firsts = {(a.country or "", a.admin1 or ""): a for a in divisions if a.kind is PlacePrecision.ADMIN1}
    largest: dict[tuple[str | None, str], Place] = {}
    for town in towns:
        key = town.country, fold(town.name)
        if key not in largest or town.weight > largest[key].weight:
            largest[key] = town
    for country, english, seat in lexicon.table("admin1.tsv"):
        town_ = largest.get((country, fold(seat)))
        area = firsts.get((country, town_.admin1 or "")) if town_ else None
        if area:
            area.others.append(area.name)
            area.name = english
    for country, code, shorts, lat, lon in lexicon.table("states.tsv"):
        area = firsts[country, code]
        area.others += shorts.split("|")
        area.lat, area.lon = float(lat), float(lon)
    for code in sources.american_codes():
        if ("US", code) in firsts:
            firsts["US", code].others.append(code)
    return {key: area.name for key, area in firsts.items()}


def _write(index: sqlite3.Connection, places: list[Place], provinces: dict[tuple[str, str], str]) -> None:
    demonyms = {fold(name): code for name, code in sources.demonyms().items()}
    starts: dict[str, int] = {}
    names: list[tuple[str, int]] = []
    for number, p in enumerate(places):
        for name in {fold(n) for n in (p.name, *p.others)} - demonyms.keys():
            words = name.split()
            if words and len(words) <= _MOST_WORDS:
                names.append((name, number))
                starts[words[0]] = max(starts.get(words[0], 0), len(words))
    index.executemany(
        "INSERT INTO place VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        (
            (n, p.name, _KINDS[p.kind], p.country, p.lat, p.lon, p.weight, p.geonames_id, p.city, p.admin1, p.admin2)
            for n, p in enumerate(places)
        ),
    )
    index.executemany("INSERT INTO name VALUES (?,?)", sorted(names))
    index.executemany("INSERT INTO start VALUES (?,?)", sorted(starts.items()))
    index.executemany("INSERT INTO province VALUES (?,?,?)", ((*key, name) for key, name in sorted(provinces.items())))
    index.executemany("INSERT INTO demonym VALUES (?,?)", sorted(demonyms.items()))
