"""The API over real servers."""

from collections.abc import Iterator
from datetime import date

import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient
from kombu.exceptions import OperationalError
from redis import Redis

from services.api.app import create_app
from services.api.dependencies import Services
from services.api.problems import MAX_BODY_BYTES
from services.indexer.index import index
from services.indexer.locks import redis_locks
from services.indexer.store import Store
from shared.domain.outcome import Outcome, Status
from shared.errors import Reason
from shared.index import connect, ensure
from shared.ledger import Ledger
from shared.pipeline import FETCH, Envelope, Stage
from shared.quarantine import Quarantine
from tests import examples
from tests.examples import coded, event, toll


class Queue:
    """A broker that keeps what it is given, or is away."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Envelope]] = []
        self.away = False

    def __call__(self, stage: Stage, envelope: Envelope) -> None:
        """Take a message."""
        if self.away:
            raise OperationalError("away")
        self.sent.append((stage.name, envelope))


@pytest.fixture
def queue() -> Queue:
    """A broker."""
    return Queue()


@pytest.fixture
def services(redis: Redis, elasticsearch: Elasticsearch, index_prefix: str, queue: Queue) -> Services:
    """Real servers, with a queue that can be looked into."""
    ensure(elasticsearch, index_prefix)
    return Services(
        redis=redis, ledger=Ledger(redis), elasticsearch=elasticsearch, index_prefix=index_prefix, send=queue
    )


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    """The API."""
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def store(elasticsearch: Elasticsearch, index_prefix: str, services: Services) -> Store:
    """The index behind the API."""
    assert services.index_prefix == index_prefix
    return Store(elasticsearch, index_prefix)


def away(services: Services, **servers: object) -> TestClient:
    """The API with one of its servers replaced by one that does not answer."""
    values = {name: getattr(services, name) for name in Services.__dataclass_fields__}
    return TestClient(create_app(Services(**(values | servers))), raise_server_exceptions=False)


def test_a_url_is_accepted_with_a_receipt(client: TestClient, queue: Queue, services: Services) -> None:
    answer = client.post("/v1/submissions", json={"url": "http://example.org/story", "labels": ["sahel"]})
    receipt = answer.json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/submissions/{receipt['id']}"
    assert (receipt["status"], receipt["step"]) == ("in_flight", "fetch")
    ((stage, envelope),) = queue.sent
    assert (stage, envelope.submission.id) == ("fetch", receipt["id"])
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


def test_redis_away_is_503_and_nothing_is_half_accepted(services: Services) -> None:
    gone = Redis(port=1, socket_connect_timeout=1)
    with away(services, redis=gone, ledger=Ledger(gone)) as client:
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


def test_elasticsearch_away_does_not_stop_submissions(services: Services) -> None:
    with away(services, elasticsearch=connect("http://127.0.0.1:1")) as client:
        assert client.post("/v1/submissions", json={"url": "http://example.org/"}).status_code == 202
        assert client.get("/v1/incidents").status_code == 503
        health = client.get("/v1/health")
    assert (health.status_code, health.json()) == (503, {"redis": True, "elasticsearch": False})


def test_an_ended_submission_tells_its_outcome(client: TestClient, store: Store) -> None:
    one = examples.submission()
    store.record(Outcome.of(one, Status.DISCARDED, step="extract", reason=Reason.NOT_AN_ARTICLE, detail="a front"))
    state = client.get(f"/v1/submissions/{one.id}").json()
    assert (state["status"], state["reason"], state["step"]) == ("discarded", "not_an_article", "extract")


@pytest.mark.parametrize("path", ["/v1/submissions/none", "/v1/incidents/none", "/v1/articles/none", "/nowhere"])
def test_what_is_not_there_is_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.fixture
def filled(client: TestClient, store: Store, redis: Redis, elasticsearch: Elasticsearch) -> TestClient:
    """The API over two incidents."""
    for article in (
        coded(event(killed=toll(3), evidence={"type": ((0, 9),)}), text="A marketplace was bombed in Goma."),
        coded(
            event(place=examples.BUKAVU, date=examples.day(date(2026, 2, 1))),
            url="http://b.example/x",
            title="Grenade in Bukavu",
        ),
    ):
        index(article, store=store, locks=redis_locks(redis))
    elasticsearch.indices.refresh(index=f"{store._prefix}incidents")  # noqa: SLF001 - the test's own prefix
    return client


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
    index(coded(event(place=medellin), title="Bomba en Medellín"), store=store, locks=redis_locks(redis))
    elasticsearch.indices.refresh(index=f"{index_prefix}incidents")
    for q in ("medellin", "Medellín"):
        assert client.get("/v1/incidents", params={"q": q}).json()["total"] == 1


def test_a_search_counts_and_facets(filled: TestClient) -> None:
    answer = filled.get("/v1/incidents", params={"limit": 0}).json()
    assert (answer["total"], answer["hits"]) == (2, [])
    assert answer["facets"] == {
        "type": {"explosive_remote": 2},
        "subtype": {"bombing": 2},
        "country": {"CD": 2},
        "month": {"2026-02": 1, "2026-03": 1},
    }


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


def test_a_search_before_anything_was_indexed_is_empty(services: Services) -> None:
    with away(services, index_prefix="never-made-") as client:
        assert client.get("/v1/incidents").json() == {"total": 0, "hits": [], "facets": {}}
        assert client.get("/v1/submissions/none").status_code == 404
        assert client.get("/v1/audit").json()["balance"] == 0


def test_the_audit_balances_through_every_stage(client: TestClient, store: Store, services: Services) -> None:
    receipts = [client.post("/v1/submissions", json={"url": f"http://e.org/{n}"}).json() for n in range(3)]
    assert client.get("/v1/audit").json()["in_flight"] == 3
    submissions = [services.ledger.find(receipt["id"]) for receipt in receipts]
    for number, entry in enumerate(submissions):
        assert entry is not None
        store.record(Outcome.of(entry.submission, list(Status)[number], step="x"))
    between = client.get("/v1/audit").json()  # written, not yet struck from the ledger
    assert (between["in_flight"], between["balance"]) == (0, 0)
    for receipt in receipts:
        services.ledger.close(receipt["id"])
    sums = client.get("/v1/audit").json()
    assert [sums[key] for key in ("accepted", "indexed", "discarded", "quarantined", "in_flight", "balance")] == [
        3, 1, 1, 1, 0, 0,
    ]  # fmt: skip


def test_the_audit_notices_what_is_lost(client: TestClient, services: Services) -> None:
    receipt = client.post("/v1/submissions", json={"url": "http://e.org/"}).json()
    services.ledger.close(receipt["id"])  # as if it had been lost
    assert client.get("/v1/audit").json()["balance"] == 1


def test_the_quarantine_can_be_read(client: TestClient, redis: Redis) -> None:
    Quarantine(redis).add(FETCH, {"a": "message"}, ValueError("odd"), submission_id="s", attempts=2)
    (specimen,) = client.get("/v1/quarantine/fetch").json()
    assert (specimen["error"], specimen["message"], specimen["attempts"]) == ("ValueError: odd", {"a": "message"}, 2)
    assert client.get("/v1/queues").json()["quarantine"]["fetch"] == 1
    assert client.get("/v1/quarantine/nowhere").status_code == 404


def test_labels_come_back_with_the_receipt(client: TestClient) -> None:
    receipt = client.post(
        "/v1/submissions", json={"url": "http://e.org/", "labels": ["sahel"], "source": "desk"}
    ).json()
    assert (receipt["labels"], receipt["source"]) == (["sahel"], "desk")


def test_the_description_is_served_without_anybody_elses_server(client: TestClient) -> None:
    description = client.get("/openapi.json").json()
    responses = description["paths"]["/v1/submissions"]["post"]["responses"]
    assert set(responses["422"]["content"]) == {"application/problem+json"}
    page = client.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page
    assert client.get("/", follow_redirects=False).headers["Location"] == "/docs"
