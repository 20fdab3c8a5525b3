"""Starts, asks and stops the process manager (supervisor) that runs the children of an instance.

It is told and asked by XML-RPC over a Unix socket. What happened to its children is read from its log, which alone
knows of every end and every restart.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from services.cli.embedded import home as homes
from services.cli.embedded import processes
from services.cli.embedded.instance import Child
from services.cli.embedded.programs import Program, configuration, log_file, stop_s
from shared.errors import SetupError

_POLL_S = 0.1
_START_S = 20.0

_STARTED = re.compile(r"supervisord started with pid")
_SPAWNED = re.compile(r"INFO spawned: '(?P<name>[^']+)' with pid (?P<pid>\d+)")
_EXITED = re.compile(r"exited: (?P<name>\S+) \((?P<how>[^;)]+)")
_GAVE_UP = re.compile(r"gave up: (?P<name>\S+) entered FATAL state")


def start(home: Path, programs: list[Program], environment: dict[str, str], *, foreground: bool = False) -> int:
    """Start supervisor with its children and return its pid. Children get `environment` and the mark of the home.

    In the background it outlives us; in the foreground it is our child and ends when we are killed.
    Raises SetupError when it does not answer.
    """
    config = home / "supervisord.conf"
    config.write_text(configuration(home, homes.socket_path(home), programs))
    config.chmod(0o600)
    environment = os.environ | environment | {processes.MARK: str(homes.locate(home))}
    command = [sys.executable, "-P", "-m", "supervisor.supervisord", "--silent", "-c", str(config)]
    if foreground:
        setpriv = shutil.which("setpriv")
        bound = [setpriv, "--pdeathsig", "TERM"] if setpriv else []
        subprocess.Popen([*bound, *command, "--nodaemon"], env=environment, stdin=subprocess.DEVNULL)  # noqa: S603 - our words
    else:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our words
        if done.returncode:
            raise SetupError(f"the process manager does not start: {(done.stderr or done.stdout).strip()[-500:]}")
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        found = pid(home)
        if found is not None:
            return found
        time.sleep(_POLL_S)
    raise SetupError(f"the process manager does not answer; see {home / 'logs' / 'supervisord.log'}")


def _rpc(home: Path) -> Any:
    # the address is not used, but must be one
    return ServerProxy(
        "http://127.0.0.1", transport=SupervisorTransport(None, None, f"unix://{homes.socket_path(home)}")
    ).supervisor


def pid(home: Path) -> int | None:
    """Return the pid of the supervisor of `home`, None when there is none that answers."""
    try:
        return int(_rpc(home).getPID())
    except (OSError, HTTPException, Fault):
        return None


def children(home: Path) -> list[Child]:
    """Return the children as supervisor sees them; an empty list when it does not run."""
    try:
        rows: list[dict[str, Any]] = _rpc(home).getAllProcessInfo()
    except (OSError, HTTPException, Fault):
        return []
    starts = spawned(log_lines(home))
    return [
        Child(
            name=row["name"],
            state=row["statename"].lower(),
            pid=row["pid"] or None,
            uptime_s=max(0, row["now"] - row["start"]) if row["pid"] else 0,
            restarts=max(0, starts.get(row["name"], 0) - 1),
            log=log_file(home, row["name"]),
        )
        for row in rows
    ]


def log_lines(home: Path) -> list[str]:
    """Return what supervisor has logged since it was last started."""
    try:
        lines = (home / "logs" / "supervisord.log").read_text(errors="replace").splitlines()
    except OSError:
        return []
    first = max((number for number, line in enumerate(lines) if _STARTED.search(line)), default=0)
    return lines[first:]


def spawned(lines: Iterable[str]) -> dict[str, int]:
    """Return how often each child was started, from supervisor's log."""
    return _count(_SPAWNED, lines)


def exited(lines: Iterable[str]) -> dict[str, int]:
    """Return how often each child has ended by itself, from supervisor's log."""
    return _count(_EXITED, lines)


def _count(pattern: re.Pattern[str], lines: Iterable[str]) -> dict[str, int]:
    return Counter(match["name"] for line in lines if (match := pattern.search(line)))


def told(line: str) -> str | None:
    """Return what a line of supervisor's log says to a person, None for a line of no interest."""
    if match := _EXITED.search(line):
        return f"{match['name']} ended ({match['how']})"
    if match := _SPAWNED.search(line):
        return f"{match['name']} started, pid {match['pid']}"
    if match := _GAVE_UP.search(line):
        return f"{match['name']} does not start: given up"
    return None


def stop(home: Path) -> int:
    """End supervisor, all its children and what may be left of an instance that was killed. Return how many ended.

    Data stays. Does nothing when nothing runs.
    """
    manager = pid(home)
    before = len(processes.marked(home))
    if manager is not None:
        with suppress(OSError, HTTPException, Fault):  # it may end before it has answered
            _rpc(home).shutdown()
        _wait_for_end(home, manager)
    left = processes.end(home, grace_s=stop_s())
    homes.forget(home)
    return max(before, left)


def _wait_for_end(home: Path, manager: int) -> None:
    # one stop time for the services, one for the servers
    deadline = time.monotonic() + 2 * stop_s()
    while time.monotonic() < deadline and manager in processes.marked(home):
        with suppress(ChildProcessError):
            os.waitpid(manager, os.WNOHANG)  # in the foreground it is our child and would stay as a zombie
        time.sleep(_POLL_S)
