"""Many word lists over one sentence: where any of their patterns begins is found in one pass, then asked of each.

patterns of all lists ─▶ one search for their beginnings ─▶ at those places alone, each list in turn
"""

import itertools
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

_BEFORE, _AFTER = r"(?<!\w)", r"(?:(?!\w)|(?<=\W))"
#: A pattern that begins with alternatives, every one of them plain, and what follows them.
_ALTERNATIVES = re.compile(r"\(\?:([^()\[\]\\]*)\)(\?)?(?![*+{?])(.*)", re.DOTALL)
#: A pattern that begins with a letter that has to be there.
_LETTER = re.compile(r"[a-z](?![?*+{])")


@dataclass(frozen=True, slots=True)
class Words:
    """One pattern of many alternatives, tried only where `beginnings`, which matches nothing but places, finds one."""

    pattern: re.Pattern[str]
    beginnings: re.Pattern[str]

    def finditer(self, lower: str) -> Iterator[re.Match[str]]:
        """Yield the matches in a lower-cased text, as `finditer` of the pattern."""
        return _at((match.start() for match in self.beginnings.finditer(lower)), self.pattern, lower)


@dataclass(frozen=True, slots=True)
class Spotter(Generic[Key]):
    """Patterns by key, with one for the places where any of them may begin."""

    lists: Mapping[Key, re.Pattern[str]]
    beginnings: re.Pattern[str]

    def find(self, lower: str) -> Iterator[tuple[Key, re.Match[str]]]:
        """Yield the matches of each list in a lower-cased text, the lists in their order: as `finditer` of each."""
        places = [match.start() for match in self.beginnings.finditer(lower)]
        for key, pattern in self.lists.items() if places else ():
            for match in _at(places, pattern, lower):
                yield key, match


def _at(places: Iterable[int], pattern: re.Pattern[str], lower: str) -> Iterator[re.Match[str]]:
    end = 0
    for place in places:
        match = pattern.match(lower, place) if place >= end else None
        if match:
            end = match.end()
            yield match


def any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    """Return one pattern that matches any of `patterns` where a word begins."""
    return re.compile(f"{_BEFORE}(?:{'|'.join(patterns)}){_AFTER}")


def spotter(lists: Mapping[Key, Sequence[str]]) -> Spotter[Key]:
    """Compile lists of patterns. No pattern may match nothing or have a bar outside of brackets."""
    every = beginnings([pattern for patterns in lists.values() for pattern in patterns])
    return Spotter({key: any_of(patterns) for key, patterns in lists.items()}, every)


def beginnings(patterns: Iterable[str], before: str = _BEFORE, after: str = _AFTER) -> re.Pattern[str]:
    """Return a pattern of the places where any of `patterns` matches, between what has to lie before and after it."""
    # A search tries alternatives one by one: by first letters there are few.
    by_letter: dict[str, list[str]] = {}
    for pattern in itertools.chain.from_iterable(map(_unfolded, patterns)):
        by_letter.setdefault(pattern[0] if _LETTER.match(pattern) else "", []).append(pattern)
    groups = (f"{first}(?:{'|'.join(p[len(first) :] for p in rest)})" for first, rest in sorted(by_letter.items()))
    return re.compile(f"{before}(?=(?:{'|'.join(groups)}){after})")


def _unfolded(pattern: str) -> list[str]:
    """Return patterns that together match the same, with the alternatives at the beginning written out."""
    match = _ALTERNATIVES.fullmatch(pattern)
    if not match:
        return [pattern]
    rest = match[3]
    return [*(first + rest for first in match[1].split("|")), *([rest] if match[2] else [])]
