"""No URL, name or redirect leads to an address that is not public."""

import contextlib
import socket
import threading
import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetcher.client import open_client
from services.fetcher.download import get
from shared.errors import Discard, Reason, Transient
from shared.settings import Settings
from shared.web.addresses import is_public
from shared.web.guard import Guard, checked_url, resolve
from shared.web.network import deadline
from tests.unit.fetcher.conftest import Site

PRIVATE = [
    "0.0.0.0",  # noqa: S104 (an address to refuse, not to bind)
    "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "168.63.129.16",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.192", "192.0.2.1", "192.88.99.1",
    "192.168.1.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::8.8.8.8",
    "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1",
    "fc00::1", "fd00:ec2::254", "fe80::1",
    "fe80::1%eth0", "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "172.32.0.1",
    "192.169.0.1",
    "2606:4700::1111",
    "2a00:1450:4001:81b::200e",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_no_ipv6_form_hides_an_ipv4_address(address: object) -> None:
    for form in (f"::ffff:{address}", f"::{address}", f"64:ff9b::{address}"):
        assert not is_public(form)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "//example.org/", "example.org", "", "http://",
        "http:///story", "http://user@example.org/", "http://user:word@example.org/", "http://example.org\\@127.0.0.1/",
        "http://example.org:99999/", "http://[::1/", "http://exa mple.org/", "javascript:alert(1)", "http://a\x00b.org/",
        "http://xn--/", "http://\ud800.org/",
    ],
)  # fmt: skip
def test_refuses_what_is_no_plain_web_url(url: str) -> None:
    with pytest.raises(Discard) as verdict:
        checked_url(url)
    assert verdict.value.reason is Reason.ADDRESS_REFUSED


@given(st.text(max_size=60))
def test_checked_url_never_fails_otherwise(url: str) -> None:
    for text in (url, f"http://{url}", f"https://example.org:{url}/"):
        with contextlib.suppress(Discard):
            assert checked_url(text).scheme in ("http", "https")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]", "localhost", "localhost.", "LOCALHOST", "169.254.169.254", "[::]", "127.0.0.1.",
        "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
    ],
)  # fmt: skip
def test_no_spelling_of_this_machine_is_reached(host: str, site: Site) -> None:
    with open_client(Settings(fetch_timeout_s=2)) as client, pytest.raises(Discard) as verdict:
        get(client, checked_url(f"http://{host}:{site.port}/"), max_bytes=10)
    # a spelling that the system does not know at all is no such host
    assert verdict.value.reason in (Reason.ADDRESS_REFUSED, Reason.HTTP_ERROR)
    assert site.asked == []


def test_a_name_with_a_private_address_is_refused_and_the_address_is_not_told(site: Site) -> None:
    with (
        open_client(Settings(), resolver=lambda _host, _port: ("127.0.0.1",)) as client,
        pytest.raises(Discard) as verdict,
    ):
        get(client, httpx.URL(f"http://news.example:{site.port}/"), max_bytes=10)
    assert verdict.value.reason is Reason.ADDRESS_REFUSED
    assert "127.0.0.1" not in verdict.value.detail
    assert site.asked == []


def test_the_name_is_resolved_once_so_it_cannot_change_its_mind(site: Site) -> None:
    answers = iter([("8.8.8.8", "127.0.0.1"), ("127.0.0.1",)])
    guard = Guard(resolver=lambda _host, _port: next(answers))
    assert guard.addresses("news.example", site.port) == ("8.8.8.8",)  # only what was judged may be connected to
    with pytest.raises(Discard):
        guard.addresses("news.example", site.port)


def test_the_checked_address_is_connected_to_under_the_name_of_the_url(site: Site) -> None:
    site.serve("/story")
    settings = Settings(fetch_allow=(f"News.Example:{site.port}",))
    with open_client(settings, resolver=lambda _host, _port: ("127.0.0.1",)) as client:
        answer = get(client, httpx.URL(f"http://news.example:{site.port}/story"), max_bytes=100)
    assert answer.status == 200
    assert site.headers[0]["Host"] == f"news.example:{site.port}"


def test_the_next_address_is_tried_when_the_first_does_not_answer(site: Site) -> None:
    site.serve("/story")
    settings = Settings(fetch_allow=(f"news.example:{site.port}",))
    with open_client(settings, resolver=lambda _host, _port: ("127.0.0.9", "127.0.0.1")) as client:
        assert get(client, httpx.URL(f"http://news.example:{site.port}/story"), max_bytes=100).status == 200


def test_allow_names_host_and_port_and_nothing_wider() -> None:
    guard = Guard(("127.0.0.1:8801", "[::1]:8802"), resolver=lambda host, _port: (host,))
    assert guard.addresses("127.0.0.1", 8801) == ("127.0.0.1",)
    assert guard.addresses("::1", 8802) == ("::1",)
    for host, port in (("127.0.0.1", 8802), ("127.0.0.2", 8801), ("::1", 8801)):
        with pytest.raises(Discard):
            guard.addresses(host, port)


def test_proxies_of_the_environment_are_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", site.url("/"))
    monkeypatch.setenv("ALL_PROXY", site.url("/"))
    with open_client(Settings(), resolver=lambda _host, _port: ()) as client, pytest.raises(Discard):
        get(client, httpx.URL("http://news.example/"), max_bytes=10)
    assert site.asked == []


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example"])
def test_a_name_that_cannot_exist_is_no_such_host(host: str) -> None:
    with pytest.raises(Discard) as verdict:
        resolve(host, 80)
    assert verdict.value.reason is Reason.HTTP_ERROR


@pytest.mark.parametrize(("code", "kind"), [(socket.EAI_NONAME, Discard), (socket.EAI_AGAIN, Transient)])
def test_dns_errors_are_told_apart(code: int, kind: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(code, "told so")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(kind):
        resolve("news.example", 80)


def test_a_name_that_takes_long_to_resolve_is_left_at_the_deadline(site: Site) -> None:
    answered = threading.Event()

    def slow(_host: str, _port: int) -> tuple[str, ...]:
        answered.wait(10)
        return ("127.0.0.1",)

    started = time.monotonic()
    with open_client(Settings(), resolver=slow) as client, deadline(0.2), pytest.raises(Transient):
        get(client, httpx.URL(f"http://news.example:{site.port}/"), max_bytes=10)
    assert time.monotonic() - started < 5
    answered.set()
    assert site.asked == []


@pytest.mark.parametrize("entry", ["10.0.0.5", "gulf-wire:http", "gulf-wire:"])
def test_an_entry_without_a_port_allows_nothing(entry: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        Guard((entry,))
