"""Locks in a real Redis."""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from redis import Redis

from shared.errors import Transient
from shared.incidents.locks import redis_locks

NAMES = "abcdefgh"


def held(redis: Redis) -> list[str]:
    """The names that somebody holds."""
    return sorted(name for name in NAMES if redis.exists(f"tocsin:lock:{name}"))


def test_locks_are_held_and_then_free(redis: Redis) -> None:
    with redis_locks(redis)(["b", "a", "b"]):
        assert held(redis) == ["a", "b"]
    assert held(redis) == []


def test_no_names_are_no_locks(redis: Redis) -> None:
    with redis_locks(redis)([]) as confirm:
        confirm()
        assert held(redis) == []


def test_locks_are_freed_when_the_work_fails(redis: Redis) -> None:
    with pytest.raises(ZeroDivisionError), redis_locks(redis)(["a"]):
        raise ZeroDivisionError
    assert held(redis) == []


def test_who_cannot_have_half_of_the_names_keeps_none_of_them(redis: Redis) -> None:
    impatient = redis_locks(redis, patience_s=0.1)
    with redis_locks(redis)(["c"]):
        with pytest.raises(Transient, match="lock:c"), impatient(["a", "b", "c", "d"]):
            pass
        assert held(redis) == ["c"]


def test_what_is_held_by_another_is_waited_for(redis: Redis) -> None:
    locks, entered = redis_locks(redis), Event()

    def wait() -> None:
        with locks(["a", "b"]):
            entered.set()

    with ThreadPoolExecutor(1) as pool:
        with locks(["b"]):
            waiting = pool.submit(wait)
            until = time.monotonic() + 5
            while held(redis) != ["a", "b"] and time.monotonic() < until:
                time.sleep(0.01)
            assert held(redis) == ["a", "b"]  # the first of its names is kept meanwhile
            assert not entered.is_set()
        waiting.result(10)
    assert entered.is_set()


def test_the_lease_counts_anew_when_it_is_confirmed(redis: Redis) -> None:
    with redis_locks(redis, lease_s=30)(["a", "b"]) as confirm:
        redis.pexpire("tocsin:lock:b", 5000)
        confirm()
        assert redis.pttl("tocsin:lock:b") > 20_000


@pytest.mark.parametrize("taken", [True, False])
def test_a_lease_that_ran_out_is_noticed_and_not_taken_from_the_next(redis: Redis, taken: bool) -> None:
    with redis_locks(redis)(["a", "b"]) as confirm:
        redis.delete("tocsin:lock:b")
        if taken:
            redis.set("tocsin:lock:b", "another")
        with pytest.raises(Transient, match="ran out"):
            confirm()
    assert held(redis) == (["b"] if taken else [])


def test_overlapping_batches_neither_meet_nor_wait_in_a_ring(redis: Redis) -> None:
    names, inside = list(NAMES), Counter[str]()
    collisions: list[str] = []

    def work(seed: int) -> None:
        mine, locks = random.Random(seed), redis_locks(redis)  # noqa: S311 - a reproducible choice
        for _ in range(10):
            wanted = mine.sample(names, mine.randint(1, 8))
            with locks(wanted) as confirm:
                inside.update(wanted)
                collisions.extend(name for name in wanted if inside[name] > 1)
                confirm()
                inside.subtract(wanted)

    with ThreadPoolExecutor(6) as pool:
        for job in [pool.submit(work, seed) for seed in range(6)]:
            job.result(60)
    assert collisions == []
    assert held(redis) == []
