"""What the API tells of itself, and beat of the queues."""

from collections.abc import Callable
from typing import cast

import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway

from services.api.app import create_app
from services.api.dependencies import Services
from services.api.measuring import FORWARDED
from shared import traces
from shared.delivery.ledger import Ledger
from shared.delivery.pressure import PAGE_STORE_FREE, Limit, Pressure
from shared.delivery.quarantine import Quarantine
from shared.delivery.timing import timing
from shared.index import connect
from shared.metrics.backlog import Backlog
from shared.pipeline import CLASSIFY, FETCH, STAGES
from shared.settings import Settings
from shared.worker import canary
from tests import examples, otlp
from tests.integration.api.conftest import Away


def times(route: str, status: str, method: str = "GET") -> float:
    labels = {"method": method, "route": route, "status": status}
    return REGISTRY.get_sample_value("tocsin_http_request_seconds_count", labels) or 0.0


def test_requests_count_by_route_and_never_by_path(client: TestClient) -> None:
    before = times("/v1/submissions/{submission_id}", "4xx"), times("none", "4xx"), times("none", "4xx", "other")
    for n in range(3):
        client.get(f"/v1/submissions/nobody-{n}")
        client.get(f"/nowhere/{n}")
        client.request(f"ODD{n}", "/nowhere")
    after = times("/v1/submissions/{submission_id}", "4xx"), times("none", "4xx"), times("none", "4xx", "other")
    assert [now - then for now, then in zip(after, before, strict=True)] == [3, 3, 3]


def test_they_can_be_scraped_and_stand_in_no_description(client: TestClient) -> None:
    client.get("/v1/health/live")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'tocsin_http_request_seconds_count{method="GET",route="/v1/health/live",status="2xx"}' in answer.text
    assert "/metrics" not in client.get("/openapi.json").json()["paths"]


@pytest.mark.parametrize("header", FORWARDED)
def test_who_comes_through_a_proxy_finds_no_metrics(client: TestClient, header: str) -> None:
    answer = client.get("/metrics", headers={header: "203.0.113.9"})
    assert answer.status_code == 404
    assert "tocsin_" not in answer.text


def told(redis: Redis) -> Callable[..., float | None]:
    """Return what gives a value that beat would tell now."""
    registry = CollectorRegistry()
    registry.register(Backlog(redis, timing()))

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    return value


def test_beat_tells_what_waits_how_long_and_where(redis: Redis, services: Services) -> None:
    ledger, quarantine = Ledger(redis), Quarantine(redis)
    late, fresh = examples.submission("https://e.org/late"), examples.submission("https://e.org/fresh")
    for one in (late, fresh):
        services.ledger.accept(one)
    now = float(redis.time()[0])
    redis.zadd("tocsin:at:fetch", {late.id: now - timing().overdue_s["fetch"] - 100})
    quarantine.add(CLASSIFY, {"any": "message"}, ValueError("a bug"))
    redis.rpush("index", "a", "b")
    canary.mark(redis, "extract")

    value = told(redis)
    assert value("tocsin_redis_up") == 1
    assert (value("tocsin_step_submissions", step="fetch"), value("tocsin_step_submissions", step="index")) == (2, 0)
    assert (value("tocsin_ledger_overdue", step="fetch"), value("tocsin_ledger_overdue", step="index")) == (1, 0)
    oldest = value("tocsin_step_oldest_seconds", step="fetch")
    assert oldest is not None
    assert 99 < oldest - timing().overdue_s["fetch"] < 160
    assert value("tocsin_step_oldest_seconds", step="record") == 0
    assert value("tocsin_quarantine_messages", step="classify") == 1
    assert (value("tocsin_queue_messages", queue="index"), value("tocsin_queue_messages", queue="fetch")) == (2, 0)
    assert (value("tocsin_worker_silent_seconds", queue="fetch") or 0) == canary.TTL_S
    assert (value("tocsin_worker_silent_seconds", queue="extract") or 0) < 60
    assert value("tocsin_worker_silent_limit_seconds", queue="extract") == canary.limit_s("extract")
    assert value("tocsin_accepted_total") == 2
    assert value("tocsin_delayed_articles") == 0
    assert set(ledger.backlog(timing().overdue_s)) == set(STAGES)
    assert ledger.find(late.id) is not None
    assert FETCH.name in STAGES


def test_without_redis_beat_says_so_and_nothing_else() -> None:
    class Away:
        def __getattr__(self, name: str) -> Callable[..., object]:
            def refuse(*_: object, **__: object) -> object:
                raise RedisAway(name)

            return (lambda *_: refuse) if name == "register_script" else refuse

    registry = CollectorRegistry()
    registry.register(Backlog(cast("Redis", Away()), timing()))
    lines = [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]
    assert lines == ["tocsin_redis_up 0.0"]


def test_the_hook_opens_the_trace_of_the_submission_beside_that_of_the_request(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    with otlp.collector() as collected:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collected.url)
        with TestClient(create_app(services), base_url=examples.API) as client:
            accepted = client.post("/v1/submissions", json={"url": "https://e.org/a"}).json()["id"]
            client.get("/metrics")
        traces.stop()
    (span,) = collected.traces.pop(accepted)
    assert (span.name, span.span_id, span.parent_id) == ("submit", accepted[:16], "")
    ((asked,),) = collected.traces.values()
    assert (asked.name, asked.attributes["http.route"]) == ("POST /v1/submissions", "/v1/submissions")


def scraped(client: TestClient, name: str) -> dict[str, float]:
    """Return the values of a metric that the API tells, by their labels."""
    lines = [line for line in client.get("/metrics").text.splitlines() if line.startswith((f"{name} ", f"{name}{{"))]
    return {line.rpartition(" ")[0].removeprefix(name): float(line.rpartition(" ")[2]) for line in lines}


def test_how_near_each_limit_is_can_be_scraped(client: TestClient, services: Services, limits: Settings) -> None:
    services.redis.set(PAGE_STORE_FREE, 2 * limits.page_store_min_free_bytes)
    services.ledger.accept(examples.submission("http://e.org/1"))
    before = services.redis.config_get("maxmemory")["maxmemory"] or 0
    try:
        services.redis.config_set("maxmemory", 1 << 30)
        assert scraped(client, "tocsin_intake_fill") == {
            '{limit="in_flight"}': pytest.approx(1 / limits.max_in_flight),
            '{limit="redis_memory"}': pytest.approx(0, abs=0.5),
            '{limit="page_store"}': 0.5,
        }
        assert scraped(client, "tocsin_page_store_free_bytes") == {"": 2 * limits.page_store_min_free_bytes}
        services.redis.config_set("maxmemory", 0)
        services.redis.delete(PAGE_STORE_FREE)
        assert set(scraped(client, "tocsin_intake_fill")) == {'{limit="in_flight"}'}  # no limit, and nobody reports
        assert not scraped(client, "tocsin_page_store_free_bytes")
    finally:
        services.redis.config_set("maxmemory", before)


def test_what_is_refused_counts_by_its_limit(away: Away) -> None:
    full = Pressure(limit=Limit.PAGE_STORE, detail="It is full.", retry_after_s=5)
    client = away(pressure=lambda: full)
    before = scraped(client, "tocsin_intake_refused_total")
    assert client.post("/v1/submissions", json={"url": "http://e.org/1"}).status_code == 429
    after = scraped(client, "tocsin_intake_refused_total")
    assert {name for name in after if after[name] != before[name]} == {'{limit="page_store"}'}


def test_an_index_that_is_read_only_and_an_elasticsearch_that_is_away_can_be_scraped(
    client: TestClient, away: Away, elasticsearch: Elasticsearch, services: Services
) -> None:
    up, closed = "tocsin_elasticsearch_up", "tocsin_elasticsearch_read_only_indices"
    assert (scraped(client, up), scraped(client, closed)) == ({"": 1}, {"": 0})
    index = f"{services.index_prefix}outcomes-v1"
    for block, count in (("read_only_allow_delete", 1), ("write", 0)):
        try:
            elasticsearch.indices.put_settings(index=index, settings={f"index.blocks.{block}": True})
            assert scraped(client, closed) == {"": count}, block
        finally:
            elasticsearch.indices.put_settings(index=index, settings={f"index.blocks.{block}": None})
    gone = away(elasticsearch=connect("http://127.0.0.1:1"))
    assert (scraped(gone, up), scraped(gone, closed)) == ({"": 0}, {})


def test_a_redis_that_is_away_leaves_the_rest_to_be_scraped(away: Away) -> None:
    client = away(redis=Redis.from_url("redis://127.0.0.1:1/0"))
    assert scraped(client, "tocsin_intake_fill") == {}
    assert scraped(client, "tocsin_elasticsearch_up") == {"": 1}
