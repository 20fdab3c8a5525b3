"""What the indexer counts of its decisions, and of what Elasticsearch does not take."""

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError, ConnectionTimeout
from prometheus_client import REGISTRY

from shared.errors import Outage, Transient
from shared.incidents.answers import Refused, judge, sound, verdicts
from tests.examples import coded, event, toll
from tests.integration.indexer.conftest import Batch, File


def decisions() -> tuple[float, float, float]:
    return (
        REGISTRY.get_sample_value("tocsin_merge_decisions_total", {"decision": "founded"}) or 0,
        REGISTRY.get_sample_value("tocsin_merge_decisions_total", {"decision": "joined"}) or 0,
        REGISTRY.get_sample_value("tocsin_merge_score_count", {"decision": "joined"}) or 0,
    )


def refusals() -> dict[str, float]:
    kinds = ("Outage", "Transient", "Refused")
    return {k: REGISTRY.get_sample_value("tocsin_elasticsearch_refusals_total", {"verdict": k}) or 0 for k in kinds}


def test_each_report_founds_an_incident_or_joins_one(file: File, batch: Batch) -> None:
    before = decisions()
    file(coded(event(killed=toll(2)), url="http://a.example/x"))
    batch(coded(event(killed=toll(3)), url="http://b.example/x"), coded(url="http://c.example/nothing-told"))
    assert [now - then for now, then in zip(decisions(), before, strict=True)] == [1, 1, 1]


def answered(status: int, kind: str) -> ApiError:
    meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.1, NodeConfig("http", "127.0.0.1", 9200))
    return ApiError(kind, meta, {})


@pytest.mark.parametrize(
    ("error", "verdict", "counted"),
    [
        (ConnectionTimeout("late"), Outage, "Outage"),
        (answered(429, "es_rejected_execution_exception"), Outage, "Outage"),
        (answered(404, "index_not_found_exception"), Outage, "Outage"),
        (answered(409, "version_conflict_engine_exception"), Transient, "Transient"),
        (answered(400, "mapper_parsing_exception"), ApiError, "Refused"),
    ],
)
def test_what_elasticsearch_does_not_take_counts_once_by_what_comes_of_it(
    error: Exception, verdict: type[Exception], counted: str
) -> None:
    before = refusals()
    with pytest.raises(verdict), verdicts():
        raise error
    assert {kind: count - before[kind] for kind, count in refusals().items() if count != before[kind]} == {counted: 1}


def test_a_bulk_counts_once_however_many_items_failed() -> None:
    before = refusals()
    failures = [{"status": 429, "error": {"type": "es_rejected_execution_exception"}, "_index": "reports"}] * 5
    with pytest.raises(Outage):
        judge(failures, incidents="incidents")
    with pytest.raises(Refused):
        sound({"error": {"type": "parsing_exception"}, "status": 400})
    assert {kind: count - before[kind] for kind, count in refusals().items()} == {
        "Outage": 1,
        "Transient": 0,
        "Refused": 1,
    }
