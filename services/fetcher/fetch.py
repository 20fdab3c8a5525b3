"""The verb of the fetcher: a URL becomes a Page.

The fetcher runs in a thread pool, where Celery's soft and hard limits do not reach, so each part has a bound:

    names, connections, TLS, headers, bodies, of robots.txt too   `deadline`: fetch_timeout_s for all together
    reading and matching robots.txt                               its 500 kB: 0.6 s of CPU for the worst known
    the page store                                                the disk, or the timeouts and retries of the S3 client
"""

from datetime import UTC, datetime

import httpx

from services.fetcher.download import PASSING, Answer, get
from services.fetcher.hosts import timed
from services.fetcher.robots import Robots
from shared.domain.page import Page
from shared.domain.submission import Submission
from shared.errors import Discard, Outage, Reason, Transient
from shared.logs import logger
from shared.pages import PageStore
from shared.settings import Settings
from shared.web.guard import checked_url
from shared.web.network import deadline

log = logger(__name__)

_REASONS = {
    **dict.fromkeys((404, 410), Reason.NOT_FOUND),
    **dict.fromkeys((401, 402, 403, 451), Reason.FORBIDDEN),
}
_HTML_TYPES = {"text/html", "application/xhtml+xml"}
_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<title", b"<meta")
_SNIFFED_BYTES = 1024


def fetch(
    submission: Submission, *, client: httpx.Client, pages: PageStore, robots: Robots, settings: Settings
) -> Page:
    """Download the page of a submission, redirects followed, and keep it. A page that it has got before is returned.

    Raises Transient for timeouts, broken connections, 408, 425, 429 and 5xx; Outage when the page store is away or has
    less than `page_store_min_free_bytes` left; Discard for a refused address, robots.txt, other statuses, too many
    redirects, more than `fetch_max_bytes`, an empty body, and what is not HTML.
    """
    kept = pages.find(submission)
    if kept is not None:
        log.info("fetched_before", body=kept.body_key)
        return kept
    _refuse_when_nearly_full(pages, settings.page_store_min_free_bytes)
    with timed(submission.url), deadline(settings.fetch_timeout_s):
        answer = _follow(submission.url, client=client, robots=robots, settings=settings)
    if not answer.body.strip():
        raise Discard(Reason.EMPTY, f"status {answer.status} without a body")
    if "content-type" not in answer.headers and not looks_like_html(answer.body):
        raise Discard(Reason.NOT_HTML, "no media type, and no HTML in sight")
    page = Page(
        url=submission.url,
        final_url=str(answer.url),
        status=answer.status,
        content_type=answer.headers.get("content-type"),
        etag=answer.headers.get("etag"),
        last_modified=answer.headers.get("last-modified"),
        body_key=pages.put(answer.body),
        body_bytes=len(answer.body),
        fetched_at=datetime.now(UTC),
    )
    pages.keep(submission, page)
    return page


def looks_like_html(body: bytes) -> bool:
    """Tell whether a body without a media type begins like HTML."""
    # UTF-16 letters lie between zero bytes; without those the ASCII tags can be seen
    start = body[:_SNIFFED_BYTES].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return start.startswith(_HTML_STARTS) or b"<html" in start


def _refuse_when_nearly_full(pages: PageStore, min_free_bytes: int) -> None:
    """Raise Outage before a site is asked for what could not be kept. 0 bytes: never."""
    free = pages.free_bytes() if min_free_bytes else None
    if free is not None and free < min_free_bytes:
        raise Outage(f"page store is nearly full: {free} bytes are free, less than {min_free_bytes}")


def _follow(url: str, *, client: httpx.Client, robots: Robots, settings: Settings) -> Answer:
    target = checked_url(url)
    for _ in range(settings.fetch_max_redirects + 1):
        # asked at every hop: the rules of the first site say nothing about the next
        if not robots.allows(target):
            raise Discard(Reason.ROBOTS, f"robots.txt of {target.host}")
        answer = get(
            client, target, max_bytes=settings.fetch_max_bytes, judge=lambda r: _judge(r, settings.fetch_max_bytes)
        )
        if not answer.whole:
            raise Discard(Reason.OVERSIZE, f"more than {settings.fetch_max_bytes} bytes")
        following = answer.target
        if following is None:
            return answer
        target = following
    raise Discard(Reason.TOO_MANY_REDIRECTS, f"more than {settings.fetch_max_redirects}")


def _judge(response: httpx.Response, max_bytes: int) -> None:
    """Raise the verdict that status and headers allow, before the body is read."""
    if response.has_redirect_location:
        return
    status = response.status_code
    if response.is_server_error or status in PASSING:
        raise Transient(f"status {status}")
    if not response.is_success:
        raise Discard(_REASONS.get(status, Reason.HTTP_ERROR), f"status {status}")
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type and media_type not in _HTML_TYPES:
        raise Discard(Reason.NOT_HTML, media_type[:100])
    length = response.headers.get("content-length", "")
    if length.isdecimal() and float(length) > max_bytes:  # float: int() refuses 5,000 digits
        raise Discard(Reason.OVERSIZE, f"{length} bytes announced")
