"""Health, queues, the description, and requests that make no sense."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from redis import Redis

from services.api.dependencies import Services
from shared.delivery.delays import Delays
from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item
from shared.delivery.quarantine import Quarantine
from shared.pipeline import EXTRACT, FETCH
from shared.worker import canary
from tests import examples
from tests.integration.api.conftest import Away


def test_the_process_is_alive_whatever_is_behind_it(away: Away) -> None:
    gone = Redis(port=1, socket_connect_timeout=1)
    with away(redis=gone, ledger=Ledger(gone)) as client:
        assert client.get("/v1/health/live").json() == {"alive": True}
        health = client.get("/v1/health")
    assert health.status_code == 503
    assert health.json() == {"redis": False, "elasticsearch": True, "workers": {}, "silent": []}


def test_health_tells_which_queues_have_a_worker_that_is_well(client: TestClient, redis: Redis) -> None:
    canary.mark(redis, "fetch")
    redis.set("tocsin:canary:index", redis.time()[0] - canary.limit_s("index") - 10)
    answer = client.get("/v1/health")
    assert answer.status_code == 200  # workers that are away make it no less ready
    workers = answer.json()["workers"]
    assert set(workers) == {"fetch", "extract", "classify", "index", "notify"}
    assert workers["index"] > canary.limit_s("index")
    assert workers["extract"] is None
    assert set(answer.json()["silent"]) == {"extract", "classify", "index", "notify"}


def test_the_queues_are_counted(client: TestClient, redis: Redis) -> None:
    one = examples.submission()
    Delays(redis).put(FETCH, [Item.of(one, one)], 60)
    Quarantine(redis).add(EXTRACT, {"a": "message"}, ValueError("odd"))
    redis.lpush("classify", "a message", "another")
    client.post("/v1/submissions", json={"url": "http://e.org/"})
    state = client.get("/v1/queues").json()
    assert state["queues"] == {"classify": 2, "extract": 0, "fetch": 0, "index": 0, "notify": 0}
    assert state["quarantine"] == {"fetch": 0, "extract": 1, "classify": 0, "index": 0, "record": 0, "notify": 0}
    assert (state["delayed"], state["in_flight"], state["pressure"]) == (1, 1, None)


def test_the_description_is_served_without_anybody_elses_server(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page
    assert client.get("/", follow_redirects=False).headers["Location"] == "/docs"


def _operations(client: TestClient) -> list[tuple[str, str, dict[str, Any]]]:
    paths = client.get("/openapi.json").json()["paths"]
    return [(path, method, operation) for path, methods in paths.items() for method, operation in methods.items()]


def test_every_route_is_described_with_what_it_may_answer_instead(client: TestClient) -> None:
    for path, method, operation in _operations(client):
        responses = operation["responses"]
        assert operation.get("description"), path
        assert set(responses["422"]["content"]) == {"application/problem+json"}, path
        assert "503" in responses, path
        assert ("{" in path) == ("404" in responses), path
        assert (path.endswith(("submissions", "retry", "test")) and method == "post") == ("429" in responses), path


@pytest.mark.parametrize("odd", ["none", "%00", "%ff%fe", "..%2f..", "fetch%0a", "x" * 5000, "🛎"])
def test_odd_names_in_a_path_are_answered_as_described(client: TestClient, odd: str) -> None:
    for path, method, operation in _operations(client):
        if "{" in path:
            named = path.replace("{step}", odd, 1) if "{step}" in path else path
            named = "/".join(odd if part.startswith("{") else part for part in named.split("/"))
            for answer in (
                client.request(method, named, json={"all": True} if path.endswith("drop") else None),
                client.request(method, named.replace(f"quarantine/{odd}", "quarantine/fetch"), json={"ids": [odd]}),
            ):
                assert str(answer.status_code) in {*operation["responses"], "404", "405"}, (named, answer.text)
                if answer.is_error:
                    assert answer.headers["Content-Type"] == "application/problem+json", named


def test_the_ledger_of_the_services_is_that_of_the_queues(client: TestClient, services: Services) -> None:
    services.ledger.accept(examples.submission())
    assert client.get("/v1/queues").json()["in_flight"] == 1
