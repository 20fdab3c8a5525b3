"""Canaries through real workers."""

import signal
import time

import pytest

from shared.broker import RECONCILE, RELEASE, SCHEDULE_QUEUE, WATCH
from shared.delivery import pressure
from shared.worker import canary
from tests.integration.drilling import Drill, wait_for


def chirp(drill: Drill, *, queue: str = "fetch", expires_s: float = 60) -> None:
    drill.send_task(canary.CANARY, queue, queue=canary.list_of(queue), expires=expires_s)


@pytest.mark.parametrize("pool", ["prefork", "threads"])
def test_it_overtakes_the_backlog(drill: Drill, pool: str) -> None:
    drill.send(*({"id": str(n), "do": "work", "seconds": 0.2} for n in range(100)))
    chirp(drill)
    drill.worker(pool=pool)
    wait_for(lambda: canary.alive(drill.redis)["fetch"] is not None)
    assert len(drill.done()) < 50
    assert canary.waiting(drill.redis, "fetch") > 50


def test_those_that_expired_in_a_busy_queue_are_passed_over_for_the_fresh_one(drill: Drill) -> None:
    drill.send(*({"id": str(n), "do": "work", "seconds": 0.2} for n in range(100)))
    for _ in range(20):
        chirp(drill, expires_s=0.01)
    chirp(drill)
    drill.worker()
    wait_for(lambda: canary.alive(drill.redis)["fetch"] is not None)
    assert len(drill.done()) < 50


def test_a_pool_whose_children_are_all_stuck_is_seen(drill: Drill) -> None:
    drill.worker(concurrency=2)
    chirp(drill)
    wait_for(lambda: canary.alive(drill.redis)["fetch"] is not None)
    drill.send({"id": "a", "do": "deaf", "seconds": 600}, {"id": "b", "do": "deaf", "seconds": 600})
    wait_for(lambda: len(drill.begun()) == 2)
    marked = drill.redis.get("tocsin:canary:fetch")
    chirp(drill, expires_s=1)
    time.sleep(2)  # nothing to wait for: the point is that nothing happens
    chirp(drill)
    assert drill.redis.get("tocsin:canary:fetch") == marked


def test_a_frozen_worker_is_silent_after_its_limit_and_heard_again_when_it_wakes(drill: Drill) -> None:
    worker = drill.worker(pool="threads")
    drill.redis.set("tocsin:canary:fetch", time.time() - canary.limit_s("fetch") - 5)
    worker.process.send_signal(signal.SIGSTOP)
    chirp(drill)
    assert "fetch" in canary.silent(canary.alive(drill.redis))
    worker.process.send_signal(signal.SIGCONT)
    wait_for(lambda: "fetch" not in canary.silent(canary.alive(drill.redis)))


def test_it_reports(drill: Drill) -> None:
    drill.worker(report={pressure.PAGE_STORE_FREE: 12345})
    chirp(drill)
    wait_for(lambda: drill.redis.get(pressure.PAGE_STORE_FREE) == b"12345")
    assert 0 < drill.redis.ttl(pressure.PAGE_STORE_FREE) <= canary.TTL_S


def test_a_message_that_goes_back_keeps_its_priority(drill: Drill) -> None:
    drill.send_task("fetch", {"id": "urgent", "do": "work", "seconds": 600}, queue="fetch", priority=3)
    assert canary.waiting(drill.redis, "fetch") == drill.redis.llen("fetch\x06\x163") == 1
    worker = drill.worker(drain_s=0.2, pool="threads")
    wait_for(lambda: drill.begun() == ["urgent"])
    worker.stop()
    assert canary.waiting(drill.redis, "fetch") == drill.redis.llen("fetch\x06\x163") == 1


def test_beat_sends_one_to_each_queue_and_what_the_clock_asks_for(drill: Drill) -> None:
    drill.beat()

    def sent(name: str) -> dict[str, dict[str, str]]:
        return {one["headers"]["task"]: one["headers"] for one in drill.envelopes(name)}

    lists = [canary.list_of(queue) for queue in canary.QUEUES]
    wait_for(lambda: all(drill.redis.llen(name) for name in lists))
    wait_for(lambda: set(sent(SCHEDULE_QUEUE)) == {RECONCILE, RELEASE, WATCH})
    assert all(set(sent(name)) == {canary.CANARY} for name in lists)
    assert all(head["expires"] for name in [*lists, SCHEDULE_QUEUE] for head in sent(name).values())
