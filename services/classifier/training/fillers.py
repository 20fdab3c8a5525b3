"""Who, what and with what, as targets: for each token the slots whose filler it is a part of, and what fillers are.

What is not known stays NaN and is left out of the loss.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.classifier.network.heads import CLASSES, SLOTS
from services.classifier.reading import Reading
from services.classifier.training.corpora import Story
from services.classifier.training.labels import Filler, LabelledStory

Array = npt.NDArray[np.float32]

#: Slots of a template of MUC-3/4 → ours. Its targets that are people are victims, unless nothing happened to them.
_MUC_SLOTS = {6: "weapon", 9: "perpetrator", 10: "perpetrator", 12: "target", 18: "victim", 19: "victim"}
_MUC_ORGANISATIONS, _MUC_THINGS = 10, 12
_MUC_EFFECTS = 23
_MUC_PLACE = 3
_QUOTED = re.compile(r'"([^"]+)"')
#: Words of a MUC filler that name no party: it may stand anywhere in the text.
_LEAST = 3
#: Classes of targets that are always things.
_THINGS = frozenset(
    {"residential", "public_space", "market", "road_transport", "rail", "aviation", "maritime", "energy", "utility"}
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A filler's mention in one sentence, in code points of it."""

    slot: str
    start: int
    end: int
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Marked:
    """What is known of the fillers in one sentence."""

    known: frozenset[str]  #: the slots for which all mentions are marked
    marks: tuple[Mark, ...]


#: Nothing is known of a sentence.
UNKNOWN = Marked(frozenset(), ())


def of_labels(story: LabelledStory, readings: Sequence[Reading]) -> list[Marked]:
    """Return what our own labels say of each sentence: nothing of acts not coded, and of optional events."""
    if any(e.fillers is None for e in story.events):
        return [UNKNOWN] * len(readings)
    doubtful = {s for e in story.events if e.optional for s in e.sentences} | set(story.uncoded)
    told = {s for e in story.events if not e.optional for s in e.sentences}
    marks: dict[int | None, list[Mark]] = {}
    for event in story.events:
        for filler in event.fillers or ():
            for sentence, start, end in filler.mentions:
                answers = tuple({**filler.answers, **_made_of(filler, event.fillers or ())}.items())
                marks.setdefault(sentence, []).append(Mark(filler.slot, start, end, answers))
    everything = frozenset(SLOTS)
    return [
        UNKNOWN if r.sentence.start in doubtful - told else Marked(everything, tuple(marks.get(r.sentence.start, ())))
        for r in readings
    ]


def _made_of(filler: Filler, beside: Sequence[Filler]) -> dict[str, str]:
    """Tell whether a target is people or a thing, where that is sure."""
    if filler.slot != "target":
        return {}
    victims = {m for f in beside if f.slot == "victim" for m in f.mentions}
    if victims & set(filler.mentions) or filler.answers.get("target_class") in ("civilian", "armed_group"):
        return {"made_of": "people"}
    return {"made_of": "thing"} if filler.answers.get("target_class") in _THINGS else {}


def of_muc(story: Story, readings: Sequence[Reading]) -> list[Marked]:
    """Return what the templates of a MUC text say of each sentence in which one of their fillers stands."""
    wanted = dict(_muc_names(story.labels["templates"]))
    if not wanted:
        return [UNKNOWN] * len(readings)
    known = frozenset({"perpetrator", "victim", "target", "weapon", "place"})
    found = [Marked(known, tuple(_occurrences(r.sentence.text, wanted))) for r in readings]
    return [m if any(mark.slot != "place" for mark in m.marks) else UNKNOWN for m in found]


def _muc_names(
    templates: Sequence[dict[int, list[str]]],
) -> Iterator[tuple[str, tuple[str, tuple[tuple[str, str], ...]]]]:
    for template in templates:
        unharmed = {
            name
            for line in template.get(_MUC_EFFECTS, ())
            if line.startswith(("NO INJURY", "REGAINED FREEDOM"))
            for name in _QUOTED.findall(line)
        }
        for number, slot in _MUC_SLOTS.items():
            for name in (n for line in template.get(number, ()) for n in _QUOTED.findall(line)):
                own = "target" if slot == "victim" and name in unharmed else slot
                made = (("made_of", "thing" if number == _MUC_THINGS else "people"),) if own == "target" else ()
                kind = (("kind", "group"),) if number == _MUC_ORGANISATIONS else ()
                yield name, (own, made + kind)
        for line in template.get(_MUC_PLACE, ()):
            for part in line.split(":")[1:]:
                name = re.sub(r"\(.*?\)", "", part).strip()
                if len(name) > _LEAST:
                    yield name, ("place", ())


def _occurrences(text: str, wanted: dict[str, tuple[str, tuple[tuple[str, str], ...]]]) -> Iterator[Mark]:
    for name, (slot, answers) in wanted.items():
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text):
            yield Mark(slot, *match.span(), answers)


def on_tokens(
    marked: Sequence[Marked], sentence: Sequence[int], words: Sequence[tuple[int, int]]
) -> tuple[Array, tuple[tuple[str, int, tuple[int, ...]], ...]]:
    """Return the targets of tokens: a row of slots for each, and (question, answer, its tokens) for each filler.

    `sentence`: for each token the place of its sentence in `marked`; `words`: where its word stands there.
    """
    rows = np.full((len(sentence), len(SLOTS)), np.nan, np.float32)
    asked = []
    places: dict[int, list[int]] = {}
    for at, place in enumerate(sentence):
        rows[at, [SLOTS.index(s) for s in marked[place].known]] = 0
        places.setdefault(place, []).append(at)
    for place, tokens in places.items():
        for mark in marked[place].marks:
            inside = tuple(at for at in tokens if mark.start < words[at][1] and words[at][0] < mark.end)
            rows[list(inside), SLOTS.index(mark.slot)] = 1
            if inside:
                asked += [(name, CLASSES[name].index(value), inside) for name, value in mark.answers]
    return rows, tuple(asked)
