"""The task policy: each verdict has its one consequence."""

from collections.abc import Callable
from typing import Any

import pytest
from redis import ConnectionError as RedisAway

from shared import pipeline
from shared.domain.base import Model
from shared.domain.outcome import Filing, Outcome, Status
from shared.domain.page import Page
from shared.errors import Discard, Reason, Transient
from shared.ledger import Delivery
from shared.pipeline import Envelope, Stage
from shared.step import MAX_CRASHES, Again, Step
from tests import examples


class FakeLedger:
    """A ledger with one answer, which notes what it is told."""

    def __init__(self, delivery: Delivery | None) -> None:
        self.delivery = delivery
        self.ended: list[tuple[str, bool]] = []
        self.closed: list[str] = []

    def begin(self, submission_id: str, stage: Stage) -> Delivery | None:  # noqa: ARG002 - the seam's signature
        """Answer as told."""
        return self.delivery

    def end(self, submission_id: str, stage: Stage, *, put_off: bool = False) -> None:  # noqa: ARG002 - as above
        """Note it."""
        self.ended.append((stage.name, put_off))

    def close(self, submission_id: str) -> None:
        """Note it."""
        self.closed.append(submission_id)


class FakeQuarantine:
    """A quarantine in a list."""

    def __init__(self) -> None:
        self.held: list[tuple[str, object, str, str | None]] = []

    def add(
        self,
        stage: Stage,
        message: object,
        error: BaseException,
        *,
        submission_id: str | None,
        attempts: int,  # noqa: ARG002 - the seam's signature
    ) -> str:
        """Note it and return the words of the error."""
        words = f"{type(error).__name__}: {error}"
        self.held.append((stage.name, message, words, submission_id))
        return words


class Bench:
    """A step over fakes."""

    def __init__(self, stage: Stage, body: Callable[[Any], Model | None], delivery: Delivery | None) -> None:
        self.ledger = FakeLedger(delivery)
        self.quarantine = FakeQuarantine()
        self.sent: list[tuple[str, Envelope]] = []
        self.step = Step(
            stage,
            body,
            ledger=self.ledger,
            quarantine=self.quarantine,
            send=lambda to, envelope: self.sent.append((to.name, envelope)),
        )
        self.submission = examples.submission()

    def deliver(self, body: Model) -> Again | None:
        """Deliver a message with `body`."""
        return self.step.deliver(Envelope.of(self.submission, body).model_dump(mode="json"))

    @property
    def outcome(self) -> Outcome:
        """The one outcome that was sent."""
        ((to, envelope),) = self.sent
        assert to == "record"
        return Outcome.model_validate(envelope.body)


FIRST = Delivery(attempts=0, crashes=0)


def raising(error: Exception) -> Callable[[Any], Model | None]:
    """Return a body that raises."""

    def body(_: Any) -> Model | None:
        raise error

    return body


def test_a_result_goes_to_the_next_step() -> None:
    result = examples.page()
    bench = Bench(pipeline.FETCH, lambda _: result, FIRST)
    assert bench.deliver(bench.submission) is None
    ((to, envelope),) = bench.sent
    assert to == "extract"
    assert Page.model_validate(envelope.body) == result
    assert envelope.submission == bench.submission
    assert bench.ledger.ended == [("fetch", False)]


def test_the_body_gets_its_input_as_a_model() -> None:
    seen: list[object] = []

    def body(page: Page) -> Model:
        seen.append(page)
        return examples.article()

    bench = Bench(pipeline.EXTRACT, body, FIRST)
    bench.deliver(examples.page())
    assert seen == [examples.page()]


def test_a_discard_becomes_an_outcome_with_its_reason() -> None:
    bench = Bench(pipeline.FETCH, raising(Discard(Reason.NOT_HTML, "application/pdf")), FIRST)
    assert bench.deliver(bench.submission) is None
    assert (bench.outcome.status, bench.outcome.reason) == (Status.DISCARDED, Reason.NOT_HTML)
    assert bench.outcome.detail == "application/pdf"
    assert bench.outcome.step == "fetch"
    assert not bench.quarantine.held


def test_a_transient_comes_again_later_and_nothing_is_sent() -> None:
    bench = Bench(pipeline.FETCH, raising(Transient("503")), Delivery(attempts=1, crashes=0))
    again = bench.deliver(bench.submission)
    assert again is not None
    assert 1 <= again.seconds <= pipeline.FETCH.backoff_cap_s
    assert bench.ledger.ended == [("fetch", True)]
    assert not bench.sent


def test_a_transient_that_does_not_pass_is_quarantined() -> None:
    assert pipeline.FETCH.max_attempts is not None
    bench = Bench(
        pipeline.FETCH, raising(Transient("503")), Delivery(attempts=pipeline.FETCH.max_attempts - 1, crashes=0)
    )
    assert bench.deliver(bench.submission) is None
    assert bench.outcome.status is Status.QUARANTINED
    assert bench.quarantine.held[0][2] == "Transient: 503"


def test_an_outcome_is_never_given_up() -> None:
    bench = Bench(pipeline.RECORD, raising(Transient("index away")), Delivery(attempts=10_000, crashes=0))
    outcome = Outcome.of(bench.submission, Status.DISCARDED, step="fetch", reason=Reason.EMPTY)
    again = bench.deliver(outcome)
    assert again is not None
    assert again.seconds <= pipeline.RECORD.backoff_cap_s
    assert not bench.quarantine.held


@pytest.mark.parametrize("delivery", [FIRST, Delivery(attempts=3, crashes=MAX_CRASHES)])
def test_an_outcome_that_cannot_be_written_makes_no_further_outcome(delivery: Delivery) -> None:
    bench = Bench(pipeline.RECORD, raising(KeyError("a bug")), delivery)
    again = bench.deliver(Outcome.of(bench.submission, Status.DISCARDED, step="fetch", reason=Reason.EMPTY))
    assert again is not None
    assert not bench.sent
    assert not bench.quarantine.held
    assert not bench.ledger.closed


def test_a_bug_is_quarantined_at_once_with_its_journey() -> None:
    bench = Bench(pipeline.FETCH, raising(ZeroDivisionError("oh")), FIRST)
    assert bench.deliver(bench.submission) is None
    ((stage, message, error, submission_id),) = bench.quarantine.held
    assert (stage, error, submission_id) == ("fetch", "ZeroDivisionError: oh", bench.submission.id)
    assert Envelope.model_validate(message).submission == bench.submission
    assert bench.outcome.status is Status.QUARANTINED


def test_a_message_that_kills_its_workers_is_not_tried_again() -> None:
    tried: list[object] = []

    def body(page: object) -> Model:
        tried.append(page)
        return examples.page()

    bench = Bench(pipeline.FETCH, body, Delivery(attempts=0, crashes=MAX_CRASHES))
    bench.deliver(bench.submission)
    assert not tried
    assert bench.outcome.status is Status.QUARANTINED


def test_a_late_duplicate_is_dropped() -> None:
    bench = Bench(pipeline.FETCH, raising(AssertionError("must not run")), None)
    assert bench.deliver(bench.submission) is None
    assert not bench.sent
    assert not bench.quarantine.held


@pytest.mark.parametrize("message", [{}, {"version": 1}, {"body": {}, "submission": 3}, {"a": "b"}])
def test_an_unreadable_message_is_kept(message: dict[str, Any]) -> None:
    bench = Bench(pipeline.FETCH, raising(AssertionError("must not run")), FIRST)
    assert bench.step.deliver(message) is None
    assert bench.quarantine.held[0][1] == message
    assert not bench.sent


def test_an_unreadable_message_of_a_known_submission_ends_its_journey() -> None:
    bench = Bench(pipeline.EXTRACT, raising(AssertionError("must not run")), FIRST)
    message = {"submission": bench.submission.model_dump(mode="json"), "body": "no object", "version": 1}
    bench.step.deliver(message)
    assert bench.outcome.submission_id == bench.submission.id
    assert bench.outcome.status is Status.QUARANTINED


def test_a_message_of_another_version_is_quarantined_with_its_journey() -> None:
    bench = Bench(pipeline.FETCH, raising(AssertionError("must not run")), FIRST)
    message = Envelope.of(bench.submission, bench.submission).model_dump(mode="json") | {"version": 2}
    bench.step.deliver(message)
    assert bench.outcome.submission_id == bench.submission.id
    assert bench.quarantine.held[0][1] == message


def test_input_of_another_version_is_quarantined() -> None:
    bench = Bench(pipeline.EXTRACT, raising(AssertionError("must not run")), FIRST)
    bench.deliver(bench.submission)
    assert bench.outcome.status is Status.QUARANTINED
    assert "ValidationError" in bench.quarantine.held[0][2]


def test_redis_away_is_left_to_the_broker() -> None:
    bench = Bench(pipeline.FETCH, raising(RedisAway("gone")), FIRST)
    with pytest.raises(RedisAway):
        bench.deliver(bench.submission)
    assert not bench.quarantine.held


def test_a_filing_becomes_the_outcome() -> None:
    filing = Filing(article_id="a", incident_ids=("TCN-1",))
    bench = Bench(pipeline.INDEX, lambda _: filing, FIRST)
    bench.deliver(examples.coded(examples.event()))
    assert (bench.outcome.status, bench.outcome.article_id) == (Status.INDEXED, "a")
    assert bench.outcome.incident_ids == ("TCN-1",)


def test_an_article_that_is_kept_but_no_news_is_discarded() -> None:
    filing = Filing(article_id="a", discard_reason=Reason.NOT_RELEVANT)
    bench = Bench(pipeline.INDEX, lambda _: filing, FIRST)
    bench.deliver(examples.coded())
    assert (bench.outcome.status, bench.outcome.reason) == (Status.DISCARDED, Reason.NOT_RELEVANT)


def test_a_recorded_outcome_closes_the_ledger() -> None:
    bench = Bench(pipeline.RECORD, lambda _: None, FIRST)
    bench.deliver(Outcome.of(bench.submission, Status.INDEXED, step="index"))
    assert bench.ledger.closed == [bench.submission.id]
    assert not bench.sent
