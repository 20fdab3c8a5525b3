"""Labels, put upon the sentences of today: they name a sentence by where it began on the day it was labelled."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.classifier.sentences import Sentence
from services.classifier.training.labels import Filler, LabelledEvent, LabelledStory

#: The code point at which a sentence begins; None is the headline.
Start = int | None
Mention = tuple[Start, int, int]


def anchored(label: LabelledStory, sentences: Sequence[Sentence]) -> LabelledStory:
    """Return the label with each sentence and mention moved to the sentence that now holds it; what none holds goes."""
    on = _Text(sentences)
    events = tuple(_event(event, on) for event in label.events)
    return replace(label, events=events, uncoded=tuple(on.starts(label.uncoded)))


class _Text:
    """The sentences of an article, found by a place in its text."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        self._titled = any(s.span is None for s in sentences)
        self._spans = sorted(s.span for s in sentences if s.span is not None)

    def _span(self, place: int) -> tuple[int, int] | None:
        at = bisect_right(self._spans, (place, float("inf"))) - 1
        return self._spans[at] if at >= 0 and place < self._spans[at][1] else None

    def starts(self, starts: Sequence[Start]) -> Iterator[Start]:
        """Yield where the sentences that hold `starts` begin, each once."""
        found: dict[Start, None] = {}
        for start in starts:
            span = None if start is None else self._span(start)
            if span or (start is None and self._titled):
                found[span[0] if span else None] = None
        yield from found

    def mentions(self, mentions: Sequence[Mention]) -> Iterator[Mention]:
        """Yield the mentions by the sentences that hold their first code points, and end with them at the latest."""
        for start, first, last in mentions:
            span = None if start is None else self._span(start + first)
            if span and start is not None:
                yield span[0], start + first - span[0], min(start + last, span[1]) - span[0]
            elif start is None and self._titled:
                yield start, first, last


def _event(event: LabelledEvent, on: _Text) -> LabelledEvent:
    fillers = None if event.fillers is None else tuple(_filler(f, on) for f in event.fillers)
    return replace(
        event, sentences=tuple(on.starts(event.sentences)), core=tuple(on.starts(event.core)), fillers=fillers
    )


def _filler(filler: Filler, on: _Text) -> Filler:
    return replace(filler, mentions=tuple(on.mentions(filler.mentions)))
