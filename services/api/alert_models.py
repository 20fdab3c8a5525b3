"""Alerts as they are asked for and shown."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, HttpUrl, StringConstraints, model_validator

from shared.alerts import secrets
from shared.domain.alert import AlertState, Channel, DeliveryKind, DeliveryStatus
from shared.domain.base import Model, UtcDatetime
from shared.search.incidents import IncidentQuery
from shared.settings import settings
from shared.web.addresses import is_public


def _reachable(url: HttpUrl) -> HttpUrl:
    """Refuse what the notifier will never call. Names are looked up when it calls: they may change their mind."""
    if url.username or url.password:
        raise ValueError("a URL with a user name or password in it is not called")
    if _is_private(url.host or "") and f"{url.host}:{url.port}" not in settings().webhook_allow:
        raise ValueError("it leads to an address that is not public")
    return url


def _is_private(host: str) -> bool:
    try:
        return not is_public(host.strip("[]"))
    except ValueError:  # a name
        return False


def _signing(secret: str) -> str:
    secrets.key_of(secret)
    return secret


Url = Annotated[HttpUrl, AfterValidator(_reachable)]
Secret = Annotated[str, AfterValidator(_signing)]
#: Of one line: it stands in the subject of e-mails.
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\p{C}\p{Zl}\p{Zp}]+$")]
#: Without ?, so that none is an encoded word (RFC 2047), which is decoded before it is written.
Address = Annotated[
    str,
    StringConstraints(
        max_length=254, pattern=r"^[A-Za-z0-9.!#$%&'*+/=^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
    ),
]


class WebhookRequest(Model):
    """Have matches posted."""

    type: Literal["webhook"]
    url: Url = Field(description="Is sent each match by POST.")
    secret: Secret | None = Field(default=None, description="whsec_ and 24 to 64 bytes in base64. None: one is made.")


class EmailRequest(Model):
    """Have matches mailed."""

    type: Literal["email"]
    addresses: tuple[Address, ...] = Field(min_length=1, max_length=10)


class NobodyRequest(Model):
    """Have matches noted in the log of deliveries alone."""

    type: Literal["none"]


Told = Annotated[WebhookRequest | EmailRequest | NobodyRequest, Field(discriminator="type")]


class AlertRequest(Model):
    """A search to be saved, and whom to tell."""

    name: Name
    query: IncidentQuery = Field(description="The parameters of GET /v1/incidents.")
    channel: Told


class AlertChange(Model):
    """What is to be changed of an alert; what is missing stays."""

    name: Name | None = None
    query: IncidentQuery | None = None
    channel: Told | None = Field(default=None, description="Replaces the old one, its secret too.")
    state: AlertState | None = Field(default=None, description="active: what waits is sent, and changes count anew.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("nothing to change")
        return self


class AlertShown(Model):
    """An alert as it may be read: without its secret."""

    id: str
    name: str
    query: dict[str, Any]
    channel: Channel
    url: str | None
    addresses: tuple[str, ...]
    created_at: UtcDatetime
    state: AlertState
    reason: str | None = Field(description="Why it is disabled.")


class AlertMade(AlertShown):
    """An alert that was just made, or given another channel."""

    secret: str | None = Field(description="Of a webhook. Shown this once.")


class Alerts(Model):
    """Every alert, the oldest first."""

    alerts: tuple[AlertShown, ...]


class DeliveryShown(Model):
    """A line of the log."""

    id: str = Field(description="The webhook-id.")
    kind: DeliveryKind
    incident_id: str | None
    revision: int | None
    status: DeliveryStatus
    created_at: UtcDatetime
    attempts: int
    next_at: UtcDatetime = Field(description="Not tried before, while it waits.")
    ended_at: UtcDatetime | None
    answer: str | None = Field(description="What the last attempt met.")


class Deliveries(Model):
    """The newest deliveries of an alert."""

    deliveries: tuple[DeliveryShown, ...]
