"""What each kind of worker is started with, and how that fits where it runs."""

import re
from pathlib import Path

import pytest

from services.cli.embedded import programs
from shared import broker
from shared.delivery.timing import timing
from shared.pipeline import EXTRACT, FETCH, STAGES
from shared.worker import canary, drain, memory, transport
from shared.worker.run import KINDS, Kind

COMPOSE = (Path(__file__).parents[3] / "docker-compose.yml").read_text()
#: MiB that the parent of a pool has for itself: measured 170 for the extractor, 240 for the classifier.
PARENT_MB = 300


def test_every_queue_has_a_worker_which_reads_canaries_and_the_clock_before_the_backlog() -> None:
    assert {kind.stage.queue for kind in KINDS.values()} == {stage.queue for stage in STAGES.values()}
    assert KINDS["fetcher"].queues == ("canary.fetch", "schedule", "fetch")
    configured = {queue.name for queue in broker.configuration()["task_queues"]}
    assert configured == {queue for kind in KINDS.values() for queue in kind.queues}


def test_a_capped_child_is_replaced_before_it_meets_its_cap() -> None:
    options = Kind(stage=EXTRACT, pool="prefork", concurrency=1, memory_mb=1000, max_tasks=7).options
    assert options[options.index("--max-memory-per-child") + 1] == str(memory.recycle_at_kb(1000)) == "819200"
    assert options[options.index("--max-tasks-per-child") + 1] == "7"
    assert "--max-memory-per-child" not in Kind(stage=FETCH, pool="threads", concurrency=8).options


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.memory_mb])
def test_parent_and_capped_child_fit_into_their_container(name: str) -> None:
    found = re.search(rf"image: tocsin-{name}:.*?mem_limit: (\d+)m", COMPOSE, re.DOTALL)
    assert found is not None
    assert KINDS[name].memory_mb is not None
    assert (KINDS[name].memory_mb or 0) + PARENT_MB <= int(found[1])


def test_who_stops_a_worker_waits_until_it_has_stopped() -> None:
    found = re.search(r"x-service:.*?stop_grace_period: (\d+)s", COMPOSE, re.DOTALL)
    assert found is not None
    longest_s = drain.longest_s(timing().drain_s)
    assert longest_s < programs.stop_s() < int(found[1])


def test_silence_is_noticed_after_the_longest_task_of_the_queue_and_two_intervals() -> None:
    durations = timing()
    assert canary.limit_s("fetch") == durations.hard_limit_s["fetch"] + 2 * durations.canary_every_s
    assert canary.limit_s("index") == max(durations.hard_limit_s.values()) + 2 * durations.canary_every_s


def test_nothing_is_acknowledged_before_it_is_known_where_to_keep_it() -> None:
    with pytest.raises(RuntimeError, match="isolate_with"):
        transport.isolate("fetch", b"", ValueError(), {})
