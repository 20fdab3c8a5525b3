"""A real web server on loopback, and what the fetcher needs around it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from services.fetcher.client import open_client
from services.fetcher.fetch import fetch
from services.fetcher.robots import Robots
from shared.domain.page import Page
from shared.domain.submission import Submission
from shared.pages import PageStore, open_page_store
from shared.settings import Settings

Handler = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Site:
    """A site whose pages are functions; it remembers what was asked."""

    port: int = 0
    pages: dict[str, Handler] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def url(self, path: str = "/story") -> str:
        """Return the URL of a page of this site."""
        return f"http://127.0.0.1:{self.port}{path}"

    def serve(
        self, path: str, body: bytes = b"<html><p>story", *, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        """Answer `path` with this body."""
        sent = {"Content-Type": "text/html", "Content-Length": str(len(body)), **(headers or {})}

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in sent.items():
                if value:
                    handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body)

        self.pages[path] = answer


@pytest.fixture
def site() -> Iterator[Site]:
    """Run a site on a free port until the test ends."""
    shop = Site()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shop.asked.append(self.path)
            shop.headers.append(dict(self.headers))
            page = shop.pages.get(self.path)
            if page is None:
                self.send_error(404)
                return
            try:
                page(self)
            except OSError:
                self.close_connection = True  # the fetcher hung up, as it should

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base class's)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    shop.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield shop
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Fetcher:
    """The fetcher, allowed to reach one site."""

    settings: Settings
    client: httpx.Client
    pages: PageStore
    robots: Robots

    def __call__(self, url: str) -> Page:
        """Fetch a URL as a worker would."""
        return self.deliver(Submission.accept(url))

    def deliver(self, submission: Submission, *, min_free_bytes: int = 0) -> Page:
        """Fetch what a message asks for."""
        return fetch(
            submission,
            client=self.client,
            pages=self.pages,
            robots=self.robots,
            settings=self.settings.model_copy(update={"page_store_min_free_bytes": min_free_bytes}),
        )


@pytest.fixture
def fetcher(site: Site, tmp_path: Path) -> Iterator[Fetcher]:
    """Give a fetcher with small limits."""
    settings = Settings(
        fetch_allow=(f"127.0.0.1:{site.port}",), fetch_timeout_s=1.0, fetch_max_bytes=100_000, fetch_max_redirects=3
    )
    with open_client(settings) as client:
        pages = open_page_store(f"file://{tmp_path}/pages")
        yield Fetcher(settings, client, pages, Robots(client, user_agent=settings.fetch_user_agent))
