"""`tocsin alerts` over the API."""

import json
from collections.abc import Callable

import httpx
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from services.cli import alerts
from services.cli.client import Client, Rejected

Run = Callable[..., Result]


@pytest.fixture
def run(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The commands over the API."""

    def passed_on(request: httpx.Request) -> httpx.Response:
        path, body = request.url.raw_path.decode(), request.read()
        answer = client.request(request.method, path, content=body, headers={"Content-Type": "application/json"})
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    monkeypatch.setattr(alerts, "client", lambda: Client("http://api", transport=httpx.MockTransport(passed_on)))
    return lambda *arguments: CliRunner().invoke(alerts.app, list(arguments), catch_exceptions=False)


def test_an_alert_is_made_tested_listed_and_removed(run: Run, client: TestClient) -> None:
    url = "https://desk.example.org/tocsin"
    added = run("add", "Iraq", "q=rockets&country=IQ&country=SY&killed_min=3&from=2026-01-01", "--webhook", url)
    alert_id, told = added.output.splitlines()
    assert told.startswith("secret, shown this once: whsec_")
    saved = client.get(f"/v1/alerts/{alert_id}").json()
    assert saved["query"] == {"q": "rockets", "country": ["IQ", "SY"], "killed_min": 3, "from": "2026-01-01"}
    assert saved["url"] == url
    assert run("test", alert_id).output.endswith(" pending\n")
    listed = json.loads(run("list", "--json").output)
    assert [one["id"] for one in listed["alerts"]] == [alert_id]
    assert "secret" not in listed["alerts"][0]
    assert alert_id[:6] in run("list").output
    assert run("remove", alert_id).exit_code == 0
    assert json.loads(run("list", "--json").output) == {"alerts": []}


def test_matches_are_mailed_or_noted(run: Run) -> None:
    mails = ("--email", "a@example.org", "--email", "b@example.org")
    mailed = json.loads(run("add", "Desk", '{"type": ["battle"]}', *mails, "--json").output)
    assert (mailed["channel"], mailed["addresses"]) == ("email", ["a@example.org", "b@example.org"])
    noted = json.loads(run("add", "Log", "q=x", "--json").output)
    assert (noted["channel"], noted["secret"]) == ("none", None)


def test_what_is_wrong_is_said(run: Run) -> None:
    both = run("add", "n", "q=x", "--webhook", "https://example.org/", "--email", "a@example.org")
    assert (both.exit_code, "one of --webhook and --email" in both.output) == (2, True)
    assert run("add", "n", "{no json").exit_code == 2
    for wrong in ("country=Iraq", "nonsense=1", "q=a&q=b"):
        with pytest.raises(Rejected):
            run("add", "n", wrong)
    with pytest.raises(Rejected, match="No such alert"):
        run("test", "nothing")
    with pytest.raises(Rejected, match="No such alert"):
        run("remove", "nothing")
