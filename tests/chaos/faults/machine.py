"""Faults of the machine: a full disk, a clock that steps."""

import errno
import os
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

from shared.worker.run import KINDS
from tests.chaos.drill import Site
from tests.chaos.faults.processes import kill_busy
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
        store = {"TOCSIN_PAGE_STORE_URL": f"file://{disk}/pages"}
        # no reserve: the disk fills up between the look at it and the write
        yield Setting(environment={**store, "TOCSIN_PAGE_STORE_MIN_FREE_BYTES": "0"})
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
    """Step all clocks but those of the servers an hour on, back, another hour back, and on. A worker dies each time."""
    clock = site.rig.folder / "clock"
    seen = kills = 0
    for offset in (_HOUR_S, 0.0, -_HOUR_S, 0.0):
        with clock.open("r+b") as file:
            file.write(struct.pack("d", offset))
        deadline = time.monotonic() + _STEP_S
        while offset and time.monotonic() < deadline:
            seen += _moments_an_hour_off(site)
            site.settle(0.2)
        kills += kill_busy(site, site.stand.crew.members[site.chance.choice(sorted(KINDS))], child=False)
    note = f"deliveries stamped an hour off; {kills} workers killed meanwhile"
    site.struck(seen, 16, f"{note}; datetime.now and the servers' clocks did not step")


def _moments_an_hour_off(site: Site) -> int:
    """Return how many messages are held that were stamped by a clock that is an hour off."""
    stamped = cast("list[tuple[bytes, float]]", site.rig.redis.zrange("unacked_index", 0, -1, withscores=True))
    return sum(abs(score - time.time()) > _HOUR_S / 2 for _, score in stamped)
