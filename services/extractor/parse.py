"""One lxml tree per page, shared by everything that reads it, and the tidying of the strings found in it."""

import re
from html import unescape
from itertools import islice

from lxml import etree, html

# A page beyond these is read up to them: trafilatura and htmldate read nested elements again and again, which costs 2
# to 30 s for a million characters of tiny or deep ones. Of 2,000 news pages the largest has 1.6 million characters, and
# 20,000 tags.
MAX_CHARS = 3_000_000
MAX_TAGS = 40_000  # start tags and end tags
# trafilatura parses the article in JSON-LD as markup of its own, past the guards below. Longer scripts than this
# are programs or traps, never the data of one story.
MAX_SCRIPT_CHARS = 150_000
_MAX_ATTRIBUTES = 2000  # of one tag: libxml2 compares each with each, and takes minutes for 100,000
# How often a text may be read in search of such tags. More than twice is a page with quotes that are never closed.
_MAX_PASSES = 10

# Tags as libxml2 cuts them since 2.14, by the HTML standard: https://html.spec.whatwg.org/#before-attribute-name-state
_TAG = re.compile(r"</?[a-zA-Z][^ \t\n\r\f/>]*+")
_ATTRIBUTE = r"""
    [ \t\n\r\f/]*+  [^ \t\n\r\f/>][^ \t\n\r\f/>=]*+
    (?: [ \t\n\r\f]*+ = [ \t\n\r\f]*+  (?: "[^"]*+"? | '[^']*+'? | [^ \t\n\r\f>"'][^ \t\n\r\f>]*+ )?+ )?+
"""
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE, re.VERBOSE)
_ATTRIBUTES = re.compile(f"(?:{_ATTRIBUTE}){{0,{_MAX_ATTRIBUTES}}}+", re.VERBOSE)
_TAG_TO_ITS_FIRST_END = re.compile(r"<([a-zA-Z][^\s/<>]*)[^>]*")
_SPACE = re.compile(r"\s+")
#: Control characters, lone surrogates, and what only says where a word may be parted: soft hyphens, widthless spaces.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u2060\ufeff\ud800-\udfff]")


def parse(text: str) -> html.HtmlElement | None:
    """Return the tree of a page, or None when there is no markup in it.

    libxml2 mends what is broken, and cuts nesting beyond its own limit, so that no page can exhaust the stack.
    """
    # NUL would end the document for libxml2; text goes in as UTF-8 so that no declaration in it is believed
    raw = _bounded(text[:MAX_CHARS].replace("\0", "")).encode("utf-8", "replace")
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
    if not isinstance(tree, html.HtmlElement):
        return None
    for script in tree.iter("script"):
        if len(script.text or "") > MAX_SCRIPT_CHARS:
            script.text = None
    return tree


def _bounded(text: str) -> str:
    """Return `text` cut at `MAX_TAGS`, and without attributes when one of its tags has too many."""
    tags = list(islice(_TAG.finditer(text), MAX_TAGS + 1))
    if len(tags) > MAX_TAGS:
        text = text[: tags.pop().start()]
    # the first ">" ends the tag, in quotes or not, so that nothing is left to dispute
    return _TAG_TO_ITS_FIRST_END.sub(r"<\1", text) if _has_a_trap(text, tags) else text


def _has_a_trap(text: str, tags: list[re.Match[str]]) -> bool:
    """Tell whether a tag has more than `_MAX_ATTRIBUTES`.

    Whatever looks like a tag is taken for one, in scripts, comments and quotes too, so this need not know where those
    end: it errs only towards yes.
    """
    budget = _MAX_PASSES * len(text)
    for tag in tags:
        attributes = _ATTRIBUTES.match(text, tag.end())
        end = attributes.end() if attributes else tag.end()
        budget -= end - tag.end()
        if budget < 0 or _ONE_ATTRIBUTE.match(text, end):
            return True
    return False


def printable(text: str) -> str:
    """Return `text` without what no reader sees: JSON-LD may smuggle it in, JSON refuses some, and it parts words."""
    return _UNPRINTABLE.sub("", text)


def tidy(value: object) -> str:
    """Return one line of text from a value of markup: entities resolved, spaces collapsed. Not text: empty."""
    if not isinstance(value, str):
        return ""
    # twice: publishers escape what their template escapes again
    return _SPACE.sub(" ", printable(unescape(unescape(value)))).strip()
