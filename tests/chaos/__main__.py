"""Runs the suite and prints its table: `python -m tests.chaos [-k WORD] [--list] [--scale FACTOR]`."""

# ruff: noqa: T201 - prints a table

import argparse
import os
import random
import sys
import time

from tests.chaos.drill import Fault, Row, run
from tests.chaos.faults import ALL
from tests.chaos.rig import Rig

_HEAD = (
    f"{'fault':<34}{'times':>6}{'accepted':>9}{'indexed':>8}{'discarded':>10}{'quarant.':>9}{'lost':>5}{'twice':>6}"
    f"{'left':>6}{'recovery':>9}{'total':>8}  note"
)


def line(row: Row) -> str:
    """Return a row of the table."""
    return (
        f"{row.fault:<34}{row.times:>6}{row.accepted:>9}{row.indexed:>8}{row.discarded:>10}{row.quarantined:>9}"
        f"{row.lost:>5}{row.duplicated:>6}{row.left:>6}{row.recovery_s:>7.1f} s{row.total_s:>6.1f} s  {row.note}"
    )


def _drill(fault: Fault, rig: Rig, number: int) -> Row:
    row = run(fault, rig, number)
    print(line(row), flush=True)
    for problem in row.faults:
        print(f"    FAILED {problem}", flush=True)
    return row


def main() -> int:
    """Run the drills that were asked for. Return 0 when the promise was held in all of them."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "-k", metavar="WORD", default="", help="only faults with this in their name; commas between several"
    )
    parser.add_argument("--list", action="store_true", help="name the faults")
    parser.add_argument("--scale", type=float, default=0.1, help="TOCSIN_DELIVERY_TIME_SCALE of the workers")
    parser.add_argument("--size", type=float, default=1.0, help="share of the load, to try a drill out")
    options = parser.parse_args()
    chosen = [fault for fault in ALL if any(word in fault.name for word in options.k.split(","))]
    if options.list:
        print("\n".join(fault.name for fault in chosen))
        return 0
    seed = int(os.environ.get("TOCSIN_CHAOS_SEED") or random.SystemRandom().randrange(1_000_000))
    print(f"seed {seed}   (TOCSIN_CHAOS_SEED={seed} runs the same again)", flush=True)
    begun = time.monotonic()
    with Rig(seed, scale=options.scale, size=options.size) as rig:
        print(f"logs and data in {rig.folder}\n\n{_HEAD}", flush=True)
        rows = [_drill(fault, rig, number) for number, fault in enumerate(chosen, start=1)]
    failed = [row.fault for row in rows if row.faults]
    print(
        f"\n{len(rows)} drills in {time.monotonic() - begun:.0f} s"
        + (f", failed: {', '.join(failed)}" if failed else "")
    )
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
