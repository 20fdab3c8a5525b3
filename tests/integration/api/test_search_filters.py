"""Every condition of a search lets in what it should and keeps out the rest, on a real Elasticsearch."""

from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.cli.embedded.instance import Servers
from tests.integration.api.happenings import api_over, number, six

ACTIVE = ["goma", "medellin", "suva", "apia", "nowhere"]


@pytest.fixture(scope="module")
def api(elasticsearch: Elasticsearch, servers: Servers) -> Iterator[TestClient]:
    """The API over six incidents."""
    with api_over(elasticsearch, servers.redis_url, list(six().values())) as client:
        yield client


def names(answer: dict[str, Any]) -> list[str]:
    return [hit["id"].removeprefix("TCN-").lstrip("0").lower() for hit in answer["hits"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ACTIVE),
        # words
        ({"q": "bombing"}, ["goma"]),
        ({"q": "bombed the markets"}, ["goma"]),
        ({"q": '"market in goma"'}, ["goma"]),
        ({"q": '"goma market"'}, []),
        ({"q": "goma | suva"}, ["goma", "suva"]),
        ({"q": "goma OR suva"}, ["goma", "suva"]),
        ({"q": "march -apia"}, ["medellin"]),
        ({"q": "march NOT medellin"}, ["apia"]),
        ({"q": "(goma OR suva) clash"}, ["suva"]),
        ({"q": "khora*"}, ["suva"]),
        ({"q": "horasan*"}, []),
        ({"q": "*horasan"}, []),
        ({"q": "peace"}, ["medellin"]),
        ({"q": "Zawahri"}, ["medellin"]),
        ({"q": "Zawahri peace"}, ["medellin"]),
        ({"q": "Medelin"}, ["medellin"]),
        ({"q": "medellin granada"}, ["medellin"]),
        ({"q": "gomo"}, []),
        ({"q": "the"}, ACTIVE),
        ({"q": number("goma")}, ["goma"]),
        # kind, certainty, source
        ({"type": ["battle", "protest"]}, ["suva", "apia"]),
        ({"subtype": "grenade"}, ["medellin"]),
        ({"realis": "attempted"}, ["medellin"]),
        ({"source": "www.West.example"}, ["medellin", "suva"]),
        ({"min_reports": 2}, ["goma"]),
        ({"min_confidence": 0.6}, ["goma", "suva", "nowhere"]),
        ({"status": "merged"}, ["merged"]),
        ({"status": ["active", "merged"], "q": "goma"}, ["goma", "merged"]),
        ({"target": "market"}, ["goma"]),
        ({"weapon": ["ied", "grenade"]}, ["goma", "medellin"]),
        # place
        ({"country": ["cd", "FJ"]}, ["goma", "suva"]),
        ({"admin1": "north kivu"}, ["goma"]),
        ({"city": "MEDELLIN"}, ["medellin"]),
        ({"city": "Medellín"}, ["medellin"]),
        ({"city": "Medell"}, []),
        ({"bbox": "-80,0,-70,10"}, ["medellin"]),
        ({"bbox": "177,-20,-170,-10"}, ["suva", "apia"]),
        ({"bbox": "-170,-20,177,-10"}, []),
        ({"lat": -14, "lon": 179.9, "km": 1000}, ["suva", "apia"]),
        ({"lat": -18, "lon": 178, "km": 100}, ["suva"]),
        # time: any overlap
        ({"from": "2026-02-05", "to": "2026-02-06"}, ["medellin"]),
        ({"from": "2026-02-07", "to": "2026-03-03"}, ["goma", "medellin"]),
        ({"from": "2026-02-08"}, ["goma", "nowhere"]),
        ({"to": "2026-01-31"}, ["suva"]),
        # tolls: the interval from min to max
        ({"killed_min": 5}, ["goma", "suva"]),
        ({"killed_min": 6}, ["suva"]),
        ({"killed_min": 1_000_000}, ["suva"]),
        ({"killed_max": 2}, ["apia"]),
        ({"killed_min": 1, "killed_max": 3}, ["goma"]),
        ({"killed_min": 0, "killed_max": 0}, ["apia"]),
        ({"killed_min": 6, "killed_unknown": "include"}, ["medellin", "suva", "nowhere"]),
        ({"killed_unknown": "only"}, ["medellin", "nowhere"]),
        ({"killed_unknown": "exclude"}, ["goma", "suva", "apia"]),
        ({"injured_min": 1}, ["medellin"]),
        ({"injured_max": 1}, []),
        ({"injured_unknown": "exclude"}, ["medellin"]),
        # parties: all that is asked holds for the same one
        ({"actor": "allied democratic"}, ["goma", "nowhere"]),
        ({"actor": "democratic allied"}, []),
        ({"actor": "adf"}, ["goma", "nowhere"]),
        ({"actor": "ADF Madina"}, []),
        ({"actor": "al-zawahiri"}, ["medellin"]),
        ({"actor": "zawahri"}, []),
        ({"actor": ["adf", "islamic state"]}, ["goma", "suva", "nowhere"]),
        ({"actor": "adf", "role": "perpetrator"}, ["goma"]),
        ({"actor": "adf", "role": "victim"}, []),
        ({"role": "victim"}, ["goma", "medellin"]),
        ({"role": "victim", "sector": "rebel"}, ["medellin"]),
        ({"sector": "police"}, ["nowhere"]),
        ({"actor_kind": "person", "role": "victim", "sector": "civilian"}, ["goma"]),
    ],
)
def test_a_condition_lets_in_and_keeps_out(api: TestClient, asked: dict[str, Any], found: list[str]) -> None:
    answer = api.get("/v1/incidents", params=asked | {"facets": "none"})
    assert answer.status_code == 200, answer.text
    assert sorted(names(answer.json())) == sorted(found)
    assert answer.json()["total"] == len(found)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["nowhere", "goma", "medellin", "suva", "apia"]),
        ({"sort": "date", "order": "asc"}, ["suva", "medellin", "goma", "nowhere", "apia"]),
        ({"sort": "killed"}, ["suva", "goma", "apia", "nowhere", "medellin"]),
        ({"sort": "killed", "order": "asc", "limit": 3}, ["apia", "goma", "suva"]),
        ({"sort": "injured", "limit": 1}, ["medellin"]),
        ({"sort": "reports", "limit": 1}, ["goma"]),
        ({"sort": "updated", "limit": 1}, ["apia"]),
        ({"sort": "distance", "lat": -18, "lon": -179}, ["suva", "apia", "medellin", "goma", "nowhere"]),
        ({"q": "goma | clash near suva"}, ["suva", "goma"]),
        ({"q": "goma | clash near suva", "sort": "date"}, ["goma", "suva"]),
    ],
)
def test_hits_come_in_the_order_asked_for(api: TestClient, asked: dict[str, Any], found: list[str]) -> None:
    assert names(api.get("/v1/incidents", params=asked).json()) == found
    begun, read = {"limit": 1, "cursor": "*"}, list[str]()
    while begun["cursor"] and len(read) < len(found):
        answer = api.get("/v1/incidents", params=asked | begun).json()
        read, begun["cursor"] = read + names(answer), answer["next"]
    assert read == found


def test_a_facet_leaves_its_own_condition_out(api: TestClient) -> None:
    asked = {"type": "battle", "source": "west.example"}
    facets = api.get("/v1/incidents", params=asked).json()["facets"]
    assert facets["type"] == {"battle": 1, "explosive_remote": 1}
    assert facets["source"] == {"west.example": 1}
    assert facets["country"] == {"FJ": 1}


def test_facets_of_parties_count_those_that_are_asked_for(api: TestClient) -> None:
    facets = api.get("/v1/incidents", params={"role": "perpetrator"}).json()["facets"]
    assert facets["role"] == {"perpetrator": 2, "victim": 2, "responder": 1, "target": 1}
    assert facets["actor"] == {"Allied Democratic Forces": 1, "Islamic State in Khorasan": 1}
    assert facets["sector"] == {"rebel": 2}
    narrower = api.get("/v1/incidents", params={"role": "perpetrator", "actor": "adf"}).json()
    assert narrower["facets"]["role"] == {"perpetrator": 1, "target": 1}
    assert narrower["total"] == 1


def test_the_facets_that_are_asked_for_are_counted(api: TestClient) -> None:
    assert set(api.get("/v1/incidents", params={"facets": ["type", "city"]}).json()["facets"]) == {"type", "city"}
    answer = api.get("/v1/incidents", params={"facets": "none"}).json()
    assert (answer["facets"], answer["histogram"]) == ({}, None)


def test_the_histogram_has_bars_that_suit_the_span_or_are_asked_for(api: TestClient) -> None:
    days = api.get("/v1/incidents", params={"from": "2026-02-01", "to": "2026-03-15"}).json()["histogram"]
    assert days == {"interval": "day", "counts": {"2026-02-01": 1, "2026-03-03": 1, "2026-03-10": 1}}
    years = api.get("/v1/incidents", params={"interval": "year"}).json()["histogram"]
    assert years["counts"] == {"2025": 1, "2026": 3}


def test_incidents_are_clustered_with_their_bounds(api: TestClient) -> None:
    clusters = api.get("/v1/incidents", params={"zoom": 1}).json()["clusters"]
    assert sorted(cluster["count"] for cluster in clusters) == [1, 1, 2]
    (one,) = api.get("/v1/incidents", params={"zoom": 0, "country": "FJ"}).json()["clusters"]
    assert (one["lat"], one["lon"]) == pytest.approx((-18.14, 178.44), abs=1e-3)
    assert one["bounds"]["west"] == pytest.approx(178.44, abs=1e-3)
    assert api.get("/v1/incidents").json()["clusters"] is None


def test_what_was_found_is_shown_escaped(api: TestClient) -> None:
    shown = api.get("/v1/incidents", params={"q": "granada zawahri"}).json()["highlights"]
    title = shown[number("medellin")]["title"][0]
    assert title.startswith("<em>Granada</em> contra &lt;b&gt;bar")
    assert "Medellín" in title
    (named,) = api.get("/v1/incidents", params={"q": "zawahri"}).json()["highlights"].values()
    assert named["text"] == ["Ayman al-<em>Zawahiri</em>"]


def test_a_merged_incident_leads_to_the_one_that_stands_for_it(api: TestClient) -> None:
    path = f"/v1/incidents/{number('merged')}"
    answer = api.get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, f"/v1/incidents/{number('goma')}")
    assert api.get(path).json()["id"] == number("goma")
    assert api.get(path, params={"follow": False}).json()["merged_into"] == number("goma")


HOSTILE = st.one_of(
    st.text(max_size=200),
    st.text(alphabet='ab()"|+-*~?^/\\:[]{}<>=!& \t\x00', max_size=200),
    st.lists(st.sampled_from(["AND", "OR", "NOT", "(", ")", '"', "a*", "*a", "/a{9}/", "-", "~2", "bomb"])).map(
        " ".join
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=HOSTILE)
def test_no_words_break_a_search(api: TestClient, q: str) -> None:
    answer = api.get("/v1/incidents", params={"q": q, "facets": "none"})
    assert answer.status_code == 200 or (answer.status_code == 422 and "a search has at most" in answer.text)
    assert api.get("/v1/articles", params={"q": q, "facets": "none"}).status_code == answer.status_code
