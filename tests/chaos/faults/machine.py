"""Faults of the machine: a full disk, a clock that steps."""

import errno
import os
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.chaos.drill import Site
from tests.chaos.processes import ROOT
from tests.chaos.rig import Rig, Setting

_FULL_S = 15.0
_STEP_S = 8.0
_HOUR_S = 3600.0


@contextmanager
def small_disk(rig: Rig) -> Iterator[Setting]:
    """Mount a file system of 32 MB, in memory, for the page store. Only root can."""
    disk = rig.folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "chaos", str(disk)], check=True)
    try:
        yield Setting(environment={"TOCSIN_PAGE_STORE_URL": f"file://{disk}/pages"})
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def full_disk(site: Site) -> None:
    """Fill the disk of the page store to the last byte for a while."""
    disk = site.rig.folder / "disk"
    _fill(disk / "ballast")
    pages = _count(disk)
    site.settle(_FULL_S)
    new, waiting = _count(disk) - pages, site.stand.at("fetch")
    (disk / "ballast").unlink()
    site.struck(
        waiting if new == 0 else 0, 16, f"articles waited at the fetcher on a tmpfs without a free byte, {new} new"
    )


def _fill(ballast: Path) -> None:
    with ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)
    with (ballast.parent / "probe").open("wb", buffering=0) as probe:
        try:
            probe.write(b"x")
        except OSError as error:
            if error.errno == errno.ENOSPC:
                return
    raise AssertionError("the disk is not full")


def _count(disk: Path) -> int:
    return sum(path.stat().st_size > 0 for path in (disk / "pages").rglob("*.gz"))


@contextmanager
def own_clock(rig: Rig) -> Iterator[Setting]:
    """Let the processes read their clock through `clock/sitecustomize.py`."""
    clock = rig.folder / "clock"
    clock.write_bytes(struct.pack("d", 0.0))
    path = f"{ROOT / 'tests/chaos/clock'}{os.pathsep}{ROOT}"
    yield Setting(environment={"TOCSIN_CHAOS_CLOCK": str(clock), "PYTHONPATH": path})


def clock_steps(site: Site) -> None:
    """Step all clocks but those of the servers an hour on, an hour back, another hour back, and to the right time."""
    clock = site.rig.folder / "clock"
    seen = 0
    for offset in (_HOUR_S, 0.0, -_HOUR_S, 0.0):
        with clock.open("r+b") as file:
            file.write(struct.pack("d", offset))
        site.settle(_STEP_S if offset else _STEP_S / 2)
        moments = site.stand.ledger.snapshot().in_flight.values()
        seen += sum(abs(moment - time.time()) > _HOUR_S / 2 for moment in moments) if offset else 0
    site.struck(seen, 16, "moments of the ledger an hour off; datetime.now and the servers' clocks did not step")
