"""Alerts over the API: what is refused, what is shown, what is kept to itself."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from services.api.dependencies import Services
from shared.alerts.book import Book
from shared.domain.alert import AlertState

HOOK = {"type": "webhook", "url": "https://desk.example.org/tocsin"}


def made(client: TestClient, **fields: Any) -> dict[str, Any]:
    wanted = {"name": "Watch", "query": {"q": "rockets", "country": ["iq"]}, "channel": HOOK} | fields
    answer = client.post("/v1/alerts", json=wanted)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_secret_is_shown_once(client: TestClient) -> None:
    alert = made(client)
    assert alert["secret"].startswith("whsec_")
    shown = client.get(f"/v1/alerts/{alert['id']}")
    listed = client.get("/v1/alerts")
    changed = client.patch(f"/v1/alerts/{alert['id']}", json={"name": "Other"})
    assert [one.status_code for one in (shown, listed, changed)] == [200, 200, 200]
    assert not [one for one in (shown, listed, changed) if alert["secret"] in one.text]
    assert shown.json()["query"] == {"q": "rockets", "country": ["IQ"]}
    assert changed.json()["name"] == "Other"


def test_a_secret_of_ones_own_is_taken_and_one_that_is_none_is_not_repeated(client: TestClient) -> None:
    own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert made(client, channel=HOOK | {"secret": own})["secret"] == own
    refused = client.post("/v1/alerts", json={"name": "n", "query": {}, "channel": HOOK | {"secret": "hunter2"}})
    assert refused.status_code == 422
    assert "hunter2" not in refused.text


def test_a_new_channel_has_a_new_secret(client: TestClient) -> None:
    alert = made(client)
    changed = client.patch(f"/v1/alerts/{alert['id']}", json={"channel": HOOK}).json()
    assert changed["secret"] not in (None, alert["secret"])
    mailed = client.patch(
        f"/v1/alerts/{alert['id']}", json={"channel": {"type": "email", "addresses": ["a@example.org"]}}
    ).json()
    assert (mailed["url"], mailed["secret"], mailed["addresses"]) == (None, None, ["a@example.org"])


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest", "http://2130706433/", "http://0x7f.1/",
        "http://10.0.0.1:8080/", "http://[::ffff:10.0.0.1]/", "ftp://example.org/", "file:///etc/passwd",
        "http://user:pass@example.org/", "no url", "",
    ],
)  # fmt: skip
def test_a_webhook_that_leads_nowhere_public_is_refused(url: str, client: TestClient) -> None:
    answer = client.post("/v1/alerts", json={"name": "n", "query": {}, "channel": {"type": "webhook", "url": url}})
    assert answer.status_code == 422
    assert client.get("/v1/alerts").json() == {"alerts": []}


@pytest.mark.parametrize(
    "query",
    [
        {"q": "a" * 1001}, {"country": ["XXX"]}, {"type": ["nonsense"]}, {"from": "2026-02-02", "to": "2026-01-01"},
        {"script": "x"}, {"q": {"match_all": {}}}, {"from": "never"}, [], "q=rockets", None,
    ],
)  # fmt: skip
def test_a_hostile_search_is_refused_when_it_is_saved(query: Any, client: TestClient) -> None:
    answer = client.post("/v1/alerts", json={"name": "n", "query": query, "channel": {"type": "none"}})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    alert = made(client)
    assert client.patch(f"/v1/alerts/{alert['id']}", json={"query": query or []}).status_code == 422


@pytest.mark.parametrize("q", ["((((((", '"', "~~~~", "a* " * 300, "-" * 900, "\\", "a|" * 400, "/.*/", "\u0000"])
def test_a_strange_search_is_saved_or_refused_and_never_an_error(q: str, client: TestClient) -> None:
    answer = client.post("/v1/alerts", json={"name": "n", "query": {"q": q}, "channel": {"type": "none"}})
    assert answer.status_code in (201, 422)


@pytest.mark.parametrize("name", ["", "a\r\nBcc: x@example.org", "a\u2028b", "a\x00", "n" * 101])
def test_a_name_is_one_short_line(name: str, client: TestClient) -> None:
    answer = client.post("/v1/alerts", json={"name": name, "query": {}, "channel": {"type": "none"}})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "addresses",
    [[], ["nobody"], ["a@b"], ["a@example.org\r\nBcc: b@example.org"], ["a@example.org,b@example.org"],
     ["<a@example.org>"], ["a b@example.org"], ["a@example.org"] * 11],
)  # fmt: skip
def test_an_address_is_one_address(addresses: list[str], client: TestClient) -> None:
    channel = {"type": "email", "addresses": addresses}
    assert client.post("/v1/alerts", json={"name": "n", "query": {}, "channel": channel}).status_code == 422


def test_an_alert_is_disabled_and_enabled_by_people(client: TestClient) -> None:
    alert = made(client)
    path = f"/v1/alerts/{alert['id']}"
    disabled = client.patch(path, json={"state": "disabled"}).json()
    assert (disabled["state"], disabled["reason"]) == ("disabled", "A person disabled it.")
    enabled = client.patch(path, json={"state": "active"}).json()
    assert (enabled["state"], enabled["reason"]) == ("active", None)
    assert client.patch(path, json={}).status_code == 422


def test_two_changes_at_once_are_not_both_made(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = made(client)
    book = Book(services.elasticsearch, services.index_prefix)
    held = book.find(alert["id"])
    assert held is not None
    find = Book.find

    def late(self: Book, alert_id: str) -> Any:
        found = find(self, alert_id)
        assert found is not None
        book.replace(found, found.alert.model_copy(update={"state": AlertState.DISABLED}))
        return found

    monkeypatch.setattr(Book, "find", late)
    assert client.patch(f"/v1/alerts/{alert['id']}", json={"name": "Mine"}).status_code == 409


def test_a_test_waits_for_the_notifier_and_is_asked_for_seldom(client: TestClient, services: Services) -> None:
    alert = made(client)
    sent = client.post(f"/v1/alerts/{alert['id']}/test")
    assert (sent.status_code, sent.json()["status"], sent.json()["kind"]) == (202, "pending", "test")
    again = client.post(f"/v1/alerts/{alert['id']}/test")
    assert (again.status_code, again.headers["retry-after"]) == (429, "5")
    services.elasticsearch.indices.refresh(index=services.alias("deliveries"))
    log = client.get(f"/v1/alerts/{alert['id']}/deliveries").json()["deliveries"]
    assert [one["id"] for one in log] == [sent.json()["id"]]
    assert client.get(f"/v1/alerts/{alert['id']}/deliveries", params={"status": "delivered"}).json() == {
        "deliveries": []
    }


def test_an_alert_that_tells_nobody_has_no_test(client: TestClient) -> None:
    alert = made(client, channel={"type": "none"})
    assert client.post(f"/v1/alerts/{alert['id']}/test").status_code == 409


def test_what_is_not_there_is_not_found(client: TestClient) -> None:
    alert = made(client)
    path = f"/v1/alerts/{alert['id']}"
    assert client.delete(path).status_code == 204
    asked = [client.get(path), client.delete(path), client.patch(path, json={"name": "x"})]
    asked += [client.get(f"{path}/deliveries"), client.post(f"{path}/test")]
    assert {one.status_code for one in asked} == {404}


def test_there_are_no_more_than_there_may_be(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.api.alerts.MOST", 1)
    made(client)
    assert client.post("/v1/alerts", json={"name": "n", "query": {}, "channel": {"type": "none"}}).status_code == 409
