"""One lxml tree per page, shared by everything that reads it, and the tidying of the strings found in it."""

import re
from html import unescape

from lxml import etree, html

_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{10000,}")
_QUOTED = re.compile(r"""\"[^\"]*\"|'[^']*'""")
_MAX_ATTRIBUTES = 1000
_SPACE = re.compile(r"[\s\u200b\ufeff]+")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def parse(text: str) -> html.HtmlElement | None:
    """Return the tree of a page, or None when there is no markup in it.

    libxml2 mends what is broken, and cuts nesting beyond its own limit, so that no page can exhaust the stack.
    """
    # NUL would end the document for libxml2; text goes in as UTF-8 so that no declaration in it is believed
    raw = _LONG_TAG.sub(_bounded, text.replace("\0", "")).encode("utf-8", "replace")
    if not raw.strip():
        return None
    # a parser of its own for each page: a shared one would keep its errors
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, default_doctype=False
    )
    try:
        tree = html.document_fromstring(raw, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    return tree if isinstance(tree, html.HtmlElement) else None


def _bounded(tag: re.Match[str]) -> str:
    """Return a long tag as it is, or bare when it has so many attributes that libxml2 would take minutes (n²)."""
    attributes = _QUOTED.sub("", tag[0]).split()
    return tag[0] if len(attributes) <= _MAX_ATTRIBUTES else attributes[0]


def printable(text: str) -> str:
    """Return `text` without control characters and lone surrogates, which JSON-LD may smuggle in and JSON refuses."""
    return _UNPRINTABLE.sub("", text)


def tidy(value: object) -> str:
    """Return one line of text from a value of markup: entities resolved, spaces collapsed. Not text: empty."""
    if not isinstance(value, str):
        return ""
    # twice: publishers escape what their template escapes again
    return _SPACE.sub(" ", printable(unescape(unescape(value)))).strip()
