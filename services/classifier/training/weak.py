"""What the other corpora say: labels that others made for other ends, from which the encoder learns the field."""

import csv
import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from services.classifier.models import Rules
from services.classifier.network.heads import ROLES, SUBTYPES
from services.classifier.reading import Reading
from services.classifier.training import corpora, fillers, incidents
from services.classifier.training.corpora import Story
from services.classifier.training.examples import Array, Example, Targets, examples, readings_of
from services.classifier.training.tasks import ACE, INSIGHT, MUC_TYPES, PLOVER, POLICE, SATP


def _hot(names: Sequence[str], chosen: Sequence[str]) -> Array:
    return np.array([name in chosen for name in names], np.float32)


def _quiet(count: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return the targets of a story without any incident."""
    role = np.zeros((count, len(ROLES)), np.float32)
    role[:, 0] = 1
    sentence = {"subtype": np.zeros((count, len(SUBTYPES)), np.float32), "core": np.zeros((count, 1), np.float32)}
    return sentence | {"role": role}, {
        "relevant": np.zeros(1, np.float32),
        "mains": np.zeros(len(SUBTYPES), np.float32),
    }


def _muc(story: Story, readings: Sequence[Reading]) -> Targets:
    templates = story.labels["templates"]
    types = {name for t in templates for name in re.split(r" / ", t[4][0]) if name in MUC_TYPES}
    sentence = np.zeros((len(readings), len(MUC_TYPES)), np.float32)
    for template in templates:
        fills = {
            f
            for slot in (6, 9, 10, 12, 18, 19)
            for line in template.get(slot, ())
            for f in re.findall(r'"([^"]+)"', line)
        }
        for row, read in zip(sentence, readings, strict=True):
            if any(fill in read.sentence.text for fill in fills):
                row[:] = np.maximum(row, _hot(MUC_TYPES, template[4]))
    whole = np.append(_hot(MUC_TYPES, tuple(types)), float(bool(templates)))
    return Targets({"muc": sentence}, {"muc_types": whole}, fillers.of_muc(story, readings))


def _gva(story: Story, days: dict[str, date]) -> dict[str, Array]:
    fresh = incidents.is_fresh(story, days)
    return {} if fresh is None else {"relevant": np.array([fresh], np.float32)}


def weak(data: Path, rules: Rules, tokenizer: Tokenizer, seed: int) -> Iterator[Example]:
    """Yield examples of the corpora that others have labelled for other ends, a seeded sample of each.

    Of corpora that are published in parts only the training part is taken.
    """
    dice = random.Random(seed)  # noqa: S311 - a sample, no secret
    police, days = _police(data), incidents.days(data)
    for corpus, (size, most) in _SAMPLES.items():
        pool = [s for s in corpora.read(corpus, data) if s.labels.get("part") != "dev" or corpus == "bbc"]
        for story in dice.sample(pool, min(size, len(pool))):
            readings, anchor = readings_of(story, rules)
            if readings:
                targets = _told(story, readings, police, days)
                yield from examples(readings, anchor, tokenizer, targets, most)
    yield from _single_sentences(data, rules, tokenizer)


def unseen(corpus: str, data: Path, rules: Rules, tokenizer: Tokenizer) -> Iterator[Example]:
    """Yield the first windows of the part of a corpus that `weak` leaves out, with its labels."""
    for story in corpora.read(corpus, data):
        readings, anchor = readings_of(story, rules)
        if readings and story.labels.get("part") == "dev":
            yield from examples(readings, anchor, tokenizer, _told(story, readings, {}, {}), 1)


#: Corpus → stories that are drawn, and windows read of each.
_SAMPLES = {
    "muc": (1300, 4),
    "satp": (1100, 2),
    "insightcrime": (1000, 1),
    "bbc": (1000, 1),
    "india": (600, 2),
    "gva": (900, 1),
}


def _told(
    story: Story, readings: Sequence[Reading], police: dict[str, list[tuple[str, list[str]]]], days: dict[str, date]
) -> Targets:
    """Return the targets that a corpus's own labels give."""
    match story.corpus:
        case "muc":
            return _muc(story, readings)
        case "satp":
            return Targets({}, {"satp": _hot(SATP, [n for n in SATP if story.labels[n]])})
        case "insightcrime":
            return Targets({}, {"insight": _hot(INSIGHT, [n for n in INSIGHT if story.labels[n]])})
        case "bbc":
            conflict = story.labels["conflict"]
            sentence, verdict = ({}, {}) if conflict else _quiet(len(readings))
            return Targets(sentence, verdict | {"conflict": np.array([conflict], np.float32)})
        case "india":
            return Targets({"police": _police_rows(story, readings, police)}, {})
        case _:
            return Targets({}, _gva(story, days))


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
                row[:] = np.maximum(row, _hot(POLICE, labels))
    return rows


def _single_sentences(data: Path, rules: Rules, tokenizer: Tokenizer) -> Iterator[Example]:
    """PLOVER's sentences, and the sentences of RAMS and WikiEvents that hold an event's trigger."""
    for text, task, answer in (*_plover(data), *_ace(data)):
        readings, anchor = readings_of(Story("", "", text, ""), rules)
        if readings:
            yield from examples(readings, anchor, tokenizer, Targets({task: answer[None, :]}, {}), 1)


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
