"""The sets that the product is measured on. Each is coded once, and gives every row that is known of it."""

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from services.classifier import models
from services.classifier.training import corpora, labels
from services.classifier.training.corpora import Story
from services.cli import filters
from shared.domain.vocabulary import EventType, Subtype
from tests.eval import figures, merging, rulers, samples, timebank, wikievents
from tests.eval.figures import Row, Unit, f1, macro_f1, row, share

_KIDNAP = {Subtype.ABDUCTION, Subtype.HOSTAGE_TAKING}
_KINDS = ("armed", "bombing", "kidnap")
#: Rows of gun violence; merging and counting are measured elsewhere, over all of it.
_GVA = ("coded", "date", "city", "killed", "injured", "all_four")
#: Of the figures that only training knows: their part before the dot, or none → what they are called here.
_TRAINED = {"satp": "satp.encoder_", "insight": "insightcrime.encoder_", "gate": "gate."}

#: Yields the rows of a set. It may write into the folder.
Measure = Callable[[Path, Path], Iterator[Row]]


def coded(stories: Sequence[Story], folder: Path) -> list[dict[str, Any]]:
    """Return what `tocsin classify` says of stories."""
    source, target = folder / "stories.jsonl", folder / "coded.jsonl"
    with source.open("w") as lines:
        for s in stories:
            line = {"id": s.name, "title": s.title, "text": s.text, "published": s.published, "language": "en"}
            lines.write(json.dumps(line) + "\n")
    rulers.through(filters.classify, source, target)
    return [json.loads(line) for line in target.read_text().splitlines()]


def gold(_: Path, folder: Path) -> Iterator[Row]:
    """Modern international news, coded by hand."""
    rulers.through(filters.classify, rulers.GOLD / "dev.jsonl", folder / "coded.jsonl")
    for name, found in rulers.gold(folder / "coded.jsonl").items():
        yield Row(f"gold.{name}", found["value"], (found["low"], found["high"]), int(found["n"]))


def muc(data: Path, folder: Path) -> Iterator[Row]:
    """Wire text in capitals: TST1 and TST2."""
    yield from rulers.scored("muc", filters.classify, data, folder)


def gva(data: Path, folder: Path) -> Iterator[Row]:
    """Gun violence before 2017: a sample that the models of tolls and dates were not fitted on."""
    cut = samples.gun_violence(data, folder / "data")
    wanted = {f"gva.{name}" for name in _GVA}
    yield from (r for r in rulers.scored("gva", filters.classify, cut, folder) if r.metric in wanted)


def lgl(data: Path, folder: Path) -> Iterator[Row]:
    """Place names in local news."""
    yield from rulers.scored("lgl", filters.classify, data, folder)


def geovirus(data: Path, folder: Path) -> Iterator[Row]:
    """Place names in news on disease."""
    yield from rulers.scored("geovirus", filters.classify, data, folder)


def tudloc(data: Path, folder: Path) -> Iterator[Row]:
    """Place names on pages of all kinds, by the ruler of LGL."""
    for r in rulers.scored("lgl", filters.classify, samples.tud_loc(data, folder / "data"), folder):
        yield Row(r.metric.replace("geo.lgl.", "tudloc."), r.value, r.interval, r.n)


def wikievents_(data: Path, folder: Path) -> Iterator[Row]:
    """Arguments of events in modern news."""
    documents = list(wikievents.read(data))
    said = coded([Story("wikievents", d.name, "", d.text) for d in documents], folder)
    claimed = [wikievents.claimed(c) for c in said]
    pairs = list(zip(documents, claimed, strict=True))
    units = {slot: [wikievents.unit(c[slot], d.wanted[slot]) for d, c in pairs] for slot in wikievents.SLOTS}
    for slot, of_slot in units.items():
        yield row(f"wikievents.{slot}", of_slot, f1)
    yield row("wikievents.all", figures.summed(_joined(units)), f1)


def satp(data: Path, folder: Path) -> Iterator[Row]:
    """South Asian briefs of the development part that are not among our labels: their kinds, from our subtypes.

    All of them are relevant, so that only recall can be asked of relevance.
    """
    known = {label.key for label in labels.load()}
    stories = [s for s in corpora.read("satp", data) if s.labels["part"] == "dev" and s.key not in known]
    pairs = list(zip(stories, coded(stories, folder), strict=True))
    yield row("satp.found", [(int(c["relevant"]), 1, 1) for _, c in pairs], share)
    units = {kind: [(int(kind in _kinds(c)), s.labels[kind]) for s, c in pairs] for kind in _KINDS}
    triples = {kind: [(said & asked, said, asked) for said, asked in of_kind] for kind, of_kind in units.items()}
    for kind, of_kind in triples.items():
        yield row(f"satp.{kind}", of_kind, f1)
    yield row("satp.micro", figures.summed(_joined(triples)), f1)
    yield row("satp.macro", _joined(triples), macro_f1)


def _joined(units: dict[str, list[tuple[int, int, int]]]) -> list[Unit]:
    """Return for each article the triples of all kinds, one after the other."""
    return [tuple(n for triple in each for n in triple) for each in zip(*units.values(), strict=True)]


def _kinds(said: dict[str, Any]) -> set[str]:
    kinds = set()
    for event in said["events"]:
        if event["subtype"] in _KIDNAP:
            kinds.add("kidnap")
        elif event["type"] == EventType.EXPLOSIVE_REMOTE:
            kinds.add("bombing")
        elif event["type"] in (EventType.BATTLE, EventType.VIOLENCE_CIVILIANS):
            kinds.add("armed")
    return kinds


def india(data: Path, folder: Path) -> Iterator[Row]:
    """How much of the violence that the Indian corpus marks is found.

    Its labels tell what the police did, so that only recall can be asked: killed or used force.
    """
    stories = [s for s in corpora.read("india", data) if {"KILL", "FORCE"} & set(s.labels["police"])]
    yield row("india.violence_found", [(int(c["relevant"]), 1, 1) for c in coded(stories, folder)], share)


def bbc(data: Path, folder: Path) -> Iterator[Row]:
    """The share of ordinary news that is passed, on the part that nothing was trained on."""
    with gzip.open(data / "unlabelled_news/BBC_News_test.tsv.gz", "rt") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    stories = [Story("bbc", str(n), "", text) for n, (text, conflict) in enumerate(rows) if conflict == "0"]
    yield row("bbc.ordinary_passed", [(int(c["relevant"]), 1, 1) for c in coded(stories, folder)], share)


def timebank_(data: Path, _: Path) -> Iterator[Row]:
    """How many expressions of time in TimeBank are found with their value."""
    yield row("timebank.value", [timebank.unit(document) for document in timebank.read(data)], f1)


def trained(_: Path, __: Path) -> Iterator[Row]:
    """The figures that only training knows, as it left them beside the weights."""
    yield from of_training(json.loads((models.WEIGHTS / "training.json").read_text(encoding="utf-8"))["figures"])


def of_training(kept: dict[str, float]) -> Iterator[Row]:
    """Yield training's figures as rows. `stories` counts those that the network had not seen."""
    for name, value in kept.items():
        group, _, rest = name.partition(".")
        metric = _TRAINED[group] + rest if rest and group in _TRAINED else f"held_out.{name}"
        if name != "stories":
            yield Row(metric, value, None, int(kept["stories"]) if metric.startswith("held_out.") else None)


def aeb(data: Path, folder: Path) -> Iterator[Row]:
    """Body texts of pages."""
    yield from rulers.scored("aeb", filters.extract, data, folder)


def htmldate(data: Path, folder: Path) -> Iterator[Row]:
    """Publication dates of pages."""
    yield from rulers.scored("htmldate", filters.extract, data, folder)


#: The classifier's sets, the hand-coded gold first; the extractor's; and merging's, that CI measures.
CLASSIFIER: dict[str, Measure] = {
    measure.__name__.rstrip("_"): measure
    for measure in (gold, muc, gva, lgl, geovirus, tudloc, wikievents_, satp, india, bbc, timebank_, trained)
}
EXTRACTOR: dict[str, Measure] = {"aeb": aeb, "htmldate": htmldate}
MERGER: dict[str, Measure] = {"merge": merging.merge, "folded": merging.folded}


def measured(name: str, folder: Path) -> Iterator[Row]:
    """Yield the rows of a set; `folder` may be there or not."""
    own = folder / name
    own.mkdir(parents=True)
    yield from (CLASSIFIER | EXTRACTOR | MERGER)[name](rulers.SHARED / "data", own)


def asked() -> dict[str, figures.Asked]:
    """Return what the rulers' own table asks."""
    return figures.targets(rulers.SHARED / "eval/targets.tsv")
