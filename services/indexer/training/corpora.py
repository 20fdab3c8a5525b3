"""The news that merging is trained on: how common words are in it, and which reports tell one happening.

Gun violence before 2017 (one incident a report), ECB+ (topics with two look-alike happenings each), and for words alone
also news of other kinds and countries.
"""

import csv
import gzip
import json
import re
import tarfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CROOKED = re.compile(r" (n't|'s|[.,!?;:%)\]])")


@dataclass(frozen=True)
class Text:
    """A story of a corpus, and the happening it tells: of a topic, whose look-alikes should be told apart."""

    name: str
    title: str
    text: str
    published: str | None
    happening: str
    topic: str
    url: str = ""


def gun_violence(data: Path) -> Iterator[Text]:
    """Yield the reports of gun violence that tell one incident; of two under one name the first."""
    seen: set[str] = set()
    with gzip.open(data / "gva/articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["doc_id"] not in seen:
                seen.add(row["doc_id"])
                happening, text = str(row["incident_id"]), row["text"] or ""
                yield Text(row["doc_id"], row["title"] or "", text, row["dct"], happening, happening, row["url"] or "")


def ecb_plus(data: Path) -> Iterator[Text]:
    """Yield ECB+. Its stories have no titles and no dates of publication; tokens are joined to sentences again."""
    with tarfile.open(data / "ecbplus/ECBplus_xml.tar.xz") as archive:
        members = sorted((m for m in archive.getmembers() if m.name.endswith(".xml")), key=lambda m: m.name)
        for member in members:
            handle = archive.extractfile(member)
            if handle is not None:
                name = Path(member.name).stem
                topic = name.partition("_")[0]
                half = "plus" if name.endswith("plus") else "ecb"
                yield Text(f"ecb/{name}", "", _sentences(handle.read()), None, f"{topic}/{half}", topic)


def _sentences(xml: bytes) -> str:
    told: dict[int, list[str]] = {}
    for token in ET.fromstring(xml).iter("token"):  # noqa: S314 - a corpus that lies here
        told.setdefault(int(token.get("sentence", 0)), []).append(token.text or "")
    lines = [_CROOKED.sub(r"\1", " ".join(words)) for _, words in sorted(told.items())]
    return "\n".join(line for line in lines if not line.startswith("http"))


def texts(data: Path) -> Iterator[tuple[str, str]]:
    """Yield (corpus, text) of everything that the commonness of words is counted in."""
    for story in gun_violence(data):
        yield "gva", f"{story.title}\n{story.text}"
    for story in ecb_plus(data):
        yield "ecb", story.text
    for corpus, path in (("bbc", "unlabelled_news/BBC_News"), ("crime", "conflibert_tasks/insightCrime")):
        with gzip.open(data / f"{path}_train.tsv.gz", "rt", encoding="utf-8", newline="") as lines:
            yield from ((corpus, row[0]) for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if row)
    with gzip.open(data / "india_police_events/docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from (("india", row["doc_text"]) for row in map(json.loads, lines))
