"""Real servers under the real process manager: what dies comes back, what is stopped is gone, data stay."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from services.cli.embedded import home as homes
from services.cli.embedded import manager, ports, processes, ready, servers
from services.cli.embedded.instance import Child
from services.cli.embedded.processes import MARK
from shared.errors import SetupError


def until(true: Callable[[], bool], within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def child(home: Path) -> Child:
    (found,) = manager.children(home)
    return found


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = homes.prepare(tmp_path / "home")
    yield folder
    manager.stop(folder)


def start(home: Path) -> str:
    """Start Redis alone in the background and return its URL."""
    port = ports.any_free()
    manager.start(home, [servers.redis(home, port)], {})
    url = f"redis://127.0.0.1:{port}/0"
    until(lambda: ready.redis_answers(url))
    return url


def test_a_child_that_is_killed_is_shown_and_restarted_with_its_data(home: Path) -> None:
    url = start(home)
    Redis.from_url(url).set("kept", "1")
    until(lambda: child(home).state == "running")
    before = child(home)
    assert before.pid is not None
    os.kill(before.pid, signal.SIGKILL)
    until(lambda: child(home).restarts == 1 and child(home).state == "running" and ready.redis_answers(url))
    assert child(home).pid != before.pid
    assert Redis.from_url(url).get("kept") == b"1"


def test_stopping_leaves_no_process_and_no_record_but_the_data(home: Path) -> None:
    Redis.from_url(start(home)).set("kept", "1")
    assert manager.stop(home) >= 2
    assert processes.marked(home) == {}
    assert {path.name for path in home.iterdir()} <= {"logs", "redis", "supervisord.conf"}
    assert manager.stop(home) == 0
    assert Redis.from_url(start(home)).get("kept") == b"1"


def test_what_a_killed_manager_leaves_is_found_and_ended(home: Path) -> None:
    start(home)
    running = manager.pid(home)
    assert running is not None
    os.kill(running, signal.SIGKILL)
    until(lambda: running not in processes.marked(home))
    assert len(processes.marked(home)) == 1
    assert manager.stop(home) == 1
    assert processes.marked(home) == {}
    start(home)  # a stale pid file and socket are no obstacle


def test_what_runs_is_found_and_ended_through_a_link_to_the_home(home: Path, tmp_path: Path) -> None:
    start(home)
    link = tmp_path / "link"
    link.symlink_to(home)
    assert set(processes.marked(link)) == set(processes.marked(home))
    assert len(processes.marked(link)) == 2
    assert manager.stop(link) == 2
    assert processes.marked(home) == {}


def test_nobody_elses_process_is_touched(home: Path, tmp_path: Path) -> None:
    start(home)
    other = os.posix_spawn("/bin/sleep", ["sleep", "30"], os.environ | {MARK: str(tmp_path / "another")})
    try:
        manager.stop(home)
        assert os.waitpid(other, os.WNOHANG) == (0, 0)
    finally:
        os.kill(other, signal.SIGKILL)
        os.waitpid(other, 0)


def test_a_child_that_cannot_live_fails_the_start_with_its_log(home: Path) -> None:
    broken = servers.redis(home, ports.any_free())
    (home / "redis" / "redis.conf").write_text("no-such-setting 1\n")
    manager.start(home, [broken], {})
    with pytest.raises(SetupError, match="no-such-setting"):
        ready.wait(lambda: False, within_s=20, home=home, fault=lambda: "too late")


def test_both_servers_run_under_one_roof_and_go(tmp_path: Path) -> None:
    home = tmp_path / "both"
    with servers.embedded_servers(home) as running:
        assert ready.redis_answers(running.redis_url)
        assert ready.elasticsearch_answers(running.elasticsearch_url)
        assert {one.name for one in manager.children(home)} == {"redis", "elasticsearch"}
        assert len(processes.marked(home)) >= 4  # with the launcher of Elasticsearch and its JVM
    assert processes.marked(home) == {}
    assert not (home / "elasticsearch").is_symlink()
