"""Two workers for tests: what they do with a page stands in its URL. Run by `test_worker.py` in processes of their own.

`python -m tests.integration.poison fetch --pool threads` runs one, with more words for Celery behind the queue.
"""

import os
import signal
import sys
import time
from typing import TypeVar

from shared import broker, pipeline
from shared.domain.article import Article
from shared.domain.base import Model
from shared.domain.page import Page
from shared.domain.submission import Submission
from shared.errors import Discard, Reason, Transient
from shared.task import step
from tests import examples

Result = TypeVar("Result", bound=Model)


@step(pipeline.FETCH)
def fetch(submission: Submission) -> Page:
    """Do as the URL says."""
    return _act(submission.url, examples.page(submission.url))


@step(pipeline.EXTRACT)
def extract(page: Page) -> Article:
    """Do as the URL says."""
    return _act(page.url, examples.article(page.url))


def _act(url: str, result: Result) -> Result:
    if "kill" in url:
        os.kill(os.getpid(), signal.SIGKILL)
    if "deaf" in url:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # by which the process is told that its time is up
    if "deaf" in url or "slow" in url:
        time.sleep(600)
    if "discard" in url:
        raise Discard(Reason.NOT_FOUND)
    if "bug" in url:
        raise ZeroDivisionError
    if "transient" in url:
        raise Transient("not now")
    return result


if __name__ == "__main__":
    queue, *more = sys.argv[1:]
    broker.app.worker_main(["worker", "-Q", queue, "--without-gossip", "--without-mingle", "--loglevel", "info", *more])
