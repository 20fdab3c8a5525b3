"""What operators ask first: is it well, what waits."""

from collections.abc import Callable

from fastapi import APIRouter, Response
from pydantic import Field

from services.api.dependencies import Behind, needed
from shared.delivery.delays import Delays
from shared.delivery.pressure import Pressure
from shared.delivery.quarantine import Quarantine
from shared.domain.base import Model
from shared.errors import Unavailable
from shared.pipeline import STAGES
from shared.worker import canary

router = APIRouter(prefix="/v1", tags=["operations"])


class Alive(Model):
    """The API answers."""

    alive: bool = True


class Health(Model):
    """Whether the servers behind the API answer, and when a worker of each queue last did."""

    redis: bool
    elasticsearch: bool
    workers: dict[str, float | None] = Field(
        description="Seconds since a worker of each queue last took a canary; null: none did for a day."
    )
    silent: tuple[str, ...] = Field(description="Queues that no worker reads which is well. They decide nothing here.")


class Queues(Model):
    """What waits at each step."""

    queues: dict[str, int] = Field(description="Messages waiting, by queue; one may carry up to 16 articles.")
    delayed: int = Field(description="Articles that were put off and wait to be tried again.")
    quarantine: dict[str, int] = Field(description="Messages in quarantine, by step.")
    in_flight: int = Field(description="Submissions without an outcome yet.")
    pressure: Pressure | None = Field(description="Why nothing more is taken in; null while there is room.")


@router.get("/health/live")
async def live() -> Alive:  # async: it needs none of the threads in which others may hang
    """Answer 200 as long as this process answers, whatever is behind it. For liveness probes."""
    return Alive()


@router.get("/health", responses={503: {"description": "A server is away: which one.", "model": Health}})
def health(behind: Behind, response: Response) -> Health:
    """Answer 200 when both servers answer, else 503. For readiness probes; submissions need Redis alone."""
    # a short patience: this is asked every few seconds, and must not pile up while a node hangs
    impatient = behind.elasticsearch.options(request_timeout=3)
    redis = _answers(behind.redis.ping)
    workers: dict[str, float | None] = {}
    if redis:
        _answers(lambda: workers.update(canary.alive(behind.redis)))
    state = Health(
        redis=redis,
        elasticsearch=_answers(impatient.info),
        workers={queue: None if since_s is None else round(since_s, 1) for queue, since_s in workers.items()},
        silent=tuple(canary.silent(workers)),
    )
    response.status_code = 200 if state.redis and state.elasticsearch else 503
    return state


def _answers(ask: Callable[[], object]) -> bool:
    try:
        with needed():
            ask()
    except Unavailable:
        return False
    return True


@router.get("/queues")
def queues(behind: Behind) -> Queues:
    """Count what waits in the queues, was put off, lies in quarantine and is in flight."""
    quarantine = Quarantine(behind.redis)
    with needed():
        return Queues(
            queues={queue: canary.waiting(behind.redis, queue) for queue in canary.QUEUES},
            delayed=Delays(behind.redis).count(),
            quarantine={stage.name: quarantine.count(stage) for stage in STAGES.values()},
            in_flight=behind.ledger.in_flight(),
            pressure=behind.pressure(),
        )
