"""The verb of the extractor: a page becomes an Article."""

from dataclasses import dataclass

from services.extractor import body as reading
from services.extractor import dates, metadata, urls
from services.extractor.decode import decode
from services.extractor.parse import parse
from services.extractor.verdict import verdict
from shared.domain.article import Article, Published, article_id, fingerprint
from shared.domain.page import Page
from shared.errors import Discard, Reason


@dataclass(frozen=True, kw_only=True)
class Extracted:
    """What a page holds, story or not: the line that `tocsin extract` writes."""

    canonical_url: str
    title: str = ""
    text: str = ""
    byline: tuple[str, ...] = ()
    published: Published | None = None
    language: str | None = None
    site: str | None = None
    discard_reason: Reason | None = None  #: EMPTY or NOT_AN_ARTICLE; None for a story


def extract(page: Page, body: bytes, *, max_chars: int) -> Article:
    """Return the article of a page, its text cut at `max_chars`.

    Raises Discard: EMPTY when there is no text, NOT_AN_ARTICLE when the text is no story.
    """
    found = extract_html(page.final_url, body, page.content_type)
    if found.discard_reason is not None:
        raise Discard(found.discard_reason, found.title[:200])
    text = found.text[:max_chars]
    return Article(
        id=article_id(found.canonical_url),
        url=page.url,
        canonical_url=found.canonical_url,
        title=found.title,
        text=text,
        byline=found.byline,
        published=found.published,
        language=found.language,
        site=found.site,
        fingerprint=fingerprint(text),
        fetched_at=page.fetched_at,
    )


def extract_html(url: str, body: bytes | str, content_type: str | None = None) -> Extracted:
    """Return what a page holds. `url` is its final URL; a `body` of text is taken as already decoded. Raises nothing.

    The page is parsed once; metadata, date search and text all read the same tree. Not thread-safe.
    """
    text = body if isinstance(body, str) else decode(body, content_type)
    tree = parse(text)
    if tree is None:
        return Extracted(canonical_url=urls.clean(url), site=urls.site(url), discard_reason=Reason.EMPTY)
    said = metadata.read(tree, url)
    story = reading.text_of(tree)
    reason = verdict(tree, story, said)
    if reason is not None and said.declared:
        # the page says that it is an article: better to read it badly than not at all
        story = reading.second_look(tree)
        reason = verdict(tree, story, said)
    return Extracted(
        canonical_url=said.canonical_url,
        title=said.title,
        text=story,
        byline=said.byline,
        published=said.published,
        language=reading.language_of(story),
        site=urls.site(url),
        discard_reason=reason,
    )


def warm_up() -> None:
    """Load what is loaded late (date parser, language model), once, before worker processes fork."""
    dates.warm_up()
    reading.warm_up()
