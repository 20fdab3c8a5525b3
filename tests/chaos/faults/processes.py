"""Faults of our own processes: killed, stopped, ended by what they read."""

import json
import os
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from shared.delivery.quarantine import Quarantine
from shared.delivery.timing import Timing
from shared.pipeline import EXTRACT
from shared.worker.drain import longest_s
from shared.worker.run import KINDS
from tests.chaos.drill import Site
from tests.chaos.processes import Process, wait_until
from tests.chaos.rig import POISON

KILLS = 20
_LOOK_S = 1.0


def held(site: Site, kind: str) -> int:
    """Return how many messages workers of a kind hold: taken from its queue and not yet acknowledged."""
    rows = site.rig.redis.hvals("unacked")
    return sum(json.loads(row)[2] == KINDS[kind].stage.queue for row in rows)


def workers_killed(site: Site) -> None:
    """Kill -9 workers that hold a message, parents and pool processes, kinds at random."""
    hits = {"parents": 0, "children": 0}
    deadline = time.monotonic() + 8 * KILLS
    while sum(hits.values()) < KILLS and time.monotonic() < deadline:
        at_work = [kind for kind in sorted(KINDS) if held(site, kind)]
        worker = site.stand.crew.members[site.chance.choice(at_work or sorted(KINDS))]
        child = site.chance.random() < 0.5
        if kill_busy(site, worker, child=child):
            hits["children" if child and worker.name != "fetcher" else "parents"] += 1
        site.settle(site.chance.uniform(0.1, 1.0))
    site.struck(sum(hits.values()), KILLS, f"{hits['parents']} parents, {hits['children']} children, all at work")


def kill_busy(site: Site, worker: Process, *, child: bool) -> bool:
    """Kill a worker, or its pool process, at a moment at which it holds a message. False: there was none."""
    deadline = time.monotonic() + _LOOK_S
    while time.monotonic() < deadline:
        victim = _pool_process(worker) if child else worker.pid
        if victim and held(site, worker.name):
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGSTOP)  # what it holds now it holds when it dies
                busy = bool(held(site, worker.name))
                os.kill(victim, signal.SIGKILL if busy else signal.SIGCONT)
                if busy:
                    return True
        time.sleep(0.01)
    return False


def _pool_process(worker: Process) -> int | None:
    """Return the pid of the process that does a worker's work: itself, where it works in threads."""
    if KINDS[worker.name].pool != "prefork":
        return worker.pid
    pids = [pid for pid in worker.children() if b"tracker" not in _command(pid)]
    return pids[0] if pids else None


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b"tracker"


def graceful_stop(site: Site) -> None:
    """SIGTERM to each kind while it holds something: it leaves within the stated time, with nothing in its hands."""
    timing = Timing.of(fetch_timeout_s=0, scale=site.rig.scale)
    limit_s = longest_s(timing.drain_s)
    took = {kind: _stop(site, kind, limit_s) for kind in KINDS}
    site.struck(len(took), len(KINDS), f"longest {max(took.values()):.1f} s of {limit_s:.0f} s")


def _stop(site: Site, kind: str, limit_s: float) -> float:
    """Stop a worker, start it again, and return how many seconds it took to end."""
    worker = site.stand.crew.members[kind]
    wait_until(lambda: bool(held(site, kind)), 30, f"{kind} holds something", poll_s=0.005)
    site.stand.crew.leave(kind)
    begun = time.monotonic()
    worker.signal(signal.SIGTERM)
    wait_until(lambda: not worker.alive(), 90, f"{kind} ends")
    took = time.monotonic() - begun
    left, code = held(site, kind), worker.popen.returncode if worker.popen else None
    site.stand.crew.start(worker)
    if left or code or took > limit_s:
        site.failures.append(f"{kind} ended with {code} after {took:.1f} s, {left} messages in hand")
    return took


def poison(site: Site) -> None:
    """Do nothing: the pages are there. What they must do is seen in the quarantine, by its error."""
    quarantine = Quarantine(site.rig.redis)
    wait_until(lambda: quarantine.count(EXTRACT) >= len(POISON), 120, "every poison is in quarantine")
    errors = Counter(specimen.error.partition(":")[0] for specimen in quarantine.list(EXTRACT))
    told = ", ".join(f"{count} {error}" for error, count in sorted(errors.items()))
    site.struck(errors["WorkerLostTooOften"], 3, f"died over too often; in quarantine: {told}")
