"""The Redis connection of this process."""

from functools import cache

from redis import Redis

from shared.sentinels import connect
from shared.settings import settings

#: Seconds after which a Redis that hangs counts as away. The hook answers 503 then, a step leaves its message.
TIMEOUT_S = 5


@cache
def open_redis() -> Redis:
    """Return the client of this process. It opens no connection yet, and is safe to use in threads and after forks."""
    return connect(
        settings().redis_url,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=None,  # a command whose answer was lost may have been done: doing it twice would count twice
    )
