"""The quarantine: messages that failed for good, with everything needed to understand and to send them again.

For each step a sorted set `tocsin:quarantine:<step>`, specimen id → moment of failure, and a hash
`tocsin:quarantine:<step>:specimens` with the specimens themselves, compressed. A specimen has the id of its
submission, so a message that fails twice is one.
"""

import base64
import hashlib
import json
import socket
import traceback
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from pydantic import Field, ValidationError
from pydantic_core import PydanticSerializationError, to_json
from redis import Redis
from redis.client import Pipeline

import shared
from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item, read
from shared.domain.base import Model, UtcDatetime
from shared.pipeline import STAGES, Stage


class Specimen(Model):
    """One failed message."""

    id: str = Field(description="The submission's id, or the hash of a message that could not be read.")
    step: str = Field(description="Where it failed.")
    message: Any = Field(description="The message as it came: the rest of the journey.")
    submission_id: str | None = Field(description="Whose journey it was; null when the message could not be read.")
    error: str = Field(description="Class and text of the error.")
    traceback: str
    attempts: int = Field(description="Deliveries that ended in Transient before.")
    host: str
    version: str = Field(description="Version of Tocsin that failed.")
    first_failed_at: UtcDatetime = Field(description="When it first failed at this step.")
    failed_at: UtcDatetime = Field(description="When it failed for good.")


class Quarantine:
    """The quarantine in Redis. Every method raises `redis.RedisError` when Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def add(
        self,
        stage: Stage,
        message: object,
        error: BaseException,
        *,
        submission_id: str | None = None,
        attempts: int = 0,
        first_failed_at: datetime | None = None,
    ) -> str:
        """Put a message into the quarantine of `stage` and return the words of its error."""
        now = datetime.now(UTC)
        specimen = Specimen(
            id=submission_id or hashlib.sha256(ascii(message).encode()).hexdigest()[:32],
            step=stage.name,
            message=message if _can_be_written(message) else _encoded(json.dumps(message).encode()),
            submission_id=submission_id,
            error=_writable(f"{type(error).__name__}: {error}"),
            traceback=_writable("".join(traceback.format_exception(error))),
            attempts=attempts,
            host=socket.gethostname(),
            version=shared.__version__,
            first_failed_at=first_failed_at or now,
            failed_at=now,
        )
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(_specimens(stage), specimen.id, zlib.compress(specimen.model_dump_json().encode()))
            pipe.zadd(stage.quarantine, {specimen.id: now.timestamp()})
            pipe.execute()
        return specimen.error

    def add_raw(self, stage: Stage, raw: bytes, error: BaseException) -> str:
        """Put something into the quarantine of `stage` that is no message at all, byte for byte, in base64."""
        return self.add(stage, _encoded(raw), error)

    def ids(self, stage: Stage, *, limit: int | None = None) -> list[str]:
        """Return the ids of what `stage` has at this moment, the oldest first."""
        found = cast("list[bytes]", self._redis.zrange(stage.quarantine, 0, -1 if limit is None else limit - 1))
        return [one.decode() for one in found]

    def list(self, stage: Stage, *, limit: int | None = None) -> Iterator[Specimen]:
        """Yield the oldest specimens of `stage`, one in memory at a time: each may hold a long article."""
        found = (self.find(stage, one) for one in self.ids(stage, limit=limit))
        return (specimen for specimen in found if specimen is not None)

    def find(self, stage: Stage, specimen_id: str) -> Specimen | None:
        """Return one specimen."""
        row = cast("bytes | None", self._redis.hget(_specimens(stage), specimen_id))
        return None if row is None else _unpacked(stage, specimen_id, row)

    def count(self, stage: Stage) -> int:
        """Return how many specimens `stage` has."""
        return self._redis.zcard(stage.quarantine)

    def retry(
        self, stage: Stage, specimens: Iterable[Specimen], ledger: Ledger, send: Callable[[Stage, Sequence[Item]], None]
    ) -> int:
        """Send specimens back to `stage`, each with its counts at zero, and return how many could be sent.

        Each leaves the quarantine in the moment in which the ledger opens its submission again: whatever dies after
        that, it is either on its way or sent by the reconciler. A message that still cannot be read stays.
        """
        sent = 0
        for specimen in specimens:
            for item in (one for one in read(specimen.message) if isinstance(one, Item)):
                with self._redis.pipeline(transaction=True) as pipe:
                    run = ledger.reopen(pipe, item.submission, stage)
                    forget(pipe, item.submission.id)
                    _remove(pipe, stage, specimen.id)  # another name, when it could not be read at first
                    pipe.execute()
                send(stage, [item.model_copy(update={"run": run})])
                sent += 1
        return sent

    def drop(self, stage: Stage, specimen_ids: Sequence[str]) -> int:
        """Delete specimens, and return how many there were. How their submissions ended stays on record."""
        with self._redis.pipeline(transaction=True) as pipe:
            for specimen_id in specimen_ids:
                _remove(pipe, stage, specimen_id)
            return sum(pipe.execute()[1::2])


def forget(pipe: Pipeline, submission_id: str) -> None:
    """Queue in `pipe` what removes the specimen of a submission that is tried again, at whatever step it failed."""
    for stage in STAGES.values():
        _remove(pipe, stage, submission_id)


def _specimens(stage: Stage) -> str:
    return f"{stage.quarantine}:specimens"


def _encoded(raw: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(raw).decode()}


def _writable(words: str) -> str:
    """Return words from a hostile page, which may hold half of a surrogate pair, as UTF-8 can hold them."""
    return words.encode(errors="backslashreplace").decode()


def _can_be_written(message: object) -> bool:
    try:
        to_json(message)
    except PydanticSerializationError:
        return False
    return True


def _remove(pipe: Pipeline, stage: Stage, specimen_id: str) -> None:
    pipe.zrem(stage.quarantine, specimen_id)
    pipe.hdel(_specimens(stage), specimen_id)


def _unpacked(stage: Stage, specimen_id: str, row: bytes) -> Specimen:
    raw = zlib.decompress(row)
    try:
        return Specimen.model_validate_json(raw)
    except ValidationError as error:
        # written by another version of Tocsin: shown as it is, and left alone by `retry`, which cannot read it either
        never = datetime.fromtimestamp(0, UTC)
        return Specimen(
            id=specimen_id,
            step=stage.name,
            message=json.loads(raw),
            submission_id=None,
            error=f"a specimen of another version: {error}",
            traceback="",
            attempts=0,
            host="",
            version="",
            first_failed_at=never,
            failed_at=never,
        )
