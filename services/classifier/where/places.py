"""Where the place names of an article are: each span that is a place, with the likeliest place of that name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.classifier.sentences import Sentence
from services.classifier.where import names, placing
from services.classifier.where.candidates import Array
from services.classifier.where.gazetteer import Entry, Gazetteer
from services.classifier.where.names import Name
from services.classifier.where.placing import Look


@dataclass(frozen=True, slots=True)
class Found:
    """A place name where it stands. `entry` is None when the gazetteer does not know which place it is."""

    name: str
    sentence: Sentence
    start: int  #: code points into the sentence
    end: int
    entry: Entry | None
    sure: float = 0.0  #: log odds that it is a place


def find(sentences: Sequence[Sentence], gazetteer: Gazetteer) -> tuple[Found, ...]:
    """Return the place names of an article, title included, in reading order."""
    weights, common = placing.load()
    text = names.read(sentences, gazetteer, common)
    if not text.names:
        return ()
    seen, nets = placing.look(text), weights[text.mixed]
    odds, which = placing.weigh(seen, nets)
    return tuple(
        Found(n.sentence.text[n.start : n.end], n.sentence, n.start, n.end, entry, sure)
        for n, entry, sure in pick(seen, odds, which, nets.threshold)
    )


def pick(seen: Look, odds: Array, which: Sequence[int], threshold: float) -> Iterator[tuple[Name, Entry, float]]:
    """Yield the spans that are places, of overlapping ones the longest, each with its place and log odds."""
    sentence, end = None, 0
    for name, at, sure in zip(seen.text.names, which, odds, strict=True):
        if name.sentence is not sentence:
            sentence, end = name.sentence, 0
        if sure >= threshold and name.start >= end:
            end = name.end
            yield name, seen.table.entries[seen.table.slices[name.key]][at], float(sure)
