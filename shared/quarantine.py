"""The quarantine: messages that failed for good, with everything needed to understand and to send them again."""

import socket
import traceback
from datetime import UTC, datetime
from typing import Any, cast

from pydantic import Field
from redis import Redis

import shared
from shared.domain.base import Model, UtcDatetime
from shared.pipeline import Stage


class Specimen(Model):
    """One failed message."""

    step: str = Field(description="Where it failed.")
    message: Any = Field(description="The message as it came: the rest of the journey.")
    submission_id: str | None = Field(description="Whose journey it was; null when the message could not be read.")
    error: str = Field(description="Class and text of the error.")
    traceback: str
    attempts: int = Field(description="Deliveries that ended in Transient before.")
    host: str
    version: str = Field(description="Version of Tocsin that failed.")
    failed_at: UtcDatetime


class Quarantine:
    """The lists `<step>.quarantine` in Redis. Every method raises `redis.RedisError` when Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def add(
        self, stage: Stage, message: object, error: BaseException, *, submission_id: str | None, attempts: int
    ) -> str:
        """Put a message into the quarantine of `stage` and return the words of its error."""
        specimen = Specimen(
            step=stage.name,
            message=message,
            submission_id=submission_id,
            error=f"{type(error).__name__}: {error}",
            traceback="".join(traceback.format_exception(error)),
            attempts=attempts,
            host=socket.gethostname(),
            version=shared.__version__,
            failed_at=datetime.now(UTC),
        )
        self._redis.rpush(stage.quarantine, specimen.model_dump_json())
        return specimen.error

    def list(self, stage: Stage, *, limit: int = 100) -> list[Specimen]:
        """Return the oldest specimens of `stage`."""
        rows = cast("list[bytes]", self._redis.lrange(stage.quarantine, 0, limit - 1))
        return [Specimen.model_validate_json(row) for row in rows]

    def count(self, stage: Stage) -> int:
        """Return how many specimens `stage` has."""
        return self._redis.llen(stage.quarantine)
