"""The task policy for several articles in one message: each ends on its own, and none takes another with it."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from kombu.exceptions import OperationalError
from redis import ConnectionError as RedisAway

from shared import pipeline
from shared.delivery.messages import Item, Message
from shared.delivery.step import MAX_CRASHES
from shared.domain.base import Model
from shared.domain.outcome import Filing, Outcome, Status
from shared.domain.page import Page
from shared.errors import Discard, Outage, Reason, Transient
from shared.pipeline import BATCH
from tests import examples
from tests.unit.shared.bench import NOW, TIMING, Bench, delivery, raising


def by_url(**verdicts: Exception) -> Callable[[Page], Model]:
    """Return a body of the extract step that raises what the last part of a URL names."""

    def body(page: Page) -> Model:
        verdict = verdicts.get(page.url.rsplit("/", 1)[1])
        if verdict:
            raise verdict
        return examples.article(page.url)

    return body


def pages(*names: str) -> list[Page]:
    """Pages with these last parts of their URLs."""
    return [examples.page(f"http://e.org/{name}") for name in names]


def failing(error: Exception) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Return the body of a batch that raises."""

    def body(_: Sequence[Any]) -> Sequence[Any]:
        raise error

    return body


def ids(messages: list[tuple[str, list[Item]]], to: str) -> list[list[str]]:
    """Return the submissions of each message sent to a step."""
    return [[item.submission.id for item in items] for step, items in messages if step == to]


def test_each_article_of_a_message_has_a_verdict_of_its_own() -> None:
    body = by_url(d=Discard(Reason.EMPTY), t=Transient("later"), o=Outage("away"), b=ZeroDivisionError("bug"))
    bench = Bench(pipeline.EXTRACT, body)
    good, discarded, transient, outage, bug, last = bench.deliver_all(*pages("g", "d", "t", "o", "b", "g2"))

    assert ids(bench.messages, "classify") == [[good.id, last.id]], "what goes the same way goes together"
    assert {one.submission_id: one.status for one in bench.outcomes} == {
        discarded.id: Status.DISCARDED,
        bug.id: Status.QUARANTINED,
    }
    assert {item.submission.id for _, item, _ in bench.delayed} == {transient.id, outage.id}
    assert {one: (again, counted) for one, again, counted in bench.ledger.ended} == {
        good.id: (False, False),
        discarded.id: (False, False),
        transient.id: (True, True),
        outage.id: (True, False),
        bug.id: (False, False),
        last.id: (False, False),
    }
    ((_, message, _, held),) = bench.quarantine.held
    assert held == bug.id
    assert [item.submission for item in Message.model_validate(message).items] == [bug]


def test_what_is_put_off_is_noted_once_with_its_wait() -> None:
    bench = Bench(pipeline.EXTRACT, by_url(t=Transient("later")))
    bench.deliver_all(*pages(*["t"] * BATCH))
    assert len({item.submission.id for _, item, _ in bench.delayed}) == len(bench.ledger.ended) == BATCH


def test_a_batch_that_came_again_is_sent_article_by_article_and_no_crash_is_counted() -> None:
    bench = Bench(pipeline.EXTRACT, by_url(), delivery(crashes=1))
    submissions = bench.deliver_all(*pages("a", "b", "c"))
    assert ids(bench.messages, "extract") == [[one.id] for one in submissions]
    assert bench.ledger.ended == [(one.id, False, False) for one in submissions]
    assert not bench.quarantine.held


def test_one_suspect_is_enough_to_split_its_batch() -> None:
    bench = Bench(pipeline.INDEX, together=failing(AssertionError("must not run")))
    submissions = [examples.submission() for _ in range(3)]
    bench.ledger.answers = {submissions[1].id: delivery(crashes=MAX_CRASHES)}
    items = tuple(Item.of(one, examples.coded()) for one in submissions)
    bench.step.deliver(Message(items=items).model_dump(mode="json"))
    assert ids(bench.messages, "index") == [[one.id] for one in submissions]


def test_what_has_ended_is_left_out_of_its_batch() -> None:
    bench = Bench(pipeline.EXTRACT, by_url())
    submissions = [examples.submission() for _ in range(3)]
    bench.ledger.answers = {submissions[0].id: None}
    items = tuple(Item.of(one, examples.page()) for one in submissions)
    bench.step.deliver(Message(items=items).model_dump(mode="json"))
    assert ids(bench.messages, "classify") == [[one.id for one in submissions[1:]]]


def test_a_batch_whose_time_is_up_keeps_what_is_done_and_repeats_the_rest_alone() -> None:
    body = by_url(slow=SoftTimeLimitExceeded(), d=Discard(Reason.EMPTY))
    bench = Bench(pipeline.EXTRACT, body)
    first, discarded, slow, never = bench.deliver_all(*pages("a", "d", "slow", "b"))
    assert ids(bench.messages, "classify") == [[first.id]]
    assert [one.submission_id for one in bench.outcomes] == [discarded.id]
    assert ids(bench.messages, "extract") == [[slow.id], [never.id]]
    assert {one for one, _, _ in bench.ledger.ended} == {first.id, discarded.id, slow.id, never.id}
    assert not bench.quarantine.held


def test_a_worker_that_stops_in_a_batch_keeps_what_is_done_and_gives_back_the_rest() -> None:
    bench = Bench(pipeline.EXTRACT, by_url(slow=SoftTimeLimitExceeded()), stopping=True)
    first, held = bench.deliver_all(*pages("a", "slow"))
    assert ids(bench.messages, "classify") == [[first.id]]
    assert ids(bench.messages, "extract") == [[held.id]]


@pytest.mark.parametrize(
    "error",
    [ZeroDivisionError("bug"), Transient("429"), Discard(Reason.EMPTY), SoftTimeLimitExceeded(), MemoryError()],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("stopping", [False, True])
def test_a_batch_that_fails_is_repeated_article_by_article(error: Exception, stopping: bool) -> None:
    bench = Bench(pipeline.INDEX, together=failing(error), stopping=stopping)
    submissions = bench.deliver_all(*[examples.coded()] * 3)
    assert ids(bench.messages, "index") == [[one.id] for one in submissions]
    assert bench.ledger.ended == [(one.id, False, False) for one in submissions]
    assert not bench.quarantine.held
    assert not bench.delayed


def test_one_article_of_another_version_spoils_no_batch() -> None:
    filing = Filing(article_id="a")
    bench = Bench(pipeline.INDEX, together=lambda coded: [filing] * len(coded))
    good, other = bench.deliver_all(examples.coded(), examples.page())
    assert [(one.submission_id, one.status) for one in bench.outcomes] == [
        (other.id, Status.QUARANTINED),
        (good.id, Status.INDEXED),
    ]


def test_an_outage_puts_the_whole_batch_off_and_counts_for_nothing() -> None:
    bench = Bench(pipeline.INDEX, together=failing(Outage("away")), answer=delivery(attempts=29, since=NOW - 60))
    submissions = bench.deliver_all(*[examples.coded()] * BATCH)
    assert [item.submission for _, item, _ in bench.delayed] == submissions
    assert bench.ledger.ended == [(one.id, True, False) for one in submissions]
    assert not bench.sent


def test_an_outage_ends_the_patience_with_each_article_apart() -> None:
    bench = Bench(pipeline.INDEX, together=failing(Outage("away")))
    old, new = (examples.submission() for _ in range(2))
    bench.ledger.answers = {old.id: delivery(since=NOW - TIMING.outage_patience_s - 1)}
    items = tuple(Item.of(one, examples.coded()) for one in (old, new))
    bench.step.deliver(Message(items=items).model_dump(mode="json"))
    assert bench.outcome.submission_id == old.id
    assert [item.submission for _, item, _ in bench.delayed] == [new]


def test_a_batch_of_one_that_fails_is_judged_like_any_other() -> None:
    bench = Bench(pipeline.INDEX, together=failing(ZeroDivisionError("bug")))
    bench.deliver(examples.coded())
    assert bench.outcome.status is Status.QUARANTINED


@pytest.mark.parametrize("results", [0, 1, 3])
def test_a_batch_without_a_result_for_each_is_a_bug(results: int) -> None:
    bench = Bench(pipeline.INDEX, together=lambda _: [Filing(article_id="a")] * results)
    submissions = bench.deliver_all(*[examples.coded()] * 2)
    assert ids(bench.messages, "index") == [[one.id] for one in submissions]
    assert not bench.outcomes


def test_outcomes_that_are_written_together_are_closed_together() -> None:
    bench = Bench(pipeline.RECORD, together=lambda outcomes: [None] * len(outcomes))
    submissions = [examples.submission() for _ in range(BATCH)]
    items = tuple(Item.of(one, Outcome.of(one, Status.INDEXED, step="index")) for one in submissions)
    bench.step.deliver(Message(items=items).model_dump(mode="json"))
    assert bench.ledger.closed == [one.id for one in submissions]


def test_an_unreadable_outcome_among_others_closes_only_the_others() -> None:
    bench = Bench(pipeline.RECORD, lambda _: None)
    good, bad = examples.submission(), examples.submission()
    items = (Item.of(good, Outcome.of(good, Status.INDEXED, step="index")), Item.of(bad, examples.page()))
    bench.step.deliver(Message(items=items).model_dump(mode="json"))
    assert bench.ledger.closed == [good.id]
    assert bench.outcome.submission_id == bad.id


def test_the_same_submission_twice_in_a_message_is_one() -> None:
    bench = Bench(pipeline.EXTRACT, by_url())
    twice = examples.submission()
    items = tuple(Item.of(twice, examples.page()) for _ in range(2))
    bench.step.deliver(Message(items=items).model_dump(mode="json"))
    assert ids(bench.messages, "classify") == [[twice.id]]


def test_an_item_that_cannot_be_read_takes_no_other_with_it() -> None:
    bench = Bench(pipeline.EXTRACT, by_url())
    good, bad = examples.submission(), examples.submission()
    message = Message(items=(Item.of(good, examples.page()), Item.of(bad, examples.page()))).model_dump(mode="json")
    message["items"][1]["surprise"] = 1
    bench.step.deliver(message)
    assert ids(bench.messages, "classify") == [[good.id]]
    assert [one.submission_id for one in bench.outcomes] == [bad.id]
    assert bench.quarantine.held[0][1] == {"version": 2, "items": [message["items"][1]]}


@pytest.mark.parametrize("error", [RedisAway("gone"), OperationalError("gone")])
@pytest.mark.parametrize("together", [False, True])
def test_redis_away_in_a_batch_is_left_to_the_broker(error: Exception, together: bool) -> None:
    body = failing(error)
    bench = Bench(pipeline.INDEX, together=body) if together else Bench(pipeline.INDEX, lambda one: body([one])[0])
    with pytest.raises(type(error)):
        bench.deliver_all(*[examples.coded()] * 3)
    assert len(bench.ledger.ended) == 3
    assert not bench.sent
    assert not bench.quarantine.held


def test_what_follows_carries_the_run_and_waits_for_the_next_step() -> None:
    bench = Bench(pipeline.EXTRACT, lambda page: examples.article(page.url))
    item = Item.of(bench.submission, examples.page(), run=42)
    bench.step.deliver(Message.alone(item).model_dump(mode="json"))

    assert bench.ledger.runs == [42]
    assert [(to, sent.run) for to, sent in bench.sent] == [("classify", 42)]
    assert bench.ledger.at == {bench.submission.id: "classify"}


@pytest.mark.parametrize("ending", [Discard(Reason.EMPTY), ZeroDivisionError()])
def test_an_outcome_carries_the_run_too(ending: Exception) -> None:
    bench = Bench(pipeline.EXTRACT, raising(ending))
    item = Item.of(bench.submission, examples.page(), run=42)
    bench.step.deliver(Message.alone(item).model_dump(mode="json"))

    assert [(to, sent.run) for to, sent in bench.sent] == [("record", 42)]
    assert bench.ledger.at == {bench.submission.id: "record"}


def test_a_process_that_is_ended_in_mid_task_leaves_its_mark() -> None:
    def ended(_: Any) -> Model:
        raise SystemExit(143)  # SIGTERM: what the hard limit sends first

    bench = Bench(pipeline.EXTRACT, ended)
    with pytest.raises(SystemExit):
        bench.deliver(examples.page())
    assert bench.ledger.ended == []


def test_marks_that_redis_did_not_hear_of_go_before_the_next_delivery() -> None:
    bench = Bench(pipeline.EXTRACT, lambda page: examples.article(page.url))
    bench.fails = OperationalError("away")
    bench.ledger.away = True
    with pytest.raises(OperationalError):
        bench.deliver(examples.page())
    assert bench.ledger.ended == []

    bench.fails, bench.ledger.away = None, False
    bench.deliver(examples.page())
    assert [one for one, _, _ in bench.ledger.ended] == [bench.submission.id] * 2


def test_of_two_runs_in_one_message_the_later_is_worked_off() -> None:
    for runs in ((7, 0), (0, 7)):
        bench = Bench(pipeline.EXTRACT, lambda page: examples.article(page.url))
        items = tuple(Item.of(bench.submission, examples.page(), run=run) for run in runs)
        bench.step.deliver(Message(items=items).model_dump(mode="json"))
        assert [sent.run for _, sent in bench.sent] == [7]


def test_what_cannot_be_read_of_a_submission_that_has_ended_is_dropped() -> None:
    bench = Bench(pipeline.EXTRACT, answer=None)
    message = Message.alone(Item.of(bench.submission, bench.submission)).model_dump(mode="json")
    bench.step.deliver(message)
    assert not bench.quarantine.held
    assert not bench.sent
