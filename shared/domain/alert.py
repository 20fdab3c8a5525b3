"""Alerts: saved searches that tell somebody when an incident that matches changes, and the log of what was told."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from shared.domain.base import Model, Stored, UtcDatetime


class AlertState(StrEnum):
    """Whether an alert is matched."""

    ACTIVE = "active"
    DISABLED = "disabled"  #: by a person, or by the notifier after a long failure: the reason says


class Channel(StrEnum):
    """How somebody is told."""

    WEBHOOK = "webhook"
    EMAIL = "email"
    NONE = "none"  #: nobody is: what matched is noted in the log of deliveries, to be read there


class Alert(Model):
    """A saved search, and who is told of the incidents that match it."""

    id: str
    name: str
    query: Annotated[dict[str, Any], Stored()] = Field(description="The parameters of GET /v1/incidents, but paging.")
    channel: Channel
    url: Annotated[str | None, Stored()] = Field(default=None, description="Of the webhook.")
    secret: Annotated[str | None, Stored()] = Field(
        default=None, repr=False, description="Signs what it is sent. Never shown."
    )
    addresses: Annotated[tuple[str, ...], Stored()] = ()
    created_at: UtcDatetime
    active_since: UtcDatetime = Field(description="Made or enabled again: changes before are not told.")
    state: AlertState = AlertState.ACTIVE
    reason: str | None = Field(default=None, description="Why it is disabled.")


class DeliveryStatus(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    DELIVERED = "delivered"
    MATCHED = "matched"  #: noted; the alert tells nobody
    FAILED = "failed"  #: a test that did not arrive, or what the receiver refuses again and again
    DROPPED = "dropped"  #: the alert was deleted before


class DeliveryKind(StrEnum):
    """What is told."""

    MATCH = "match"
    TEST = "test"


class Delivery(Model):
    """One thing to tell one receiver: an incident in one revision, or that a test arrived."""

    id: str = Field(description="The webhook-id: the same at every attempt.")
    alert_id: str
    kind: DeliveryKind
    incident_id: str | None = Field(description="None for a test.")
    revision: int | None = Field(description="Of the incident that is told.")
    status: DeliveryStatus
    created_at: UtcDatetime
    attempts: int = Field(default=0, ge=0)
    next_at: UtcDatetime = Field(description="Not tried before.")
    failing_since: UtcDatetime | None = Field(default=None, description="When it first failed.")
    ended_at: UtcDatetime | None = None
    answer: str | None = Field(default=None, description="What the last attempt met: a status, an error.")
    payload: Annotated[dict[str, Any], Stored()] = Field(description="What is sent, as JSON.")

    def settled(self, status: DeliveryStatus, answer: str, at: datetime) -> "Delivery":
        """Return it as it ended."""
        ended = {"status": status, "answer": answer, "attempts": self.attempts + 1, "ended_at": at}
        return self.model_copy(update=ended)

    def put_off(self, answer: str, at: datetime, until: datetime) -> "Delivery":
        """Return it after an attempt that failed, to be tried again at `until`."""
        failed = {"attempts": self.attempts + 1, "failing_since": self.failing_since or at, "next_at": until}
        return self.model_copy(update=failed | {"answer": answer})
