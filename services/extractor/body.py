"""The text of a story, by trafilatura, and its language. The one seam to swap for another extractor."""

import logging

import py3langid
from lxml import html
from trafilatura import bare_extraction, baseline

from services.extractor.boilerplate import strip_end
from services.extractor.parse import printable

_LANGUAGE_CHARS = 600  # cost grows with length, accuracy no more
_LEAST_LANGUAGE_CHARS = 40

# It warns of every page without text; our verdict says that.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def text_of(tree: html.HtmlElement) -> str:
    """Return the readable text of a page, a line per paragraph, without boilerplate at its end. The tree is kept.

    Not thread-safe, as trafilatura is not.
    """
    # A tree, never a string: trafilatura downloads a string that looks like a URL. It works on a copy of a tree.
    found = bare_extraction(tree, fast=True, include_comments=False, with_metadata=False)
    return strip_end(printable(getattr(found, "text", None) or "").strip())  # found is None when there is no text


def second_look(tree: html.HtmlElement) -> str:
    """Return whatever may be the text of a page that `text_of` found none in: more noise, but no story lost."""
    found = bare_extraction(tree, fast=True, include_comments=False, with_metadata=False, favor_recall=True)
    _, plain, _ = baseline(tree)  # all paragraphs, or the text that JSON-LD carries; works on a copy too
    return strip_end(printable(max(getattr(found, "text", None) or "", plain, key=len).strip()))


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of the language of `text`, or None when it is too short to tell."""
    if len(text) < _LEAST_LANGUAGE_CHARS:
        return None
    return str(py3langid.classify(text[:_LANGUAGE_CHARS])[0])


def warm_up() -> None:
    """Load the language model (0.3 s), so that forked processes share it."""
    language_of("a sentence that is long enough to be given a language")
