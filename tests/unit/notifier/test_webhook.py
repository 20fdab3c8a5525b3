"""The signature is that of Standard Webhooks, and a secret is one."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.webhook import signature
from shared.alerts import secrets

#: The example that Svix, who wrote the specification, publishes with it.
PUBLISHED = {
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "timestamp": 1614265330,
    "body": b'{"test": 2432232314}',
    "signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_the_published_example_is_signed_as_published() -> None:
    signed = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert signed == PUBLISHED["signature"]


@given(st.binary(min_size=24, max_size=64), st.binary(max_size=200), st.integers(0, 2**40))
def test_it_is_what_a_receiver_computes(key: bytes, body: bytes, timestamp: int) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    expected = hmac.new(key, f"msg_1.{timestamp}.".encode() + body, hashlib.sha256)
    assert signature(secret, "msg_1", timestamp, body) == "v1," + base64.b64encode(expected.digest()).decode()


@pytest.mark.parametrize("changed", ["id", "timestamp", "body", "secret"])
def test_whatever_is_changed_changes_it(changed: str) -> None:
    values = {"secret": secrets.new(), "message_id": "msg_1", "timestamp": 1, "body": b"{}"}
    other: dict[str, object] = {"secret": secrets.new(), "message_id": "msg_2", "timestamp": 2, "body": b"[]"}
    name = {"id": "message_id"}.get(changed, changed)
    assert signature(**values) != signature(**(values | {name: other[name]}))  # type: ignore[arg-type]


def test_a_new_secret_is_one_and_no_other_is_like_it() -> None:
    assert len(secrets.key_of(secrets.new())) == 32
    assert secrets.new() != secrets.new()


@pytest.mark.parametrize(
    "wrong",
    ["", "whsec_", "whsec_MTIz", "whsec_" + "A" * 200, "whsec_ä", "whsec_====", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
)
def test_what_is_no_secret_is_refused_and_not_repeated(wrong: str) -> None:
    with pytest.raises(ValueError, match="a secret is whsec_") as caught:
        secrets.key_of(wrong)
    assert wrong in ("", "whsec_") or wrong not in str(caught.value)
