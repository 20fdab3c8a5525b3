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
_MAX_SITES = 2000  # about 20 MB at worst in practice


class Robots:
    """Tells which URLs may be fetched. Keeps the rules of the sites seen last, for an hour."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        user_agent: str,
        now: Callable[[], float] = time.monotonic,
        max_sites: int = _MAX_SITES,
    ) -> None:
        self._client = client
        # sites write rules for "Tocsin", not for "Tocsin/0.1 (+https://…)"
        self._agent = user_agent.partition("/")[0].strip()
        self._now = now
        self._max_sites = max_sites
        self._rules: dict[str, tuple[float, Protego]] = {}
        self._lock = threading.Lock()

    def allows(self, url: httpx.URL) -> bool:
        """Tell whether the site of `url` lets us fetch it.

        Raises Transient when the site cannot say now (5xx, 429, unreachable), Discard when its address is refused.
        """
        return bool(self._of(url).can_fetch(str(url), self._agent))

    def _of(self, url: httpx.URL) -> Protego:
        site = f"{url.scheme}://{url.netloc.decode('ascii')}"
        expires, rules = self._rules.get(site, (0.0, None))
        if rules is None or expires <= self._now():
            rules = Protego.parse(self._load(url.copy_with(raw_path=b"/robots.txt", fragment=None)))
            with self._lock:
                self._rules.pop(site, None)
                self._rules[site] = (self._now() + _KEPT_S, rules)
                while len(self._rules) > self._max_sites:
                    del self._rules[next(iter(self._rules))]
        return rules

    def _load(self, url: httpx.URL) -> str:
        target: httpx.URL | None = url
        for _ in range(_MAX_REDIRECTS + 1):
            if target is None:
                break
            answer = get(self._client, target, max_bytes=_MAX_BYTES)
            if codes.is_server_error(answer.status) or answer.status in PASSING:
                raise Transient(f"robots.txt of {url.host} answers {answer.status}")
            if codes.is_success(answer.status):
                return answer.body.decode("utf-8", "replace")
            target = answer.target
        return ""  # no such file, or we may not see it: all is allowed
