"""Stand between the processes and a server, and fail as networks and servers do.

workers, API ──▶ Line ──▶ Redis             cut: every connection is broken, new ones are refused, then reset
workers, API ──▶ Front ──▶ Elasticsearch    busy: 429; items: some of a bulk fail, and those are never sent on;
                                            lost: the bulk is applied and its answer thrown away
"""

import asyncio
import http.client
import json
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from services.cli.embedded import ports
from shared.index import VERSION

_CHUNK = 65536


class Line:
    """A TCP proxy on a port of its own."""

    def __init__(self, port: int) -> None:
        self.port = ports.any_free()
        self.broken = 0  #: connections that were cut, or reset when they came
        self._target = port
        self._down = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.listen()
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def listen(self) -> None:
        """Take connections."""
        self._call(self._open())

    def refuse(self) -> None:
        """Break every connection and refuse new ones."""
        self._call(self._close())

    def reset(self, on: bool) -> None:
        """Take connections and break them at once, or stop doing so."""
        self._down = on

    def _call(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _open(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, ports.LOOPBACK, self.port)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            self.broken += 1
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._down:
            self.broken += 1
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(ports.LOOPBACK, self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers.add(writer)
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        self._writers.discard(writer)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@dataclass(frozen=True)
class Request:
    """What a client asked of Elasticsearch."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def bulk(self) -> bool:
        """Whether it writes."""
        return self.path.partition("?")[0].endswith("_bulk")


@dataclass(frozen=True)
class Answer:
    """What a client is told."""

    status: int
    body: bytes


Forward = Callable[[Request], Answer]
#: Answers a request itself, or by way of the server; None: the connection ends without an answer.
Manner = Callable[[Request, Forward], Answer | None]


def honest(request: Request, forward: Forward) -> Answer | None:
    """Pass everything on."""
    return forward(request)


class Front(ThreadingHTTPServer):
    """An HTTP proxy before Elasticsearch whose manners can be changed."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        self.target = port
        self.manner: Manner = honest
        self.failed = 0  #: requests, items or answers that were failed
        super().__init__((ports.LOOPBACK, 0), _Handler)

    @property
    def port(self) -> int:
        """Where it answers."""
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def busy(self, chance: random.Random, share: float) -> Manner:
        """Return the manners of a server that refuses a share of its requests."""

        def manner(request: Request, forward: Forward) -> Answer | None:
            if chance.random() >= share:
                return forward(request)
            self.failed += 1
            return Answer(429, json.dumps({"error": _error("es_rejected_execution_exception"), "status": 429}).encode())

        return manner

    def items(self, chance: random.Random, share: float) -> Manner:
        """Return the manners of a server that fails a share of the items of each bulk: it never sees those."""

        def manner(request: Request, forward: Forward) -> Answer | None:
            return forward(request) if not request.bulk else self._some(request, forward, chance, share)

        return manner

    def lost(self, chance: random.Random, share: float) -> Manner:
        """Return the manners of a network that loses a share of the answers to writes: they were applied."""

        def manner(request: Request, forward: Forward) -> Answer | None:
            answer = forward(request)
            if request.bulk and chance.random() < share:
                self.failed += 1
                return None
            return answer

        return manner

    def _some(self, request: Request, forward: Forward, chance: random.Random, share: float) -> Answer:
        operations = _operations(request.body)
        failing = [chance.random() < share for _ in operations]
        self.failed += sum(failing)
        kept = [lines for lines, fails in zip(operations, failing, strict=True) if not fails]
        answer: dict[str, Any] = {"took": 0, "errors": False, "items": []}
        if kept:
            body = b"".join(line + b"\n" for lines in kept for line in lines)
            real = forward(Request(request.method, request.path, request.headers, body))
            if real.status != 200:
                return real
            answer = json.loads(real.body)
        done = iter(answer["items"])
        answer["items"] = [
            _failure(lines[0], chance) if fails else next(done)
            for lines, fails in zip(operations, failing, strict=True)
        ]
        answer["errors"] = answer["errors"] or any(failing)
        return Answer(200, json.dumps(answer).encode())


def _operations(body: bytes) -> list[list[bytes]]:
    """Cut the body of a bulk into its operations: an action, and a document unless it deletes."""
    lines = iter(line for line in body.split(b"\n") if line)
    return [[line] if "delete" in json.loads(line) else [line, next(lines)] for line in lines]


def _failure(action: bytes, chance: random.Random) -> dict[str, Any]:
    ((verb, where),) = json.loads(action).items()
    status, kind = chance.choice(
        [
            (429, "es_rejected_execution_exception"),
            (503, "unavailable_shards_exception"),
            (403, "cluster_block_exception"),
        ]
    )
    index = where["_index"].replace(f"-of-v{VERSION}", f"-v{VERSION}")  # the server names the index behind the alias
    return {verb: {"_index": index, "_id": where["_id"], "status": status, "error": _error(kind)}}


def _error(kind: str) -> dict[str, str]:
    return {"type": kind, "reason": "a drill"}


class _Handler(BaseHTTPRequestHandler):
    server: Front
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.far = http.client.HTTPConnection(ports.LOOPBACK, self.server.target, timeout=120)

    def finish(self) -> None:
        self.far.close()
        super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""

    def _work(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, dict(self.headers.items()), body)
        try:
            answer = self.server.manner(request, self._forward)
        except (OSError, http.client.HTTPException):
            answer = None
        if answer is None:
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/vnd.elasticsearch+json;compatible-with=8")
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _forward(self, request: Request) -> Answer:
        headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
        self.far.request(request.method, request.path, request.body or None, headers)
        answer = self.far.getresponse()
        return Answer(answer.status, answer.read())

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _work  # noqa: N815 - the base class names them
