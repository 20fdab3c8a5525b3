"""What browsers may be made to do: no page of somebody else's reads the API, and none changes anything.

    DNS rebinding: a page's own name is made to lead to this machine,    421 under a name that is not ours; addresses
    and its scripts read and write as if the API were theirs             are nobody's name, so they may be asked
    a form or script of another site posts to where the API is           403 when the browser says that it is so

The API knows no users: without this, whoever opens a page lends it all that they can reach. Starlette's own check of
hosts knows no IPv6 and answers in plain text.
"""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from services.api.problems import problem

#: Anything may be asked under any name.
ANY = "*"

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]{1,5})?", re.IGNORECASE)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SHOWN_CHARS = 100


class Door:
    """ASGI middleware: answers 421 to hosts that are not named, 403 to what another site's page would change."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        """`hosts`: lower-case names, `*.name` for all below one, `ANY`."""
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may be asked."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if not self._known(headers.get("host", "")):
                shown = headers.get("host", "")[:_SHOWN_CHARS]
                refused = problem(421, f"The API is not known as {shown!r}: set TOCSIN_API_HOSTS to allow it.")
                await refused(scope, receive, send)
                return
            if scope["method"] not in _SAFE and _foreign(headers):
                await problem(403, "A page of another site may not change anything here.")(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _known(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        if found is None:
            return ANY in self._hosts
        name = (found[1] or found[2]).lower().removesuffix(".")
        if ANY in self._hosts or name in self._hosts or _is_address(name):
            return True
        _, *above = name.split(".")
        return any(f"*.{'.'.join(above[n:])}" in self._hosts for n in range(len(above)))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _foreign(headers: Headers) -> bool:
    """Return whether a browser says that a page of another site asks. Programs say nothing.

    The rule of Go's `CrossOriginProtection`: Sec-Fetch-Site tells; on plain HTTP it is left out, and Origin does.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    try:
        return origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    except ValueError:  # no URL at all
        return True
