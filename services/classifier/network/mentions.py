"""Which words of a sentence name a party, a target or a means, or tell a toll, a place or a time of its event."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from services.classifier.network.encoder import Encoded
from services.classifier.network.heads import SLOTS, Array, Judgement
from services.classifier.numbers import NUMBER

#: How sure a mention must be of its surest word, and of each of its words.
_SURE, _PART = 0.3, 0.2
#: What a mention does not begin or end with: articles, numbers, ages, marks.
_EDGES = re.compile(
    rf"\A(?:(?:the|an?|some|by|of|and|{NUMBER})\b(?! *-)|(?:\w+ ?- ?)?(?:years?|months?) ?- ?old\b|old\b|\W)+"
    r"|(?:\b(?:and|of|the|in)|'s|[^\w)])+\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of a sentence that fill a slot, in code points of it."""

    slot: str
    text: str
    start: int
    end: int
    score: float  #: how sure its words are, on average
    seen: Array  #: mean of its tokens, for `Heads.answer`


@dataclass(frozen=True, slots=True)
class Tagged:
    """A sentence's tokens with what the heads say of them."""

    text: str
    words: tuple[tuple[int, int], ...]  #: for each token the bounds of its word
    slots: Array  #: tokens by slots
    seen: Array

    def share(self, slot: str, start: int, end: int) -> float:
        """Return how surely the words between two code points fill a slot; 0 where the encoder read none of them."""
        inside = [at for at, (a, b) in enumerate(self.words) if a < end and start < b]
        return float(self.slots[inside, SLOTS.index(slot)].mean()) if inside else 0.0

    def mentions(self, slot: str) -> Iterator[Mention]:
        """Yield the fillers of a slot in reading order."""
        sure = self.slots[:, SLOTS.index(slot)]
        if not (sure >= _SURE).any():
            return
        words = [(bounds, [at for at, _ in group]) for bounds, group in groupby(enumerate(self.words), lambda p: p[1])]
        scores = [float(sure[tokens].mean()) for _, tokens in words]
        for part, run in groupby(range(len(words)), lambda n: scores[n] >= _PART):
            inside = list(run)
            if part and max(scores[n] for n in inside) >= _SURE:
                found = self._mention(slot, words[inside[0]][0][0], words[inside[-1]][0][1])
                if found:
                    yield found

    def _mention(self, slot: str, start: int, end: int) -> Mention | None:
        text = self.text[start:end]
        left = _EDGES.match(text)
        start += left.end() if left else 0
        text = _EDGES.sub("", self.text[start:end])
        rows = [at for at, (a, b) in enumerate(self.words) if a < start + len(text) and start < b]
        if not text or not rows:
            return None
        score = float(self.slots[rows, SLOTS.index(slot)].mean())
        return Mention(slot, text, start, start + len(text), score, self.seen[rows].mean(axis=0))


def tag(texts: list[str], encoded: Encoded, judgement: Judgement) -> list[Tagged]:
    """Return the sentences that the encoder read, with what the heads say of their tokens."""
    bounds = np.searchsorted(encoded.sentence, np.arange(len(texts) + 1))
    words = encoded.words
    return [
        Tagged(text, tuple(words[start:end]), judgement.slots[start:end], judgement.seen[start:end])
        for text, start, end in zip(texts, bounds[:-1], bounds[1:], strict=True)
    ]
