"""Matches incidents that have changed against every alert, and opens a delivery for each match.

    take notes ─▶ read the incidents ─▶ search them, one multi-search for 200 alerts ─▶ open deliveries ─▶ strike notes

Every step may be repeated: a delivery is named by alert, incident and revision, and is opened once.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from shared.alerts.book import Book
from shared.alerts.log import Log
from shared.domain.alert import Alert, AlertState, Channel, Delivery, DeliveryKind, DeliveryStatus
from shared.domain.incident import Incident
from shared.incidents.answers import Refused
from shared.incidents.changed import Change, Changed
from shared.logs import logger
from shared.search.incidents import IncidentQuery

log = logger(__name__)

#: Seconds after which a revision that was noted and is not there was never written. A write takes seconds; whoever
#: repeats one that failed notes it again.
GRACE_S = 600
#: Seconds until the next look for a revision that is not there yet.
LOOK_S = 2
#: Sources of an incident that are sent; the API has them all.
SOURCES = 5


def match(*, changed: Changed, book: Book, deliveries: Log, public_url: str = "") -> int:
    """Match one batch of changes. Returns how many notes it took: 0 when there is nothing to do.

    What changed twice before it was matched is told once, as it is then. Raises Outage, Transient, WrongVersion and
    what the clients raise: the notes come again when their lease ends.
    """
    taken = changed.take()
    if not taken:
        return 0
    book.fitting()  # what was noted of an upgraded index is for a notifier of its version
    # after the notes: an alert made before a change was noted is among them
    alerts = [one for one in book.all() if one.state is AlertState.ACTIVE]
    stored = book.incidents([one.incident_id for one in taken])
    there = [one for one in taken if one.incident_id in stored and _ripe(one, stored[one.incident_id])]
    early = [one for one in taken if one not in there and one.age_s < GRACE_S]
    if there:
        deliveries.open(_matches(alerts, there, stored, book, public_url))
    changed.again(early, LOOK_S)
    changed.done([one for one in taken if one not in early])
    return len(taken)


def _ripe(change: Change, incident: Incident) -> bool:
    """Return whether an incident is told as it is stored: with the change that was noted, or when that never comes.

    The note of a write that failed has replaced that of the one before it, which nobody may have been told of.
    """
    return incident.revision >= change.revision or change.age_s >= GRACE_S


def _matches(
    alerts: Sequence[Alert], changes: Sequence[Change], stored: Mapping[str, Incident], book: Book, public_url: str
) -> Iterator[Delivery]:
    asked: list[Alert] = []
    searches: list[tuple[dict[str, Any], list[str]]] = []
    for alert in alerts:
        ids = [one.incident_id for one in changes if one.noted_at >= alert.active_since.timestamp()]
        clause = _clause(alert, book) if ids else None
        if clause is not None:
            asked.append(alert)
            searches.append((clause, ids))
    now = datetime.now(UTC)
    for alert, found in zip(asked, book.matches(searches), strict=True):
        if isinstance(found, Refused):
            log.warning("search_refused", alert=alert.id, error=str(found))
            book.disable(alert, "Elasticsearch refuses its search.")
            continue
        for incident_id, revision in found.items():
            # changed since it was read: noted again, and told as it is then
            if revision == stored[incident_id].revision:
                yield delivery(alert, stored[incident_id], now, public_url)


def _clause(alert: Alert, book: Book) -> dict[str, Any] | None:
    try:
        return IncidentQuery.model_validate(alert.query).clause()
    except ValidationError as error:  # saved by another version
        log.warning("search_unreadable", alert=alert.id, error=str(error))
        book.disable(alert, "This version cannot read its search: save it anew.")
        return None


def delivery(alert: Alert, incident: Incident, now: datetime, public_url: str = "") -> Delivery:
    """Return what tells one alert of one revision of an incident. The same three have the same id at any time."""
    name = hashlib.sha256(f"{alert.id}:{incident.id}:{incident.revision}".encode()).hexdigest()[:32]
    told = incident.model_dump(mode="json", exclude={"text", "sources"})
    told["sources"] = [one.model_dump(mode="json") for one in incident.sources[-SOURCES:]]
    tells = alert.channel is not Channel.NONE
    return Delivery(
        id=f"msg_{name}",
        alert_id=alert.id,
        kind=DeliveryKind.MATCH,
        incident_id=incident.id,
        revision=incident.revision,
        status=DeliveryStatus.PENDING if tells else DeliveryStatus.MATCHED,
        created_at=now,
        next_at=now,
        ended_at=None if tells else now,
        payload={
            "type": "incident.matched",
            "timestamp": now.isoformat(),
            "data": {
                "alert": {"id": alert.id, "name": alert.name},
                "incident": told,
                "url": f"{public_url.rstrip('/')}/v1/incidents/{incident.id}" if public_url else None,
            },
        },
    )
