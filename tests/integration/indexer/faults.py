"""An HTTP proxy before Elasticsearch that answers a chosen request with a fault."""

from enum import StrEnum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self


class Fault(StrEnum):
    """What goes wrong. A number is a status that the proxy gives without asking the server."""

    TOO_MANY = "429"
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    GATEWAY_TIMEOUT = "504"
    HANG = "hang"  #: the server is not asked, and no answer comes until the proxy ends
    CUT = "cut"  #: the server is not asked, the connection ends
    LOST = "lost"  #: the server does it, but its answer is cut off


class Proxy(ThreadingHTTPServer):
    """Passes requests on. Number `fail_at`, counted from 1 since `calls` was last set to 0, meets `fault`."""

    daemon_threads = True

    def __init__(self, host: str, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.server = (host, port)
        self.calls = 0
        self.asked: list[str] = []  #: the path of every request
        self.fault: Fault | None = None
        self.fail_at = 0
        self.ended = Event()
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def break_at(self, call: int, fault: Fault) -> None:
        """Let a request from now on fail."""
        self.calls, self.fail_at, self.fault = 0, call, fault

    def mend(self) -> None:
        """Let all requests pass from now on."""
        self.calls, self.fail_at = 0, 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.ended.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_GET(self) -> None:
        """Pass it on, or fail."""
        self.server.calls += 1
        self.server.asked.append(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.server.fault if self.server.calls == self.server.fail_at else None
        if fault in (Fault.HANG, Fault.CUT):
            if fault is Fault.HANG:
                self.server.ended.wait(60)
            self.close_connection = True
        elif fault not in (None, Fault.LOST):
            self._answer(int(fault), {"Content-Type": "text/plain"}, b"no")
        else:
            self._pass_on(body, cut=fault is Fault.LOST)

    do_POST = do_PUT = do_HEAD = do_DELETE = do_GET  # noqa: N815 - as above

    def _pass_on(self, body: bytes, *, cut: bool) -> None:
        connection = HTTPConnection(*self.server.server, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "accept-encoding"}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        kept = {name: value for name, value in answer.getheaders() if name.lower().startswith(("x-", "content-type"))}
        self._answer(answer.status, kept, content, cut=cut)

    def _answer(self, status: int, headers: dict[str, str], content: bytes, *, cut: bool = False) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if cut:
            self.close_connection = True
        elif self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
