"""The fetch step."""

from functools import cache

import httpx

from services.fetcher import fetch as fetching
from services.fetcher.client import open_client
from services.fetcher.robots import Robots
from shared import pipeline
from shared.delivery import pressure
from shared.domain.page import Page
from shared.domain.submission import Submission
from shared.pages import PageStore, open_page_store
from shared.settings import settings
from shared.task import step


def warm_up() -> None:
    """Make client, page store and rules at start, where a wrong setting is seen, and once, before there are threads."""
    _pages()
    _robots()


def report() -> dict[str, int]:
    """Tell with each canary how much room the page store has left, where that can be known."""
    free = _pages().free_bytes()
    return {} if free is None else {pressure.PAGE_STORE_FREE: free}


@step(pipeline.FETCH)
def fetch(submission: Submission) -> Page:
    """Download one page. Raises Transient (timeouts, 5xx), Outage (page store) or Discard (robots, oversize, gone)."""
    return fetching.fetch(submission, client=_client(), pages=_pages(), robots=_robots(), settings=settings())


# One of each for all threads of the process: the fetcher runs in a thread pool, so nothing crosses a fork.
@cache
def _client() -> httpx.Client:
    return open_client(settings())


@cache
def _pages() -> PageStore:
    return open_page_store(settings().pages_url)


@cache
def _robots() -> Robots:
    return Robots(_client(), user_agent=settings().fetch_user_agent)
