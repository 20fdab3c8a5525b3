"""Replay on real files, with a ledger and queues that lie in memory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
import pytest
from hypothesis import given
from hypothesis import settings as examples_of
from hypothesis import strategies as st
from obstore.store import LocalStore, MemoryStore
from pydantic import ValidationError

from shared import replay as replaying
from shared.delivery.ledger import Entry
from shared.delivery.messages import Item
from shared.domain.page import Page
from shared.domain.submission import Submission
from shared.errors import Outage, SetupError
from shared.pages import PageStore
from shared.pipeline import BATCH, CLASSIFY, EXTRACT, FETCH, Stage
from shared.replay import Result
from shared.settings import Settings
from tests import examples

FIRST = date(2026, 1, 1)

RUN = 7


@dataclass
class Flow:
    """Ledger, queues and workers of a flow that ends `pace` submissions during each wait."""

    pace: int = 1_000_000
    open: dict[str, str] = field(default_factory=dict)  #: submission → step
    sent: list[tuple[Stage, list[Item]]] = field(default_factory=list)
    waits: int = 0
    most: int = 0  #: that were ever open at once

    def find(self, submission_id: str) -> Entry | None:
        """What the ledger would answer."""
        if submission_id not in self.open:
            return None
        return Entry(Submission(id=submission_id, url="http://x", accepted_at=examples.NOON), self.open[submission_id])

    def in_flight(self) -> int:
        """How many are open."""
        return len(self.open)

    def reopen(self, submissions: Sequence[Submission], stage: Stage) -> list[int]:
        """What a replay does to the ledger."""
        self.open |= {submission.id: stage.name for submission in submissions}
        self.most = max(self.most, len(self.open))
        return [RUN] * len(submissions)

    def send(self, stage: Stage, items: Sequence[Item]) -> None:
        """Take a message. What is not in the ledger would be dropped by the step."""
        assert all(item.submission.id in self.open and item.run == RUN for item in items)
        self.sent.append((stage, list(items)))

    def wait(self, seconds: float) -> None:
        """Let the workers end some."""
        assert seconds > 0
        self.waits += 1
        for submission_id in list(self.open)[: self.pace]:
            del self.open[submission_id]

    @property
    def order(self) -> list[int]:
        """The numbers of the submissions in the order in which they were sent."""
        return [int(item.submission.id, 16) for _, items in self.sent for item in items]


@pytest.fixture
def pages(tmp_path: Path) -> PageStore:
    """An empty store."""
    return PageStore(LocalStore(tmp_path))


def keep(pages: PageStore, *numbers: int, day: date = FIRST, body: bytes = b"<p>story") -> list[Page]:
    """Keep a page each for submissions with these numbers, and return the pages."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    kept = []
    for number in numbers:
        submission = Submission(id=f"{number:032x}", url=f"http://a.example/{number}", accepted_at=moment)
        page = examples.page(submission.url).model_copy(update={"body_key": pages.put(body)})
        pages.keep(submission, page)
        kept.append(page)
    return kept


def replay(pages: PageStore, flow: Flow, step: Stage, since: date = FIRST, **options: Any) -> Result:
    """Replay into a flow that is never too busy."""
    return replaying.replay(pages, flow, flow.send, step=step, since=since, **({"wait_below": 10**9} | options))


def test_from_extract_the_stored_pages_go_through_under_their_own_names(pages: PageStore) -> None:
    kept = keep(pages, 1, 2)
    flow = Flow()
    result = replay(pages, flow, EXTRACT)
    assert result == Result(sent=2, reached=FIRST)
    ((stage, items),) = flow.sent
    assert stage is EXTRACT
    assert [Page.model_validate(item.body) for item in items] == kept
    assert flow.order == [1, 2]
    assert set(flow.open.values()) == {"extract"}


def test_from_fetch_the_sites_are_asked_again_and_the_pages_stay(pages: PageStore) -> None:
    (page,) = keep(pages, 1)
    flow = Flow()
    assert replay(pages, flow, FETCH) == Result(sent=1, reached=FIRST)
    ((stage, (item,)),) = flow.sent
    assert (stage, Submission.model_validate(item.body)) == (FETCH, item.submission)
    assert pages.find(item.submission) is None  # so that the fetcher does not return what it has
    assert pages.has(page.body_key)
    assert [kept.record.page for kept in pages.since(FIRST) if kept.record] == [page]


def test_a_submission_in_flight_is_left_alone(pages: PageStore) -> None:
    keep(pages, 1, 2, 3)
    flow = Flow(open={f"{2:032x}": CLASSIFY.name})
    result = replay(pages, flow, FETCH)
    assert result == Result(sent=2, in_flight=1, reached=FIRST)
    assert flow.order == [1, 3]
    assert flow.open[f"{2:032x}"] == CLASSIFY.name
    records = [kept.record for kept in pages.since(FIRST)]
    assert [record.fetch_again for record in records if record] == [True, False, True]


def test_an_entry_of_the_ledger_that_cannot_be_read_is_in_flight(pages: PageStore) -> None:
    class Odd(Flow):
        def find(self, submission_id: str) -> Entry | None:
            raise ValidationError.from_exception_data(submission_id, [])

    keep(pages, 1)
    flow = Odd()
    assert replay(pages, flow, EXTRACT) == Result(in_flight=1, reached=FIRST)
    assert flow.sent == []


def test_a_page_without_its_body_keeps_the_outcome_it_has(pages: PageStore, tmp_path: Path) -> None:
    keep(pages, 1, body=b"lost")
    next(tmp_path.rglob("*.gz")).unlink()
    keep(pages, 2)
    flow = Flow()
    result = replay(pages, flow, EXTRACT)
    assert result == Result(sent=1, without_body=1, reached=FIRST)
    assert not result.whole
    assert flow.order == [2]
    again = Flow()
    assert replay(pages, again, FETCH).sent == 2  # the site may still have it


def test_records_that_cannot_be_read_are_counted_and_keep_no_other_back(pages: PageStore, tmp_path: Path) -> None:
    keep(pages, 1, 3)
    (tmp_path / f"fetched/{FIRST}/{2:032x}.json").write_text('{"version": 2}')
    flow = Flow()
    result = replay(pages, flow, EXTRACT)
    assert result == Result(sent=2, unreadable=1, reached=FIRST)
    assert not result.whole
    assert flow.order == [1, 3]


def test_the_oldest_come_first_and_only_the_days_asked_for(pages: PageStore) -> None:
    for offset, numbers in ((0, (50, 51)), (1, (30, 31)), (2, (10,)), (3, (1,))):
        keep(pages, *numbers, day=FIRST + timedelta(days=offset))
    flow = Flow()
    last = FIRST + timedelta(days=2)
    result = replay(pages, flow, EXTRACT, FIRST + timedelta(days=1), until=last)
    assert flow.order == [30, 31, 10]
    assert result.reached == last


def test_nothing_stored_is_nothing_done(pages: PageStore) -> None:
    flow = Flow()
    result = replay(pages, flow, EXTRACT)
    assert (result, result.whole, flow.sent) == (Result(), True, [])


@given(count=st.integers(0, 120), limit=st.integers(1, 60), pace=st.integers(1, 60), live=st.integers(0, 30))
@examples_of(max_examples=40, deadline=None)
def test_a_replay_pauses_while_there_is_enough_in_flight(count: int, limit: int, pace: int, live: int) -> None:
    pages = PageStore(MemoryStore())
    keep(pages, *range(count))
    flow = Flow(pace=pace, open={f"live {number}": "fetch" for number in range(live)})
    assert replay(pages, flow, EXTRACT, wait_below=limit, wait=flow.wait).sent == count
    assert flow.most <= max(live, limit - 1 + BATCH)
    assert flow.order == list(range(count))
    assert all(1 <= len(items) <= BATCH for _, items in flow.sent)
    assert flow.waits > 0 or count == 0 or live + count - BATCH < limit


def test_a_repeated_replay_sends_the_same_again(pages: PageStore) -> None:
    keep(pages, *range(40))
    first, second = Flow(), Flow()
    for flow in (first, second):
        assert replay(pages, flow, EXTRACT).sent == 40
    assert first.sent == second.sent


def test_an_interrupted_replay_can_be_taken_up_on_the_day_it_reached(pages: PageStore) -> None:
    for offset in range(3):
        keep(pages, *range(100 * offset, 100 * offset + 20), day=FIRST + timedelta(days=offset))

    class Interrupted(Flow):
        def send(self, stage: Stage, items: Sequence[Item]) -> None:
            if len(self.sent) == 2:
                raise KeyboardInterrupt
            super().send(stage, items)

    told: list[Result] = []
    flow = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        replay(pages, flow, FETCH, tell=told.append)
    assert told[-1].sent == 32
    assert told[-1].reached == FIRST + timedelta(days=1)
    # all that was begun is in the ledger, where the reconciler finds what the queue did not get
    assert {int(one, 16) for one in flow.open} > set(flow.order)
    rest = Flow()
    replay(pages, rest, FETCH, since=told[-1].reached)
    assert sorted({*flow.order, *rest.order}) == [
        number for start in (0, 100, 200) for number in range(start, start + 20)
    ]


def test_a_replay_goes_on_behind_a_cursor(pages: PageStore) -> None:
    keep(pages, *range(5))
    cursors = [kept.cursor for kept in pages.since(FIRST)]
    flow = Flow()
    replay(pages, flow, EXTRACT, after=cursors[2])
    assert flow.order == [3, 4]


def test_a_page_store_that_goes_away_ends_it(pages: PageStore, tmp_path: Path) -> None:
    keep(pages, *range(40))

    class Unplugged(Flow):
        def send(self, stage: Stage, items: Sequence[Item]) -> None:
            super().send(stage, items)
            tmp_path.rename(tmp_path.with_name("elsewhere"))

    flow = Unplugged()
    with pytest.raises(Outage):
        replay(pages, flow, EXTRACT)
    assert len(flow.order) == BATCH


def test_the_result_is_json() -> None:
    result = Result(sent=1, unreadable=2, reached=FIRST)
    assert json.loads(json.dumps(result.as_json())) == {
        "sent": 1,
        "in_flight": 0,
        "unreadable": 2,
        "without_body": 0,
        "reached": "2026-01-01",
    }


TOMORROW = datetime.now(UTC).date() + timedelta(days=1)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"step": "classify"}, "nothing can be replayed from 'classify': choose fetch or extract"),
        ({"since": TOMORROW}, "lies in the future"),
        ({"until": FIRST - timedelta(days=1)}, "cannot come before"),
        ({}, "there is no page store at"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object], told: str, tmp_path: Path) -> None:
    given: dict[str, object] = {"step": "extract", "since": FIRST} | wrong
    with pytest.raises(SetupError, match=told):
        replaying.run(Settings(home=tmp_path), **given)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_the_pages_of_a_store_in_order_of_days_stay_readable_by_hand(pages: PageStore, tmp_path: Path) -> None:
    keep(pages, 1)
    record = json.loads((tmp_path / f"fetched/{FIRST}/{1:032x}.json").read_text())
    assert set(record) == {"version", "submission", "page", "fetch_again"}
    assert (record["version"], record["submission"]["url"]) == (1, "http://a.example/1")
    assert obstore.head(LocalStore(tmp_path), f"fetched/{FIRST}/{1:032x}.json")["size"] < 1000
