"""The HTTP client of a process: one, because a TLS context alone costs 34 ms."""

from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx

from services.fetcher.guard import Guard, Resolver, resolve
from services.fetcher.network import GuardedBackend
from shared.settings import Settings

_HEADERS = {
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
    # only what httpx unpacks in bounded steps: brotli and zstd may blow 64 kB up to gigabytes in one call
    "Accept-Encoding": "gzip, deflate",
    "Accept-Language": "en,*;q=0.5",
}


class GuardedTransport(httpx.HTTPTransport):
    """httpx's own transport on a pool whose sockets are guarded: httpx has no argument for the network backend."""

    def __init__(self, guard: Guard) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=64,
            max_keepalive_connections=32,
            keepalive_expiry=15.0,  # seconds; pages of one site come in bursts
            network_backend=GuardedBackend(guard),
        )


def open_client(settings: Settings, *, resolver: Resolver = resolve) -> httpx.Client:
    """Return a client that reaches public addresses and `settings.fetch_allow` only.

    It follows no redirect, keeps no cookie (two sites must not see one visitor) and reads no proxy from the
    environment.
    """
    return httpx.Client(
        transport=GuardedTransport(Guard(settings.fetch_allow, resolver)),
        headers={**_HEADERS, "User-Agent": settings.fetch_user_agent},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        timeout=settings.fetch_timeout_s,
        follow_redirects=False,
        trust_env=False,
    )
