"""Exports and the feed over a real Elasticsearch, and the command that writes them."""

import csv
import io
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import stix2
import uvicorn
from elasticsearch import ConnectionError as NoConnection
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from services.api.app import create_app
from services.api.dependencies import Services
from services.api.exports.formats import EXPORTERS, Format
from services.cli import export, main
from services.cli.client import Client, Rejected
from services.cli.conditions import conditions
from services.cli.embedded import ports
from shared.domain.incident import Incident
from shared.errors import Unavailable
from shared.incidents.fold import fold
from shared.incidents.store import Changes, Store
from shared.settings import settings
from tests import examples
from tests.examples import event, report
from tests.generated import incident
from tests.integration.api.conftest import Away

BUKAVU = "TCN-BUKAVU0000"
GOMA = "TCN-GOMA000000"
ATOM = {"a": "http://www.w3.org/2005/Atom"}

Run = Callable[..., Result]


@pytest.fixture
def filled(client: TestClient, store: Store, elasticsearch: Elasticsearch) -> TestClient:
    """The API over two incidents, that of Bukavu newer by an hour."""
    later = report("http://b.example/x", event(place=examples.BUKAVU), title="=Grenade in Bukavu")
    later = later.model_copy(update={"fetched_at": examples.NOON + timedelta(hours=1)})
    store.ready()
    written = [fold(GOMA, [report(told=event(killed=examples.toll(3)))]), fold(BUKAVU, [later])]
    store.write(Changes(incidents=[(one, None) for one in written]))
    elasticsearch.indices.refresh(index=f"{store._prefix}incidents")  # noqa: SLF001 - the test's own prefix
    return client


def exported(client: TestClient, form: str, **query: Any) -> Any:
    """An export."""
    answer = client.get("/v1/incidents/export", params={"format": form, **query})
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize("form", list(Format))
def test_a_file_says_what_it_is(filled: TestClient, form: Format) -> None:
    answer = exported(filled, form)
    assert answer.headers["Content-Type"] == EXPORTERS[form].media_type
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{EXPORTERS[form].file_name}"'
    assert "Content-Length" not in answer.headers
    assert GOMA in answer.text
    assert BUKAVU in answer.text


@pytest.mark.parametrize("form", list(Format))
def test_a_file_holds_what_is_searched_for_alone(filled: TestClient, form: Format) -> None:
    text = exported(filled, form, q="bukavu", country="cd").text
    assert BUKAVU in text
    assert GOMA not in text


def test_a_line_is_what_the_api_shows(filled: TestClient) -> None:
    (line,) = exported(filled, "jsonl", q="goma").text.splitlines()
    shown = filled.get(f"/v1/incidents/{GOMA}").json()
    assert {**json.loads(line), "text": shown["text"]} == shown


def test_rows_of_csv_are_guarded(filled: TestClient) -> None:
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(exported(filled, "csv").text, newline=""))}
    assert rows[BUKAVU]["title"] == "'=Grenade in Bukavu"
    assert (rows[BUKAVU]["killed_best"], rows[GOMA]["killed_best"]) == ("", "3")


def test_stix_is_read_by_the_library(filled: TestClient) -> None:
    bundle = stix2.parse(exported(filled, "stix").text)
    assert [one.name for one in bundle.objects if one.type == "incident"]


def test_more_than_a_page_of_any_shape_is_exported_whole(
    client: TestClient, store: Store, elasticsearch: Elasticsearch
) -> None:
    many = [incident(seed) for seed in range(1200)]
    store.ready()
    store.write(Changes(incidents=[(one, None) for one in many]))
    elasticsearch.indices.refresh(index=f"{store._prefix}incidents")  # noqa: SLF001 - the test's own prefix
    lines = [json.loads(line) for line in exported(client, "jsonl").text.splitlines()]
    found = {line["id"]: Incident.model_validate({"text": ("words",), **line}) for line in lines}
    assert found == {one.id: one for one in many}
    assert len(lines) == len(many)
    assert len(json.loads(exported(client, "geojson").content)["features"]) == len(many)
    assert len(list(csv.reader(io.StringIO(exported(client, "acled").text, newline="")))) == len(many) + 1


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("export", {}),
        ("export", {"format": "xlsx"}),
        ("export", {"format": "csv", "country": "Iraq"}),
        ("export", {"format": "csv", "limit": 5}),
        ("feed", {"limit": 101}),
        ("feed", {"limit": 0}),
        ("feed", {"type": "war"}),
        ("feed", {"format": "csv"}),
    ],
)
def test_a_bad_request_is_a_problem(client: TestClient, path: str, query: dict[str, str]) -> None:
    answer = client.get(f"/v1/incidents/{path}", params=query)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_nothing_is_exported_before_anything_was_indexed(away: Away) -> None:
    with away(index_prefix="never-made-") as client:
        assert exported(client, "jsonl").text == ""
        assert ET.fromstring(client.get("/v1/incidents/feed").content).tag.endswith("feed")  # noqa: S314 - our own


class Gone:
    """An Elasticsearch that is away, or goes after its first page."""

    def __init__(self, client: Elasticsearch | None = None) -> None:
        self._client = client
        self._pages = 0

    def open_point_in_time(self, **asked: Any) -> Any:
        """Answer as long as it is there."""
        if self._client is None:
            raise NoConnection("gone")
        return self._client.open_point_in_time(**asked)

    def search(self, **asked: Any) -> Any:
        """Answer once."""
        self._pages += 1
        if self._client is None or self._pages > 1:
            raise NoConnection("gone")
        return self._client.search(**asked)

    def close_point_in_time(self, **_: Any) -> None:
        """Be gone for this, too."""
        raise NoConnection("gone")


def test_a_server_that_is_away_is_a_problem_and_no_file(away: Away) -> None:
    with away(elasticsearch=Gone()) as client:
        for path in ("export?format=csv", "feed"):
            answer = client.get(f"/v1/incidents/{path}")
            assert answer.status_code == 503
            assert answer.headers["Retry-After"]


def entries(answer: Any) -> list[str]:
    """The titles of a feed."""
    root = ET.fromstring(answer.content)  # noqa: S314 - our own
    return [str(entry.findtext("a:title", namespaces=ATOM)) for entry in root.findall("a:entry", ATOM)]


def test_a_feed_has_the_newest_changes_first(filled: TestClient) -> None:
    answer = filled.get("/v1/incidents/feed")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    assert entries(answer) == ["=Grenade in Bukavu", "Bomb goes off in Goma"]
    assert entries(filled.get("/v1/incidents/feed", params={"limit": 1})) == ["=Grenade in Bukavu"]
    assert entries(filled.get("/v1/incidents/feed", params={"q": "goma"})) == ["Bomb goes off in Goma"]


def test_a_feed_that_has_not_changed_is_not_sent_again(filled: TestClient) -> None:
    first = filled.get("/v1/incidents/feed")
    tag = first.headers["ETag"]
    assert "Last-Modified" not in first.headers
    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", W/{tag}'},
        {"If-None-Match": "*"},
        {"If-None-Match": tag, "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        again = filled.get("/v1/incidents/feed", headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == tag
    for headers in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": ""},
        {"If-None-Match": '"other"', "If-Modified-Since": "Thu, 05 Mar 2126 00:00:00 GMT"},
        {"If-Modified-Since": "Thu, 05 Mar 2126 00:00:00 GMT"},
    ):
        assert filled.get("/v1/incidents/feed", headers=headers).status_code == 200


def test_a_feed_that_has_changed_is_sent_again(filled: TestClient, store: Store, elasticsearch: Elasticsearch) -> None:
    tag = filled.get("/v1/incidents/feed").headers["ETag"]
    held = store.incidents([GOMA])[GOMA]
    store.write(Changes(incidents=[(held.incident.model_copy(update={"title": "Two bombs in Goma"}), held)]))
    elasticsearch.indices.refresh(index=f"{store._prefix}incidents")  # noqa: SLF001 - the test's own prefix
    answer = filled.get("/v1/incidents/feed", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert "Two bombs in Goma" in entries(answer)


@pytest.mark.parametrize("changes", [{"title": "Two bombs"}, {"status": "retracted"}, {"status": "merged"}])
def test_a_feed_changes_with_what_people_decide_though_no_page_is_newer(
    filled: TestClient, store: Store, elasticsearch: Elasticsearch, changes: dict[str, str]
) -> None:
    first = filled.get("/v1/incidents/feed")
    held = store.incidents([GOMA])[GOMA]
    changed = Incident.model_validate(held.incident.model_dump() | changes | {"revision": 2})
    store.write(Changes(incidents=[(changed, held)]))
    elasticsearch.indices.refresh(index=f"{store._prefix}incidents")  # noqa: SLF001 - the test's own prefix
    for known in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": "Thu, 05 Mar 2126 00:00:00 GMT"},
        {"If-None-Match": first.headers["ETag"], "If-Modified-Since": "Thu, 05 Mar 2126 00:00:00 GMT"},
    ):
        answer = filled.get("/v1/incidents/feed", headers=known)
        assert (answer.status_code, answer.content != first.content) == (200, True)
        assert answer.headers["ETag"] != first.headers["ETag"]


@pytest.fixture
def listening(services: Services) -> Iterator[Callable[..., str]]:
    """Serve the API on a port, with some of its servers replaced; returns its address."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def serve(**servers: object) -> str:
        values = {name: getattr(services, name) for name in Services.__dataclass_fields__}
        port = ports.any_free()
        api = create_app(Services(**(values | servers)))
        server = uvicorn.Server(uvicorn.Config(api, port=port, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        while not server.started:
            assert thread.is_alive()
            thread.join(0.02)
        return f"http://127.0.0.1:{port}"

    yield serve
    for server, thread in running:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def run(listening: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command against an API that listens."""
    monkeypatch.setenv("TOCSIN_API_URL", listening())
    settings.cache_clear()
    yield lambda *arguments: CliRunner().invoke(main.app, list(arguments))
    settings.cache_clear()


def test_the_command_writes_what_the_api_does(filled: TestClient, run: Run) -> None:
    ran = run("export", "--format", "csv", "bukavu", "--country", "cd", "--country", "us", "--from", "2026-03-01")
    assert ran.exit_code == 0
    assert ran.stdout_bytes == exported(filled, "csv", q="bukavu").content


def test_the_command_has_an_option_for_every_condition_and_format() -> None:
    names = {parameter.name for parameter in conditions()}
    assert {"q", "type", "bbox", "from_", "killed_min", "source"} <= names
    assert set(export.FORMATS) == set(Format)


def test_the_command_says_what_is_wrong_with_a_condition(filled: TestClient, run: Run) -> None:
    assert filled
    ran = run("export", "--format", "csv", "--country", "Iraq")
    assert isinstance(ran.exception, Rejected)
    assert "country" in str(ran.exception)


def test_an_export_that_breaks_off_is_noticed(
    filled: TestClient, store: Store, elasticsearch: Elasticsearch, listening: Callable[..., str]
) -> None:
    assert filled
    store.write(Changes(incidents=[(incident(seed), None) for seed in range(1200)]))
    elasticsearch.indices.refresh(index=f"{store._prefix}incidents")  # noqa: SLF001 - the test's own prefix
    with Client(listening(elasticsearch=Gone(elasticsearch))) as api:
        pieces = api.export(format="jsonl")
        assert next(pieces)
        with pytest.raises(Unavailable, match="not all"):
            list(pieces)
