"""What a fetch does that comes again, or that finds no room."""

import shutil
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from shared.domain.submission import Submission
from shared.errors import Discard, Outage
from shared.pages import PageStore, Record
from tests.unit.fetcher.conftest import Fetcher, Site


def test_a_redelivered_fetch_asks_the_site_nothing(site: Site, fetcher: Fetcher) -> None:
    site.serve("/story")
    submission = Submission.accept(site.url())
    page = fetcher.deliver(submission)
    asked = list(site.asked)
    site.serve("/story", b"<p>changed")
    assert fetcher.deliver(submission) == page
    assert site.asked == asked


def test_another_submission_of_the_same_url_is_fetched_anew(site: Site, fetcher: Fetcher) -> None:
    site.serve("/story")
    first = fetcher.deliver(Submission.accept(site.url()))
    site.serve("/story", b"<p>changed")
    second = fetcher.deliver(Submission.accept(site.url()))
    assert site.asked.count("/story") == 2
    assert fetcher.pages.get(second.body_key) == b"<p>changed"
    assert second.fetched_at >= first.fetched_at


def test_a_page_whose_body_is_gone_is_fetched_anew(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.serve("/story")
    submission = Submission.accept(site.url())
    lost = fetcher.deliver(submission)
    next(tmp_path.rglob("*.gz")).unlink()
    assert fetcher.deliver(submission).body_key == lost.body_key
    assert site.asked.count("/story") == 2
    assert fetcher.pages.has(lost.body_key)


def test_a_page_marked_by_a_replay_is_fetched_once_more(site: Site, fetcher: Fetcher) -> None:
    site.serve("/story")
    submission = Submission.accept(site.url())
    fetcher.pages.fetch_again(Record(submission=submission, page=fetcher.deliver(submission)))
    site.serve("/story", b"<p>changed")
    page = fetcher.deliver(submission)
    assert fetcher.pages.get(page.body_key) == b"<p>changed"
    assert fetcher.deliver(submission) == page
    assert site.asked.count("/story") == 2


def test_a_fetch_that_failed_leaves_no_record(site: Site, fetcher: Fetcher) -> None:
    submission = Submission.accept(site.url("/missing"))
    with pytest.raises(Discard):
        fetcher.deliver(submission)
    assert list(fetcher.pages.since(submission.accepted_at.date())) == []


def test_nothing_is_asked_of_a_site_while_the_disk_is_nearly_full(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.serve("/story")
    submission = Submission.accept(site.url())
    with pytest.raises(Outage, match="page store is nearly full"):
        fetcher.deliver(submission, min_free_bytes=2 * shutil.disk_usage(tmp_path).total)
    assert site.asked == []
    assert fetcher.deliver(submission, min_free_bytes=1).status == 200


def test_what_was_kept_is_returned_from_a_disk_that_is_nearly_full(
    site: Site, fetcher: Fetcher, tmp_path: Path
) -> None:
    site.serve("/story")
    submission = Submission.accept(site.url())
    page = fetcher.deliver(submission)
    assert fetcher.deliver(submission, min_free_bytes=2 * shutil.disk_usage(tmp_path).total) == page


def test_a_store_that_is_no_disk_of_ours_is_never_nearly_full(site: Site, fetcher: Fetcher) -> None:
    site.serve("/story")
    fetcher.pages = PageStore(MemoryStore())
    assert fetcher.deliver(Submission.accept(site.url()), min_free_bytes=1 << 60).status == 200


def test_a_store_that_is_away_is_noticed_before_the_site_is_asked(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.serve("/story")
    (tmp_path / "pages").rename(tmp_path / "elsewhere")
    with pytest.raises(Outage):
        fetcher(site.url())
    assert site.asked == []
