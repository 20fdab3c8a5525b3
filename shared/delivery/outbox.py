"""Group commit for the threads of one process: what several of them send at about the same time travels together.

A database writes the transactions of many clients with one sync; here the pages that the fetcher's threads finish
within `WINDOW_S` of each other leave in one message. Each thread waits until its own has been sent, since only then
may the message that it works off be acknowledged. A thread that is alone never waits.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from shared.pipeline import BATCH, Stage

T = TypeVar("T")

#: Seconds for which the first of a group waits for others. A page takes ten times as long to fetch.
WINDOW_S = 0.05


@dataclass
class _Group(Generic[T]):
    """Items that leave together."""

    items: list[T] = field(default_factory=list)
    full: threading.Event = field(default_factory=threading.Event)
    sent: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None


class Outbox(Generic[T]):
    """Sends items in groups through `send`, which may be called by several threads at once."""

    def __init__(self, send: Callable[[Stage, Sequence[T]], None], *, window_s: float = WINDOW_S) -> None:
        self._send = send
        self._window_s = window_s
        self._lock = threading.Lock()
        self._busy = 0
        self._open: dict[str, _Group[T]] = {}

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Hold this open around the work of one message: it tells the outbox how many may still have something."""
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1

    def send(self, stage: Stage, items: Sequence[T]) -> None:
        """Send items to `stage`; returns when they have been sent. Raises what sending raised, in every thread."""
        if self._busy <= 1:
            self._send(stage, items)
            return
        with self._lock:
            group = self._open.get(stage.name)
            leads = group is None
            if group is None:
                group = self._open[stage.name] = _Group()
            group.items += items
            if len(group.items) >= min(BATCH, self._busy):
                group.full.set()
        if leads:
            self._lead(stage, group)
        else:
            group.sent.wait()
        if group.error is not None:
            raise group.error

    def _lead(self, stage: Stage, group: _Group[T]) -> None:
        try:
            try:
                group.full.wait(self._window_s)
            finally:
                with self._lock:
                    del self._open[stage.name]
            self._send(stage, group.items)
        except BaseException as error:  # noqa: BLE001 - handed to every thread of the group, none of which has sent
            group.error = error
        finally:
            group.sent.set()
