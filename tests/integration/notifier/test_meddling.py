"""Alerts that people change while they are served, and receivers that mean harm."""

from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from services.notifier.webhook import signature
from shared.alerts import secrets
from shared.domain.alert import Alert, AlertState, Channel, DeliveryStatus
from shared.logs import NOISY
from tests.integration.notifier.conftest import LATER, Office, ended, open_test, stored
from tests.integration.notifier.receivers import Hook, status


def meddling(office: Office, receiver: Hook, alert: Alert, code: int = 204, **changes: Any) -> None:
    """Have somebody change the alert, or delete it, while the receiver reads its first message."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if len(receiver.asked) == 1:
            held = office.book.find(alert.id)
            assert held is not None
            if changes:
                assert office.book.replace(held, held.alert.model_copy(update=changes))
            else:
                office.book.remove(alert.id)
        status(handler, code)

    receiver.answer = answer


def test_a_deleted_alert_tells_nothing_more(office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver)
    meddling(office, receiver, alert)
    office.file(1, 2, 3)
    office.round()
    assert len(receiver.asked) == 1
    assert sorted(one[0] for one in ended(office, alert)) == ["delivered", "dropped", "dropped"]


def test_a_disabled_alert_tells_nothing_more_and_keeps_what_waits(office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver)
    meddling(office, receiver, alert, state=AlertState.DISABLED)
    office.file(1, 2, 3)
    office.round()
    office.round()
    assert len(receiver.asked) == 1
    assert sorted(one[0] for one in ended(office, alert)) == ["delivered", "pending", "pending"]


def test_what_waits_goes_to_the_new_address_under_its_secret(office: Office, receiver: Hook, other: Hook) -> None:
    office.alert(url=None)
    alert = office.hooked(receiver)
    office.hooked(other, state=AlertState.DISABLED)  # so that it may be called
    secret = secrets.new()
    meddling(office, receiver, alert, url=other.url, secret=secret)
    office.file(1, 2, 3)
    office.round()
    assert (len(receiver.asked), len(other.asked)) == (1, 2)
    for headers, body in zip(other.asked, other.bodies, strict=True):
        expected = signature(secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
        assert headers["webhook-signature"] == expected


def test_a_new_address_is_not_disabled_for_what_the_old_one_said(office: Office, receiver: Hook, other: Hook) -> None:
    alert = office.hooked(receiver)
    meddling(office, receiver, alert, code=410, url=other.url)
    office.file(1)
    office.round()
    assert stored(office, alert).state is AlertState.ACTIVE
    assert stored(office, alert).url == other.url


def test_what_waits_for_an_alert_that_now_tells_nobody_is_noted(office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver)
    meddling(office, receiver, alert, channel=Channel.NONE, url=None, secret=None)
    office.file(1, 2)
    open_test(office, alert)
    office.round()
    assert receiver.ids == [f"msg_test_{alert.id}"]
    assert sorted(one[0] for one in ended(office, alert)) == ["delivered", "matched", "matched"]


def test_a_hundred_changes_are_told_in_order_and_each_once(office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver)
    for revision in range(1, 101):
        office.file(1, revision=revision)
        if revision % 20 == 0:
            office.round()
    revisions = [one.revision for one in office.deliveries(alert)]
    assert revisions == [20, 40, 60, 80, 100]
    assert len(receiver.ids) == len(set(receiver.ids)) == 5
    assert [f'"revision":{n}'.encode() in body for n, body in zip(revisions, receiver.bodies, strict=True)] == [
        True
    ] * 5


def test_a_public_name_with_a_private_address_is_not_called(office: Office, receiver: Hook) -> None:
    asked: list[str] = []

    def resolver(host: str, _: int) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.1", "::1", "::ffff:127.0.0.1")

    office.resolver = resolver
    alert = office.hooked(receiver, url=f"http://desk.example.org:{receiver.port}/hook")
    office.file(1)
    office.round()
    assert asked == ["desk.example.org"]
    assert receiver.asked == []
    ((state, _, answer),) = ended(office, alert)
    assert (state, answer) == (DeliveryStatus.PENDING, "address_refused: desk.example.org has no public address")


@pytest.mark.parametrize("asked", ["9" * 5000, "99999999999", "-1", "soon", "\u00b2"])
def test_no_retry_after_hurts(asked: str, office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver)
    receiver.says(503, Retry_After=asked)
    office.file(1)
    office.round()
    (waiting,) = office.deliveries(alert)
    assert (waiting.status, waiting.attempts, waiting.answer) == (DeliveryStatus.PENDING, 1, "503 Service Unavailable")
    assert waiting.next_at < LATER


def test_the_secret_is_written_nowhere(
    office: Office, receiver: Hook, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    for noisy in NOISY:
        caplog.set_level("WARNING", noisy)  # as `configure` does: Elasticsearch's would show whole documents
    alert = office.hooked(receiver)
    receiver.says(410)
    office.file(1)
    office.round()
    assert stored(office, alert).state is AlertState.DISABLED
    said = [caplog.text, *capfd.readouterr(), repr(alert), str(receiver.asked), str(receiver.bodies)]
    said += [str(office.deliveries(alert)), str(stored(office, alert).reason)]
    assert alert.secret is not None
    assert not [text for text in said if alert.secret in text or alert.secret.removeprefix("whsec_") in text]
    assert alert.id in "".join(said)
