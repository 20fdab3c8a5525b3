"""Sockets for httpx: only to checked addresses, and none outlives the deadline of its page.

httpx limits each single read, so a server that sends one byte a second would hold a worker for days. Here every wait
is cut to what is left of the page's time, in names, headers, body and TLS alike.
"""

import contextlib
import ssl
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextvars import ContextVar
from typing import Any

import httpcore

from shared.web.guard import Guard

# Twice the fetcher's threads: a lookup that was given up runs on until the system's resolver ends it, 5 to 30 s.
_LOOKUPS = 16
_deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))  # on the monotonic clock, seconds


@contextlib.contextmanager
def deadline(timeout_s: float) -> Iterator[None]:
    """Let no network wait inside the block last past `timeout_s` from now. Past it, httpx raises a timeout."""
    token = _deadline.set(time.monotonic() + timeout_s)
    try:
        yield
    finally:
        _deadline.reset(token)


def _left(timeout: float | None) -> float | None:
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for this page is used up")
    if timeout is None:
        return None if left == float("inf") else left
    return min(timeout, left)


class DeadlineStream(httpcore.NetworkStream):
    """A connection whose every wait ends with the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there, at most `max_bytes`."""
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of `buffer`."""
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Begin TLS; `server_hostname` is the name in the URL, though we are connected to an address."""
        return DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        """Give what httpcore asks of the socket."""
        return self._stream.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to the addresses that the guard lets through, and to nothing else."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._sockets = httpcore.SyncBackend()
        # getaddrinfo takes no timeout, so it runs where it can be waited for
        self._lookups = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="lookup")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host` that answers. Raises the verdicts of `Guard.addresses`."""
        failure: Exception | None = None
        for address in self._addresses(host, port, timeout):
            try:
                stream = self._sockets.connect_tcp(address, port, _left(timeout), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return DeadlineStream(stream)
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Refuse: no URL leads to a socket file."""
        raise httpcore.UnsupportedProtocol(f"no unix sockets: {path} {timeout} {socket_options}")

    def _addresses(self, host: str, port: int, timeout: float | None) -> tuple[str, ...]:
        lookup = self._lookups.submit(self._guard.addresses, host, port)
        try:
            return lookup.result(_left(timeout))
        except FutureTimeout as error:
            lookup.cancel()  # one that waits for a thread is not begun
            raise httpcore.ConnectTimeout(f"the name of {host} was not resolved in time") from error
