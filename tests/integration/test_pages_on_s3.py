"""The page store on an S3: a real server of the protocol, of this process."""

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import obstore
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from shared.errors import Outage
from shared.pages import Damaged, PageStore, open_page_store
from tests import examples


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an S3 with a bucket `pages`."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    address = "http://{}:{}".format(*running.get_host_and_port())
    httpx.put(f"{address}/pages").raise_for_status()
    yield address
    running.stop()


@pytest.fixture
def pages(server: str, monkeypatch: pytest.MonkeyPatch) -> PageStore:
    """A store there, opened as a worker opens it: by the setting, and Amazon's own variables."""
    return opened(server, monkeypatch)


@pytest.fixture
def bucket(pages: PageStore) -> S3Store:
    """The bucket itself, as whoever else has it sees it."""
    assert pages
    return S3Store("pages", client_options={"allow_http": True})


def opened(address: str, monkeypatch: pytest.MonkeyPatch) -> PageStore:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    return open_page_store("s3://pages/desk")


def test_bodies_lie_under_their_address_in_the_folder_of_the_url(pages: PageStore, bucket: S3Store) -> None:
    key = pages.put(b"a page")

    assert pages.get(key) == b"a page"
    assert pages.has(key)
    assert not pages.has("0" * 64)
    assert bytes(obstore.get(bucket, f"desk/{key[:2]}/{key[2:4]}/{key}.gz").bytes()).startswith(b"\x1f\x8b")
    with pytest.raises(KeyError):
        pages.get("0" * 64)


def test_a_body_that_was_changed_is_noticed(pages: PageStore, bucket: S3Store) -> None:
    key = pages.put(b"as it was")
    obstore.put(bucket, f"desk/{key[:2]}/{key[2:4]}/{key}.gz", b"something else")

    with pytest.raises(Damaged):
        pages.get(key)


def test_records_are_found_and_listed_by_day_across_pages_of_the_listing(pages: PageStore) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    submissions = [
        examples.submission().model_copy(update={"id": f"{n:032x}", "accepted_at": begin + timedelta(days=n // 4)})
        for n in range(12)
    ]
    page = examples.page(submissions[0].url).model_copy(update={"body_key": pages.put(b"of all")})
    for submission in submissions:
        pages.keep(submission, page)
    narrow = PageStore(pages._store, window=3)  # noqa: SLF001 - so that few records are several windows

    assert pages.find(submissions[5]) == page
    assert [kept.cursor for kept in narrow.since(begin.date())] == [
        f"{one.accepted_at.date()}/{one.id}" for one in submissions
    ]
    second = begin.date() + timedelta(days=1)
    rest = [kept.cursor for kept in narrow.since(second, second, f"{second}/{5:032x}")]
    assert rest == [f"{second}/{n:032x}" for n in (6, 7)]
    assert pages.free_bytes() is None


def test_an_s3_that_is_away_or_refuses_is_an_outage(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = opened(f"http://127.0.0.1:{closed.getsockname()[1]}", monkeypatch)
        with pytest.raises(Outage, match="page store cannot be written"):
            away.put(b"a page")
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    with pytest.raises(Outage, match="page store cannot be written"):
        open_page_store("s3://no-such-bucket/desk").put(b"a page")
