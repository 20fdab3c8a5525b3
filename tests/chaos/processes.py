"""Child processes, and the small supervisor that starts again what died, as compose and supervisord do."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_POLL_S = 0.1


def wait_until(true: Callable[[], bool], within_s: float, what: str, *, poll_s: float = _POLL_S) -> None:
    """Return as soon as it is true. Raises TimeoutError, naming `what` was waited for, after `within_s` seconds."""
    deadline = time.monotonic() + within_s
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within_s:.0f} s: {what}")
        time.sleep(poll_s)


@dataclass
class Process:
    """A program that can be started again and again. Dies with us."""

    name: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    user: str | None = None
    group: int | None = None
    cwd: Path = ROOT
    popen: subprocess.Popen[bytes] | None = None
    starts: int = 0

    @property
    def pid(self) -> int:
        """Its process id. Raises RuntimeError when it was never started."""
        if self.popen is None:
            raise RuntimeError(f"{self.name} was never started")
        return self.popen.pid

    @property
    def log(self) -> Path:
        """Where it writes."""
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        """Start it in a process group of its own."""
        setpriv = shutil.which("setpriv")
        bound = [setpriv, "--pdeathsig", "TERM"] if setpriv else []
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                [*bound, *self.command],
                env=dict(self.environment),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self.user,
                group=self.group,
            )
        self.starts += 1

    def alive(self) -> bool:
        """Tell whether it runs."""
        return self.popen is not None and self.popen.poll() is None

    def signal(self, number: int, *, group: bool = False) -> None:
        """Send a signal to it, or to it and all its children."""
        with suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.pid, number)

    def end(self, grace_s: float = 30) -> int:
        """Stop it, politely first, and return its exit code. What it leaves of children is killed."""
        if self.popen is None:
            return 0
        if self.alive():
            self.signal(signal.SIGCONT, group=True)
            self.signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.popen.wait(grace_s)
        self.signal(signal.SIGKILL, group=True)
        return self.popen.wait()

    def kill(self) -> None:
        """Kill it and all its children at once, as a machine does that loses power, save that files survive."""
        self.signal(signal.SIGKILL, group=True)
        if self.popen is not None:
            self.popen.wait()

    def children(self) -> list[int]:
        """Return the pids of its children, whichever of its threads made them."""
        found: list[int] = []
        for path in Path(f"/proc/{self.pid}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, path.read_text().split())
        return found


@dataclass
class Crew:
    """Processes that are started again a second after they died, unless they were told to stay down."""

    members: dict[str, Process] = field(default_factory=dict)
    deaths: list[str] = field(default_factory=list)  #: a note of each: name and exit code
    _down: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self, *processes: Process) -> None:
        """Start processes and look after them from now on."""
        with self._lock:
            for process in processes:
                process.start()
                self.members[process.name] = process
                self._down.discard(process.name)
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()

    def leave(self, name: str) -> None:
        """Do not start this one again."""
        with self._lock:
            self._down.add(name)

    def end(self) -> None:
        """Stop all, at once and politely."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        with self._lock:
            for process in self.members.values():
                process.signal(signal.SIGCONT, group=True)
                process.signal(signal.SIGTERM)
            for process in self.members.values():
                process.end()

    def _watch(self) -> None:
        while not self._ended.wait(_POLL_S):
            with self._lock:
                dead = [p for p in self.members.values() if not p.alive() and p.name not in self._down]
                for process in dead:
                    self.deaths.append(f"{process.name} ({process.popen.returncode if process.popen else '?'})")
                    process.start()
