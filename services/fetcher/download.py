"""One answer of one URL: its headers, and as much body as is allowed. All of httpx's errors become verdicts here."""

import contextlib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
from httpx import codes

from shared.errors import Discard, Reason, Transient
from shared.web.guard import checked_url

#: What httpx may raise, and what it means; the most special class decides. None: a bug of ours, let it through.
VERDICTS: dict[type[Exception], Reason | type[Transient] | None] = {
    httpx.TransportError: Transient,  # timeouts, refused or broken connections, half an answer
    httpx.LocalProtocolError: Reason.HTTP_ERROR,  # a request that cannot be written, a retry writes the same
    httpx.UnsupportedProtocol: Reason.ADDRESS_REFUSED,
    httpx.DecodingError: Reason.HTTP_ERROR,
    httpx.TooManyRedirects: Reason.TOO_MANY_REDIRECTS,
    httpx.HTTPStatusError: Reason.HTTP_ERROR,
    httpx.InvalidURL: Reason.ADDRESS_REFUSED,
    httpx.CookieConflict: Reason.HTTP_ERROR,
    httpx.StreamError: None,
}

#: With all 5xx, the statuses by which a server asks us to come back: timeout, too early, too many requests.
PASSING = {codes.REQUEST_TIMEOUT, codes.TOO_EARLY, codes.TOO_MANY_REQUESTS}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One HTTP response, its body unpacked."""

    url: httpx.URL
    status: int
    headers: httpx.Headers
    body: bytes
    whole: bool  #: False when the body was longer than asked for and has been cut

    @property
    def target(self) -> httpx.URL | None:
        """Where this answer redirects to, or None. Raises Discard(ADDRESS_REFUSED) when that is no fetchable URL."""
        if self.status not in (301, 302, 303, 307, 308) or "location" not in self.headers:
            return None
        try:
            return checked_url(self.url.join(self.headers["location"]))
        except (httpx.InvalidURL, ValueError) as error:
            raise Discard(Reason.ADDRESS_REFUSED, f"redirect to no URL: {error}") from error


def verdict_of(error: Exception) -> Discard | Transient | None:
    """Return the verdict that an exception of httpx stands for, or None when it is a bug of ours."""
    if _is_certificate(error):
        return Discard(Reason.HTTP_ERROR, f"certificate is not valid: {error}")
    meaning = next((VERDICTS[kind] for kind in type(error).__mro__ if kind in VERDICTS), None)
    if isinstance(meaning, Reason):
        return Discard(meaning, f"{type(error).__name__}: {error}")
    return meaning(f"{type(error).__name__}: {error}") if meaning else None


def get(
    client: httpx.Client, url: httpx.URL, *, max_bytes: int, judge: Callable[[httpx.Response], None] = lambda _: None
) -> Answer:
    """Ask for `url` once, following no redirect.

    `judge` sees status and headers and may raise a verdict, before a body of up to `max_bytes` is read. Raises
    Transient when the server cannot be reached in time, Discard for what a retry would not mend.
    """
    with _verdicts(), client.stream("GET", checked_url(url)) as response:
        judge(response)
        body, whole = (b"", True) if response.is_redirect else _read(response, max_bytes)
        return Answer(url=response.url, status=response.status_code, headers=response.headers, body=body, whole=whole)


def _read(response: httpx.Response, max_bytes: int) -> tuple[bytes, bool]:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "deflate"):
        # "gzip, gzip" multiplies: one 64 kB read could grow to 60 GB before it is counted
        raise Discard(Reason.HTTP_ERROR, f"content encoding {encoding[:40]} was not asked for")
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > max_bytes:
            return bytes(body[:max_bytes]), False
    return bytes(body), True


@contextlib.contextmanager
def _verdicts() -> Iterator[None]:
    try:
        yield
    except tuple(VERDICTS) as error:
        verdict = verdict_of(error)
        if verdict is None:
            raise
        raise verdict from error


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__
    return False
