"""The task policy under a real Celery worker with real processes that really die."""

import base64
import json
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from redis import Redis

from services.cli.embedded.instance import Servers
from shared.domain.submission import Submission
from shared.ledger import Ledger
from shared.pipeline import FETCH, Envelope
from shared.quarantine import Quarantine
from tests import examples

PATIENCE_S = 60


def wait_for(condition: Callable[[], bool]) -> None:
    """Return as soon as the condition holds; fail when it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


@pytest.fixture
def broker_url(servers: Servers) -> Iterator[str]:
    """An empty Redis of this module's own."""
    url = servers.redis_url.rsplit("/", 1)[0] + "/8"
    client = Redis.from_url(url)
    client.flushdb()
    yield url
    client.flushdb()
    client.close()


@pytest.fixture
def worker(broker_url: str, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of the fetch queue."""
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.poison"],
            env=os.environ | {"TOCSIN_REDIS_URL": broker_url},
            stdout=log,
            stderr=log,
        )
        yield process
        process.terminate()
        process.wait(PATIENCE_S)


def accepted(ledger: Ledger, *urls: str) -> list[Submission]:
    """Accept URLs as the hook does, and put their messages into the queue by a process that knows the broker."""
    submissions = [examples.submission(url) for url in urls]
    for one in submissions:
        ledger.accept(one)
    return submissions


def send(broker_url: str, submissions: list[Submission]) -> None:
    """Send the first message of each journey, from a process with the settings of the test."""
    envelopes = [Envelope.of(one, one).model_dump(mode="json") for one in submissions]
    program = (
        "import json, sys; from shared import broker, pipeline\n"
        "for e in json.load(sys.stdin): broker.send(pipeline.FETCH, pipeline.Envelope.model_validate(e))"
    )
    environment = os.environ | {"TOCSIN_REDIS_URL": broker_url}
    subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(envelopes), text=True, env=environment, check=True, timeout=60
    )


@pytest.mark.usefixtures("worker")
def test_each_verdict_ends_where_it_should_and_a_poison_takes_no_other_with_it(broker_url: str) -> None:
    redis = Redis.from_url(broker_url)
    ledger, quarantine = Ledger(redis), Quarantine(redis)
    good = [f"http://e.org/good/{n}" for n in range(20)]
    submissions = accepted(
        ledger, *good, "http://e.org/kill", "http://e.org/bug", "http://e.org/discard", "http://e.org/transient"
    )
    send(broker_url, submissions)

    wait_for(lambda: redis.llen("extract") == len(good) and quarantine.count(FETCH) == 2 and redis.llen("index") == 3)

    held = {specimen.error.split(":")[0]: specimen for specimen in quarantine.list(FETCH)}
    assert set(held) == {"WorkerLostTooOften", "ZeroDivisionError"}
    assert held["WorkerLostTooOften"].submission_id == submissions[20].id
    assert "ZeroDivisionError" in held["ZeroDivisionError"].traceback
    assert Envelope.model_validate(held["ZeroDivisionError"].message).submission == submissions[21]
    entry = ledger.find(submissions[23].id)
    assert entry is not None
    assert entry.step == "fetch"  # put off, on its way
    assert set(ledger.snapshot().in_flight) == {one.id for one in submissions}


def test_a_worker_that_is_told_to_stop_gives_back_what_it_holds(
    broker_url: str, worker: subprocess.Popen[bytes]
) -> None:
    redis = Redis.from_url(broker_url)
    ledger = Ledger(redis)
    submissions = accepted(ledger, *(f"http://e.org/{n}" for n in range(200)))
    send(broker_url, submissions)
    wait_for(lambda: redis.llen("extract") > 0)
    worker.terminate()
    assert worker.wait(PATIENCE_S) == 0
    # At least once: what was finished while its acknowledgement could no longer be sent may be there twice.
    assert waiting(redis, "extract") | waiting(redis, "fetch") == {one.id for one in submissions}
    assert redis.hlen("unacked") == 0


def waiting(redis: Redis, queue: str) -> set[str]:
    """Return the submissions whose messages lie in a queue."""
    rows = cast("list[bytes]", redis.lrange(queue, 0, -1))
    bodies = [json.loads(zlib.decompress(base64.b64decode(json.loads(row)["body"]))) for row in rows]
    return {arguments[0]["submission"]["id"] for arguments, _, _ in bodies}
