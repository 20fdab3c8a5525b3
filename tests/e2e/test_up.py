"""`tocsin up --demo` as a user runs it: real processes, real queues, real pages; then what users do with it."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from redis import Redis

from services.cli.client import Client
from services.cli.embedded import demo as demonstration
from services.cli.embedded.instance import Servers
from shared import traces
from shared.index import MODELS, VERSION
from tests import monitoring, otlp
from tests.integration.drilling import wait_for

TOCSIN = Path(sys.executable).parent / "tocsin"
STORIES = {story.id: story for story in demonstration.stories()}
LABELS = sorted({story.expect["incident"] for story in STORIES.values() if story.expect["incident"]})
PREFIX = "e2e-"
#: Those with metrics on ports of their own: the workers and beat.
PROCESSES = 6
LOGS = ("api", "fetcher", "extractor", "classifier", "indexer")


@dataclass
class Tocsin:
    """A running instance."""

    home: Path
    environment: dict[str, str]
    collected: otlp.Collector
    printed: str = ""

    def run(self, *arguments: str, check: bool = True) -> str:
        """Run a command of ours and return what it prints."""
        command = [str(TOCSIN), *arguments]
        ran = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=240)
        assert ran.returncode == 0 or not check, f"{arguments}: {ran.stdout}\n{ran.stderr}"
        return str(ran.stdout)

    def json(self, *arguments: str, check: bool = True) -> Any:
        """Run a command with `--json` and return what it prints."""
        return json.loads(self.run(*arguments, "--json", check=check))

    def children(self) -> dict[str, dict[str, Any]]:
        """Return the processes by name."""
        return {child["name"]: child for child in self.json("status")["processes"]}


@pytest.fixture(scope="module")
def collected() -> Iterator[otlp.Collector]:
    """Where the instance sends its traces."""
    with otlp.collector() as running:
        yield running


@pytest.fixture(scope="module")
def tocsin(
    servers: Servers, elasticsearch: Elasticsearch, tmp_path_factory: pytest.TempPathFactory, collected: otlp.Collector
) -> Iterator[Tocsin]:
    """An instance over the servers of the run, measured and traced, with the demo stories sent through."""
    home = tmp_path_factory.mktemp("instance")
    redis_url = servers.redis_url.rsplit("/", 1)[0] + "/9"
    Redis.from_url(redis_url).flushdb()
    environment = os.environ | {
        "TOCSIN_HOME": str(home),
        "TOCSIN_REDIS_URL": redis_url,
        "TOCSIN_ELASTICSEARCH_URL": servers.elasticsearch_url,
        "TOCSIN_INDEX_PREFIX": PREFIX,
        "TOCSIN_METRICS_PORT": str(monitoring.free_ports(PROCESSES)),
        "OTEL_EXPORTER_OTLP_ENDPOINT": collected.url,
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    running = Tocsin(home, environment, collected)
    running.printed = running.run("up", "--demo")
    yield running
    running.run("down")
    elasticsearch.indices.delete(index=[f"{PREFIX}{name}-v{VERSION}" for name in MODELS], ignore_unavailable=True)


@pytest.fixture(scope="module")
def outcomes(tocsin: Tocsin) -> dict[str, dict[str, Any]]:
    """How each story ended, by its id."""
    sent = demonstration.sent(tocsin.home)
    assert sent is not None
    api = json.loads((tocsin.home / "run.json").read_text())["api_url"]
    with Client(api) as client:
        return {story: client.submission(identifier) for story, identifier in sent.submissions.items()}


@pytest.fixture(scope="module")
def incidents(tocsin: Tocsin) -> dict[str, dict[str, Any]]:
    """Every incident, by its number."""
    return {hit["id"]: hit for hit in tocsin.json("search", "--limit", "100")["hits"]}


@pytest.mark.parametrize("name", sorted(STORIES))
def test_every_story_ends_as_expected(outcomes: dict[str, dict[str, Any]], name: str) -> None:
    expected = STORIES[name].expect
    assert (outcomes[name]["status"], outcomes[name]["reason"]) == (expected["outcome"], expected["reason"])


@pytest.mark.parametrize("label", LABELS)
def test_every_incident_is_one_record_with_the_facts_of_its_stories(
    outcomes: dict[str, dict[str, Any]], incidents: dict[str, dict[str, Any]], label: str
) -> None:
    told = [story for story in STORIES.values() if story.expect["incident"] == label]
    (number,) = {number for story in told for number in outcomes[story.id]["incident_ids"]}
    record, expected = incidents[number], told[-1].expect
    assert (record["type"], record["subtype"]) == (expected["type"], expected["subtype"])
    assert record["place"]["country"] == expected["country"]
    assert (record["date"]["start"], record["date"]["end"]) == (expected["date"], expected["date"])
    best = {field: (record[field] or {}).get("best") for field in ("killed", "injured")}
    assert best == {field: expected[field] for field in ("killed", "injured")}
    assert record["reports"] == len({story.revision_of or story.id for story in told})
    assert all(source["quotes"]["type"] for source in record["sources"])


def test_look_alikes_stay_apart(outcomes: dict[str, dict[str, Any]]) -> None:
    by_label = {s.expect["incident"]: outcomes[s.id]["incident_ids"] for s in STORIES.values() if s.expect["incident"]}
    numbers = [number for ids in by_label.values() for number in ids]
    assert len(numbers) == len(set(numbers)) == len(LABELS)


def test_whatever_a_dashboard_or_an_alert_asks_for_is_told_by_a_live_process(tocsin: Tocsin) -> None:
    api = json.loads((tocsin.home / "run.json").read_text())["api_url"]
    port = int(tocsin.environment["TOCSIN_METRICS_PORT"])
    everybody = [api, *(f"http://127.0.0.1:{port + n}" for n in range(PROCESSES))]
    # what the fetcher tells of its disk comes with its first canary
    wait_for(lambda: "tocsin_page_store_free_bytes" in monitoring.scraped(api))
    told = monitoring.scraped(*everybody)
    asked = {name for query in monitoring.queries().values() for name in monitoring.named(query)}
    assert asked - {"up"} <= told
    assert {monitoring.base(name, monitoring.metrics()) for name in told if name.startswith("tocsin_")} == set(
        monitoring.metrics()
    ), "nothing is told that is not known, and the other way round"


def test_one_submission_is_one_trace_through_all_processes(tocsin: Tocsin, outcomes: dict[str, dict[str, Any]]) -> None:
    indexed = [outcome["id"] for outcome in outcomes.values() if outcome["status"] == "indexed"]
    steps = {"submit", "fetch", "extract", "classify", "index", "record"}
    wait_for(lambda: all(steps <= set(tocsin.collected.names(one)) for one in indexed))
    for one in indexed:
        spans = tocsin.collected.traces[one]
        assert {f"tocsin-{kind}" for kind in ("api", "fetcher", "extractor", "classifier", "indexer")} == {
            span.service for span in spans
        }
        (root,) = (span for span in spans if not span.parent_id)
        assert (root.name, root.span_id) == ("submit", f"{traces.root_id(one):016x}")
        assert {span.parent_id for span in spans} == {"", root.span_id}


def test_one_submission_can_be_followed_through_the_logs_of_all_processes(
    tocsin: Tocsin, outcomes: dict[str, dict[str, Any]]
) -> None:
    for outcome in outcomes.values():
        said = {kind: monitoring.events(tocsin.home / "logs" / f"{kind}.log", outcome["id"]) for kind in LOGS}
        assert "accepted" in said["api"]
        assert "recorded" in said["indexer"]
        if outcome["status"] == "indexed":
            assert all("passed_on" in said[kind] for kind in ("fetcher", "extractor", "classifier", "indexer"))


def test_nothing_is_lost_and_nothing_is_there_twice(tocsin: Tocsin) -> None:
    sums = tocsin.json("audit")
    assert sums["balance"] == sums["in_flight"] == sums["quarantined"] == 0
    assert sums["accepted"] == sums["indexed"] + sums["discarded"] >= len(STORIES)


def test_up_prints_the_incidents_the_addresses_and_the_curl_line(
    tocsin: Tocsin, incidents: dict[str, dict[str, Any]]
) -> None:
    assert all(number in tocsin.printed for number in incidents)
    assert "/docs" in tocsin.printed
    assert "TOCSIN_FETCH_ALLOW" in tocsin.printed
    (line,) = [line.strip() for line in tocsin.printed.splitlines() if line.strip().startswith("curl ")]
    answer = json.loads(subprocess.run(shlex.split(line), capture_output=True, check=True, timeout=30).stdout)
    assert answer["status"] == "in_flight"


def test_a_private_address_is_refused(tocsin: Tocsin) -> None:
    api = json.loads((tocsin.home / "run.json").read_text())["api_url"]
    (state,) = tocsin.json("submit", "--wait", f"{api}/v1/audit")
    assert (state["status"], state["reason"]) == ("discarded", "address_refused")


def test_a_bad_url_is_a_line_of_its_own_and_keeps_no_other_back(tocsin: Tocsin) -> None:
    api = json.loads((tocsin.home / "run.json").read_text())["api_url"]
    urls = [f"{api}/v1/audit", "ftp://example.org/", f"{api}/v1/queues"]
    ran = subprocess.run(
        [TOCSIN, "submit", "-", "--json"],
        input="\n".join(urls),
        env=tocsin.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 1
    assert [state["status"] for state in json.loads(ran.stdout)] == ["in_flight", "rejected", "in_flight"]
    assert "Traceback" not in ran.stderr


def test_a_worker_that_is_killed_comes_back_and_goes_on(tocsin: Tocsin) -> None:
    before = tocsin.children()["classifier"]
    os.kill(before["pid"], signal.SIGKILL)
    story = STORIES["jolo-grenade"]
    sent = demonstration.sent(tocsin.home)
    assert sent is not None
    (state,) = tocsin.json("submit", "--wait", demonstration.url(story, sent.port))
    assert state["status"] == "indexed"
    after = tocsin.children()["classifier"]
    assert (after["state"], after["restarts"]) == ("running", before["restarts"] + 1)
    assert after["pid"] != before["pid"]


def test_a_second_up_finds_everything_again(tocsin: Tocsin, incidents: dict[str, dict[str, Any]]) -> None:
    tocsin.run("down")
    tocsin.run("up", "--demo")
    assert {hit["id"] for hit in tocsin.json("search", "--limit", "100")["hits"]} == set(incidents)
    assert tocsin.json("audit")["balance"] == 0


def test_down_leaves_nothing_behind(tocsin: Tocsin) -> None:
    pids = [child["pid"] for child in tocsin.children().values()]
    assert len(pids) >= len(("fetcher", "extractor", "classifier", "indexer", "notifier", "beat", "api", "demo"))
    tocsin.run("down")
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    assert tocsin.json("status", check=False) == {"processes": [], "queues": None, "health": None}
