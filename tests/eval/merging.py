"""`make eval-merge`: how well reports of one incident are found, on gun violence and on look-alikes of ECB+.

Our own coding of 4,442 articles takes minutes; it is kept in a folder, under a name that changes with the classifier.
"""

import argparse
import gzip
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, combinations
from pathlib import Path
from typing import Any

from services.cli import filters
from services.indexer.merging import model
from services.indexer.training import corpora
from tests.eval import figures, rulers
from tests.eval.figures import Row

#: Articles of the sample that CI groups, in whole incidents.
SAMPLE = 600
ROOT = Path(__file__).parents[2]
#: Where what was coded is kept.
KEPT = ROOT / ".eval"
#: Suffixes of what decides how an article is coded.
_CLASSIFIER = ("*.py", "*.toml", "*.tsv", "*.json", "*.onnx", "*.npz", "*.gz")
_RULED = {"gva.merge_pairs": "pairs", "gva.merge_b3": "b3"}


def sampled(data: Path, folder: Path, most: int = SAMPLE) -> Path:
    """Write whole incidents of gun violence as a folder of data: by the hash of their numbers, always the same."""
    with gzip.open(data / "gva/articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    told: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        told.setdefault(str(row["incident_id"]), []).append(row)
    chosen: list[dict[str, Any]] = []
    for number in sorted(told, key=lambda one: hashlib.sha256(one.encode()).digest()):
        if len(chosen) < most:
            chosen += told[number]
    (folder / "gva").mkdir(parents=True)
    (folder / "gva/incidents.jsonl.gz").write_bytes((data / "gva/incidents.jsonl.gz").read_bytes())
    with gzip.open(folder / "gva/articles.jsonl.gz", "wt", encoding="utf-8") as target:
        target.writelines(json.dumps(row) + "\n" for row in chosen)
    return folder


def merge(data: Path, folder: Path, whole: Path | None = None) -> Iterator[Row]:
    """The sample, coded by ourselves and by hand, for CI. `whole`: what our classifier said of all, if known."""
    cut = sampled(data, folder / "data")
    source = inputs(cut, folder)
    if whole:
        picked(source, whole, folder / "coded.jsonl")
    else:
        rulers.through(filters.classify, source, folder / "coded.jsonl")
    yield from renamed("merge.", ruled(cut, folder, source, folder / "coded.jsonl"))
    yield from renamed("merge.gold_", by_hand(cut, folder, source))


def folded(_: Path, __: Path) -> Iterator[Row]:
    """What training left behind: figures by models that have not seen the incidents they judge."""
    for name, value in json.loads(model.FILE.read_text(encoding="utf-8"))["folded"].items():
        yield Row(f"folded.{name}", value, None, None)


def picked(source: Path, whole: Path, target: Path) -> None:
    """Write the lines of what was said of all that are of the articles of `source`, in their order."""
    said = {json.loads(line)["id"]: line for line in whole.read_text(encoding="utf-8").splitlines()}
    names = [json.loads(line)["id"] for line in source.read_text(encoding="utf-8").splitlines()]
    target.write_text("".join(f"{said[name]}\n" for name in names), encoding="utf-8")


def everything(data: Path, folder: Path, kept: Path = KEPT) -> Iterator[Row]:
    """Yield the rows of all incidents of gun violence, by the ruler, and of ECB+; `kept` holds what was coded."""
    source = inputs(data, folder)
    yield from ruled(data, folder, source, coded(source, "gva", kept))
    yield from renamed("merge.all_gold_", by_hand(data, folder, source))
    texts = list(corpora.ecb_plus(data))
    lines = [{"id": t.name, "title": t.title, "text": t.text, "published": None, "language": "en"} for t in texts]
    (folder / "ecb.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    yield look_alikes(texts, joined(folder / "ecb.jsonl", coded(folder / "ecb.jsonl", "ecb", kept)))
    yield from folded(data, folder)


def inputs(data: Path, folder: Path) -> Path:
    """Write what the ruler has classified, and return the file."""
    rulers.run(rulers.SHARED / "eval/score.py", "inputs", data, folder / "inputs")
    return folder / "inputs/gva.jsonl"


def coded(source: Path, name: str, kept: Path) -> Path:
    """Return what our classifier says of a file, from the folder where that is kept if it is there."""
    digest = hashlib.sha256(source.read_bytes())
    for pattern in _CLASSIFIER:
        for file in sorted((ROOT / "services/classifier").rglob(pattern)):
            digest.update(file.read_bytes())
    target = kept / f"{name}-{digest.hexdigest()[:16]}.jsonl"
    if not target.exists():
        kept.mkdir(exist_ok=True)
        part = target.with_suffix(".part")
        rulers.through(filters.classify, source, part)
        part.rename(target)
    return target


def ruled(data: Path, folder: Path, source: Path, said: Path) -> Iterator[Row]:
    """Yield the ruler's rows of merging: what our classifier said, merged by `tocsin merge`."""
    lines = rulers.run(rulers.SHARED / "eval/score.py", "join", source, said).splitlines()
    merged = folder / "merged.jsonl"
    merged.write_text("".join(json.dumps(row) + "\n" for row in filters.merge(lines)))
    printed = rulers.run(rulers.SHARED / "eval/score.py", "gva", data, said, merged, "--ci")
    yield from (row for row in figures.of_ruler(printed.splitlines()) if row.metric in _RULED)


def by_hand(data: Path, folder: Path, source: Path) -> Iterator[Row]:
    """Yield the same with day, place and tolls as people recorded them: what merging alone loses."""
    with gzip.open(data / "gva/incidents.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = {str(row.get("incident_uri")): row for row in map(json.loads, lines)}
    with gzip.open(data / "gva/articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        of = {row["doc_id"]: str(row["incident_id"]) for row in map(json.loads, lines)}
    said = folder / "gold.jsonl"
    with said.open("w") as output:
        for row in map(json.loads, source.read_text().splitlines()):
            line = {"id": row["id"], "relevant": True, "events": [recorded(records[of[row["id"]]])]}
            output.write(json.dumps(line) + "\n")
    yield from ruled(data, folder, source, said)


def recorded(record: dict[str, Any]) -> dict[str, Any]:
    """Return the event of a record of gun violence."""
    lat, lon = record["lat_lon"] or (None, None)
    city = record["city_or_county"].split(" (")[0]
    place = {"name": city, "city": city, "admin1": record["state"], "country": "US", "precision": "city"}
    return {
        "type": "violence_civilians",
        "subtype": "armed_attack",
        "realis": "actual",
        "main": True,
        "date": {"start": record["date_iso"], "end": record["date_iso"], "precision": "day"},
        "place": {**place, "lat": lat, "lon": lon},
        **{field: dict.fromkeys(("min", "best", "max"), record[f"num_{field}"]) for field in ("killed", "injured")},
    }


def joined(source: Path, said: Path) -> dict[str, str]:
    """Return the incident of each text's main event, of those that have one, by `tocsin merge`."""
    rows = [json.loads(line) for line in said.read_text().splitlines()]
    mains = {row["id"]: at for row in rows if (at := main(row)) is not None}
    together = rulers.run(rulers.SHARED / "eval/score.py", "join", source, said).splitlines()
    merged = filters.merge(together)
    return {row["id"]: row["incident"] for row in merged if mains.get(row.get("id")) == row.get("event")}


def main(row: dict[str, Any]) -> int | None:
    """Return the first main event of a line, else the first; None where nothing is told."""
    events = row.get("events") or [] if row.get("relevant") else []
    return next((at for at, event in enumerate(events) if event.get("main") is not False), 0 if events else None)


def look_alikes(texts: Sequence[corpora.Text], found: dict[str, str]) -> Row:
    """Return the share of pairs of two look-alike happenings that are kept apart: the interval is over topics."""
    told: dict[str, list[corpora.Text]] = {}
    for text in texts:
        if text.name in found:
            told.setdefault(text.topic, []).append(text)
    units = []
    for alike in told.values():
        pairs = [(a, b) for a, b in combinations(alike, 2) if a.happening != b.happening]
        apart = sum(found[a.name] != found[b.name] for a, b in pairs)
        units.append((apart, apart, len(pairs)))
    return figures.row("merge.ecb_apart", units, figures.share)


def renamed(start: str, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the ruler's rows under other names, so that they have floors of their own."""
    for row in rows:
        yield Row(start + _RULED[row.metric], row.value, row.interval, row.n)


def show(arguments: Sequence[str] | None = None) -> None:
    """Print the table. `arguments`: those of the command line where None."""
    options = argparse.ArgumentParser(prog="eval-merge", description=__doc__)
    options.add_argument("--kept", type=Path, default=KEPT, help="folder for what was coded (default: .eval)")
    kept = options.parse_args(arguments).kept
    if not rulers.SHARED.is_dir():
        options.error(f"no rulers and data in {rulers.SHARED}; TOCSIN_SHARED names their folder")
    asked, shown = figures.targets(rulers.SHARED / "eval/targets.tsv"), []
    sys.stdout.write(figures.heading() + "\n")
    with tempfile.TemporaryDirectory() as folder:
        sample, whole = Path(folder, "sample"), Path(folder, "whole")
        for made in (sample, whole):
            made.mkdir()
        data = rulers.SHARED / "data"
        for row in chain(everything(data, whole, kept), _sample(data, sample, whole, kept)):
            shown.append(row.metric)
            sys.stdout.write(figures.line(row, asked) + "\n")
            sys.stdout.flush()
    sys.stdout.write("\n" + "\n".join(figures.notes(shown)) + "\n")


def _sample(data: Path, folder: Path, whole: Path, kept: Path) -> Iterator[Row]:
    """Yield the rows of CI's sample. After `everything`, which has coded its articles."""
    yield from merge(data, folder, coded(whole / "inputs/gva.jsonl", "gva", kept))


if __name__ == "__main__":
    show()
