"""Pages without end: nothing twice, nothing left out, while incidents change; and searches of articles."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient

from services.cli.embedded.instance import Servers
from shared.documents import document, from_document
from shared.domain.article import Published
from shared.domain.incident import FiledArticle
from shared.errors import Reason, Unavailable
from shared.search import paging
from shared.search.incidents import IncidentQuery
from tests import examples
from tests.integration.api.happenings import api_over, number, six


def filed(name: str, day: str, *, reason: Reason | None = None, **fields: Any) -> FiledArticle:
    """An article as it is kept."""
    article = examples.article(f"http://{name}.example/x", published=Published.of_day(day), **fields)
    return FiledArticle(**article.model_dump(), relevant=reason is None, discard_reason=reason, model=f"m-{name}")


ARTICLES = [
    filed("north", "2026-03-04", title="Bombs in Goma").model_copy(update={"incident_ids": (number("goma"),)}),
    filed(
        "south", "2026-03-05T23:30:00-05:00", title="Cup final", text="A bomb of a goal.", reason=Reason.NOT_RELEVANT
    ),
    filed("west", "2026-03-06", title="Granada", text="En Cali.", language="es", reason=Reason.LANGUAGE),
]


@pytest.fixture
def api(elasticsearch: Elasticsearch, servers: Servers) -> Iterator[TestClient]:
    """The API over six incidents and three articles, which a test may change."""
    with api_over(elasticsearch, servers.redis_url, [*six().values(), *ARTICLES]) as client:
        yield client


def prefix(api: TestClient) -> str:
    return str(api.app.state.services.index_prefix)  # type: ignore[attr-defined]


def test_pages_show_the_index_as_it_was_when_the_first_was_read(api: TestClient, elasticsearch: Elasticsearch) -> None:
    asked: dict[str, Any] = {"limit": 2, "sort": "date", "cursor": "*"}
    first = api.get("/v1/incidents", params=asked).json()
    index = f"{prefix(api)}incidents"
    moved = six()["suva"].model_copy(update={"date": examples.day(examples.NOON.date())})
    elasticsearch.index(index=index, id=moved.id, document=document(moved))
    elasticsearch.delete(index=index, id=number("medellin"))
    new = moved.model_copy(update={"id": number("new")})
    elasticsearch.index(index=index, id=new.id, document=document(new), refresh=True)
    second = api.get("/v1/incidents", params=asked | {"cursor": first["next"]}).json()
    third = api.get("/v1/incidents", params=asked | {"cursor": second["next"], "limit": 100}).json()
    read = [hit["id"] for page in (first, second, third) for hit in page["hits"]]
    assert read == [number(name) for name in ("nowhere", "goma", "medellin", "suva", "apia")]
    assert (first["total"], third["total"], third["next"]) == (5, 5, None)
    assert first["facets"]
    assert second["facets"] == {}


def test_a_cursor_that_cannot_be_read_on_from_says_why(api: TestClient, elasticsearch: Elasticsearch) -> None:
    cursor = api.get("/v1/incidents", params={"limit": 2, "cursor": "*"}).json()["next"]
    other = api.get("/v1/incidents", params={"limit": 2, "cursor": cursor, "q": "goma"})
    assert (other.status_code, "another search" in other.text) == (422, True)
    digest, pit, after = json.loads(base64.urlsafe_b64decode(cursor))
    forged = base64.urlsafe_b64encode(json.dumps([digest, "Zm9v", after]).encode()).decode()
    crooked = base64.urlsafe_b64encode(json.dumps([digest, pit, [1]]).encode()).decode()
    for bad in ("nonsense", forged, crooked):
        answer = api.get("/v1/incidents", params={"limit": 2, "cursor": bad})
        assert (answer.status_code, "no cursor of ours" in answer.text) == (422, True), bad
    elasticsearch.close_point_in_time(id=pit)
    gone = api.get("/v1/incidents", params={"limit": 2, "cursor": cursor})
    assert gone.status_code == 410
    assert "begin again with cursor=*" in gone.json()["detail"]
    assert gone.headers["Content-Type"] == "application/problem+json"


def test_a_deep_page_is_refused_with_the_way_out(api: TestClient) -> None:
    answer = api.get("/v1/incidents", params={"offset": 9990})
    assert answer.status_code == 422
    assert "read on with cursor=*" in answer.text


def test_a_scan_reads_all_that_matches_and_closes_what_it_opened(api: TestClient, elasticsearch: Elasticsearch) -> None:
    index, clause = f"{prefix(api)}incidents", IncidentQuery().clause()
    before = contexts(elasticsearch)  # cursors of other tests close by themselves, after a while
    read = [one["id"] for one in paging.scan(elasticsearch, index, clause, page=2, sort=["id"], excludes=["text"])]
    assert read == sorted(read)
    assert len(read) == 5
    given_up = paging.scan(elasticsearch, index, clause, page=1)
    assert "text" in next(given_up)
    given_up.close()
    assert contexts(elasticsearch) <= before
    assert list(paging.scan(elasticsearch, "never-made", clause)) == []


def contexts(client: Elasticsearch) -> int:
    """How many views the node keeps."""
    stats = client.indices.stats(index="test-*", metric="search")
    return int(stats["_all"]["total"]["search"]["open_contexts"])


def test_a_scan_whose_view_is_lost_says_so(api: TestClient, elasticsearch: Elasticsearch) -> None:
    reading = paging.scan(elasticsearch, f"{prefix(api)}incidents", {"match_all": {}}, page=1)
    next(reading)
    elasticsearch.close_point_in_time(id=reading.gi_frame.f_locals["pit"])  # type: ignore[attr-defined]
    with pytest.raises(Unavailable, match="lost its place"):
        next(reading)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["west", "south", "north"]),
        ({"q": "bombing"}, ["north", "south"]),
        ({"q": "bomb", "relevant": True}, ["north"]),
        ({"relevant": False}, ["west", "south"]),
        ({"site": "West.example"}, ["west"]),
        ({"language": "es"}, ["west"]),
        ({"discard_reason": ["language", "robots"]}, ["west"]),
        ({"from": "2026-03-05", "to": "2026-03-05"}, ["south"]),
        ({"from": "2026-03-05"}, ["west", "south"]),
        ({"to": "2026-03-04"}, ["north"]),
        ({"to": "9999-12-31"}, ["west", "south", "north"]),
        ({"incident": number("goma")}, ["north"]),
        ({"model": "m-south"}, ["south"]),
        ({"order": "asc"}, ["north", "south", "west"]),
    ],
)
def test_articles_are_found(articles: TestClient, asked: dict[str, Any], found: list[str]) -> None:
    answer = articles.get("/v1/articles", params=asked).json()
    assert [hit["site"].split(".")[0] for hit in answer["hits"]] == found
    assert answer["total"] == len(found)


@pytest.fixture(scope="module")
def articles(elasticsearch: Elasticsearch, servers: Servers) -> Iterator[TestClient]:
    """The API over three articles."""
    with api_over(elasticsearch, servers.redis_url, ARTICLES) as client:
        yield client


def test_articles_are_counted_and_paged(articles: TestClient) -> None:
    answer = articles.get("/v1/articles", params={"relevant": False, "language": "es"}).json()
    assert answer["facets"]["relevant"] == {"false": 1}
    assert answer["facets"]["language"] == {"en": 1, "es": 1}
    assert answer["facets"]["discard_reason"] == {"language": 1}
    first = articles.get("/v1/articles", params={"limit": 2, "cursor": "*", "sort": "fetched"}).json()
    rest = articles.get("/v1/articles", params={"limit": 2, "cursor": first["next"], "sort": "fetched"}).json()
    assert len({hit["id"] for hit in first["hits"] + rest["hits"]}) == 3
    assert rest["next"] is None


def test_the_timeline_has_every_report_in_order(elasticsearch: Elasticsearch, servers: Servers) -> None:
    reports = [
        examples.report(f"http://{name}.example/x", published=Published.of_day(day)).model_copy(
            update={"incident_id": number("goma")}
        )
        for name, day in (("b", "2026-03-05"), ("a", "2026-03-04"), ("c", "2026-03-06"))
    ]
    with api_over(elasticsearch, servers.redis_url, [six()["goma"], *reports]) as api:
        path = f"/v1/incidents/{number('goma')}/timeline"
        told = api.get(path).json()
        assert [report["site"] for report in told["reports"]] == ["a.example", "b.example", "c.example"]
        later = api.get(path, params={"limit": 1, "offset": 2}).json()
        assert (later["total"], later["reports"][0]["site"]) == (3, "c.example")
        assert api.get(f"/v1/incidents/{number('none')}/timeline").status_code == 404


def test_documents_give_their_models_back_after_a_scan(api: TestClient, elasticsearch: Elasticsearch) -> None:
    read = paging.scan(elasticsearch, f"{prefix(api)}incidents", {"term": {"id": number("goma")}})
    assert from_document(type(six()["goma"]), next(read)) == six()["goma"]
