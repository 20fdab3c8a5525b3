"""What is told of a step's work: counts and times, spans of its traces, and whose articles its log lines speak of."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog

from shared import traces
from shared.delivery.job import Job
from shared.domain.base import Model
from shared.domain.outcome import Ending
from shared.errors import Discard, Outage
from shared.logs import logger
from shared.metrics import catalogue
from shared.pipeline import Stage

log = logger(__name__)


@contextmanager
def at_work(stage: Stage, jobs: Sequence[Job]) -> Iterator[None]:
    """Time the work on some articles, which is their spans too; what is logged meanwhile names them."""
    start = time.perf_counter()
    ids = [job.submission.id for job in jobs]
    bound: dict[str, object] = {"submissions": ids} if len(ids) != 1 else {"submission": ids[0]}
    try:
        with structlog.contextvars.bound_contextvars(**bound), traces.spans(stage.name, ids):
            yield
    finally:
        for _ in ids:
            catalogue.STEP_SECONDS.labels(stage.name).observe((time.perf_counter() - start) / len(ids))


def ended(stage: Stage, result: Model | Exception | None, *, again: bool = False) -> None:
    """Count how a delivery ended; `again`: it is to be repeated. What is delivered twice counts twice."""
    catalogue.STEP_ARTICLES.labels(stage.name, _verdict(result, again=again)).inc()


def closed(job: Job) -> None:
    """Count a submission whose outcome was recorded."""
    if not isinstance(job.input, Ending):
        return
    outcome = job.input.outcome
    reason = outcome.reason.value if outcome.reason else ""
    catalogue.OUTCOMES.labels(outcome.step, outcome.status.value, reason).inc()
    took_s = (datetime.now(UTC) - outcome.accepted_at).total_seconds()
    catalogue.SUBMISSION_SECONDS.labels(outcome.status.value).observe(max(0.0, took_s))
    log.info("recorded", submission=job.submission.id, status=outcome.status.value, reason=reason or None)


def _verdict(result: Model | Exception | None, *, again: bool) -> str:
    if not isinstance(result, Exception):
        return catalogue.PASSED
    if again:
        return catalogue.WAITED_OUT if isinstance(result, Outage) else catalogue.PUT_OFF
    return catalogue.DISCARDED if isinstance(result, Discard) else catalogue.QUARANTINED
