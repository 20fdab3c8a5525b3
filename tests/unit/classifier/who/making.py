"""Sentences whose words are surely fillers, for the tests of parties."""

import re
from datetime import date

import numpy as np
import numpy.typing as npt

from services.classifier import reading, sentences
from services.classifier.events import Happening
from services.classifier.models import load_rules
from services.classifier.network.heads import CLASSES, ROLES, SLOTS, Heads
from services.classifier.network.mentions import Tagged
from services.classifier.told import Told
from shared.domain.vocabulary import Realis, Subtype

#: In these tests a token's vector says of each question which answer is right.
WIDTH = sum(map(len, CLASSES.values()))
START = {name: sum(len(values) for values in list(CLASSES.values())[:at]) for at, name in enumerate(CLASSES)}

REBELS = {"kind": "group", "sector": "rebel"}
PEOPLE = {"kind": "person", "sector": "civilian"}
GUNMEN = {"kind": "unknown", "sector": "unknown"}


def heads() -> Heads:
    """Heads that answer what `tagged` was told."""
    weights: dict[str, npt.NDArray[np.float32]] = {}
    for name, values in CLASSES.items():
        rows = np.zeros((len(values), WIDTH), np.float32)
        rows[np.arange(len(values)), START[name] + np.arange(len(values))] = 10
        weights |= {f"heads.{name}.weight": rows, f"heads.{name}.bias": np.zeros(len(values), np.float32)}
    return Heads(weights)


def tagged(text: str, *marks: tuple[str, str, dict[str, str]], sure: float = 0.9) -> Tagged:
    """A sentence whose words `(slot, phrase, answers)` are surely fillers."""
    words = [m.span() for m in re.finditer(r"\w+|[^\w\s]", text)]
    slots, seen = np.full((len(words), len(SLOTS)), 0.05, np.float32), np.zeros((len(words), WIDTH), np.float32)
    for slot, phrase, answers in marks:
        start = text.index(phrase)
        inside = [at for at, (a, b) in enumerate(words) if a < start + len(phrase) and start < b]
        slots[inside, SLOTS.index(slot)] = sure
        for name, value in answers.items():
            seen[inside, START[name] + CLASSES[name].index(value)] = 1
    return Tagged(text, tuple(words), slots, seen)


def event(*told: Tagged, own: float = 1.0, main: bool = True, subtype: Subtype = Subtype.ARMED_ATTACK) -> Happening:
    """An event that these sentences tell."""
    rules = load_rules()
    roles = np.zeros(len(ROLES), np.float32)
    roles[ROLES.index("main" if main else "background")] = own
    text = "\n".join(t.text for t in told)
    readings = reading.read(sentences.read("", text, rules.splitter), rules.lexicon, date(2022, 5, 4))
    assert [r.sentence.text for r in readings] == [t.text for t in told]
    rows = tuple(Told(r, roles=roles, tagged=t) for r, t in zip(readings, told, strict=True))
    return Happening(subtype, Realis.ACTUAL, main, rows, readings, None, None, 1.0)
