"""One file for each child of a pool, in which it counts; a scrape of the parent adds them up.

prometheus-client names such a file after the process, so that each child which is replaced (`max_tasks_per_child`)
leaves one behind for good. Here they are named after the child's place in the pool: whoever takes the place goes on
counting where the last one died. There are never more files than places, and none needs cleaning.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from billiard.process import current_process
from prometheus_client import CollectorRegistry, ProcessCollector, values
from prometheus_client.multiprocess import MultiProcessCollector

from shared.errors import SetupError

#: Bytes set aside for each file: four times what the library begins with. A write into a file that cannot grow, on a
#: tmpfs that is full, would be a bus error.
FILE_BYTES = 1 << 18
#: Name of the parent's own files.
PARENT = "parent"
_PREFIX = "tocsin-metrics-"


def place() -> str:
    """Return the place of this process in its pool: a number, or `PARENT`."""
    return str(getattr(current_process(), "index", PARENT))


def share(places: int, *, folder: Path | None = None) -> CollectorRegistry:
    """Have the children that this process will fork count in files, and return a registry that adds them up.

    Args:
        places: how many children there are at a time.
        folder: where files are kept; by default that for temporary files, which is in memory in a container.

    Raises:
        SetupError: there is no room for them.
    """
    parent = folder or Path(tempfile.gettempdir())
    _sweep(parent)
    try:
        own = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
        for name in (PARENT, *map(str, range(places))):
            for kind in ("counter", "histogram"):
                with (own / f"{kind}_{name}.db").open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, FILE_BYTES)
    except OSError as error:
        raise SetupError(f"no room for metrics in {parent}: {error}; TOCSIN_METRICS_PORT=0 does without") from error
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(own)
    values.ValueClass = values.MultiProcessValue(place)  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(own))  # type: ignore[no-untyped-call]
    ProcessCollector(registry=registry, pid=os.getpid)
    return registry


def _sweep(parent: Path) -> None:
    """Delete what processes have left that ended: a worker may end without a chance to."""
    for left in parent.glob(f"{_PREFIX}*-*"):
        number = left.name.removeprefix(_PREFIX).partition("-")[0]
        with suppress(OSError):  # another user's
            gone = not Path(f"/proc/{number}").exists() or number == str(os.getpid())
            if number.isdecimal() and gone and left.stat().st_uid == os.getuid():
                shutil.rmtree(left)
