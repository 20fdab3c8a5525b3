"""Stories as training examples: windows of tokens with what is known of each sentence and of the whole.

What a corpus does not say stays unknown (NaN) and is left out of the loss.
"""

import csv
import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from services.classifier import features, reading, sentences, windows
from services.classifier.heads import REALES, ROLES, SUBTYPES
from services.classifier.models import Rules
from services.classifier.reading import Reading
from services.classifier.training import corpora, incidents
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledStory
Array = npt.NDArray[np.float32]

MUC_TYPES = ("ATTACK", "BOMBING", "KIDNAPPING", "ARSON", "ROBBERY", "FORCED WORK STOPPAGE")
POLICE = ("KILL", "ARREST", "FAIL", "FORCE", "ANY_ACTION")
SATP = ("armed", "bombing", "kidnap", "other")
INSIGHT = tuple(f"c{n}" for n in range(7))
PLOVER = (
    *("ACCUSE", "AGREE", "AID", "ASSAULT", "COERCE", "CONSULT", "COOPERATE", "CONCEDE", "DEMAND", "MOBILIZE"),
    *("PROTEST", "REJECT", "REQUEST", "RETREAT", "SANCTION", "SUPPORT", "THREATEN", "YIELD"),
)
ACE = (
    *("conflict.attack", "conflict.demonstrate", "conflict.yield", "life.die", "life.injure", "contact.threatencoerce"),
    *("justice.arrestjaildetain", "justice.trialhearing", "justice.initiatejudicialprocess", "justice.investigate"),
    *("justice.judicialconsequences", "artifactexistence.damagedestroy", "movement.transportperson", "other"),
)

#: Task → width of its answer. The first four of each kind are the product's; the others only teach the encoder.
SENTENCE_TASKS = {"subtype": len(SUBTYPES), "realis": len(REALES), "role": len(ROLES), "core": 1} | {
    "muc": len(MUC_TYPES),
    "police": len(POLICE),
    "plover": len(PLOVER),
    "ace": len(ACE),
}
STORY_TASKS = {"relevant": 1, "mains": len(SUBTYPES)} | {
    "muc_types": len(MUC_TYPES) + 1,
    "satp": len(SATP),
    "insight": len(INSIGHT),
    "conflict": 1,
}


@dataclass(frozen=True, slots=True)
class Example:
    """One window. `sentence` targets have a row for each span, `story` targets belong to first windows only."""

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    features: Array
    summary: Array  #: features of the whole article, for the verdict on it
    sentence: dict[str, Array] = field(default_factory=dict)
    story: dict[str, Array] = field(default_factory=dict)


def readings_of(story: Story, rules: Rules) -> tuple[tuple[Reading, ...], date | None]:
    """Return the sentences of a story as the classifier reads them, with the day from which it counts."""
    anchor = date.fromisoformat(story.published) if story.published else None
    return reading.read(sentences.read(story.title, story.text, rules.splitter), rules.lexicon, anchor), anchor


def examples(
    readings: Sequence[Reading],
    anchor: date | None,
    tokenizer: Tokenizer,
    sentence: dict[str, Array],
    story: dict[str, Array],
    most: int = 100,
) -> Iterator[Example]:
    """Yield the first `most` windows of a story. `sentence` targets have one row a reading."""
    rows = features.of(readings, anchor)
    summary = features.summary(rows)
    chosen = windows.choose(readings)
    texts = [readings[at].sentence.text for at in chosen]
    for number, window in enumerate(windows.pack(texts, tokenizer, titled=readings[0].order == 0)[:most]):
        places = [chosen[place] for place, _, _ in window.spans]
        yield Example(
            window.ids,
            tuple((start, end) for _, start, end in window.spans),
            rows[places],
            summary,
            {task: values[places] for task, values in sentence.items()},
            story if number == 0 else {},
        )


def of_labels(story: LabelledStory, readings: Sequence[Reading]) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return the targets that our own labels give."""
    rows = {r.sentence.start: at for at, r in enumerate(readings)}
    places = [[rows[s] for s in event.sentences if s in rows] for event in story.events]
    cores = [{rows[s] for s in event.core if s in rows} for event in story.events]
    subtype = np.zeros((len(readings), len(SUBTYPES)), np.float32)
    core = np.zeros((len(readings), 1), np.float32)
    role = np.zeros((len(readings), len(ROLES)), np.float32)
    realis = np.full((len(readings), len(REALES)), np.nan, np.float32)
    uncoded = [rows[s] for s in story.uncoded if s in rows]
    for at in uncoded:
        role[at, ROLES.index("uncoded")], subtype[at], core[at] = 1, np.nan, np.nan
    for event, here, heart in zip(story.events, places, cores, strict=True):
        if event.optional:
            for at in here:
                subtype[at], core[at], role[at] = np.nan, np.nan, np.nan
    for event, here, heart in sorted(zip(story.events, places, cores, strict=True), key=lambda part: part[0].main):
        if event.optional:
            continue
        for at in here:
            subtype[at] = np.nan_to_num(subtype[at])
            core[at] = np.nan_to_num(core[at])
            subtype[at, SUBTYPES.index(event.subtype)] = 1
            core[at] = max(core[at, 0], float(at in heart))
            role[at] = 0
            role[at, ROLES.index("main" if event.main else "background")] = 1
            realis[at] = 0
            realis[at, REALES.index(event.realis)] = 1
    nothing = role.sum(axis=1) == 0
    role[nothing, ROLES.index("none")] = 1
    mains = np.zeros(len(SUBTYPES), np.float32)
    for event in story.events:
        if event.main:
            mains[SUBTYPES.index(event.subtype)] = np.nan if event.optional else 1
    verdict: dict[str, Array] = {"mains": mains}
    if not story.doubtful:
        verdict["relevant"] = np.array([story.relevant], np.float32)
    return {"subtype": subtype, "core": core, "role": role, "realis": realis}, verdict


# ---- what the other corpora say -------------------------------------------------------------------------------


def _hot(names: Sequence[str], chosen: Sequence[str]) -> Array:
    return np.array([name in chosen for name in names], np.float32)


def _quiet(count: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return the targets of a story without any incident."""
    role = np.zeros((count, len(ROLES)), np.float32)
    role[:, 0] = 1
    sentence = {"subtype": np.zeros((count, len(SUBTYPES)), np.float32), "core": np.zeros((count, 1), np.float32)}
    return sentence | {"role": role}, {"relevant": np.zeros(1, np.float32), "mains": np.zeros(len(SUBTYPES), np.float32)}


def _muc(story: Story, readings: Sequence[Reading]) -> tuple[dict[str, Array], dict[str, Array]]:
    templates = story.labels["templates"]
    types = {name for t in templates for name in re.split(r" / ", t[4][0]) if name in MUC_TYPES}
    sentence = np.zeros((len(readings), len(MUC_TYPES)), np.float32)
    for template in templates:
        fills = {f for slot in (6, 9, 10, 12, 18, 19) for line in template.get(slot, ()) for f in re.findall(r'"([^"]+)"', line)}
        for row, read in zip(sentence, readings, strict=True):
            if any(fill in read.sentence.text for fill in fills):
                row += _hot(MUC_TYPES, template[4])
    return {"muc": np.minimum(sentence, 1)}, {"muc_types": np.append(_hot(MUC_TYPES, tuple(types)), float(bool(templates)))}


def _gva(story: Story, days: dict[str, date]) -> dict[str, Array]:
    fresh = incidents.is_fresh(story, days)
    return {} if fresh is None else {"relevant": np.array([fresh], np.float32)}


def weak(data: Path, rules: Rules, tokenizer: Tokenizer, seed: int) -> Iterator[Example]:
    """Yield examples of the corpora that others have labelled for other ends, a seeded sample of each."""
    dice = random.Random(seed)  # noqa: S311 - a sample, no secret
    sizes = {"muc": 1300, "satp": 1300, "insightcrime": 900, "bbc": 1000, "india": 600, "gva": 900}
    police, days = _police(data), incidents.days(data)
    for corpus, size in sizes.items():
        pool = list(corpora.read(corpus, data))
        for story in dice.sample(pool, min(size, len(pool))):
            readings, anchor = readings_of(story, rules)
            if not readings:
                continue
            sentence: dict[str, Array] = {}
            verdict: dict[str, Array] = {}
            most = 2
            if corpus == "muc":
                sentence, verdict = _muc(story, readings)
                most = 4
            elif corpus == "satp":
                verdict = {"satp": _hot(SATP, [n for n in SATP if story.labels[n]])}
            elif corpus == "insightcrime":
                verdict, most = {"insight": _hot(INSIGHT, [n for n in INSIGHT if story.labels[n]])}, 1
            elif corpus == "bbc":
                conflict = story.labels["conflict"]
                sentence, verdict = ({}, {}) if conflict else _quiet(len(readings))
                verdict, most = verdict | {"conflict": np.array([conflict], np.float32)}, 1
            elif corpus == "india":
                sentence = {"police": _police_rows(story, readings, police)}
            else:
                verdict, most = _gva(story, days), 1
            yield from examples(readings, anchor, tokenizer, sentence, verdict, most)
    yield from _single_sentences(data, rules, tokenizer)


def _police(data: Path) -> dict[str, list[tuple[str, list[str]]]]:
    found: dict[str, list[tuple[str, list[str]]]] = {}
    with gzip.open(data / "india_police_events/sents.jsonl.gz", "rt") as lines:
        for row in map(json.loads, lines):
            found.setdefault(str(row["doc_id"]), []).append((corpora.squeezed(row["sent_text"]), row["sent_labels"]))
    return found


def _police_rows(story: Story, readings: Sequence[Reading], police: dict[str, list[tuple[str, list[str]]]]) -> Array:
    """Labels of their sentences for ours, which may be cut otherwise: a row takes those of each that it holds."""
    rows = np.zeros((len(readings), len(POLICE)), np.float32)
    for row, read in zip(rows, readings, strict=True):
        own = corpora.squeezed(read.sentence.text)
        for text, labels in police.get(story.name, ()):
            if labels and len(text) > 15 and (text in own or own in text):  # noqa: PLR2004 - shorter is anywhere
                row += _hot(POLICE, labels)
    return np.minimum(rows, 1)


def _single_sentences(data: Path, rules: Rules, tokenizer: Tokenizer) -> Iterator[Example]:
    """PLOVER's sentences, and the sentences of RAMS and WikiEvents that hold an event's trigger."""
    for text, task, answer in (*_plover(data), *_ace(data)):
        readings, anchor = readings_of(Story("", "", text, ""), rules)
        if readings:
            yield from examples(readings, anchor, tokenizer, {task: answer[None, :]}, {}, 1)


def _plover(data: Path) -> Iterator[tuple[str, str, Array]]:
    with (data / "plover_cameo/PLV_train.tsv").open() as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if row["gold_root"] in PLOVER:
                yield row["sentence"], "plover", _hot(PLOVER, [row["gold_root"]])


def _ace(data: Path) -> Iterator[tuple[str, str, Array]]:
    for row in map(json.loads, (data / "wikievents_rams/rams_dev.jsonlines").read_text().splitlines()):
        trigger = row["evt_triggers"][0]
        kind = ".".join(trigger[2][0][0].split(".")[:2])
        at = 0
        for words in row["sentences"]:
            if at <= trigger[0] < at + len(words):
                yield " ".join(words), "ace", _hot(ACE, [kind if kind in ACE else "other"])
            at += len(words)


def targets_of(example: Example) -> dict[str, Any]:
    """Return all targets of an example by task, sentence tasks first."""
    return {**example.sentence, **{f"story:{k}": v for k, v in example.story.items()}}
