"""The project's own labels: which sentences of a corpus's article tell which event.

They hold no text: an article is named by corpus and name, a sentence by the code point at which it begins, -1 for the
headline. Where they come from: docs/model-card.md.
"""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from shared.domain.vocabulary import Realis, Subtype


@dataclass(frozen=True, slots=True)
class LabelledEvent:
    """One event of a labelled article. `facts`: its date, place and tolls as coded."""

    subtype: Subtype
    realis: Realis
    main: bool
    optional: bool  #: whether a reader may doubt that it should be coded
    sentences: tuple[int | None, ...]  #: starts of the sentences that tell of it; None is the headline
    core: tuple[int | None, ...]  #: those that show by themselves what happened
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LabelledStory:
    """The labels of one article. `uncoded`: sentences on acts that are no event of the article's."""

    key: str
    relevant: bool
    doubtful: bool
    events: tuple[LabelledEvent, ...]
    uncoded: tuple[int | None, ...]


def load() -> tuple[LabelledStory, ...]:
    """Return all labels of the project, in the order of their keys."""
    lines = files(__package__).joinpath("labels.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(_story(json.loads(line)) for line in lines if line)


def _starts(values: list[int]) -> tuple[int | None, ...]:
    return tuple(None if value < 0 else value for value in values)


def _story(row: dict[str, Any]) -> LabelledStory:
    events = tuple(
        LabelledEvent(
            Subtype(e["subtype"]),
            Realis(e["realis"]),
            e["main"],
            e["optional"],
            _starts(e["sentences"]),
            _starts(e["core"]),
            {name: e[name] for name in ("date", "place", "killed", "injured")},
        )
        for e in row["events"]
    )
    return LabelledStory(row["key"], row["relevant"], row["doubtful"], events, _starts(row["uncoded"]))
