"""The folder of an instance: its records, its socket, its lock."""

import os
import stat
from pathlib import Path

import pytest

from services.cli.embedded import home as homes
from services.cli.embedded import instance
from services.cli.embedded.instance import Instance
from shared.errors import SetupError
from shared.settings import Settings


def an_instance(home: Path) -> Instance:
    return Instance(
        home=home,
        redis_url="redis://:secret@127.0.0.1:7001/0",
        elasticsearch_url="http://127.0.0.1:7002",
        api_url="http://127.0.0.1:7003",
        programs=("redis",),
        supervisor_pid=1,
    )


def test_a_record_is_found_again_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    instance.remember(an_instance(tmp_path))
    assert instance.recall(tmp_path) == an_instance(tmp_path)
    assert stat.S_IMODE((tmp_path / "run.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "{}", "not json", '{"home": 1}'])
def test_a_broken_record_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content)
    assert instance.recall(tmp_path) is None


def test_the_address_of_the_api_is_that_of_the_running_instance(tmp_path: Path) -> None:
    assert instance.api_url(Settings(home=tmp_path)) == "http://127.0.0.1:8000"
    instance.remember(an_instance(tmp_path))
    assert instance.api_url(Settings(home=tmp_path)) == "http://127.0.0.1:7003"
    assert instance.api_url(Settings(home=tmp_path, api_url="http://else")) == "http://else"


def test_the_socket_lies_in_the_home() -> None:
    assert homes.socket_path(Path("/srv/t")) == Path("/srv/t/supervisor.sock")


def test_a_long_path_gets_a_short_private_socket(tmp_path: Path) -> None:
    home = tmp_path / ("x" * 60) / ("y" * 60)
    home.mkdir(parents=True)
    socket = homes.socket_path(home)
    assert len(os.fsencode(socket)) <= homes.SOCKET_PATH_MAX_BYTES
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    assert homes.socket_path(home) == socket
    homes.forget(home)
    assert not socket.parent.exists()


@pytest.mark.parametrize("name", ["a;b", "a#b", "a%b", 'a"b', "a'b", "a\\b", "a\nb"])
def test_a_name_that_supervisor_would_misread_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SetupError, match="TOCSIN_HOME"):
        homes.prepare(tmp_path / name)


def test_a_home_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="TOCSIN_HOME") as caught:
        homes.prepare(tmp_path / "file" / "home")
    assert "\n" not in str(caught.value)


@pytest.fixture
def named_twice(tmp_path: Path) -> tuple[Path, Path]:
    """A home by its own path, and by a link to the folder above it."""
    real, link = tmp_path / "real" / "home", tmp_path / "link"
    homes.prepare(real)
    link.symlink_to(real.parent)
    return real, link / "home"


def test_a_home_is_one_whatever_link_names_it(named_twice: tuple[Path, Path]) -> None:
    real, linked = named_twice
    assert homes.prepare(linked) == homes.prepare(real) == homes.locate(linked) == real
    assert homes.digest(linked) == homes.digest(real)
    assert homes.socket_path(linked) == homes.socket_path(real)


def test_a_record_is_found_through_a_link(named_twice: tuple[Path, Path]) -> None:
    real, linked = named_twice
    instance.remember(an_instance(real))
    assert instance.recall(linked) == an_instance(real)


def test_links_in_a_circle_are_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(SetupError, match="TOCSIN_HOME"):
        homes.prepare(tmp_path / "a")


def test_a_second_holder_is_told(tmp_path: Path) -> None:
    with (
        homes.lock(tmp_path / "l", busy="busy"),
        pytest.raises(SetupError, match="busy"),
        homes.lock(tmp_path / "l", busy="busy"),
    ):
        pass
    with homes.lock(tmp_path / "l", busy="busy"):
        pass
