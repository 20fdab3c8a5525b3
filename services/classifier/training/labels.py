"""The project's own labels: which sentences of a corpus's article tell which event.

They hold no text: an article is named by corpus and name, a sentence by the code point at which it begins, -1 for the
headline. Where they come from: docs/model-card.md.
"""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from services.classifier.network.heads import CLASSES
from shared.domain.vocabulary import Realis, Subtype


@dataclass(frozen=True, slots=True)
class Filler:
    """A party, a target, a means, or the words for a toll, a place or a time.

    A mention is `(start of its sentence, from, to)`, the last two in code points of the sentence; None is the headline.
    """

    slot: str  #: one of `heads.SLOTS`
    answers: dict[str, str]  #: by question of `heads.CLASSES`
    mentions: tuple[tuple[int | None, int, int], ...]  #: the best first


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
    fillers: tuple[Filler, ...] | None = None  #: None: nobody has looked for them


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
            tuple(map(filler, e["fillers"])) if "fillers" in e else None,
        )
        for e in row["events"]
    )
    return LabelledStory(row["key"], row["relevant"], row["doubtful"], events, _starts(row["uncoded"]))


def filler(row: dict[str, Any]) -> Filler:
    """Read a filler as the files of labels hold it."""
    mentions = tuple((None if s < 0 else s, start, end) for s, start, end in row["mentions"])
    return Filler(row["slot"], {name: row[name] for name in CLASSES if name in row}, mentions)
