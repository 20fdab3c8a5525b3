"""Which words of a sentence name a party, a target or a means, or tell a toll, a place or a time of its event."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from services.classifier.network.encoder import Encoded
from services.classifier.network.heads import SLOTS, Array, Judgement
from services.classifier.numbers import NUMBER

#: How sure a mention must be of its surest word; of each of its words, also as a share of the surest.
_SURE, _PART, _SHARE = 0.12, 0.1, 0.25
#: What a mention does not begin or end with: articles, numbers, ages, marks.
_EDGES = re.compile(
    rf"\A(?:(?:the|an?|some|by|of|and|{NUMBER})\b(?! *-)|(?:\w+ ?- ?)?(?:years?|months?) ?- ?old\b|old\b|\W)+"
    r"|(?:\b(?:and|of|the|in)|'s|[^\w)])+\Z",
    re.IGNORECASE,
)
#: Points and hyphens hold a word together: "U.S.", "Deir ez-Zor".
_HELD_BEFORE, _HELD_AFTER = re.compile(r"(?:\w+[.-])+\Z"), re.compile(r"(?:[.-]\w+)+")


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of a sentence that fill a slot, in code points of it."""

    slot: str
    text: str
    start: int
    end: int
    score: float  #: how sure its words are, on average
    seen: Array  #: mean of its tokens, for `Heads.answers`
    shares: Array  #: how surely its words fill each of `SLOTS`, on average


@dataclass(frozen=True)
class Tagged:
    """A sentence's tokens with what the heads say of them."""

    text: str
    words: tuple[tuple[int, int], ...]  #: for each token the bounds of its word
    slots: Array  #: tokens by slots
    seen: Array

    def shares(self, start: int, end: int) -> dict[str, float]:
        """Return how surely the words between two code points fill each slot; 0 where the encoder read none of them."""
        inside = [at for at, (a, b) in enumerate(self.words) if a < end and start < b]
        most = self.slots[inside].mean(axis=0).tolist() if inside else [0.0] * len(SLOTS)
        return dict(zip(SLOTS, most, strict=True))

    @cached_property
    def _firsts(self) -> list[int]:
        """The first token of each word."""
        return [at for at, word in enumerate(self.words) if at == 0 or word != self.words[at - 1]]

    @cached_property
    def _by_word(self) -> Array:
        """Words by slots: the mean of each word's tokens."""
        sizes = np.diff([*self._firsts, len(self.words)])
        return np.asarray(np.add.reduceat(self.slots, self._firsts, axis=0) / sizes[:, None], np.float32)

    @cached_property
    def _told(self) -> frozenset[str]:
        """The slots that some word surely fills: most sentences tell of few."""
        if not self.words:
            return frozenset()
        return frozenset(slot for slot, most in zip(SLOTS, self._by_word.max(axis=0), strict=True) if most >= _SURE)

    def mentions(self, slot: str) -> tuple[Mention, ...]:
        """Return the fillers of a slot in reading order."""
        if slot not in self._found:
            self._found[slot] = tuple(self._find(slot)) if slot in self._told else ()
        return self._found[slot]

    @cached_property
    def _found(self) -> dict[str, tuple[Mention, ...]]:
        """What was asked before: the events of an article share their sentences."""
        return {}

    def _find(self, slot: str) -> Iterator[Mention]:
        sure = self._by_word[:, SLOTS.index(slot)]
        inside = np.flatnonzero(np.diff(np.concatenate([[False], sure >= _PART, [False]]).astype(np.int8)))
        for first, past in zip(inside[::2].tolist(), inside[1::2].tolist(), strict=True):
            most = float(sure[first:past].max())
            if most >= _SURE:
                strong = np.flatnonzero(sure[first:past] >= _SHARE * most) + first
                yield from self._mention(slot, int(strong[0]), int(strong[-1]))

    def _mention(self, slot: str, first: int, last: int) -> Iterator[Mention]:
        """Yield the mention from one word to another, if it holds more than articles and marks."""
        start, end = self.words[self._firsts[first]][0], self.words[self._firsts[last]][1]
        held = _HELD_BEFORE.search(self.text, max(0, start - _HELD), start)
        start = held.start() if held else start
        held = _HELD_AFTER.match(self.text, end)
        end = held.end() if held else end
        left = _EDGES.match(self.text[start:end])
        start += left.end() if left else 0
        text = _EDGES.sub("", self.text[start:end])
        low, high = bisect_left(self.words, (start, start + 1)), bisect_left(self.words, (start + len(text),))
        if text and low < high:
            shares = self.slots[low:high].mean(axis=0)
            score = float(shares[SLOTS.index(slot)])
            yield Mention(slot, text, start, start + len(text), score, self.seen[low:high].mean(axis=0), shares)


#: Code points before a word in which what holds to it is looked for.
_HELD = 30


def tag(texts: list[str], encoded: Encoded, judgement: Judgement) -> list[Tagged]:
    """Return the sentences that the encoder read, with what the heads say of their tokens."""
    bounds = np.searchsorted(encoded.sentence, np.arange(len(texts) + 1))
    words = encoded.words
    return [
        Tagged(text, tuple(words[start:end]), judgement.slots[start:end], judgement.seen[start:end])
        for text, start, end in zip(texts, bounds[:-1], bounds[1:], strict=True)
    ]
