"""The hook: submit a URL, ask where it is."""

from typing import Annotated, Literal

from elasticsearch import NotFoundError
from fastapi import APIRouter, HTTPException, Response
from kombu.exceptions import OperationalError
from pydantic import AfterValidator, Field, HttpUrl, StringConstraints

from services.api import problems
from services.api.dependencies import Behind, Identifier, Services, need_room, needed
from shared import traces
from shared.delivery.messages import Item
from shared.documents import from_document
from shared.domain.base import Model, UtcDatetime
from shared.domain.outcome import Outcome, Status
from shared.domain.submission import Submission
from shared.errors import Reason
from shared.logs import logger
from shared.pipeline import FETCH

log = logger(__name__)
router = APIRouter(prefix="/v1/submissions", tags=["submissions"])


def _without_password(url: HttpUrl) -> HttpUrl:
    if url.username or url.password:
        raise ValueError("a URL with a user name or password in it is not fetched")
    return url


class SubmissionRequest(Model):
    """A URL to be read."""

    url: Annotated[HttpUrl, AfterValidator(_without_password)] = Field(description="An http or https URL.")
    source: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,32}$")] = Field(
        default="hook", description="Who asks: a short word, kept with the outcome."
    )
    labels: tuple[Annotated[str, StringConstraints(min_length=1, max_length=64)], ...] = Field(
        default=(), max_length=16, description="Free words, kept with the outcome."
    )


class SubmissionState(Model):
    """Where a submission is, or how it ended."""

    id: str
    url: str
    status: Literal["in_flight"] | Status
    source: str = Field(description="Who asked.")
    labels: tuple[str, ...] = Field(description="The words that came with it.")
    step: str = Field(description="The step it is at, or ended at.")
    reason: Reason | None = Field(default=None, description="Why it was discarded.")
    detail: str | None = Field(default=None, description="More about the reason or the error.")
    article_id: str | None = None
    incident_ids: tuple[str, ...] = ()
    accepted_at: UtcDatetime
    ended_at: UtcDatetime | None = None


@router.post("", status_code=202, responses=problems.described(429))
def submit(request: SubmissionRequest, behind: Behind, response: Response) -> SubmissionState:
    """Accept a URL. From here on it is followed to exactly one outcome, whatever fails meanwhile.

    429: there is no room for more right now, and nothing was accepted; `Retry-After` says when to try again.
    """
    submission = Submission.accept(str(request.url), source=request.source, labels=request.labels)
    with needed():
        need_room(behind)
        behind.ledger.accept(submission)
    with traces.submitting(submission.id):
        try:
            behind.send(FETCH, [Item.of(submission, submission)])
        except OperationalError:
            # it stands in the ledger, so it is accepted: the reconciler will send it
            log.warning("not_sent_yet", submission=submission.id)
    log.info("accepted", submission=submission.id, source=submission.source)
    response.headers["Location"] = f"/v1/submissions/{submission.id}"
    return _open(submission, FETCH.name)


@router.get("/{submission_id}", responses=problems.described(404))
def find(submission_id: Identifier, behind: Behind) -> SubmissionState:
    """Tell where a submission is, or how it ended. One that was sent back out of quarantine is in flight again."""
    with needed():
        entry = behind.ledger.find(submission_id)
        if entry is not None:
            return _open(entry.submission, entry.step)
        outcome = _outcome(submission_id, behind)
    if outcome is None:
        raise HTTPException(404, "No such submission.")
    return SubmissionState(
        id=outcome.submission_id, **outcome.model_dump(include=set(SubmissionState.model_fields) - {"id"})
    )


def _open(submission: Submission, step: str) -> SubmissionState:
    known = submission.model_dump(include={"id", "url", "source", "labels", "accepted_at"})
    return SubmissionState(**known, status="in_flight", step=step)


def _outcome(submission_id: str, behind: Services) -> Outcome | None:
    try:
        found = behind.elasticsearch.get(index=behind.alias("outcomes"), id=submission_id)
    except NotFoundError:
        return None
    return from_document(Outcome, found["_source"])
