"""Which sentences the encoder reads, and in what company: windows of tokens that each begin with the headline.

headline | sentence | sentence | …   up to `WINDOW` tokens, so that every sentence is read in its context
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Encoding, Tokenizer

from services.classifier.reading import Reading

#: Tokens of a window, with its marks. The base model was trained on 256; longer windows cost more for each token.
WINDOW = 256
#: Tokens kept of the headline and of one sentence.
HEADLINE, LONGEST = 40, 96


#: Sentences of the body that are read whatever they say, and sentences that are read at most.
OPENING, MOST = 8, 64


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids with the spans `[start, end)` of the sentences in them, by the sentence's place in the article."""

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int, int], ...]  #: (sentence, start, end)
    words: tuple[tuple[int, int], ...]  #: for each token of the spans: where its word stands in its sentence


def choose(readings: Sequence[Reading]) -> tuple[int, ...]:
    """Return the places of the sentences that the encoder reads: title, opening, those with a trigger, and the next."""
    picked = (
        at
        for at, reading in enumerate(readings)
        if reading.order <= OPENING or reading.triggers or (at and readings[at - 1].triggers)
    )
    return tuple(itertools.islice(picked, MOST))


def pack(texts: Sequence[str], tokenizer: Tokenizer, *, titled: bool) -> tuple[Window, ...]:
    """Return the windows for the sentences of an article, in order; the first is the headline when `titled`.

    Each sentence stands in one window, the headline in all, with its span in the first alone.
    """
    start, end = (int(tokenizer.token_to_id(mark) or 0) for mark in ("[CLS]", "[SEP]"))
    read = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    head = [start, *(read[0].ids[:HEADLINE] if titled else ()), *([end] if titled else ())]
    ids, spans, words = list(head), list[tuple[int, int, int]](), list[tuple[int, int]]()
    if titled and len(head) > 2:  # noqa: PLR2004 - its marks
        spans, words = [(0, 1, len(head) - 1)], _words(read[0], HEADLINE)
    windows: list[Window] = []
    for place in range(int(titled), len(read)):
        piece = read[place].ids[:LONGEST]
        if not piece:
            continue
        if len(ids) + len(piece) + 1 > WINDOW:
            windows.append(Window((*ids, end), tuple(spans), tuple(words)))
            ids, spans, words = list(head), [], []
        spans.append((place, len(ids), len(ids) + len(piece)))
        words += _words(read[place], LONGEST)
        ids += piece
    return (*windows, Window((*ids, end), tuple(spans), tuple(words))) if spans else tuple(windows)


def _words(read: Encoding, most: int) -> list[tuple[int, int]]:
    """Return for each of the first tokens where the word that it is a piece of begins and ends."""
    bounds: dict[int | None, tuple[int, int]] = {}
    for word, (start, end) in zip(read.word_ids, read.offsets, strict=True):
        bounds[word] = (bounds.get(word, (start, end))[0], end)
    return [bounds[word] for word in read.word_ids[:most]]
