"""What the words around a place name say: that something happened there, that somebody came from there, a dateline."""

import re
from collections.abc import Iterator

from services.classifier import lexicon
from services.classifier.where.names import place_words
from services.classifier.where.places import Found

#: Code points before a name that are read.
_BEFORE = 60
_DATELINE_REACH = 20
#: Words that touch a name on the left and weigh each on its own.
_PREPOSITIONS = frozenset(
    ("in", "at", "near", "of", "from", "to", "on", "and", "outside", "across", "around", "the", "off", "inside", "into")
)
_WORD_BEFORE, _WORD_AFTER = re.compile(r"([\w'.-]+) \Z"), re.compile(r"[ -](\w+)")


def _before(key: str, filler: str, most: int) -> re.Pattern[str]:
    """Return a pattern for one of the phrases before a name, with up to `most` filling words between."""
    words = lexicon.lists("placewords.toml")
    phrases, between = "|".join(words[key]), "|".join(words[filler])
    return re.compile(rf"\b(?:{phrases})\b(?: (?:{between})){{0,{most}}} ?\Z", re.IGNORECASE)


_AT = _before("at", "between", 4)
_FROM = _before("elsewhere", "adjective", 2)
#: "25 km south of": the name after it is where one looks from.
_BESIDE = re.compile(
    r"\b(?:north|south|east|west|north-?east|north-?west|south-?east|south-?west|miles|km|kilomet\w+|outskirts|suburbs?)"
    r"(?: away)? (?:of|from) (?:the (?:\w+ ){1,2}(?:of )?)?\Z",
    re.IGNORECASE,
)
_SPEECH = re.compile(r"\b(?:told|spokes\w+|reporters|reporting|correspondent)\b", re.IGNORECASE)
_DATELINE = re.compile(r"\A[\w .,'-]{0,40}(?:\([^)]{1,30}\) ?)?(?:[-:]|--) ", re.ASCII)
#: A country's name before a noun is an adjective: "US embassy", "Israel army".
_ADJECTIVES = frozenset({"US", "U.S.", "UK", "U.K.", "UN", "UAE"})
_NOUN_AFTER = re.compile(r"(?:-\w+)? [a-z]")


def signs(found: Found) -> Iterator[tuple[str, float]]:
    """Yield what the words around a name say."""
    plain = found.sentence.plain
    before = plain[max(0, found.start - _BEFORE) : found.start]
    left, right = _WORD_BEFORE.search(before), _WORD_AFTER.match(plain, found.end)
    word = left[1].lower() if left else ""
    yield f"before:{word if word in _PREPOSITIONS else 'other' if word else 'none'}", 1.0
    after = right[1].lower() if right else ""
    for name in ("generic", "institutions", "says"):
        yield f"after:{name}", float(after in place_words(name))
    yield "after:possessive", float(plain.startswith(("'s", "' "), found.end))
    yield "directed", float(word in place_words("directions"))
    yield "adjective", float(is_adjective(found))
    yield "from", float(bool(_FROM.search(before)))
    yield "at", float(is_at(found))
    yield "beside", float(bool(_BESIDE.search(before)))
    yield "speech", float(bool(_SPEECH.search(before)))


def is_at(found: Found) -> bool:
    """Tell whether the words before a name say that something happened there: "rocked central"."""
    before = found.sentence.plain[max(0, found.start - _BEFORE) : found.start]
    return bool(_AT.search(before)) and not _BESIDE.search(before)


def is_dateline(found: Found) -> bool:
    """Tell whether a name says where the reporter was: "CAIRO - "."""
    return found.start < _DATELINE_REACH and bool(_DATELINE.match(found.sentence.plain))


def is_adjective(found: Found) -> bool:
    """Tell whether a country's short name goes with the noun after it: "the US base", "UK officials"."""
    return found.name in _ADJECTIVES and bool(_NOUN_AFTER.match(found.sentence.plain, found.end))
