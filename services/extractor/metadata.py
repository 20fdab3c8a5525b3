"""What a page says of its story: title, date, authors, canonical URL, site. JSON-LD, then meta, then microdata."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import html

from services.extractor import dates, jsonld, urls
from services.extractor.markup import Markup
from services.extractor.parse import tidy
from shared.domain.article import Published

_DATE_METAS = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "pubdate",
    "parsely-pub-date", "sailthru.date", "article.published", "publish-date", "publishdate", "publication_date",
    "cxenseparse:recs:publishtime", "rnews:datepublished", "dc.date.issued", "dcterms.created", "dcterms.date",
    "dc.date", "date",
)  # fmt: skip
_AUTHOR_METAS = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "byl",
    "dc.creator",
    "dcterms.creator",
)
_AUTHOR_PATHS = ('.//a[@rel="author"]', './/*[@class="byline"]', './/*[@class="author"]', './/*[@class="author-name"]')
_BY = re.compile(r"^(by|von|por|par|di|door|af|av)\s+", re.IGNORECASE)
_AND = re.compile(r"\s*(?:,|;|\||\band\b|\bund\b|\by\b|\bet\b|&)\s*")
_MAX_NAME = 60  # characters; longer ones are biographies
_MAX_AUTHORS = 20
_NO_NAME = frozenset("@/0123456789")
_TITLE_ENDS = re.compile(r"^(.{8,}?)\s+(?:[-\u2013\u2014|·•»:]|::)\s+(.{2,60})$")
_MAX_TITLE = 500


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What a page says of its story. Empty or None where it says nothing."""

    title: str
    byline: tuple[str, ...]
    published: Published | None
    canonical_url: str
    declared: bool  #: the page says in its markup that it is an article, or when it was published


def read(tree: html.HtmlElement, url: str) -> Metadata:
    """Read the metadata of a page whose final URL is `url`. The tree is not changed."""
    story, markup = jsonld.story(tree), Markup(tree)
    stated = _published(story, markup)
    return Metadata(
        title=_title(story, markup, url),
        byline=tuple(dict.fromkeys(_byline(story, markup)))[:_MAX_AUTHORS],
        published=dates.by_own_clock(stated, url) if stated else dates.from_page(tree, url, markup.times()),
        canonical_url=urls.canonical(url, list(_claims(story, markup))),
        declared=bool(story or stated or markup.meta("og:type").lower() == "article"),
    )


def _title(story: dict[str, Any], markup: Markup, url: str) -> str:
    candidates = (
        tidy(story.get("headline")),
        markup.meta("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title"),
        next(markup.items("headline"), ""),
        _only(list(markup.texts(".//h1"))),
        next(iter(markup.texts(".//title")), ""),
    )
    title = next((candidate for candidate in candidates if candidate), "")[:_MAX_TITLE]
    site_names = {
        markup.meta("og:site_name"), markup.meta("application-name"), markup.meta("twitter:site"),
        _name(story.get("publisher")), (urls.site(url) or "").rpartition(".")[0], urls.site(url) or "",
    }  # fmt: skip
    return _without_site(title, {_letters(name) for name in site_names})


def _without_site(title: str, site_names: set[str]) -> str:
    """Cut " - Site name" off a title, when the page or its host proves that this is the site's name."""
    match = _TITLE_ENDS.match(title)
    while match and _letters(match[2]) and _letters(match[2]) in site_names:
        title = match[1]
        match = _TITLE_ENDS.match(title)
    return title


def _letters(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum()).removeprefix("the")


def _only(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else ""


def _published(story: dict[str, Any], markup: Markup) -> Published | None:
    stated = (
        *((tidy(story.get(key)), "json-ld") for key in ("datePublished", "dateCreated", "uploadDate")),
        *((value, "meta") for value in markup.metas(*_DATE_METAS)),
        *((value, "microdata") for value in markup.items("datepublished")),
    )
    return next((found for value, source in stated if (found := dates.published(value, source))), None)


def _claims(story: dict[str, Any], markup: Markup) -> Iterator[str]:
    yield markup.link("canonical")
    yield markup.meta("og:url")
    page = story.get("mainEntityOfPage")
    for value in (story.get("url"), page.get("@id") if isinstance(page, dict) else page):
        yield tidy(value)


def _byline(story: dict[str, Any], markup: Markup) -> Iterator[str]:
    sources = (
        _people(story.get("author") or story.get("creator")),
        markup.metas(*_AUTHOR_METAS),
        markup.names("author"),
        *(markup.texts(path) for path in _AUTHOR_PATHS),
    )
    for source in sources:
        found = [name for value in source for name in _names(value)]
        if found:
            yield from found
            return


def _people(value: Any) -> Iterator[str]:
    for person in (value if isinstance(value, list) else [value])[:_MAX_AUTHORS]:
        if name := _name(person):
            yield name


def _name(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("name")
        return _name(value) if isinstance(value, list) else tidy(value)
    return tidy(value)


def _names(value: str) -> Iterator[str]:
    if value.lower().startswith(("http:", "https:")):
        return
    for part in _AND.split(_BY.sub("", value)):
        name = _BY.sub("", part).strip(" .,-")
        # a name has letters, and is no address, handle or date
        if 1 < len(name) <= _MAX_NAME and any(c.isalpha() for c in name) and not _NO_NAME & set(name):
            yield name
