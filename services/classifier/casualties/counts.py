"""One number told of the killed or the injured, with how it is told."""

from dataclasses import dataclass
from enum import StrEnum

from services.classifier.casualties.wording import Harm, Voice
from shared.domain.vocabulary import CasualtyRole


class Bound(StrEnum):
    """What the words before a number make of it."""

    EXACT = "exact"
    LEAST = "least"
    MOST = "most"
    VAGUE = "vague"  #: "several", "dozens": a least number that is nobody's best guess


class Kind(StrEnum):
    """How it is told how many."""

    NUMBER = "number"
    PERSON = "person"  #: one, by a noun: "a guard", "the teenager"
    NAMED = "named"  #: one, by name or office
    PRONOUN = "pronoun"  #: "he died"
    HINT = "hint"  #: "homicide", "the deceased": somebody


@dataclass(frozen=True, slots=True)
class Count:
    """One number told of the killed or the injured. `part` marks some of a total told beside it."""

    harm: Harm
    number: int
    bound: Bound
    role: CasualtyRole | None
    part: bool
    kind: Kind
    start: int  #: code points into the sentence
    end: int
    verb: int  #: where its word of harm begins: counts under one word add up
    voice: Voice | None = None  #: None: a phrase that says "nobody"
    low: int | None = None  #: where a range begins that ends at `number`: "three to nine"
    more: bool = False  #: told as more than were told before: "two others", "another two"
    shot: bool = False  #: told to be hit by a bullet, and no more

    @property
    def single(self) -> bool:
        """Whether it is one person told without a number: weaker than a count."""
        return self.kind is not Kind.NUMBER
