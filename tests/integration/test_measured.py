"""One submission through all queues of a real worker whose children are replaced: its counts, its trace, its log."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from services.cli.embedded.instance import Servers
from services.cli.embedded.ports import LOOPBACK, any_free
from shared import traces
from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item, Message
from shared.domain.submission import Submission
from tests import otlp
from tests.integration.drilling import PATIENCE_S, wait_for

SENT = 24
STEPS = ["classify", "extract", "fetch", "index", "record"]
SEND = (
    "import json, sys; from shared.broker import app\n"
    "for m in json.load(sys.stdin): app.send_task('fetch', args=[m], queue='fetch')"
)


@dataclass
class Run:
    """What a worker told of the submissions that it worked off."""

    submissions: list[Submission]
    collected: otlp.Collector
    metrics: str
    log: list[dict[str, object]]
    files: int  #: in which its children counted


@pytest.fixture(scope="module")
def run(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Send submissions through a worker with two children, of which each does five messages, and stop it."""
    folder, port = tmp_path_factory.mktemp("measured"), any_free()
    url = servers.redis_url.rsplit("/", 1)[0] + "/6"
    redis = Redis.from_url(url)
    redis.flushdb()
    ledger = Ledger(redis)
    submissions = [Submission.accept(f"https://paper.example/{n}") for n in range(SENT)]
    for one in submissions:
        ledger.accept(one)
    with otlp.collector() as collected:
        environment = os.environ | {
            "TOCSIN_REDIS_URL": url,
            "TMPDIR": str(folder),
            "OTEL_EXPORTER_OTLP_ENDPOINT": collected.url,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        messages = [Message.alone(Item.of(one, one)).model_dump(mode="json") for one in submissions]
        subprocess.run(
            [sys.executable, "-c", SEND], input=json.dumps(messages), text=True, env=environment, check=True, timeout=60
        )
        log = folder / "worker.log"
        options = json.dumps({"metrics_port": port, "max_tasks": 5})
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.measured", options], env=environment, stdout=file, stderr=file
            )
        try:
            wait_for(lambda: process.poll() is not None or ledger.in_flight() == 0)
            assert process.poll() is None, log.read_text()
            metrics = urlopen(f"http://{LOOPBACK}:{port}/metrics", timeout=10).read().decode()
            files = len(list(folder.glob("tocsin-metrics-*/*.db")))
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0, "its children have sent their last spans"
        finally:
            process.kill()
            redis.flushdb()
            redis.close()
        yield Run(submissions, collected, metrics, _objects(log), files)


def _objects(log: Path) -> list[dict[str, object]]:
    # Celery greets in a few lines that are no log
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


def value(run: Run, name: str, **labels: str) -> float:
    for family in text_string_to_metric_families(run.metrics):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    return 0.0


def test_every_submission_counts_once_at_each_step_however_often_children_were_replaced(run: Run) -> None:
    for step in STEPS:
        assert value(run, "tocsin_step_articles_total", step=step, verdict="passed") == SENT
        assert value(run, "tocsin_step_seconds_count", step=step) == SENT
    assert value(run, "tocsin_outcomes_total", step="index", status="indexed", reason="") == SENT
    assert value(run, "tocsin_submission_seconds_count", status="indexed") == SENT
    assert value(run, "tocsin_submission_seconds_sum", status="indexed") > 0


def test_children_that_were_replaced_left_no_files(run: Run) -> None:
    assert value(run, "tocsin_step_articles_total", step="fetch", verdict="passed") > 4 * 5, (
        "two children did not do all"
    )
    assert run.files == 2 * 3


def test_each_submission_is_one_trace_with_a_span_of_each_step(run: Run) -> None:
    assert {one.id: run.collected.names(one.id) for one in run.submissions} == {
        one.id: STEPS for one in run.submissions
    }
    assert len(run.collected.traces) == SENT, "nothing else was traced"


def test_all_spans_hang_below_the_one_that_the_hook_opens(run: Run) -> None:
    for one in run.submissions:
        spans = run.collected.traces[one.id]
        assert {span.parent_id for span in spans} == {f"{traces.root_id(one.id):016x}"}
        assert {span.attributes["tocsin.submission"] for span in spans} == {one.id}
        assert {span.service for span in spans} == {"tocsin-measured"}
        assert not [span for span in spans if span.failed]


def test_its_way_can_be_read_off_the_log(run: Run) -> None:
    for one in run.submissions:
        lines = [line for line in run.log if line.get("submission") == one.id or one.id in _ids(line)]
        # who sends a message says so when it is sent: the next step may have been quicker to speak
        said = sorted(str(line["step"]) for line in lines if line["event"] in ("passed_on", "recorded"))
        assert said == STEPS
        (last,) = (line for line in lines if line["event"] == "recorded")
        assert (last["submission"], last["status"]) == (one.id, "indexed")


def _ids(line: dict[str, object]) -> list[str]:
    found = line.get("submissions", [])
    assert isinstance(found, list)
    return found
