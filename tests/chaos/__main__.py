"""Runs the suite and prints its table: `python -m tests.chaos [-k WORD] [--list] [--scale FACTOR]`."""

# ruff: noqa: T201 - prints a table

import argparse
import os
import random
import sys
import time
import traceback
from collections.abc import Sequence

from tests.chaos.drill import Fault, Row, run
from tests.chaos.faults import ALL
from tests.chaos.rig import Rig

_HEAD = (
    f"{'fault':<28}{'times':>6}{'accepted':>9}{'indexed':>8}{'discarded':>10}{'quarantined':>12}{'lost':>5}"
    f"{'duplicated':>11}{'left':>6}{'recovery':>10}{'calm':>9}  note"
)
_LEGEND = """
times     how often the fault struck something; the note says what
left      submissions without an outcome when the fault was lifted
recovery  seconds from then until every submission had ended and every queue was empty
calm      seconds in which the run without a fault ended as many"""


def line(row: Row, calm: Row | None) -> str:
    """Return a row of the table. `calm` is the run without a fault, where there was one."""
    pace_s = calm.recovery_s / calm.left if calm and calm.left else None
    as_many = f"{row.left * pace_s:.1f} s" if pace_s is not None else "-"
    return (
        f"{row.fault:<28}{row.times:>6}{row.accepted:>9}{row.indexed:>8}{row.discarded:>10}{row.quarantined:>12}"
        f"{row.lost:>5}{row.duplicated:>11}{row.left:>6}{row.recovery_s:>8.1f} s{as_many:>9}  {row.note}"
    )


def _drill(fault: Fault, rig: Rig, number: int) -> Row:
    try:
        return run(fault, rig, number)
    except Exception as error:  # noqa: BLE001 - one drill that breaks off must not hide what the others find
        traceback.print_exc()
        rig.mend()
        return Row.broken(fault.name, error)


def _drills(faults: Sequence[Fault], rig: Rig) -> list[Row]:
    rows: list[Row] = []
    for number, fault in enumerate(faults, start=1):
        rows.append(_drill(fault, rig, number))
        calm = rows[0] if faults[0] is ALL[0] else None
        print(line(rows[-1], calm), flush=True)
        for problem in rows[-1].faults:
            print(f"    FAILED {problem}", flush=True)
    return rows


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
        rows = _drills(chosen, rig)
    failed = [row.fault for row in rows if row.faults]
    print(_LEGEND)
    print(
        f"\n{len(rows)} drills in {time.monotonic() - begun:.0f} s"
        + (f", failed: {', '.join(failed)}" if failed else "")
    )
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
