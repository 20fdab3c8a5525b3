"""The URL of a story is one spelling, on the page's own site."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.extractor.urls import canonical, clean, site


@pytest.mark.parametrize(
    ("url", "cleaned"),
    [
        ("HTTPS://News.Example:443/A?b=1#c", "https://news.example/A?b=1"),
        ("http://127.0.0.11:8801/a", "http://127.0.0.11:8801/a"),
        ("http://[::1]:8801/a", "http://[::1]:8801/a"),
        ("https://news.example", "https://news.example/"),
        ("https://news.example./a", "https://news.example/a"),
        ("https://n.example/a?utm_source=x&id=7&fbclid=y&gclid=z", "https://n.example/a?id=7"),
        ("https://n.example/s.php?cid=41&uid=2&page=2", "https://n.example/s.php?cid=41&uid=2&page=2"),
        ("https://n.example/s.php?1234", "https://n.example/s.php?1234"),
        ("https://n.example/s?msid=7&b=&a=1", "https://n.example/s?msid=7&b=&a=1"),
        ("https://user:word@n.example/a", "https://n.example/a"),
        ("not a url", "not a url"),
    ],
)
def test_clean(url: str, cleaned: str) -> None:
    assert clean(url) == cleaned


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.news.example/a", "news.example"), ("http://news.example:8080/", "news.example:8080"),
        ("https://news.example:443/", "news.example"), ("http://127.0.0.11:8801/a", "127.0.0.11:8801"),
        ("nonsense", None), ("http://a:b/", None), ("http://[::1", None),
    ],
)  # fmt: skip
def test_site(url: str, name: str | None) -> None:
    assert site(url) == name


PAGE = "https://www.gazette.example/2022/guard?utm_source=feed"


@pytest.mark.parametrize(
    ("claim", "known_by"),
    [
        ("https://gazette.example/guard", "https://gazette.example/guard"),
        ("https://www.gazette.example/guard?fbclid=1", "https://www.gazette.example/guard"),
        ("/guard", "https://www.gazette.example/guard"),
        ("https://other.example/guard", "https://www.gazette.example/2022/guard"),
        ("https://gazette.example.evil.example/guard", "https://www.gazette.example/2022/guard"),
        ("https://evil.example@gazette.example/guard", "https://gazette.example/guard"),
        ("https://gazette.example@evil.example/guard", "https://www.gazette.example/2022/guard"),
        ("https://gazette.example:8443/guard", "https://www.gazette.example/2022/guard"),
        ("//evil.example/guard", "https://www.gazette.example/2022/guard"),
        ("javascript:alert(1)", "https://www.gazette.example/2022/guard"),
        ("https://www.gazette.example/", "https://www.gazette.example/2022/guard"),
        ("http://[", "https://www.gazette.example/2022/guard"),
        ("", "https://www.gazette.example/2022/guard"),
    ],
)
def test_a_page_speaks_for_its_own_site_only(claim: str, known_by: str) -> None:
    assert canonical(PAGE, [claim]) == known_by


def test_the_first_claim_that_may_stand_is_taken() -> None:
    assert canonical(PAGE, ["https://other.example/", "/first", "/second"]) == "https://www.gazette.example/first"


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_has_an_answer(url: str, claim: str) -> None:
    for text in (url, f"http://{url}"):
        assert isinstance(canonical(text, [claim, f"//{claim}", f"http://{claim}"]), str)
        assert clean(clean(text)) == clean(text)
