"""Redis by Sentinels: a fail-over under a running worker, and how much of what was acknowledged it may cost."""

import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from kombu.exceptions import OperationalError
from redis import Redis, RedisError, ResponseError

from shared import broker
from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item, pack
from shared.domain.submission import Submission
from shared.pipeline import FETCH
from tests.integration.drilling import Drill, wait_for
from tests.integration.sentinels import LAG_S, Watched

SUBMISSIONS = 150


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """A master, two replicas and three Sentinels."""
    servers = Watched(tmp_path)
    try:
        servers.start()
        yield servers
    finally:
        servers.close()


def test_a_fail_over_under_a_running_worker_loses_nothing(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_DELIVERY_TIME_SCALE", "0.04")  # what the dead master held comes back in seconds
    monkeypatch.setenv("TOCSIN_FETCH_TIMEOUT_S", "1")  # which has to fit into the step, shorter too
    book = tmp_path / "book"
    book.touch()
    drill = Drill(watched.url, tmp_path)
    ledger, app = Ledger(drill.redis), Celery("hook", set_as_current=False)
    app.conf.update(broker.address(watched.url))
    before = watched.master()
    accepted: list[str] = []
    waited_s: list[float] = []
    try:
        drill.recorder(book)
        drill.beat()
        for n in range(SUBMISSIONS):
            begin = time.monotonic()
            accepted.append(accept(f"https://paper.example/{n}", ledger, app))
            waited_s.append(time.monotonic() - begin)
            if n == SUBMISSIONS // 3:
                watched.signal(before, signal.SIGKILL)
        last_s = wait_for(lambda: set(accepted) <= set(book.read_text().split()), within_s=180)
        wait_for(lambda: not ledger.in_flight())

        print(  # noqa: T201 - docs/scaling.md
            f"\nfail-over: nothing accepted for {max(waited_s):.1f} s; "
            f"all {SUBMISSIONS} ended {last_s:.1f} s after the last was"
        )
        assert watched.master() != before
    finally:
        app.close()
        drill.close()


def accept(url: str, ledger: Ledger, app: Celery) -> str:
    """Do as the hook does, and as those who call it and are answered 503 do: ask again."""
    tries: list[Submission] = []

    def accepted() -> bool:
        with contextlib.suppress(RedisError):
            tries.append(Submission.accept(url))
            ledger.accept(tries[-1])
            return True
        return False

    wait_for(accepted)
    submission = tries[-1]
    with contextlib.suppress(OperationalError, RedisError):  # the reconciler sends it then
        for message in pack([Item.of(submission, submission)], FETCH, 1):
            app.send_task(FETCH.name, args=[message.model_dump(mode="json")], queue=FETCH.queue, retry=False)
    return submission.id


def test_a_master_that_is_cut_off_from_its_replicas_soon_takes_no_more(watched: Watched) -> None:
    """What it acknowledged until then is all that a fail-over can cost."""
    master = watched.master()
    for port in watched.redis:
        if port != master:
            watched.signal(port, signal.SIGSTOP)
    begin = time.monotonic()
    acknowledged = write_until_refused(watched.client(master))
    open_s = time.monotonic() - begin

    print(f"\ncut off from its replicas: {acknowledged} writes acknowledged in {open_s:.1f} s")  # noqa: T201 - as above
    assert 0 < open_s < LAG_S + 2.5  # the lag, the second between two looks at it, and a machine that is busy


def write_until_refused(writer: Redis) -> int:
    """Write until the master refuses, and return how often it did not."""
    count = 0
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            writer.rpush("book", count)
        except ResponseError:  # any other error is none of the server's answers
            return count
        count += 1
    raise AssertionError("it never refused")
