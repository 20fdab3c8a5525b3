"""What sites ask of robots (RFC 9309), read by protego and remembered for a while."""

import threading
import time
from collections.abc import Callable

import httpx
from httpx import codes
from protego import Protego

from services.fetcher.download import PASSING, get
from shared.errors import Transient

_MAX_BYTES = 500_000  # the least that RFC 9309 lets a robot read; rules beyond it are ignored
_MAX_REDIRECTS = 5  # the same RFC
_KEPT_S = 3600.0  # the RFC allows a day; an hour lets a site change its mind sooner
# All files together. The source is kept and parsed at each question (0.2 ms for a usual 2 kB, 0.5 s for 500 kB),
# because 500 kB of rules grow to 30 MB when parsed.
_MAX_KEPT_BYTES = 20_000_000
_SITE_BYTES = 500  # what an entry costs besides its file; so an empty one counts too


class Robots:
    """Tells which URLs may be fetched. Keeps the rules of the sites seen last, for an hour."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        user_agent: str,
        now: Callable[[], float] = time.monotonic,
        max_kept_bytes: int = _MAX_KEPT_BYTES,
    ) -> None:
        self._client = client
        # sites write rules for "Tocsin", not for "Tocsin/0.1 (+https://…)"
        self._agent = user_agent.partition("/")[0].strip()
        self._now = now
        self._max_kept_bytes = max_kept_bytes
        self._kept_bytes = 0
        self._files: dict[str, tuple[float, bytes]] = {}
        self._lock = threading.Lock()

    def allows(self, url: httpx.URL) -> bool:
        """Tell whether the site of `url` lets us fetch it.

        Raises Transient when the site cannot say now (5xx, 429, unreachable), Discard when its address is refused.
        """
        rules = Protego.parse(self._of(url).decode("utf-8", "replace"))
        return bool(rules.can_fetch(str(url), self._agent))

    def _of(self, url: httpx.URL) -> bytes:
        site = f"{url.scheme}://{url.netloc.decode('ascii')}"
        expires, source = self._files.get(site, (0.0, b""))
        if expires <= self._now():
            source = self._load(url.copy_with(raw_path=b"/robots.txt", fragment=None))
            with self._lock:
                self._drop(site)
                self._files[site] = (self._now() + _KEPT_S, source)
                self._kept_bytes += _SITE_BYTES + len(source)
                while self._kept_bytes > self._max_kept_bytes:
                    self._drop(next(iter(self._files)))
        return source

    def _drop(self, site: str) -> None:
        if site in self._files:
            self._kept_bytes -= _SITE_BYTES + len(self._files.pop(site)[1])

    def _load(self, url: httpx.URL) -> bytes:
        target: httpx.URL | None = url
        for _ in range(_MAX_REDIRECTS + 1):
            if target is None:
                break
            answer = get(self._client, target, max_bytes=_MAX_BYTES)
            if codes.is_server_error(answer.status) or answer.status in PASSING:
                raise Transient(f"robots.txt of {url.host} answers {answer.status}")
            if codes.is_success(answer.status):
                return answer.body
            target = answer.target
        return b""  # no such file, or we may not see it: all is allowed
