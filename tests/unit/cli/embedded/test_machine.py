"""Ports, packages, folders: what the embedded mode finds out about a machine."""

import os
import pwd
import socket
from pathlib import Path

import pytest

from services.cli.embedded import elasticsearch_build, elasticsearch_server, packages, ports, redis_server
from shared.errors import SetupError

NOBODY = pwd.getpwnam("nobody")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Elasticsearch as another user")


def test_a_taken_port_is_replaced() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert not ports.is_free(port)
        assert ports.choose(port) != port
    assert ports.choose(port) == port


def test_a_port_must_be_free_at_every_address() -> None:
    with socket.create_server(("127.0.0.12", 0)) as taken:
        port = taken.getsockname()[1]
        assert ports.is_free(port, ["127.0.0.1"])
        assert not ports.is_free(port, ["127.0.0.1", "127.0.0.12"])


def test_what_is_missing_is_one_line_with_the_command() -> None:
    line = packages.complaint(["a Java compiler", "Maven"], apt=True)
    assert line.endswith("sudo apt-get install -y --no-install-recommends default-jdk-headless maven")
    assert "\n" not in line
    assert "apt-get" not in packages.complaint(["Maven"], apt=False)


@pytest.mark.parametrize(
    ("release", "version"),
    [('JAVA_VERSION="17.0.15"', 17), ('X=1\nJAVA_VERSION="21"\n', 21), ('JAVA_VERSION="1.8.0_402"', 8), ("", 0)],
)
def test_the_version_of_a_java_is_read(tmp_path: Path, release: str, version: int) -> None:
    (tmp_path / "release").write_text(release)
    assert packages.java_version(tmp_path) == version


def test_an_old_java_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch(mode=0o755)
    (tmp_path / "release").write_text('JAVA_VERSION="11.0.2"')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert packages.java_home() is None
    assert packages.missing(build=False) == ["Java 17 or newer"]
    assert packages.missing(build=True) == ["a Java compiler", "Maven"]
    with pytest.raises(SetupError, match="Java 17"):  # no apt-get on this PATH either
        packages.ensure(build=False, say=print)


def test_a_closed_folder_above_makes_a_home_unreachable() -> None:
    home = Path("/tmp") / f"reach-{os.getpid()}" / "home"  # noqa: S108 - tmp_path lies in a closed folder itself
    home.mkdir(parents=True)
    try:
        home.parent.chmod(0o755)
        assert elasticsearch_server.reachable(home, NOBODY)
        home.parent.chmod(0o700)
        assert not elasticsearch_server.reachable(home, NOBODY)
        assert elasticsearch_server.reachable(home, pwd.getpwuid(os.getuid()))
    finally:
        home.rmdir()
        home.parent.rmdir()


@as_root
def test_data_moves_out_of_a_home_that_its_user_cannot_reach_and_stays_there(tmp_path: Path) -> None:
    home, state = tmp_path / "home", tmp_path / "state"
    (home / "elasticsearch" / "data").mkdir(parents=True)
    (home / "elasticsearch" / "data" / "kept").touch()
    home.chmod(0o700)
    said: list[str] = []
    folder = elasticsearch_server.data_folder(home, NOBODY, said.append, state=state)
    assert folder.is_relative_to(state)
    assert (folder / "data" / "kept").stat().st_uid == NOBODY.pw_uid
    assert len(said) == 1
    assert elasticsearch_server.data_folder(home, NOBODY, said.append, state=state) == folder


@as_root
def test_a_new_home_never_takes_the_data_of_an_old_one(tmp_path: Path) -> None:
    home, state = tmp_path / "home", tmp_path / "state"
    home.mkdir(mode=0o700)
    old = elasticsearch_server.data_folder(home, NOBODY, print, state=state)
    home.rename(tmp_path / "moved")
    home.mkdir(mode=0o700)
    assert elasticsearch_server.data_folder(home, NOBODY, print, state=state) != old
    assert elasticsearch_server.data_folder(tmp_path / "moved", NOBODY, print, state=state) == old


def test_the_name_of_a_build_follows_its_sources(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "pom.xml").write_text("<elasticsearch.version>8.19.21</elasticsearch.version>")
    first = elasticsearch_build.build_name(tmp_path)
    assert first.startswith("elasticsearch-8.19.21-")
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "by-hand").touch()
    assert elasticsearch_build.build_name(tmp_path) == first
    (tmp_path / "src" / "a").touch()
    assert elasticsearch_build.build_name(tmp_path) != first


def test_without_a_checkout_the_build_says_so(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="checkout"):
        elasticsearch_build.build_name(tmp_path)


def test_data_of_the_wheels_server_stay_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "bin" / "redis-server"
    installed.parent.mkdir()
    monkeypatch.setenv("PATH", str(installed.parent))
    assert redis_server.find(tmp_path) == redis_server.wheel_binary()
    installed.touch(mode=0o755)
    assert redis_server.find(tmp_path) == redis_server.wheel_binary()
    (tmp_path / "written-by").unlink()
    assert redis_server.find(tmp_path) == installed
