"""Workers of `drill.py` in processes of their own, and what lies in their Redis."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from celery import Celery

from shared import broker
from shared.sentinels import connect
from tests.integration.drill import BEGUN, DONE, GIVEN_BACK, GIVEN_UP

PATIENCE_S = 60


def wait_for(condition: Callable[[], bool], within_s: float = PATIENCE_S) -> float:
    """Return as soon as the condition holds, and after how many seconds; fail when it never does."""
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() < begin + within_s, "it never happened"
        time.sleep(0.02)
    return time.monotonic() - begin


class Worker:
    """A worker in a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def log(self) -> str:
        """What it has said."""
        return self._log.read_text()

    def is_ready(self) -> bool:
        """Return whether it reads its queues."""
        assert self.process.poll() is None, self.log
        return " ready." in self.log

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Tell it to stop, wait until it has, and return the seconds that took."""
        begin = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        assert code == 0, self.log
        return time.monotonic() - begin


class Drill:
    """A Redis of its own, and workers on it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.redis = connect(url)
        self.redis.flushdb()
        self._url, self._folder = url, folder
        self._workers: list[Worker] = []
        self._app = Celery("drill", set_as_current=False)
        self._app.conf.update(broker.address(url))

    def worker(self, **options: Any) -> Worker:
        """Start a worker, and return when it reads its queues. For the options see `drill.main`."""
        worker = self._start("tests.integration.drill", json.dumps(options))
        wait_for(worker.is_ready)
        return worker

    def beat(self) -> Worker:
        """Start the timer."""
        return self._start("shared.worker", "beat")

    def recorder(self, book: Path) -> Worker:
        """Start a worker that ends every submission, and notes it in a book outside of Redis."""
        worker = self._start("tests.integration.recorder", str(book))
        wait_for(worker.is_ready)
        return worker

    def _start(self, module: str, argument: str) -> Worker:
        path = self._folder / f"worker-{len(self._workers)}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, argument],
                env=os.environ | {"TOCSIN_REDIS_URL": self._url},
                stdout=log,
                stderr=log,
            )
        self._workers.append(Worker(process, path))
        return self._workers[-1]

    def send(self, *messages: dict[str, Any]) -> None:
        """Send messages for `drill.deliver`."""
        for message in messages:
            self.send_task("fetch", message, queue="fetch")

    def send_task(self, task: str, argument: object, *, queue: str, **options: Any) -> None:
        """Send any task. For the options see Celery's `send_task`."""
        self._app.send_task(task, args=[argument], queue=queue, **options)

    def words(self, key: str) -> list[str]:
        """Return one of the books."""
        return [row.decode() for row in cast("list[bytes]", self.redis.lrange(key, 0, -1))]

    def begun(self) -> list[str]:
        """Return the messages whose work began, as often as it did."""
        return [json.loads(row)["id"] for row in self.words(BEGUN)]

    def pids(self) -> list[int]:
        """Return the processes in which the work began."""
        return [json.loads(row)["pid"] for row in self.words(BEGUN)]

    def done(self) -> list[str]:
        """Return the messages whose work was done."""
        return self.words(DONE)

    def given_back(self) -> list[str]:
        """Return the messages that the task itself sent back."""
        return self.words(GIVEN_BACK)

    def given_up(self) -> list[str]:
        """Return the messages that a parent told of when it gave up."""
        return self.words(GIVEN_UP)

    def queued(self) -> list[dict[str, Any]]:
        """Return the envelopes in the queue of the drill's task."""
        return self.envelopes("fetch")

    def envelopes(self, queue: str) -> list[dict[str, Any]]:
        """Return the envelopes in any queue."""
        return [json.loads(row) for row in cast("list[bytes]", self.redis.lrange(queue, 0, -1))]

    def held(self) -> int:
        """Return how many messages are unacknowledged."""
        return int(self.redis.hlen("unacked"))

    def close(self) -> None:
        """End what still runs."""
        for worker in self._workers:
            with contextlib.suppress(ProcessLookupError):
                worker.process.kill()
            worker.process.wait(PATIENCE_S)
        self._app.close()
        self.redis.flushdb()
        self.redis.close()
