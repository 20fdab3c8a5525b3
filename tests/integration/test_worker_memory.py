"""The memory cap of real pool children."""

from tests.integration.drilling import Drill, wait_for


def test_a_bomb_ends_in_memory_error_and_the_worker_goes_on(drill: Drill) -> None:
    worker = drill.worker(memory_mb=500)
    drill.send({"id": "bomb", "do": "hoard"}, {"id": "next", "do": "work"})
    wait_for(lambda: drill.done() == ["MemoryError bomb", "next"])
    assert drill.begun() == ["bomb", "next"], "nothing was delivered twice"
    assert worker.stop() > 0
    assert "WorkerLost" not in worker.log


def test_a_child_that_has_grown_is_replaced_after_its_task_before_it_meets_the_cap(drill: Drill) -> None:
    drill.worker(memory_mb=500)
    drill.send({"id": "big", "do": "grow", "seconds": 420}, {"id": "next", "do": "work"})
    wait_for(lambda: drill.done() == ["big", "next"])
    assert len(set(drill.pids())) == 2
