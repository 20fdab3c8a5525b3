"""What a report is compared by, reckoned once for each."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from services.indexer.merging.words import NAME_WORTH, RAREST, frequency, words, worth
from shared.domain.event import Place, Toll
from shared.domain.incident import Report

#: Words of a title that are read.
_TITLE = 40


@dataclass(frozen=True)
class Traits:
    """A report and what follows from it. Vectors have length 1, or are empty."""

    report: Report

    @cached_property
    def terms(self) -> Mapping[str, float]:
        """The telling words, each by how telling it is."""
        return _unit(self.report.terms)

    @cached_property
    def title(self) -> Mapping[str, float]:
        """The words of the title, each by how telling it is."""
        return _unit(words(self.report.title)[:_TITLE])

    @cached_property
    def places(self) -> frozenset[str]:
        """The words of the place's names: they are nobody's."""
        place = self.report.event.place
        told = (place.name, place.city, place.admin1) if place else ()
        return frozenset(word for name in told if name for word in words(name))

    @cached_property
    def names(self) -> frozenset[str]:
        """Rare parts of persons' names."""
        return frozenset(self.report.names)

    @cached_property
    def ages(self) -> frozenset[int]:
        """Ages told, in years."""
        return frozenset(self.report.ages)

    @cached_property
    def parties(self) -> frozenset[str]:
        """Rare words in the names of who took part."""
        told = (word for actor in self.report.event.actors or () if actor.named for word in words(actor.name))
        return frozenset(word for word in told if worth(word) > NAME_WORTH)

    @cached_property
    def first(self) -> int | None:
        """The first day of the event as told, as an ordinal; None where none is told."""
        return self.report.event.date.start.toordinal() if self.report.event.date else None

    @cached_property
    def last(self) -> int | None:
        """The last such day."""
        return self.report.event.date.end.toordinal() if self.report.event.date else None

    @cached_property
    def published(self) -> int | None:
        """The day of publication, as an ordinal."""
        return self.report.published.toordinal() if self.report.published else None

    @cached_property
    def killed(self) -> int | None:
        """The likeliest number of the dead; None where none is told."""
        return likeliest(self.report.event.killed)

    @cached_property
    def injured(self) -> int | None:
        """The likeliest number of the injured."""
        return likeliest(self.report.event.injured)

    @property
    def place(self) -> Place | None:
        """Where it happened."""
        return self.report.event.place


def likeliest(toll: Toll | None) -> int | None:
    """Return the one number that stands for a toll, None where it has none."""
    if toll is None:
        return None
    return toll.best if toll.best is not None else toll.min if toll.min is not None else toll.max


def cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Return how alike two vectors are, 0 to 1."""
    if len(other) < len(one):
        one, other = other, one
    return sum(weight * other[word] for word, weight in one.items() if word in other)


def _unit(told: Iterable[str]) -> dict[str, float]:
    known = frequency()
    weights = {word: known.get(word, RAREST) for word in told}
    length = math.hypot(*weights.values())
    return {word: weight / length for word, weight in weights.items()} if length else {}
