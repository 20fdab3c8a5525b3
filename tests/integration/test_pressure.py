"""Back-pressure on a real Redis: when nothing more is taken in, and what the hook says then."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis

from shared.delivery.ledger import Ledger
from shared.delivery.pressure import (
    CACHE_S,
    PAGE_STORE_FREE,
    RETRY_MAX_S,
    RETRY_MIN_S,
    Gauge,
    Limit,
    Pressure,
    pressure,
)
from shared.settings import Settings
from tests import examples

SETTINGS = Settings(max_in_flight=100, page_store_min_free_bytes=1000, redis_max_fill=0.5)


@pytest.fixture
def ledger(redis: Redis) -> Ledger:
    """An empty ledger."""
    return Ledger(redis)


def fill(redis: Redis, ledger: Ledger, number: int) -> None:
    """Put submissions in flight."""
    with redis.pipeline() as pipe:
        pipe.zadd("tocsin:at:extract", {f"{n:032x}": 0 for n in range(number - 1)})
        pipe.execute()
    ledger.accept(examples.submission())


def test_there_is_room_in_an_empty_one(redis: Redis, ledger: Ledger) -> None:
    assert pressure(redis, ledger, SETTINGS) is None


@pytest.mark.parametrize(
    ("in_flight", "retry_after_s"), [(99, None), (100, RETRY_MIN_S), (101, 36), (102, RETRY_MAX_S), (500, RETRY_MAX_S)]
)
def test_too_many_in_flight(redis: Redis, ledger: Ledger, in_flight: int, retry_after_s: int | None) -> None:
    fill(redis, ledger, in_flight)
    found = pressure(redis, ledger, SETTINGS)
    assert (found and found.retry_after_s) == retry_after_s
    if found:
        assert found.limit == Limit.IN_FLIGHT
        assert str(in_flight) in found.detail


@contextmanager
def maxmemory(redis: Redis, most: int) -> Iterator[None]:
    """Give a Redis another limit for a while."""
    before = redis.config_get("maxmemory")["maxmemory"] or 0
    redis.config_set("maxmemory", most)
    try:
        yield
    finally:
        redis.config_set("maxmemory", before)


def test_a_redis_without_a_limit_is_never_too_full(redis: Redis, ledger: Ledger) -> None:
    with maxmemory(redis, 0):
        assert pressure(redis, ledger, Settings(redis_max_fill=0.000001)) is None


def test_a_redis_that_is_nearly_full(redis: Redis, ledger: Ledger) -> None:
    used = redis.info("memory")["used_memory"]
    with maxmemory(redis, used * 20):
        assert pressure(redis, ledger, SETTINGS) is None
        found = pressure(redis, ledger, Settings(redis_max_fill=0.01))
    assert found is not None
    assert (found.limit, found.retry_after_s) == (Limit.REDIS_MEMORY, RETRY_MAX_S)
    assert "TOCSIN_REDIS_MAX_FILL is 0.01" in found.detail


@pytest.mark.parametrize(
    ("free", "limit"), [("0", Limit.PAGE_STORE), ("999", Limit.PAGE_STORE), ("1000", None), ("", None), ("odd", None)]
)
def test_a_disk_that_is_nearly_full(redis: Redis, ledger: Ledger, free: str, limit: Limit | None) -> None:
    redis.set(PAGE_STORE_FREE, free)
    found = pressure(redis, ledger, SETTINGS)
    assert (found and found.limit) == limit


class Clock:
    """A clock that stands where it is put."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


FULL = Pressure(limit=Limit.IN_FLIGHT, detail="full", retry_after_s=5)


def test_the_gauge_asks_once_a_second() -> None:
    clock, answers = Clock(), iter([None, FULL, None])
    gauge = Gauge(lambda: next(answers), clock=clock)
    assert [gauge(), gauge()] == [None, None]
    clock.now += CACHE_S
    assert [gauge(), gauge()] == [FULL, FULL]
    clock.now += CACHE_S * 0.9
    assert gauge() is FULL
    clock.now += CACHE_S * 0.2
    assert gauge() is None


def test_the_gauge_asks_again_after_an_error() -> None:
    def ask() -> Pressure | None:
        if gone:
            raise ConnectionError(gone.pop())
        return FULL

    gone = ["away"]
    gauge = Gauge(ask)
    with pytest.raises(ConnectionError):
        gauge()
    assert gauge() is FULL
