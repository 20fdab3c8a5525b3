"""The task policy under a real Celery worker with real processes that really die."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from redis import Redis

from services.cli.embedded.instance import Servers
from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item, Message
from shared.delivery.quarantine import Quarantine
from shared.domain.base import Model
from shared.domain.submission import Submission
from shared.pipeline import BATCH, EXTRACT, FETCH, Stage
from tests import examples

PATIENCE_S = 60
#: A step has 3 s, and is killed after 3.75; what its worker left behind comes again after 11 s.
SCALE = 0.05
ENVIRONMENT = {"TOCSIN_DELIVERY_TIME_SCALE": str(SCALE), "TOCSIN_FETCH_TIMEOUT_S": "1"}


def wait_for(condition: Callable[[], object]) -> None:
    """Return as soon as the condition holds; fail when it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


class Place:
    """A Redis with a ledger and queues in it, and workers beside them."""

    def __init__(self, url: str, log: Path) -> None:
        self.environment = os.environ | {"TOCSIN_REDIS_URL": url} | ENVIRONMENT
        self.log = log
        self.redis = Redis.from_url(url)
        self.ledger = Ledger(self.redis)
        self.quarantine = Quarantine(self.redis)

    def accept(self, *urls: str) -> list[Submission]:
        """Accept URLs as the hook does."""
        submissions = [examples.submission(url) for url in urls]
        for one in submissions:
            self.ledger.accept(one)
        return submissions

    def send(self, stage: Stage, bodies: list[tuple[Submission, Model]]) -> None:
        """Send items to a step, in messages as full as they may be."""
        items = [Item.of(one, body) for one, body in bodies]
        self.send_raw(
            stage, [Message(items=tuple(items[n : n + stage.batch])) for n in range(0, len(items), stage.batch)]
        )

    def send_raw(self, stage: Stage, messages: list[Any]) -> None:
        """Send messages as they are, from a process with the settings of the test."""
        program = (
            "import json, sys; from shared.broker import app\n"
            f"for m in json.load(sys.stdin): app.send_task({stage.name!r}, args=[m], queue={stage.queue!r})"
        )
        raw = [one.model_dump(mode="json") if isinstance(one, Message) else one for one in messages]
        subprocess.run(
            [sys.executable, "-c", program],
            input=json.dumps(raw),
            text=True,
            env=self.environment,
            check=True,
            timeout=60,
        )

    @contextmanager
    def worker(self, queue: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a worker, in a session of its own, until the block ends."""
        command = [sys.executable, "-m", "tests.integration.poison", queue, *options]
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, start_new_session=True)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            finally:
                if process.returncode is None:
                    os.killpg(process.pid, signal.SIGKILL)

    def waiting(self, queue: str) -> set[str]:
        """Return the submissions whose messages lie in a queue."""
        rows = cast("list[bytes]", self.redis.lrange(queue, 0, -1))
        bodies = [json.loads(zlib.decompress(base64.b64decode(json.loads(row)["body"]))) for row in rows]
        return {item["submission"]["id"] for arguments, _, _ in bodies for item in arguments[0]["items"]}

    def errors(self, stage: Stage) -> dict[str | None, str]:
        """Return what is in quarantine: submission → class of the error."""
        return {one.submission_id: one.error.split(":")[0] for one in self.quarantine.list(stage)}


@pytest.fixture
def place(servers: Servers, tmp_path: Path) -> Iterator[Place]:
    """An empty Redis of this module's own."""
    found = Place(servers.redis_url.rsplit("/", 1)[0] + "/8", tmp_path / "worker.log")
    found.redis.flushdb()
    yield found
    found.redis.flushdb()
    found.redis.close()


def test_each_verdict_ends_where_it_should_and_a_poison_takes_no_other_with_it(place: Place) -> None:
    good = [f"http://e.org/good/{n}" for n in range(20)]
    submissions = place.accept(
        *good, "http://e.org/kill", "http://e.org/bug", "http://e.org/discard", "http://e.org/transient"
    )
    place.send(FETCH, [(one, one) for one in submissions])
    with place.worker("fetch", "--concurrency", "2"):
        wait_for(lambda: len(place.waiting("extract")) == len(good) and place.quarantine.count(FETCH) == 2)
        wait_for(lambda: len(place.waiting("index")) == 3)

    assert place.errors(FETCH) == {submissions[20].id: "WorkerLostTooOften", submissions[21].id: "ZeroDivisionError"}
    bug = place.quarantine.find(FETCH, submissions[21].id)
    assert bug is not None
    assert "ZeroDivisionError" in bug.traceback
    assert Message.model_validate(bug.message).items[0].submission == submissions[21]
    entry = place.ledger.find(submissions[23].id)
    assert entry is not None
    assert entry.step == "fetch"  # put off, on its way
    assert place.redis.zcard("tocsin:delayed") == 1
    assert set(place.ledger.snapshot().in_flight) == {one.id for one in submissions}


@pytest.mark.parametrize("concurrency", [1, 2])
def test_a_poison_in_a_batch_is_quarantined_and_the_other_fifteen_go_on(place: Place, concurrency: int) -> None:
    urls = [f"http://e.org/{n}" for n in range(BATCH)]
    urls[7] = "http://e.org/kill"
    submissions = place.accept(*urls)
    place.send(EXTRACT, [(one, examples.page(one.url)) for one in submissions])
    poison = submissions.pop(7).id
    with place.worker("extract", "--concurrency", str(concurrency)):
        wait_for(lambda: place.quarantine.count(EXTRACT) and place.waiting("index"))
        wait_for(lambda: len(place.waiting("classify")) == BATCH - 1)
        wait_for(lambda: place.redis.hlen("unacked") == 0)
    assert place.errors(EXTRACT) == {poison: "WorkerLostTooOften"}
    assert place.waiting("index") == {poison}
    assert place.waiting("classify") == {one.id for one in submissions}
    assert not place.waiting("extract")


def test_what_hears_of_its_limit_and_what_does_not_are_both_quarantined_alone(place: Place) -> None:
    submissions = place.accept("http://e.org/slow", "http://e.org/a", "http://e.org/deaf", "http://e.org/b")
    slow, first, deaf, second = (one.id for one in submissions)
    place.send(EXTRACT, [(one, examples.page(one.url)) for one in submissions])
    with place.worker("extract", "--concurrency", "2"):
        wait_for(lambda: place.waiting("classify") == {first, second} and place.quarantine.count(EXTRACT) == 2)
        wait_for(lambda: place.redis.hlen("unacked") == 0)
    errors = place.errors(EXTRACT)
    assert set(errors) == {slow, deaf}
    assert errors[deaf] == "WorkerLostTooOften"
    # at this scale 0.75 s are left to put it into quarantine, which a busy machine overruns
    assert errors[slow] in {"SoftTimeLimitExceeded", "WorkerLostTooOften"}


def test_what_a_killed_worker_held_is_done_by_the_next(place: Place) -> None:
    submissions = place.accept(*(f"http://e.org/{n}" for n in range(BATCH - 1)), "http://e.org/slow")
    place.send(EXTRACT, [(one, examples.page(one.url)) for one in submissions])
    with place.worker("extract", "--concurrency", "1") as process:
        wait_for(lambda: place.redis.hlen("unacked") == 1 and place.redis.zcard("tocsin:at:extract") == BATCH)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE_S)
    assert not place.waiting("classify"), "nothing is sent before the message is done"
    with place.worker("extract", "--concurrency", "1"):
        wait_for(lambda: len(place.waiting("classify")) == BATCH - 1 and place.quarantine.count(EXTRACT) == 1)
    assert set(place.errors(EXTRACT)) == {submissions[-1].id}


def test_a_message_of_version_1_goes_through(place: Place) -> None:
    (old,) = place.accept("http://e.org/old")
    fields = old.model_dump(mode="json")
    place.send_raw(FETCH, [{"version": 1, "submission": fields, "body": fields}])
    with place.worker("fetch", "--pool", "threads"):
        wait_for(lambda: place.waiting("extract") == {old.id})
    assert place.quarantine.count(FETCH) == 0


def test_what_threads_finish_together_travels_together(place: Place) -> None:
    submissions = place.accept(*(f"http://e.org/{n}" for n in range(60)))
    place.send(FETCH, [(one, one) for one in submissions])
    with place.worker("fetch", "--pool", "threads", "--concurrency", "8"):
        wait_for(lambda: len(place.waiting("extract")) == len(submissions))
    assert place.redis.llen("extract") < len(submissions)


def test_a_worker_that_is_told_to_stop_gives_back_what_it_holds(place: Place) -> None:
    submissions = place.accept(*(f"http://e.org/{n}" for n in range(200)))
    place.send(FETCH, [(one, one) for one in submissions])
    with place.worker("fetch", "--concurrency", "2") as process:
        wait_for(lambda: place.redis.llen("extract") > 0)
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    # At least once: what was finished while its acknowledgement could no longer be sent may be there twice.
    assert place.waiting("extract") | place.waiting("fetch") == {one.id for one in submissions}
    assert place.redis.hlen("unacked") == 0
