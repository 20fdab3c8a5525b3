"""`python -m tests.integration.recorder FILE`: a worker of all queues that discards what it gets, by the real steps.

FILE gets a line for each submission that has ended: a book that no fault of Redis can tear a page out of.
"""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from shared import broker, pipeline
from shared.broker import SCHEDULE_QUEUE
from shared.domain.outcome import Ending
from shared.domain.page import Page
from shared.domain.submission import Submission
from shared.errors import Discard, Reason
from shared.pipeline import FLOW, RECORD
from shared.task import batch_step, step
from shared.worker import canary


@step(pipeline.FETCH)
def fetch(submission: Submission) -> Page:
    """Discard it."""
    raise Discard(Reason.NOT_FOUND, submission.url)


@batch_step(pipeline.RECORD)
def record(endings: Sequence[Ending]) -> list[None]:
    """Note them in the book."""
    with Path(sys.argv[1]).open("a") as book:
        book.writelines(f"{ending.outcome.submission_id}\n" for ending in endings)
    return [None for _ in endings]


if __name__ == "__main__":
    importlib.import_module("shared.worker.clock")
    own = {stage.queue for stage in (*FLOW, RECORD)}
    queues = sorted(own | {SCHEDULE_QUEUE} | {canary.list_of(queue) for queue in own})
    options = ["--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle"]
    broker.app.worker_main(["worker", "-Q", ",".join(queues), "--loglevel", "info", *options])
