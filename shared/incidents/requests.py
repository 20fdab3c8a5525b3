"""What people may ask for, and the decision that it comes to in the situation it meets. Pure.

DecisionError          the request cannot be met; the text is one sentence for the person who asked
├── NotFound           there is no such incident or decision
├── NotPossible        the incident does not allow it as it stands
├── NotValid           the request contradicts itself or the incident
└── Stale              the incident has changed since it was looked at; carries both versions
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from shared.domain.base import Model
from shared.domain.decision import EDITABLE, WHO_CHARS, WHY_CHARS, Decision, DecisionKind, Edit, Move
from shared.domain.incident import Incident, IncidentStatus, Report, incident_id
from shared.errors import TocsinError
from shared.incidents.overlay import standing
from shared.incidents.recognition import bare
from shared.incidents.situation import Situation

#: Most decisions about one incident, undos beside them: whoever files or decides reads all of them.
MOST_DECISIONS = 1000
#: Most reports that one split takes along.
MOST_REPORTS = 1000

Number = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Who = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=WHO_CHARS)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=WHY_CHARS)]


class DecisionError(TocsinError):
    """A request that cannot be met."""


class NotFound(DecisionError):
    """There is no such incident or decision."""


class NotPossible(DecisionError):
    """The incident does not allow it as it stands."""


class NotValid(DecisionError):
    """The request contradicts itself or the incident."""


class Stale(DecisionError):
    """The incident has changed since it was looked at.

    `stored` is how it stands, `yours` how it would stand with what was asked for; None where that is possible no more.
    """

    def __init__(self, stored: Incident, yours: Incident | None) -> None:
        super().__init__(f"{stored.id} has changed since you looked at it: it is at revision {stored.revision}.")
        self.stored = stored
        self.yours = yours


class Request(Model):
    """Who asks for something, and why."""

    who: Who = Field(description="Who decides: a name or an account.")
    why: Why = Field(description="Why, in words that others will understand later.")
    revision: int | None = Field(default=None, ge=1, description="The revision looked at; or `If-Match` says it.")

    @property
    def others(self) -> tuple[str, ...]:
        """The other incidents that it names."""
        return ()

    @property
    def article_ids(self) -> set[str]:
        """The articles whose reports it names."""
        return set()


class Merge(Request):
    """This incident and another are one happening."""

    into: Number = Field(description="The incident that stands for both from now on.")
    into_revision: int | None = Field(default=None, ge=1, description="The revision looked at of that one.")

    @property
    def others(self) -> tuple[str, ...]:
        """The incident that is to stand for both."""
        return (self.into,)


class Split(Request):
    """Some reports tell another happening, which is founded."""

    reports: Annotated[tuple[Number, ...], Field(min_length=1, max_length=MOST_REPORTS)] = Field(
        description="Ids of the reports that leave: `report_id` of the sources."
    )

    @property
    def article_ids(self) -> set[str]:
        """The articles whose reports leave."""
        return {one.rpartition("-")[0] for one in self.reports}


class MoveTo(Request):
    """One report tells another incident that is there."""

    report: Number = Field(description="Its id: `report_id` of the source.")
    to: Number = Field(description="The incident that it tells.")
    to_revision: int | None = Field(default=None, ge=1, description="The revision looked at of that one.")

    @property
    def others(self) -> tuple[str, ...]:
        """The incident that it moves to."""
        return (self.to,)

    @property
    def article_ids(self) -> set[str]:
        """The article whose report moves."""
        return {self.report.rpartition("-")[0]}


class EditTo(Request):
    """Fields of the incident are as this says, whatever the sources say."""

    fields: Edit

    @model_validator(mode="after")
    def _something(self) -> "EditTo":
        if not self.fields.given:
            raise ValueError("no field is given")
        return self


class Undo(Request):
    """A decision never was."""

    decision: Number = Field(description="Its id: see the history.")


def draft(kind: DecisionKind, number: str, request: Request, found: Situation, now: datetime) -> Decision:
    """Return the decision that a request comes to.

    Args:
        kind: what is asked for.
        number: the incident that it is asked of.
        request: the request, of the class that belongs to the kind.
        found: the situation of that incident and of all that the request names.
        now: the time, UTC.

    Raises:
        NotFound, NotPossible, NotValid: see the classes.
    """
    known = {one: held.incident for one, held in found.held.items()}
    for one in (number, *request.others):
        if one not in known:
            raise NotFound(f"There is no incident {one}.")
    latest = max((one.at for one in found.decisions), default=now)
    at = max(now, latest + timedelta(microseconds=1)) if found.decisions else now
    values: dict[str, Any] = {
        "id": uuid.uuid4().hex,
        "kind": kind,
        "incident_ids": (number, *request.others),
        "who": request.who,
        "why": request.why,
        "at": at,
    }
    if isinstance(request, Undo):
        return Decision(**(values | _undone(number, request, found)))
    for one in (number, *request.others):
        if sum(one in said.incident_ids and said.undoes is None for said in found.decisions) >= MOST_DECISIONS:
            raise NotPossible(
                f"{one} has had {MOST_DECISIONS:,} decisions, which is all it may have; undo one instead."
            )
    if kind is not DecisionKind.UNLOCK:
        for one in (number, *request.others):
            _need_open(known[one], retracted=kind is DecisionKind.LOCK)
    return Decision(**(values | _said(kind, known[number], request, found, values["id"])))


def _said(
    kind: DecisionKind, incident: Incident, request: Request, found: Situation, identifier: str
) -> dict[str, Any]:
    """Return what a decision says beyond who, why and when."""
    if isinstance(request, Merge):
        if request.into == incident.id:
            raise NotValid("An incident cannot be merged into itself.")
        return {"into": request.into}
    if isinstance(request, Split):
        return _split(incident, request, found, identifier)
    if isinstance(request, MoveTo):
        if request.to == incident.id:
            raise NotValid("The report is there already.")
        return _moved(incident, [request.report], request.to, found)
    shown = incident.model_dump(mode="json")
    if isinstance(request, EditTo):
        given = request.fields.given
        return {"fields": given, "before": {name: shown[name] for name in given}}
    if kind is DecisionKind.LOCK:
        return {"fields": {name: shown[name] for name in EDITABLE}}
    if kind is DecisionKind.UNLOCK and not incident.locked:
        raise NotPossible(f"{incident.id} is not locked.")
    return {}


def _need_open(incident: Incident, *, retracted: bool) -> None:
    number = incident.id
    if incident.status is IncidentStatus.MERGED:
        raise NotPossible(f"{number} was merged into {incident.merged_into}: decide about that one, or undo the merge.")
    if incident.status is IncidentStatus.WITHDRAWN:
        raise NotPossible(f"{number} is withdrawn: no report of it is left.")
    if incident.locked:
        raise NotPossible(f"{number} is locked: unlock it first.")
    if incident.status is IncidentStatus.RETRACTED and not retracted:
        raise NotPossible(f"{number} is retracted: undo that first.")


def _split(incident: Incident, request: Split, found: Situation, identifier: str) -> dict[str, Any]:
    new = incident_id(f"decision {identifier}")
    return {**_moved(incident, request.reports, new, found), "incident_ids": (incident.id, new)}


def _moved(incident: Incident, report_ids: Sequence[str], to: str, found: Situation) -> dict[str, Any]:
    members = {report.id: report for report in found.members(incident.id)}
    wanted = list(dict.fromkeys(report_ids))
    strangers = [one for one in wanted if one not in members]
    if strangers:
        raise NotValid(f"No report of {incident.id}: {', '.join(strangers[:10])}.")
    if len(wanted) == len(members):
        raise NotValid(f"That is all that tells {incident.id}: its number has to keep a report. Merge it instead.")
    going = [members[one] for one in wanted]
    return {
        "moves": tuple(_move(report, going, to, found) for report in going),
        "article_ids": tuple(sorted({report.article_id for report in going})),
    }


def _move(report: Report, going: Sequence[Report], to: str, found: Situation) -> Move:
    leaving = {one.id for one in going}
    return Move(
        article_id=report.article_id,
        position=report.position,
        fingerprint=report.fingerprint,
        event=bare(report.event),
        beside=tuple(
            bare(one.event) for one in found.reports if one.article_id == report.article_id and one.id not in leaving
        ),
        from_=report.by_model,
        to=to,
    )


def undo_id(decision_id: str) -> str:
    """Return the id of what undoes a decision: there is one at most."""
    return f"{decision_id}-undo"


def _undone(number: str, request: Undo, found: Situation) -> dict[str, Any]:
    named = [one for one in found.decisions if one.id == request.decision and number in one.incident_ids]
    if not named:
        raise NotFound(f"There is no decision {request.decision} about {number}.")
    (wanted,) = named
    if wanted.kind is DecisionKind.UNDO:
        raise NotPossible("An undo is not undone: decide anew what it set aside.")
    if wanted not in standing(found.decisions):
        raise NotPossible("That decision is undone already.")
    others = [one for one in wanted.incident_ids if one != number]
    return {
        "id": undo_id(wanted.id),  # two people at once undo it once
        "incident_ids": (number, *others),
        "article_ids": wanted.article_ids,
        "undoes": wanted.id,
    }
