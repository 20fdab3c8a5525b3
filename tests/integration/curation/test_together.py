"""Two people at once, indexers at the same time, and what is cut off half-way."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient
from redis import Redis

from services.api.app import create_app
from services.api.dependencies import Services
from services.indexer.index import index
from shared.domain.coded import CodedArticle
from shared.errors import Transient
from shared.incidents.locks import redis_locks
from shared.incidents.store import Store
from shared.index import connect
from tests import examples
from tests.examples import coded, event, toll
from tests.integration.curation.conftest import Desk
from tests.integration.indexer.faults import Fault, Proxy

ROUNDS = 6


def goma(letter: str) -> CodedArticle:
    """A story of the bomb in Goma."""
    return coded(event(), url=f"http://{letter}.example/x", text=f"Goma, says {letter}.")


def bukavu(letter: str) -> CodedArticle:
    """A story of the bomb in Bukavu."""
    return coded(
        event(place=examples.BUKAVU, killed=toll(4)), url=f"http://{letter}.example/x", text=f"Bukavu: {letter}."
    )


def test_of_two_people_at_once_one_gets_both_versions(desk: Desk) -> None:
    (a,) = desk.file(goma("a"))
    for number in range(ROUNDS):
        seen = desk.get(a)["revision"]

        def decide(title: str, seen: int = seen) -> Any:
            return desk.ask("edit", a, revision=seen, fields={"title": title})

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(decide, (f"one {number}", f"two {number}")))
        (won,) = [one for one in answers if one.status_code == 200]
        (lost,) = [one.json() for one in answers if one.status_code == 409]
        assert lost["stored"]["title"] == won.json()["incidents"][0]["title"] == desk.get(a)["title"]
        assert {lost["stored"]["title"], lost["yours"]["title"]} == {f"one {number}", f"two {number}"}
    assert len(desk.http.get(f"/v1/incidents/{a}/history").json()["decisions"]) == ROUNDS


def test_a_request_says_which_revision_it_looked_at(desk: Desk) -> None:
    a, b = desk.file(goma("a"), bukavu("b"))
    body = {"who": "ana", "why": "so"}
    path = f"/v1/incidents/{a}/lock"
    assert desk.http.post(path, json=body).status_code == 428
    assert desk.http.post(path, json=body, headers={"If-Match": "*"}).status_code == 422
    assert desk.http.post(path, json=body, headers={"If-Match": '"7"'}).json()["stored"]["id"] == a
    etag = desk.http.get(f"/v1/incidents/{a}").headers["ETag"]
    assert desk.http.post(path, json=body, headers={"If-Match": etag}).status_code == 200
    assert desk.ask("merge", b, into=a, into_revision=7).json()["stored"]["id"] == a


#: Kind, body and the status that it is refused with.
REFUSED: list[tuple[str, dict[str, Any], int]] = [
    ("edit", {"fields": {"colour": "red"}}, 422),
    ("edit", {"fields": {}}, 422),
    ("edit", {"fields": {"title": "x"}, "who": " "}, 422),
    ("edit", {"fields": {"title": "x"}, "why": "y" * 2001}, 422),
    ("edit", {"fields": {"title": "\ud800"}}, 422),
    ("merge", {"into": "TCN-NONE"}, 404),
    ("merge", {"into": "self"}, 422),
    ("move", {"report": "x-0", "to": "TCN-NONE"}, 404),
    ("split", {"reports": ["nothing-0"]}, 422),
    ("split", {"reports": "all"}, 422),
    ("undo", {"decision": "none"}, 404),
    ("unlock", {}, 409),
]


def test_what_cannot_be_done_is_refused_and_changes_nothing(desk: Desk, subtests: pytest.Subtests) -> None:
    (a,) = desk.file(goma("a"))
    before = desk.get(a)
    values = {"self": a, "all": [one["report_id"] for one in before["sources"]]}
    text = '{"who": "a", "why": "b", "revision": 1, "fields": {"title": "\\ud800"}}'
    headers = {"Content-Type": "application/json"}
    for kind, asked, status in REFUSED:
        body = {name: values.get(value, value) if isinstance(value, str) else value for name, value in asked.items()}
        surrogate = body == {"fields": {"title": "\ud800"}}
        path = f"/v1/incidents/{a}/{kind}"
        with subtests.test(f"{kind} {asked!a}"):
            answer = desk.http.post(path, content=text, headers=headers) if surrogate else desk.ask(kind, a, **body)
            assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
            assert desk.get(a) == before
            assert desk.http.get(f"/v1/incidents/{a}/history").json()["decisions"] == []


def test_an_incident_that_is_not_there_is_not_found(desk: Desk) -> None:
    assert desk.ask("lock", "TCN-NONE").status_code == 404
    assert desk.http.get("/v1/incidents/TCN-NONE/history").status_code == 404


def test_indexers_that_file_at_the_same_time_lose_nothing_and_undo_nothing(
    desk: Desk, elasticsearch: Elasticsearch, index_prefix: str, redis: Redis
) -> None:
    a, b = desk.file(goma("a"), bukavu("b"))
    filed = {"a", "b"}
    told = {"a": goma, "b": bukavu}

    def file(letter: str) -> None:
        store, locks = Store(elasticsearch, index_prefix), redis_locks(redis)
        for _ in range(20):
            try:
                index([told[letter](letter)], store=store, locks=locks)
            except Transient:
                continue
            return
        raise AssertionError("never filed")

    for number in range(ROUNDS):
        letters = [f"{letter}{number}" for letter in "cdef"]
        told |= dict(zip(letters, (goma, bukavu, goma, bukavu), strict=True))
        with ThreadPoolExecutor(5) as pool:
            filing = [pool.submit(file, letter) for letter in letters]
            # what is filed meanwhile changes the revision: look again, as a person would
            asked = next(done for _ in range(40) if (done := desk.ask("merge", a, into=b)).status_code == 200)
            for one in filing:
                one.result()
        filed |= set(letters)
        assert desk.sites(b) == sorted(f"{letter}.example" for letter in filed)
        assert (desk.get(a)["status"], desk.get(a)["merged_into"]) == ("merged", b)
        desk.undo(b, asked.json()["decision"])
        assert desk.sites(a) == sorted(f"{letter}.example" for letter in filed if told[letter] is goma)
        assert desk.sites(b) == sorted(f"{letter}.example" for letter in filed if told[letter] is bukavu)


@pytest.fixture
def fragile(services: Services, proxy: Proxy) -> TestClient:
    """The API behind a proxy that fails as it is told."""
    values = {name: getattr(services, name) for name in Services.__dataclass_fields__}
    api = create_app(Services(**(values | {"elasticsearch": connect(proxy.url)})))
    return TestClient(api, base_url=examples.API, raise_server_exceptions=False)


@pytest.mark.parametrize("by_indexer", [True, False])
def test_whichever_write_is_cut_off_whoever_comes_next_finishes_it(
    desk: Desk, fragile: TestClient, proxy: Proxy, *, by_indexer: bool
) -> None:
    """Cut at every state in between: nothing decided, decided, articles retold, all done but not answered."""
    names = iter("abcdefghijklmnopqrstuvwxyz")
    a, b = desk.file(goma("a"), bukavu("b"))
    with fragile:
        body = {"who": "ana", "why": "so", "into": b, "revision": desk.get(a)["revision"]}
        proxy.asked.clear()
        whole = fragile.post(f"/v1/incidents/{a}/merge", json=body)
        decided, retold, written = [
            number for number, path in enumerate(proxy.asked, 1) if "_bulk" in path or "_create" in path
        ]
        desk.undo(b, whole.json()["decision"])
        states = []
        cuts = ((decided, Fault.CUT), (decided, Fault.LOST), (retold, Fault.LOST), (written, Fault.LOST))
        for call, fault in cuts:
            seen = desk.get(a)["revision"]
            proxy.break_at(call, fault)
            answer = fragile.post(f"/v1/incidents/{a}/merge", json=body | {"revision": seen})
            proxy.mend()
            decisions = [
                row for row in desk.http.get(f"/v1/incidents/{a}/history").json()["decisions"] if row["stands"]
            ]
            states.append((answer.status_code, len(decisions), desk.get(a)["status"]))
            if by_indexer and decisions:
                desk.file(bukavu(f"z{next(names)}"))
            elif not by_indexer:
                again = desk.ask("merge", a, revision=seen, into=b)
                assert again.status_code == (409 if decisions else 200)
                rows = desk.http.get(f"/v1/incidents/{a}/history").json()["decisions"]
                decisions = [row for row in rows if row["stands"]]
            assert len(decisions) <= 1
            if decisions:
                assert (desk.get(a)["merged_into"], "a.example" in desk.sites(b)) == (b, True)
                desk.undo(b, decisions[0]["decision"])
            assert desk.sites(a) == ["a.example"]
    assert states == [(503, 0, "active"), (503, 1, "active"), (503, 1, "active"), (503, 1, "merged")]
