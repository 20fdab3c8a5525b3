"""A Kibana on loopback: a real HTTP server that speaks its protocol of status and import, and keeps what it took."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

#: What references have to lead to: Kibana looks for these two types alone.
CHECKED = ("index-pattern", "search")


@dataclass
class Kibana:
    """What it holds, and how it behaves."""

    url: str = ""
    held: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)  #: by type and id
    not_ready: int = 0  #: how many questions it answers with 503 first
    login: tuple[str, str] | None = None
    refused: frozenset[str] = frozenset()  #: ids of objects that fail
    state: tuple[int, bytes] | None = None  #: instead of what it would say of itself
    says: tuple[int, bytes] | None = None  #: instead of what it would say to an import
    asked: list[str] = field(default_factory=list)

    def status(self) -> tuple[int, bytes]:
        """Answer GET /api/status."""
        if self.not_ready > 0:
            self.not_ready -= 1
            return 503, b"Kibana server is not ready yet"
        return self.state or (200, json.dumps({"status": {"overall": {"level": "available"}}}).encode())

    def take(self, query: str, file: Message) -> tuple[int, bytes]:
        """Answer POST /api/saved_objects/_import."""
        if self.says:
            return self.says
        name = file.get_filename() or ""
        if not name.endswith(".ndjson"):
            return 400, json.dumps({"statusCode": 400, "message": f"Invalid file extension {name}"}).encode()
        content = file.get_payload(decode=True)
        assert isinstance(content, bytes)
        objects = [json.loads(line) for line in content.splitlines() if line.strip()]
        own = {(one["type"], one["id"]) for one in objects}
        errors = [error for one in objects if (error := self._error(one, own, query))]
        failed = {error["id"] for error in errors}
        for one in objects:
            if one["id"] not in failed:
                self.held[one["type"], one["id"]] = one
        told = {"success": not errors, "successCount": len(objects) - len(failed)}
        return 200, json.dumps(told | ({"errors": errors} if errors else {})).encode()

    def _error(self, one: dict[str, Any], own: set[tuple[str, str]], query: str) -> dict[str, Any] | None:
        known = own | set(self.held)
        missing = [
            {"type": ref["type"], "id": ref["id"]}
            for ref in one.get("references", [])
            if ref["type"] in CHECKED and (ref["type"], ref["id"]) not in known
        ]
        named = {"type": one["type"], "id": one["id"]}
        if missing:
            return named | {"error": {"type": "missing_references", "references": missing}}
        if one["id"] in self.refused:
            return named | {
                "error": {"type": "unknown", "message": "Document is of a newer version", "statusCode": 422}
            }
        if (one["type"], one["id"]) in self.held and parse_qs(query).get("overwrite") != ["true"]:
            return named | {"error": {"type": "conflict"}}
        return None


def _handler(kibana: Kibana) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*(self._stranger() or kibana.status()))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            parts = message_from_bytes(head + body)
            file = next(p for p in parts.walk() if p.get_param("name", header="content-disposition") == "file")
            if "kbn-xsrf" not in self.headers:
                self._answer(400, b'{"statusCode": 400, "message": "Request must contain a kbn-xsrf header."}')
                return
            self._answer(*(self._stranger() or kibana.take(urlsplit(self.path).query, file)))

        def _stranger(self) -> tuple[int, bytes] | None:
            kibana.asked.append(f"{self.command} {urlsplit(self.path).path}")
            known = base64.b64encode(":".join(kibana.login or ()).encode()).decode()
            if kibana.login and self.headers.get("Authorization") != f"Basic {known}":
                return 401, b'{"statusCode": 401, "error": "Unauthorized", "message": "Unauthorized"}'
            return None

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base class's)
            pass

    return Answering


@contextmanager
def running(kibana: Kibana) -> Iterator[Kibana]:
    """Let it listen on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(kibana))
    kibana.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield kibana
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
