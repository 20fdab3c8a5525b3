"""What supervisor is told, read back by supervisor's own parser."""

from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from services.cli.embedded import programs
from services.cli.embedded.processes import SERVERS
from services.cli.embedded.programs import Program
from shared.delivery.timing import timing
from shared.worker import drain
from shared.worker import run as worker


def read(tmp_path: Path, children: list[Program]) -> ServerOptions:
    config = tmp_path / "supervisord.conf"
    (tmp_path / "logs").mkdir(exist_ok=True)
    config.write_text(programs.configuration(tmp_path, tmp_path / "s", children))
    options = ServerOptions()
    options.realize(["-c", str(config)])
    return options


def by_name(options: ServerOptions) -> dict[str, object]:
    return {process.name: process for group in options.process_group_configs for process in group.process_configs}


def test_supervisor_understands_every_child(tmp_path: Path) -> None:
    children = [
        Program(name="redis", command="/bin/r", group=SERVERS),
        *programs.workers(),
        programs.beat(),
        programs.api(8000),
    ]
    found = by_name(read(tmp_path, children))
    assert set(found) == {"redis", *worker.KINDS, worker.BEAT, "api"}


def test_services_start_last_and_stop_first(tmp_path: Path) -> None:
    children = [*programs.workers(), Program(name="redis", command="/bin/r", group=SERVERS)]
    priorities = {group.name: group.priority for group in read(tmp_path, children).process_group_configs}
    assert priorities[SERVERS] < priorities[programs.SERVICES]


def test_a_worker_has_time_to_drain_and_its_processes_do_not_hear_the_signal(tmp_path: Path) -> None:
    extractor: object = by_name(read(tmp_path, programs.workers()))["extractor"]
    assert extractor.stopwaitsecs > drain.longest_s(timing().drain_s)  # type: ignore[attr-defined]
    assert not extractor.stopasgroup  # type: ignore[attr-defined]
    assert extractor.killasgroup  # type: ignore[attr-defined]


def test_a_percent_sign_or_a_space_in_a_path_survives(tmp_path: Path) -> None:
    home = tmp_path / "all of it"
    home.mkdir()
    child = programs.redis(Path("/opt/100% b/redis-server"), home / "redis.conf")
    (found,) = by_name(read(home, [child])).values()
    assert found.command == f"'/opt/100% b/redis-server' '{home}/redis.conf'"  # type: ignore[attr-defined]
    assert found.stdout_logfile == str(home / "logs" / "redis.log")  # type: ignore[attr-defined]


def test_a_child_runs_in_the_home_or_where_its_user_can_go(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    children = [programs.api(1), programs.elasticsearch("/bin/es", other, None)]
    found = by_name(read(tmp_path, children))
    assert found["api"].directory == str(tmp_path)  # type: ignore[attr-defined]
    assert found["elasticsearch"].directory == str(other)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", sorted(worker.KINDS))
def test_a_worker_runs_under_this_python(kind: str) -> None:
    (child,) = (child for child in programs.workers() if child.name == kind)
    assert child.command.endswith(f" -P -m shared.worker {kind}")


def test_beat_runs_beside_the_workers_and_not_as_one_of_them() -> None:
    assert programs.beat().command.endswith(" -P -m shared.worker beat")
    assert {child.name for child in programs.workers()} == set(worker.KINDS)
