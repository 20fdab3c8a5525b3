"""The kinds of hosts are few, whatever the host."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from services.fetcher.hosts import KINDS, kind, timed
from shared.errors import Discard, Reason, Transient


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.paper.com/story", "com"),
        ("https://paper.com.br/story", "com"),
        ("https://paper.co.ke:8443/story", "com"),
        ("https://paper.fr./story", "country"),
        ("https://police.gov.uk/", "government"),
        ("https://army.mil/", "government"),
        ("https://radio.org", "org"),
        ("https://news.ac.ke/x", "academic"),
        ("http://10.0.0.1:80/", "address"),
        ("http://[::1]/", "address"),
        ("http://gulf-wire.demo:8801/", "other"),
        ("http://localhost/", "other"),
        ("http://[broken/", "other"),
        ("http:///", "other"),
    ],
)
def test_the_kind_is_read_off_the_name(url: str, expected: str) -> None:
    assert kind(url) == expected


@given(st.text() | st.from_regex(r"https?://[a-z.0-9-]{0,30}(:[0-9]+)?/?", fullmatch=True))
def test_no_url_makes_a_label_of_its_own(url: str) -> None:
    assert kind(url) in KINDS


@pytest.mark.parametrize(
    ("raised", "ended"), [(None, "page"), (Discard(Reason.ROBOTS), "refused"), (Transient("503"), "failed")]
)
def test_how_a_fetch_ended_is_timed_apart(raised: Exception | None, ended: str) -> None:
    labels = {"hosts": "org", "ended": ended}
    before = REGISTRY.get_sample_value("tocsin_fetch_seconds_count", labels) or 0
    with suppress(Discard, Transient), timed("https://paper.org/"):
        if raised:
            raise raised
    assert REGISTRY.get_sample_value("tocsin_fetch_seconds_count", labels) == before + 1
