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
#: Words of names of what stands in a town, or beside one.
_BUILT = re.compile(
    r"\b(?:street|st|road|rd|avenue|ave|boulevard|blvd|drive|lane|highway|route|interstate|square|bridge|block|mall|market"
    r"|cent(?:er|re)|hospital|clinic|school|college|university|church|mosque|temple|cathedral|prison|jail|camp|base"
    r"|barracks|post|checkpoint|station|airport|airfield|port|park|stadium|hotel|restaurant|club|bar|theat(?:er|re)|museum"
    r"|palace|embassy|consulate|court|building|tower|apartments?|farm|plant|factory|mine|dam|house|store|bank|office)\b"
)
_NEXT = re.compile(r"(?: \w+)?")
_KIND = "|".join(_KINDS)
#: Which few sentences hold.
_ANY_KIND = re.compile(_KIND)
_NAME = r"(?P<name>[A-Z][\w'-]+(?: (?:[A-Z][\w'-]+|al|el|de|la)){0,2})"
_PATTERNS = (
    re.compile(rf"\b(?P<kind>{_KIND}) (?:of |called |named ){_NAME}"),
    re.compile(rf"\b(?:in|at|near|of|from|outside) (?:the )?{_NAME} (?P<kind>{_KIND})\b"),
)


def find(sentence: Sentence, listed: Sequence[Found]) -> Iterator[Found]:
    """Yield the unlisted places of a sentence, none of them where a listed one stands."""
    for pattern in _PATTERNS if _ANY_KIND.search(sentence.plain) else ():
        for match in pattern.finditer(sentence.plain):
            start, end = match.span("name")
            if not any(start < f.end and f.start < end for f in listed):
                yield Found(sentence.text[start:end], sentence, start, end, None)


def precision(found: Found) -> PlacePrecision:
    """Return what the word that makes an unlisted place one says it is, or its own name; a town where neither does."""
    named = (match for pattern in _PATTERNS for match in pattern.finditer(found.sentence.plain))
    words = (match["kind"] for match in named if match.span("name") == (found.start, found.end))
    kind = next((_KINDS[word] for word in words), None)
    following = _NEXT.match(found.sentence.plain, found.end)
    built = _BUILT.search(f"{found.name}{following.group() if following else ''}".lower())
    return kind or (PlacePrecision.FACILITY if built else PlacePrecision.CITY)
