"""Which sentences the encoder reads, and in what company: windows of tokens that each begin with the headline.

headline | sentence | sentence | …   up to `WINDOW` tokens, so that every sentence is read in its context
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

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
    tokens = [e.ids for e in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
    head = [start, *(tokens[0][:HEADLINE] if titled else ()), *([end] if titled else ())]
    ids, spans = list(head), [(0, 1, len(head) - 1)] if titled and len(head) > 2 else []  # noqa: PLR2004 - its marks
    windows: list[Window] = []
    for place in range(int(titled), len(tokens)):
        piece = tokens[place][:LONGEST]
        if not piece:
            continue
        if len(ids) + len(piece) + 1 > WINDOW:
            windows.append(Window((*ids, end), tuple(spans)))
            ids, spans = list(head), []
        spans.append((place, len(ids), len(ids) + len(piece)))
        ids += piece
    return (*windows, Window((*ids, end), tuple(spans))) if spans else tuple(windows)
