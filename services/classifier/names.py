"""Place names in a sentence: which words are one, rather than a person, a firm or a common word."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from services.classifier import lexicon
from services.classifier.gazetteer import Entry, Gazetteer
from services.classifier.sentences import Sentence
from shared.domain.vocabulary import PlacePrecision

TOKEN = re.compile(r"(?:[A-Z]\.){2,}|[^\W_]+(?:[-'][^\W_]+)*")
_POSSESSIVE = re.compile(r"'s?\Z")
_BREAKS = frozenset(',;:()\n"\u201c\u201d')
#: People that a place must have to be believed: with "in" before it where case says nothing; without "in"; anywhere.
KNOWN, SMALL, LARGE = 50_000, 15_000, 200_000
_MIXED_CASE = (0.01, 0.6)
#: In a headline with capitals throughout, this share of its longer words has one.
_TITLE_CASE, _LONGER = 0.8, 3
_ACRONYM, _SHORTEST = 4, 3
_ACRONYMS = frozenset({"US", "UK"})
_ADJECTIVE_ENDS = ("n", "i", "ese", "ish")

_Token = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Name:
    """A place name in a sentence, by code points, with every place it may be and the word that follows it."""

    text: str
    start: int
    end: int
    candidates: tuple[Entry, ...]
    after: str


@cache
def place_words(kind: str) -> frozenset[str]:
    """Return one of the lists in `data/placewords.toml`: locative, generic, titles, province."""
    return frozenset(tomllib.loads(lexicon.data("placewords.toml"))[kind])


@cache
def _stop_names() -> frozenset[str]:
    return lexicon.words("stopnames.txt")


def find(sentence: Sentence, gazetteer: Gazetteer, *, mixed: bool) -> Iterator[Name]:
    """Yield the place names of a sentence, the longest at each word. `mixed`: whether capital letters tell."""
    text = sentence.plain
    tokens = [(_POSSESSIVE.sub("", m.group()), m.start()) for m in TOKEN.finditer(text)]
    words = [(word, start, start + len(word)) for word, start in tokens if word]
    capitals = mixed and not _is_title_case(words)
    position = 0
    while position < len(words):
        step = 1
        for length in range(min(gazetteer.longest, len(words) - position), 0, -1):
            group = words[position : position + length]
            name = text[group[0][1] : group[-1][2]]
            if not _may_name(group, name, mixed=mixed):
                continue
            candidates = gazetteer.lookup(name)
            if candidates and _Setting(words, position, length, text).fits(candidates, mixed=capitals):
                after = words[position + length][0].lower() if position + length < len(words) else ""
                yield Name(name, group[0][1], group[-1][2], candidates, after)
                step = length
                break
        position += step


def _may_name(group: list[_Token], name: str, *, mixed: bool) -> bool:
    first, last = group[0][0], group[-1][0]
    if first.lower() == "the" or (mixed and not (first[0].isupper() and last[0].isupper())):
        return False
    return _BREAKS.isdisjoint(name)


def is_mixed_case(text: str) -> bool:
    """Tell whether capital letters mean something in this text: some wires write all in one case."""
    letters = sum(c.isalpha() for c in text)
    return not letters or _MIXED_CASE[0] < sum(c.isupper() for c in text) / letters < _MIXED_CASE[1]


def _is_title_case(tokens: list[_Token]) -> bool:
    long = [word for word, _, _ in tokens if len(word) > _LONGER]
    return bool(long) and sum(word[0].isupper() for word in long) > _TITLE_CASE * len(long)


@dataclass(frozen=True, slots=True)
class _Setting:
    """The words around a name that the gazetteer knows."""

    tokens: list[_Token]
    position: int
    length: int
    text: str

    def fits(self, candidates: tuple[Entry, ...], *, mixed: bool) -> bool:
        """Tell whether the name is a place here."""
        name = self.text[self.tokens[self.position][1] : self.tokens[self.position + self.length - 1][2]]
        largest = max(e.weight for e in candidates)
        before = self._before()
        located = before.lower() in place_words("locative")
        if self._is_word(name) or before.lower() in place_words("titles"):
            return False
        if not mixed:
            return largest >= (KNOWN if located else LARGE)
        country = any(e.precision is PlacePrecision.COUNTRY for e in candidates)
        if not country and (self._inside_name() or (name.isupper() and len(name) <= _ACRONYM)):
            return False
        return located or largest >= LARGE or (largest >= SMALL and self.position > 0) or self._before_comma()

    def _is_word(self, name: str) -> bool:
        short = len(name) < _SHORTEST and name not in _ACRONYMS
        return self.length == 1 and (short or name.lower() in _stop_names())

    def _before(self) -> str:
        """The word that touches the name on its left, or nothing."""
        start = self.tokens[self.position][1]
        if self.position and self.text[self.tokens[self.position - 1][2] : start] == " ":
            return self.tokens[self.position - 1][0]
        return ""

    def _after(self, gap: str) -> str:
        """The word that follows the name after exactly `gap`, or nothing."""
        following = self.position + self.length
        if following < len(self.tokens) and self.text[self.tokens[following - 1][2] : self.tokens[following][1]] == gap:
            return self.tokens[following][0]
        return ""

    def _inside_name(self) -> bool:
        """Tell whether capitalised words touch the name: "Jordan Smith", "Houston Chronicle", "Kate London"."""
        after, before = self._after(" "), self._before()
        if after[:1].isupper() and after.lower() not in place_words("generic"):
            return True
        plain = before.lower() in place_words("locative") | place_words("generic") or self.position == 1
        return before[:1].isupper() and not plain and not before.lower().endswith(_ADJECTIVE_ENDS)

    def _before_comma(self) -> bool:
        return self._after(", ")[:1].isupper()
