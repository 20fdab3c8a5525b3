"""What the indexer makes of the answers of an Elasticsearch in trouble. Those of a healthy one are real elsewhere."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from elasticsearch import ApiError

from services.indexer.store import Refused, Store
from shared.domain.incident import FiledArticle
from shared.errors import Transient
from shared.index import connect
from tests import examples

FILED = FiledArticle(**examples.article().model_dump(), relevant=True, model="m")


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


def bulk_item(index: str, status: int) -> dict[str, Any]:
    """The answer to a bulk of one operation."""
    item = {"_index": index, "_id": "1", "status": status, "error": {"type": "e"}}
    return {"took": 1, "errors": True, "items": [{"index": item}]}


def test_a_shard_that_is_missing_is_not_a_missing_article(answering: Answering) -> None:
    with pytest.raises(Transient):
        answering({"docs": [{"_id": "a", "error": {"type": "no_shard_available_action_exception"}}]}).article("a")


def test_a_search_among_several_that_fails_is_transient(answering: Answering) -> None:
    answer = {"responses": [{"error": {"type": "es_rejected_execution_exception"}, "status": 429}]}
    with pytest.raises(Transient):
        answering(answer).candidates([examples.report()])


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_a_busy_server_is_transient(answering: Answering, status: int) -> None:
    with pytest.raises(Transient):
        answering({}, status=status).article("a")


def test_a_request_that_makes_no_sense_is_a_bug(answering: Answering) -> None:
    with pytest.raises(ApiError):
        answering({}, status=400).article("a")


@pytest.mark.parametrize(("status", "error"), [(503, Transient), (403, Transient), (404, Transient), (400, Refused)])
def test_an_operation_that_fails_is_judged_by_its_status(
    answering: Answering, status: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        answering(bulk_item("x-articles-v1", status)).write(FILED)


@pytest.mark.parametrize("prefix", ["x-", "incidents-prod-"])
def test_a_newer_version_needs_no_older_one(answering: Answering, prefix: str) -> None:
    answering(bulk_item(f"{prefix}articles-v1", 409), prefix=prefix).write(FILED)


@pytest.mark.parametrize("prefix", ["x-", "incidents-prod-"])
def test_an_incident_that_someone_else_changed_is_looked_at_again(answering: Answering, prefix: str) -> None:
    with pytest.raises(Transient):
        answering(bulk_item(f"{prefix}incidents-v1", 409), prefix=prefix).write(FILED)
