"""Children of a real pool count in files that are named after their places."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.errors import SetupError
from shared.metrics import slots

#: A pool of two whose children are replaced after every third task, and one that is killed.
PROGRAM = """
import os, sys, signal, time, billiard
from pathlib import Path
from prometheus_client import generate_latest
from shared.metrics import catalogue, slots

def count(n):
    catalogue.STEP_ARTICLES.labels("fetch", "passed").inc()
    catalogue.STEP_SECONDS.labels("fetch").observe(0.5)
    return os.getpid()

def count_and_die(n):
    count(n)
    os.kill(os.getpid(), signal.SIGKILL)

registry = slots.share(2, folder=Path(sys.argv[1]))
catalogue.STEP_ARTICLES.labels("fetch", "discarded")
pool = billiard.Pool(2, maxtasksperchild=3)
pids = set(pool.map(count, range(30), chunksize=1))
pool.apply_async(count_and_die, [0])
pids |= set(pool.map(count, range(30), chunksize=1))
deadline = time.monotonic() + 30
while "} 61.0" not in (told := generate_latest(registry).decode()) and time.monotonic() < deadline:
    time.sleep(0.05)
print(len(pids))
print(told, flush=True)
pool.terminate()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pool keeps its files."""
    return tmp_path_factory.mktemp("metrics")


@pytest.fixture(scope="module")
def told(folder: Path) -> list[str]:
    """What the parent of that pool tells."""
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()


def test_nothing_is_lost_with_a_child_and_none_counts_twice(told: list[str]) -> None:
    assert int(told[0]) > 10, "the children were replaced"
    assert 'tocsin_step_articles_total{step="fetch",verdict="passed"} 61.0' in told
    assert 'tocsin_step_seconds_count{step="fetch"} 61.0' in told
    assert 'tocsin_step_articles_total{step="fetch",verdict="discarded"} 0.0' in told
    assert any(line.startswith("process_resident_memory_bytes ") for line in told)


@pytest.mark.usefixtures("told")
def test_however_many_children_there_were_there_is_a_file_for_each_place(folder: Path) -> None:
    found = sorted(path.name for path in folder.glob("*/*.db"))
    assert found == [f"{kind}_{name}.db" for kind in ("counter", "histogram") for name in ("0", "1", "parent")]
    assert all(path.stat().st_size == slots.FILE_BYTES for path in folder.glob("*/*.db")), "they never had to grow"
    assert all(path.stat().st_blocks * 512 >= slots.FILE_BYTES for path in folder.glob("*/*.db")), "room is set aside"


def test_what_a_dead_process_left_is_deleted_and_what_a_living_one_has_is_not(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for number in (ended.pid, os.getppid()):
        (tmp_path / f"tocsin-metrics-{number}-x").mkdir()
    (tmp_path / "tocsin-metrics-of-mine").mkdir()
    program = "import sys, pathlib; from shared.metrics import slots; slots.share(1, folder=pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)
    left = {path.name.rpartition("-")[0] for path in tmp_path.iterdir()}
    assert f"tocsin-metrics-{ended.pid}" not in left
    assert {f"tocsin-metrics-{os.getppid()}", "tocsin-metrics-of"} <= left


def test_no_room_is_one_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"no room for metrics in .*TOCSIN_METRICS_PORT=0"):
        slots.share(1, folder=tmp_path / "nowhere")
