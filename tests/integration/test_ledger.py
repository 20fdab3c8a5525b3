"""The ledger on a real Redis."""

import pytest
from redis import Redis

from shared.ledger import Delivery, Ledger
from shared.pipeline import EXTRACT, FETCH
from tests import examples


class Clock:
    """A clock that stands where it is put."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock."""
    return Clock()


@pytest.fixture
def ledger(redis: Redis, clock: Clock) -> Ledger:
    """An empty ledger."""
    return Ledger(redis, clock=clock)


def test_what_is_accepted_is_found_until_it_is_closed(ledger: Ledger) -> None:
    one = examples.submission()
    ledger.accept(one)
    entry = ledger.find(one.id)
    assert entry is not None
    assert (entry.submission, entry.step) == (one, "fetch")
    assert ledger.snapshot().accepted == 1
    assert set(ledger.snapshot().in_flight) == {one.id}
    ledger.close(one.id)
    assert ledger.find(one.id) is None
    assert ledger.snapshot().accepted == 1
    assert not ledger.snapshot().in_flight


def test_deliveries_that_end_and_that_do_not_are_counted_apart(ledger: Ledger) -> None:
    one = examples.submission()
    ledger.accept(one)
    assert ledger.begin(one.id, FETCH) == Delivery(attempts=0, crashes=0)
    ledger.end(one.id, FETCH, put_off=True)
    assert ledger.begin(one.id, FETCH) == Delivery(attempts=1, crashes=0)
    assert ledger.begin(one.id, FETCH) == Delivery(attempts=1, crashes=1)
    assert ledger.begin(one.id, EXTRACT) == Delivery(attempts=0, crashes=0)
    entry = ledger.find(one.id)
    assert entry is not None
    assert entry.step == "extract"


def test_a_closed_submission_does_not_begin_again(ledger: Ledger, redis: Redis) -> None:
    one = examples.submission()
    ledger.accept(one)
    ledger.close(one.id)
    assert ledger.begin(one.id, EXTRACT) is None
    ledger.restart(one.id)
    ledger.end(one.id, EXTRACT, put_off=True)
    assert ledger.find(one.id) is None
    assert not ledger.snapshot().in_flight
    assert redis.keys("tocsin:submission:*") == []


def test_deliveries_that_succeed_are_no_crashes(ledger: Ledger) -> None:
    one = examples.submission()
    ledger.accept(one)
    for _ in range(5):
        assert ledger.begin(one.id, FETCH) == Delivery(attempts=0, crashes=0)
        ledger.end(one.id, FETCH)


def test_a_restart_forgets_the_counts_and_moves_to_the_start(ledger: Ledger, redis: Redis) -> None:
    one = examples.submission()
    ledger.accept(one)
    ledger.begin(one.id, EXTRACT)
    ledger.begin(one.id, EXTRACT)
    ledger.restart(one.id)
    entry = ledger.find(one.id)
    assert entry is not None
    assert entry.step == "fetch"
    assert ledger.begin(one.id, EXTRACT) == Delivery(attempts=0, crashes=0)
    assert redis.zcard("tocsin:at:fetch") == 0
    assert redis.zcard("tocsin:at:extract") == 1


def test_only_what_stands_still_at_a_step_is_overdue(ledger: Ledger, clock: Clock) -> None:
    still, moving = examples.submission(), examples.submission()
    ledger.accept(still)
    ledger.accept(moving)
    clock.now += 100
    ledger.begin(moving.id, FETCH)
    assert ledger.overdue(FETCH, 60, offset=0, limit=10) == [still.id]
    assert ledger.overdue(EXTRACT, 60, offset=0, limit=10) == []
    ledger.restart(still.id)
    assert ledger.overdue(FETCH, 60, offset=0, limit=10) == []


def test_the_oldest_come_first_and_not_too_many(ledger: Ledger, clock: Clock) -> None:
    ids = []
    for _ in range(5):
        clock.now += 1
        ids.append(examples.submission())
        ledger.accept(ids[-1])
    clock.now += 100
    wanted = [one.id for one in ids]
    assert ledger.overdue(FETCH, 60, offset=0, limit=3) == wanted[:3]
    assert ledger.overdue(FETCH, 60, offset=3, limit=3) == wanted[3:]
