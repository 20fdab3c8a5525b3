"""The reconciler on a real ledger."""

from collections.abc import Sequence

import pytest
from kombu.exceptions import OperationalError
from redis import Redis

from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item
from shared.delivery.reconcile import BATCH, LONG_OVERDUE, reconcile
from shared.delivery.timing import Timing
from shared.domain.submission import Submission
from shared.pipeline import CLASSIFY, EXTRACT, FETCH, Stage
from tests import examples
from tests.integration.clock import age

LIMITS_S = Timing.of(fetch_timeout_s=30).overdue_s
OVERDUE_S = max(LIMITS_S.values())


class Sent(list[tuple[str, str]]):
    """Items that were sent: step and submission."""

    def __call__(self, stage: Stage, items: Sequence[Item]) -> None:
        """Take items."""
        for item in items:
            assert Submission.model_validate(item.body) == item.submission
            self.append((stage.name, item.submission.id))


class Round:
    """Runs a round of the reconciler."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.ledger = Ledger(redis)
        self.sent = Sent()

    def run(self, busy: str = "") -> int:
        """Run it while messages wait in one queue; the number sent."""
        waiting = {busy: 7}
        return reconcile(self.ledger, send=self.sent, waiting=lambda queue: waiting.get(queue, 0), overdue_s=LIMITS_S)

    def at(self, stage: Stage) -> Submission:
        """Accept a submission and let it begin at `stage`."""
        one = examples.submission()
        self.ledger.accept(one)
        if stage is not FETCH:
            self.ledger.begin([one.id], stage)
        return one


@pytest.fixture
def rounds(redis: Redis) -> Round:
    """A reconciler over an empty ledger."""
    return Round(redis)


def test_what_stands_still_is_sent_again_once(rounds: Round) -> None:
    lost = rounds.at(EXTRACT)
    assert rounds.run() == 0
    age(rounds.redis, OVERDUE_S + 1)
    assert rounds.run() == 1
    assert rounds.run() == 0
    assert rounds.sent == [("fetch", lost.id)]


def test_what_still_waits_in_its_queue_is_not_sent_again(rounds: Round) -> None:
    rounds.at(EXTRACT)
    lost = rounds.at(CLASSIFY)
    age(rounds.redis, OVERDUE_S + 1)
    assert rounds.run(busy="extract") == 1
    assert rounds.sent == [("fetch", lost.id)]


def test_a_round_is_bounded_and_the_next_goes_on(rounds: Round) -> None:
    for _ in range(BATCH + 3):
        rounds.at(FETCH)
    age(rounds.redis, OVERDUE_S + 1)
    assert rounds.run() == BATCH
    assert rounds.run() == 3
    assert len(set(rounds.sent)) == BATCH + 3


def test_a_busy_queue_holds_up_no_other_and_nobody_for_ever(rounds: Round) -> None:
    for _ in range(BATCH):
        rounds.at(FETCH)
    lost = rounds.at(CLASSIFY)
    age(rounds.redis, OVERDUE_S + 1)
    assert rounds.run(busy="fetch") == 1
    assert rounds.sent == [("fetch", lost.id)]
    age(rounds.redis, LONG_OVERDUE * OVERDUE_S)
    assert rounds.run(busy="fetch") == BATCH


def test_an_entry_that_cannot_be_read_holds_up_no_other(rounds: Round) -> None:
    strange = rounds.at(FETCH)
    rounds.redis.hset(f"tocsin:submission:{strange.id}", "submission", '{"id": "x", "of": "another version"}')
    age(rounds.redis, 1)
    lost = rounds.at(FETCH)
    age(rounds.redis, OVERDUE_S + 1)
    assert rounds.run() == 1
    assert rounds.sent == [("fetch", lost.id)]
    assert set(rounds.ledger.snapshot().in_flight) == {strange.id, lost.id}


def test_what_cannot_be_sent_is_sent_in_a_later_round(rounds: Round) -> None:
    lost = [rounds.at(EXTRACT) for _ in range(3)]

    def away(*_: object) -> None:
        raise OperationalError("broker away")

    age(rounds.redis, OVERDUE_S + 1)
    with pytest.raises(OperationalError):
        reconcile(rounds.ledger, send=away, waiting=lambda _: 0, overdue_s=LIMITS_S)
    age(rounds.redis, OVERDUE_S + 1)
    assert rounds.run() == 3
    assert {one for _, one in rounds.sent} == {one.id for one in lost}


def test_two_rounds_at_once_lose_nothing(rounds: Round) -> None:
    lost = [rounds.at(EXTRACT) for _ in range(5)]
    age(rounds.redis, OVERDUE_S + 1)
    second = Round(rounds.redis)

    def send(stage: Stage, items: Sequence[Item]) -> None:
        second.run()
        rounds.sent(stage, items)

    reconcile(rounds.ledger, send=send, waiting=lambda _: 0, overdue_s=LIMITS_S)
    assert {one for _, one in rounds.sent + second.sent} == {one.id for one in lost}
    assert rounds.ledger.in_flight() == len(lost)
