"""The folder of one embedded instance.

home/run.json               the running instance: addresses and the process manager's pid (mode 600)
home/supervisord.conf       written anew by each start
home/logs/                  one file per child, rotated; supervisord.log
home/redis/                 append-only file
home/elasticsearch/         the node: data, logs, config, tmp; a link when its user cannot reach the home
home/demo.json              which submissions the demo sent
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shared.errors import SetupError

#: A Unix socket's path holds 108 bytes, and supervisor first binds to a name that is up to 11 bytes longer.
SOCKET_PATH_MAX_BYTES = 95

#: What would end or bend a value in supervisor's configuration file. It expands percent signs twice: no escape holds.
_UNSAFE = set(";#%\"'\n\\")


def locate(home: Path) -> Path:
    """Return the one path of a home, whichever link it was named by: processes and records are found by it.

    Raises SetupError when the links lead round in a circle.
    """
    try:
        return home.resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: up to Python 3.12
        raise SetupError(f"{home} leads nowhere: choose another folder with TOCSIN_HOME") from error


def prepare(home: Path) -> Path:
    """Create the folders of an instance and return its path as `locate` gives it.

    Raises SetupError when the folder cannot be written, or its path cannot stand in a configuration file.
    """
    home = locate(home)
    if _UNSAFE & set(str(home)):
        raise SetupError(f"{home} holds a quote, a backslash or one of ; # %: choose another folder with TOCSIN_HOME")
    try:
        home.mkdir(parents=True, exist_ok=True)
        for name in ("logs", "redis"):
            (home / name).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"{home} cannot be written ({error.strerror}): choose another folder with TOCSIN_HOME"
        ) from error
    return home


def digest(home: Path) -> str:
    """Return a short name for a home that is the same in every process: 12 hexadecimal digits."""
    return hashlib.sha256(os.fsencode(locate(home))).hexdigest()[:12]


def socket_path(home: Path) -> Path:
    """Return where the process manager listens: in the home, or in a private folder when that path is too long."""
    inside = locate(home) / "supervisor.sock"
    if len(os.fsencode(inside)) <= SOCKET_PATH_MAX_BYTES:
        return inside
    folder = Path(tempfile.gettempdir())
    if len(os.fsencode(folder)) > SOCKET_PATH_MAX_BYTES // 2:
        folder = Path("/tmp")  # noqa: S108 - the folder below is made private, and refused when it is another's
    private = folder / f"tocsin-{os.getuid()}-{digest(home)}"
    private.mkdir(mode=0o700, exist_ok=True)
    if private.lstat().st_uid != os.getuid() or private.is_symlink():
        raise SetupError(f"{private} belongs to somebody else: remove it, or choose a shorter TOCSIN_HOME")
    return private / "s"


def forget(home: Path) -> None:
    """Remove what only a running instance needs."""
    socket = socket_path(home)
    for path in (home / "run.json", home / "run.new", home / "supervisord.pid", socket):
        path.unlink(missing_ok=True)
    if socket.parent != locate(home):
        with suppress(OSError):
            socket.parent.rmdir()


@contextmanager
def lock(path: Path, *, busy: str | None = None) -> Iterator[None]:
    """Hold an exclusive lock on a file until the block ends; the system frees it when this process dies.

    Waits for its turn, or raises SetupError(`busy`) at once where that is given.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError as error:
            raise SetupError(busy or "") from error
        yield
