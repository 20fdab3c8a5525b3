"""The ledger when a submission is opened again, started again or passed on: which message still counts."""

import pytest
from redis import Redis

from shared.delivery.ledger import Ledger
from shared.pipeline import CLASSIFY, EXTRACT, FETCH, INDEX, RECORD
from tests import examples


@pytest.fixture
def ledger(redis: Redis) -> Ledger:
    """An empty ledger."""
    return Ledger(redis)


def test_a_late_message_of_an_earlier_run_is_dropped(ledger: Ledger, redis: Redis) -> None:
    one = examples.submission()
    ledger.accept(one)
    with redis.pipeline(transaction=True) as pipe:
        run = ledger.reopen(pipe, one, CLASSIFY)
        pipe.execute()

    assert ledger.begin([one.id], RECORD) == [None]  # the outcome of the first run
    entry = ledger.find(one.id)
    assert entry is not None
    assert (entry.step, entry.run) == ("classify", run)
    assert ledger.begin([one.id], CLASSIFY, [run])[0] is not None


def test_a_restart_stays_in_its_run(ledger: Ledger, redis: Redis) -> None:
    one = examples.submission()
    with redis.pipeline(transaction=True) as pipe:
        run = ledger.reopen(pipe, one, CLASSIFY)
        pipe.execute()
    assert ledger.restart(one.id)
    assert ledger.begin([one.id], FETCH, [run])[0] is not None


def test_what_is_passed_on_waits_for_the_next_step_unless_that_has_begun(ledger: Ledger) -> None:
    waits, begun = examples.submission(), examples.submission()
    for one in (waits, begun):
        ledger.accept(one)
        ledger.begin([one.id], FETCH)
    ledger.begin([begun.id], EXTRACT)
    ledger.begin([begun.id], CLASSIFY)
    ledger.end([waits.id, begun.id], FETCH, to=EXTRACT)

    steps = [found.step for one in (waits, begun) if (found := ledger.find(one.id))]
    assert steps == ["extract", "classify"]
    assert ledger.overdue(EXTRACT, -1, offset=0, limit=9) == [waits.id]


def test_a_late_copy_of_an_outcome_does_not_end_the_run_that_follows(ledger: Ledger, redis: Redis) -> None:
    one = examples.submission()
    ledger.accept(one)
    ledger.begin([one.id], RECORD)
    ledger.begin([one.id], RECORD)  # two copies at once, of which one is slow
    ledger.close([one.id])
    with redis.pipeline(transaction=True) as pipe:
        run = ledger.reopen(pipe, one, EXTRACT)
        pipe.execute()
    ledger.begin([one.id], EXTRACT, [run])

    ledger.end([one.id], EXTRACT, to=CLASSIFY, again=True, counted=True)
    ledger.close([one.id])

    entry = ledger.find(one.id)
    assert entry is not None
    assert entry.step == "extract"
    (delivery,) = ledger.begin([one.id], EXTRACT, [run])
    assert delivery is not None
    assert (delivery.attempts, delivery.crashes) == (0, 1)
    ledger.close([one.id], [run])
    assert ledger.find(one.id) is None


def test_patience_outlasts_a_restart(ledger: Ledger) -> None:
    one = examples.submission()
    ledger.accept(one)
    ledger.begin([one.id], INDEX)
    ledger.end([one.id], INDEX, again=True, counted=True)
    assert ledger.restart(one.id)
    (delivery,) = ledger.begin([one.id], INDEX)
    assert delivery is not None
    assert delivery.since is not None
    assert delivery.attempts == 0
