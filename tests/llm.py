"""A server of OpenAI's chat protocol that answers as a test tells it, on a real socket."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answering = Callable[[BaseHTTPRequestHandler], None]


def told(subtype: str = "bombing", *quotes: str, realis: str = "actual", main: bool = True) -> dict[str, Any]:
    """An event as a model tells it."""
    return {"subtype": subtype, "realis": realis, "main": main, "quotes": list(quotes)}


@dataclass
class Llm:
    """Answers in the order told, the last answer again and again, and remembers what it was asked."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: deque[Answering] = field(default_factory=deque)
    over: threading.Event = field(default_factory=threading.Event)  #: set when the test is: who hangs, goes on

    def says(self, *events: dict[str, Any], tokens: int | None = 900) -> None:
        """Answer with these events."""
        self.writes(json.dumps({"events": events}), tokens=tokens)

    def writes(self, content: str | None, *, tokens: int | None = 900) -> None:
        """Answer with these words of the model."""
        usage = {} if tokens is None else {"usage": {"total_tokens": tokens}}
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}
        self.sends(json.dumps({"object": "chat.completion", "choices": [choice], **usage}).encode())

    def sends(self, body: bytes = b"", *, status: int = 200, **headers: str) -> None:
        """Answer with this."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        self.answers.append(answer)

    def hangs(self) -> None:
        """Never answer."""

        def answer(_: BaseHTTPRequestHandler) -> None:
            self.over.wait()

        self.answers.append(answer)

    def drips(self, prelude: bytes) -> None:
        """Send this, then a byte every now and then, for ever."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(prelude)
            while not self.over.wait(0.02):
                handler.wfile.write(b" ")

        self.answers.append(answer)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        self.headers.append({**handler.headers, "path": handler.path})
        self.asked.append(json.loads(handler.rfile.read(int(handler.headers["Content-Length"]))))
        act = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
        try:
            act(handler)
        except OSError:
            handler.close_connection = True  # who asked has hung up


@contextmanager
def running() -> Iterator[Llm]:
    """Run one on a free port."""
    llm = Llm()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            llm.answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    llm.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield llm
    llm.over.set()
    server.shutdown()
    server.server_close()
    thread.join()
