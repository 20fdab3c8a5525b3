"""All task policy: what happens to a message around the pure function that does the work.

    message ─▶ read ─▶ ledger.begin ─▶ body(input) ─┬─ result ───▶ next step
                 │          │                       ├─ Transient ─▶ again later, or quarantine after `max_attempts`
                 │          └ ended: dropped        ├─ Discard ───▶ outcome
                 │          └ died too often ──┐    └─ a bug ─────┐
                 └ unreadable ─────────────────┴──▶ quarantine ◀──┘ ─▶ outcome

At-least-once: a message is acknowledged only after what follows from it has been sent. Exactly-once effect: steps
write under deterministic ids, and the ledger drops what comes again after the outcome.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeVar, cast

import structlog
from celery import Task
from celery.exceptions import Reject, Retry
from celery.utils.time import get_exponential_backoff_interval
from kombu.exceptions import OperationalError
from pydantic import ValidationError
from redis import RedisError

from shared import broker, pipeline
from shared.connections import open_redis
from shared.domain.base import Model
from shared.domain.outcome import Filing, Outcome, Status
from shared.domain.submission import Submission
from shared.errors import Discard, Transient
from shared.ledger import Delivery, Ledger
from shared.logs import logger
from shared.pipeline import Envelope, Stage
from shared.quarantine import Quarantine

log = logger(__name__)

In = TypeVar("In", bound=Model)
Out = TypeVar("Out", bound=Model | None)

#: Deliveries of one message that may end with the death of their worker; then it is taken for a poison.
MAX_CRASHES = 3


class WorkerLostTooOften(Exception):
    """Each worker that began this message died over it."""


class Isolation(Protocol):
    """What a step needs of `Quarantine`."""

    def add(
        self, stage: Stage, message: object, error: BaseException, *, submission_id: str | None, attempts: int
    ) -> str:
        """See `Quarantine.add`."""


class Books(Protocol):
    """What a step needs of `Ledger`."""

    def begin(self, submission_id: str, stage: Stage) -> Delivery | None:
        """See `Ledger.begin`."""

    def end(self, submission_id: str, stage: Stage, *, put_off: bool = False) -> None:
        """See `Ledger.end`."""

    def close(self, submission_id: str) -> None:
        """See `Ledger.close`."""


@dataclass(frozen=True)
class Again:
    """The message is to be delivered again after `seconds`."""

    seconds: int


class Step:
    """The policy around one body. Knows no Celery: the broker is reached through `send`."""

    def __init__(
        self,
        stage: Stage,
        body: Callable[[Any], Model | None],
        *,
        ledger: Books,
        quarantine: Isolation,
        send: Callable[[Stage, Envelope], None],
    ) -> None:
        self._stage = stage
        self._body = body
        self._ledger = ledger
        self._quarantine = quarantine
        self._send = send

    def deliver(self, message: Mapping[str, Any]) -> Again | None:
        """Work off one message. Returns when to deliver it again, None when it is done with.

        Raises:
            RedisError, OperationalError: Redis is away; the message must not be acknowledged.
        """
        try:
            envelope = Envelope.model_validate(message)
        except ValidationError as error:
            self._isolate(message, error, submission=_submission_of(message))
            return None
        with structlog.contextvars.bound_contextvars(submission=envelope.submission.id, step=self._stage.name):
            delivery = self._ledger.begin(envelope.submission.id, self._stage)
            if delivery is None:
                log.info("late_duplicate_dropped")
                return None
            try:
                again = self._work(envelope, delivery)
            except (RedisError, OperationalError):
                with suppress(RedisError):  # no worker died over it
                    self._ledger.end(envelope.submission.id, self._stage)
                raise
            self._ledger.end(envelope.submission.id, self._stage, put_off=again is not None)
            return again

    def _work(self, envelope: Envelope, delivery: Delivery) -> Again | None:
        submission, message = envelope.submission, envelope.model_dump(mode="json")
        try:
            self._refuse_poison(delivery)
            self._proceed(submission, self._body(self._stage.takes.model_validate(envelope.body)))
        except Discard as verdict:
            log.info("discarded", reason=verdict.reason, detail=verdict.detail)
            self._end(
                Outcome.of(
                    submission,
                    Status.DISCARDED,
                    step=self._stage.name,
                    reason=verdict.reason,
                    detail=verdict.detail or None,
                ),
                submission,
            )
        except Transient as verdict:
            return self._put_off(submission, message, verdict, delivery)
        except (RedisError, OperationalError):
            raise
        except Exception as error:
            if self._stage is pipeline.RECORD:
                # An outcome has no outcome: it is tried for ever, and stands in the audit as in flight meanwhile.
                log.exception("outcome_not_recorded")
                return self._put_off(submission, message, error, delivery)
            self._isolate(message, error, submission=submission, attempts=delivery.attempts)
        return None

    def _refuse_poison(self, delivery: Delivery) -> None:
        if delivery.crashes >= MAX_CRASHES and self._stage is not pipeline.RECORD:
            raise WorkerLostTooOften(f"{delivery.crashes} workers died over this message")

    def _proceed(self, submission: Submission, result: Model | None) -> None:
        if self._stage is pipeline.RECORD:
            self._ledger.close(submission.id)
            log.info("closed")
        elif isinstance(result, Filing):
            self._end(_filed(submission, result, step=self._stage.name), submission)
        else:
            following = pipeline.after(self._stage)
            self._send(following, Envelope.of(submission, cast("Model", result)))
            log.info("passed_on", to=following.name)

    def _put_off(
        self, submission: Submission, message: Mapping[str, Any], error: Exception, delivery: Delivery
    ) -> Again | None:
        attempts = delivery.attempts + 1
        if self._stage.max_attempts is not None and attempts >= self._stage.max_attempts:
            self._isolate(message, error, submission=submission, attempts=attempts)
            return None
        wait_s = get_exponential_backoff_interval(
            factor=2, retries=min(attempts - 1, 10), maximum=self._stage.backoff_cap_s, full_jitter=True
        )
        log.info("put_off", error=str(error), attempts=attempts, wait_s=wait_s)
        return Again(max(1, int(wait_s)))

    def _isolate(self, message: object, error: Exception, *, submission: Submission | None, attempts: int = 0) -> None:
        words = self._quarantine.add(
            self._stage, message, error, submission_id=submission.id if submission else None, attempts=attempts
        )
        log.error("quarantined", error=words, exc_info=error)
        if submission:
            outcome = Outcome.of(submission, Status.QUARANTINED, step=self._stage.name, detail=words[:1000])
            self._end(outcome, submission)

    def _end(self, outcome: Outcome, submission: Submission) -> None:
        self._send(pipeline.RECORD, Envelope.of(submission, outcome))


def _filed(submission: Submission, filing: Filing, *, step: str) -> Outcome:
    return Outcome.of(
        submission,
        Status.DISCARDED if filing.discard_reason else Status.INDEXED,
        step=step,
        reason=filing.discard_reason,
        article_id=filing.article_id,
        incident_ids=filing.incident_ids,
    )


def _submission_of(message: object) -> Submission | None:
    """Return the submission of a message that is otherwise unreadable, so that its journey gets an outcome."""
    try:
        return Submission.model_validate(cast("Mapping[str, Any]", message)["submission"])
    except (ValidationError, KeyError, TypeError):
        return None


def step(stage: Stage) -> Callable[[Callable[[In], Out]], Callable[[In], Out]]:
    """Make a function the body of `stage`. The function itself stays as it is, callable and typed."""

    def register(body: Callable[[In], Out]) -> Callable[[In], Out]:
        def deliver(task: Task, message: Mapping[str, Any]) -> None:
            try:
                again = _policy(stage, body).deliver(message)
                if again is not None:
                    # max_retries=None: the ledger counts, since Celery's own counter is lost with its message
                    task.retry(countdown=again.seconds, max_retries=None)
            except Retry:
                raise
            except Exception as error:
                # Redis is away, or the policy itself failed: the message must stay. A pause, so that it does not spin;
                # the ledger counts how often this happens.
                log.exception("not_delivered")
                try:
                    time.sleep(1)
                finally:  # also when the time limit strikes in here
                    raise Reject(str(error), requeue=True) from error

        broker.app.task(
            deliver,
            name=stage.name,
            bind=True,
            soft_time_limit=stage.soft_limit_s,
            time_limit=stage.hard_limit_s,
            acks_late=True,
            max_retries=None,
            default_retry_delay=1,
        )
        return body

    return register


@cache
def _policy(stage: Stage, body: Callable[[Any], Model | None]) -> Step:
    redis = open_redis()
    return Step(stage, body, ledger=Ledger(redis), quarantine=Quarantine(redis), send=broker.send)
