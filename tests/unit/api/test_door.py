"""No page of somebody else's reads the API through a browser, and none changes anything."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from services.api.app import create_app
from shared.settings import settings

Asked = Callable[..., TestClient]

LIVE = "/v1/health/live"
#: A request that changes something and needs no body, so that a browser sends it without asking first.
TEST = "/v1/alerts/none/test"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The API without servers, under settings of its own."""

    def made(**given: str) -> TestClient:
        for name, value in given.items():
            monkeypatch.setenv(f"TOCSIN_{name.upper()}", value)
        settings.cache_clear()
        try:
            return TestClient(create_app(), base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
        finally:
            settings.cache_clear()

    return made


def status(client: TestClient, host: str) -> int:
    """What the API answers under a name."""
    return client.get(LIVE, headers={"Host": host}).status_code


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8000", "localhost:8000", "LOCALHOST", "[::1]:8000", "api:8000", "10.1.2.3:80"]
)
def test_who_runs_it_reaches_it_without_a_setting(api: Asked, host: str) -> None:
    assert status(api(), host) == 200


@pytest.mark.parametrize(
    "host", ["rebound.example", "rebound.example:8000", "127.0.0.1.example", "localhost.example", "", "a b", "0x7f.1"]
)
def test_a_name_that_is_made_to_lead_here_is_refused(api: Asked, host: str) -> None:
    answer = api().get("/v1/incidents", headers={"Host": host})
    assert (answer.status_code, answer.headers["Content-Type"]) == (421, "application/problem+json")
    assert answer.json()["detail"].endswith("set TOCSIN_API_HOSTS to allow it.")
    assert api().post(TEST, headers={"Host": host}).status_code == 421


def test_names_are_a_setting(api: Asked) -> None:
    client = api(api_hosts="Desk.example.org, *.monitors.example", public_url="https://tocsin.example.net/api")
    known = ["desk.example.org:443", "a.monitors.example", "a.b.monitors.example", "tocsin.example.net", "127.0.0.1"]
    strange = ["localhost", "x.desk.example.org", "monitors.example", "xmonitors.example", "example.net"]
    assert [status(client, host) for host in known] == [200] * 5
    assert [status(client, host) for host in strange] == [421] * 5
    assert status(api(api_hosts="*"), "any.example") == 200


@pytest.mark.parametrize("entry", ["http://a.example", "a.example:80", "a b", "*x.example", "a.*.example"])
def test_a_name_that_would_never_match_is_refused_at_start(api: Asked, entry: str) -> None:
    with pytest.raises(Exception, match="TOCSIN_API_HOSTS"):
        api(api_hosts=f"localhost,{entry}")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},  # another port of this machine
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"},
        {"Origin": "http://page.example"},
        {"Origin": "http://127.0.0.1:9000"},
        {"Origin": "null"},
    ],
)
def test_a_page_of_another_site_changes_nothing(api: Asked, headers: dict[str, str]) -> None:
    client = api()
    for method, path in (("POST", TEST), ("DELETE", "/v1/alerts/none"), ("POST", "/v1/quarantine/index/drop")):
        answer = client.request(method, path, headers=headers)
        assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")
    assert client.get(LIVE, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://127.0.0.1:8000"}],
)
def test_programs_and_pages_of_ours_may(api: Asked, headers: dict[str, str]) -> None:
    # past the door: there is no such submission, its fields are missing
    assert api().post("/v1/submissions", json={}, headers=headers).status_code == 422


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_body_that_browsers_send_unasked_is_none(api: Asked, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = api().post("/v1/submissions", content=b'{"url": "http://example.org/x"}', headers=headers)
    assert answer.status_code == 422
