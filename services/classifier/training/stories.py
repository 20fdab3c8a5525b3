"""Stories with our own labels, and which of them are kept from the network."""

import zlib
from collections.abc import Iterator
from pathlib import Path

from services.classifier.training import corpora, labels, written
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledStory

#: One labelled story in so many is held out: chosen by the hash of its key, so that it stays out whatever is added.
HELD_OUT = 6

Labelled = tuple[Story, LabelledStory]


def held_out(story: Story) -> bool:
    """Tell whether a labelled story is kept from the network."""
    return zlib.crc32(story.key.encode()) % HELD_OUT == 0


def labelled(data: Path) -> Iterator[Labelled]:
    """Yield the stories with our own labels, corpus by corpus, then those written for training."""
    own = {label.key: label for label in labels.load()}
    for corpus in corpora.READERS:
        yield from ((story, own[story.key]) for story in corpora.read(corpus, data) if story.key in own)
    yield from written.load()
