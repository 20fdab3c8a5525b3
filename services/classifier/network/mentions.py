"""Which words of a sentence name a party, a target or a means, or tell a toll, a place or a time of its event."""

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from services.classifier.network.encoder import Encoded
from services.classifier.network.heads import SLOTS, Array, Judgement
from services.classifier.numbers import NUMBER

#: How sure a mention must be of its surest word; of each of its words, also as a share of the surest.
_SURE, _PART, _SHARE = 0.12, 0.1, 0.25
#: What a mention does not begin with: articles, numbers, ages, marks; and what it does not end with.
_LEFT = re.compile(
    rf"(?:(?:the|an?|some|by|of|and|{NUMBER})\b(?! *-)|(?:\w+ ?- ?)?(?:years?|months?) ?- ?old\b|old\b|\W)+",
    re.IGNORECASE,
)
_RIGHT = re.compile(r"(?:\b(?:and|of|the|in)|'s|[^\w)])+\Z", re.IGNORECASE)
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
    shares: Array  #: how surely its words fill each of `SLOTS`, on average
    tokens: Array  #: its tokens, as `Judgement.seen` has them

    @property
    def seen(self) -> Array:
        """Their mean, for `Heads.answers`: of most mentions nobody asks."""
        return mean(self.tokens)


@dataclass(frozen=True)
class Tagged:
    """A sentence's tokens with what the heads say of them."""

    text: str
    words: tuple[tuple[int, int], ...]  #: for each token the bounds of its word
    slots: Array  #: tokens by slots
    seen: Array

    def shares(self, start: int, end: int) -> dict[str, float]:
        """Return how surely the words between two code points fill each slot; 0 where the encoder read none of them."""
        low, high = bisect_right(self.words, start, key=lambda word: word[1]), bisect_left(self.words, (end,))
        most = mean(self.slots[low:high]).tolist() if low < high else [0.0] * len(SLOTS)
        return dict(zip(SLOTS, most, strict=True))

    @cached_property
    def _firsts(self) -> list[int]:
        """The first token of each word."""
        return [at for at, word in enumerate(self.words) if at == 0 or word != self.words[at - 1]]

    @cached_property
    def _sure(self) -> dict[str, list[float]]:
        """How surely each word fills a slot, the mean of its tokens, for the slots that some word surely fills."""
        if not self.words:
            return {}
        sizes = np.diff([*self._firsts, len(self.words)])
        by_word = np.asarray(np.add.reduceat(self.slots, self._firsts, axis=0) / sizes[:, None], np.float32)
        told = (by_word.max(axis=0) >= _SURE).tolist()
        return {slot: by_word[:, at].tolist() for at, slot in enumerate(SLOTS) if told[at]}

    def mentions(self, slot: str) -> tuple[Mention, ...]:
        """Return the fillers of a slot in reading order."""
        if slot not in self._found:
            self._found[slot] = tuple(self._find(slot))
        return self._found[slot]

    @cached_property
    def _found(self) -> dict[str, tuple[Mention, ...]]:
        """What was asked before: the events of an article share their sentences."""
        return {}

    def _find(self, slot: str) -> Iterator[Mention]:
        sure = self._sure.get(slot, [])
        for inside, run in itertools.groupby(range(len(sure)), lambda at: sure[at] >= _PART):
            words = list(run) if inside else []
            most = max((sure[at] for at in words), default=0.0)
            if most >= _SURE:
                strong = [at for at in words if sure[at] >= _SHARE * most]
                yield from self._mention(slot, strong[0], strong[-1])

    def _mention(self, slot: str, first: int, last: int) -> Iterator[Mention]:
        """Yield the mention from one word to another, if it holds more than articles and marks."""
        start, end = self.words[self._firsts[first]][0], self.words[self._firsts[last]][1]
        held = _HELD_BEFORE.search(self.text, max(0, start - _HELD), start)
        start = held.start() if held else start
        held = _HELD_AFTER.match(self.text, end)
        end = held.end() if held else end
        left = _LEFT.match(self.text[start:end])
        start += left.end() if left else 0
        text = _RIGHT.sub("", self.text[start:end])
        low, high = bisect_left(self.words, (start, start + 1)), bisect_left(self.words, (start + len(text),))
        if text and low < high:
            shares = mean(self.slots[low:high])
            score = float(shares[SLOTS.index(slot)])
            yield Mention(slot, text, start, start + len(text), score, shares, self.seen[low:high])


#: Code points before a word in which what holds to it is looked for.
_HELD = 30


def mean(rows: Array | Sequence[Array]) -> Array:
    """Return the mean of rows. As NumPy's, without its dozen checks: it is asked for hundreds of times an article."""
    return np.asarray(np.add.reduce(rows, axis=0) / len(rows))


def tag(texts: list[str], encoded: Encoded, judgement: Judgement) -> list[Tagged]:
    """Return the sentences that the encoder read, with what the heads say of their tokens."""
    bounds = np.searchsorted(encoded.sentence, np.arange(len(texts) + 1))
    words = encoded.words
    return [
        Tagged(text, tuple(words[start:end]), judgement.slots[start:end], judgement.seen[start:end])
        for text, start, end in zip(texts, bounds[:-1], bounds[1:], strict=True)
    ]
