"""Is it a story? A missed attack harms people, a section front let through costs a few milliseconds: lean to yes.

    no words                                                              EMPTY
    most of the text is the text of links, and no metadata of a story     NOT_AN_ARTICLE   (fronts, link lists)
    fewer than 20 words, or fewer than 50 without metadata of a story     NOT_AN_ARTICLE   (forms, galleries, log-ins)

"Metadata of a story": the page declares itself an article or a publication date in its markup; for short texts a
visible date with a title will do.
"""

import re

from lxml import html

from services.extractor.metadata import Metadata
from shared.errors import Reason

_MOSTLY = 0.6  # share of the text's words that also stand inside links
_LEAST_WORDS = 20
_LEAST_WORDS_UNDECLARED = 50
# A Chinese, Japanese or Thai letter counts as a word: those are written without spaces.
_WORD = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]|[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]+")
_JUDGED_WORDS = 2000  # enough to tell a list from a story


def verdict(tree: html.HtmlElement, text: str, metadata: Metadata) -> Reason | None:
    """Return why a page with this text is no story, or None when it is one."""
    words = _WORD.findall(text.casefold())
    if not words:
        return Reason.EMPTY
    declared = metadata.declared
    dated = bool(metadata.title and metadata.published)
    if len(words) < (_LEAST_WORDS if declared or dated else _LEAST_WORDS_UNDECLARED):
        return Reason.NOT_AN_ARTICLE
    if not declared and link_share(tree, words[:_JUDGED_WORDS]) > _MOSTLY:
        return Reason.NOT_AN_ARTICLE
    return None


def link_share(tree: html.HtmlElement, words: list[str]) -> float:
    """Return the share, 0 to 1, of `words` that lie in a triple of neighbours which also stands inside a link."""
    linked: set[tuple[str, ...]] = set()
    for link in tree.iter("a"):
        inside = _WORD.findall(link.text_content().casefold())
        linked.update(zip(inside, inside[1:], inside[2:], strict=False))
    covered: set[int] = set()
    for at, triple in enumerate(zip(words, words[1:], words[2:], strict=False)):
        if triple in linked:
            covered.update((at, at + 1, at + 2))
    return len(covered) / max(1, len(words))
