"""How real workers stop."""

import signal

import pytest

from shared.worker.drain import GRACE_S, longest_s
from tests.integration.drilling import Drill, wait_for

#: Far less than `FOREVER_S`, and far more than a busy machine needs to end a process. What the stop itself takes is
#: measured under load, against what is stated, by `make chaos`.
MARGIN_S = 60
DRAIN_S = 2
FOREVER_S = 600


@pytest.mark.parametrize("pool", ["prefork", "threads"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT], ids=lambda number: number.name)
def test_an_idle_worker_stops_at_once(drill: Drill, pool: str, number: signal.Signals) -> None:
    worker = drill.worker(pool=pool, drain_s=FOREVER_S)
    assert worker.stop(number) < MARGIN_S


@pytest.mark.parametrize("pool", ["prefork", "threads"])
def test_what_is_in_work_is_finished_and_nothing_else_begins(drill: Drill, pool: str) -> None:
    worker = drill.worker(pool=pool, drain_s=FOREVER_S)
    drill.send({"id": "first", "do": "work", "seconds": 1}, *({"id": str(n), "do": "work"} for n in range(5)))
    wait_for(lambda: drill.begun() == ["first"])
    assert worker.stop() < MARGIN_S
    assert drill.done() == drill.begun() == ["first"]
    assert len(drill.queued()) == 5
    assert drill.held() == 0


@pytest.mark.parametrize("deed", ["work", "regex"])
def test_what_takes_too_long_is_told_to_give_back_and_another_worker_takes_it(drill: Drill, deed: str) -> None:
    worker = drill.worker(drain_s=DRAIN_S)
    drill.send({"id": "slow", "do": deed, "seconds": FOREVER_S})
    wait_for(lambda: drill.begun() == ["slow"])
    assert worker.stop() < DRAIN_S + GRACE_S + MARGIN_S
    assert drill.given_back() == ["slow"]
    assert drill.given_up() == []
    assert (len(drill.queued()), drill.held()) == (1, 0)
    drill.worker()
    wait_for(lambda: drill.begun() == ["slow", "slow"], MARGIN_S)


def test_what_hears_no_signal_is_given_up_and_another_worker_takes_it(drill: Drill) -> None:
    worker = drill.worker(drain_s=DRAIN_S, concurrency=2)
    drill.send({"id": "stuck", "do": "deaf", "seconds": FOREVER_S})
    wait_for(lambda: drill.begun() == ["stuck"])
    assert worker.stop() < longest_s(DRAIN_S) + MARGIN_S
    assert drill.given_up() == ["fetch stuck"]
    envelopes = drill.queued()
    assert [one["headers"]["retries"] for one in envelopes] == [0], "given back as it was, once"
    assert drill.held() == 0
    wait_for(lambda: not _lives(drill.pids()[0]))
    drill.worker()
    wait_for(lambda: drill.begun() == ["stuck", "stuck"], MARGIN_S)


def test_threads_that_hang_are_given_up_and_what_the_others_did_stays_done(drill: Drill) -> None:
    worker = drill.worker(pool="threads", concurrency=3, drain_s=DRAIN_S)
    drill.send(
        {"id": "hangs", "do": "work", "seconds": FOREVER_S},
        {"id": "ends", "do": "work", "seconds": 1},
        {"id": "hangs too", "do": "work", "seconds": FOREVER_S},
    )
    wait_for(lambda: len(drill.begun()) == 3)
    assert worker.stop() < longest_s(DRAIN_S) + MARGIN_S
    assert drill.done() == ["ends"]
    assert sorted(drill.given_up()) == ["fetch hangs", "fetch hangs too"]
    assert (len(drill.queued()), drill.held()) == (2, 0)


def test_further_signals_change_nothing(drill: Drill) -> None:
    worker = drill.worker(drain_s=FOREVER_S)
    drill.send({"id": "one", "do": "work", "seconds": 3})
    wait_for(lambda: drill.begun() == ["one"])
    for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGQUIT, signal.SIGINT, signal.SIGQUIT):
        worker.process.send_signal(number)
        wait_for(lambda: "stopping" in worker.log)
    assert worker.process.wait(60) == 0
    assert drill.done() == ["one"]
    assert worker.log.count('"stopping"') == 1


def _lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - a process may end between two looks at a path
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
