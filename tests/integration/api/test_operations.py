"""The audit, the quarantine, the description."""

from fastapi.testclient import TestClient
from redis import Redis

from services.api.dependencies import Services
from services.indexer.store import Store
from shared.domain.outcome import Outcome, Status
from shared.pipeline import FETCH
from shared.quarantine import Quarantine


def test_the_audit_balances_through_every_stage(client: TestClient, store: Store, services: Services) -> None:
    receipts = [client.post("/v1/submissions", json={"url": f"http://e.org/{n}"}).json() for n in range(3)]
    assert client.get("/v1/audit").json()["in_flight"] == 3
    submissions = [services.ledger.find(receipt["id"]) for receipt in receipts]
    for number, entry in enumerate(submissions):
        assert entry is not None
        store.record([Outcome.of(entry.submission, list(Status)[number], step="x")])
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


def test_the_description_is_served_without_anybody_elses_server(client: TestClient) -> None:
    description = client.get("/openapi.json").json()
    responses = description["paths"]["/v1/submissions"]["post"]["responses"]
    assert set(responses["422"]["content"]) == {"application/problem+json"}
    page = client.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page
    assert client.get("/", follow_redirects=False).headers["Location"] == "/docs"
