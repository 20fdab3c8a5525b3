"""Stories as training examples: windows of tokens with what our labels say of each sentence and of the whole.

What is not known stays NaN and is left out of the loss.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from services.classifier import reading, sentences
from services.classifier.models import Rules
from services.classifier.network import features, windows
from services.classifier.network.heads import REALES, ROLES, SLOTS, SUBTYPES
from services.classifier.reading import Reading
from services.classifier.training import fillers
from services.classifier.training.anchoring import anchored
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledEvent, LabelledStory

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """One window. `sentence` targets have a row for each span, `story` targets belong to first windows only."""

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    features: Array
    summary: Array  #: features of the whole article, for the verdict on it
    sentence: dict[str, Array] = field(default_factory=dict)
    story: dict[str, Array] = field(default_factory=dict)
    slots: Array = field(default_factory=lambda: np.full((0, len(SLOTS)), np.nan, np.float32))  #: by token of the spans
    asked: tuple[tuple[str, int, tuple[int, ...]], ...] = ()  #: (question, answer, tokens of the filler)


@dataclass(frozen=True, slots=True)
class Targets:
    """What is known of a story: by sentence a row for each reading, by story, and of the fillers in each reading."""

    sentence: dict[str, Array]
    story: dict[str, Array]
    marked: Sequence[fillers.Marked] = ()


def readings_of(story: Story, rules: Rules) -> tuple[tuple[Reading, ...], date | None]:
    """Return the sentences of a story as the classifier reads them, with the day from which it counts."""
    anchor = date.fromisoformat(story.published) if story.published else None
    return reading.read(sentences.read(story.title, story.text, rules.splitter), rules.lexicon, anchor), anchor


def examples(
    readings: Sequence[Reading],
    anchor: date | None,
    tokenizer: Tokenizer,
    targets: Targets,
    most: int = 100,
) -> Iterator[Example]:
    """Yield the first `most` windows of a story."""
    rows = features.of(readings, anchor)
    summary = features.summary(rows)
    chosen = windows.choose(readings)
    texts = [readings[at].sentence.text for at in chosen]
    for number, window in enumerate(windows.pack(texts, tokenizer, titled=readings[0].order == 0)[:most]):
        places = [chosen[place] for place, _, _ in window.spans]
        owner = [chosen[place] for place, start, end in window.spans for _ in range(start, end)]
        marked = targets.marked or [fillers.UNKNOWN] * len(readings)
        yield Example(
            window.ids,
            tuple((start, end) for _, start, end in window.spans),
            rows[places],
            summary,
            {task: values[places] for task, values in targets.sentence.items()},
            targets.story if number == 0 else {},
            *fillers.on_tokens(marked, owner, window.words),
        )


def of_labels(label: LabelledStory, readings: Sequence[Reading], story: Story) -> Targets:
    """Return the targets that our own labels give.

    Sentences on acts that are not coded, and on optional events, say nothing about subtype and core.
    """
    label = anchored(label, [r.sentence for r in readings])
    rows = {r.sentence.start: at for at, r in enumerate(readings)}
    targets = _blank(len(readings))
    for at in (rows[s] for s in label.uncoded if s in rows):
        _unknown(targets, at)
        targets["role"][at, ROLES.index("uncoded")] = 1
    for event in sorted(label.events, key=lambda e: (not e.optional, e.main)):
        for at in (rows[s] for s in event.sentences if s in rows):
            if event.optional:
                _unknown(targets, at)
            else:
                _tell(targets, at, event, core=readings[at].sentence.start in event.core)
    nothing = targets["role"].sum(axis=1) == 0
    targets["role"][nothing, ROLES.index("none")] = 1
    mains = np.zeros(len(SUBTYPES), np.float32)
    for event in sorted((e for e in label.events if e.main), key=lambda e: not e.optional):
        mains[SUBTYPES.index(event.subtype)] = np.nan if event.optional else 1
    verdict: dict[str, Array] = {"mains": mains}
    if not label.doubtful:
        verdict["relevant"] = np.array([label.relevant], np.float32)
    muc = story.corpus == "muc" and label.relevant
    return Targets(targets, verdict, fillers.of_muc(story, readings) if muc else fillers.of_labels(label, readings))


def _blank(count: int) -> dict[str, Array]:
    realis = np.full((count, len(REALES)), np.nan, np.float32)
    widths = {"subtype": len(SUBTYPES), "core": 1, "role": len(ROLES)}
    return {name: np.zeros((count, width), np.float32) for name, width in widths.items()} | {"realis": realis}


def _unknown(targets: dict[str, Array], at: int) -> None:
    targets["subtype"][at], targets["core"][at] = np.nan, np.nan


def _tell(targets: dict[str, Array], at: int, event: LabelledEvent, *, core: bool) -> None:
    """Note that a sentence tells an event. The story's own events come last, and decide role and realis."""
    for name in ("subtype", "core"):
        targets[name][at] = np.nan_to_num(targets[name][at])
    targets["subtype"][at, SUBTYPES.index(event.subtype)] = 1
    targets["core"][at] = max(targets["core"][at, 0], float(core))
    targets["role"][at] = 0
    targets["role"][at, ROLES.index("main" if event.main else "background")] = 1
    targets["realis"][at] = 0
    targets["realis"][at, REALES.index(event.realis)] = 1
