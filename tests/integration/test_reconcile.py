"""The reconciler on a real ledger."""

import pytest
from redis import Redis

from services.scheduler.reconcile import BATCH, reconcile
from shared.broker import OVERDUE_S
from shared.domain.submission import Submission
from shared.ledger import Ledger
from shared.pipeline import EXTRACT, FETCH, Envelope, Stage
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
