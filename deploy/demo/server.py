"""Serve the demo's made-up news sites over HTTP, one site per host name or loopback address.

    python deploy/demo/server.py --port 8801                  # this machine only
    python deploy/demo/server.py --host 0.0.0.0 --port 8801   # in a container

    Host: tigris-courier.demo:8801   the first label names the site
    Host: 127.0.0.16:8801            127.0.0.(11 + i) is the i-th site in sorted order

`{{base}}` in a page becomes `http://<Host header>`, so that canonical links hold wherever the demo runs.
`GET /a.html?revision=corrected` answers with `a.corrected.html`, as when a publisher changes an article.
"""

# ruff: noqa: INP001, T201 - a script, not a package; what it prints is for the person who started it
from __future__ import annotations

import argparse
import hashlib
import re
import signal
import sys
import threading
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

SITES_DIR = Path(__file__).resolve().parent / "sites"
EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - bound only when asked for, in a container
LOOPBACK = "127.0.0.1"
FIRST_SITE_OCTET = 11  # 127.0.0.1 to .10 stay free: resolvers and containers use some of them
ROBOTS = b"User-agent: *\nDisallow:\n"

# The header is copied into pages: only what a host name and port can hold may pass.
_HOST = re.compile(r"(?P<name>[A-Za-z0-9.-]{1,253})(:[0-9]{1,5})?")
_REVISION = re.compile(r"[a-z]{1,20}")
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?([A-Za-z0-9_-]+)", re.IGNORECASE)
_NAME_MAX_BYTES = 200
_CHARSET_WINDOW_BYTES = 1024  # where HTML requires the declaration to be


@dataclass(frozen=True)
class Answer:
    """One HTTP answer: status, body in bytes, and headers without Content-Length."""

    status: HTTPStatus
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def site_names(root: Path) -> list[str]:
    """Return the sites under `root` (its directories), sorted."""
    return sorted(path.name for path in root.iterdir() if path.is_dir())


def site_address(site: str, sites: Sequence[str]) -> str:
    """Return the loopback address of `site` among all `sites`: 127.0.0.(11 + place in sorted order).

    Raises ValueError for a site that is not in `sites`.
    """
    return f"127.0.0.{FIRST_SITE_OCTET + sorted(sites).index(site)}"


def site_of(host: str, sites: Sequence[str]) -> str | None:
    """Return the site that a Host header (`name` or `name:port`) asks for, None if there is none."""
    match = _HOST.fullmatch(host)
    if match is None:
        return None
    name = match["name"].lower()
    by_key = {site_address(site, sites): site for site in sites} | {site: site for site in sites}
    return by_key.get(name) or by_key.get(name.split(".", 1)[0])


def page_file(site_dir: Path, path: str, revision: str | None) -> Path | None:
    """Return the file behind a decoded URL path, None if there is none or it lies outside `site_dir`."""
    if revision is not None and not _REVISION.fullmatch(revision):
        return None
    # No page has such a name, and the file system would raise on it rather than miss.
    if "\0" in path or any(len(part.encode()) > _NAME_MAX_BYTES for part in path.split("/")):
        return None
    file = (site_dir / path.lstrip("/")).resolve()
    # A second suffix marks a revision, which has no address of its own: it replaces its page.
    if not file.is_relative_to(site_dir.resolve()) or len(file.suffixes) != 1:
        return None
    if revision is not None:
        file = file.with_suffix(f".{revision}{file.suffix}")
    return file if file.is_file() else None


def content_type(page: bytes) -> str:
    """Return the Content-Type of an HTML page, with the charset that the page itself declares."""
    declared = _CHARSET.search(page[:_CHARSET_WINDOW_BYTES])
    return f"text/html; charset={declared[1].decode('ascii').lower()}" if declared else "text/html"


def answer(root: Path, host: str, target: str, if_none_match: str | None = None) -> Answer:
    """Return the answer to a GET of `target` (path and query) with this Host header.

    304 when `if_none_match` holds the page's ETag, 404 for an unknown site, page or revision.
    """
    plain = {"Content-Type": "text/plain; charset=utf-8"}
    sites = site_names(root)
    site = site_of(host, sites)
    if site is None:
        known = "\n".join(f"{name}  {site_address(name, sites)}" for name in sites)
        return Answer(HTTPStatus.NOT_FOUND, f"No such site. There are:\n{known}\n".encode(), plain)
    url = urlsplit(target)
    if url.path == "/robots.txt":
        return Answer(HTTPStatus.OK, ROBOTS, plain)
    revision = parse_qs(url.query, keep_blank_values=True).get("revision", [None])[0]
    file = page_file(root / site, unquote(url.path), revision)
    if file is None:
        return Answer(HTTPStatus.NOT_FOUND, b"No such page.\n", plain)
    body = file.read_bytes().replace(b"{{base}}", f"http://{host}".encode("ascii"))
    headers = {
        "Content-Type": content_type(body),
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Last-Modified": formatdate(file.stat().st_mtime, usegmt=True),
    }
    if if_none_match is not None and headers["ETag"] in if_none_match:
        return Answer(HTTPStatus.NOT_MODIFIED, b"", headers)
    return Answer(HTTPStatus.OK, body, headers)


class SiteServer(ThreadingHTTPServer):
    """A threaded server of the sites under `root`, bound to one address."""

    # The default backlog of 5 drops connections when many workers start at once.
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], root: Path) -> None:
        """Bind `address` (host, port; port 0 takes a free one). Raises OSError when it is taken."""
        self.root = root
        super().__init__(address, SiteHandler)


class SiteHandler(BaseHTTPRequestHandler):
    """Hand one request to `answer` and write what it returns."""

    server: SiteServer
    server_version = "TocsinDemo"
    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds: an idle connection must not hold its thread for ever

    def do_GET(self) -> None:
        """Answer a GET."""
        self._reply(with_body=True)

    def do_HEAD(self) -> None:
        """Answer a HEAD: a GET's headers alone."""
        self._reply(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing: a line for each request would drown what the demo prints."""

    def _reply(self, *, with_body: bool) -> None:
        reply = answer(self.server.root, self.headers.get("Host", ""), self.path, self.headers.get("If-None-Match"))
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if with_body:
            self.wfile.write(reply.body)


def addresses(hosts: Sequence[str], sites: Sequence[str]) -> list[str]:
    """Return the addresses to bind: 0.0.0.0 covers all, 127.0.0.1 brings every site's own with it."""
    if EVERY_ADDRESS in hosts:
        return [EVERY_ADDRESS]
    own = [site_address(site, sites) for site in sorted(sites)] if LOOPBACK in hosts else []
    return list(dict.fromkeys([*hosts, *own]))


def start(hosts: Sequence[str], port: int, root: Path = SITES_DIR) -> list[SiteServer]:
    """Start one serving thread per address and return the servers, all on one port.

    Port 0 lets the first server choose. Raises OSError when an address cannot be bound, with none left open.
    """
    servers: list[SiteServer] = []
    try:
        for host in addresses(hosts, site_names(root)):
            servers.append(SiteServer((host, port), root))
            port = servers[0].server_address[1]
    except OSError:
        for server in servers:
            server.server_close()
        raise
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return servers


def stop(servers: Sequence[SiteServer]) -> None:
    """Stop the servers and free their addresses."""
    for server in servers:
        server.shutdown()
        server.server_close()


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serve the demo's made-up news sites.")
    parser.add_argument(
        "--host",
        action="append",
        help="address to bind, may be repeated; 127.0.0.1 (the default) adds each site's own address",
    )
    parser.add_argument("--port", type=int, default=8801, help="port on every address (default: 8801)")
    parser.add_argument("--sites", type=Path, default=SITES_DIR, help="directory that holds the sites")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Return 0, or 1 when the sites or an address cannot be had."""
    options = _options(argv)
    ended = threading.Event()
    # Set before the sockets open, so that a signal at any time ends the process quietly.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        sites = site_names(options.sites)
        servers = start(options.host or [LOOPBACK], options.port, options.sites)
    except OSError as error:
        print(f"demo sites: {error}", file=sys.stderr)
        return 1
    port = servers[0].server_address[1]
    for site in sites:
        print(f"{site}  http://{site_address(site, sites)}:{port}/", flush=True)
    ended.wait()
    stop(servers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
