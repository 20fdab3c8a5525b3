"""Alerts: save a search, say whom to tell, test it, read what was told."""

import ipaddress
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from elasticsearch import BadRequestError
from fastapi import APIRouter, HTTPException, Query
from pydantic import AfterValidator, Field, HttpUrl, StringConstraints, model_validator

from services.api import problems
from services.api.dependencies import Behind, Identifier, Services, needed
from shared.alerts import secrets
from shared.alerts.book import MOST, Book, Held
from shared.alerts.log import Log
from shared.domain.alert import Alert, AlertState, Channel, Delivery, DeliveryStatus
from shared.domain.base import Model, UtcDatetime
from shared.search.incidents import IncidentQuery
from shared.settings import settings
from shared.web.addresses import is_public

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])

#: Seconds between two tests of one alert.
TEST_EVERY_S = 5
#: Of the query model, what belongs to one page of one answer and not to the search.
PAGING = {"limit", "offset", "sort", "cursor", "facets", "highlight"}


def _reachable(url: HttpUrl) -> HttpUrl:
    """Refuse what the notifier will never call. Names are looked up when it calls: they may change their mind."""
    if url.username or url.password:
        raise ValueError("a URL with a user name or password in it is not called")
    host = (url.host or "").strip("[]")
    with suppress(ValueError):
        address = str(ipaddress.ip_address(host))
        if not is_public(address) and f"{url.host}:{url.port}" not in settings().webhook_allow:
            raise _Private
    return url


class _Private(Exception):
    pass


def _signing(secret: str) -> str:
    secrets.key_of(secret)
    return secret
