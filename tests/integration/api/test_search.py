"""Searching incidents and reading what is behind them."""

from collections.abc import Iterator
from datetime import date

import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient
from redis import Redis

from services.cli.embedded.instance import Servers
from services.indexer.index import index
from shared.incidents.locks import redis_locks
from shared.incidents.store import Store
from tests import examples
from tests.examples import coded, event, toll
from tests.integration.api.conftest import Away
from tests.integration.api.happenings import api_over, behind_of


@pytest.fixture(scope="module")
def filled(elasticsearch: Elasticsearch, servers: Servers) -> Iterator[TestClient]:
    """The API over two incidents that no test changes."""
    with api_over(elasticsearch, servers.redis_url, []) as api:
        behind = behind_of(api)
        for article in (
            coded(event(killed=toll(3), evidence={"type": ((0, 9),)}), text="A marketplace was bombed in Goma."),
            coded(
                event(place=examples.BUKAVU, date=examples.day(date(2026, 2, 1))),
                url="http://b.example/x",
                title="Grenade in Bukavu",
            ),
        ):
            index([article], store=behind.store(), locks=redis_locks(behind.redis))
        elasticsearch.indices.refresh(index=behind.alias("incidents"))
        yield api


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ({}, ["Goma", "Bukavu"]),
        ({"q": "grenades"}, ["Bukavu"]),
        ({"q": "goma"}, ["Goma"]),
        ({"q": "nothing like it"}, []),
        ({"type": "explosive_remote"}, ["Goma", "Bukavu"]),
        ({"type": ["riot", "protest"]}, []),
        ({"country": "cd"}, ["Goma", "Bukavu"]),
        ({"country": "RW"}, []),
        ({"from": "2026-03-01"}, ["Goma"]),
        ({"to": "2026-02-28"}, ["Bukavu"]),
        ({"from": "2026-03-03", "to": "2026-03-03"}, ["Goma"]),
        ({"limit": 1}, ["Goma"]),
        ({"limit": 1, "offset": 1}, ["Bukavu"]),
        ({"q": '"('}, []),
        ({"q": "  "}, ["Goma", "Bukavu"]),
        ({"q": "MEDELLIN"}, []),
        ({"q": "killed"}, ["Goma"]),  # said by the summary alone
        # said by the summary alone too, of days and of who tells it: no words of the happening
        ({"q": "march"}, []),
        ({"q": "feb*"}, []),
        ({"q": "2026"}, []),
        ({"q": "published"}, []),
        ({"q": "tells"}, []),
    ],
)
def test_incidents_are_found(filled: TestClient, query: dict[str, str], places: list[str]) -> None:
    answer = filled.get("/v1/incidents", params=query)
    assert answer.status_code == 200
    assert [hit["place"]["name"] for hit in answer.json()["hits"]] == places


def test_an_incident_is_found_by_its_number(filled: TestClient) -> None:
    number = filled.get("/v1/incidents").json()["hits"][0]["id"]
    assert [hit["id"] for hit in filled.get("/v1/incidents", params={"q": number}).json()["hits"]] == [number]


def test_names_are_found_without_their_accents(
    client: TestClient, store: Store, redis: Redis, elasticsearch: Elasticsearch, index_prefix: str
) -> None:
    medellin = examples.GOMA.model_copy(update={"name": "Medellín", "city": "Medellín", "country": "CO"})
    index([coded(event(place=medellin), title="Bomba en Medellín")], store=store, locks=redis_locks(redis))
    elasticsearch.indices.refresh(index=f"{index_prefix}incidents")
    for q in ("medellin", "Medellín"):
        assert client.get("/v1/incidents", params={"q": q}).json()["total"] == 1


def test_a_search_counts_and_facets(filled: TestClient) -> None:
    answer = filled.get("/v1/incidents", params={"limit": 0}).json()
    assert (answer["total"], answer["hits"]) == (2, [])
    assert {name: answer["facets"][name] for name in ("type", "subtype", "country")} == {
        "type": {"explosive_remote": 2},
        "subtype": {"bombing": 2},
        "country": {"CD": 2},
    }
    assert answer["histogram"] == {"interval": "month", "counts": {"2026-02": 1, "2026-03": 1}}


def test_an_incident_shows_its_sources_and_sentences(filled: TestClient) -> None:
    (hit, _) = filled.get("/v1/incidents").json()["hits"]
    incident = filled.get(f"/v1/incidents/{hit['id']}").json()
    (source,) = incident["sources"]
    assert source["quotes"]["type"] == ["A marketp"]
    article = filled.get(f"/v1/articles/{source['article_id']}").json()
    assert article["events"][0]["killed"]["best"] == 3


@pytest.mark.parametrize(
    "query",
    [
        {"type": "war"},
        {"country": "Iraq"},
        {"from": "soon"},
        {"limit": 101},
        {"page": 2},
        {"from": "2026-03-02", "to": "2026-03-01"},
    ],
)
def test_a_bad_search_is_a_problem(client: TestClient, query: dict[str, str]) -> None:
    answer = client.get("/v1/incidents", params=query)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.fixture
def narrow(filled: TestClient, elasticsearch: Elasticsearch) -> Iterator[TestClient]:
    """The API over a node that takes one value a condition."""
    names = [behind_of(filled).alias(name) for name in ("incidents", "articles")]
    elasticsearch.indices.put_settings(index=names, settings={"index.max_terms_count": 1})
    yield filled
    elasticsearch.indices.put_settings(index=names, settings={"index.max_terms_count": None})


@pytest.mark.parametrize(
    "path",
    [
        "incidents?country=CD&country=RW",
        "incidents?country=CD&country=RW&cursor=*",
        "incidents/export?format=csv&country=CD&country=RW",
        "incidents/export?format=stix&country=CD&country=RW",
        "incidents/feed?country=CD&country=RW",
        "articles?language=en&language=fr",
    ],
)
def test_what_elasticsearch_refuses_is_a_problem_of_who_asks(narrow: TestClient, path: str) -> None:
    answer = narrow.get(f"/v1/{path}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert answer.json()["detail"].startswith("The index refuses this search, ask for fewer")
    assert "max_terms_count" in answer.json()["detail"]
    assert narrow.get("/v1/incidents?country=CD").json()["total"] == 2


def test_a_search_before_anything_was_indexed_is_empty(away: Away) -> None:
    with away(index_prefix="never-made-") as client:
        answer = client.get("/v1/incidents").json()
        assert (answer["total"], answer["hits"], answer["facets"], answer["histogram"]) == (0, [], {}, None)
        assert client.get("/v1/submissions/none").status_code == 404
        assert client.get("/v1/audit").json()["balance"] == 0
