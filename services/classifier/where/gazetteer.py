"""Names of places and where they are: an index on disk that all workers of a machine share.

atlas ─▶ gazetteer-<digest>.sqlite ─▶ Gazetteer: folded name ─▶ entries
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from services.classifier.where import atlas
from services.classifier.where.folding import fold
from shared.domain.vocabulary import PlacePrecision

_ARTICLES = ("al ", "ad ", "ar ", "as ", "ash ", "at ", "az ", "el ", "the ")
#: Names of which a process remembers the entries. An article's names come again in the next one.
_REMEMBERED = 4_000
#: Bytes of the file that a process may map: more than it has.
_MAPPED = 1 << 28
_KINDS = tuple(PlacePrecision)


class Entry(NamedTuple):
    """One place. `weight` is its population, or a number that stands in for how well known an area is.

    `geonames_id` of a district is that of its town. A tuple, as there are many of them.
    """

    name: str
    precision: PlacePrecision
    country: str | None
    lat: float
    lon: float
    weight: int
    geonames_id: int | None = None
    city: str | None = None
    admin1: str | None = None  #: GeoNames code of the first-level area, unique within the country
    admin2: int | None = None  #: GeoNames id of the second-level area


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All known places by folded name, the names of first-level areas, and which adjectives belong to which country."""

    path: Path
    provinces: dict[tuple[str, str], str]
    demonyms: dict[str, str]
    people_begin: frozenset[str]  #: the first words of `demonyms`
    countries: dict[str, Entry]  #: by code
    _open: dict[int, "_Reader"] = field(default_factory=dict)

    def peoples(self, words: Sequence[str]) -> Iterator[tuple[int, int, str]]:
        """Yield the peoples and adjectives of countries among lower-cased words: first word, last word, country."""
        at = 0
        while at < len(words):
            if words[at] not in self.people_begin:  # as most
                at += 1
                continue
            longest = next((n for n in (3, 2, 1) if " ".join(words[at : at + n]) in self.demonyms), 0)
            if longest:
                last = min(at + longest, len(words)) - 1
                yield at, last, self.demonyms[" ".join(words[at : at + longest])]
            at += max(longest, 1)

    def lookup(self, name: str) -> tuple[Entry, ...]:
        """Return every place of this name, the largest first, the article before it dropped when that helps."""
        folded, reader = fold(name), self._reader()
        found = reader.entries(folded)
        for article in _ARTICLES if folded.startswith(_ARTICLES) else ():
            if not found and folded.startswith(article):
                found = reader.entries(folded.removeprefix(article))
        return found

    def longest(self, word: str) -> int:
        """Return how many words the longest name has that begins with this word; 0 when none does."""
        return self._reader().longest(word.lower() if word.isalpha() and word.isascii() else fold(word))

    def province_of(self, entry: Entry) -> str | None:
        """Return the English name of the first-level area that holds a place, when it is known."""
        if entry.precision is PlacePrecision.ADMIN1:
            return entry.name
        return self.provinces.get((entry.country or "", entry.admin1 or ""))

    def _reader(self) -> "_Reader":
        # SQLite's connections do not survive a fork: each process opens its own, in a tenth of a millisecond.
        process = os.getpid()
        if process not in self._open:
            self._open[process] = _Reader(self.path)
        return self._open[process]


class _Reader:
    """One process's view of the index."""

    def __init__(self, path: Path) -> None:
        # Immutable: no locks, so that the file may lie in a read-only image.
        self._rows = sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True, check_same_thread=False)
        self._rows.execute(f"PRAGMA mmap_size={_MAPPED}")
        self._rows.execute("PRAGMA cache_size=-2000")
        self.entries = lru_cache(_REMEMBERED)(self._entries)
        self.longest = lru_cache(_REMEMBERED)(self._longest)

    def _entries(self, folded: str) -> tuple[Entry, ...]:
        query = "SELECT place.* FROM name JOIN place ON place.id = name.place WHERE folded = ? ORDER BY weight DESC"
        return tuple(_entry(row) for row in self._rows.execute(query, (folded,)))

    def _longest(self, word: str) -> int:
        row = self._rows.execute("SELECT words FROM start WHERE word = ?", (word,)).fetchone()
        return row[0] if row else 0

    def all(self, query: str, *values: int) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self._rows.execute(query, values).fetchall()


def _entry(row: tuple[Any, ...]) -> Entry:
    _, name, kind, *others = row
    return Entry(name, _KINDS[kind], *others)


def load() -> Gazetteer:
    """Open the index; where none was built yet, build it, which takes about ten seconds."""
    path = atlas.built()
    reader, country = _Reader(path), _KINDS.index(PlacePrecision.COUNTRY)
    provinces = {(country, code): name for country, code, name in reader.all("SELECT * FROM province")}
    demonyms = dict(reader.all("SELECT * FROM demonym"))
    known = (_entry(row) for row in reader.all("SELECT * FROM place WHERE kind = ?", country))
    begin = frozenset(name.partition(" ")[0] for name in demonyms)
    return Gazetteer(path, provinces, demonyms, begin, {e.country: e for e in known if e.country})
