"""Title, date and authors from each kind of markup."""

import json
from typing import Any

import pytest

from services.extractor import jsonld
from services.extractor.dates import published
from services.extractor.markup import Markup
from services.extractor.metadata import Metadata, read
from services.extractor.parse import parse

URL = "https://www.valley-gazette.example/news/bridge"
STORY = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Bridge guard wounded &amp; held",
    "datePublished": "2022-01-13T21:05:00+03:00",
    "author": {"@type": "Person", "name": "Ada Minh"},
    "publisher": {"@type": "Organization", "name": "The Valley Gazette"},
}


def said(head: str, body: str = "<p>text", url: str = URL) -> Metadata:
    """Read the metadata of a page."""
    tree = parse(f"<html><head>{head}</head><body>{body}</body></html>")
    assert tree is not None
    return read(tree, url)


def script(data: Any) -> str:
    """Wrap JSON-LD the way pages do."""
    return f'<script type="application/ld+json">{data if isinstance(data, str) else json.dumps(data)}</script>'


@pytest.mark.parametrize(
    "data",
    [
        STORY,
        [STORY],
        {"@graph": [{"@type": "WebSite", "name": "x"}, STORY]},
        {"@type": "WebPage", "mainEntity": STORY},
        {**STORY, "@type": ["Thing", "ReportageNewsArticle"]},
        {**STORY, "@type": "http://schema.org/NewsArticle"},
        {**STORY, "author": [{"name": "Ada Minh"}]},
        {**STORY, "author": "By Ada Minh"},
        {**STORY, "author": ["Ada Minh"]},
        {**STORY, "author": {"name": ["Ada Minh"]}},
        {**STORY, "author": None, "creator": "Ada Minh"},
        "<!--" + json.dumps(STORY) + "-->",
        json.dumps(STORY) + ";",
        json.dumps(STORY).replace("wounded", "wounded\n"),
        "<![CDATA[" + json.dumps(STORY) + "]]>",
    ],
)
def test_json_ld_however_wrapped(data: Any) -> None:
    found = said(script(data))
    assert found.title == "Bridge guard wounded & held"
    assert found.byline == ("Ada Minh",)
    assert found.published is not None
    assert found.published.model_dump() == {
        "value": "2022-01-13T21:05:00+03:00",
        "precision": "minute",
        "source": "json-ld",
    }
    assert found.declared


@pytest.mark.parametrize(
    "data",
    [
        "{broken",
        "",
        "null",
        "7",
        '"text"',
        "[" * 5000,
        {"@type": "Organization", "name": "x"},
        {"@type": None},
        {"@type": "ItemList", "itemListElement": [STORY]},
        {"headline": "no type"},
        {"@type": 7, "@graph": 7},
    ],
)
def test_json_ld_that_says_nothing_of_the_page(data: Any) -> None:
    tree = parse(f"<html><head>{script(data)}</head><p>x")
    assert tree is not None
    assert jsonld.story(tree) == {}


@pytest.mark.parametrize(
    "story",
    [
        {"headline": 7, "author": 7, "datePublished": 7, "publisher": [], "url": {}, "mainEntityOfPage": 3},
        {"headline": None, "author": [None, {}, []], "datePublished": {}, "mainEntityOfPage": {"@id": []}},
        {"headline": "\ud800 x", "author": "\ud800", "datePublished": "\ud800"},
    ],
)
def test_json_ld_of_odd_types_is_passed_over(story: dict[str, Any]) -> None:
    found = said(script({"@type": "NewsArticle", **story}))
    found.title.encode()  # no lone surrogate is left
    assert found.published is None


def test_good_json_ld_after_broken() -> None:
    assert said(script("{") + script(STORY)).byline == ("Ada Minh",)


def test_opengraph() -> None:
    found = said(
        '<meta property="og:title" content="Guard wounded"><meta property="og:type" content="article">'
        '<meta property="article:published_time" content="2022-01-13T19:05:33Z">'
        '<meta name="author" content="A. Minh, Bo Li">'
    )
    assert (found.title, found.byline) == ("Guard wounded", ("A. Minh", "Bo Li"))
    assert found.published is not None
    assert found.published.model_dump() == {
        "value": "2022-01-13T19:05:33+00:00",
        "precision": "second",
        "source": "meta",
    }
    assert found.declared


def test_microdata() -> None:
    found = said(
        "",
        '<div itemscope itemtype="http://schema.org/NewsArticle"><h1 itemprop="headline">Guard wounded</h1>'
        '<time itemprop="datePublished" datetime="2022-01-13T21:05+03:00">yesterday</time>'
        '<span itemprop="author" itemscope><b itemprop="name">Ada Minh</b>, our reporter</span></div>',
    )
    assert (found.title, found.byline) == ("Guard wounded", ("Ada Minh",))
    assert found.published is not None
    assert (found.published.value, found.published.source) == ("2022-01-13T21:05:00+03:00", "microdata")


def test_a_visible_date() -> None:
    found = said("<title>Guard wounded</title>", "<p>By Ada Minh, 13 January 2022</p><p>A guard was wounded.</p>")
    assert found.published is not None
    assert found.published.model_dump() == {"value": "2022-01-13", "precision": "day", "source": "html"}
    assert not found.declared


def test_a_time_element_refines_a_visible_date() -> None:
    found = said("", '<p>13 January 2022 <time datetime="2022-01-13T08:30:00+01:00">13 January 2022</time></p>')
    assert found.published is not None
    assert found.published.value == "2022-01-13T08:30:00+01:00"


def test_a_page_without_a_date() -> None:
    assert said("<title>Guard</title>").published is None


@pytest.mark.parametrize(
    ("value", "found", "precision"),
    [
        ("2022-01-13", "2022-01-13", "day"),
        ("20220113", "2022-01-13", "day"),
        ("2022-01-13T00:00:00+05:00", "2022-01-13", "day"),
        ("2022-01-13 21:05", "2022-01-13T21:05:00", "minute"),
        ("2022-01-13T21:05:07.123Z", "2022-01-13T21:05:07+00:00", "second"),
        ("2022-01-13T21:05:00-0530", "2022-01-13T21:05:00-05:30", "minute"),
        ("2022-01-13 9:05:00 +0300", "2022-01-13T09:05:00+03:00", "minute"),
        ("2022-01-13 21:05:00 UTC", "2022-01-13T21:05:00+00:00", "minute"),
        ("Thu, 13 Jan 2022 21:05:00 +0300", "2022-01-13T21:05:00+03:00", "minute"),
    ],
)
def test_spellings_of_a_date(value: str, found: str, precision: str) -> None:
    date = published(value, "meta")
    assert date is not None
    assert (date.value, date.precision) == (found, precision)


@pytest.mark.parametrize(
    "value", ["", "soon", "2022-13-01", "0001-01-01T00:00:00Z", "1970-01-01", "9999-12-31T23:59:59-23:59", "99999999"]
)
def test_what_is_no_plausible_date(value: str) -> None:
    assert published(value, "meta") is None


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2022/01/13/guard", "2022-01-13"),
        ("/2022/01/14/guard", "2022-01-14"),
        ("/2022/01/10/guard", "2022-01-14"),
        ("/guard", "2022-01-14"),
        ("/2022/01/99/guard", "2022-01-14"),
    ],
)
def test_the_day_in_the_url_is_the_publishers_where_the_moment_is_in_utc(path: str, day: str) -> None:
    found = said(
        '<meta property="article:published_time" content="2022-01-14T02:11:00Z">', url=f"https://a.example{path}"
    )
    assert found.published is not None
    assert found.published.day.isoformat() == day


@pytest.mark.parametrize(
    ("title", "site", "cleaned"),
    [
        ("Guard wounded - Valley Gazette", "Valley Gazette", "Guard wounded"),
        ("Guard wounded | The Valley Gazette", "Valley Gazette", "Guard wounded"),
        ("Guard wounded \u2013 Valley-Gazette", "", "Guard wounded"),  # the host proves it
        ("Guard wounded - two held", "Valley Gazette", "Guard wounded - two held"),
        ("Valley Gazette", "Valley Gazette", "Valley Gazette"),
    ],
)
def test_the_name_of_the_site_is_cut_off_a_title_when_proven(title: str, site: str, cleaned: str) -> None:
    name = f'<meta property="og:site_name" content="{site}">' if site else ""
    assert said(f"<title>{title}</title>{name}", url="https://valley-gazette.example/x").title == cleaned


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("By Ada Minh and Bo Li", ("Ada Minh", "Bo Li")),
        ("https://a.example/ada", ()),
        ("ada@a.example", ()),
        ("Ada Minh; Ada Minh", ("Ada Minh",)),
        ("13 January 2022", ()),
        ("x" * 200, ()),
        ("von Ada Minh", ("Ada Minh",)),
    ],
)
def test_names_of_authors(author: str, names: tuple[str, ...]) -> None:
    assert said(f'<meta name="author" content="{author}">').byline == names


def test_authors_in_links() -> None:
    assert said("", '<a rel="author" href="/ada">Ada Minh</a>').byline == ("Ada Minh",)


@pytest.mark.parametrize("tag", ["div itemprop=headline", "h1"])
def test_nested_elements_are_read_once_and_in_part(tag: str) -> None:
    tree = parse(f"<html><body>{f'<{tag}>' * 200}{'word ' * 100_000}")
    assert tree is not None
    markup = Markup(tree)
    found = list(markup.items("headline") if "itemprop" in tag else markup.texts(".//h1"))
    assert len(found) == 1
    assert 0 < len(found[0]) <= 500


def test_no_more_elements_are_read_than_a_story_has() -> None:
    tree = parse("<html><body>" + "<i class=byline>Ada Minh</i>" * 500)
    assert tree is not None
    assert len(list(Markup(tree).texts('.//*[@class="byline"]'))) == 50


def test_indentation_does_not_hide_a_headline() -> None:
    indent = "\n" + " " * 1000
    assert said("", f"<h1>{indent}<span>{indent}Guard</span>{indent}wounded</h1>tail").title == "Guard wounded"
