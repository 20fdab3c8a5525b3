"""What deciding reads and writes: once, bounded, and what an older version filed is put right on the way."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient

from services.api.app import create_app
from services.api.dependencies import Services
from services.cli.client import Client
from shared.documents import document
from shared.domain.decision import Decision, DecisionKind
from shared.incidents.requests import MOST_DECISIONS
from shared.incidents.situation import situation
from shared.index import connect
from tests.examples import API
from tests.integration.curation.conftest import Desk
from tests.integration.curation.test_decisions import bukavu, story
from tests.integration.indexer.faults import Proxy

BEGUN = datetime(2026, 4, 1, tzinfo=UTC)


def asked(services: Services, proxy: Proxy, number: str, kind: str, **body: Any) -> list[str]:
    """Decide, and return what Elasticsearch was asked for it."""
    values = {name: getattr(services, name) for name in Services.__dataclass_fields__}
    api = create_app(Services(**(values | {"elasticsearch": connect(proxy.url)})))
    with TestClient(api, base_url=API) as client:
        proxy.asked.clear()
        answer = client.post(f"/v1/incidents/{number}/{kind}", json={"who": "ana", "why": "so", **body})
        assert answer.status_code == 200, answer.json()
    return list(proxy.asked)


def times(calls: list[str], *parts: str) -> int:
    """How many of some calls have all these parts."""
    return sum(all(part in call for part in parts) for call in calls)


def test_a_decision_reads_its_incidents_once_to_know_the_locks_and_once_under_them(
    desk: Desk, services: Services, proxy: Proxy
) -> None:
    a, b = desk.file(story("a"), bukavu("b"))
    desk.file(story("c"))
    edit = asked(services, proxy, a, "edit", revision=desk.get(a)["revision"], fields={"title": "x"})
    assert times(edit, "incidents-of-v1/_mget") == 2
    assert times(edit, "reports-of-v1/_search") == 2
    assert times(edit, "decisions-of-v1/_search") == 2
    merge = asked(services, proxy, a, "merge", revision=desk.get(a)["revision"], into=b)
    assert times(merge, "incidents-of-v1/_mget") == 2
    (undone,) = [
        row["decision"]["id"]
        for row in desk.http.get(f"/v1/incidents/{b}/history").json()["decisions"]
        if row["decision"]["kind"] == "merge"
    ]
    undo = asked(services, proxy, b, "undo", revision=desk.get(b)["revision"], decision=undone)
    # the incident that is merged into it is found by the decision: one more each time
    assert times(undo, "incidents-of-v1/_mget") == 4
    assert (desk.sites(a), desk.sites(b)) == (["a.example", "c.example"], ["b.example"])


def test_an_incident_that_an_older_version_filed_is_right_after_the_next_touch(
    desk: Desk, elasticsearch: Elasticsearch, index_prefix: str
) -> None:
    (a,) = desk.file(story("a"))
    index = f"{index_prefix}incidents"
    whole = elasticsearch.get(index=index, id=a)["_source"]
    older = {name: value for name, value in whole.items() if name != "plain"}
    older["place"] = {name: value for name, value in whole["place"].items() if name != "plain"}
    elasticsearch.index(index=index, id=a, document=older)
    seen = situation([a], desk.store)
    assert [new.revision for new, _ in seen.changes(desk.store).incidents] == [whole["revision"]]
    desk.store.write(seen.changes(desk.store))
    assert elasticsearch.get(index=index, id=a)["_source"] == whole
    assert situation([a], desk.store).changes(desk.store).incidents == []


def edits(number: str, count: int) -> list[Decision]:
    """Decisions about an incident, one a minute."""
    return [
        Decision(
            id=f"e{n:05}", kind=DecisionKind.EDIT, incident_ids=(number,), who="bot", why="again",
            at=BEGUN + timedelta(minutes=n), fields={"title": f"Title {n}"}, before={"title": "x"},
        )
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture
def long(desk: Desk, elasticsearch: Elasticsearch, index_prefix: str) -> str:
    """The number of an incident that has had all the decisions it may have."""
    (a,) = desk.file(story("a"))
    operations = [part for one in edits(a, MOST_DECISIONS) for part in ({"index": {"_id": one.id}}, document(one))]
    assert not elasticsearch.bulk(index=f"{index_prefix}decisions", operations=operations, refresh=True)["errors"]
    desk.store.write(situation([a], desk.store).changes(desk.store))
    return a


def test_a_long_history_is_read_page_by_page(desk: Desk, long: str) -> None:
    path = f"/v1/incidents/{long}/history"
    page = desk.http.get(path).json()
    assert (page["total"], len(page["decisions"])) == (MOST_DECISIONS, 100)
    assert [row["decision"]["id"] for row in page["decisions"][:2]] == ["e00000", "e00001"]
    last = desk.http.get(path, params={"offset": MOST_DECISIONS - 2, "limit": 5}).json()
    assert [row["decision"]["id"] for row in last["decisions"]] == ["e00998", "e00999"]
    assert [desk.http.get(path, params=bad).status_code for bad in ({"limit": 101}, {"offset": 10_000})] == [422, 422]

    def through(request: httpx.Request) -> httpx.Response:
        answer = desk.http.request(request.method, str(request.url))
        return httpx.Response(answer.status_code, content=answer.content)

    with Client(API, transport=httpx.MockTransport(through)) as client:
        ids = [row["decision"]["id"] for row in client.history(long)["decisions"]]
    assert ids == [f"e{n:05}" for n in range(MOST_DECISIONS)]


def test_an_incident_has_so_many_decisions_and_no_more_but_each_can_be_undone(desk: Desk, long: str) -> None:
    refused = desk.ask("edit", long, fields={"title": "One more"})
    assert (refused.status_code, refused.headers["Content-Type"]) == (409, "application/problem+json")
    assert "1,000 decisions" in refused.json()["detail"]
    desk.undo(long, {"id": f"e{MOST_DECISIONS - 1:05}"})
    assert desk.get(long)["title"] == f"Title {MOST_DECISIONS - 2}"
    rows = desk.http.get(f"/v1/incidents/{long}/history", params={"offset": MOST_DECISIONS - 1}).json()["decisions"]
    assert [(row["decision"]["kind"], row["stands"]) for row in rows] == [("edit", False), ("undo", False)]
