"""What people decide about incidents: merge, split, move, edit, retract, lock, and the undoing of each."""

import json
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, JsonValue, StringConstraints, field_validator, model_validator

from shared.domain.base import Model, Stored, UtcDatetime
from shared.domain.event import Actor, DateRange, Event, Place, Target, Toll, Weapon
from shared.domain.vocabulary import TYPE_OF, EventType, Realis, Subtype

#: Most characters of who decided, why, and of a text that people set.
WHO_CHARS, WHY_CHARS, TEXT_CHARS = 200, 2000, 500
#: Most parties of one kind that people may list.
PARTIES = 100

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_CHARS)]


class DecisionKind(StrEnum):
    """What somebody decided."""

    MERGE = "merge"  #: this incident is that one, which stands for it from now on
    SPLIT = "split"  #: some reports tell another happening, which gets a number of its own
    MOVE = "move"  #: one report tells that other incident
    EDIT = "edit"  #: these fields are as I say, whatever the sources say
    RETRACT = "retract"  #: this is no incident
    LOCK = "lock"  #: its fields stay as they are, though sources are still added
    UNLOCK = "unlock"
    UNDO = "undo"  #: that decision never was


class Edit(Model):
    """Fields of an incident as people set them. A field that is not given stays; null says that it is unknown."""

    title: Words | None = None
    type: EventType | None = Field(default=None, description="Follows from the subtype; may not be given without it.")
    subtype: Subtype | None = None
    realis: Realis | None = None
    date: DateRange | None = None
    place: Place | None = None
    killed: Toll | None = None
    injured: Toll | None = None
    actors: Annotated[tuple[Actor, ...], Field(max_length=PARTIES)] | None = None
    targets: Annotated[tuple[Target, ...], Field(max_length=PARTIES)] | None = None
    weapons: Annotated[tuple[Weapon, ...], Field(max_length=PARTIES)] | None = None
    claimed_by: Words | None = None

    @field_validator("killed", "injured")
    @classmethod
    def _exact(cls, toll: Toll | None) -> Toll | None:
        """Take a number without bounds for an exact one, as in news; "at least five" is a `min`."""
        if toll is None or toll.best is None or (toll.min, toll.max) != (None, None):
            return toll
        return toll.model_copy(update={"min": toll.best, "max": toll.best})

    @model_validator(mode="after")
    def _fits(self) -> Self:
        needed = {"title", "type", "subtype", "realis", "actors", "targets", "weapons"} & self.model_fields_set
        empty = sorted(name for name in needed if getattr(self, name) is None)
        if empty:
            raise ValueError(f"may not be null: {', '.join(empty)}")
        if self.type is not None and (self.subtype is None or TYPE_OF[self.subtype] is not self.type):
            raise ValueError("type follows from the subtype: give a subtype that fits")
        try:
            json.dumps(self.model_dump(mode="python", exclude={"date"}), allow_nan=False, default=str)
        except ValueError as error:
            raise ValueError("a number that is none") from error
        return self

    @property
    def given(self) -> dict[str, JsonValue]:
        """The fields that are set, as JSON. The type comes with the subtype."""
        names = set(self.model_fields_set) | ({"type"} if self.subtype is not None else set())
        whole = self if self.subtype is None else self.model_copy(update={"type": TYPE_OF[self.subtype]})
        return {name: value for name, value in whole.model_dump(mode="json").items() if name in names}


#: The fields that people may set.
EDITABLE = tuple(Edit.model_fields)


class Move(Model):
    """A report that a decision puts elsewhere, with what tells it again after its article is coded anew."""

    article_id: str
    position: int = Field(ge=0, description="Its place among the events of its article, then.")
    fingerprint: str = Field(description="Of the text, then.")
    event: Event = Field(description="What it told then, without evidence.")
    beside: tuple[Event, ...] = Field(default=(), description="The other events that the article told then.")
    from_: str = Field(alias="from", description="Where it is when no person's decision stands on it.")
    to: str


class Decision(Model):
    """One decision of a person. Never changed and never deleted: an undo is a decision of its own."""

    id: str
    kind: DecisionKind
    incident_ids: tuple[str, ...] = Field(min_length=1, description="What it is about, first the one it was asked of.")
    article_ids: tuple[str, ...] = Field(default=(), description="Whose reports it moves.")
    who: str = Field(min_length=1, max_length=WHO_CHARS)
    why: str = Field(min_length=1, max_length=WHY_CHARS)
    at: UtcDatetime
    into: str | None = Field(default=None, description="Of a merge: the incident that stands for the first.")
    moves: Annotated[tuple[Move, ...], Stored()] = ()
    fields: Annotated[dict[str, JsonValue], Stored()] = Field(
        default={}, description="Of an edit what was set; of a lock everything, as it stood then."
    )
    before: Annotated[dict[str, JsonValue], Stored()] = Field(default={}, description="What an edit set aside.")
    undoes: str | None = Field(default=None, description="Of an undo: the decision that stands no more.")
