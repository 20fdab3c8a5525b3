"""`python -m tests.bench.memory < STORIES`: what a worker's parent holds, and what a forked child holds of its own.

A process of its own, because a test run holds far more than a worker. The stories are lines as `tocsin classify` reads
them. Memory is as Linux counts it: resident in the parent; in the child after all stories, the pages no other shares.
"""

import json
import os
import sys
from pathlib import Path

from services.classifier import tasks
from services.cli import filters

_MB = 1024  #: kilobytes


def resident_mb(*, own: bool) -> float:
    """Return the resident megabytes of this process, or of them those that it shares with none."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="utf-8").splitlines()[1:]
    kilobytes = {name.rstrip(":"): int(value) for name, value, *_ in map(str.split, lines)}
    return (kilobytes["Private_Clean"] + kilobytes["Private_Dirty"] if own else kilobytes["Rss"]) / _MB


def in_child(stories: list[str]) -> float:
    """Return the megabytes that a forked child holds of its own when it has coded the stories."""
    read, write = os.pipe()
    if os.fork():
        os.close(write)
        with os.fdopen(read) as answer:
            said = answer.read()
        os.wait()
        return float(said)
    try:
        for line in stories:
            filters.classify(json.loads(line))
        os.write(write, str(resident_mb(own=True)).encode())
    finally:
        os._exit(0)


def main() -> None:
    """Print `{"parent_mb", "child_own_mb"}`. The parent loads its models as a worker does before it forks."""
    stories = sys.stdin.read().splitlines()
    tasks.warm_up()
    sys.stdout.write(json.dumps({"parent_mb": resident_mb(own=False), "child_own_mb": in_child(stories)}))


if __name__ == "__main__":
    main()
