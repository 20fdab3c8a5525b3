"""A worker for tests: what its task does stands in its message. Run in a process of its own by `test_worker_*.py`.

`python -m tests.integration.drill '{"pool": "threads", "drain_s": 2}'`. The task is called `fetch`, and takes its
message as `shared.delivery.step` does.
"""

import json
import os
import re
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from typing import Any

from billiard.exceptions import SoftTimeLimitExceeded
from celery import Task
from celery.exceptions import Reject

from shared import broker, pipeline
from shared.connections import open_redis
from shared.worker import drain
from shared.worker.run import Kind, work

BEGUN, DONE, GIVEN_BACK, GIVEN_UP = "drill:begun", "drill:done", "drill:given_back", "drill:given_up"


def deliver(task: Task, message: dict[str, Any]) -> None:  # noqa: ARG001 - as `shared.delivery.step` binds it
    """Do as the message says, and keep the book of it in Redis."""
    open_redis().rpush(BEGUN, json.dumps({"id": message["id"], "pid": os.getpid()}))
    try:
        DEEDS[message["do"]](float(message.get("seconds", 0)))
    except SoftTimeLimitExceeded as told:
        if not drain.stopping():
            raise
        open_redis().rpush(GIVEN_BACK, message["id"])
        raise Reject(requeue=True) from told
    except MemoryError as error:
        traceback.clear_frames(error.__traceback__)
        open_redis().rpush(DONE, f"MemoryError {message['id']}")
    else:
        open_redis().rpush(DONE, message["id"])


def _slowly(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.02)


def _deaf(seconds: float) -> None:
    # as in C code that never looks for signals
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGTERM})
    time.sleep(seconds)


def _catastrophic(_: float) -> None:
    # Python's regular expressions look for signals now and then
    re.fullmatch(r"(a+)+b", "a" * 60)


def _hoard(_: float) -> None:
    hoard = [bytearray(1 << 20)]
    while True:
        hoard.append(bytearray(1 << 24))


def _grow(megabytes: float) -> None:
    _kept.append(b"x" * (int(megabytes) << 20))


_kept: list[bytes] = []
DEEDS = {"work": _slowly, "deaf": _deaf, "regex": _catastrophic, "hoard": _hoard, "grow": _grow}


@drain.on_give_up
def note(held: Sequence[drain.Held]) -> None:
    """Keep the book of what the parent gives up."""
    for one in held:
        open_redis().rpush(GIVEN_UP, f"{one.task} {one.arguments[0]['id']}")


def main() -> None:
    """Run the worker that the first argument describes."""
    options = {"pool": "prefork", "concurrency": 1, "drain_s": 20.0, "memory_mb": None} | json.loads(sys.argv[1])
    limits: dict[str, float] = options.pop("limits", {})
    drain_s = float(options.pop("drain_s"))
    report: dict[str, int] | None = options.pop("report", None)
    broker.app.task(deliver, name="fetch", bind=True, acks_late=True, max_retries=None, default_retry_delay=1, **limits)
    work("drill", Kind(stage=pipeline.FETCH, **options), drain_s=drain_s, report=(lambda: report) if report else None)


if __name__ == "__main__":
    main()
