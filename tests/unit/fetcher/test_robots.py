"""What a site asks of robots is done, and asked for once."""

import httpx
import pytest

from services.fetcher.client import open_client
from services.fetcher.robots import Robots
from shared.errors import Discard, Reason, Transient
from shared.settings import Settings
from tests.unit.fetcher.conftest import Fetcher, Site

RULES = b"User-agent: *\nDisallow: /private\n\nUser-agent: tocsin\nDisallow: /members/\nAllow: /members/free\n"
PLAIN = {"Content-Type": "text/plain"}


def test_a_page_that_robots_must_not_see_is_not_asked_for(site: Site, fetcher: Fetcher) -> None:
    site.serve("/robots.txt", RULES, headers=PLAIN)
    site.serve("/members/1")
    with pytest.raises(Discard) as verdict:
        fetcher(site.url("/members/1"))
    assert verdict.value.reason is Reason.ROBOTS
    assert site.asked == ["/robots.txt"]


@pytest.mark.parametrize(("path", "allowed"), [("/private", True), ("/members/1", False), ("/members/free", True)])
def test_our_own_rules_come_before_those_for_all(path: str, allowed: bool, site: Site, fetcher: Fetcher) -> None:
    site.serve("/robots.txt", RULES, headers=PLAIN)
    assert fetcher.robots.allows(httpx.URL(site.url(path))) is allowed


def test_the_rules_are_asked_at_every_hop(site: Site, fetcher: Fetcher) -> None:
    site.serve("/robots.txt", RULES, headers=PLAIN)
    site.serve("/story", b"", status=302, headers={"Location": "/members/1"})
    with pytest.raises(Discard) as verdict:
        fetcher(site.url())
    assert verdict.value.reason is Reason.ROBOTS
    assert "/members/1" not in site.asked


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_site_without_rules_allows_all(status: int, site: Site, fetcher: Fetcher) -> None:
    site.serve("/robots.txt", RULES, status=status)
    assert fetcher.robots.allows(httpx.URL(site.url("/members/1")))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_site_that_cannot_say_is_asked_later(status: int, site: Site, fetcher: Fetcher) -> None:
    site.serve("/robots.txt", b"", status=status)
    site.serve("/story")
    with pytest.raises(Transient):
        fetcher(site.url())
    site.serve("/robots.txt", b"", status=200)  # the failure was not remembered
    assert fetcher(site.url()).status == 200


def test_rules_are_kept_for_a_while(site: Site, fetcher: Fetcher) -> None:
    clock = [0.0]
    robots = Robots(fetcher.client, user_agent="Tocsin/1", now=lambda: clock[0])
    for moment in (0.0, 10.0, 3599.0, 3601.0):
        clock[0] = moment
        robots.allows(httpx.URL(site.url()))
    assert site.asked == ["/robots.txt", "/robots.txt"]


@pytest.mark.parametrize(("max_kept_bytes", "asked"), [(0, 3), (700, 3), (2000, 2)])
def test_so_many_bytes_of_rules_are_remembered(max_kept_bytes: int, asked: int, site: Site) -> None:
    site.serve("/robots.txt", RULES, headers=PLAIN)
    settings = Settings(fetch_allow=(f"a.example:{site.port}", f"b.example:{site.port}"))
    with open_client(settings, resolver=lambda _host, _port: ("127.0.0.1",)) as client:
        robots = Robots(client, user_agent="Tocsin/1", max_kept_bytes=max_kept_bytes)
        for host in ("a", "b", "a"):
            assert not robots.allows(httpx.URL(f"http://{host}.example:{site.port}/members/1"))
    assert site.asked == ["/robots.txt"] * asked


def test_a_long_file_is_read_in_part(site: Site, fetcher: Fetcher) -> None:
    site.serve("/robots.txt", RULES + b"# padding\n" * 100_000, headers=PLAIN)
    assert not fetcher.robots.allows(httpx.URL(site.url("/members/1")))


def test_redirected_rules_are_found_and_loops_are_left(site: Site, fetcher: Fetcher) -> None:
    site.serve("/robots.txt", b"", status=301, headers={"Location": "/rules"})
    site.serve("/rules", RULES, headers=PLAIN)
    assert not fetcher.robots.allows(httpx.URL(site.url("/members/1")))
    site.serve("/rules", b"", status=301, headers={"Location": "/robots.txt"})
    fresh = Robots(fetcher.client, user_agent="Tocsin/1")
    assert fresh.allows(httpx.URL(site.url("/members/1")))


def test_rules_may_be_any_bytes(site: Site, fetcher: Fetcher) -> None:
    site.serve("/robots.txt", bytes(range(256)) * 10, headers=PLAIN)
    assert fetcher.robots.allows(httpx.URL(site.url()))
