"""A fetcher for tests: what it does with a URL stands in the URL. Run by `test_worker.py` in a process of its own."""

import os
import signal

from shared import broker, pipeline
from shared.domain.page import Page
from shared.domain.submission import Submission
from shared.errors import Discard, Reason, Transient
from shared.step import step
from tests import examples


@step(pipeline.FETCH)
def fetch(submission: Submission) -> Page:
    """Do as the URL says."""
    if "kill" in submission.url:
        os.kill(os.getpid(), signal.SIGKILL)
    if "discard" in submission.url:
        raise Discard(Reason.NOT_FOUND)
    if "bug" in submission.url:
        raise ZeroDivisionError
    if "transient" in submission.url:
        raise Transient("not now")
    return examples.page(submission.url)


if __name__ == "__main__":
    broker.app.worker_main(
        ["worker", "-Q", "fetch", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "info"]
    )
