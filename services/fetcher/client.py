"""The HTTP client of a process: one, because a TLS context alone costs 34 ms."""

from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from shared.settings import Settings
from shared.web.guard import Guard, Resolver, resolve
from shared.web.transport import GuardedTransport

_HEADERS = {
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
    # only what httpx unpacks in bounded steps: brotli and zstd may blow 64 kB up to gigabytes in one call
    "Accept-Encoding": "gzip, deflate",
    "Accept-Language": "en,*;q=0.5",
}


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
