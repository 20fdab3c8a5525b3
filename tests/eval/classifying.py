"""`make eval-classify`: the classifier's figures, by the rulers of `../shared/eval` and on the corpora without one.

What each figure was trained on stands in docs/model-card.md. Rows: metric, value, target, 95 % interval, number asked.
"""

import gzip
import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from services.classifier.training import corpora
from services.cli import filters
from shared.domain.vocabulary import EventType, Subtype
from tests.eval import rulers, timebank

#: The issue's targets on the gold.
GOLD_TARGETS = {"relevance": 0.95, "event": 0.80, "subtype": 0.85, "main": 0.90, "realis": 0.95}
_ROUNDS = 500
_KIDNAP = {Subtype.ABDUCTION, Subtype.HOSTAGE_TAKING}

Row = tuple[str, float, float | None, float, float, int]
#: (right and claimed, claimed, wanted) of one article.
Unit = tuple[int, int, int]


def f1(units: Sequence[Unit]) -> float:
    """Return F1 of the sums, 0 when nothing is claimed or wanted."""
    hit, claimed, wanted = (sum(column) for column in zip(*units, strict=True))
    return 2 * hit / (claimed + wanted) if claimed + wanted else 0.0


def share(units: Sequence[Unit]) -> float:
    """Return the share of what is wanted that was claimed."""
    return sum(u[0] for u in units) / max(1, sum(u[2] for u in units))


def row(name: str, units: Sequence[Unit], target: float | None, measure: Callable[[Sequence[Unit]], float]) -> Row:
    """Return a figure with its bootstrap interval over articles."""
    dice = random.Random(1)
    values = sorted(measure(dice.choices(units, k=len(units))) for _ in range(_ROUNDS))
    low, high = values[int(_ROUNDS * 0.025)], values[int(_ROUNDS * 0.975)]
    return name, measure(units), target, low, high, len(units)


def coded(stories: Sequence[corpora.Story], folder: Path, name: str) -> list[dict[str, Any]]:
    """Return what `tocsin classify` says of stories."""
    source, target = folder / f"{name}.in.jsonl", folder / f"{name}.jsonl"
    with source.open("w") as lines:
        for s in stories:
            line = {"id": s.name, "title": s.title, "text": s.text, "published": s.published, "language": "en"}
            lines.write(json.dumps(line) + "\n")
    rulers.through(filters.classify, source, target)
    return [json.loads(line) for line in target.read_text().splitlines()]


def gold_rows(folder: Path) -> Iterator[Row]:
    """Yield the figures on the hand-coded gold."""
    rulers.through(filters.classify, rulers.GOLD / "dev.jsonl", folder / "gold.jsonl")
    for name, found in rulers.gold(folder / "gold.jsonl").items():
        yield f"gold.{name}", found["value"], GOLD_TARGETS.get(name), found["low"], found["high"], int(found["n"])


def muc_rows(folder: Path) -> Iterator[Row]:
    """Yield the figures on the texts in capitals: TST1 and TST2."""
    rulers.run(rulers.SHARED / "eval/score.py", "inputs", rulers.SHARED / "data", folder)
    rulers.through(filters.classify, folder / "muc.jsonl", folder / "muc.coded.jsonl")
    for metric, value, target, _, _, _, _, _, _, n, _, interval in rulers.score("muc", folder / "muc.coded.jsonl"):
        low, high = map(float, interval.split("-"))
        yield metric, float(value), None if target == "-" else float(target), low, high, int(n)


def satp_rows(folder: Path, data: Path) -> Iterator[Row]:
    """Yield F1 of the four kinds of South Asian briefs, from our subtypes, on the part that nothing was trained on."""
    stories = [s for s in corpora.read("satp", data) if s.labels["part"] == "dev"]
    pairs = list(zip(stories, coded(stories, folder, "satp"), strict=True))
    yield row("satp.relevant", [(int(c["relevant"]), 1, 1) for _, c in pairs], None, share)
    for kind in ("armed", "bombing", "kidnap"):
        units = [(int(kind in _kinds(c) and s.labels[kind]), int(kind in _kinds(c)), s.labels[kind]) for s, c in pairs]
        yield row(f"satp.{kind}", units, None, f1)


def _kinds(coded_: dict[str, Any]) -> set[str]:
    kinds = set()
    for event in coded_["events"]:
        if event["subtype"] in _KIDNAP:
            kinds.add("kidnap")
        elif event["type"] == EventType.EXPLOSIVE_REMOTE:
            kinds.add("bombing")
        elif event["type"] in (EventType.BATTLE, EventType.VIOLENCE_CIVILIANS):
            kinds.add("armed")
    return kinds


def india_rows(folder: Path, data: Path) -> Iterator[Row]:
    """Yield how much of the violence that the Indian corpus marks is found.

    Its labels tell what the police did, so that only recall can be asked: killed or used force, or failed to act.
    """
    stories = [s for s in corpora.read("india", data) if {"KILL", "FORCE"} & set(s.labels["police"])]
    units = [(int(c["relevant"]), 1, 1) for c in coded(stories, folder, "india")]
    yield row("india.violence_found", units, 0.90, share)


def bbc_rows(folder: Path, data: Path) -> Iterator[Row]:
    """Yield the share of ordinary news that is passed, on the part that nothing was trained on. Lower is better."""
    with gzip.open(data / "unlabelled_news/BBC_News_test.tsv.gz", "rt") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    stories = [corpora.Story("bbc", str(n), "", text) for n, (text, conflict) in enumerate(rows) if conflict == "0"]
    found = coded(stories, folder, "bbc")
    yield row("bbc.ordinary_passed (at most)", [(int(c["relevant"]), 1, 1) for c in found], 0.02, share)


def timebank_rows(data: Path) -> Iterator[Row]:
    """Yield how many expressions of time in TimeBank are found with their value."""
    yield row("timebank.value", [timebank.unit(document) for document in timebank.read(data)], 0.80, f1)


def table(folder: Path) -> Iterator[Row]:
    """Yield every row."""
    data = rulers.SHARED / "data"
    yield from gold_rows(folder)
    yield from muc_rows(folder)
    yield from satp_rows(folder, data)
    yield from india_rows(folder, data)
    yield from bbc_rows(folder, data)
    yield from timebank_rows(data)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(f"{'metric':32} value target  95 % interval     n\n")
        for name, value, target, low, high, n in table(Path(folder)):
            goal = f"{target:.3f}" if target is not None else "-"
            sys.stdout.write(f"{name:32} {value:.3f} {goal:>6}  {low:.3f} - {high:.3f} {n:5d}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
