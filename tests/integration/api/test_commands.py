"""The commands of operators against a real API over real servers."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from typer.testing import CliRunner, Result

from services.api.app import create_app
from services.api.dependencies import Services
from services.cli import main
from services.cli import search as searching
from services.cli.client import Busy, Rejected
from services.cli.embedded import ports
from shared.delivery.messages import Item, Message
from shared.delivery.pressure import Pressure, pressure
from shared.delivery.quarantine import Quarantine
from shared.documents import document
from shared.domain.outcome import Status
from shared.domain.submission import Submission
from shared.pipeline import EXTRACT
from shared.settings import Settings, settings
from shared.worker import canary
from tests import examples
from tests.integration.api.conftest import Outcomes, Queue
from tests.integration.api.happenings import number, six

Run = Callable[..., Result]


class Room:
    """Says why nothing more is taken in, as long as somebody wants it to."""

    ask: Callable[[], Pressure | None] = staticmethod(lambda: None)

    def __call__(self) -> Pressure | None:
        """Answer."""
        return self.ask()


@pytest.fixture
def room() -> Room:
    """Room for everything, at first."""
    return Room()


@pytest.fixture
def run(services: Services, room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command against an API that listens."""
    port = ports.any_free()
    api = create_app(replace(services, pressure=room))
    server = uvicorn.Server(uvicorn.Config(api, port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.02)
    monkeypatch.setenv("TOCSIN_API_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    settings.cache_clear()
    yield lambda *words, **options: CliRunner().invoke(main.app, words, **options)
    settings.cache_clear()
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def failed(services: Services, outcomes: Outcomes) -> list[Submission]:
    """Two submissions in the quarantine of EXTRACT."""
    submissions = [examples.submission(f"http://e.org/{n}") for n in range(2)]
    for one in submissions:
        services.ledger.accept(one)
        message = Message.alone(Item.of(one, examples.page(one.url))).model_dump(mode="json")
        message["items"][0]["body"]["final_url"] = "http://e.org/" + "x" * 5000
        error = ValueError("odd\nin two lines, [with] brackets")
        Quarantine(services.redis).add(EXTRACT, message, error, submission_id=one.id, attempts=4)
        services.ledger.close([one.id])
    outcomes.end(*submissions, status=Status.QUARANTINED)
    return submissions


def of(result: Result) -> Any:
    """Return the JSON that a command printed."""
    return json.loads(result.stdout)


def test_the_quarantine_is_listed_by_step_and_message_by_message(run: Run, failed: list[Submission]) -> None:
    counts = run("quarantine", "list")
    assert counts.exit_code == 0
    assert [line.split("\t")[:2] for line in counts.stdout.splitlines()][:3] == [
        ["step", "messages"], ["fetch", "0"], ["extract", "2"],
    ]  # fmt: skip
    assert of(run("quarantine", "list", "--json"))["steps"]["extract"]["count"] == 2
    lines = run("quarantine", "list", "extract", "--limit", "1").stdout.splitlines()
    assert lines[1].split("\t")[0] == failed[0].id
    assert lines[1].split("\t")[2:] == ["4", "ValueError: odd in two lines, [with] brackets", failed[0].url]
    assert lines[2] == "1 of 2"


def test_one_message_is_shown(run: Run, failed: list[Submission]) -> None:
    shown = run("quarantine", "show", "extract", failed[0].id).stdout
    assert f"submission_id\t{failed[0].id}" in shown
    assert "in two lines, [with] brackets\n" in shown
    assert "characters more; --json shows them" in shown
    whole = of(run("quarantine", "show", "extract", failed[0].id, "--json"))
    assert len(whole["message"]["items"][0]["body"]["final_url"]) > 5000


def test_messages_are_sent_back(run: Run, failed: list[Submission], queue: Queue) -> None:
    some = run("quarantine", "retry", "extract", "--max", "1")
    assert (some.exit_code, some.stdout) == (0, "1 in flight again. 1 in quarantine.\n")
    named = run("quarantine", "retry", "extract", failed[1].id, "none", "--json")
    assert named.exit_code == 1
    assert (of(named)["sent"], of(named)["not_found"], of(named)["remaining"]) == (1, 1, 0)
    assert [item.submission.id for _, item in queue.sent] == [one.id for one in failed]
    assert run("quarantine", "retry", "extract").stdout == "nothing to do. 0 in quarantine.\n"


def test_messages_are_dropped(run: Run, failed: list[Submission]) -> None:
    assert run("quarantine", "drop", "extract").exit_code == 2
    assert run("quarantine", "drop", "extract", failed[0].id, "--all").exit_code == 2
    assert run("quarantine", "drop", "extract", "none").exit_code == 1
    assert run("quarantine", "drop", "extract", failed[0].id).stdout == "1 deleted. 1 in quarantine.\n"
    assert of(run("quarantine", "drop", "extract", "--all", "--json")) == {"dropped": 1, "not_found": 0, "remaining": 0}


def test_a_step_that_is_none_is_a_wrong_use_and_a_message_that_is_none_an_error(run: Run) -> None:
    wrong = run("quarantine", "list", "nowhere")
    assert wrong.exit_code == 2
    assert "one of fetch, extract, classify, index, record" in " ".join(wrong.stderr.replace("│", "").split())
    assert isinstance(run("quarantine", "show", "fetch", "a/../b").exception, Rejected)


def test_a_full_house_is_told_and_waited_for(run: Run, room: Room, failed: list[Submission]) -> None:
    room.ask = lambda: Pressure(limit="in_flight", detail="It is full.", retry_after_s=1)
    assert isinstance(run("quarantine", "retry", "extract").exception, Busy)
    refused = run("submit", "--patience", "0", "--json", "-", input="http://e.org/a\n\nhttp://e.org/b\n")
    assert refused.exit_code == 1
    assert [state["status"] for state in of(refused)] == ["not_sent", "not_sent"]
    assert "It is full." in run("status").stdout
    calls = iter([True, True])
    full = room.ask
    room.ask = lambda: full() if next(calls, False) else None
    taken = run("submit", "--json", "-", input="http://e.org/a\nhttp://e.org/b\n")
    assert taken.exit_code == 0
    assert [state["status"] for state in of(taken)] == ["in_flight", "in_flight"]
    assert "It is full. Waiting, 600 s at most." in taken.stderr
    assert len(failed) == 2


def test_the_audit_names_what_differs_and_exits_with_1(
    run: Run, services: Services, failed: list[Submission], outcomes: Outcomes
) -> None:
    fine = run("audit")
    assert (fine.exit_code, fine.stdout.splitlines()[-1]) == (0, "Nothing differs. 0 of 1 days read in full.")
    lost = failed[0]
    cell = (int(lost.id[:2], 16) + 1) % 64  # another one: in the same they could not be told apart
    foreign = examples.submission().model_copy(update={"id": f"{cell:02x}" + 30 * "0"})
    outcomes.delete(lost.id)
    outcomes.end(foreign)
    services.ledger.accept(examples.submission())
    with services.redis.pipeline() as pipe:  # one that was sent back
        services.ledger.reopen(pipe, failed[1], EXTRACT)
        pipe.execute()
    differs = run("audit", "--deep")
    assert differs.exit_code == 1
    assert "Something differs. 1 of 1 days read in full." in differs.stdout
    assert f"\t1\t{lost.id}\n" in differs.stdout
    assert f"\t1\t{foreign.id}\n" in differs.stdout
    found = run("audit", "--deep", "--json")
    assert (found.exit_code, of(found)["missing"]["total"], of(found)["in_flight"]) == (1, 1, 2)


def test_status_shows_which_workers_answer(run: Run, services: Services) -> None:
    canary.mark(services.redis, "fetch")
    lines = run("status").stdout.splitlines()
    assert "index\tnever\tsilent" in lines
    assert any(line.startswith("fetch\t") and line.endswith(" s ago\twell") for line in lines)
    assert of(run("status", "--json"))["health"]["workers"]["index"] is None


def test_the_limits_are_those_of_the_settings(run: Run, room: Room, services: Services) -> None:
    room.ask = partial(pressure, services.redis, services.ledger, Settings(max_in_flight=1))
    states = of(run("submit", "--json", "--patience", "0", "http://e.org/a", "http://e.org/b"))
    assert [state["status"] for state in states] == ["in_flight", "not_sent"]
    assert "TOCSIN_MAX_IN_FLIGHT is 1" in states[1]["detail"]


@pytest.fixture
def searched(services: Services) -> None:
    """Six incidents in the index."""
    index = services.alias("incidents")
    for one in six().values():
        services.elasticsearch.index(index=index, id=one.id, document=document(one), refresh=True)


@pytest.mark.usefixtures("searched")
def test_incidents_are_searched_by_their_conditions(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = of(run("search", "zawahri", "--city", "medellin", "--from", "2026-02-07", "--json"))
    assert [hit["id"] for hit in found["hits"]] == [number("medellin")]
    near = run("search", "--near", "-18,-179", "--km", "2000", "--sort", "distance").stdout.splitlines()
    assert [line.split("\t")[0] for line in near[1:]] == [number("suva"), number("apia"), "2 of 2"]
    monkeypatch.setattr(searching, "MOST", 2)
    lines = run("search", "--all", "--json", "--killed-unknown", "include").stdout.splitlines()
    assert len({json.loads(line)["id"] for line in lines}) == len(lines) == 5
    assert run("search", "--all", "--actor", "adf", "--role", "target").stdout.splitlines()[-1] == "1 of 1"


@pytest.mark.usefixtures("searched")
def test_a_search_that_cannot_be_asked_is_refused(run: Run) -> None:
    assert run("search", "--near", "Goma").exit_code == 2
    refused = run("search", "--sort", "distance")
    assert isinstance(refused.exception, Rejected)
    assert "needs lat and lon" in str(refused.exception)
