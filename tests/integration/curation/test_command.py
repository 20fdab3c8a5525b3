"""`tocsin incident` against a real API."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from typer.testing import CliRunner, Result

from services.api.app import create_app
from services.api.dependencies import Services
from services.cli import main
from services.cli.embedded import ports
from shared.settings import settings
from tests.integration.curation.conftest import Desk
from tests.integration.curation.test_decisions import bukavu, story

Run = Callable[..., Result]


@pytest.fixture
def run(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run `tocsin incident` against an API that listens."""
    port = ports.any_free()
    server = uvicorn.Server(uvicorn.Config(create_app(services), port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.02)
    monkeypatch.setenv("TOCSIN_API_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    settings.cache_clear()
    yield lambda *words: CliRunner().invoke(main.app, ["incident", *words])
    settings.cache_clear()
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


def decide(run: Run, *words: str) -> dict[str, Any]:
    """Decide, and return what the command printed."""
    result = run(*words, "--who", "ana", "--why", "I know better", "--json")
    assert result.exit_code == 0, result.output
    done: dict[str, Any] = json.loads(result.stdout)
    return done


def test_every_decision_is_made_and_undone(desk: Desk, run: Run) -> None:
    a, b, _ = desk.file(story("a"), bukavu("b"), story("c"))
    merge = decide(run, "merge", a, b)["decision"]
    assert (merge["who"], merge["why"], merge["into"]) == ("ana", "I know better", b)
    assert run("show", a).stdout.startswith(f"{a} was merged into {b}.\n")
    decide(run, "undo", a, merge["id"])
    shown = json.loads(run("show", a, "--json").stdout)
    (report,) = [one["report_id"] for one in shown["sources"] if one["site"] == "c.example"]
    new = decide(run, "split", a, report)["decision"]["incident_ids"][1]
    assert desk.sites(new) == ["c.example"]
    decide(run, "undo", a, desk.http.get(f"/v1/incidents/{a}/history").json()["decisions"][-1]["decision"]["id"])
    decide(run, "move", a, report, b)
    assert desk.sites(b) == ["b.example", "c.example"]
    decide(run, "edit", a, 'killed={"best": 4}', "claimed_by=null", "title=Bomb, they say: x=1 [bold]")
    assert (desk.get(a)["killed"]["best"], desk.get(a)["title"]) == (4, "Bomb, they say: x=1 [bold]")
    decide(run, "lock", a)
    lines = run("show", a).stdout.splitlines()
    assert f"active, revision {desk.get(a)['revision']}, locked, edited: title, killed, claimed_by" in lines
    assert lines[-1].split("\t")[2] == "a.example"
    decide(run, "unlock", a)
    decide(run, "retract", a)
    assert desk.get(a)["status"] == "retracted"
    rows = [line.split("\t") for line in run("history", a).stdout.splitlines()]
    assert [row[2] for row in rows[1:]] == [
        "merge", "undo", "split", "undo", "move", "edit", "lock", "unlock", "retract",
    ]  # fmt: skip
    assert [row[3] for row in rows[1:6]] == ["", "", "", "", "stands"]


def test_what_is_refused_says_why_and_ends_with_an_error(desk: Desk, run: Run) -> None:
    (a,) = desk.file(story("a"))
    for words, said in (
        (("show", "TCN-NONE"), "No such incident"),
        (("history", "TCN-NONE"), "no incident TCN-NONE"),
        (("merge", a, a, "--why", "so", "--who", "ana"), "into itself"),
        (("edit", a, "title", "--why", "so", "--who", "ana"), "FIELD=VALUE"),
        (("lock", a, "--why", "so", "--who", "ana", "--revision", "9"), "has changed since you looked at it"),
        (("lock", a, "--who", "ana"), "--why"),
    ):
        result = run(*words)
        assert result.exit_code != 0
        assert said in f"{result.output}{result.stderr}{result.exception}", words
    assert desk.get(a)["revision"] == 1
