"""Webhooks, signed as Standard Webhooks (https://www.standardwebhooks.com) asks."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

import shared
from services.notifier.senders import Answer, Verdict
from shared.alerts.secrets import key_of
from shared.domain.alert import Alert, Delivery
from shared.errors import Verdict as Judged
from shared.settings import Settings
from shared.web.guard import Guard, Resolver, checked_url, resolve
from shared.web.network import deadline
from shared.web.transport import GuardedTransport

#: Seconds that a receiver has to take a message.
TIMEOUT_S = 10.0
#: Most seconds that a receiver may ask to be left alone.
WAIT_MAX_S = 3600
_DIGITS = 20
#: What a receiver says of a message that it will not take however often it comes.
_REFUSALS = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of `webhook-signature`: HMAC-SHA256 of `id.timestamp.body`.

    `timestamp`: seconds since the epoch. `secret`: `whsec_` and base64.
    """
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key_of(secret), signed, hashlib.sha256)).decode()


def open_client(settings: Settings, *, timeout_s: float = TIMEOUT_S, resolver: Resolver = resolve) -> httpx.Client:
    """Return a client that reaches public addresses and `webhook_allow` only, and follows no redirect."""
    return httpx.Client(
        transport=GuardedTransport(Guard(settings.webhook_allow, resolver)),
        headers={"User-Agent": f"Tocsin/{shared.__version__}", "Content-Type": "application/json"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        timeout=timeout_s,
        follow_redirects=False,
        trust_env=False,
    )


class Webhook:
    """Posts one delivery at a time."""

    most = 1
    every_s = 0.0

    def __init__(self, client: httpx.Client, *, timeout_s: float = TIMEOUT_S) -> None:
        self._client = client
        self._timeout_s = timeout_s

    def send(self, alert: Alert, deliveries: Sequence[Delivery]) -> Answer:
        """Post a delivery. Only 2xx is taken; of the answer nothing but status and `Retry-After` is read."""
        (one,) = deliveries
        body = json.dumps(one.payload, ensure_ascii=False, separators=(",", ":")).encode()
        timestamp = int(time.time())
        headers = {
            "webhook-id": one.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(alert.secret or "", one.id, timestamp, body),
        }
        try:
            url = checked_url(alert.url or "")
            with (
                deadline(self._timeout_s),
                self._client.stream("POST", url, content=body, headers=headers) as response,
            ):
                return _judged(response)
        except Judged as refused:  # the guard's; it names no address
            return Answer(Verdict.FAILED, str(refused))
        except httpx.HTTPError as error:
            return Answer(Verdict.FAILED, f"{type(error).__name__}: {error}"[:500])


def _judged(response: httpx.Response) -> Answer:
    text = f"{response.status_code} {response.reason_phrase}"[:200]
    if response.is_success:
        return Answer(Verdict.TAKEN, text)
    if response.is_redirect:
        return Answer(Verdict.FAILED, f"{text}: redirects are not followed")
    if response.status_code == HTTPStatus.GONE:
        return Answer(Verdict.GONE, text)
    if response.status_code in _REFUSALS:
        return Answer(Verdict.REFUSED, text)
    return Answer(Verdict.FAILED, text, wait_s=_wait_s(response.headers.get("retry-after", "")))


def _wait_s(asked: str) -> int:
    """Return what `Retry-After` asks for. A number that is too long for Python to read asks for the most."""
    if not (asked.isascii() and asked.isdecimal()):
        return 0
    return min(int(asked), WAIT_MAX_S) if len(asked) < _DIGITS else WAIT_MAX_S
