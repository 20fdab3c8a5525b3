"""The news site: `python -m tests.chaos.site PORT SEED SIZE POISON`. One process, an address per outlet."""

import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.chaos import news


class Outlet(ThreadingHTTPServer):
    """One outlet: its pages by path."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(self, number: int, port: int, pages: dict[str, news.Page]) -> None:
        self.pages = pages
        super().__init__((news.address(number), port), Handler)


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Outlet
    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = -1  # one packet an answer: Nagle's algorithm would hold back the second
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer with the page of that path."""
        if self.path == "/robots.txt":
            self._answer(HTTPStatus.OK, "text/plain", news.ROBOTS)
            return
        page = self.server.pages.get(self.path)
        if page is None or page.end is news.End.NOT_FOUND:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", "No such page.")
        elif page.end is news.End.NOT_HTML:
            self._answer(HTTPStatus.OK, "image/png", "not really a picture")
        else:
            self._answer(HTTPStatus.OK, "text/html; charset=utf-8", page.html)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""

    def _answer(self, status: HTTPStatus, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until killed."""
    port, seed, size, poison = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), tuple(sys.argv[4].split(","))
    pages = news.make(seed, size=size, poison=poison).pages
    outlets = [
        Outlet(number, port, {page.path: page for page in pages if page.outlet == number})
        for number in range(news.OUTLETS)
    ]
    for outlet in outlets[1:]:
        threading.Thread(target=outlet.serve_forever, daemon=True).start()
    outlets[0].serve_forever()


if __name__ == "__main__":
    main()
