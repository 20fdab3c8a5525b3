"""Makes Celery tasks of functions: the adapter between Celery and the policy in `shared/delivery/step.py`.

    @step(pipeline.EXTRACT)                       one article after the other
    def extract(page: Page) -> Article: ...

    @batch_step(pipeline.INDEX)                   a whole message at once: what fails is repeated, each alone
    def index(coded: Sequence[CodedArticle]) -> Sequence[Filing]: ...

The functions themselves stay as they are, callable and typed.
"""

import time
import traceback
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from celery import Task
from celery.exceptions import Reject

from shared import broker
from shared.connections import open_redis
from shared.delivery.delays import Delays
from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item, read
from shared.delivery.outbox import Outbox
from shared.delivery.quarantine import Quarantine
from shared.delivery.step import Body, Step
from shared.delivery.surroundings import Surroundings
from shared.delivery.timing import timing
from shared.domain.base import Model
from shared.logs import logger
from shared.pipeline import STAGES, Stage
from shared.worker import drain

log = logger(__name__)

In = TypeVar("In", bound=Model)
Out = TypeVar("Out", bound=Model | None)


def step(stage: Stage) -> Callable[[Callable[[In], Out]], Callable[[In], Out]]:
    """Make a function of one article the body of `stage`."""

    def register(body: Callable[[In], Out]) -> Callable[[In], Out]:
        def each(inputs: Sequence[In]) -> list[Out]:
            return [body(one) for one in inputs]

        _register(stage, each, together=False)
        return body

    return register


def batch_step(
    stage: Stage,
) -> Callable[[Callable[[Sequence[In]], Sequence[Out]]], Callable[[Sequence[In]], Sequence[Out]]]:
    """Make a function of several articles the body of `stage`. It does them all, or raises and is safe to repeat."""

    def register(body: Callable[[Sequence[In]], Sequence[Out]]) -> Callable[[Sequence[In]], Sequence[Out]]:
        _register(stage, body, together=True)
        return body

    return register


def _register(stage: Stage, body: Body, *, together: bool) -> None:
    @cache
    def policy() -> Step:
        return Step(stage, body, _surroundings(), together=together)

    def deliver(_: Task, message: object) -> None:
        try:
            with _outbox().busy():
                policy().deliver(message)
        except Exception as error:
            traceback.clear_frames(error.__traceback__)  # after a MemoryError they hold what was too much
            # Redis is away, or the policy itself failed: the message must stay. A pause, so that it does not spin.
            log.exception("not_delivered")
            try:
                time.sleep(1)
            finally:  # also when the time limit strikes in here
                raise Reject(str(error), requeue=True) from error

    # its time limits are in the configuration (shared/broker.py): the environment is not read at import
    # What killed its process is retried by Celery: at once, not after its three minutes in the memory of a worker, and
    # without an end, since after its third time it would be acknowledged. The ledger counts.
    broker.app.task(deliver, name=stage.name, bind=True, acks_late=True, max_retries=None, default_retry_delay=1)


@drain.on_give_up
def _forget_begun(held: Sequence[drain.Held]) -> None:
    """Note that what a worker gives back when it stops has not ended with its death."""
    for one in held:
        if one.task in STAGES:
            items = [item for item in read(*one.arguments[:1]) if isinstance(item, Item)]
            ids, runs = [item.submission.id for item in items], [item.run for item in items]
            _surroundings().ledger.end(ids, STAGES[one.task], runs=runs)


@cache
def _surroundings() -> Surroundings:
    redis = open_redis()
    return Surroundings(
        ledger=Ledger(redis),
        quarantine=Quarantine(redis),
        send=_outbox().send,
        put_off=Delays(redis).put,
        timing=timing(),
        stopping=drain.stopping,
    )


@cache
def _outbox() -> Outbox[Any]:
    return Outbox(broker.send)
