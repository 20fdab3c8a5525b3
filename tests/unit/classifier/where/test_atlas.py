"""The index of places on disk: where it is kept, that it is built whole or not at all, and what it holds."""

import os
import re
import resource
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.classifier.models import Models
from services.classifier.where import atlas
from services.classifier.where.atlas import build, seal, sources
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


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def halved(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def zeroed(path: Path) -> None:
    """Leave a page of zeros where a table is, as a power cut may."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(bytes(4096))


def strange(path: Path) -> None:
    path.write_bytes(b"no index at all" * 1000)


def unfinished(path: Path) -> None:
    index = sqlite3.connect(path)
    index.execute("PRAGMA user_version = 0")
    index.close()


def robbed(path: Path) -> None:
    with sqlite3.connect(path) as index:
        index.execute("DELETE FROM name")
    index.close()


@pytest.mark.parametrize("broken", [emptied, halved, zeroed, strange, unfinished, robbed])
def test_one_that_is_broken_is_built_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, broken: Callable[[Path], None]
) -> None:
    monkeypatch.setenv("TOCSIN_CACHE", str(tmp_path))
    monkeypatch.setattr(build, "gather", one_town)
    path = atlas.built()
    assert seal.is_whole(path)
    broken(path)
    assert not seal.is_whole(path)
    assert seal.is_whole(atlas.built())
    assert list(tmp_path.iterdir()) == [path]


@contextmanager
def little_room(most: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes: the nearest thing to a full disk that needs no rights."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit kills")
@pytest.mark.parametrize("most", [0, 20_000])
def test_a_full_disk_is_an_oserror_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, most: int
) -> None:
    monkeypatch.setattr(build, "gather", one_town)
    with little_room(most), pytest.raises(OSError, match="index"):
        build.build(tmp_path / "index.sqlite")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit kills")
def test_where_the_disk_of_the_cache_is_full_it_lies_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TOCSIN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    full = build.build

    def build_(path: Path) -> None:
        with little_room(0 if path.parent.name == "cache" else 10_000_000):
            full(path)

    monkeypatch.setattr(build, "gather", one_town)
    monkeypatch.setattr(build, "build", build_)
    assert seal.is_whole(atlas.built())
    assert tmp_path / "tmp" in atlas.built().parents
    assert list((tmp_path / "cache").iterdir()) == []


def test_an_error_of_ours_is_no_fault_of_the_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "gather", one_town)
    monkeypatch.setattr(build, "_SCHEMA", "CREATE TABLE place (id INTEGER PRIMARY KEY);")
    with pytest.raises(sqlite3.OperationalError, match="place"):
        build.build(tmp_path / "index.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_processes_without_a_cache_share_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOCSIN_CACHE", str(tmp_path / "file" / "folder"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(build, "gather", one_town)
    first = atlas.built()
    written = first.stat().st_mtime_ns
    assert first.parent.stat().st_mode & 0o777 == 0o700
    assert (atlas.built(), first.stat().st_mtime_ns) == (first, written)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", first.parent.name]


def opened(path: Path) -> None:
    path.mkdir()
    path.chmod(0o777)


def linked(path: Path) -> None:
    path.with_name("elsewhere").mkdir(mode=0o700)
    path.symlink_to(path.with_name("elsewhere"))


def given_away(path: Path) -> None:
    path.mkdir(mode=0o700)
    os.chown(path, 12345, -1)


ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder away")


@pytest.mark.parametrize("made", [opened, linked, pytest.param(given_away, marks=ROOT_ONLY)])
def test_what_another_user_may_have_put_there_is_not_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, made: Callable[[Path], None]
) -> None:
    made(tmp_path / f"tocsin-{os.geteuid()}")
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOCSIN_CACHE", str(tmp_path / "file" / "folder"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(build, "gather", one_town)
    with pytest.raises(PermissionError, match="TOCSIN_CACHE"):
        atlas.built()


def test_its_name_holds_every_list_that_it_is_made_from() -> None:
    code = "".join(path.read_text() for path in Path(build.__file__).parent.glob("*.py"))
    assert set(re.findall(r'table\("(\w+\.tsv)"\)', code)) == set(atlas.LISTS)


@pytest.mark.parametrize("changed", ["version", "PlacePrecision", "LISTS"])
def test_its_name_changes_with_what_it_is_made_from(monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
    values = {
        "version": str.upper,
        "PlacePrecision": list(PlacePrecision)[::-1],
        "LISTS": atlas.LISTS[1:],
    }
    before = atlas.digest.__wrapped__()
    assert before == atlas.digest.__wrapped__()
    monkeypatch.setattr(atlas, changed, values[changed])
    assert atlas.digest.__wrapped__() != before


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
