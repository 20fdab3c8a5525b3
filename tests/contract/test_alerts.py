"""What docs/alerts.md says of alerts is so, and the receiver that it shows works."""

import re
import time
from pathlib import Path
from typing import Any

from services.api.alert_models import EmailRequest
from services.notifier import mail, match, webhook
from services.notifier.deliver import Patience
from services.notifier.tasks import KEPT
from services.notifier.webhook import signature
from shared.alerts import secrets
from shared.alerts.book import MOST
from shared.delivery.timing import timing

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "alerts.md").read_text()


def _verify() -> Any:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - ours
    return names["verify"]


def _signed(secret: str, body: bytes, timestamp: int) -> dict[str, str]:
    signed = signature(secret, "msg_1", timestamp, body)
    return {"webhook-id": "msg_1", "webhook-timestamp": str(timestamp), "webhook-signature": signed}


def test_the_receiver_of_the_document_takes_what_we_sign_and_nothing_else() -> None:
    verify, secret, body, now = _verify(), secrets.new(), b'{"type":"alert.test"}', int(time.time())
    headers = _signed(secret, body, now)
    assert verify(secret, headers, body)
    assert verify(secret, headers | {"webhook-signature": f"v1,old {headers['webhook-signature']}"}, body)
    assert not verify(secret, headers, body + b" ")
    assert not verify(secrets.new(), headers, body)
    assert not verify(secret, headers | {"webhook-id": "msg_2"}, body)
    assert not verify(secret, _signed(secret, body, now - 301), body)


def test_it_has_ten_lines() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= 10


def test_the_limits_of_the_document_are_those_of_the_code() -> None:
    text = " ".join(TEXT.split())
    patience = Patience()
    assert f"There may be {MOST:,} alerts" in text
    assert f"up to {mail.MOST} matches, at most one every five minutes" in text
    assert mail.EVERY_S == 5 * 60
    assert match.SOURCES == 5  # "the newest five"
    assert f"within {webhook.TIMEOUT_S:.0f} s" in text
    assert f"for {patience.refused_s / 3600:.0f} hours; then this one" in text
    assert f"for {patience.disable_s / 3600:.0f} hours; then the alert" in text
    assert webhook.WAIT_MAX_S == 3600  # "up to an hour"
    assert f"kept for {KEPT.days} days" in text
    assert EmailRequest.model_fields["addresses"].metadata[1].max_length == 10


def test_a_turn_ends_before_a_worker_that_stops_is_killed() -> None:
    assert Patience().budget_s + webhook.TIMEOUT_S < timing().drain_s


def test_whoever_writes_incidents_has_them_noted() -> None:
    sources = [path for path in ROOT.glob("services/*/*.py") if re.search(r"\bStore\(", path.read_text())]
    assert sources
    assert not [path for path in sources if not re.search(r"\bStore\([^\n]*note=", path.read_text())]
