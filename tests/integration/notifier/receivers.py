"""Receivers on loopback: one for webhooks, one for e-mail. Both remember what they were given."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Hook:
    """A webhook receiver that answers as it is told."""

    port: int = 0
    answer: Callable[[BaseHTTPRequestHandler], None] = lambda handler: status(handler, 204)
    asked: list[dict[str, str]] = field(default_factory=list)  #: headers, by name in small letters
    bodies: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        """The webhook-id of everything that came, in order."""
        return [headers["webhook-id"] for headers in self.asked]

    def says(self, code: int, **headers: str) -> None:
        """Answer with this status from now on."""
        self.answer = lambda handler: status(handler, code, **headers)


def status(handler: BaseHTTPRequestHandler, code: int, **headers: str) -> None:
    """Answer without a body."""
    handler.send_response(code)
    for name, value in ({"Content-Length": "0"} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()


@contextmanager
def hook() -> Iterator[Hook]:
    """Run a webhook receiver."""
    shop = Hook()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            shop.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            shop.asked.append({name.lower(): value for name, value in self.headers.items()})
            try:
                shop.answer(self)
            except OSError:
                self.close_connection = True

        def do_GET(self) -> None:
            shop.asked.append({"webhook-id": "GET"})
            status(self, 200)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base class's)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    shop.port = server.server_address[1]
    with _running(server):
        yield shop


@dataclass
class Mailbox:
    """A mail server without TLS or log-in."""

    port: int = 0
    refuses: frozenset[str] = frozenset()  #: addresses
    busy: bool = False  #: answers 451 to every message
    raw: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)

    @property
    def messages(self) -> list[EmailMessage]:
        """What came, parsed."""
        return [message_from_bytes(one, policy=default) for one in self.raw]


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Run a mail server."""
    box = Mailbox()

    class Talking(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            to: list[str] = []
            for line in self.rfile:
                words = line.strip().split(b":")
                verb = words[0].upper()
                if verb == b"RCPT TO":
                    address = words[1].split(b">")[0].strip(b" <").decode()
                    refused = address in box.refuses
                    to += [] if refused else [address]
                    self.wfile.write(b"550 no\r\n" if refused else b"250 ok\r\n")
                elif verb == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    self._take(to)
                elif verb == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 ok\r\n")

        def _take(self, to: list[str]) -> None:
            lines = list(iter(self.rfile.readline, b".\r\n"))
            if box.busy:
                self.wfile.write(b"451 later\r\n")
                return
            box.raw.append(b"".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines))
            box.recipients.append(to)
            self.wfile.write(b"250 taken\r\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Talking)
    box.port = server.server_address[1]
    with _running(server):
        yield box


@contextmanager
def _running(server: socketserver.TCPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
