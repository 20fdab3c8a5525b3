"""The quarantine: what failed for good, why, and the way back or out."""

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, HTTPException, Query
from kombu.exceptions import OperationalError
from pydantic import Field, ValidationError, model_validator

from services.api import problems
from services.api.dependencies import Behind, Identifier, Services, need_room, needed
from shared.delivery.messages import Item, read
from shared.delivery.quarantine import Quarantine, Specimen
from shared.domain.base import Model, UtcDatetime
from shared.logs import logger
from shared.pipeline import STAGES, Stage

log = logger(__name__)
router = APIRouter(prefix="/v1/quarantine", tags=["quarantine"])

#: Most messages that one request sends back, and most ids that it may name.
MOST = 1000
#: Longest error in a list; the whole of it stands with the message itself.
ERROR_CHARS = 300

Ids = Annotated[tuple[str, ...], Field(min_length=1, max_length=MOST)]
End = Literal["sent", "unreadable", "still_open", "not_found"]


class Lying(Model):
    """What lies in the quarantine of one step."""

    count: int = Field(description="Messages.")
    oldest_failed_at: UtcDatetime | None = Field(description="When the first of them failed for good.")
    newest_failed_at: UtcDatetime | None = Field(description="When the last of them failed for good.")


class Overview(Model):
    """What lies in quarantine."""

    steps: dict[str, Lying]


class Row(Model):
    """One message in a list: without its traceback and what it carries."""

    id: str
    submission_id: str | None = Field(description="Whose journey it was; null when the message cannot be read.")
    url: str | None = Field(description="The URL of that submission, where the message can be read.")
    error: str = Field(description=f"Class and text of the error, its first {ERROR_CHARS} characters.")
    attempts: int = Field(description="Deliveries that ended in Transient before.")
    host: str
    version: str = Field(description="Version of Tocsin that failed.")
    first_failed_at: UtcDatetime
    failed_at: UtcDatetime


class Rows(Model):
    """Some of the messages in the quarantine of a step."""

    total: int
    rows: tuple[Row, ...] = Field(description="The oldest first.")


class RetryRequest(Model):
    """What to send back."""

    max_: int = Field(default=100, ge=1, le=MOST, alias="max", description="Most messages sent; not used with ids.")
    ids: Ids | None = Field(default=None, description="Only these; null: the oldest.")


class Retried(Model):
    """What became of the messages that were to be sent back. What was not sent stays in quarantine."""

    sent: int = Field(description="In flight again, their counts at zero.")
    unreadable: int = Field(description="Cannot be read by this version either.")
    still_open: int = Field(description="The outcome of their failure is not on record yet: try again in a moment.")
    not_found: int = Field(description="Asked for by an id that is not in quarantine.")
    remaining: int = Field(description="Messages in the quarantine of this step now.")


class DropRequest(Model):
    """What to delete: either some ids, or all that there is."""

    ids: Ids | None = None
    all: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.ids is None) != self.all:
            raise ValueError("either ids, or all: true")
        return self


class Dropped(Model):
    """What was deleted. How those submissions ended stays on record."""

    dropped: int
    not_found: int
    remaining: int = Field(description="Messages in the quarantine of this step now.")


@router.get("")
def overview(behind: Behind) -> Overview:
    """Count what lies in quarantine, by step."""
    with needed():
        return Overview(steps={stage.name: _lying(stage, behind) for stage in STAGES.values()})


def _lying(stage: Stage, behind: Services) -> Lying:
    with behind.redis.pipeline(transaction=True) as pipe:
        pipe.zcard(stage.quarantine)
        for end in (0, -1):
            pipe.zrange(stage.quarantine, end, end, withscores=True)
        count, *ends = pipe.execute()
    oldest, newest = (datetime.fromtimestamp(found[0][1], UTC) if found else None for found in ends)
    return Lying(count=count, oldest_failed_at=oldest, newest_failed_at=newest)


@router.get("/{step}", responses=problems.described(404))
def listing(step: str, behind: Behind, limit: Annotated[int, Query(ge=1, le=MOST)] = 20) -> Rows:
    """List the oldest messages in the quarantine of a step, a short row for each."""
    stage, quarantine = _stage(step), Quarantine(behind.redis)
    with needed():
        rows = [_row(specimen) for specimen in quarantine.list(stage, limit=limit)]
        return Rows(total=quarantine.count(stage), rows=tuple(rows))


def _row(specimen: Specimen) -> Row:
    known = specimen.model_dump(include=set(Row.model_fields) - {"url", "error"})
    urls = [item.submission.url for item in read(specimen.message) if isinstance(item, Item)]
    return Row(**known, url=urls[0] if urls else None, error=specimen.error[:ERROR_CHARS])


@router.get("/{step}/{specimen_id}", responses=problems.described(404))
def specimen(step: str, specimen_id: Identifier, behind: Behind) -> Specimen:
    """Read one message in full: the error, its traceback and the rest of the journey."""
    with needed():
        found = Quarantine(behind.redis).find(_stage(step), specimen_id)
    if found is None:
        raise HTTPException(404, "No such message in the quarantine of this step.")
    return found


@router.post("/{step}/retry", responses=problems.described(404, 429))
def retry(step: str, behind: Behind, request: RetryRequest | None = None) -> Retried:
    """Send messages back to their step: those named, or the oldest.

    Only what lies in quarantine when the request begins, and each at most once: what fails again comes back and stays.
    Refused like a submission (429) while nothing more is taken in: it adds to the same load.
    """
    stage, quarantine = _stage(step), Quarantine(behind.redis)
    request = request or RetryRequest()
    ends: Counter[End] = Counter()
    with needed():
        need_room(behind)
        for specimen_id in dict.fromkeys(request.ids or quarantine.ids(stage)):
            if request.ids is None and ends["sent"] >= request.max_:
                break
            ends[_retried(specimen_id, stage, quarantine, behind)] += 1
        remaining = quarantine.count(stage)
    log.info("quarantine_retried", step=stage.name, sent=ends["sent"], remaining=remaining)
    return Retried(
        sent=ends["sent"],
        unreadable=ends["unreadable"],
        still_open=ends["still_open"],
        not_found=ends["not_found"],
        remaining=remaining,
    )


def _retried(specimen_id: str, stage: Stage, quarantine: Quarantine, behind: Services) -> End:
    found = quarantine.find(stage, specimen_id)
    if found is None:
        return "not_found"
    # the outcome that is still on its way would end the journey that begins now
    if found.submission_id and _in_flight(found.submission_id, behind):
        return "still_open"
    try:
        return "sent" if quarantine.retry(stage, [found], behind.ledger, behind.send) else "unreadable"
    except OperationalError:
        log.warning("not_sent_yet", submission=found.submission_id)  # in the ledger again: the reconciler sends it
        return "sent"


def _in_flight(submission_id: str, behind: Services) -> bool:
    try:
        return behind.ledger.find(submission_id) is not None
    except ValidationError:  # written by another version, but there
        return True


@router.post("/{step}/drop", responses=problems.described(404))
def drop(step: str, request: DropRequest, behind: Behind) -> Dropped:
    """Delete messages for good: those named, or all. Their submissions stay on record as quarantined."""
    stage, quarantine = _stage(step), Quarantine(behind.redis)
    with needed():
        ids = list(dict.fromkeys(request.ids)) if request.ids else quarantine.ids(stage)
        dropped = sum(quarantine.drop(stage, ids[start : start + MOST]) for start in range(0, len(ids), MOST))
        remaining = quarantine.count(stage)
    log.info("quarantine_dropped", step=stage.name, dropped=dropped)
    return Dropped(dropped=dropped, not_found=len(ids) - dropped, remaining=remaining)


def _stage(step: str) -> Stage:
    if step not in STAGES:
        raise HTTPException(404, "No such step.")
    return STAGES[step]
