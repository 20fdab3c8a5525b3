"""What the indexer makes of the answers of an Elasticsearch in trouble. Those of a healthy one are real elsewhere."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from elasticsearch import BadRequestError

from services.indexer.merging.candidates import candidates
from shared.domain.incident import FiledArticle
from shared.errors import Outage, Transient
from shared.incidents.answers import IndexMissing, Refused
from shared.incidents.store import Changes, Store
from shared.index import connect
from tests import examples


class Trouble(ThreadingHTTPServer):
    """A server that gives every request the same answer."""

    status = 200
    answer: Any = None


class Handler(BaseHTTPRequestHandler):
    """Answers as its server is told."""

    server: Trouble

    def do_GET(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps(self.server.answer).encode()
        self.send_response(self.server.status)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/vnd.elasticsearch+json;compatible-with=8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_GET  # noqa: N815 - as above

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


Answering = Callable[..., Store]


@pytest.fixture
def answering() -> Iterator[Answering]:
    """A store over a server that gives one answer."""
    server = Trouble(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def store(answer: Any, *, status: int = 200, prefix: str = "x-") -> Store:
        server.answer, server.status = answer, status
        return Store(connect(f"http://127.0.0.1:{server.server_port}"), prefix)

    yield store
    server.shutdown()
    thread.join()
    server.server_close()


def item(index: str, status: int, kind: str = "e") -> dict[str, Any]:
    """What a bulk says of one operation."""
    return {"_index": index, "_id": "1", "status": status, "error": {"type": kind}}


def bulk(*items: dict[str, Any]) -> dict[str, Any]:
    """The answer to a bulk, of which another operation succeeded."""
    fine = {"_index": "x-articles-v1", "_id": "0", "status": 200, "result": "updated"}
    return {"took": 1, "errors": True, "items": [{"index": one} for one in (fine, *items)]}


def filed(number: int) -> FiledArticle:
    """One of some articles."""
    return FiledArticle(**examples.article(f"http://s{number}.example/x").model_dump(), relevant=True, model="m")


def changes(count: int) -> Changes:
    """As many articles as the bulk answers for: one that succeeds and `count` more."""
    return Changes(articles=[filed(number) for number in range(count + 1)])


def test_a_shard_that_is_missing_is_not_a_missing_article(answering: Answering) -> None:
    with pytest.raises(Outage):
        answering({"docs": [{"_id": "a", "error": {"type": "no_shard_available_action_exception"}}]}).articles(["a"])


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (429, "es_rejected_execution_exception", Outage),
        (503, "search_phase_execution_exception", Outage),
        (404, "index_not_found_exception", IndexMissing),
        (403, "cluster_block_exception", IndexMissing),
        (500, "null_pointer_exception", Transient),
        (400, "parsing_exception", Refused),
    ],
)
def test_one_search_among_several_that_fails(
    answering: Answering, status: int, kind: str, error: type[Exception]
) -> None:
    answer = {"responses": [{"error": {"type": kind}, "status": status}]}
    with pytest.raises(error) as raised:
        candidates([examples.report()], answering(answer))
    assert raised.type is error


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (408, "", Outage),
        (429, "circuit_breaking_exception", Outage),
        (502, "", Outage),
        (503, "", Outage),
        (504, "", Outage),
        (401, "security_exception", Outage),
        (403, "cluster_block_exception", IndexMissing),
        (404, "index_not_found_exception", IndexMissing),
        (400, "index_closed_exception", IndexMissing),
        (500, "illegal_state_exception", Transient),
        (400, "parsing_exception", BadRequestError),
    ],
)
def test_a_request_that_fails(answering: Answering, status: int, kind: str, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        answering({"error": {"type": kind}, "status": status}, status=status).articles(["a"])
    assert raised.type is error


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (429, "es_rejected_execution_exception", Outage),
        (429, "cluster_block_exception", IndexMissing),
        (403, "cluster_block_exception", IndexMissing),
        (503, "unavailable_shards_exception", Outage),
        (404, "index_not_found_exception", IndexMissing),
        (400, "index_closed_exception", IndexMissing),
        (500, "engine_failed", Transient),
        (400, "document_parsing_exception", Refused),
    ],
)
def test_one_operation_among_several_that_fails(
    answering: Answering, status: int, kind: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        answering(bulk(item("x-articles-v1", status, kind))).write(changes(1))
    assert raised.type is error


@pytest.mark.parametrize(
    ("statuses", "error"),
    [((400, 500, 429), Outage), ((400, 500), Transient), ((400, 400), Refused), ((500, 503, 400), Outage)],
)
def test_of_several_failures_what_passes_first_is_said(
    answering: Answering, statuses: tuple[int, ...], error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        answering(bulk(*(item("x-articles-v1", status) for status in statuses))).write(changes(len(statuses)))
    assert raised.type is error


@pytest.mark.parametrize("alias", ["articles", "reports"])
@pytest.mark.parametrize("prefix", ["x-", "incidents-prod-"])
def test_a_newer_version_needs_no_older_one(answering: Answering, prefix: str, alias: str) -> None:
    answering(bulk(item(f"{prefix}{alias}-v1", 409)), prefix=prefix).write(changes(1))


@pytest.mark.parametrize("prefix", ["x-", "incidents-prod-"])
def test_an_incident_that_someone_else_changed_is_looked_at_again(answering: Answering, prefix: str) -> None:
    with pytest.raises(Transient) as raised:
        answering(bulk(item(f"{prefix}incidents-v1", 409)), prefix=prefix).write(changes(1))
    assert raised.type is Transient


def test_a_report_that_was_deleted_already_is_gone_as_it_should_be(answering: Answering) -> None:
    gone = {"_index": "x-reports-v1", "_id": "1", "status": 404, "result": "not_found"}
    answer = {"took": 1, "errors": False, "items": [{"delete": gone}]}
    answering(answer).write(Changes(gone=[examples.report()]))


def test_nothing_to_write_asks_nothing(answering: Answering) -> None:
    store = answering({}, status=503)
    store.write(Changes())
    store.record([])
