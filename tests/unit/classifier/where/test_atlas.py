"""The index of places on disk: where it is kept, that it is built whole or not at all, and what it holds."""

import sqlite3
from pathlib import Path

import pytest

from services.classifier.models import Models
from services.classifier.where import atlas
from services.classifier.where.atlas import build, sources
from services.classifier.where.atlas.sources import Place
from shared.domain.vocabulary import PlacePrecision

TOWN = Place("Kaya", PlacePrecision.CITY, "BF", 13.09, -1.08, 66_851, 2_359_000, "Kaya", others=["Kaia"])


def one_town() -> tuple[list[Place], dict[tuple[str, str], str]]:
    return [TOWN], {("BF", "49"): "Centre-Nord"}


def test_it_is_built_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOCSIN_CACHE", str(tmp_path / "new"))
    monkeypatch.setattr(build, "gather", one_town)
    first = atlas.built()
    written = first.stat().st_mtime_ns
    assert atlas.built() == first
    assert first.stat().st_mtime_ns == written
    assert list(first.parent.iterdir()) == [first]


def test_where_the_cache_cannot_be_made_it_lies_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOCSIN_CACHE", str(tmp_path / "file" / "folder"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(build, "gather", one_town)
    assert atlas.built().is_file()
    assert tmp_path in atlas.built().parents


def test_a_build_that_breaks_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken() -> tuple[list[Place], dict[tuple[str, str], str]]:
        raise ValueError("a table is cut short")

    monkeypatch.setattr(build, "gather", broken)
    with pytest.raises(ValueError, match="cut short"):
        build.build(tmp_path / "index.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_place_is_listed_under_all_its_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "gather", one_town)
    path = tmp_path / "index.sqlite"
    build.build(path)
    index = sqlite3.connect(path)
    assert index.execute("SELECT folded FROM name ORDER BY folded").fetchall() == [("kaia",), ("kaya",)]
    assert index.execute("SELECT name, geonames_id FROM place").fetchall() == [("Kaya", 2_359_000)]
    assert index.execute("SELECT * FROM province").fetchall() == [("BF", "49", "Centre-Nord")]
    index.close()


def test_a_missing_source_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_source"):
        sources.package("no_such_source")


@pytest.mark.parametrize(
    ("name", "country", "precision"),
    [
        ("Hawija", "IQ", PlacePrecision.CITY),
        ("Anbar", "IQ", PlacePrecision.ADMIN1),
        ("Harris County", "US", PlacePrecision.ADMIN2),
        ("Sadr City", "IQ", PlacePrecision.NEIGHBOURHOOD),
        ("Gaza Strip", "PS", PlacePrecision.REGION),
    ],
)
def test_each_kind_is_listed(models: Models, name: str, country: str, precision: PlacePrecision) -> None:
    assert (country, precision) in {(e.country, e.precision) for e in models.gazetteer.lookup(name)}


def test_the_longest_name_that_begins_so_is_known(models: Models) -> None:
    assert models.gazetteer.longest("Deir") >= 3
    assert models.gazetteer.longest("qxqxq") == 0
