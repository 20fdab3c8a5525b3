"""Kibana gets its objects, and whatever goes wrong ends in one sentence."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.setup.kibana import import_objects
from shared.errors import SetupError
from tests.unit.setup.kibanas import Kibana, running

VIEW = {"type": "index-pattern", "id": "v", "attributes": {"title": "tocsin-incidents"}, "references": []}
SEARCH = {
    "type": "search",
    "id": "s",
    "attributes": {},
    "references": [{"type": "index-pattern", "id": "v", "name": "n"}],
}
BOARD = {"type": "dashboard", "id": "d", "attributes": {}, "references": [{"type": "search", "id": "s", "name": "p"}]}


@pytest.fixture
def kibana() -> Iterator[Kibana]:
    with running(Kibana()) as one:
        yield one


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files, of which each refers to the one before it."""
    write(tmp_path / "1-views.ndjson", VIEW)
    write(tmp_path / "2-searches.ndjson", SEARCH)
    write(tmp_path / "3-boards.ndjson", BOARD)
    (tmp_path / "README.md").write_text("not for Kibana")
    return tmp_path


def write(file: Path, *objects: dict[str, Any]) -> None:
    file.write_text("".join(json.dumps(one) + "\n" for one in objects))


def give(kibana: Kibana, folder: Path, **options: Any) -> int:
    return import_objects(kibana.url, folder, **({"patience_s": 20, "pause_s": 0.01} | options))


def failure(kibana: Kibana, folder: Path, **options: Any) -> str:
    with pytest.raises(SetupError) as raised:
        give(kibana, folder, **options)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_every_file_is_imported_in_order(kibana: Kibana, folder: Path) -> None:
    assert give(kibana, folder) == 3
    assert list(kibana.held) == [("index-pattern", "v"), ("search", "s"), ("dashboard", "d")]


def test_importing_again_writes_over_what_is_there(kibana: Kibana, folder: Path) -> None:
    give(kibana, folder)
    write(folder / "2-searches.ndjson", SEARCH | {"attributes": {"title": "new"}})
    assert give(kibana, folder) == 3
    assert kibana.held["search", "s"]["attributes"] == {"title": "new"}
    assert len(kibana.held) == 3


def test_a_kibana_that_starts_is_waited_for(kibana: Kibana, folder: Path) -> None:
    kibana.not_ready = 3
    assert give(kibana, folder) == 3
    assert kibana.asked[:5] == ["GET /api/status"] * 4 + ["POST /api/saved_objects/_import"]


def test_the_data_views_name_the_indices_of_the_prefix(kibana: Kibana, folder: Path) -> None:
    give(kibana, folder, prefix="desk-")
    assert kibana.held["index-pattern", "v"]["attributes"]["title"] == "desk-incidents"


def test_a_user_and_a_password_are_sent(kibana: Kibana, folder: Path) -> None:
    kibana.login = ("elastic", "pass:word")
    assert give(kibana, folder, auth=("elastic", "pass:word")) == 3


def test_a_wrong_password_is_said_at_once(kibana: Kibana, folder: Path) -> None:
    kibana.login = ("elastic", "right")
    said = failure(kibana, folder, auth=("elastic", "wrong"))
    assert said == f"Kibana at {kibana.url} refuses this user (401): check the name and the password"
    assert kibana.asked == ["GET /api/status"]


def test_a_kibana_that_never_becomes_ready_ends_the_patience(kibana: Kibana, folder: Path) -> None:
    kibana.not_ready = 10**9
    began = time.monotonic()
    said = failure(kibana, folder, patience_s=0.2)
    assert said.startswith(f"Kibana at {kibana.url} did not become available in time (it answers 503)")
    assert time.monotonic() - began < 10
    assert "POST /api/saved_objects/_import" not in kibana.asked


def test_nobody_listening_ends_the_patience(folder: Path) -> None:
    with socket.socket() as taken:  # bound and not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        nobody = Kibana(url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        assert "did not become available in time (NewConnectionError)" in failure(nobody, folder, patience_s=0.2)


def test_something_else_on_the_port_is_no_kibana(kibana: Kibana, folder: Path) -> None:
    kibana.state = (200, b"<h1>Welcome</h1>")
    assert "its /api/status is not Kibana's" in failure(kibana, folder, patience_s=0.1)


def test_a_degraded_kibana_is_named_as_it_calls_itself(kibana: Kibana, folder: Path) -> None:
    kibana.state = (200, b'{"status": {"overall": {"level": "degraded"}}}')
    assert "it calls itself degraded" in failure(kibana, folder, patience_s=0.1)


def test_a_partial_import_names_what_failed_and_why(kibana: Kibana, folder: Path) -> None:
    kibana.refused = frozenset({"s"})
    said = failure(kibana, folder)
    assert said == (
        f"Kibana at {kibana.url} did not import 2-searches.ndjson: "
        "1 of its objects failed: search s (Document is of a newer version)"
    )
    assert ("dashboard", "d") not in kibana.held


def test_a_missing_reference_is_named(kibana: Kibana, folder: Path) -> None:
    (folder / "1-views.ndjson").unlink()
    assert failure(kibana, folder).endswith("search s (missing_references index-pattern v)")


def test_of_many_errors_three_are_told(kibana: Kibana, folder: Path) -> None:
    names = [f"s{n}" for n in range(5)]
    write(folder / "2-searches.ndjson", *(SEARCH | {"id": name} for name in names))
    kibana.refused = frozenset(names)
    said = failure(kibana, folder)
    assert "5 of its objects failed" in said
    assert [name for name in names if f"search {name} " in said] == ["s0", "s1", "s2"]
    assert said.endswith("; ...")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((400, b'{"statusCode": 400, "message": "Unexpected end of JSON input"}'), "Unexpected end of JSON input"),
        ((413, b"too large"), "it answers 413 without `success`"),
        ((200, b"[]"), "it answers 200 without `success`"),
        ((200, b'{"success": false, "successCount": 0}'), "it answers 200 without `success`"),
        ((200, b'{"success": "true", "successCount": 1}'), "it answers 200 without `success`"),
    ],
)
def test_only_success_is_success(kibana: Kibana, folder: Path, answer: tuple[int, bytes], why: str) -> None:
    kibana.says = answer
    assert failure(kibana, folder).endswith(f"did not import 1-views.ndjson: {why}")


def test_a_folder_without_objects_is_named(kibana: Kibana, tmp_path: Path) -> None:
    assert failure(kibana, tmp_path) == f"{tmp_path} holds no .ndjson file to import into Kibana"
    assert kibana.asked == []
