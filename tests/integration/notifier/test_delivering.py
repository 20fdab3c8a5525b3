"""What waits reaches its receiver once, or says why not."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from services.notifier.deliver import Patience
from services.notifier.webhook import signature
from shared.domain.alert import AlertState, DeliveryStatus
from shared.errors import Transient
from tests.integration.notifier.conftest import LATER, LONG_AGO, Office, ended, open_test, stored
from tests.integration.notifier.receivers import Hook, status


def test_a_webhook_is_signed_and_says_what_happened(office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver)
    office.file(1)
    office.round()
    (headers,), (body,) = receiver.asked, receiver.bodies
    assert alert.secret is not None
    expected = signature(alert.secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
    assert headers["webhook-signature"] == expected
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 300
    told = json.loads(body)
    assert told["type"] == "incident.matched"
    assert told["data"]["incident"]["id"] == "TCN-0000000001"
    assert told["data"]["incident"]["sources"][0]["quotes"]
    assert ended(office, alert) == [(DeliveryStatus.DELIVERED, 1, "204 No Content")]


def test_what_arrived_is_not_sent_again(office: Office, receiver: Hook) -> None:
    office.hooked(receiver)
    office.file(1, 2)
    for _ in range(3):
        office.round()
    assert len(receiver.ids) == len(set(receiver.ids)) == 2


@pytest.mark.parametrize("code", [301, 302, 307, 401, 403, 404, 429, 500, 503])
def test_what_failed_comes_again_under_the_same_id_and_what_follows_waits(
    code: int, office: Office, receiver: Hook
) -> None:
    alert = office.hooked(receiver)
    office.file(1, 2)
    receiver.says(code, Location="http://127.0.0.1:1/")
    office.round()
    assert len(receiver.asked) == 1
    office.put_forward(alert, next_at=LATER)
    office.round()  # not yet
    assert len(receiver.asked) == 1
    receiver.says(200)
    office.put_forward(alert, next_at=LONG_AGO)
    office.round()
    assert len(receiver.ids) == 3
    assert receiver.ids[0] == receiver.ids[1] != receiver.ids[2]
    assert [one[:2] for one in ended(office, alert)] == [(DeliveryStatus.DELIVERED, 2), (DeliveryStatus.DELIVERED, 1)]


def test_no_redirect_is_followed_to_a_private_address(office: Office, receiver: Hook, other: Hook) -> None:
    alert = office.hooked(receiver)
    receiver.says(307, Location=other.url)
    office.file(1)
    office.round()
    assert other.asked == []
    assert ended(office, alert) == [(DeliveryStatus.PENDING, 1, "307 Temporary Redirect: redirects are not followed")]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0x7f.1"])
def test_no_private_address_is_called(host: str, office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver, url=f"http://{host}:{receiver.port}/hook")
    office.settings = office.settings.model_copy(update={"webhook_allow": ()})
    office.file(1)
    office.round()
    assert receiver.asked == []
    ((status_, _, answer),) = ended(office, alert)
    assert status_ is DeliveryStatus.PENDING
    assert "address_refused" in (answer or "")


def test_a_receiver_that_drips_is_left(office: Office, receiver: Hook) -> None:
    released = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        for byte in b"HTTP/1.1 200 OK\r\n" * 20:
            handler.wfile.write(bytes([byte]))
            if released.wait(0.1):
                return

    receiver.answer = drip
    office.timeout_s = 0.5
    alert = office.hooked(receiver)
    office.file(1)
    begun = time.monotonic()
    office.round()
    released.set()
    assert time.monotonic() - begun < 20  # it drips for half a minute
    assert "Timeout" in (ended(office, alert)[0][2] or "")


def test_retry_after_is_heard(office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver)
    receiver.says(503, Retry_After="1800")
    office.file(1)
    office.round()
    (waiting,) = office.deliveries(alert)
    assert waiting.next_at > datetime.now(UTC) + timedelta(seconds=1700)


def test_a_receiver_that_is_down_for_long_has_its_alert_disabled(office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver, active_since=LONG_AGO)
    receiver.says(503)
    office.file(1)
    office.round()
    assert stored(office, alert).state is AlertState.ACTIVE
    office.put_forward(alert, next_at=LONG_AGO, failing_since=datetime.now(UTC) - timedelta(hours=73))
    office.round()
    assert stored(office, alert).state is AlertState.DISABLED
    assert "Nothing has arrived since" in (stored(office, alert).reason or "")
    assert "503" in (stored(office, alert).reason or "")
    office.put_forward(alert, next_at=LONG_AGO)
    office.round()
    assert len(receiver.asked) == 2  # nobody asks any more
    held = office.book.find(alert.id)
    assert held is not None
    receiver.says(200)
    enabled = held.alert.model_copy(update={"state": AlertState.ACTIVE, "active_since": datetime.now(UTC)})
    office.book.replace(held, enabled)
    office.round()
    assert ended(office, alert)[0][0] is DeliveryStatus.DELIVERED  # what waited was kept


def test_an_alert_that_was_enabled_again_has_its_time_anew(office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver)
    receiver.says(503)
    office.file(1)
    office.round()
    office.put_forward(alert, next_at=LONG_AGO, failing_since=LONG_AGO)
    office.round()
    assert stored(office, alert).state is AlertState.ACTIVE


def test_a_receiver_that_is_gone_is_asked_nothing_more(office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver)
    receiver.says(410)
    office.file(1, 2)
    office.round()
    assert len(receiver.asked) == 1
    assert "410" in (stored(office, alert).reason or "")


def test_one_message_that_is_refused_for_long_gives_way_to_the_next(office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver, active_since=LONG_AGO)
    receiver.says(422)
    office.file(1)
    office.round()
    office.put_forward(alert, next_at=LONG_AGO, failing_since=datetime.now(UTC) - timedelta(hours=25))
    office.round()
    assert ended(office, alert) == [(DeliveryStatus.FAILED, 2, "422 Unprocessable Entity")]
    office.file(2)
    office.round()
    office.put_forward(alert, next_at=LONG_AGO, failing_since=datetime.now(UTC) - timedelta(hours=25))
    office.round()
    assert "one message after the other" in (stored(office, alert).reason or "")
    assert [one[0] for one in ended(office, alert)] == [DeliveryStatus.FAILED, DeliveryStatus.PENDING]


def test_a_slow_or_dead_receiver_holds_up_no_other(office: Office, receiver: Hook, other: Hook) -> None:
    office.hooked(receiver)
    office.hooked(other)
    receiver.says(500)
    office.file(*range(20))
    office.round()
    assert (len(receiver.asked), len(other.asked)) == (1, 20)


def test_four_notifiers_at_once_deliver_once(office: Office, receiver: Hook, other: Hook) -> None:
    alerts = [office.hooked(receiver), office.hooked(other)]
    office.file(*range(30))
    failures: list[BaseException] = []

    def work() -> None:
        courier = office.courier()
        try:
            office.match()
            for alert in alerts * 3:
                try:
                    courier.serve(alert.id)
                except Transient:
                    continue
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    office.round()
    assert failures == []
    for one in (receiver, other):
        assert len(one.ids) == len(set(one.ids)) == 30
    assert {one[:2] for alert in alerts for one in ended(office, alert)} == {(DeliveryStatus.DELIVERED, 1)}


def test_a_test_is_sent_at_once_though_the_receiver_fails_and_once(office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver)
    receiver.says(500)
    office.file(1)
    office.round()
    office.put_forward(alert, next_at=LATER)
    open_test(office, alert)
    office.refresh()
    office.round()
    office.round()
    assert receiver.ids[1:] == [f"msg_test_{alert.id}"]
    assert (DeliveryStatus.FAILED, 1, "500 Internal Server Error") in ended(office, alert)


def test_a_disabled_alert_can_be_tested(office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver, state=AlertState.DISABLED)
    open_test(office, alert)
    office.round()
    assert ended(office, alert) == [(DeliveryStatus.DELIVERED, 1, "204 No Content")]


def test_what_waits_for_a_deleted_alert_is_dropped(office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver)
    office.file(1)
    office.match()
    office.refresh()
    office.book.remove(alert.id)
    office.round()
    assert receiver.asked == []
    assert [one[0] for one in ended(office, alert)] == [DeliveryStatus.DROPPED]


def test_a_turn_ends_after_its_time_and_what_is_left_goes_in_the_next(office: Office, receiver: Hook) -> None:
    office.patience = Patience(budget_s=0.0)
    alert = office.hooked(receiver)

    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.01)
        status(handler, 200)

    receiver.answer = slow
    office.file(1, 2)
    office.patience = Patience(budget_s=0.005)
    office.round()
    assert len(receiver.asked) == 1
    office.round()
    assert len(set(receiver.ids)) == 2
    assert {one[0] for one in ended(office, alert)} == {DeliveryStatus.DELIVERED}
