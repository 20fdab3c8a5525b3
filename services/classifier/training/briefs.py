"""Stories cut short: headlines alone and first paragraphs, as feeds and tickers bring them."""

import dataclasses
from collections.abc import Iterator, Sequence

from services.classifier.models import Rules
from services.classifier.training import examples
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledStory

#: Sentences of the body that are kept of a story that has more.
_KEPT = (0, 2)


def cut(stories: Sequence[tuple[Story, LabelledStory]], rules: Rules) -> Iterator[tuple[Story, LabelledStory]]:
    """Yield the headline of each story, and its headline with two sentences, with what the labels say of them.

    A cut of a relevant story whose own event is not shown in it is left out: whether it is news cannot be seen.
    """
    for story, label in stories:
        readings, _ = examples.readings_of(story, rules)
        body = [span for r in readings if (span := r.sentence.span)]
        for kept in _KEPT:
            if len(body) > kept and (kept or story.title.strip()):
                text = story.text[: body[kept - 1][1]] if kept else ""
                shown = {None, *(start for start, _ in body[:kept])}
                events = tuple(e for e in label.events if shown & set(e.core))
                if not label.relevant or any(e.main and not e.optional for e in events):
                    short = dataclasses.replace(story, text=text, name=f"{story.name}:{kept}")
                    yield short, dataclasses.replace(label, key=short.key, events=events)
