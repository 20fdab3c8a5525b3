"""Finds and ends processes of an instance that its process manager no longer looks after.

Every child carries the instance's folder in its environment, so that it is found by that mark whatever killed its
parent, and nothing else is ever signalled. Linux only: elsewhere there is no /proc and nothing is found.
"""

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from services.cli.embedded import home as homes

#: The variable that marks the processes of an instance with its folder.
MARK = "TOCSIN_HOME_MARK"

#: The variable by which the processes that others depend on are known. Supervisor sets it to the name of the group.
GROUP = "SUPERVISOR_GROUP_NAME"
SERVERS = "servers"

_POLL_S = 0.1


def environment(pid: int) -> dict[str, str]:
    """Return the environment that a process was started with; empty when it is gone or another user's."""
    with suppress(OSError):
        pairs = (os.fsdecode(pair).partition("=") for pair in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"))
        return {name: value for name, _, value in pairs if name}
    return {}


def parent(pid: int) -> int:
    """Return the pid of a process's parent, 0 when it is gone."""
    with suppress(OSError):
        # the name of the program stands in brackets and may hold spaces
        return int(Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    return 0


def marked(home: Path) -> dict[int, dict[str, str]]:
    """Return the environments of all living processes of the instance in `home`, by pid."""
    mark = str(homes.locate(home))
    with suppress(OSError):
        pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        found = {pid: environment(pid) for pid in pids if pid != os.getpid()}
        return {pid: env for pid, env in found.items() if env.get(MARK) == mark}
    return {}


def heads(found: Iterable[int]) -> set[int]:
    """Return those of `found` whose parent is not among them: who hears the signal ends the rest in good order."""
    pids = set(found)
    return {pid for pid in pids if parent(pid) not in pids}


def end(home: Path, *, grace_s: float) -> int:
    """End all processes of the instance: first those that use the servers, then the servers. Return how many.

    Each gets `grace_s` seconds after SIGTERM, then SIGKILL.
    """
    found = marked(home)
    users = {pid for pid, env in found.items() if env.get(GROUP) != SERVERS}
    for group in (users, set(found)):
        _end(home, group, grace_s)
    _end(home, set(marked(home)), grace_s)  # children that were born meanwhile
    return len(found)


def _end(home: Path, group: set[int], grace_s: float) -> None:
    for number, wait_s in ((signal.SIGTERM, grace_s), (signal.SIGKILL, 5.0)):
        alive = group & marked(home).keys()
        for pid in heads(alive) if number == signal.SIGTERM else alive:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + wait_s
        while alive and time.monotonic() < deadline:
            time.sleep(_POLL_S)
            alive = group & marked(home).keys()
        if not alive:
            return
