"""The extract step."""

from functools import cache

from services.extractor import extract as extracting
from shared import pipeline
from shared.domain.article import Article
from shared.domain.page import Page
from shared.pages import PageStore, open_page_store
from shared.settings import settings
from shared.task import step


def warm_up() -> None:
    """Load the date parser and the language model in the parent, so that forked workers share them."""
    extracting.warm_up()


@step(pipeline.EXTRACT)
def extract(page: Page) -> Article:
    """Find the story in a page. Raises Outage (page store away) or Discard (no text, no story).

    A body that is gone or damaged is a bug's work or a disk's: no wait mends it and nobody expects it, so the KeyError
    or Damaged puts the page into quarantine, with what to do about it.
    """
    return extracting.extract(page, _pages().get(page.body_key), max_chars=settings().text_max_chars)


@cache
def _pages() -> PageStore:
    return open_page_store(settings().pages_url)
