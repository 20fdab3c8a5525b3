"""Stories written for training: invented, for kinds and borders that the corpora show too rarely."""

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from services.classifier.training import labels
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledEvent, LabelledStory
from shared.domain.vocabulary import Realis, Subtype


def load() -> Iterator[tuple[Story, LabelledStory]]:
    """Yield each story with its labels. Its text has one sentence a line."""
    for line in files(__package__).joinpath("written.jsonl").read_text(encoding="utf-8").splitlines():
        yield _story(json.loads(line))


def _story(row: dict[str, Any]) -> tuple[Story, LabelledStory]:
    lengths = [len(sentence) + 1 for sentence in row["sentences"]]
    starts: list[int | None] = [None, *(sum(lengths[:at]) for at in range(len(lengths)))]
    story = Story("written", row["name"], row["title"], "\n".join(row["sentences"]), row["published"])
    events = tuple(
        LabelledEvent(
            Subtype(e["subtype"]),
            Realis(e["realis"]),
            e["main"],
            False,
            tuple(starts[n] for n in e["sentences"]),
            tuple(starts[n] for n in e["core"]),
            {},
            tuple(map(labels.filler, e["fillers"])) if "fillers" in e else None,
        )
        for e in row["events"]
    )
    uncoded = tuple(starts[n] for n in row["uncoded"])
    return story, LabelledStory(story.key, row["relevant"], doubtful=False, events=events, uncoded=uncoded)
