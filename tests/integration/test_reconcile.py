"""The reconciler on a real ledger."""

import pytest
from redis import Redis

from shared.broker import OVERDUE_S
from shared.domain.submission import Submission
from shared.ledger import Ledger
from shared.pipeline import CLASSIFY, EXTRACT, FETCH, Envelope, Stage
from shared.reconcile import BATCH, LONG_OVERDUE, reconcile
from tests import examples
from tests.integration.test_ledger import Clock


class Sent(list[tuple[str, str]]):
    """Messages that were sent: step and submission."""

    def __call__(self, stage: Stage, envelope: Envelope) -> None:
        """Take a message."""
        assert Submission.model_validate(envelope.body) == envelope.submission
        self.append((stage.name, envelope.submission.id))


@pytest.fixture
def clock() -> Clock:
    """A clock."""
    return Clock()


@pytest.fixture
def ledger(redis: Redis, clock: Clock) -> Ledger:
    """An empty ledger."""
    return Ledger(redis, clock=clock)


def nothing_waits(_: str) -> int:
    return 0


def test_what_stands_still_is_sent_again_once(ledger: Ledger, clock: Clock) -> None:
    lost, sent = examples.submission(), Sent()
    ledger.accept(lost)
    ledger.begin(lost.id, EXTRACT)
    assert reconcile(ledger, send=sent, waiting=nothing_waits) == 0
    clock.now += OVERDUE_S + 1
    assert reconcile(ledger, send=sent, waiting=nothing_waits) == 1
    assert reconcile(ledger, send=sent, waiting=nothing_waits) == 0
    assert sent == [("fetch", lost.id)]


def test_what_still_waits_in_its_queue_is_not_sent_again(ledger: Ledger, clock: Clock) -> None:
    waiting, lost, sent = examples.submission(), examples.submission(), Sent()
    ledger.accept(waiting)
    ledger.begin(waiting.id, EXTRACT)
    ledger.accept(lost)
    ledger.begin(lost.id, FETCH)
    clock.now += OVERDUE_S + 1
    assert reconcile(ledger, send=sent, waiting=lambda queue: 7 if queue == "extract" else 0) == 1
    assert sent == [("fetch", lost.id)]


def test_a_round_is_bounded_and_the_next_goes_on(ledger: Ledger, clock: Clock) -> None:
    sent = Sent()
    for _ in range(BATCH + 3):
        ledger.accept(examples.submission())
    clock.now += OVERDUE_S + 1
    assert reconcile(ledger, send=sent, waiting=nothing_waits) == BATCH
    assert reconcile(ledger, send=sent, waiting=nothing_waits) == 3
    assert len(set(sent)) == BATCH + 3


def test_a_busy_queue_holds_up_no_other_and_nobody_for_ever(ledger: Ledger, clock: Clock) -> None:
    backlog, lost, sent = [examples.submission() for _ in range(BATCH)], examples.submission(), Sent()
    for one in backlog:
        ledger.accept(one)
    ledger.accept(lost)
    ledger.begin(lost.id, CLASSIFY)
    clock.now += OVERDUE_S + 1
    assert reconcile(ledger, send=sent, waiting=lambda queue: 7 if queue == "fetch" else 0) == 1
    assert sent == [("fetch", lost.id)]
    clock.now += LONG_OVERDUE * OVERDUE_S
    assert reconcile(ledger, send=sent, waiting=lambda queue: 7 if queue == "fetch" else 0) == BATCH


def test_an_entry_that_cannot_be_read_holds_up_no_other(ledger: Ledger, clock: Clock, redis: Redis) -> None:
    strange, lost, sent = examples.submission(), examples.submission(), Sent()
    ledger.accept(strange)
    redis.hset(f"tocsin:submission:{strange.id}", "submission", '{"id": "x", "of": "another version"}')
    clock.now += 1
    ledger.accept(lost)
    clock.now += OVERDUE_S + 1
    assert reconcile(ledger, send=sent, waiting=nothing_waits) == 1
    assert sent == [("fetch", lost.id)]
    assert set(ledger.snapshot().in_flight) == {strange.id, lost.id}
