"""Alerts over the API: what is refused, what is shown, what is kept to itself."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from services.api.dependencies import Services
from shared.alerts.book import Book
from shared.domain.alert import AlertState
from shared.incidents.fold import fold
from shared.incidents.store import Changes, Store
from tests import examples

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


URLS = [
    "http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest", "http://2130706433/", "http://0x7f.1/",
    "http://10.0.0.1:8080/", "http://[::ffff:10.0.0.1]/", "ftp://example.org/", "file:///etc/passwd",
    "http://user:hunter2@example.org/", "http://:hunter2@example.org/", "http://127.0.0.1./", "http://[64:ff9b::a00:1]/",
    "http://%31%32%37.0.0.1/", "http://0/", "no url", "",
]  # fmt: skip
QUERIES = [
    {"q": "a" * 1001},
    {"country": ["ZZZ"]},
    {"type": ["nonsense"]},
    {"from": "2026-02-02", "to": "2026-01-01"},
    {"script": "x"},
    {"q": {"match_all": {}}},
    {"from": "never"},
    [],
    "q=rockets",
    None,
]
STRANGE = ["((((((", '"', "~~~~", "a* " * 300, "-" * 900, "\\", "a|" * 400, "/.*/", "\u0000"]
NAMES = ["", "a\r\nBcc: x@example.org", "a\u2028b", "a\x00", "n" * 101]
ADDRESSES = [
    [], ["nobody"], ["a@b"], ["a@example.org\r\nBcc: b@example.org"], ["a@example.org,b@example.org"],
    ["<a@example.org>"], ["a b@example.org"], ["=?utf-8?q?=0d=0aBcc?=@example.org"], ["a@example.org"] * 11,
]  # fmt: skip


def refused(client: TestClient, subtests: pytest.Subtests, **wrong: list[Any]) -> None:
    """Show that an alert with each of these values for a field is refused, and not made."""
    ((field, values),) = wrong.items()
    for value in values:
        with subtests.test(value=value):
            asked = {"name": "n", "query": {}, "channel": {"type": "none"}} | {field: value}
            answer = client.post("/v1/alerts", json=asked)
            assert answer.status_code == 422
            assert answer.headers["content-type"] == "application/problem+json"
            assert "hunter2" not in answer.text
    assert client.get("/v1/alerts").json() == {"alerts": []}


def test_a_webhook_that_leads_nowhere_public_is_refused(client: TestClient, subtests: pytest.Subtests) -> None:
    refused(client, subtests, channel=[{"type": "webhook", "url": url} for url in URLS])


def test_a_hostile_search_is_refused_when_it_is_saved(client: TestClient, subtests: pytest.Subtests) -> None:
    refused(client, subtests, query=QUERIES)
    alert = made(client)
    for query in QUERIES:
        assert client.patch(f"/v1/alerts/{alert['id']}", json={"query": query or []}).status_code == 422


def test_a_strange_search_is_saved_or_refused_and_never_an_error(client: TestClient, subtests: pytest.Subtests) -> None:
    for q in STRANGE:
        with subtests.test(q=q):
            answer = client.post("/v1/alerts", json={"name": "n", "query": {"q": q}, "channel": {"type": "none"}})
            assert answer.status_code in (201, 422)


def test_a_name_is_one_short_line(client: TestClient, subtests: pytest.Subtests) -> None:
    refused(client, subtests, name=NAMES)


def test_an_address_is_one_address(client: TestClient, subtests: pytest.Subtests) -> None:
    refused(client, subtests, channel=[{"type": "email", "addresses": value} for value in ADDRESSES])


def test_no_alert_is_made_disabled(client: TestClient, subtests: pytest.Subtests) -> None:
    refused(client, subtests, state=["disabled", "active", None])


def test_an_alert_has_the_feed_of_its_search(client: TestClient, services: Services) -> None:
    goma = fold("TCN-GOMA000000", [examples.report()])
    bukavu = fold("TCN-BUKAVU0000", [examples.report("http://b.example/x", examples.event(place=examples.BUKAVU))])
    store = Store(services.elasticsearch, services.index_prefix)
    store.write(Changes(incidents=[(goma, None), (bukavu, None)]))
    services.elasticsearch.indices.refresh(index=services.alias("incidents"))
    alert = made(client, query={"city": ["Bukavu"], "from": "2026-01-01"})
    path = f"/v1/alerts/{alert['id']}/feed"
    client.patch(f"/v1/alerts/{alert['id']}", json={"state": "disabled"})
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/atom+xml")
    assert (bukavu.id in answer.text, goma.id in answer.text) == (True, False)
    assert f'href="{examples.API}{path}"' in answer.text
    assert f'href="{examples.API}/v1/incidents/{bukavu.id}"' in answer.text
    assert alert["secret"] not in answer.text
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get(path, params={"limit": 101}).status_code == 422
    book = Book(services.elasticsearch, services.index_prefix)
    held = book.find(alert["id"])
    assert held is not None
    book.replace(held, held.alert.model_copy(update={"query": {"of": "another version"}}))
    assert client.get(path).status_code == 409


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
    asked += [client.get(f"{path}/deliveries"), client.get(f"{path}/feed"), client.post(f"{path}/test")]
    assert {one.status_code for one in asked} == {404}


def test_there_are_no_more_than_there_may_be(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.api.alerts.MOST", 1)
    made(client)
    assert client.post("/v1/alerts", json={"name": "n", "query": {}, "channel": {"type": "none"}}).status_code == 409
