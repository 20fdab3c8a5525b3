"""Places that no gazetteer lists, known by the word beside them: "the village of Kesra", "Kesra village"."""

import re
from collections.abc import Iterator, Sequence

from services.classifier.sentences import Sentence
from services.classifier.where.places import Found
from shared.domain.vocabulary import PlacePrecision

#: What the word says of the place.
_KINDS = {
    "village": PlacePrecision.CITY,
    "town": PlacePrecision.CITY,
    "hamlet": PlacePrecision.CITY,
    "district": PlacePrecision.ADMIN2,
    "county": PlacePrecision.ADMIN2,
    "neighbourhood": PlacePrecision.NEIGHBOURHOOD,
    "neighborhood": PlacePrecision.NEIGHBOURHOOD,
    "suburb": PlacePrecision.NEIGHBOURHOOD,
}
_KIND = "|".join(_KINDS)
_NAME = r"(?P<name>[A-Z][\w'-]+(?: (?:[A-Z][\w'-]+|al|el|de|la)){0,2})"
_PATTERNS = (
    re.compile(rf"\b(?P<kind>{_KIND}) (?:of |called |named ){_NAME}"),
    re.compile(rf"\b(?:in|at|near|of|from|outside) (?:the )?{_NAME} (?P<kind>{_KIND})\b"),
)


def find(sentence: Sentence, listed: Sequence[Found]) -> Iterator[Found]:
    """Yield the unlisted places of a sentence, none of them where a listed one stands."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(sentence.plain):
            start, end = match.span("name")
            if not any(start < f.end and f.start < end for f in listed):
                yield Found(sentence.text[start:end], sentence, start, end, None)


def precision(found: Found) -> PlacePrecision:
    """Return what the word that makes an unlisted place one says it is."""
    named = (match for pattern in _PATTERNS for match in pattern.finditer(found.sentence.plain))
    words = (match["kind"] for match in named if match.span("name") == (found.start, found.end))
    return next((_KINDS[word] for word in words), PlacePrecision.CITY)
