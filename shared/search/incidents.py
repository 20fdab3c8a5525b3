"""The one query model for incidents: what may be asked, as Elasticsearch is asked it.

The API, alerts, exports, the command line and the web pages all read it, so that one search is one everywhere.
"""

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, field_validator, model_validator

from shared.domain.base import Model
from shared.domain.event import Count
from shared.domain.incident import IncidentStatus
from shared.domain.vocabulary import (
    ActorKind,
    ActorRole,
    EventType,
    Realis,
    Sector,
    Subtype,
    TargetClass,
    WeaponClass,
)
from shared.search import conditions, words
from shared.search.conditions import Box, Clause, Country, Named, Site, Unknown
from shared.spelling import plain

#: Half the way around the earth, in kilometres: nothing lies farther away.
FARTHEST_KM = 20_040
#: Most values of one condition.
MOST_VALUES = 100

#: Where is searched for words. The number of an incident is one of its words.
FIELDS = words.Fields(
    prose=["title^3", "plain.summary^2", "text"],
    names=[
        f"{name}.words"
        for name in (
            "actors.plain.name",
            "actors.plain.aliases",
            "place.plain.name",
            "place.plain.city",
            "place.plain.admin1",
        )
    ],
    number="id",
)


class Facet(StrEnum):
    """What incidents are counted by."""

    TYPE = "type"
    SUBTYPE = "subtype"
    REALIS = "realis"
    COUNTRY = "country"
    ADMIN1 = "admin1"
    CITY = "city"
    ACTOR = "actor"
    ROLE = "role"
    ACTOR_KIND = "actor_kind"
    SECTOR = "sector"
    TARGET = "target"
    WEAPON = "weapon"
    SOURCE = "source"


#: Facets of one party: what is asked of them must hold for the same one.
PARTY = (Facet.ACTOR, Facet.ROLE, Facet.ACTOR_KIND, Facet.SECTOR)


class IncidentQuery(Model):
    """Which incidents. All conditions hold together; of several values for one, any may hold."""

    q: str | None = Field(
        default=None, max_length=1000, description='Words; "a phrase", -not, word*, one | other, ( ).'
    )
    type: tuple[EventType, ...] = Field(default=(), max_length=MOST_VALUES, description="Of these types.")
    subtype: tuple[Subtype, ...] = Field(default=(), max_length=MOST_VALUES, description="Of these subtypes.")
    realis: tuple[Realis, ...] = Field(default=(), max_length=MOST_VALUES, description="Whether it happened.")
    country: tuple[Country, ...] = Field(
        default=(), max_length=MOST_VALUES, description="In these countries, ISO 3166-1 alpha-2."
    )
    admin1: tuple[Named, ...] = Field(
        default=(), max_length=MOST_VALUES, description="In these states or provinces, in English; accents may miss."
    )
    city: tuple[Named, ...] = Field(
        default=(), max_length=MOST_VALUES, description="In or near these towns; accents may miss."
    )
    bbox: Box | None = Field(
        default=None, description="west,south,east,north in degrees; west greater than east crosses the date line."
    )
    lat: float | None = Field(default=None, ge=-90, le=90, description="Latitude of a point, in degrees.")
    lon: float | None = Field(default=None, ge=-180, le=180, description="Longitude of the point, in degrees.")
    km: float | None = Field(default=None, gt=0, le=FARTHEST_KM, description="At most so far from lat, lon.")
    from_: date | None = Field(default=None, alias="from", description="May have happened on or after this day.")
    to: date | None = Field(default=None, description="May have happened on or before this day.")
    killed_min: Count | None = Field(default=None, description="So many or more may be dead: killed.max is not below.")
    killed_max: Count | None = Field(default=None, description="So many or fewer may be dead: killed.min is not above.")
    killed_unknown: Unknown | None = Field(
        default=None, description="Those of unknown toll; left out by default when a number is asked for."
    )
    injured_min: Count | None = Field(default=None, description="As killed_min, of the injured.")
    injured_max: Count | None = Field(default=None, description="As killed_max, of the injured.")
    injured_unknown: Unknown | None = Field(default=None, description="As killed_unknown, of the injured.")
    actor: tuple[Named, ...] = Field(
        default=(), max_length=MOST_VALUES, description="A party with these words in its name, in this order."
    )
    role: tuple[ActorRole, ...] = Field(default=(), max_length=MOST_VALUES, description="That party's part in it.")
    actor_kind: tuple[ActorKind, ...] = Field(default=(), max_length=MOST_VALUES, description="That party's kind.")
    sector: tuple[Sector, ...] = Field(default=(), max_length=MOST_VALUES, description="That party's walk of life.")
    target: tuple[TargetClass, ...] = Field(default=(), max_length=MOST_VALUES, description="What was aimed at.")
    weapon: tuple[WeaponClass, ...] = Field(default=(), max_length=MOST_VALUES, description="The means used.")
    source: tuple[Site, ...] = Field(default=(), max_length=MOST_VALUES, description="Told by these sites.")
    min_reports: int | None = Field(default=None, ge=1, le=1_000_000, description="Told by so many articles or more.")
    min_confidence: float | None = Field(default=None, ge=0, le=1, description="At least so sure; unknown left out.")
    status: tuple[IncidentStatus, ...] = Field(
        default=(IncidentStatus.ACTIVE,), max_length=MOST_VALUES, description="Active ones by default."
    )

    @field_validator("q")
    @classmethod
    def _few_words(cls, value: str | None) -> str | None:
        return asked(value)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.from_ and self.to and self.from_ > self.to:
            raise ValueError("from lies after to")
        for name in ("killed", "injured"):
            least, most = getattr(self, f"{name}_min"), getattr(self, f"{name}_max")
            if least is not None and most is not None and least > most:
                raise ValueError(f"{name}_min is more than {name}_max")
        if (self.lat is None) != (self.lon is None):
            raise ValueError("a point has both lat and lon")
        if self.km is not None and self.lat is None:
            raise ValueError("km is a distance from lat, lon")
        return self

    def clause(self, without: Facet | None = None) -> Clause:
        """Return the query: what an incident must be to match, but for the condition of one facet."""
        must = [words.clause(self.q, FIELDS)] if self.q else []
        return {"bool": {"must": must, "filter": [*self._conditions(), *self._of_facets(without)]}}

    def narrowed(self) -> tuple[Facet, ...]:
        """Return the facets that are asked for: their own counts leave their condition out."""
        return tuple(facet for facet in Facet if getattr(self, facet))

    def _of_facets(self, without: Facet | None) -> list[Clause]:
        found = {
            Facet.TYPE: conditions.one_of("type", self.type),
            Facet.SUBTYPE: conditions.one_of("subtype", self.subtype),
            Facet.REALIS: conditions.one_of("realis", self.realis),
            Facet.COUNTRY: conditions.one_of("place.country", self.country),
            Facet.ADMIN1: conditions.named("place.plain.admin1", self.admin1),
            Facet.CITY: conditions.named("place.plain.city", self.city),
            Facet.TARGET: conditions.one_of("targets.class", self.target),
            Facet.WEAPON: conditions.one_of("weapons.class", self.weapon),
            Facet.SOURCE: conditions.one_of("sites", self.source),
        }
        clauses = [clause for facet, own in found.items() if facet != without for clause in own]
        if party := self.party(without):
            clauses.append({"nested": {"path": "actors", "query": {"bool": {"filter": party}}}})
        return clauses

    def party(self, without: Facet | None = None) -> list[Clause]:
        """Return what must hold of one and the same party, but for the condition of one facet."""
        found = {
            Facet.ACTOR: _called(self.actor),
            Facet.ROLE: conditions.one_of("actors.role", self.role),
            Facet.ACTOR_KIND: conditions.one_of("actors.kind", self.actor_kind),
            Facet.SECTOR: conditions.one_of("actors.sector", self.sector),
        }
        return [clause for facet, clauses in found.items() if facet != without for clause in clauses]

    def _conditions(self) -> list[Clause]:
        clauses = [
            *conditions.one_of("status", self.status),
            *conditions.overlapping(self.from_, self.to),
            *conditions.within(self.bbox),
            *conditions.number("killed", self.killed_min, self.killed_max, self.killed_unknown),
            *conditions.number("injured", self.injured_min, self.injured_max, self.injured_unknown),
        ]
        if self.km is not None:
            point = {"lat": self.lat, "lon": self.lon}
            clauses.append({"geo_distance": {"distance": f"{self.km}km", "place.location": point}})
        if self.min_reports is not None:
            clauses.append({"range": {"reports": {"gte": self.min_reports}}})
        if self.min_confidence is not None:
            clauses.append({"range": {"confidence": {"gte": self.min_confidence}}})
        return clauses


def asked(q: str | None) -> str | None:
    """Return what is searched for, None for nothing. Raises ValueError when it has too many words."""
    q = (q or "").strip() or None
    count, prefixes = words.weight(q or "")
    if count > words.MOST_WORDS:
        raise ValueError(f"a search has at most {words.MOST_WORDS} words")
    if prefixes > words.MOST_PREFIXES:
        raise ValueError(f"a search has at most {words.MOST_PREFIXES} words with *")
    return q


def _called(names: tuple[str, ...]) -> list[Clause]:
    if not names:
        return []
    fields = ["actors.plain.name.words", "actors.plain.aliases.words"]
    asked = [{"multi_match": {"query": plain(name), "fields": fields, "type": "phrase"}} for name in names]
    return [{"bool": {"should": asked}}]
