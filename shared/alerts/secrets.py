"""Secrets of webhooks, as Standard Webhooks writes them: `whsec_` and 24 to 64 random bytes in base64."""

import base64
import binascii
import secrets

PREFIX = "whsec_"
_LEAST, _MOST = 24, 64


def new() -> str:
    """Return a new secret of 32 bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """Return the bytes that sign. Raises ValueError for what is no secret; the message does not repeat it."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not _LEAST <= len(key) <= _MOST:
        raise ValueError(f"a secret is {PREFIX} and {_LEAST} to {_MOST} bytes in base64")
    return key
