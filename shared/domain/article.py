"""The readable text of a page."""

import hashlib
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, field_validator

from shared.domain.base import Model, Text, UtcDatetime

_COARSE = frozenset({"year", "month"})


class Published(Model):
    """When a story was published, as its page says."""

    value: str = Field(description="ISO 8601 day or moment, with the offset the source gives.")
    precision: str = Field(description="year, month, day, minute or second: how fine the value is.")
    source: str = Field(description="Where it was found: json-ld, meta, microdata, html, input.")

    @field_validator("value")
    @classmethod
    def _is_iso(cls, value: str) -> str:
        datetime.fromisoformat(value)
        return value

    @property
    def day(self) -> date:
        """The day at the publisher's clock: what "today" and "Thursday" in the story are counted from."""
        return datetime.fromisoformat(self.value).date()

    @property
    def exact_day(self) -> date | None:
        """The day, None where only the month or the year is known: nothing can be counted from its first day."""
        return None if self.precision in _COARSE else self.day

    @classmethod
    def of_day(cls, day: str) -> Self:
        """Return a publication date known to the day. Raises ValueError when it is no ISO date or moment."""
        return cls(value=day, precision="day" if len(day) == len("2022-01-13") else "second", source="input")


class Article(Model):
    """The readable text of a page, with what the page says of itself."""

    id: str = Field(description="Identifier: hash of the canonical URL, the same for every fetch of one story.")
    url: str = Field(description="The URL that was submitted.")
    canonical_url: str = Field(description="The URL the publisher prefers, on the same host as the page.")
    title: Annotated[str, Text()] = Field(description="Headline; empty when the page has none.")
    text: Annotated[str, Text()] = Field(description="Body, paragraphs separated by line breaks.")
    byline: tuple[str, ...] = Field(default=(), description="Names of the authors.")
    published: Published | None = Field(description="Publication date; null when the page gives none.")
    language: str | None = Field(description="ISO 639-1 code of the text; null when it is too short to tell.")
    site: str | None = Field(description="Host name of the publisher, without a leading www.")
    fingerprint: str = Field(description="Hash of the words of the text: equal for verbatim copies.")
    fetched_at: UtcDatetime = Field(description="When the page was fetched, UTC. The newest fetch wins.")


def article_id(canonical_url: str) -> str:
    """Return the identifier of the story at a canonical URL: 32 hexadecimal digits."""
    return hashlib.sha256(canonical_url.encode()).hexdigest()[:32]


def fingerprint(text: str) -> str:
    """Return a hash of the words of `text`, deaf to case, punctuation and spacing."""
    words = "".join(c if c.isalnum() else " " for c in text.casefold()).split()
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:32]
