"""No word of an article or of an alert becomes a header or a line of its own."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.policy import default

import pytest

from services.notifier.mail import compose
from services.notifier.match import delivery
from shared.domain.alert import Alert, Channel, Delivery
from shared.domain.incident import Incident
from shared.incidents.fold import fold
from tests import examples

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def alert(name: str = "Goma", *addresses: str) -> Alert:
    return Alert(
        id="a", name=name, query={}, channel=Channel.EMAIL, created_at=NOW, active_since=NOW,
        addresses=addresses or ("desk@example.org",),
    )  # fmt: skip


def incident(title: str = "Bomb goes off in Goma") -> Incident:
    made = fold("TCN-0000000001", [examples.report(told=examples.event(killed=examples.toll(3)))])
    return made.model_copy(update={"title": title})


def told(*titles: str, public_url: str = "") -> list[Delivery]:
    return [delivery(alert(), incident(title), NOW, public_url) for title in titles]


def test_a_match_is_told_in_a_few_lines() -> None:
    message = compose(alert(), told("Bomb goes off in Goma", public_url="https://t.example/"), sender="t@example.org")
    assert message["Subject"] == "[Tocsin] Goma: 1 incident"
    assert message["From"] == "t@example.org"
    text = message.get_content()
    assert "Bomb goes off in Goma\n2026-03-03, Goma, CD, 3 killed, told by 1\nTCN-0000000001, revision 1\n" in text
    assert "https://t.example/v1/incidents/TCN-0000000001" in text


@pytest.mark.parametrize(
    "hostile", ["x\r\nBcc: all@example.org", "x\n.\nRCPT TO:<a@b>", "x\x00y", "x\u2028Bcc: y", "a" * 5000]
)
def test_a_hostile_title_stays_one_line_of_text(hostile: str) -> None:
    message = compose(alert(), told(hostile), sender="t@example.org")
    assert set(message.keys()) >= {"Subject", "From", "To", "Message-ID"}
    assert "Bcc" not in message
    assert "\nBcc" not in message.get_content()
    assert len(message.get_content()) < 600


@pytest.mark.parametrize(
    "hostile",
    [
        "x\r\nBcc: all@example.org", "x\nBcc: y", "=?utf-8?q?=0d=0aBcc:all@example.org?=",
        "x =?utf-8?b?DQpCY2M6IGFAYi5j?= y", "==??utf-8?q?=0aBcc:x?=", "=\x00?utf-8?q?=0d=0aBcc:x?=",
        "=?=?utf-8?q?=0aBcc:x?=",
    ],
)  # fmt: skip
def test_a_hostile_name_adds_no_header(hostile: str) -> None:
    message = compose(alert(hostile), told("t"), sender="t@example.org")
    read = message_from_bytes(message.as_bytes(), policy=default)
    assert set(read.keys()) == set(compose(alert(), told("t"), sender="t@example.org").keys())
    assert "\n" not in read["Subject"]
    assert read["Subject"].endswith(": 1 incident")


@pytest.mark.parametrize("hostile", ["a@example.org\r\nBcc: b@example.org", "a b@example.org, c@example.org", "a@b@c"])
def test_an_address_that_is_several_makes_no_message(hostile: str) -> None:
    with pytest.raises((ValueError, MessageError)):
        compose(alert("n", hostile), told("t"), sender="t@example.org")


def test_the_same_batch_has_the_same_message_id() -> None:
    first, second = (compose(alert(), told("one"), sender="t@example.org")["Message-ID"] for _ in range(2))
    assert first == second
    other = alert().model_copy(update={"id": "b"})
    third = compose(other, [delivery(other, incident(), NOW)], sender="t@example.org")["Message-ID"]
    assert third != first


def test_a_delivery_has_one_id_for_alert_incident_and_revision() -> None:
    one = delivery(alert(), incident(), NOW)
    assert one.id == delivery(alert(), incident("another title"), datetime(2027, 1, 1, tzinfo=UTC)).id
    assert one.id != delivery(alert(), incident().model_copy(update={"revision": 2}), NOW).id
    assert "text" not in one.payload["data"]["incident"]
