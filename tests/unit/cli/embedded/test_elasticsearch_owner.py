"""Root sets up a folder that another user runs in: that user's links lead root nowhere."""

import os
import pwd
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.cli.embedded import elasticsearch_server
from shared.errors import SetupError

NOBODY = pwd.getpwnam("nobody")
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Elasticsearch as another user")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where data go that cannot stay in a home."""
    return tmp_path / "state"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that the server's user cannot reach."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def distribution(tmp_path: Path) -> Path:
    """As much of an Elasticsearch as is read."""
    options = tmp_path / "distribution" / "config" / "jvm.options"
    options.parent.mkdir(parents=True)
    options.write_text("-Xshare:auto\n-Xlog:gc*:file=logs/gc.log\n")
    return options.parents[1]


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file of root's that must stay as it is."""
    file = tmp_path / "victim" / "file"
    file.parent.mkdir()
    file.write_text("precious")
    return file


def untouched(victim: Path) -> bool:
    return victim.read_text() == "precious" and {victim.stat().st_uid, victim.parent.stat().st_uid} == {0}


def owner(path: Path) -> int:
    return path.lstat().st_uid


def test_root_keeps_the_folder_and_its_user_has_what_lies_in_it(home: Path, state: Path, distribution: Path) -> None:
    folder = elasticsearch_server.data_folder(home, NOBODY, print, state=state)
    elasticsearch_server.configure(folder, distribution, 9200, NOBODY)
    assert [owner(path) for path in (state, folder.parent, folder)] == [0, 0, 0]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    assert {path.name for path in folder.iterdir()} == {"config", "data", "logs", "tmp"}
    assert {owner(path) for path in folder.rglob("*")} == {NOBODY.pw_uid}


@pytest.mark.parametrize("planted", ["config", "tmp", "config/jvm.options", "config/elasticsearch.yml"])
def test_a_planted_link_is_removed_and_not_followed(
    home: Path, state: Path, distribution: Path, victim: Path, planted: str
) -> None:
    folder = elasticsearch_server.data_folder(home, NOBODY, print, state=state)
    link = folder / planted
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(victim if "/" in planted else victim.parent)
    elasticsearch_server.data_folder(home, NOBODY, print, state=state)
    elasticsearch_server.configure(folder, distribution, 9200, NOBODY)
    assert untouched(victim)
    assert not link.is_symlink()
    assert (folder / "config" / "jvm.options").read_text() == "-Xshare:auto\n"


@pytest.mark.parametrize("part", ["data", "logs"])
def test_a_link_in_place_of_the_data_is_refused(home: Path, state: Path, victim: Path, part: str) -> None:
    folder = elasticsearch_server.data_folder(home, NOBODY, print, state=state)
    (folder / part).rmdir()
    (folder / part).symlink_to(victim.parent)
    with pytest.raises(SetupError, match="did not make"):
        elasticsearch_server.data_folder(home, NOBODY, print, state=state)
    assert untouched(victim)


def test_what_lies_in_the_data_is_handed_over_without_following_links(home: Path, state: Path, victim: Path) -> None:
    """Data of one ordinary user become another's, but not root's file that the first has linked into them."""
    data = elasticsearch_server.data_folder(home, NOBODY, print, state=state) / "data"
    (data / "deep").mkdir()
    (data / "deep" / "own").touch()
    (data / "deep" / "link").symlink_to(victim)
    (data / "linked").symlink_to(victim.parent)
    for path in (data, *data.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    (data / "deep" / "hard").hardlink_to(victim)
    elasticsearch_server.data_folder(home, NOBODY, print, state=state)
    assert untouched(victim)
    assert owner(data) == owner(data / "deep") == owner(data / "deep" / "own") == NOBODY.pw_uid


@pytest.mark.parametrize("target", ["victim", "state/elsewhere/elasticsearch", "state/0123456789ab/../../victim"])
def test_a_link_that_root_did_not_make_so_is_refused(home: Path, state: Path, victim: Path, target: str) -> None:
    state.mkdir()
    (home / "elasticsearch").symlink_to(home.parent / target)
    with pytest.raises(SetupError, match="did not make"):
        elasticsearch_server.data_folder(home, NOBODY, print, state=state)
    assert untouched(victim)


def test_our_link_is_refused_when_it_or_what_it_leads_to_is_not_roots(home: Path, state: Path) -> None:
    folder = elasticsearch_server.data_folder(home, NOBODY, print, state=state)
    assert elasticsearch_server.outside(home, state=state) == folder
    for path in (home / "elasticsearch", folder.parent, state):
        os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid, follow_symlinks=False)
        with pytest.raises(SetupError, match="did not make"):
            elasticsearch_server.outside(home, state=state)
        os.chown(path, 0, 0, follow_symlinks=False)
    assert elasticsearch_server.outside(home, state=state) == folder


def test_a_state_folder_of_somebody_else_is_refused(home: Path, state: Path) -> None:
    state.mkdir()
    os.chown(state, NOBODY.pw_uid, NOBODY.pw_gid)
    with pytest.raises(SetupError, match="must belong to root"):
        elasticsearch_server.data_folder(home, NOBODY, print, state=state)


def test_those_who_start_at_once_add_one_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    users = tmp_path / "users"
    users.touch()
    program = tmp_path / "useradd"
    program.write_text(f"#!/bin/sh\nsleep 0.1\necho user >> {users}\n")
    program.chmod(0o755)

    def found(_: str) -> pwd.struct_passwd:
        if not users.read_text():
            raise KeyError
        return NOBODY

    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("TOCSIN_CACHE", str(tmp_path))
    monkeypatch.setattr(pwd, "getpwnam", found)
    with ThreadPoolExecutor(3) as pool:
        accounts = list(pool.map(lambda _: elasticsearch_server.account(), range(3)))
    assert accounts == [NOBODY] * 3
    assert users.read_text() == "user\n"
