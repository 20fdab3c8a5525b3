"""How a worker stops: in a stated time, and without losing or keeping anything.

    SIGTERM ──▶ takes no new message; Celery's warm shutdown waits for what is in work
      + drain_s           `stopping()` turns true, and the children get the signal of the soft time limit:
                          the step sends back what it has not done, and ends
      + drain_s + GRACE_S give up: callbacks of `on_give_up`, all that is unacknowledged back into its queues, exit

Celery alone would wait for the hard limits. What is done with earlier ends the worker earlier: an idle one stops at
once. SIGQUIT and SIGINT do the same, and a second signal changes nothing. Threads cannot be interrupted: what hangs in
one is given back when the worker gives up.
"""

import mmap
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

from celery import Celery, bootsteps, platforms
from celery.concurrency.prefork import _run_ready_callbacks as run_acknowledgements
from celery.worker import state

from shared.logs import logger

log = logger(__name__)

#: Seconds that a step has between being told to stop and being given up.
GRACE_S = 3
#: Seconds that giving up may take, for example while Redis does not answer.
GIVE_UP_S = 5

# One byte that the pool's children share with their parent. Made at import, so before any fork.
_told = mmap.mmap(-1, 1)


@dataclass(frozen=True)
class Held:
    """A message that a worker holds while it gives up."""

    task: str  #: name of the task, which is the name of the step
    arguments: tuple[Any, ...]  #: of the task


GiveUp = Callable[[Sequence[Held]], None]
_callbacks: list[GiveUp] = []


def stopping() -> bool:
    """Return whether steps are to give back what they have not done. True in parent, children and threads alike."""
    return _told[0] != 0


def on_give_up(callback: GiveUp) -> GiveUp:
    """Have `callback` called in the parent with what the worker still holds, before that goes back to its queues."""
    _callbacks.append(callback)
    return callback


def longest_s(drain_s: float) -> float:
    """Return the seconds within which a worker has stopped: what stops it must wait a little longer before a kill."""
    return drain_s + GRACE_S + GIVE_UP_S


def install(app: Celery, *, drain_s: float) -> None:
    """Make the workers of `app` stop as this module says, with `drain_s` seconds for what they hold."""
    Drain.drain_s = drain_s
    app.steps["worker"].add(Drain)


class Drain(bootsteps.StartStopStep):  # type: ignore[misc]
    """The part of a worker that takes over its signals. Celery starts it after setting its own."""

    requires = ("celery.worker.components:Pool",)
    drain_s: float = 20

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._worker = worker
        self._thread: threading.Thread | None = None

    def start(self, worker: Any) -> None:  # noqa: ARG002
        """Take over the signals."""
        for name in ("SIGTERM", "SIGQUIT", "SIGINT"):
            platforms.signals[name] = self._on_signal

    def _on_signal(self, _signum: int, _frame: FrameType | None) -> None:
        if self._thread is None:
            state.should_stop = os.EX_OK
            self._thread = threading.Thread(target=self._see_to_it, name="drain", daemon=True)
            self._thread.start()

    def _see_to_it(self) -> None:
        """Wait for the end of the process, which is the end of this thread too, and bring it about if need be."""
        log.info("stopping", drain_s=self.drain_s)
        self._worker.hub.call_soon(lambda: None)  # wakes the loop
        time.sleep(self.drain_s)
        _told[0] = 1
        for request in _held():
            if request.worker_pid not in (None, os.getpid()):
                _kill(request.worker_pid, signal.SIGUSR1)
        time.sleep(GRACE_S)
        last = threading.Timer(GIVE_UP_S, os._exit, (os.EX_TEMPFAIL,))
        last.daemon = True
        last.start()
        _give_up(self._worker)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(os.EX_OK)  # threads that hang keep a process from ending in any other way


def _held() -> list[Any]:
    return [request for request in list(state.requests.values()) if not request.acknowledged]


def _kill(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        log.debug("ended_before", pid=pid)


def _give_up(worker: Any) -> None:
    run_acknowledgements(worker.hub)  # of what has ended: with threads nobody else does, until all have ended
    held = _held()
    messages = [Held(task=request.task_name, arguments=tuple(request.args)) for request in held]
    for callback in _callbacks:
        try:
            callback(messages)
        except Exception:
            log.exception("give_up_callback_failed")
    try:
        restored = worker.consumer.task_consumer.channel.qos.restore_all()
    except Exception:
        log.exception("not_given_back", tasks=[message.task for message in messages])
    else:
        log.warning("given_back", messages=restored, tasks=[message.task for message in messages])
    # Last, and at once before the exit: Celery must not notice, it would send the task again on its own account.
    for request in held:
        if request.worker_pid not in (None, os.getpid()):
            _kill(request.worker_pid, signal.SIGKILL)
