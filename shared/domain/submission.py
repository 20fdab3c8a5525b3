"""A URL somebody asked for."""

import uuid
from datetime import UTC, datetime
from typing import Self

from pydantic import Field

from shared.domain.base import Model, UtcDatetime


class Submission(Model):
    """A URL somebody asked for. Accepted once, and then followed to exactly one `Outcome`."""

    id: str = Field(pattern=r"^[0-9a-f]{32}$", description="Identifier of this request, 32 hexadecimal digits.")
    url: str = Field(description="The URL as asked for, http or https.")
    source: str = Field(default="hook", description="How it came in: hook, cli, demo.")
    labels: tuple[str, ...] = Field(default=(), description="Free words of the submitter, kept with the outcome.")
    accepted_at: UtcDatetime = Field(description="When it was accepted, UTC.")

    @classmethod
    def accept(cls, url: str, *, source: str = "hook", labels: tuple[str, ...] = ()) -> Self:
        """Return a new submission of `url`, stamped now."""
        return cls(id=uuid.uuid4().hex, url=url, source=source, labels=labels, accepted_at=datetime.now(UTC))
