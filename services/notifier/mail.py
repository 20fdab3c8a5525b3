"""E-mail: one message for a batch of matches, by the mail server of the settings."""

import hashlib
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from services.notifier.senders import Answer, Verdict
from shared.domain.alert import Alert, Delivery, DeliveryKind
from shared.settings import Settings

#: Seconds that the mail server may take for each of its answers.
TIMEOUT_S = 5.0
#: Most matches in one message, and least seconds between two messages of one alert: at most 2,400 matches an hour in
#: twelve messages; the rest waits for its turn.
MOST, EVERY_S = 200, 300.0
#: Characters of a title in a message.
TITLE_CHARS = 200


class Mail:
    """Sends a batch of matches as one message."""

    most = MOST

    def __init__(self, settings: Settings, *, every_s: float = EVERY_S, tls: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self.every_s = every_s
        self._tls = tls or ssl.create_default_context()

    def send(self, alert: Alert, deliveries: Sequence[Delivery]) -> Answer:
        """Hand a message over. Addresses that the server refuses beside others that it takes are named in the answer.

        A message that every address is refused for comes again: the server may think better of it.
        """
        if not self._settings.smtp_host:
            return Answer(Verdict.FAILED, "no mail server: TOCSIN_SMTP_HOST is empty")
        try:
            message = compose(alert, deliveries, sender=self._settings.smtp_from)
            server = self._connected()
            try:
                refused = server.send_message(message)
            finally:
                with suppress(OSError, smtplib.SMTPException):  # how they part does not undo what was taken
                    server.quit()
        except (OSError, ValueError, MessageError, smtplib.SMTPException) as error:
            return Answer(Verdict.FAILED, f"{type(error).__name__}: {error}"[:500])
        return Answer(Verdict.TAKEN, f"taken, but for {', '.join(refused)}"[:500] if refused else "taken")

    def _connected(self) -> smtplib.SMTP:
        given = self._settings
        where = (given.smtp_host, given.smtp_port)
        if given.smtp_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=TIMEOUT_S, context=self._tls)
        else:
            server = smtplib.SMTP(*where, timeout=TIMEOUT_S)
        try:
            if given.smtp_security == "starttls":
                server.starttls(context=self._tls)  # raises where the server has none: nothing goes in the open
            if given.smtp_user:
                server.login(given.smtp_user, given.smtp_password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server


def compose(alert: Alert, deliveries: Sequence[Delivery], *, sender: str) -> EmailMessage:
    """Return the message. No header holds a word of an article, and none more than was meant."""
    message = EmailMessage(policy=SMTP)
    test = deliveries[0].kind is DeliveryKind.TEST
    count = "test" if test else f"{len(deliveries)} incident{'s' if len(deliveries) > 1 else ''}"
    message["Subject"] = f"[Tocsin] {_header(alert.name)}: {count}"
    message["From"] = sender
    message["To"] = [Address(addr_spec=address) for address in alert.addresses]
    digest = hashlib.sha256(" ".join(one.id for one in deliveries).encode()).hexdigest()[:32]
    message["Message-ID"] = f"<{digest}@tocsin.invalid>"  # the same for the same batch, so that a copy can be dropped
    message["Auto-Submitted"] = "auto-generated"  # no holiday answers, please
    lines = ["This is a test: the alert reaches you."] if test else [_line(one) for one in deliveries]
    message.set_content("\n\n".join([*lines, f"-- \nAlert {alert.id}: {alert.name}"]) + "\n")
    return message


def _line(delivery: Delivery) -> str:
    data = delivery.payload["data"]
    told = data["incident"]
    date, place = told["date"] or {}, told["place"] or {}
    facts = [
        date.get("start") or "date unknown",
        ", ".join(part for part in (place.get("name"), place.get("country")) if part) or "place unknown",
        _toll("killed", told["killed"]),
        _toll("injured", told["injured"]),
        f"told by {told['reports']}",
    ]
    parts = [
        _plain(told["title"]),
        ", ".join(_plain(fact) for fact in facts if fact),
        f"{told['id']}, revision {told['revision']}",
    ]
    return "\n".join([*parts, *([data["url"]] if data["url"] else [])])


def _toll(word: str, toll: dict[str, Any] | None) -> str:
    if toll is None:
        return ""
    best = next((toll[name] for name in ("best", "min", "max") if toll[name] is not None), None)
    return "" if best is None else f"{best} {word}"


def _header(text: str) -> str:
    """Return text as a header may hold it: the library would decode an encoded word (RFC 2047), line ends and all."""
    return _plain(text).replace("=?", "= ?")


def _plain(text: str) -> str:
    """Return text on one line without control characters: it comes from the web."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:TITLE_CHARS]
