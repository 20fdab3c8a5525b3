"""Lets time pass in a Redis whose clock is its own: what stands there becomes older."""

from typing import cast

from redis import Redis


def age(redis: Redis, seconds: float) -> None:
    """Make everything in the ledger, and all that was put off, `seconds` older."""
    for key in (*redis.scan_iter("tocsin:at:*"), "tocsin:delayed"):
        for member in cast("list[bytes]", redis.zrange(key, 0, -1)):
            redis.zincrby(key, -seconds, member)
    for key in redis.scan_iter("tocsin:submission:*"):
        for field, value in cast("dict[bytes, bytes]", redis.hgetall(key)).items():
            if field.startswith(b"since:"):
                redis.hset(key, field.decode(), str(float(value) - seconds))
