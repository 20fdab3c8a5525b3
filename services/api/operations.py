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
from shared.ledger import Snapshot
from shared.pipeline import STAGES
from shared.quarantine import Quarantine, Specimen

router = APIRouter(prefix="/v1", tags=["operations"])

#: Most ids in one multi-get.
CHUNK = 1000


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
        # Outcomes are read after the ledger, so one that came between is taken off those in flight.
        behind.elasticsearch.indices.refresh(index=behind.alias("outcomes"), ignore_unavailable=True)
        ended = _ended(behind, at)
        open_ids = set(ledger.in_flight) - _recorded(behind, ledger, before=at)
    stillest = min((moment for one, moment in ledger.in_flight.items() if one in open_ids), default=None)
    counts = {status: ended.get(status, 0) for status in Status}
    return Audit(
        accepted=ledger.accepted,
        **{str(status): count for status, count in counts.items()},
        in_flight=len(open_ids),
        balance=ledger.accepted - sum(counts.values()) - len(open_ids),
        oldest_in_flight_s=None if stillest is None else round(max(0.0, time.time() - stillest), 1),
        at=at,
    )


def _ended(behind: Services, at: datetime) -> dict[str, int]:
    answer = behind.elasticsearch.search(
        index=behind.alias("outcomes"),
        ignore_unavailable=True,
        size=0,
        query={"range": {"accepted_at": {"lte": at.isoformat()}}},
        aggregations={"status": {"terms": {"field": "status"}}},
    )
    buckets = answer.get("aggregations", {}).get("status", {}).get("buckets", [])
    return {bucket["key"]: bucket["doc_count"] for bucket in buckets}


def _recorded(behind: Services, ledger: Snapshot, *, before: datetime) -> set[str]:
    """Return those still in the ledger whose outcome is among those counted in the index."""
    ids = sorted(ledger.in_flight)
    recorded = set()
    for start in range(0, len(ids), CHUNK):
        answer = behind.elasticsearch.mget(
            index=behind.alias("outcomes"), ids=ids[start : start + CHUNK], source_includes=["accepted_at"]
        )
        found = (doc for doc in answer["docs"] if doc.get("found"))
        recorded |= {doc["_id"] for doc in found if datetime.fromisoformat(doc["_source"]["accepted_at"]) <= before}
    return recorded
