"""The address guard: which addresses a URL may lead to.

A name is judged by the addresses it has at the moment of connecting, and the connection goes to the address that was
judged (`network.py`), so a name that changes its mind between the two gains nothing.
"""

import re
import socket
from collections.abc import Callable, Collection

import httpx

from shared.errors import Discard, Reason, Transient
from shared.web.addresses import is_public

#: Takes host and port, gives the addresses of the host as text.
Resolver = Callable[[str, int], tuple[str, ...]]

_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")  # a name, an IPv4 or an IPv6 address
_PORTS = range(1, 65536)
_NO_SUCH_HOST = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def resolve(host: str, port: int) -> tuple[str, ...]:
    """Ask the system for the addresses of `host`. Raises Discard when there is none, Transient when DNS is away."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in _NO_SUCH_HOST:
            raise Discard(Reason.HTTP_ERROR, f"no such host: {host}") from error
        raise Transient(f"name of {host} cannot be resolved now: {error}") from error
    except ValueError as error:  # a label longer than 63 characters, an empty one
        raise Discard(Reason.HTTP_ERROR, f"no such host: {host[:100]}") from error
    return tuple(dict.fromkeys(str(row[4][0]) for row in rows))


def checked_url(url: str | httpx.URL) -> httpx.URL:
    """Parse a URL before any of it is used.

    Raises Discard(ADDRESS_REFUSED) when it is no http(s) URL, has no host, or carries a user name or password.
    """
    try:
        parsed = httpx.URL(url)
        host = parsed.host
    except (httpx.InvalidURL, TypeError, ValueError) as error:  # ValueError: idna
        raise Discard(Reason.ADDRESS_REFUSED, f"not a URL: {error}") from error
    if parsed.scheme not in ("http", "https"):
        raise Discard(Reason.ADDRESS_REFUSED, f"scheme {parsed.scheme or 'missing'} is not fetched")
    if not (_HOST.fullmatch(parsed.raw_host.decode("ascii")) and (parsed.port or 1) in _PORTS):
        raise Discard(Reason.ADDRESS_REFUSED, f"no usable host and port: {host[:100]}")
    if parsed.userinfo:
        raise Discard(Reason.ADDRESS_REFUSED, "a URL with a user name is not fetched")
    return parsed


class Guard:
    """Decides which addresses of a host may be connected to.

    `allow` holds `host:port` pairs (IPv6 in brackets) that may have any address: the one way into a private network.
    Raises ValueError for anything else among them.
    """

    def __init__(self, allow: Collection[str] = (), resolver: Resolver = resolve) -> None:
        pairs = (entry.rpartition(":") for entry in allow)
        self._allow = {_pair(host, int(port)) for host, _, port in pairs}
        self._resolve = resolver

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Return the addresses of `host` that may be connected to: at least one.

        Raises Discard(ADDRESS_REFUSED) when none is public, and what the resolver raises.
        """
        found = self._resolve(host, port)
        if _pair(host, port) in self._allow:
            return found
        public = tuple(address for address in found if is_public(address))
        if not public:
            # the addresses are not named: outcomes are read by people who must not map our network with them
            raise Discard(Reason.ADDRESS_REFUSED, f"{host} has no public address")
        return public


def _pair(host: str, port: int) -> tuple[str, int]:
    return host.casefold().strip("[]"), port
