"""The task policy for one article: each verdict has its one consequence."""

from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from kombu.exceptions import OperationalError
from pydantic import ValidationError
from redis import ConnectionError as RedisAway

from shared import pipeline
from shared.delivery.ledger import Delivery
from shared.delivery.messages import Item, Message
from shared.delivery.step import MAX_CRASHES
from shared.domain.base import Model
from shared.domain.outcome import Filing, Outcome, Status
from shared.domain.page import Page
from shared.errors import Discard, Outage, Reason, Transient
from shared.pipeline import Stage
from tests import examples
from tests.unit.shared.bench import FIRST, NOW, TIMING, Bench, delivery, raising

UNTOUCHED = AssertionError("must not run")


def ending(bench: Bench) -> Outcome:
    """An outcome of the bench's submission."""
    return Outcome.of(bench.submission, Status.DISCARDED, step="fetch", reason=Reason.EMPTY)


def test_a_result_goes_to_the_next_step() -> None:
    result = examples.page()
    bench = Bench(pipeline.FETCH, lambda _: result)
    bench.deliver(bench.submission)
    ((to, item),) = bench.sent
    assert to == "extract"
    assert Page.model_validate(item.body) == result
    assert item.submission == bench.submission
    assert bench.ledger.ended == [(bench.submission.id, False, False)]


def test_the_body_gets_its_input_as_a_model() -> None:
    seen: list[object] = []

    def body(page: Page) -> Model:
        seen.append(page)
        return examples.article()

    bench = Bench(pipeline.EXTRACT, body)
    bench.deliver(examples.page())
    assert seen == [examples.page()]


def test_a_discard_becomes_an_outcome_with_its_reason() -> None:
    bench = Bench(pipeline.FETCH, raising(Discard(Reason.NOT_HTML, "application/pdf")))
    bench.deliver(bench.submission)
    assert (bench.outcome.status, bench.outcome.reason) == (Status.DISCARDED, Reason.NOT_HTML)
    assert bench.outcome.detail == "application/pdf"
    assert bench.outcome.step == "fetch"
    assert not bench.quarantine.held


def test_a_transient_comes_again_later_and_nothing_is_sent() -> None:
    bench = Bench(pipeline.FETCH, raising(Transient("503")), delivery(attempts=1))
    bench.deliver(bench.submission)
    ((to, item, wait_s),) = bench.delayed
    assert (to, item.submission) == ("fetch", bench.submission)
    assert 1 <= wait_s <= TIMING.backoff_cap_s["fetch"]
    assert bench.ledger.ended == [(bench.submission.id, True, True)]
    assert not bench.sent


@pytest.mark.parametrize("attempts", [0, 1, 5, 29, 10**6])
@pytest.mark.parametrize("stage", [*pipeline.FLOW, pipeline.RECORD], ids=lambda s: s.name)
def test_no_wait_is_longer_than_its_cap(stage: Stage, attempts: int) -> None:
    bench = Bench(stage, raising(Outage("away")), delivery(attempts=attempts, since=NOW - 1))
    bench.deliver(INPUTS[stage.name])
    assert 1 <= bench.delayed[0][2] <= TIMING.backoff_cap_s[stage.name]


def test_a_transient_that_does_not_pass_is_quarantined() -> None:
    assert pipeline.FETCH.max_attempts is not None
    since = NOW - 100
    answer = delivery(attempts=pipeline.FETCH.max_attempts - 1, since=since)
    bench = Bench(pipeline.FETCH, raising(Transient("503")), answer)
    bench.deliver(bench.submission)
    assert bench.outcome.status is Status.QUARANTINED
    assert bench.quarantine.held[0][2] == "Transient: 503"
    assert bench.quarantine.attempts == [pipeline.FETCH.max_attempts]
    assert bench.quarantine.since[0] is not None
    assert bench.quarantine.since[0].timestamp() == since
    assert not bench.delayed


def test_an_outage_counts_for_nothing_and_is_waited_out() -> None:
    bench = Bench(pipeline.INDEX, raising(Outage("away")), delivery(attempts=29, since=NOW - 3600))
    bench.deliver(examples.coded())
    assert len(bench.delayed) == 1
    assert bench.ledger.ended == [(bench.submission.id, True, False)]
    assert not bench.sent


def test_an_outage_beyond_all_patience_is_quarantined() -> None:
    answer = delivery(since=NOW - TIMING.outage_patience_s - 1)
    bench = Bench(pipeline.INDEX, raising(Outage("away")), answer)
    bench.deliver(examples.coded())
    assert bench.outcome.status is Status.QUARANTINED
    assert bench.quarantine.held[0][2] == "Outage: away"
    assert not bench.delayed


@pytest.mark.parametrize(
    "error",
    [
        Transient("busy"),
        Outage("index away"),
        Discard(Reason.EMPTY),
        KeyError("a bug"),
        SoftTimeLimitExceeded(),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("answer", [FIRST, delivery(attempts=10_000, crashes=99, since=NOW - 10**8)])
def test_an_outcome_is_never_given_up(error: Exception, answer: Delivery) -> None:
    bench = Bench(pipeline.RECORD, raising(error), answer)
    bench.deliver(ending(bench))
    ((to, _, wait_s),) = bench.delayed
    assert to == "record"
    assert wait_s <= TIMING.backoff_cap_s["record"]
    assert not bench.sent
    assert not bench.quarantine.held
    assert not bench.ledger.closed


def test_an_outcome_that_cannot_be_read_is_replaced_by_one_that_can() -> None:
    bench = Bench(pipeline.RECORD, raising(UNTOUCHED))
    bench.deliver(examples.page())
    assert bench.outcome.status is Status.QUARANTINED
    assert bench.outcome.submission_id == bench.submission.id
    assert len(bench.quarantine.held) == 1
    assert not bench.ledger.closed, "it has no outcome yet: the new one would be dropped as a late duplicate"


def test_a_readable_outcome_is_no_unreadable_one_whatever_the_writing_says() -> None:
    with pytest.raises(ValidationError) as unreadable:
        Outcome.model_validate({})
    bench = Bench(pipeline.RECORD, raising(unreadable.value))
    bench.deliver(ending(bench))
    assert len(bench.delayed) == 1
    assert not bench.sent, "its outcome would fail in the same way, and so on for ever"


def test_a_bug_is_quarantined_at_once_with_its_journey() -> None:
    bench = Bench(pipeline.FETCH, raising(ZeroDivisionError("oh")))
    bench.deliver(bench.submission)
    ((stage, message, error, submission_id),) = bench.quarantine.held
    assert (stage, error, submission_id) == ("fetch", "ZeroDivisionError: oh", bench.submission.id)
    assert Message.model_validate(message).items[0].submission == bench.submission
    assert bench.outcome.status is Status.QUARANTINED
    assert bench.ledger.ended == [(bench.submission.id, False, False)]


@pytest.mark.parametrize("result", [None, examples.article(), "a string"], ids=["nothing", "another noun", "no noun"])
def test_a_result_of_the_wrong_type_is_a_bug(result: Any) -> None:
    bench = Bench(pipeline.FETCH, lambda _: result)
    bench.deliver(bench.submission)
    assert bench.outcome.status is Status.QUARANTINED
    assert bench.quarantine.held[0][2].startswith("TypeError")


def test_a_message_that_kills_its_workers_is_not_tried_again() -> None:
    bench = Bench(pipeline.FETCH, raising(UNTOUCHED), delivery(crashes=MAX_CRASHES))
    bench.deliver(bench.submission)
    assert bench.quarantine.held[0][2].startswith("WorkerLostTooOften")
    assert bench.outcome.status is Status.QUARANTINED


def test_a_message_that_killed_a_worker_is_tried_again_when_it_is_alone() -> None:
    bench = Bench(pipeline.FETCH, lambda _: examples.page(), delivery(crashes=MAX_CRASHES - 1))
    bench.deliver(bench.submission)
    assert [to for to, _ in bench.sent] == ["extract"]


def test_what_is_too_slow_alone_is_quarantined() -> None:
    bench = Bench(pipeline.EXTRACT, raising(SoftTimeLimitExceeded()))
    bench.deliver(examples.page())
    assert bench.outcome.status is Status.QUARANTINED
    assert "SoftTimeLimitExceeded" in bench.quarantine.held[0][2]


def test_a_worker_that_stops_gives_back_what_it_holds() -> None:
    bench = Bench(pipeline.EXTRACT, raising(SoftTimeLimitExceeded()), stopping=True)
    bench.deliver(examples.page())
    assert [(to, item.submission) for to, item in bench.sent] == [("extract", bench.submission)]
    assert bench.ledger.ended == [(bench.submission.id, False, False)]
    assert not bench.quarantine.held


def test_a_late_duplicate_is_dropped() -> None:
    bench = Bench(pipeline.FETCH, raising(UNTOUCHED), None)
    bench.deliver(bench.submission)
    assert not bench.sent
    assert not bench.quarantine.held
    assert not bench.ledger.ended


@pytest.mark.parametrize("message", [{}, {"version": 1}, {"body": {}, "submission": 3}, {"a": "b"}, [], None, 7, "x"])
def test_an_unreadable_message_is_kept(message: object) -> None:
    bench = Bench(pipeline.FETCH, raising(UNTOUCHED))
    bench.step.deliver(message)
    assert bench.quarantine.held[0][1] == message
    assert not bench.sent


def test_an_unreadable_message_of_a_known_submission_ends_its_journey() -> None:
    bench = Bench(pipeline.EXTRACT, raising(UNTOUCHED))
    bench.step.deliver({"submission": bench.submission.model_dump(mode="json"), "body": "no object", "version": 1})
    assert bench.outcome.submission_id == bench.submission.id
    assert bench.outcome.status is Status.QUARANTINED


def test_a_message_of_another_version_is_quarantined_with_its_journey() -> None:
    bench = Bench(pipeline.FETCH, raising(UNTOUCHED))
    message = Message.alone(Item.of(bench.submission, bench.submission)).model_dump(mode="json") | {"version": 3}
    bench.step.deliver(message)
    assert bench.outcome.submission_id == bench.submission.id
    assert bench.quarantine.held[0][1] == message


def test_input_of_another_version_is_quarantined() -> None:
    bench = Bench(pipeline.EXTRACT, raising(UNTOUCHED))
    bench.deliver(bench.submission)
    assert bench.outcome.status is Status.QUARANTINED
    assert "ValidationError" in bench.quarantine.held[0][2]


@pytest.mark.parametrize("error", [RedisAway("gone"), OperationalError("gone")])
def test_redis_away_is_left_to_the_broker_and_counts_as_no_crash(error: Exception) -> None:
    bench = Bench(pipeline.FETCH, raising(error))
    with pytest.raises(type(error)):
        bench.deliver(bench.submission)
    assert not bench.quarantine.held
    assert bench.ledger.ended == [(bench.submission.id, False, False)]


@pytest.mark.parametrize("verdict", [None, Discard(Reason.EMPTY), ZeroDivisionError()])
def test_nothing_is_acknowledged_while_what_follows_cannot_be_sent(verdict: Exception | None) -> None:
    bench = Bench(pipeline.FETCH, raising(verdict) if verdict else lambda _: examples.page())
    bench.fails = OperationalError("broker away")
    with pytest.raises(OperationalError):
        bench.deliver(bench.submission)
    assert bench.ledger.ended == [(bench.submission.id, False, False)]  # no worker died over it


def test_a_filing_becomes_the_outcome() -> None:
    filing = Filing(article_id="a", incident_ids=("TCN-1",))
    bench = Bench(pipeline.INDEX, lambda _: filing)
    bench.deliver(examples.coded(examples.event()))
    assert (bench.outcome.status, bench.outcome.article_id) == (Status.INDEXED, "a")
    assert bench.outcome.incident_ids == ("TCN-1",)


def test_an_article_that_is_kept_but_no_news_is_discarded() -> None:
    filing = Filing(article_id="a", discard_reason=Reason.NOT_RELEVANT)
    bench = Bench(pipeline.INDEX, lambda _: filing)
    bench.deliver(examples.coded())
    assert (bench.outcome.status, bench.outcome.reason) == (Status.DISCARDED, Reason.NOT_RELEVANT)


def test_a_recorded_outcome_closes_the_ledger() -> None:
    bench = Bench(pipeline.RECORD, lambda _: None)
    bench.deliver(Outcome.of(bench.submission, Status.INDEXED, step="index"))
    assert bench.ledger.closed == [bench.submission.id]
    assert not bench.sent


INPUTS: dict[str, Model] = {
    "fetch": examples.submission(),
    "extract": examples.page(),
    "classify": examples.article(),
    "index": examples.coded(),
    "record": Outcome.of(examples.submission(), Status.INDEXED, step="index"),
}
