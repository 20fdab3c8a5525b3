"""Which ports an instance takes: the usual ones, and other free ones where those are taken."""

import socket
from collections.abc import Iterable

LOOPBACK = "127.0.0.1"

#: The usual ports.
REDIS, ELASTICSEARCH, API, DEMO = 6379, 9200, 8000, 8801


def is_free(port: int, addresses: Iterable[str] = (LOOPBACK,)) -> bool:
    """Tell whether a server could listen on `port` at all of `addresses`."""
    for address in addresses:
        with socket.socket() as probe:
            # as servers do: a port whose last connections have just ended is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
                probe.listen(1)  # binding alone would succeed beside a listener that shares its address
            except OSError:
                return False
    return True


def any_free() -> int:
    """Return a free port that the system chooses."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def choose(usual: int, addresses: Iterable[str] = (LOOPBACK,)) -> int:
    """Return `usual` when it is free at all of `addresses`, else another port that is."""
    addresses = tuple(addresses)
    port = usual
    while not is_free(port, addresses):
        port = any_free()
    return port
