"""What operators ask: is it well, what waits, does the sum hold."""

import time
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import Field

from services.api.dependencies import Behind, Services, needed
from shared.domain.base import Model, UtcDatetime
from shared.domain.outcome import Status
from shared.errors import Unavailable
from shared.pipeline import STAGES
from shared.quarantine import Quarantine, Specimen

router = APIRouter(prefix="/v1", tags=["operations"])

#: Most ids in one condition: Elasticsearch takes 65,536.
CHUNK = 50_000


class Health(Model):
    """Whether the servers behind the API answer."""

    redis: bool
    elasticsearch: bool


class Queues(Model):
    """What waits at each step."""

    queues: dict[str, int] = Field(description="Messages waiting, by queue.")
    quarantine: dict[str, int] = Field(description="Messages in quarantine, by step.")
    in_flight: int = Field(description="Submissions without an outcome yet.")


class Audit(Model):
    """The sum that must hold: accepted = indexed + discarded + quarantined + in flight."""

    accepted: int
    indexed: int
    discarded: int
    quarantined: int
    in_flight: int
    balance: int = Field(description="accepted less all others. 0: nothing lost, nothing twice.")
    oldest_in_flight_s: float | None = Field(description="Seconds since the stillest of those in flight moved.")
    at: UtcDatetime


@router.get("/health")
def health(behind: Behind, response: Response) -> Health:
    """Answer 200 when both servers answer, else 503. Submissions need Redis alone."""
    # a short patience: this is asked every few seconds, and must not pile up while a node hangs
    impatient = behind.elasticsearch.options(request_timeout=3)
    state = Health(redis=_answers(behind.redis.ping), elasticsearch=_answers(impatient.info))
    response.status_code = 200 if state.redis and state.elasticsearch else 503
    return state


def _answers(ask: object) -> bool:
    try:
        with needed():
            return bool(ask())  # type: ignore[operator]
    except Unavailable:
        return False


@router.get("/queues")
def queues(behind: Behind) -> Queues:
    """Count what waits in the queues, lies in quarantine and is in flight."""
    names = sorted({stage.queue for stage in STAGES.values()})
    with needed():
        return Queues(
            queues={name: int(behind.redis.llen(name)) for name in names},
            quarantine={stage.name: int(behind.redis.llen(stage.quarantine)) for stage in STAGES.values()},
            in_flight=len(behind.ledger.snapshot().in_flight),
        )


@router.get("/quarantine/{step}")
def quarantine(step: str, behind: Behind, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[Specimen]:
    """Read the oldest messages in the quarantine of a step: the error, its traceback and the rest of the journey."""
    if step not in STAGES:
        raise HTTPException(404, "No such step.")
    with needed():
        return Quarantine(behind.redis).list(STAGES[step], limit=limit)


@router.get("/audit")
def audit(behind: Behind) -> Audit:
    """Count every submission ever accepted by how it ended."""
    with needed():
        at = datetime.now(UTC)
        ledger = behind.ledger.snapshot()
        behind.elasticsearch.indices.refresh(index=behind.alias("outcomes"), ignore_unavailable=True)
        ended, recorded = _outcomes(behind, at, sorted(ledger.in_flight))
    counts = {status: ended.get(status, 0) for status in Status}
    in_flight = len(ledger.in_flight) - recorded
    oldest = min(ledger.in_flight.values(), default=None) if in_flight else None
    return Audit(
        accepted=ledger.accepted,
        **{str(status): count for status, count in counts.items()},
        in_flight=in_flight,
        balance=ledger.accepted - sum(counts.values()) - in_flight,
        oldest_in_flight_s=None if oldest is None else round(max(0.0, time.time() - oldest), 1),
        at=at,
    )


def _outcomes(behind: Services, at: datetime, in_flight: list[str]) -> tuple[dict[str, int], int]:
    """Return the outcomes of what was accepted by `at`, and how many are of submissions still in the ledger.

    Outcomes are read after the ledger, so some may have come between: those count as ended, not as in flight. Both
    numbers are of one search, hence of one moment of the index.
    """
    chunks = [in_flight[start : start + CHUNK] for start in range(0, len(in_flight), CHUNK)]
    answer = behind.elasticsearch.search(
        index=behind.alias("outcomes"),
        ignore_unavailable=True,
        size=0,
        query={"range": {"accepted_at": {"lte": at.isoformat()}}},
        aggregations={
            "status": {"terms": {"field": "status"}},
            **{f"open{n}": {"filter": {"terms": {"submission_id": chunk}}} for n, chunk in enumerate(chunks)},
        },
    )
    found = answer.get("aggregations", {})
    ended = {bucket["key"]: bucket["doc_count"] for bucket in found.get("status", {}).get("buckets", [])}
    return ended, sum(found[f"open{n}"]["doc_count"] for n in range(len(chunks)) if f"open{n}" in found)
