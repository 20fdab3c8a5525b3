"""httpx on guarded sockets."""

import httpcore
import httpx

from shared.web.guard import Guard
from shared.web.network import GuardedBackend


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
