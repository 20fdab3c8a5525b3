"""All task policy: what happens to a message around the pure function that does the work.

    message ─▶ read ─▶ ledger.begin ─▶ body(input) ─┬─ result ───▶ next step
                 │          │                       ├─ Transient ─▶ put off, or quarantine after `max_attempts`
                 │          ├ ended: dropped        ├─ Discard ───▶ outcome
                 │          ├ died: each alone      └─ a bug ─────┐
                 │          └ died too often ──┐                  │
                 └ unreadable ─────────────────┴──▶ quarantine ◀──┘ ─▶ outcome

A message carries up to sixteen articles; each ends on its own, in ledger, outcome or quarantine. What kills its worker,
overruns its time or spoils a common write is sent again article by article: a poison takes no other with it.

At-least-once: a message is acknowledged after what follows from it is sent. Exactly-once effect: ids are deterministic.
"""

import threading
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, cast

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from kombu.exceptions import OperationalError
from pydantic import ValidationError
from redis import RedisError

from shared import pipeline
from shared.delivery import watching
from shared.delivery.backoff import after_attempts, in_outage
from shared.delivery.job import Job, Unfinished, alone, ending
from shared.delivery.ledger import Delivery
from shared.delivery.messages import Item, Misfit, read
from shared.delivery.surroundings import Surroundings
from shared.domain.base import Model
from shared.domain.outcome import Filing, Outcome, Status
from shared.domain.submission import Submission
from shared.errors import Discard, Outage, Transient
from shared.logs import logger
from shared.pipeline import RECORD, Stage

log = logger(__name__)

#: Deliveries of one article alone that may end with the death of their worker; then it is taken for a poison.
MAX_CRASHES = 3

#: What a body gives for each article of a batch.
Result = Model | None
#: Works off a batch: one result for each input, in order. Raises a verdict, or anything, for the batch as a whole.
Body = Callable[[Sequence[Any]], Sequence[Result]]


class WorkerLostTooOften(Exception):
    """Each worker that began this message died over it."""


class Step:
    """The policy around one body. Knows no Celery: the broker is reached through `Surroundings`.

    A body that is `together` gets a batch as a whole and does all of it or nothing; any other one article at a time.
    """

    def __init__(self, stage: Stage, body: Body, around: Surroundings, *, together: bool = False) -> None:
        self._stage = stage
        self._body = body
        self._around = around
        self._together = together
        self._lock = threading.Lock()  # the fetcher's threads share the step
        self._marks: list[Item] = []  #: deliveries that have ended without Redis knowing

    def deliver(self, message: object) -> None:
        """Work off one message.

        Raises:
            RedisError, OperationalError: Redis is away; the message must not be acknowledged.
        """
        with structlog.contextvars.bound_contextvars(step=self._stage.name):
            self._deliver(message)

    def _deliver(self, message: object) -> None:
        self._end_marks()
        items = self._readable(message)
        try:
            self._work(self._begin(items))
        except (RedisError, OperationalError):
            # No worker died over it, so the marks of these deliveries go as soon as Redis is back.
            with self._lock:
                self._marks += [item for item, _ in items.values()]
            with suppress(RedisError):
                self._end_marks()
            raise

    def _end_marks(self) -> None:
        """Note the end of deliveries of which Redis could not be told."""
        with self._lock:
            if self._marks:
                self._end(self._marks)
                self._marks.clear()

    def _end(self, items: Sequence[Item], **how: Any) -> None:
        runs = [item.run for item in items]
        self._around.ledger.end([item.submission.id for item in items], self._stage, runs=runs, **how)

    def _readable(self, message: object) -> Mapping[str, tuple[Item, Model]]:
        """Return each item with its input, the latest run of each submission. What cannot be read is isolated."""
        items: dict[str, tuple[Item, Model]] = {}
        for one in read(message):
            if isinstance(one, Misfit):
                self._isolate_unread(one)
                continue
            other = items.get(one.submission.id)
            if other is not None and other[0].run > one.run:
                continue
            try:
                items[one.submission.id] = one, self._stage.takes.model_validate(one.body)
            except ValidationError as error:
                self._isolate_unread(Misfit(alone(one), error, one.submission, one.run))
        return items

    def _isolate_unread(self, misfit: Misfit) -> None:
        submission, run = misfit.submission, misfit.run
        if submission is not None and self._around.ledger.begin([submission.id], self._stage, [run]) == [None]:
            log.info("late_duplicate_dropped", submission=submission.id)
            return
        self._isolate(misfit.raw, misfit.error, submission=submission, run=run)
        if submission is not None:
            self._around.ledger.end([submission.id], self._stage, runs=[run], to=RECORD)

    def _begin(self, items: Mapping[str, tuple[Item, Model]]) -> list[Job]:
        runs = [item.run for item, _ in items.values()]
        deliveries = self._around.ledger.begin(list(items), self._stage, runs) if items else []
        jobs = []
        for (submission_id, (item, read_input)), delivery in zip(items.items(), deliveries, strict=True):
            if delivery is None:
                log.info("late_duplicate_dropped", submission=submission_id)
            else:
                jobs.append(Job(item, read_input, delivery))
        return jobs

    def _work(self, jobs: Sequence[Job]) -> None:
        if len(jobs) > 1 and any(job.delivery.crashes for job in jobs):
            log.warning("split_after_crash", submissions=[job.submission.id for job in jobs])
            self._give_back(jobs)
            return
        try:
            results = self._all_at_once(jobs) if self._together else self._one_by_one(jobs)
        except Unfinished as unfinished:
            self._give_back(unfinished.jobs)
            return
        self._settle(zip(jobs, results, strict=True))

    def _one_by_one(self, jobs: Sequence[Job]) -> list[Result | Exception]:
        results: list[Result | Exception] = []
        for n, job in enumerate(jobs):
            with structlog.contextvars.bound_contextvars(submission=job.submission.id):
                try:
                    results += self._tried([job])
                except SoftTimeLimitExceeded as error:
                    if len(jobs) == 1 and not self._around.stopping():
                        return [error]
                    self._settle(zip(jobs, results, strict=False))
                    raise Unfinished(jobs[n:]) from error
                except (RedisError, OperationalError):
                    raise
                except MemoryError as error:
                    traceback.clear_frames(error.__traceback__)  # they hold what was too much
                    results.append(error)
                except Exception as error:  # noqa: BLE001 - judged in `_settle`
                    results.append(error)
        return results

    def _all_at_once(self, jobs: Sequence[Job]) -> Sequence[Result | Exception]:
        try:
            return self._tried(jobs)
        except Outage as outage:
            return [outage] * len(jobs)
        except (RedisError, OperationalError):
            raise
        except Exception as error:
            if len(jobs) == 1 and not (isinstance(error, SoftTimeLimitExceeded) and self._around.stopping()):
                return [error]
            log.info("split", error=str(error), submissions=[job.submission.id for job in jobs])
            raise Unfinished(jobs) from error

    def _tried(self, jobs: Sequence[Job]) -> Sequence[Result]:
        for job in jobs:
            if job.delivery.crashes >= MAX_CRASHES and self._stage is not RECORD:
                raise WorkerLostTooOften(f"{job.delivery.crashes} workers died over this message")
        with watching.at_work(self._stage, jobs):
            results = self._body([job.input for job in jobs]) if jobs else []
        wanted = self._stage.gives or type(None)
        if len(results) != len(jobs) or not all(isinstance(result, wanted) for result in results):
            raise TypeError(f"{self._stage.name} has to give one {wanted.__name__} for each article")
        return results

    def _settle(self, results: Iterable[tuple[Job, Result | Exception]]) -> None:
        """Send what follows from each result, then note in the ledger that these deliveries have ended."""
        following: dict[Stage, list[Item]] = defaultdict(list)
        again: list[tuple[Job, Exception]] = []
        isolated: list[Item] = []
        closed: list[Item] = []
        for job, result in results:
            with structlog.contextvars.bound_contextvars(submission=job.submission.id):
                if isinstance(result, Exception) and self._has_patience(job.delivery, result):
                    again.append((job, result))
                    watching.ended(self._stage, result, again=True)
                    continue
                watching.ended(self._stage, result)
                if isinstance(result, Discard):
                    log.info("discarded", reason=result.reason, detail=result.detail)
                    outcome = Outcome.discarded(job.submission, result, step=self._stage.name)
                    following[RECORD].append(ending(outcome, job.submission, job.item.run))
                elif isinstance(result, Exception):
                    self._isolate(
                        alone(job.item), result, submission=job.submission, run=job.item.run, delivery=job.delivery
                    )
                    isolated.append(job.item)
                elif self._stage is RECORD:
                    closed.append(job.item)
                    watching.closed(job)
                else:
                    stage, item = self._next(job, cast("Model", result))
                    following[stage].append(item)
        for stage, items in following.items():
            self._around.send(stage, items)
            self._end(items, to=stage)
            log.info("passed_on", to=stage.name, submissions=[item.submission.id for item in items])
        self._end(isolated, to=RECORD)
        self._put_off(again)
        self._around.ledger.close([item.submission.id for item in closed], [item.run for item in closed])

    def _has_patience(self, delivery: Delivery, error: Exception) -> bool:
        """Whether an article that failed is to be tried again."""
        if self._stage is RECORD:
            return True  # an outcome has no outcome, so whatever keeps it from being written is waited out
        if isinstance(error, Outage):
            return delivery.waited_s <= self._around.timing.outage_patience_s
        most = self._stage.max_attempts
        return isinstance(error, Transient) and (most is None or delivery.attempts + 1 < most)

    def _next(self, job: Job, result: Model) -> tuple[Stage, Item]:
        if isinstance(result, Filing):
            outcome = Outcome.filed(job.submission, result, step=self._stage.name)
            return RECORD, ending(outcome, job.submission, job.item.run)
        return pipeline.after(self._stage), Item.of(job.submission, result, run=job.item.run)

    def _put_off(self, failed: Sequence[tuple[Job, Exception]]) -> None:
        """Put articles off; those of an outage together, so that they come back together."""
        outages = [job for job, error in failed if isinstance(error, Outage)]
        if outages:
            wait_s = in_outage(max(job.delivery.waited_s for job in outages), cap_s=self._cap_s)
            why = "; ".join(sorted({str(error) for _, error in failed if isinstance(error, Outage)}))
            log.info("waiting_out", error=why, submissions=[job.submission.id for job in outages], wait_s=wait_s)
            self._around.put_off(self._stage, [job.item for job in outages], wait_s)
            self._end([job.item for job in outages], again=True)
        for job, error in failed:
            if isinstance(error, Outage):
                continue
            if not isinstance(error, Transient):
                log.error("outcome_not_recorded", submission=job.submission.id, exc_info=error)
            wait_s = after_attempts(job.delivery.attempts + 1, cap_s=self._cap_s)
            self._around.put_off(self._stage, [job.item], wait_s)
            self._end([job.item], again=True, counted=True)
            log.info("put_off", submission=job.submission.id, error=str(error), wait_s=wait_s)

    @property
    def _cap_s(self) -> float:
        return self._around.timing.backoff_cap_s[self._stage.name]

    def _give_back(self, jobs: Sequence[Job]) -> None:
        """Return articles to the queue, each in a message of its own."""
        self._end([job.item for job in jobs])  # first: from here on only what each does alone counts against it
        for job in jobs:
            self._around.send(self._stage, [job.item])

    def _isolate(
        self,
        message: object,
        error: Exception,
        *,
        submission: Submission | None,
        run: int,
        delivery: Delivery | None = None,
    ) -> None:
        since = delivery.since if delivery else None
        words = self._around.quarantine.add(
            self._stage,
            message,
            error,
            submission_id=submission.id if submission else None,
            attempts=delivery.attempts + isinstance(error, Transient) if delivery else 0,
            first_failed_at=datetime.fromtimestamp(since, UTC) if since else None,
        )
        log.error("quarantined", error=words, exc_info=error, submission=submission.id if submission else None)
        if submission:
            outcome = Outcome.of(submission, Status.QUARANTINED, step=self._stage.name, detail=words[:1000])
            self._around.send(RECORD, [ending(outcome, submission, run)])
