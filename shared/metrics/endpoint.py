"""Where a process tells its metrics: `http://TOCSIN_METRICS_HOST:TOCSIN_METRICS_PORT/metrics`."""

import os

from prometheus_client import REGISTRY, CollectorRegistry, start_http_server

from shared.errors import SetupError


def serve(host: str, port: int, registry: CollectorRegistry = REGISTRY) -> None:
    """Answer scrapes in a thread from now on; a port of 0 is none.

    Raises:
        SetupError: the port is taken, or the address is none of this machine.
    """
    if not port:
        return
    try:
        server, _ = start_http_server(port, host, registry)
    except OSError as error:
        raise SetupError(
            f"metrics cannot be told on {host}:{port}: {error.strerror}; set TOCSIN_METRICS_PORT and _HOST"
        ) from error
    # A child that outlives its parent for a moment would keep the port from the next one.
    os.register_at_fork(after_in_child=server.socket.close)
