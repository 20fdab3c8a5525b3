"""Each exception of httpx has a meaning here."""

import ssl

import httpx
import pytest

from services.fetcher.download import VERDICTS, get, verdict_of
from shared.errors import Discard, Reason, Transient
from shared.web.guard import Guard
from shared.web.network import GuardedBackend
from tests.unit.fetcher.conftest import Fetcher, Site


def _exceptions() -> list[type[Exception]]:
    found = (getattr(httpx, name) for name in httpx.__all__)
    return [kind for kind in found if isinstance(kind, type) and issubclass(kind, Exception)]


@pytest.mark.parametrize("kind", _exceptions())
def test_every_exception_of_httpx_is_mapped(kind: type[Exception]) -> None:
    abstract = {httpx.HTTPError, httpx.RequestError}  # never raised themselves
    assert kind in abstract or any(parent in VERDICTS for parent in kind.__mro__), f"{kind} means nothing to us"


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (httpx.ConnectError("no"), Transient), (httpx.ReadTimeout("no"), Transient),
        (httpx.PoolTimeout("no"), Transient),
        (httpx.RemoteProtocolError("no"), Transient), (httpx.LocalProtocolError("no"), Reason.HTTP_ERROR),
        (httpx.DecodingError("no"), Reason.HTTP_ERROR), (httpx.InvalidURL("no"), Reason.ADDRESS_REFUSED),
        (httpx.UnsupportedProtocol("no"), Reason.ADDRESS_REFUSED), (httpx.StreamConsumed(), None),
        (httpx.TooManyRedirects("no"), Reason.TOO_MANY_REDIRECTS),
    ],
)  # fmt: skip
def test_the_meaning_of_an_exception(error: Exception, meaning: object) -> None:
    verdict = verdict_of(error)
    assert (verdict.reason if isinstance(verdict, Discard) else type(verdict)) == (meaning or type(None))


def test_a_bad_certificate_is_no_passing_fault() -> None:
    error = httpx.ConnectError("handshake")
    error.__cause__ = ssl.SSLCertVerificationError("expired")
    verdict = verdict_of(error)
    assert isinstance(verdict, Discard)
    assert verdict.reason is Reason.HTTP_ERROR


def test_tls_with_a_server_that_speaks_none_is_transient(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(Transient):
        get(fetcher.client, httpx.URL(site.url().replace("http:", "https:")), max_bytes=10)


def test_a_body_is_cut_where_it_was_asked_to(site: Site, fetcher: Fetcher) -> None:
    site.serve("/story", b"0123456789")
    answer = get(fetcher.client, httpx.URL(site.url()), max_bytes=4)
    assert (answer.body, answer.whole) == (b"0123", False)


def test_no_socket_file_is_opened() -> None:
    with pytest.raises(Exception, match="unix"):
        GuardedBackend(Guard()).connect_unix_socket("/run/docker.sock")
