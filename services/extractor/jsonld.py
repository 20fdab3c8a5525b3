"""JSON-LD: the objects of a page that describe the story, however they are wrapped."""

import json
import re
from collections import deque
from collections.abc import Iterator
from typing import Any

from lxml import html

#: schema.org types that are a story. Others (WebPage, Organization, NewsMediaOrganization, ...) are about the site.
ARTICLE_TYPES = frozenset(
    {
        "Article", "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "AskPublicNewsArticle",
        "BackgroundNewsArticle", "OpinionNewsArticle", "ReviewNewsArticle", "LiveBlogPosting", "BlogPosting",
        "SocialMediaPosting", "Report", "AdvertiserContentArticle", "TechArticle", "ScholarlyArticle",
    }
)  # fmt: skip
_MAX_CHARS = 1_000_000
_MAX_OBJECTS = 2000
_WRAPPERS = ("@graph", "mainEntity", "mainEntityOfPage")
_LINE_BREAKS = re.compile(r"[\r\n\t]+")


def story(tree: html.HtmlElement) -> dict[str, Any]:
    """Return the first object of an article type in the page's JSON-LD, or an empty one. Broken JSON is passed over."""
    for script in tree.iterfind('.//script[@type="application/ld+json"]'):
        for found in _objects(_load(script.text or "")):
            if types_of(found) & ARTICLE_TYPES:
                return found
    return {}


def types_of(found: dict[str, Any]) -> set[str]:
    """Return the `@type`s of an object, without their vocabulary's prefix."""
    named = found.get("@type")
    return {str(name).rsplit("/", 1)[-1].rsplit(":", 1)[-1] for name in (named if isinstance(named, list) else [named])}


def _load(text: str) -> Any:
    text = text.strip().removeprefix("<![CDATA[").removesuffix("]]>").removeprefix("<!--").removesuffix("-->").strip()
    if not text or len(text) > _MAX_CHARS:
        return None
    try:
        # the commonest fault is a raw line break inside a string; to JSON it is the same as a space elsewhere
        return json.loads(_LINE_BREAKS.sub(" ", text.rstrip(";")), strict=False)
    except (ValueError, RecursionError):
        return None


def _objects(data: Any) -> Iterator[dict[str, Any]]:
    pending, seen = deque([data]), 0
    while pending and seen < _MAX_OBJECTS:
        value = pending.popleft()
        seen += 1
        if isinstance(value, list):
            pending.extendleft(reversed(value))
        elif isinstance(value, dict):
            yield value
            # the stories of a list are other pages
            if "ItemList" not in types_of(value):
                pending.extendleft(value[key] for key in reversed(_WRAPPERS) if key in value)
