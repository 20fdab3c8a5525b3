"""Records of the page store: which page a submission got, on real files and in an object store that lies in memory."""

import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import obstore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from obstore.store import LocalStore, MemoryStore, ObjectStore
from structlog.testing import capture_logs

from shared.domain.page import Page
from shared.domain.submission import Submission
from shared.errors import Outage
from shared.pages import PageStore, Record, open_page_store
from tests import examples

NEW_YEAR = date(2026, 1, 1)


@pytest.fixture(params=["files", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty store, which lists in no order or in order, as S3 does."""
    return LocalStore(tmp_path) if request.param == "files" else MemoryStore()


@pytest.fixture
def pages(store: ObjectStore) -> PageStore:
    """The store with windows so small that listings need several."""
    return PageStore(store, window=7)


def accepted(number: int, *, day: date = NEW_YEAR, url: str = "http://example.org/story") -> Submission:
    """Return the submission with this number, accepted in the last second of `day`."""
    moment = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
    return Submission(id=f"{number:032x}", url=url, source="test", accepted_at=moment)


def fetched(pages: PageStore, body: bytes = b"<p>story", **fields: object) -> Page:
    """Return a page whose body is in the store."""
    return examples.page().model_copy(update={"body_key": pages.put(body), **fields})


def numbers(pages: PageStore, since: date = NEW_YEAR, until: date | None = None, after: str | None = None) -> list[int]:
    """Return the numbers of the submissions listed."""
    return [int(kept.cursor.partition("/")[2], 16) for kept in pages.since(since, until, after)]


def test_what_is_kept_is_found_by_its_submission_alone(pages: PageStore) -> None:
    one, same_url = accepted(1), accepted(2)
    page = fetched(pages)
    pages.keep(one, page)
    assert pages.find(one) == page
    assert pages.find(same_url) is None


def test_a_later_page_replaces_the_record(pages: PageStore) -> None:
    pages.keep(accepted(1), fetched(pages, b"first"))
    second = fetched(pages, b"second")
    pages.keep(accepted(1), second)
    assert pages.find(accepted(1)) == second
    assert numbers(pages) == [1]


def test_a_record_without_its_body_is_not_found_but_listed(pages: PageStore) -> None:
    pages.keep(accepted(1), examples.page())
    assert pages.find(accepted(1)) is None
    assert numbers(pages) == [1]


def test_a_record_whose_body_is_damaged_is_not_found(tmp_path: Path) -> None:
    pages = open_page_store(f"file://{tmp_path}")
    pages.keep(accepted(1), fetched(pages))
    (body,) = tmp_path.rglob("*.gz")
    body.write_bytes(b"")
    assert pages.find(accepted(1)) is None


def test_a_record_to_be_fetched_again_is_passed_over_until_then(pages: PageStore) -> None:
    old, new = fetched(pages, b"old"), fetched(pages, b"new")
    pages.keep(accepted(1), old)
    (kept,) = pages.since(NEW_YEAR)
    assert kept.record is not None
    pages.fetch_again(kept.record)
    assert pages.find(accepted(1)) is None
    assert [kept.record.page for kept in pages.since(NEW_YEAR) if kept.record] == [old]
    pages.keep(accepted(1), new)
    assert pages.find(accepted(1)) == new


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/../../etc/passwd#1",
        "http://b.example/%2e%2e/\u00fc\U0001f4f0",
        "http://c.example/" + "x" * 50_000,
        'http://d.example/"\n\\',
        "http://[::1]/?a=b&c#fetched/2026-01-01/1.json",
    ],
)
def test_odd_urls_are_kept_like_others(url: str, pages: PageStore) -> None:
    submission, page = accepted(1, url=url), fetched(pages, url=url, final_url=url)
    pages.keep(submission, page)
    assert pages.find(submission) == page
    assert [kept.record for kept in pages.since(NEW_YEAR)] == [Record(submission=submission, page=page)]


def test_the_day_is_that_of_acceptance_in_utc(store: ObjectStore, pages: PageStore) -> None:
    late = datetime.fromisoformat("2026-01-01T23:30:00-03:00")
    pages.keep(Submission(id="f" * 32, url="http://a.example", accepted_at=late), fetched(pages))
    assert obstore.head(store, f"fetched/2026-01-02/{'f' * 32}.json")["size"] > 0
    assert [kept.day for kept in pages.since(NEW_YEAR)] == [date(2026, 1, 2)]


def test_days_are_taken_with_both_ends(pages: PageStore) -> None:
    page = fetched(pages)
    for number in range(5):
        pages.keep(accepted(number, day=NEW_YEAR + timedelta(days=number)), page)
    assert numbers(pages, date(2025, 1, 1)) == [0, 1, 2, 3, 4]
    assert numbers(pages, date(2026, 1, 2), date(2026, 1, 4)) == [1, 2, 3]
    assert numbers(pages, date(2026, 1, 6)) == []


def test_an_empty_store_lists_nothing(pages: PageStore) -> None:
    assert numbers(pages) == []


def test_folders_that_are_no_days_are_passed_over(store: ObjectStore, pages: PageStore) -> None:
    pages.keep(accepted(1), fetched(pages))
    for name in ("20260101", "2026-13-01", "notes"):
        obstore.put(store, f"fetched/{name}/{2:032x}.json", b"{}")
    assert numbers(pages) == [1]


@given(seed=st.sets(st.integers(0, 500), min_size=1, max_size=60), cut=st.integers(0, 60), split=st.integers(0, 500))
@settings(max_examples=40, deadline=None)
def test_a_listing_is_in_order_and_can_be_taken_up_anywhere(seed: set[int], cut: int, split: int) -> None:
    pages = PageStore(MemoryStore(), window=7)
    page = fetched(pages)
    for number in seed:
        # the later days have the lower numbers, so that order by number alone would be wrong
        pages.keep(accepted(number, day=NEW_YEAR + timedelta(days=number < split)), page)
    order = sorted(number for number in seed if number >= split) + sorted(n for n in seed if n < split)
    assert numbers(pages) == order
    cursors = [kept.cursor for kept in pages.since(NEW_YEAR)]
    after = cursors[min(cut, len(cursors) - 1)]
    assert numbers(pages, after=after) == order[min(cut, len(cursors) - 1) + 1 :]


@pytest.mark.parametrize("kind", ["files", "memory"])
def test_ten_thousand_records_are_listed_in_order_and_in_little_memory(kind: str, tmp_path: Path) -> None:
    store: ObjectStore = LocalStore(tmp_path) if kind == "files" else MemoryStore()
    template = Record(submission=accepted(10**9), page=examples.page()).model_dump_json()
    for number in range(10_000):
        scattered = number * 7919 % 10_000
        content = template.replace(f"{10**9:032x}", f"{scattered:032x}").encode()
        obstore.put(store, f"fetched/2026-01-01/{scattered:032x}.json", content)
    pages = PageStore(store, window=1000)
    tracemalloc.start()
    try:
        seen = 0
        for kept in pages.since(NEW_YEAR):
            assert kept.record is not None
            assert int(kept.record.submission.id, 16) == seen
            seen += 1
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen == 10_000
    assert peak < 2_500_000  # 3.1 MB with all names at once, 1.7 MB with a thousand


BROKEN = {
    "of a later version": (b'{"version": 2, "whatever": true}', 2),
    "of no version known": (b'{"version": "x"}', "x"),
    "cut off": (b'{"version": 1, "submi', None),
    "empty": (b"", None),
    "no object": (b"[]", None),
    "not text": (b"\xff\xfe", None),
}


@pytest.mark.parametrize("content", BROKEN)
def test_a_record_that_cannot_be_read_is_named_and_fetched_anew(
    content: str, store: ObjectStore, pages: PageStore
) -> None:
    raw, version = BROKEN[content]
    page = fetched(pages)
    pages.keep(accepted(2), page)
    obstore.put(store, f"fetched/2026-01-01/{1:032x}.json", raw)
    with capture_logs() as logged:
        listed = list(pages.since(NEW_YEAR))
    assert [kept.record is None for kept in listed] == [True, False]
    (line,) = logged
    assert (line["event"], line["version"]) == ("page_record_unreadable", version)
    assert line["record"] == f"fetched/2026-01-01/{1:032x}.json"
    assert pages.find(accepted(1)) is None
    pages.keep(accepted(1), page)
    assert pages.find(accepted(1)) == page


def test_a_record_taken_away_meanwhile_is_passed_over(store: ObjectStore, pages: PageStore) -> None:
    page = fetched(pages)
    for number in range(3):
        pages.keep(accepted(number), page)
    listing = pages.since(NEW_YEAR)
    next(listing)
    obstore.delete(store, f"fetched/2026-01-01/{1:032x}.json")
    assert [int(kept.cursor[11:], 16) for kept in listing] == [2]


@pytest.mark.parametrize(
    "ask",
    [
        lambda pages: pages.find(accepted(1)),
        lambda pages: list(pages.since(NEW_YEAR)),
        lambda pages: pages.keep(accepted(1), examples.page()),
    ],
    ids=["find", "since", "keep"],
)
def test_a_store_that_is_away_is_an_outage(ask: Callable[[PageStore], object], tmp_path: Path) -> None:
    pages = open_page_store(f"file://{tmp_path}/pages")
    (tmp_path / "pages").rmdir()
    (tmp_path / "pages").write_text("a file is in the way")
    with pytest.raises(Outage):
        ask(pages)


def test_a_bucket_that_cannot_be_reached_is_an_outage() -> None:
    from obstore.store import S3Store

    bucket = S3Store(
        "pages",
        endpoint="http://127.0.0.1:1",
        access_key_id="x",
        secret_access_key="x",  # noqa: S106 - nobody's
        region="x",
        client_options={"allow_http": True},
        retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=1)},
    )
    pages = PageStore(bucket)
    for ask in (lambda: pages.find(accepted(1)), lambda: list(pages.since(NEW_YEAR)), lambda: pages.has("0" * 64)):
        with pytest.raises(Outage):
            ask()


class Records(RuleBasedStateMachine):
    """Any order of keeping, finding, marking and losing is what a dictionary would say."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()
        self.pages = PageStore(self.store, window=2)
        self.kept: dict[int, tuple[Page, bool]] = {}
        self.lost: set[str] = set()

    @rule(number=st.integers(0, 4), body=st.sampled_from([b"a", b"b", b"c"]))
    def keep(self, number: int, body: bytes) -> None:
        """A fetch ends well."""
        page = fetched(self.pages, body)
        self.lost.discard(page.body_key)
        self.pages.keep(accepted(number), page)
        self.kept[number] = (page, False)

    @rule(number=st.integers(0, 4))
    def mark(self, number: int) -> None:
        """A replay from fetch."""
        if number in self.kept:
            page, _ = self.kept[number]
            self.pages.fetch_again(Record(submission=accepted(number), page=page))
            self.kept[number] = (page, True)

    @rule(body=st.sampled_from([b"a", b"b", b"c"]))
    def lose(self, body: bytes) -> None:
        """Somebody tidies up."""
        key = self.pages.put(body)
        obstore.delete(self.store, f"{key[:2]}/{key[2:4]}/{key}.gz")
        self.lost.add(key)

    @invariant()
    def finds_what_was_kept(self) -> None:
        """Each number finds its own page, and only whole ones."""
        for number in range(5):
            page, again = self.kept.get(number, (None, False))
            gone = page is not None and page.body_key in self.lost
            assert self.pages.find(accepted(number)) == (None if again or gone else page)

    @invariant()
    def lists_what_was_kept(self) -> None:
        """Also what is marked or lost."""
        assert numbers(self.pages) == sorted(self.kept)


TestRecords = Records.TestCase
TestRecords.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)
