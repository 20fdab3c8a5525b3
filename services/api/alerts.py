"""Alerts: save a search, say whom to tell, test it, read what was told."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import ValidationError

from services.api import problems
from services.api.alert_models import (
    AlertChange,
    AlertMade,
    AlertRequest,
    Alerts,
    AlertShown,
    Deliveries,
    DeliveryShown,
    EmailRequest,
    NobodyRequest,
    WebhookRequest,
)
from services.api.dependencies import Behind, Identifier, Services, needed
from services.api.exports.routes import ENTRIES, FEED, feed_of
from shared.alerts import secrets
from shared.alerts.book import MOST, Book, Held
from shared.alerts.log import Log
from shared.domain.alert import Alert, AlertState, Channel, Delivery, DeliveryKind, DeliveryStatus
from shared.errors import Transient, Unavailable
from shared.search.incidents import IncidentQuery
from shared.search.paging import answerable

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])

#: Seconds between two tests of one alert.
TEST_EVERY_S = 5
#: Of the query model, what belongs to one page of one answer and not to the search.
PAGING = {"limit", "offset", "sort", "cursor", "facets", "highlight"}


@router.get("")
def listing(behind: Behind) -> Alerts:
    """List every alert."""
    with needed():
        return Alerts(alerts=tuple(_shown(one) for one in _book(behind).all()))


@router.post("", status_code=201, responses=problems.described(409))
def make(request: AlertRequest, behind: Behind) -> AlertMade:
    """Save a search and tell somebody of every incident that matches it and changes from now on."""
    with needed():
        book = _book(behind)
        book.ready()
        if len(book.all()) >= MOST:
            raise HTTPException(409, f"There are {MOST} alerts, and there may be no more.")
        query = _tried(request.query, behind)
        now = _now(behind)
        alert = Alert(
            id=uuid.uuid4().hex,
            name=request.name,
            query=query,
            created_at=now,
            active_since=now,
            **_channel(request.channel),
        )
        book.add(alert)
    return _made(alert)


@router.get("/{alert_id}", responses=problems.described(404))
def read(alert_id: Identifier, behind: Behind) -> AlertShown:
    """Read one alert."""
    with needed():
        return _shown(_held(alert_id, behind).alert)


@router.patch("/{alert_id}", responses=problems.described(404, 409))
def change(alert_id: Identifier, request: AlertChange, behind: Behind) -> AlertMade:
    """Change an alert, disable it, or enable it again: then it tells of what changes from then on."""
    with needed():
        held = _held(alert_id, behind)
        changes: dict[str, Any] = {"name": request.name} if request.name else {}
        if request.query is not None:
            changes["query"] = _tried(request.query, behind)
        if request.channel is not None:
            changes |= {"url": None, "secret": None, "addresses": ()} | _channel(request.channel)
        if request.state is AlertState.DISABLED and held.alert.state is AlertState.ACTIVE:
            changes |= {"state": AlertState.DISABLED, "reason": "A person disabled it."}
        if request.state is AlertState.ACTIVE and held.alert.state is AlertState.DISABLED:
            changes |= {"state": AlertState.ACTIVE, "reason": None, "active_since": _now(behind)}
        alert = held.alert.model_copy(update=changes)
        if not _book(behind).replace(held, alert):
            raise HTTPException(409, "The alert was changed at the same moment; look at it, and try again.")
    return _made(alert if request.channel is not None else alert.model_copy(update={"secret": None}))


@router.delete("/{alert_id}", status_code=204, responses=problems.described(404))
def remove(alert_id: Identifier, behind: Behind) -> None:
    """Delete an alert. What waits for its receiver is dropped."""
    with needed():
        if not _book(behind).remove(alert_id):
            raise HTTPException(404, "No such alert.")


@router.get("/{alert_id}/deliveries", responses=problems.described(404))
def deliveries(
    alert_id: Identifier,
    behind: Behind,
    status: DeliveryStatus | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Deliveries:
    """Read what an alert has matched and how telling it went: the newest, as of a second ago; kept for 30 days."""
    with needed():
        _held(alert_id, behind)
        found = _log(behind).of(alert_id, limit=limit, status=status)
    fields = set(DeliveryShown.model_fields)
    return Deliveries(deliveries=tuple(DeliveryShown(**one.model_dump(include=fields)) for one in found))


@router.get("/{alert_id}/feed", response_class=Response, responses=FEED | problems.described(404, 409))
def feed(
    alert_id: Identifier, request: Request, behind: Behind, limit: Annotated[int, Query(ge=1, le=ENTRIES)] = 50
) -> Response:
    """Follow the search of an alert, also of a disabled one, as an Atom feed: as GET /v1/incidents/feed."""
    with needed():
        saved = _held(alert_id, behind).alert.query
    try:
        query = IncidentQuery.model_validate(saved)
    except ValidationError:
        raise HTTPException(409, "This version cannot read the alert's search: save it anew.") from None
    return feed_of(query, limit, request, behind)


@router.post("/{alert_id}/test", status_code=202, responses=problems.described(404, 409, 429))
def test_alert(alert_id: Identifier, behind: Behind) -> DeliveryShown:
    """Have the notifier send a test, once, also for a disabled alert. The log of deliveries tells how it went."""
    with needed():
        alert = _held(alert_id, behind).alert
        if alert.channel is Channel.NONE:
            raise HTTPException(409, "The alert tells nobody, so there is nothing to test.")
        if not behind.redis.set(f"tocsin:tested:{alert_id}", 1, nx=True, ex=TEST_EVERY_S):
            raise HTTPException(429, "It was tested a moment ago.", headers={"Retry-After": str(TEST_EVERY_S)})
        now = _now(behind)
        delivery = Delivery(
            id=f"msg_{uuid.uuid4().hex}",
            alert_id=alert_id,
            kind=DeliveryKind.TEST,
            incident_id=None,
            revision=None,
            status=DeliveryStatus.PENDING,
            created_at=now,
            next_at=now,
            payload={
                "type": "alert.test",
                "timestamp": now.isoformat(),
                "data": {"alert": {"id": alert.id, "name": alert.name}},
            },
        )
        with _answered():
            _log(behind).open([delivery])
    return DeliveryShown(**delivery.model_dump(include=set(DeliveryShown.model_fields)))


@contextmanager
def _answered() -> Iterator[None]:
    """Turn the verdicts of a bulk into Unavailable, which is answered with 503."""
    try:
        yield
    except Transient as error:
        raise Unavailable("The index is busy; try again.") from error


def _book(behind: Services) -> Book:
    return Book(behind.elasticsearch, behind.index_prefix)


def _log(behind: Services) -> Log:
    return Log(behind.elasticsearch, behind.index_prefix)


def _held(alert_id: str, behind: Services) -> Held:
    held = _book(behind).find(alert_id)
    if held is None:
        raise HTTPException(404, "No such alert.")
    return held


def _now(behind: Services) -> datetime:
    """Return the time by the clock that changes are noted with."""
    seconds, microseconds = behind.redis.time()
    return datetime.fromtimestamp(seconds + microseconds / 1e6, UTC)


def _tried(query: IncidentQuery, behind: Services) -> dict[str, Any]:
    """Return a query as it is saved, after it was asked once: what Elasticsearch refuses is refused now."""
    with answerable():
        behind.elasticsearch.search(
            index=behind.alias("incidents"),
            query={"bool": {"filter": [query.clause()]}},
            size=0,
            track_total_hits=False,
            ignore_unavailable=True,
        )
    return query.model_dump(mode="json", exclude_defaults=True, exclude=PAGING)


def _channel(told: WebhookRequest | EmailRequest | NobodyRequest) -> dict[str, Any]:
    fields: dict[str, Any] = {"channel": Channel(told.type)}
    if isinstance(told, WebhookRequest):
        fields |= {"url": str(told.url), "secret": told.secret or secrets.new()}
    if isinstance(told, EmailRequest):
        fields |= {"addresses": tuple(dict.fromkeys(told.addresses))}
    return fields


def _shown(alert: Alert) -> AlertShown:
    return AlertShown(**alert.model_dump(include=set(AlertShown.model_fields)))


def _made(alert: Alert) -> AlertMade:
    return AlertMade(**alert.model_dump(include=set(AlertMade.model_fields)))
