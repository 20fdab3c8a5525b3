"""Back-pressure: why nothing more should be taken in right now. The hook asks, and whatever else takes submissions in.

Three limits, each a setting: how many submissions are in flight, how full Redis is, how much disk the pages have left.
What is in flight already always goes on: pressure closes the entrance, never the way out.
"""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from pydantic import Field
from redis import Redis

from shared.delivery.ledger import Ledger
from shared.domain.base import Model
from shared.logs import logger
from shared.settings import Settings

log = logger(__name__)

#: Redis key of the free bytes of the page store, which the fetcher reports with its canaries.
PAGE_STORE_FREE = "tocsin:page_store_free"
#: Seconds for which an answer holds, so that the hook pays for it once a second and not once a request.
CACHE_S: Final = 1.0
#: Bounds of Retry-After in seconds: a client that waits is cheap, but what it brings should not be late by minutes.
RETRY_MIN_S, RETRY_MAX_S = 5, 60
#: Seconds in which a full load drains: `max_in_flight` is about an hour's work.
DRAIN_S: Final = 3600


class Limit(StrEnum):
    """What can be short."""

    IN_FLIGHT = "in_flight"
    REDIS_MEMORY = "redis_memory"
    PAGE_STORE = "page_store"


class Pressure(Model):
    """Why nothing more should be taken in."""

    limit: Limit = Field(description="What is short.")
    detail: str = Field(description="For people: how much there is, and the setting that limits it.")
    retry_after_s: int = Field(description="Seconds after which it is worth asking again.")


def pressure(redis: Redis, ledger: Ledger, settings: Settings) -> Pressure | None:
    """Return the first limit that is reached, None when there is room. Raises `redis.RedisError` when Redis is away."""
    return (
        _in_flight(ledger.in_flight(), settings.max_in_flight)
        or _redis_memory(redis, settings.redis_max_fill)
        or _page_store(redis, settings.page_store_min_free_bytes)
    )


def filled(redis: Redis, ledger: Ledger, settings: Settings) -> dict[Limit, float]:
    """Return how near each limit is: 1 when it is reached. What is unknown or has no limit is left out.

    Raises:
        redis.RedisError: Redis is away.
    """
    found = {Limit.IN_FLIGHT: ledger.in_flight() / settings.max_in_flight}
    used, whole = _memory(redis)
    if whole:
        found[Limit.REDIS_MEMORY] = used / (settings.redis_max_fill * whole)
    free = page_store_free(redis)
    if free is not None:
        found[Limit.PAGE_STORE] = settings.page_store_min_free_bytes / max(free, 1)
    return found


def page_store_free(redis: Redis) -> int | None:
    """Return the bytes left for pages, None while no fetcher reports them. Raises `redis.RedisError`."""
    raw = redis.get(PAGE_STORE_FREE)
    return int(raw) if isinstance(raw, bytes) and raw.isdigit() else None


def _memory(redis: Redis) -> tuple[int, int]:
    """Return the bytes that Redis uses, and those it may: 0 when it has no limit of its own."""
    memory = redis.info("memory")
    return int(memory["used_memory"]), int(memory.get("maxmemory", 0))


def _in_flight(now: int, most: int) -> Pressure | None:
    if now < most:
        return None
    # the time in which the excess drains, at the pace for which the limit was chosen
    wait_s = (now - most) * DRAIN_S // most
    detail = f"{now} submissions are in flight; TOCSIN_MAX_IN_FLIGHT is {most}."
    return Pressure(limit=Limit.IN_FLIGHT, detail=detail, retry_after_s=min(max(wait_s, RETRY_MIN_S), RETRY_MAX_S))


def _redis_memory(redis: Redis, most: float) -> Pressure | None:
    used, whole = _memory(redis)
    if not whole or used < most * whole:
        return None
    detail = f"Redis uses {used} of {whole} bytes; TOCSIN_REDIS_MAX_FILL is {most:g}."
    return Pressure(limit=Limit.REDIS_MEMORY, detail=detail, retry_after_s=RETRY_MAX_S)


def _page_store(redis: Redis, least: int) -> Pressure | None:
    free = page_store_free(redis)
    if free is None or free >= least:  # unknown is no objection
        return None
    detail = f"The page store has {free} bytes left; TOCSIN_PAGE_STORE_MIN_FREE_BYTES is {least}."
    return Pressure(limit=Limit.PAGE_STORE, detail=detail, retry_after_s=RETRY_MAX_S)


class Gauge:
    """Asks at most about once in `CACHE_S` seconds, and says in the log when pressure begins and ends.

    It takes no lock: threads that find the answer old at the same time ask each for itself, which is cheaper than all
    of them waiting in a row for a Redis that hangs.
    """

    def __init__(self, ask: Callable[[], Pressure | None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._until = float("-inf")
        self._found: Pressure | None = None

    def __call__(self) -> Pressure | None:
        """Return why nothing more should be taken in, as of a second ago at most. Raises what asking raised."""
        now = self._clock()
        if now < self._until:
            return self._found
        found, before = self._ask(), self._found
        self._found, self._until = found, now + CACHE_S
        if found and not before:
            log.warning("pressure_began", limit=found.limit, detail=found.detail)
        elif before and not found:
            log.info("pressure_ended", limit=before.limit)
        return found
