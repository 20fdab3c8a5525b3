"""One incident as one article tells it."""

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from shared.domain.base import Model, Name, Stored
from shared.domain.vocabulary import (
    TYPE_OF,
    ActorKind,
    ActorRole,
    CasualtyRole,
    CodedBy,
    DatePrecision,
    EventType,
    PlacePrecision,
    Realis,
    Sector,
    Subtype,
    TargetClass,
    WeaponClass,
)


def _ordered(span: tuple[int, int]) -> tuple[int, int]:
    if not 0 <= span[0] < span[1]:
        raise ValueError("a span is [start, end) with 0 <= start < end")
    return span


#: `[start, end)` in Unicode code points of the article's text.
Span = Annotated[tuple[int, int], AfterValidator(_ordered)]

#: Which spans of the text say so, by name of the field they speak for.
Evidence = Annotated[dict[str, tuple[Span, ...]], Stored()]


class DateRange(Model):
    """When it happened: an interval of days, both included, at the place of the event."""

    start: date
    end: date
    precision: DatePrecision

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start > self.end:
            raise ValueError("start lies after end")
        return self


class Place(Model):
    """Where it happened."""

    name: Annotated[str, Name()] = Field(description="The finest named place, as the article spells it.")
    city: Annotated[str | None, Name()] = Field(default=None, description="The town it is in, or near.")
    admin1: Annotated[str | None, Name()] = Field(default=None, description="State or province, in English.")
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2.")
    lat: float | None = Field(default=None, ge=-90, le=90, description="Latitude in degrees, WGS 84.")
    lon: float | None = Field(default=None, ge=-180, le=180, description="Longitude in degrees, WGS 84.")
    radius_km: float | None = Field(default=None, ge=0, description="Radius of uncertainty in kilometres.")
    precision: PlacePrecision
    geonames_id: int | None = Field(default=None, ge=0, lt=2**63)

    @model_validator(mode="after")
    def _whole_point(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("a point has both lat and lon")
        return self


class Mention(Model):
    """A place name in the text, resolved or with null coordinates."""

    start: int = Field(ge=0, description="First code point of the name in the text.")
    end: int = Field(description="One past the last code point.")
    name: str
    lat: float | None = None
    lon: float | None = None
    country: str | None = None
    geonames_id: int | None = None


#: A number of people: bounded, so that no misread number breaks the index.
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


class Toll(Model):
    """How many: the lowest, likeliest and highest number told. Null means that nothing bounds it."""

    min: Count | None = None
    best: Count | None = None
    max: Count | None = None
    by_role: dict[CasualtyRole, Count] = Field(default_factory=dict, description="Numbers told for a role.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        known = [n for n in (self.min, self.best, self.max) if n is not None]
        if not known and not self.by_role:
            raise ValueError("a toll without a number is null, not a toll")
        if known != sorted(known):
            raise ValueError("not min <= best <= max")
        return self


class Actor(Model):
    """Somebody who takes part in an event."""

    name: Annotated[str, Name()]
    role: ActorRole
    kind: ActorKind
    sector: Sector
    count: Count | None = None
    named: bool = Field(description="Whether the name is a proper name.")
    aliases: Annotated[tuple[str, ...], Name()] = ()


class Target(Model):
    """What was aimed at."""

    name: str
    class_: TargetClass = Field(alias="class")


class Weapon(Model):
    """A means used or seized."""

    name: str
    class_: WeaponClass = Field(alias="class")


class Event(Model):
    """One incident as one article tells it. A field that is null was not told, or is not coded yet."""

    type: EventType
    subtype: Subtype
    realis: Realis
    main: bool = Field(description="Whether it is this story's news; false for background.")
    confidence: float | None = Field(default=None, ge=0, le=1, description="Calibrated; null when not.")
    coded_by: CodedBy = CodedBy.MODEL
    date: DateRange | None = None
    place: Place | None = None
    actors: tuple[Actor, ...] | None = Field(default=None, description="Null: not coded yet.")
    targets: tuple[Target, ...] | None = Field(default=None, description="Null: not coded yet.")
    weapons: tuple[Weapon, ...] | None = Field(default=None, description="Null: not coded yet.")
    killed: Toll | None = None
    injured: Toll | None = None
    claimed_by: str | None = None
    evidence: Evidence = Field(default_factory=dict)
    headline: tuple[str, ...] = Field(
        default=(), description="Fields that only the headline tells: their spans are the sentences nearest to it."
    )

    @model_validator(mode="after")
    def _subtype_fits(self) -> Self:
        if TYPE_OF[self.subtype] is not self.type:
            raise ValueError(f"{self.subtype} is no subtype of {self.type}")
        return self
