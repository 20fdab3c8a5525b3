"""What people decide about incidents: merge, split, move, edit, retract, lock, unlock, undo; and its history."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from services.api import problems
from services.api.dependencies import Behind, Identifier, Services, needed
from shared.delivery.timing import timing
from shared.domain.base import Model
from shared.domain.decision import Decision, DecisionKind
from shared.domain.incident import Incident
from shared.errors import Transient, Unavailable
from shared.incidents import requests
from shared.incidents.deciding import Decider, history
from shared.incidents.fold import fold
from shared.incidents.locks import redis_locks
from shared.logs import logger
from shared.search.paging import DEEPEST, MOST

log = logger(__name__)
router = APIRouter(prefix="/v1/incidents", tags=["curation"])

#: Seconds for which a request waits for the indexers to let go of its incidents.
PATIENCE_S = 10.0

_STATUS = {requests.NotFound: 404, requests.NotPossible: 409, requests.NotValid: 422}
_RESPONSES = problems.described(404, 409, 428)

Match = Annotated[str | None, Header(description='The revision looked at, as the ETag gives it: `"3"`.', max_length=64)]


class Done(Model):
    """A decision, and what it made of the incidents."""

    decision: Decision
    incidents: tuple[Incident, ...] = Field(description="As they are now: those it is about, and those tied to them.")


class Past(Model):
    """A decision in the history of an incident."""

    decision: Decision
    stands: bool = Field(description="Whether it holds: false for what was undone, and for an undo.")


class History(Model):
    """What people decided about an incident, and what its sources say by themselves."""

    incident: Incident
    told: Incident | None = Field(description="The incident as its reports alone tell it; null where none is left.")
    total: int = Field(description="How many decisions there are.")
    decisions: tuple[Past, ...] = Field(description="Those asked for, the oldest first.")


@router.get("/{incident_id}/history", responses=problems.described(404))
def past(
    incident_id: Identifier,
    behind: Behind,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
    offset: Annotated[int, Query(ge=0, le=DEEPEST - MOST)] = 0,
) -> History:
    """Read the decisions about an incident page by page, also those undone, and what its sources say without them."""
    with _answered():
        found = history(incident_id, behind.store(), limit=limit, offset=offset)
    told = fold(incident_id, found.members) if found.members else None
    return History(
        incident=found.incident,
        told=told and told.model_copy(update={"revision": found.incident.revision}),
        total=found.total,
        decisions=tuple(Past(decision=one, stands=one.id in found.standing) for one in found.decisions),
    )


@router.post("/{incident_id}/merge", responses=_RESPONSES)
def merge(incident_id: Identifier, request: requests.Merge, behind: Behind, if_match: Match = None) -> Done:
    """Say that this incident is another one. Its number leads there from now on."""
    return _decided(DecisionKind.MERGE, incident_id, request, behind, if_match)


@router.post("/{incident_id}/split", responses=_RESPONSES)
def split(incident_id: Identifier, request: requests.Split, behind: Behind, if_match: Match = None) -> Done:
    """Say that some reports tell another happening. It gets a new number; what stays keeps this one."""
    return _decided(DecisionKind.SPLIT, incident_id, request, behind, if_match)


@router.post("/{incident_id}/move", responses=_RESPONSES)
def move(incident_id: Identifier, request: requests.MoveTo, behind: Behind, if_match: Match = None) -> Done:
    """Say that a report tells another incident."""
    return _decided(DecisionKind.MOVE, incident_id, request, behind, if_match)


@router.post("/{incident_id}/edit", responses=_RESPONSES)
def edit(incident_id: Identifier, request: requests.EditTo, behind: Behind, if_match: Match = None) -> Done:
    """Set fields, whatever the sources say now or later."""
    return _decided(DecisionKind.EDIT, incident_id, request, behind, if_match)


@router.post("/{incident_id}/retract", responses=_RESPONSES)
def retract(incident_id: Identifier, request: requests.Request, behind: Behind, if_match: Match = None) -> Done:
    """Say that this is no incident. It stays so, also when more is reported."""
    return _decided(DecisionKind.RETRACT, incident_id, request, behind, if_match)


@router.post("/{incident_id}/lock", responses=_RESPONSES)
def lock(incident_id: Identifier, request: requests.Request, behind: Behind, if_match: Match = None) -> Done:
    """Keep all fields as they are now. Sources are still added and counted."""
    return _decided(DecisionKind.LOCK, incident_id, request, behind, if_match)


@router.post("/{incident_id}/unlock", responses=_RESPONSES)
def unlock(incident_id: Identifier, request: requests.Request, behind: Behind, if_match: Match = None) -> Done:
    """Let the fields follow the sources again, but for those that were edited."""
    return _decided(DecisionKind.UNLOCK, incident_id, request, behind, if_match)


@router.post("/{incident_id}/undo", responses=_RESPONSES)
def undo(incident_id: Identifier, request: requests.Undo, behind: Behind, if_match: Match = None) -> Done:
    """Make it as if a decision had never been. It stays in the history."""
    return _decided(DecisionKind.UNDO, incident_id, request, behind, if_match)


def _decided(
    kind: DecisionKind, incident_id: str, request: requests.Request, behind: Services, if_match: str | None
) -> Done:
    request = request.model_copy(update={"revision": _revision(request, if_match)})
    lease_s = timing().lock_lease_s
    decider = Decider(
        behind.store(),
        redis_locks(behind.redis, lease_s=lease_s, patience_s=min(PATIENCE_S, timing().lock_patience_s)),
    )
    with _answered():
        done = decider.decide(kind, incident_id, request)
    log.info("decided", kind=kind, incident=incident_id, decision=done.decision.id)
    return Done(decision=done.decision, incidents=tuple(done.incidents))


def _revision(request: requests.Request, if_match: str | None) -> int:
    if if_match is not None:
        value = if_match.removeprefix("W/").strip('"')
        if not (value.isascii() and value.isdigit() and int(value) > 0) or request.revision not in (None, int(value)):
            raise HTTPException(422, 'If-Match names no revision, or another than the body: it looks like "3".')
        return int(value)
    if request.revision is None:
        raise HTTPException(428, "Say which revision you looked at: `revision` in the body, or If-Match.")
    return request.revision


@contextmanager
def _answered() -> Iterator[None]:
    """Turn what goes wrong into problem documents."""
    try:
        with needed():
            yield
    except requests.Stale:
        raise
    except requests.DecisionError as error:
        raise HTTPException(_STATUS[type(error)], str(error)) from error
    except Transient as error:
        raise Unavailable(
            f"The decision may not be carried out yet: see the history, or try again. ({error})"
        ) from error


def stale(_: Request, error: Exception) -> Response:
    """Answer 409 with both versions: the incident as it is stored, and as it would be with what was asked for."""
    versions: dict[str, Any] = {}
    if isinstance(error, requests.Stale):
        versions = {"stored": error.stored, "yours": error.yours}
    shown: JSONResponse = problems.problem(409, str(error), **versions)
    return shown
