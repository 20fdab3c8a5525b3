"""Every way in which a server may answer, against a real one."""

import gzip
import socket
import time
import zlib
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from services.fetcher.client import open_client
from services.fetcher.fetch import looks_like_html
from services.fetcher.robots import Robots
from shared.errors import Discard, Reason, Transient
from shared.pages import open_page_store
from shared.settings import Settings
from tests.unit.fetcher.conftest import Fetcher, Site

STORY = b"<!doctype html><html><body><p>Two people were wounded.</p></body></html>"


def refused(fetcher: Fetcher, url: str) -> Reason:
    """Return why a URL was discarded."""
    with pytest.raises(Discard) as verdict:
        fetcher(url)
    return verdict.value.reason


def test_a_page_is_kept_with_its_headers(site: Site, fetcher: Fetcher) -> None:
    site.serve("/story", STORY, headers={"ETag": '"7"', "Last-Modified": "Thu, 13 Jan 2022 21:05:00 GMT"})
    page = fetcher(site.url())
    assert (page.url, page.final_url, page.status) == (site.url(), site.url(), 200)
    assert (page.content_type, page.etag, page.last_modified) == ("text/html", '"7"', "Thu, 13 Jan 2022 21:05:00 GMT")
    assert page.body_bytes == len(STORY)
    assert fetcher.pages.get(page.body_key) == STORY
    assert site.headers[-1]["User-Agent"].startswith("Tocsin/")


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_packed_body_is_unpacked(encoding: str, pack: object, site: Site, fetcher: Fetcher) -> None:
    assert callable(pack)
    site.serve("/story", pack(STORY), headers={"Content-Encoding": encoding})
    assert fetcher.pages.get(fetcher(site.url()).body_key) == STORY


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, Reason.HTTP_ERROR), (401, Reason.FORBIDDEN), (402, Reason.FORBIDDEN), (403, Reason.FORBIDDEN),
        (404, Reason.NOT_FOUND), (406, Reason.HTTP_ERROR), (410, Reason.NOT_FOUND), (418, Reason.HTTP_ERROR),
        (451, Reason.FORBIDDEN), (300, Reason.HTTP_ERROR), (304, Reason.HTTP_ERROR),
    ],
)  # fmt: skip
def test_statuses_that_end_it(status: int, reason: Reason, site: Site, fetcher: Fetcher) -> None:
    site.serve("/story", b"" if status == 304 else STORY, status=status)
    assert refused(fetcher, site.url()) is reason


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520])
def test_statuses_that_may_pass(status: int, site: Site, fetcher: Fetcher) -> None:
    site.serve("/story", STORY, status=status)
    with pytest.raises(Transient):
        fetcher(site.url())


def test_a_body_announced_too_large_is_not_read(site: Site, fetcher: Fetcher) -> None:
    site.serve("/story", STORY, headers={"Content-Length": "100001"})
    assert refused(fetcher, site.url()) is Reason.OVERSIZE


def test_a_body_that_grows_too_large_is_dropped(site: Site, fetcher: Fetcher) -> None:
    site.serve("/story", STORY + b"." * 200_000, headers={"Content-Length": ""})
    assert refused(fetcher, site.url()) is Reason.OVERSIZE


def test_a_gzip_bomb_is_dropped(site: Site, fetcher: Fetcher) -> None:
    bomb = gzip.compress(b"." * 50_000_000)
    assert len(bomb) < fetcher.settings.fetch_max_bytes
    site.serve("/story", bomb, headers={"Content-Encoding": "gzip"})
    assert refused(fetcher, site.url()) is Reason.OVERSIZE


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "x-unknown"])
def test_an_encoding_that_was_not_asked_for_is_not_unpacked(encoding: str, site: Site, fetcher: Fetcher) -> None:
    site.serve("/story", STORY, headers={"Content-Encoding": encoding})
    assert refused(fetcher, site.url()) is Reason.HTTP_ERROR


def test_a_broken_encoding_is_an_http_error(site: Site, fetcher: Fetcher) -> None:
    site.serve("/story", STORY, headers={"Content-Encoding": "gzip"})
    assert refused(fetcher, site.url()) is Reason.HTTP_ERROR


def _drip(handler: BaseHTTPRequestHandler, first: bytes, piece: bytes) -> None:
    handler.wfile.write(first)
    for _ in range(100):
        handler.wfile.write(piece)
        handler.wfile.flush()
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"."),  # each byte in time, the whole never
        (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"a"),
    ],
)
def test_a_server_that_drips_is_left(first: bytes, piece: bytes, site: Site, fetcher: Fetcher) -> None:
    site.pages["/story"] = lambda handler: _drip(handler, first, piece)
    started = time.monotonic()
    with pytest.raises(Transient):
        fetcher(site.url())
    assert time.monotonic() - started < 3 * fetcher.settings.fetch_timeout_s


def test_a_server_that_hangs_up_may_answer_later(site: Site, fetcher: Fetcher) -> None:
    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        handler.close_connection = True

    site.pages["/story"] = hang_up
    with pytest.raises(Transient):
        fetcher(site.url())


def test_a_closed_port_may_open_later(site: Site, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, so nobody else takes it, but not listening
        host = f"127.0.0.1:{closed.getsockname()[1]}"
        settings = Settings(fetch_allow=(host,))
        with open_client(settings) as client:
            robots = Robots(client, user_agent="Tocsin/1")
            fetcher = Fetcher(settings, client, open_page_store(f"file://{tmp_path}/pages"), robots)
            with pytest.raises(Transient):
                fetcher(f"http://{host}/")
    assert site.asked == []


def test_redirects_are_followed(site: Site, fetcher: Fetcher) -> None:
    site.serve("/story", b"", status=301, headers={"Location": "/next?a=1"})
    site.serve("/next?a=1", b"", status=308, headers={"Location": site.url("/end")})
    site.serve("/end", STORY)
    page = fetcher(site.url())
    assert (page.url, page.final_url) == (site.url(), site.url("/end"))


def test_redirects_end(site: Site, fetcher: Fetcher) -> None:
    site.serve("/story", b"", status=302, headers={"Location": "/story"})
    assert refused(fetcher, site.url()) is Reason.TOO_MANY_REDIRECTS
    assert site.asked.count("/story") == fetcher.settings.fetch_max_redirects + 1


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2/", "http://localhost:{port}/secret", "http://[::1]:{port}/secret", "http://2130706433/",
        "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "http://user@127.0.0.1:{port}/secret",
        "http://127.0.0.1:99999/", "http://[",
    ],
)  # fmt: skip
def test_a_redirect_leads_to_no_private_address(target: str, site: Site, fetcher: Fetcher) -> None:
    site.serve("/secret", STORY)
    site.serve("/story", b"", status=302, headers={"Location": target.format(port=site.port)})
    assert refused(fetcher, site.url()) is Reason.ADDRESS_REFUSED
    assert "/secret" not in site.asked


@pytest.mark.parametrize("media_type", ["application/pdf", "image/png", "application/json", "text/plain; charset=x"])
def test_what_is_not_html_is_not_read(media_type: str, site: Site, fetcher: Fetcher) -> None:
    site.serve("/story", STORY, headers={"Content-Type": media_type})
    assert refused(fetcher, site.url()) is Reason.NOT_HTML


@pytest.mark.parametrize("media_type", ["Text/HTML;charset=koi8-r", "application/xhtml+xml"])
def test_html_by_other_names(media_type: str, site: Site, fetcher: Fetcher) -> None:
    site.serve("/story", STORY, headers={"Content-Type": media_type})
    assert fetcher(site.url()).content_type == media_type


def test_a_missing_media_type_is_guessed(site: Site, fetcher: Fetcher) -> None:
    site.serve("/story", STORY, headers={"Content-Type": ""})
    site.serve("/paper", b"%PDF-1.7 ...", headers={"Content-Type": ""})
    assert fetcher(site.url()).content_type is None
    assert refused(fetcher, site.url("/paper")) is Reason.NOT_HTML


@pytest.mark.parametrize(
    ("body", "is_html"),
    [
        (b"\xef\xbb\xbf \n<!DOCTYPE HTML><p>", True), ("\ufeff<html><p>".encode("utf-16-le"), True),
        (b'<?xml version="1.0"?><!-- x --><html>', True), (b"<title>a</title>", True), (b"plain words", False),
        (b"\x89PNG\r\n", False), (b"", False),
    ],
)  # fmt: skip
def test_looks_like_html(body: bytes, is_html: bool) -> None:
    assert looks_like_html(body) is is_html


@pytest.mark.parametrize(("body", "status"), [(b"", 200), (b" \r\n\t ", 200), (b"", 204)])
def test_an_empty_body_is_empty(body: bytes, status: int, site: Site, fetcher: Fetcher) -> None:
    site.serve("/story", body, status=status)
    assert refused(fetcher, site.url()) is Reason.EMPTY


def test_no_cookie_is_kept(site: Site, fetcher: Fetcher) -> None:
    site.serve("/story", STORY, headers={"Set-Cookie": "visitor=7; Path=/"})
    fetcher(site.url())
    fetcher(site.url())
    assert all("Cookie" not in headers for headers in site.headers)
