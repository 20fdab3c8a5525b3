"""What a report keeps of its article's words, so that it can be compared without the text.

    text ─▶ terms   the words that tell it from other news, the most telling first
         ─▶ names   rare capitalised words in the midst of sentences: parts of the names of persons
         ─▶ ages    numbers of years told of persons

A text in capitals, or without any, has no names to be seen; its terms do not depend on case.
"""

import gzip
import math
import re
import string
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path

#: How common words are: a line per word, with the level that `frequency` reads. Made by `services.indexer.training`.
TABLE = Path(__file__).parent / "frequencies.txt.gz"
#: Most of each that a report keeps.
TERMS = 60
NAMES = 30
AGES = 12
#: Levels of commonness per natural logarithm: a word of level n is in one text of e^(n / STEPS).
STEPS = 10
#: Of a word that is in no table, and of one rarer than any.
RAREST = 9.0
#: A word less telling is no part of a name, and one less telling than the second no term.
NAME_WORTH = 3.0
TERM_WORTH = 0.5
#: Characters of a text that are read: what tells a happening stands at its beginning.
READ = 20_000
_LONGEST = 40

_WORD = re.compile(r"[^\W\d_][^\W_]*(?:['’-][^\W_]+)*|\d+")  # noqa: RUF001 - as it is printed
_NAME = re.compile(r"(?<=[^.!?\n“”\"'‘’:] )[A-Z][a-zà-ÿ]+(?:[ -][A-Z][a-zà-ÿ]+)+")  # noqa: RUF001 - as it is printed
_AGE = re.compile(
    r"\b(\d{1,2})[ -]years?[ -]old\b|(?<=[a-z]), (?:aged? )?(\d\d)(?=[,.;])|\baged (\d\d)\b", re.IGNORECASE
)
#: Share of capitals among the letters of a text, above which its capitals say nothing.
_SHOUTED = 0.4
#: Capitals and letters of ASCII, which most texts consist of: counted at once, not one by one.
_CAPITALS = string.ascii_uppercase.encode()
_LETTERS = string.ascii_letters.encode()
_FOREIGN = re.compile(r"[^\x00-\x7f]")


@cache
def frequency() -> Mapping[str, float]:
    """Return how telling each known word is: the natural logarithm of how many texts there are to one with it."""
    with gzip.open(TABLE, "rt", encoding="utf-8") as lines:
        pairs = (line.rstrip("\n").rsplit("\t", 1) for line in lines)
        return {word: int(level) / STEPS for word, level in pairs}


def worth(word: str) -> float:
    """Return how telling a word is, from 0 to RAREST."""
    return frequency().get(word, RAREST)


def words(text: str) -> list[str]:
    """Return the words and numbers of a text in lower case, without a possessive s."""
    found = (word.lower().replace("’", "'").removesuffix("'s") for word in _WORD.findall(text[:READ]))  # noqa: RUF001 - as it is printed
    return [word for word in found if len(word) <= _LONGEST]


def terms(title: str, text: str) -> tuple[str, ...]:
    """Return the most telling words of an article, the most telling first; none where its text is not known."""
    if not text:
        return ()
    known = frequency()
    counts = Counter(words(f"{title}\n{text}"))
    telling = [
        (-(1 + math.log(n)) * level, word)
        for word, n in counts.items()
        if (level := known.get(word, RAREST)) > TERM_WORTH
    ]
    return tuple(word for _, word in sorted(telling)[:TERMS])


def names(text: str) -> tuple[str, ...]:
    """Return the parts of persons' and other long names in a text, the rarest first."""
    text = text[:READ]
    if _shouted(text):
        return ()
    parts = {word for name in _NAME.findall(text) for word in words(name)}
    rare = [word for word in parts if worth(word) > NAME_WORTH]
    return tuple(sorted(rare, key=lambda word: (-worth(word), word))[:NAMES])


def _shouted(text: str) -> bool:
    plain, foreign = text.encode("ascii", "ignore"), _FOREIGN.findall(text)
    capitals = len(plain) - len(plain.translate(None, _CAPITALS)) + sum(map(str.isupper, foreign))
    letters = len(plain) - len(plain.translate(None, _LETTERS)) + sum(map(str.isalpha, foreign))
    return capitals > _SHOUTED * letters


def ages(text: str) -> tuple[int, ...]:
    """Return the ages told in a text, in years, the lowest first."""
    found = {int(next(filter(None, groups))) for groups in _AGE.findall(text[:READ])}
    return tuple(sorted(found)[:AGES])
