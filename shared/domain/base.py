"""The base of every noun, and the scalar types they share."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen record that refuses unknown fields, so that a message of another version is noticed, not misread."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a moment without a time zone is no moment")
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a moment that no calendar has in UTC") from error


#: A moment, with zone, kept in UTC.
UtcDatetime = Annotated[datetime, AfterValidator(_in_utc)]


class Text:
    """Marks a string that is searched as English prose rather than matched whole."""


class Name:
    """Marks the name of somebody or somewhere: it is matched whole, and found in any case and without its accents."""


class Stored:
    """Marks a value that is kept with its document but not searched."""
