"""`tocsin status` where an API answers that was not started here, tells that a server is away, or is away itself."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from services.cli import main
from services.cli.embedded import ports
from shared.settings import settings

WELL = {"redis": True, "elasticsearch": True, "workers": {"index": 3.0}, "silent": []}
QUEUES = {"queues": {"index": 0}, "quarantine": {}, "delayed": 0, "in_flight": 7, "pressure": None}

Status = Callable[..., tuple[object, str, str]]


@pytest.fixture
def status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Status]:
    """Runs the command against an address: returns exit status, what it printed, and what it said of errors."""
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))

    def run(address: str, *words: str) -> tuple[object, str, str]:
        monkeypatch.setenv("TOCSIN_API_URL", address)
        settings.cache_clear()
        monkeypatch.setattr("sys.argv", ["tocsin", "status", *words])
        with pytest.raises(SystemExit) as ended:
            main.main()
        return ended.value.code, *capsys.readouterr()

    yield run
    settings.cache_clear()


@pytest.fixture
def api() -> Iterator[tuple[str, dict[str, object]]]:
    """An address, and what its `/v1/health` answers there."""
    state: dict[str, object] = dict(WELL)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = state if self.path == "/v1/health" else QUEUES
            self.send_response(200 if body is QUEUES or all((state["redis"], state["elasticsearch"])) else 503)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", state
        server.shutdown()
        thread.join()


def test_an_api_that_runs_elsewhere_is_not_called_nothing(status: Status, api: tuple[str, dict[str, object]]) -> None:
    address, _ = api
    code, out, err = status(address)
    assert (code, err) == (0, "")
    assert out.startswith(f"{address} answers; what runs there was not started by `tocsin up` here.\n")
    assert "in flight\t\t7" in out
    assert json.loads(status(address, "--json")[1]) == {"processes": [], "health": WELL, "queues": QUEUES}


@pytest.mark.parametrize("away", ["redis", "elasticsearch"])
def test_a_server_that_is_away_behind_the_api_is_shown_and_a_status_of_its_own(
    status: Status, api: tuple[str, dict[str, object]], away: str
) -> None:
    address, state = api
    state[away] = False
    code, out, _ = status(address)
    assert code == 3
    assert f"Away: {away}." in out
    assert ("in flight" in out) == (away != "redis")


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_an_api_that_is_away_is_a_status_of_its_own_and_says_how_it_is_started(
    status: Status, words: list[str]
) -> None:
    address = f"http://127.0.0.1:{ports.any_free()}"
    code, out, err = status(address, *words)
    assert code == 3
    assert out.strip() == ('{"processes": [], "health": null, "queues": null}' if words else "")
    assert "".join(err.split()) == "".join(
        f"tocsin: no answer from {address}: `tocsin up` starts it here, `make compose-up` in containers; "
        "TOCSIN_API_URL names another".split()
    )
