"""The ledger on a real Redis, whose clock it keeps."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

import pytest
from redis import Redis, RedisError
from redis.exceptions import NoScriptError

from services.cli.embedded.instance import Servers
from shared.connections import open_redis
from shared.delivery.ledger import Ledger
from shared.pipeline import CLASSIFY, EXTRACT, FETCH, INDEX, RECORD, STAGES, Stage
from shared.settings import settings
from tests import examples
from tests.integration.clock import age


@pytest.fixture
def ledger(redis: Redis) -> Ledger:
    """An empty ledger."""
    return Ledger(redis)


def begin(ledger: Ledger, submission_id: str, stage: Stage) -> tuple[int, int]:
    """Begin a delivery of one that is in flight, and return its attempts and crashes."""
    (delivery,) = ledger.begin([submission_id], stage)
    assert delivery is not None
    return delivery.attempts, delivery.crashes


def test_what_is_accepted_is_found_until_it_is_closed(ledger: Ledger) -> None:
    one = examples.submission()
    ledger.accept(one)
    entry = ledger.find(one.id)
    assert entry is not None
    assert (entry.submission, entry.step) == (one, "fetch")
    assert ledger.snapshot().accepted == ledger.in_flight() == 1
    assert set(ledger.snapshot().in_flight) == {one.id}
    ledger.close([one.id])
    assert ledger.find(one.id) is None
    assert ledger.snapshot().accepted == 1
    assert not ledger.snapshot().in_flight
    assert ledger.in_flight() == 0


def test_deliveries_that_end_and_that_do_not_are_counted_apart(ledger: Ledger) -> None:
    one = examples.submission()
    ledger.accept(one)
    assert begin(ledger, one.id, FETCH) == (0, 0)
    ledger.end([one.id], FETCH, again=True, counted=True)
    assert begin(ledger, one.id, FETCH) == (1, 0)
    assert begin(ledger, one.id, FETCH) == (1, 1)
    assert begin(ledger, one.id, EXTRACT) == (0, 0)
    entry = ledger.find(one.id)
    assert entry is not None
    assert entry.step == "extract"


def test_the_counts_of_one_step_say_nothing_of_another(ledger: Ledger) -> None:
    one = examples.submission()
    ledger.accept(one)
    for n, stage in enumerate(STAGES.values()):
        for _ in range(n):
            ledger.begin([one.id], stage)
            ledger.end([one.id], stage, again=True, counted=True)
        for _ in range(n):
            ledger.begin([one.id], stage)
    assert [begin(ledger, one.id, stage) for stage in STAGES.values()] == [(n, n) for n in range(len(STAGES))]


def test_an_outage_is_no_attempt_but_its_beginning_is_remembered(ledger: Ledger) -> None:
    one = examples.submission()
    ledger.accept(one)
    (first,) = ledger.begin([one.id], INDEX)
    assert first is not None
    assert first.since is None
    ledger.end([one.id], INDEX, again=True)
    (second,) = ledger.begin([one.id], INDEX)
    ledger.end([one.id], INDEX, again=True, counted=True)
    (third,) = ledger.begin([one.id], INDEX)
    assert second is not None
    assert third is not None
    assert (second.attempts, third.attempts) == (0, 1)
    assert second.since is not None
    assert first.now - 0.001 <= second.since <= second.now + 0.001, "on the clock of the deliveries"
    assert third.since == second.since, "the first time, not the last"


def test_many_are_begun_ended_and_closed_at_once_each_with_its_own_counts(ledger: Ledger) -> None:
    many = [examples.submission() for _ in range(16)]
    for one in many[:-1]:
        ledger.accept(one)
    ids = [one.id for one in many]
    ledger.begin(ids[:3], EXTRACT)
    ledger.end(ids[:2], EXTRACT, again=True, counted=True)
    found = ledger.begin(ids, EXTRACT)
    assert found[-1] is None, "it was never accepted"
    assert [(one.attempts, one.crashes) for one in found if one] == [(1, 0), (1, 0), (0, 1)] + [(0, 0)] * 12
    ledger.close(ids[1:])
    assert set(ledger.snapshot().in_flight) == {ids[0]}


def test_the_same_submission_twice_at_once_does_no_harm(ledger: Ledger) -> None:
    one = examples.submission()
    ledger.accept(one)
    assert len(ledger.begin([one.id, one.id], FETCH)) == 2
    ledger.close([one.id, one.id])
    assert ledger.in_flight() == 0


def test_a_closed_submission_does_not_begin_again(ledger: Ledger, redis: Redis) -> None:
    one = examples.submission()
    ledger.accept(one)
    ledger.close([one.id])
    assert ledger.begin([one.id], EXTRACT) == [None]
    assert not ledger.restart(one.id)
    ledger.end([one.id], EXTRACT, again=True, counted=True)
    assert ledger.find(one.id) is None
    assert not ledger.snapshot().in_flight
    assert redis.keys("tocsin:submission:*") == []


def test_deliveries_that_succeed_are_no_crashes(ledger: Ledger) -> None:
    one = examples.submission()
    ledger.accept(one)
    for _ in range(5):
        assert begin(ledger, one.id, FETCH) == (0, 0)
        ledger.end([one.id], FETCH)


def test_a_restart_forgets_the_counts_and_moves_to_the_start(ledger: Ledger, redis: Redis) -> None:
    one = examples.submission()
    ledger.accept(one)
    ledger.begin([one.id], EXTRACT)
    ledger.end([one.id], EXTRACT, again=True, counted=True)
    ledger.begin([one.id], EXTRACT)
    assert ledger.restart(one.id)
    entry = ledger.find(one.id)
    assert entry is not None
    assert entry.step == "fetch"
    assert begin(ledger, one.id, EXTRACT) == (0, 0)
    assert redis.zcard("tocsin:at:fetch") == 0
    assert redis.zcard("tocsin:at:extract") == 1


@pytest.mark.parametrize("state", ["in flight", "ended", "never accepted"])
def test_what_is_reopened_is_in_flight_at_its_step_with_counts_at_zero(
    ledger: Ledger, redis: Redis, state: str
) -> None:
    one = examples.submission()
    if state != "never accepted":
        ledger.accept(one)
        ledger.begin([one.id], INDEX)
    if state == "ended":
        ledger.close([one.id])
    before = ledger.snapshot().accepted
    with redis.pipeline(transaction=True) as pipe:
        run = ledger.reopen(pipe, one, CLASSIFY)
        assert ledger.in_flight() == (state == "in flight"), "nothing happens before the pipeline does"
        pipe.execute()
    entry = ledger.find(one.id)
    assert entry is not None
    assert (entry.submission, entry.step) == (one, "classify")
    assert ledger.in_flight() == 1
    assert ledger.snapshot().accepted == before
    (delivery,) = ledger.begin([one.id], INDEX, [run])
    assert delivery is not None
    assert (delivery.attempts, delivery.crashes) == (0, 0)


def test_only_what_stands_still_at_a_step_is_overdue(ledger: Ledger, redis: Redis) -> None:
    still, moving = examples.submission(), examples.submission()
    ledger.accept(still)
    ledger.accept(moving)
    age(redis, 100)
    ledger.begin([moving.id], FETCH)
    assert ledger.overdue(FETCH, 60, offset=0, limit=10) == [still.id]
    assert ledger.overdue(EXTRACT, 60, offset=0, limit=10) == []
    ledger.restart(still.id)
    assert ledger.overdue(FETCH, 60, offset=0, limit=10) == []


def test_the_oldest_come_first_and_not_too_many(ledger: Ledger, redis: Redis) -> None:
    ids = []
    for _ in range(5):
        age(redis, 1)
        ids.append(examples.submission())
        ledger.accept(ids[-1])
    age(redis, 100)
    wanted = [one.id for one in ids]
    assert ledger.overdue(FETCH, 60, offset=0, limit=3) == wanted[:3]
    assert ledger.overdue(FETCH, 60, offset=3, limit=3) == wanted[3:]


def test_a_submission_in_flight_takes_less_than_a_kilobyte(ledger: Ledger, redis: Redis) -> None:
    url = "https://www.harbour-ledger.example/world/africa/2026/03/04/" + "long-headline-" * 8 + ".html"
    many = [examples.submission(url) for _ in range(200)]
    for one in many:
        ledger.accept(one)
    ids = [one.id for one in many]
    for stage in STAGES.values():
        ledger.begin(ids, stage)
        ledger.end(ids, stage)
    for _ in range(2):  # after an outage: every count of a step that keeps them waiting
        ledger.end(ids, RECORD, again=True, counted=True)
        ledger.begin(ids, RECORD)
    hashes = sum(cast("int", redis.memory_usage(f"tocsin:submission:{one}", samples=0)) for one in ids)
    places = cast("int", redis.memory_usage(f"tocsin:at:{RECORD.name}", samples=0))
    assert (hashes + places) / len(ids) < 1024


def test_the_scripts_are_loaded_again_by_a_redis_that_forgot_them(ledger: Ledger, redis: Redis) -> None:
    one = examples.submission()
    ledger.accept(one)
    redis.script_flush()
    with pytest.raises(NoScriptError):
        redis.evalsha("0" * 40, 0)
    assert begin(ledger, one.id, FETCH) == (0, 0)


@contextmanager
def swallowing(servers: Servers) -> Iterator[tuple[int, list[int]]]:
    """Stand between a client and Redis, on a port; what is put into the list says which answer is lost, 1 the next."""
    host, _, port = servers.redis_url.rsplit("/", 1)[0].removeprefix("redis://").partition(":")
    lost: list[int] = []

    def pump(source: socket.socket, sink: socket.socket, *, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if answers and lost:
                    lost[0] -= 1
                    if not lost[0]:
                        lost.clear()
                        sink.shutdown(socket.SHUT_RDWR)
                        return
                sink.sendall(data)

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection((host, int(port)))
                threading.Thread(target=pump, args=(client, server), kwargs={"answers": False}, daemon=True).start()
                threading.Thread(target=pump, args=(server, client), kwargs={"answers": True}, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1], lost


def test_what_was_done_is_not_done_again_when_the_answer_is_lost(
    servers: Servers, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that repeated it of its own accord would accept one submission twice, and count a crash of nobody."""
    with swallowing(servers) as (port, lost):
        monkeypatch.setenv("TOCSIN_REDIS_URL", f"redis://127.0.0.1:{port}/{servers.redis_url.rsplit('/', 1)[1]}")
        settings.cache_clear()
        behind = Ledger(open_redis.__wrapped__())
        settings.cache_clear()
        one = examples.submission()
        behind.in_flight()
        lost.append(2)  # the first says how late it is
        with pytest.raises(RedisError):
            behind.accept(one)
        assert ledger.snapshot().accepted == ledger.in_flight() == 1
        behind.begin([one.id], FETCH)
        lost.append(1)
        with pytest.raises(RedisError):
            behind.begin([one.id], FETCH)
        assert begin(ledger, one.id, FETCH) == (0, 2)
