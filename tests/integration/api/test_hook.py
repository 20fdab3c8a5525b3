"""The hook: what is accepted, what is refused, and where it is then."""

from collections.abc import Iterator
from functools import partial

import pytest
from fastapi.testclient import TestClient
from redis import Redis

from services.api.dependencies import Services
from services.api.problems import MAX_BODY_BYTES
from shared.delivery.ledger import Ledger
from shared.delivery.pressure import PAGE_STORE_FREE, pressure
from shared.domain.outcome import Outcome, Status
from shared.errors import Reason
from shared.index import connect
from shared.settings import Settings
from tests import examples
from tests.integration.api.conftest import Away, Outcomes, Queue


def test_a_url_is_accepted_with_a_receipt(client: TestClient, queue: Queue, services: Services) -> None:
    answer = client.post("/v1/submissions", json={"url": "http://example.org/story", "labels": ["sahel"]})
    receipt = answer.json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/submissions/{receipt['id']}"
    assert (receipt["status"], receipt["step"]) == ("in_flight", "fetch")
    ((stage, item),) = queue.sent
    assert (stage, item.submission.id) == ("fetch", receipt["id"])
    assert set(services.ledger.snapshot().in_flight) == {receipt["id"]}
    assert client.get(answer.headers["Location"]).json() == receipt


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": ""},
        {"url": "no url"},
        {"url": "ftp://example.org/x"},
        {"url": "file:///etc/passwd"},
        {"url": "javascript:alert(1)"},
        {"url": "http://user:secret@example.org/"},
        {"url": "http://" + "a" * 3000},
        {"url": 7},
        {"url": "http://example.org/", "colour": "red"},
        {"url": "http://example.org/", "source": "Not A Word"},
        {"url": "http://example.org/", "labels": ["x"] * 17},
        [],
        "http://example.org/",
        None,
    ],
)
def test_a_bad_submission_is_a_problem_and_nothing_is_accepted(
    client: TestClient, services: Services, body: object
) -> None:
    answer = client.post("/v1/submissions", json=body)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 422
    assert answer.json()["errors"]
    assert services.ledger.snapshot().accepted == 0


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 200_000, b""])
def test_a_body_that_is_no_json_is_a_problem(client: TestClient, body: bytes) -> None:
    answer = client.post("/v1/submissions", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_over_the_cap_is_refused_when_it_is_announced(client: TestClient) -> None:
    answer = client.post("/v1/submissions", content=b"x" * (MAX_BODY_BYTES + 1))
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_over_the_cap_is_refused_when_it_turns_out(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"url": "'
        yield from (b"x" * 65536 for _ in range(MAX_BODY_BYTES // 65536 + 2))

    answer = client.post("/v1/submissions", content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_redis_away_is_503_and_nothing_is_half_accepted(services: Services, away: Away) -> None:
    gone = Redis(port=1, socket_connect_timeout=1)
    with away(redis=gone, ledger=Ledger(gone), pressure=lambda: None) as client:
        answer = client.post("/v1/submissions", json={"url": "http://example.org/"})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert services.ledger.snapshot().accepted == 0


def test_what_stands_in_the_ledger_is_accepted_even_if_it_cannot_be_sent_yet(
    client: TestClient, queue: Queue, services: Services
) -> None:
    queue.away = True
    assert client.post("/v1/submissions", json={"url": "http://example.org/"}).status_code == 202
    assert len(services.ledger.snapshot().in_flight) == 1


def test_elasticsearch_away_does_not_stop_submissions(away: Away) -> None:
    with away(elasticsearch=connect("http://127.0.0.1:1")) as client:
        assert client.post("/v1/submissions", json={"url": "http://example.org/"}).status_code == 202
        assert client.get("/v1/incidents").status_code == 503
        health = client.get("/v1/health")
    assert health.status_code == 503
    assert (health.json()["redis"], health.json()["elasticsearch"]) == (True, False)


def test_an_ended_submission_tells_its_outcome(client: TestClient, outcomes: Outcomes) -> None:
    one = examples.submission()
    outcomes.write(Outcome.of(one, Status.DISCARDED, step="extract", reason=Reason.NOT_AN_ARTICLE, detail="a front"))
    state = client.get(f"/v1/submissions/{one.id}").json()
    assert (state["status"], state["reason"], state["step"]) == ("discarded", "not_an_article", "extract")


@pytest.mark.parametrize("path", ["/v1/submissions/none", "/v1/incidents/none", "/v1/articles/none", "/nowhere"])
def test_what_is_not_there_is_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_labels_come_back_with_the_receipt(client: TestClient) -> None:
    receipt = client.post(
        "/v1/submissions", json={"url": "http://e.org/", "labels": ["sahel"], "source": "desk"}
    ).json()
    assert (receipt["labels"], receipt["source"]) == (["sahel"], "desk")


def test_nothing_is_accepted_while_there_is_no_room(away: Away, services: Services, queue: Queue) -> None:
    with away(pressure=partial(pressure, services.redis, services.ledger, Settings(max_in_flight=2))) as client:
        answers = [client.post("/v1/submissions", json={"url": f"http://e.org/{n}"}) for n in range(4)]
        assert client.get("/v1/queues").json()["pressure"]["limit"] == "in_flight"
        services.ledger.close([answers[0].json()["id"]])  # one has ended
        assert client.post("/v1/submissions", json={"url": "http://e.org/"}).status_code == 202
    assert [answer.status_code for answer in answers] == [202, 202, 429, 429]
    assert answers[2].headers["Content-Type"] == "application/problem+json"
    assert int(answers[2].headers["Retry-After"]) > 0
    assert "TOCSIN_MAX_IN_FLIGHT is 2" in answers[2].json()["detail"]
    assert services.ledger.snapshot().accepted == len(queue.sent) == 3


def test_a_nearly_full_disk_closes_the_hook_and_nothing_else(client: TestClient, redis: Redis) -> None:
    redis.set(PAGE_STORE_FREE, 10**6)
    answer = client.post("/v1/submissions", json={"url": "http://e.org/"})
    assert (answer.status_code, answer.json()["status"]) == (429, 429)
    assert client.get("/v1/incidents").status_code == 200
    assert client.get("/v1/health").status_code == 200
    redis.delete(PAGE_STORE_FREE)  # nobody knows: no objection
    assert client.post("/v1/submissions", json={"url": "http://e.org/"}).status_code == 202
