"""What waits reaches its reader by mail."""

from shared.domain.alert import DeliveryStatus
from tests.integration.notifier.conftest import LONG_AGO, Office, ended
from tests.integration.notifier.receivers import Mailbox


def test_one_mail_tells_a_batch(office: Office, box: Mailbox) -> None:
    alert = office.mailed(box, "desk@example.org", "night@example.org")
    office.file(1, 2, 3, title="Bomb goes off\r\n.\r\nin Goma")
    office.round()
    (message,), (to,) = box.messages, box.recipients
    assert to == ["desk@example.org", "night@example.org"]
    assert message["Subject"] == "[Tocsin] Watch: 3 incidents"
    assert all(f"TCN-{n:010}, revision 1" in message.get_content() for n in (1, 2, 3))
    assert [one[:2] for one in ended(office, alert)] == [(DeliveryStatus.DELIVERED, 1)] * 3


def test_mails_keep_their_distance(office: Office, box: Mailbox) -> None:
    office.mail_every_s = 300
    office.mailed(box)
    for n in (1, 2, 3):
        office.file(n)
        office.round()
    assert len(box.raw) == 1
    office.redis.delete("tocsin:told:at:a0")  # five minutes later
    office.round()
    assert box.messages[1]["Subject"] == "[Tocsin] Watch: 2 incidents"


def test_a_mail_server_that_is_busy_gets_it_later(office: Office, box: Mailbox) -> None:
    alert = office.mailed(box)
    box.busy = True
    office.file(1, 2)
    office.round()
    assert box.raw == []
    assert [one[0] for one in ended(office, alert)] == [DeliveryStatus.PENDING] * 2
    box.busy = False
    office.put_forward(alert, next_at=LONG_AGO)
    office.round()
    assert len(box.raw) == 1
    assert [one[0] for one in ended(office, alert)] == [DeliveryStatus.DELIVERED] * 2


def test_an_address_that_is_refused_is_named_and_hinders_no_other(office: Office, box: Mailbox) -> None:
    box.refuses = frozenset({"gone@example.org"})
    alert = office.mailed(box, "gone@example.org", "desk@example.org")
    office.file(1)
    office.round()
    assert box.recipients == [["desk@example.org"]]
    assert ended(office, alert) == [(DeliveryStatus.DELIVERED, 1, "taken, but for gone@example.org")]


def test_nothing_is_mailed_in_the_open_when_tls_is_wanted(office: Office, box: Mailbox) -> None:
    alert = office.mailed(box)
    office.settings = office.settings.model_copy(update={"smtp_security": "starttls"})
    office.file(1)
    office.round()
    assert box.raw == []
    assert "STARTTLS" in (ended(office, alert)[0][2] or "")


def test_without_a_mail_server_the_log_says_so(office: Office, box: Mailbox) -> None:
    alert = office.mailed(box)
    office.settings = office.settings.model_copy(update={"smtp_host": ""})
    office.file(1)
    office.round()
    assert "TOCSIN_SMTP_HOST" in (ended(office, alert)[0][2] or "")
