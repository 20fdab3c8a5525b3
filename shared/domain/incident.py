"""Reports and incidents: what the indexer makes of events."""

import datetime as dt
import hashlib
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field

from shared.domain.article import Article
from shared.domain.base import Model, Stored, Text, UtcDatetime
from shared.domain.coded import Opinion
from shared.domain.event import Actor, DateRange, Event, Place, Target, Toll, Weapon
from shared.domain.vocabulary import EventType, Realis, Subtype
from shared.errors import Reason

#: A day, under a name that a field called `date` does not hide.
Day = dt.date

#: The sentences that say so, by name of the field they speak for.
Quotes = Annotated[dict[str, tuple[str, ...]], Stored()]


class FiledArticle(Article):
    """An article as the index keeps it: every one, also those that report no incident."""

    relevant: bool
    discard_reason: Reason | None = None
    score: float | None = None
    model: str = Field(description="Version of the rules or weights that judged it.")
    opinion: Opinion | None = None
    events: Annotated[tuple[Event, ...], Stored()] = Field(default=(), description="Everything coded, also background.")
    incident_ids: tuple[str, ...] = ()


class Report(Model):
    """One main event of one article, and the incident it is assigned to."""

    id: str = Field(description="`<article id>-<position>`.")
    article_id: str
    position: int = Field(ge=0, description="Place of the event among those of its article.")
    incident_id: str
    score: float = Field(ge=0, le=1, description="How well it fits the other reports of the incident.")
    reason: str = Field(description="Why it was assigned there.")
    event: Event
    quotes: Quotes
    title: Annotated[str, Text()]
    url: str
    site: str | None
    fingerprint: str
    published: Day | None
    when_start: Day | None = Field(description="First day on which it may have happened: candidates are sought by it.")
    when_end: Day | None = Field(description="Last such day.")
    fetched_at: UtcDatetime
    assigned_id: str | None = Field(
        default=None, description="Where the model has it, when a person's decision has it elsewhere."
    )
    terms: tuple[str, ...] = Field(default=(), description="The article's most telling words, those first; at most 60.")
    names: tuple[str, ...] = Field(default=(), description="Rare parts of persons' names in the text; at most 30.")
    ages: tuple[int, ...] = Field(default=(), description="Ages told of persons, in years; at most 12.")

    @property
    def by_model(self) -> str:
        """The incident that it belongs to when no person's decision stands."""
        return self.assigned_id or self.incident_id

    def placed(self, incident_id: str) -> Self:
        """Return the report in an incident that people's decisions lead to, wherever the model has it."""
        elsewhere = None if incident_id == self.by_model else self.by_model
        return self.model_copy(update={"incident_id": incident_id, "assigned_id": elsewhere})


class Source(Model):
    """One report that an incident rests on: who says what."""

    report_id: str
    article_id: str
    url: str
    site: str | None
    title: Annotated[str, Text()]
    published: Day | None
    killed: Toll | None
    injured: Toll | None
    quotes: Quotes


class IncidentStatus(StrEnum):
    """Whether an incident stands."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"  #: no report is left; the number is never used again
    MERGED = "merged"  #: a person found it to be another, which `merged_into` names
    RETRACTED = "retracted"  #: a person found that it is none


class Incident(Model):
    """fold(reports): the record people search."""

    id: str = Field(description="Permanent number: TCN- and ten characters.")
    status: IncidentStatus
    merged_into: str | None = Field(default=None, description="The incident that stands for this one.")
    revision: int = Field(default=1, ge=1, description="Counts what has changed: 1 when it is founded.")
    title: Annotated[str, Text()]
    summary: Annotated[str, Text()] = Field(default="", description="Two sentences made of the coded fields alone.")
    type: EventType
    subtype: Subtype
    realis: Realis
    confidence: float | None = Field(default=None, ge=0, le=1, description="Of the surest report; null when unknown.")
    date: DateRange | None
    place: Place | None
    killed: Toll | None
    injured: Toll | None
    actors: tuple[Actor, ...] = Field(default=(), description="Who took part, those named most often first.")
    targets: tuple[Target, ...] = ()
    weapons: tuple[Weapon, ...] = ()
    claimed_by: str | None = None
    text: Annotated[tuple[str, ...], Text()] = Field(
        description="What is searched: titles, places, parties, quoted sentences."
    )
    reports: int = Field(ge=0, description="How many articles tell it.")
    sites: tuple[str, ...] = Field(description="Who tells it, each publisher once.")
    sources: tuple[Source, ...] = Field(description="What it rests on, the oldest first; at most 100.")
    first_published: Day | None
    last_published: Day | None
    edited: tuple[str, ...] = Field(default=(), description="Fields that people set: there the sources are not asked.")
    locked: bool = Field(default=False, description="Whether a person has fixed its fields; sources are still added.")
    updated_at: UtcDatetime = Field(description="When the newest of its pages was fetched, UTC.")


def incident_id(founder: str) -> str:
    """Return the number of the incident that a report founds, of its identifier and the version it was read in.

    A repeated delivery founds the same number again. A later version of the story that tells something else does not.
    """
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no letter is mistaken for a digit
    digest = int.from_bytes(hashlib.sha256(founder.encode()).digest()[:8], "big")
    return "TCN-" + "".join(alphabet[digest >> shift & 31] for shift in range(45, -1, -5))
