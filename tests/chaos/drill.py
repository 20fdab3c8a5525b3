"""One drill: a fresh stand, the load, a fault in mid-run, quiet, the audit. Gives one row of the table."""

import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Self

from shared.domain.outcome import Status
from tests.chaos.audit import audit, read_record
from tests.chaos.load import Load
from tests.chaos.processes import wait_until
from tests.chaos.rig import Rig, Setting, Stand, stand

#: Submissions that have ended before a fault strikes: everything is in motion then.
UNDER_WAY = 100
#: Most seconds until all is quiet after a fault.
PATIENCE_S = 300.0


class MissedError(Exception):
    """The fault hit nothing: the drill shows nothing."""


@dataclass
class Site:
    """Where a fault strikes: the stand, a seeded chance, and notes for the table."""

    stand: Stand
    setting: Setting
    chance: random.Random
    times: int = 0  #: how often the fault struck something
    note: str = ""
    failures: list[str] = field(default_factory=list)  #: what a fault itself saw broken of the promise

    @property
    def rig(self) -> Rig:
        """The servers."""
        return self.stand.rig

    def struck(self, times: int, least: int, note: str) -> None:
        """Note how often the fault struck. Raises MissedError when that is less than `least`."""
        self.times, self.note = times, note
        if times < least:
            raise MissedError(f"struck {times} times, not {least}: {note}")

    def settle(self, seconds: float) -> None:
        """Let a fault last."""
        time.sleep(seconds)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault by name: what it changes in the stand beforehand, and what it does to it in mid-run."""

    name: str
    strike: Callable[[Site], None]
    #: opens what the fault needs: a proxy, a disk
    around: Callable[[Rig], AbstractContextManager[Setting]] = lambda _: contextlib.nullcontext(Setting())
    modules: Mapping[str, str] = field(default_factory=dict)
    poison: tuple[str, ...] = ()  #: pages that kill their worker: these, and only these, are to be quarantined
    under_way: int = UNDER_WAY  #: submissions that have ended when it strikes


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    fault: str
    times: int = 0
    accepted: int = 0
    indexed: int = 0
    discarded: int = 0
    quarantined: int = 0
    lost: int = 0
    duplicated: int = 0
    left: int = 0  #: in flight, or not yet accepted, when the fault was lifted
    recovery_s: float = 0  #: from there until all was quiet
    total_s: float = 0  #: from the first submission
    note: str = ""
    faults: tuple[str, ...] = ()  #: what broke the promise, or the drill; empty when all is well

    @classmethod
    def broken(cls, fault: str, error: Exception) -> Self:
        """Return the line of a drill that broke off."""
        return cls(fault, faults=(f"broke off: {error!r}",))


def run(fault: Fault, rig: Rig, number: int) -> Row:
    """Run one drill."""
    with fault.around(rig) as setting:
        ground = stand(rig, number, setting, poison=fault.poison)
        try:
            ground.start(modules=fault.modules)
            return _run(fault, ground, setting)
        finally:
            ground.end()


def _run(fault: Fault, ground: Stand, setting: Setting) -> Row:
    load = Load(ground)
    site = Site(ground, setting, random.Random(f"{ground.rig.seed} {fault.name}"))  # noqa: S311 - a drill
    problems: list[str] = []
    begun = time.monotonic()
    load.start()
    wait_until(lambda: ground.ended() >= fault.under_way, PATIENCE_S, "the load gets under way")
    load.go_on()
    try:
        fault.strike(site)
    except (MissedError, TimeoutError) as error:
        problems.append(f"missed: {error}")
        ground.rig.mend()
    load.hurry()
    lifted = time.monotonic()
    left = len(ground.news.pages) - ground.ended()
    try:
        load.join(PATIENCE_S)
        wait_until(lambda: is_quiet(ground), PATIENCE_S, "all is quiet")
    except TimeoutError as error:
        problems.append(f"{error}; in flight: {ground.ledger.in_flight()}")
    quiet = time.monotonic()
    total = ground.audit()
    record = read_record(ground.rig.elasticsearch, ground.prefix, total)
    found = audit(record, ground.news, ground.rig.site_port, receipts=load.receipts, unsure=load.unsure)
    if total[Status.QUARANTINED] != len(fault.poison):
        problems.append(f"{total[Status.QUARANTINED]} quarantined, not {len(fault.poison)}")
    return Row(
        fault=fault.name,
        times=site.times,
        accepted=total["accepted"],
        indexed=total[Status.INDEXED],
        discarded=total[Status.DISCARDED],
        quarantined=total[Status.QUARANTINED],
        lost=found.lost,
        duplicated=found.duplicated,
        left=left,
        recovery_s=quiet - lifted,
        total_s=quiet - begun,
        note="; ".join(filter(None, (site.note, _deaths(ground)))),
        faults=(*problems, *site.failures, *found.faults),
    )


def _deaths(ground: Stand) -> str:
    """Say which processes ended and were started again, and how they ended."""
    told = [f"{count} {name}" for name, count in sorted(Counter(ground.crew.deaths).items())]
    return f"died: {', '.join(told)}" if told else ""


def is_quiet(ground: Stand) -> bool:
    """Tell whether nothing is in flight and nothing waits in a queue."""
    redis = ground.rig.redis
    waiting = sum(int(redis.llen(stage)) for stage in ("fetch", "extract", "classify", "index"))
    return not waiting and not ground.ledger.in_flight()
