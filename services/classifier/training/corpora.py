"""The development sets as stories: one generator a corpus, read from the folder of data that lies beside the checkout.

Nothing of these texts is kept in the project: labels refer to them by corpus and name.
"""

import csv
import gzip
import io
import json
import re
import tarfile
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: A sentence ends the headline where a corpus runs title and text together.
_MUC_START = re.compile(r"^(DEV-MUC3-\d{4}|TST\d-MUC[34]-\d{4})", re.MULTILINE)
_MUC_BODY = re.compile(r"\[TEXT\](.*)", re.DOTALL)
_MUC_DAY = re.compile(r"(\d{1,2}) (JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]* (\d\d)\b")
_MUC_TYPE = 4  #: the slot that every template of an incident fills
#: As MUC writes them.
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NOT_WORD = re.compile(r"[\W_]+")
_ENGLISH_FOLDERS = ("au", "ca", "ind", "my", "na", "uk", "us", "za", "tz", "il")


@dataclass(frozen=True, slots=True)
class Story:
    """One article of a corpus. `labels` are the corpus's own, as it names them."""

    corpus: str
    name: str
    title: str
    text: str
    published: str | None = None  #: ISO day
    labels: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Corpus and name."""
        return f"{self.corpus}/{self.name}"


def _gzip_lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from lines


def gva(data: Path) -> Iterator[Story]:
    """Gun-violence news of the United States before 2017, by incident."""
    for row in map(json.loads, _gzip_lines(data / "gva/articles.jsonl.gz")):
        labels = {"incident": row["incident_id"]}
        yield Story("gva", row["doc_id"], row["title"] or "", row["text"] or "", row["dct"], labels)


def muc(data: Path) -> Iterator[Story]:
    """MUC-3/4 training texts in capitals, with their templates, and as they were `opened` by a dateline."""
    keys = _muc_keys(data / "muc34/raw/dev")
    for path in sorted((data / "muc34/raw/dev").glob("dev-muc3-*")):
        pieces = _MUC_START.split(path.read_text(encoding="latin-1"))
        for name, piece in zip(pieces[1::2], pieces[2::2], strict=True):
            body = _MUC_BODY.search(piece)
            day = _MUC_DAY.search(piece)
            published = day and f"19{day[3]}-{MONTHS.index(day[2]) + 1:02}-{int(day[1]):02}"
            text = _joined(body[1] if body else piece)
            labels = {"templates": keys.get(name, []), "opened": _joined(piece.partition("\n")[2])}
            yield Story("muc", name, "", text, published, labels)


def _joined(text: str) -> str:
    return "\n".join(" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text.strip()))


#: "4.  INCIDENT: TYPE                  ATTACK"; further fillers of a slot stand on lines of their own.
_MUC_SLOT = re.compile(r"\s*(\d+)\.\s+(?:MESSAGE|INCIDENT|PERP|PHYS TGT|HUM TGT): [A-Z ]+?(?:  +(.*))?$")


def _muc_keys(folder: Path) -> dict[str, list[dict[int, list[str]]]]:
    """Return {text: [{slot number: fillers}]}; a text without an incident has no template."""
    found: dict[str, list[dict[int, list[str]]]] = {}
    for path in sorted(folder.glob("key-dev-*.muc4")):
        template: dict[int, list[str]] = {}
        slot = 0
        for line in path.read_text(encoding="latin-1").splitlines():
            head = _MUC_SLOT.match(line)
            value = ((head[2] or "") if head else line).strip()
            slot = int(head[1]) if head else slot
            if head and slot == 0:
                template = {}
                found.setdefault(value.split()[0], []).append(template)
            elif value and not value.startswith((";", "*", "-")):
                template.setdefault(slot, []).append(value)
    return {name: [t for t in templates if _MUC_TYPE in t] for name, templates in found.items()}


def satp(data: Path) -> Iterator[Story]:
    """South Asian conflict briefs: armed assault, bombing, kidnapping, other (columns of the ConfliBERT release)."""
    names = ("armed", "bombing", "kidnap", "other")
    yield from _table(data, "satp", "satp_relevant", names)


def insightcrime(data: Path) -> Iterator[Story]:
    """Organised crime in the Americas: seven columns of the ConfliBERT release, unnamed there."""
    yield from _table(data, "insightcrime", "insightCrime", tuple(f"c{n}" for n in range(7)))


def _table(data: Path, corpus: str, file: str, names: tuple[str, ...]) -> Iterator[Story]:
    for part in ("train", "dev"):
        for number, line in enumerate(_gzip_lines(data / f"conflibert_tasks/{file}_{part}.tsv.gz")):
            text, *columns = line.rstrip("\n").split("\t")
            labels = {"part": part, **dict(zip(names, map(int, columns), strict=True))}
            yield Story(corpus, f"{part}-{number}", "", text.strip('"'), None, labels)


def bbc(data: Path) -> Iterator[Story]:
    """Ordinary British news of 2004 and 2005 in lower case. `conflict`: marked as conflict or politics."""
    for part in ("train", "dev"):
        for number, line in enumerate(_gzip_lines(data / f"unlabelled_news/BBC_News_{part}.tsv.gz")):
            text, conflict = line.rstrip("\n").split("\t")
            yield Story("bbc", f"{part}-{number}", "", text.strip('"'), None, {"part": part, "conflict": int(conflict)})


def guardian(data: Path) -> Iterator[Story]:
    """News on the war in north-eastern Syria, 2019."""
    with zipfile.ZipFile(data / "unlabelled_news/Guardian_SDF_sample.csv.zip") as archive:
        rows = csv.DictReader(io.TextIOWrapper(archive.open(archive.namelist()[0]), "utf-8"))
        for number, row in enumerate(rows):
            yield Story("guardian", str(number), "", row["text"], row["date"][:10])


def india(data: Path) -> Iterator[Story]:
    """The Times of India in March 2002, with what the police did."""
    days = {
        row["doc_id"]: row["date"] for row in csv.DictReader((data / "india_police_events/metadata_no_text.csv").open())
    }
    for row in map(json.loads, _gzip_lines(data / "india_police_events/docs.jsonl.gz")):
        text = re.sub(r"\AThis story is from [^\n]*\n+", "", row["doc_text"])
        name = str(row["doc_id"])
        yield Story("india", name, "", text, days.get(name), {"police": row["doc_labels"]})


def lgl(data: Path) -> Iterator[Story]:
    """Local news of all kinds from small towns, 2009."""
    for row in ET.fromstring(gzip.decompress((data / "geoparsing/lgl.xml.gz").read_bytes())):
        text = row.findtext("text") or ""
        yield Story(
            "lgl", row.get("docid") or "", row.findtext("title") or "", text, (row.findtext("dltime") or "")[:10]
        )


def geovirus(data: Path) -> Iterator[Story]:
    """Wikinews on outbreaks of disease."""
    for number, row in enumerate(ET.fromstring(gzip.decompress((data / "geoparsing/GeoVirus.xml.gz").read_bytes()))):
        yield Story("geovirus", str(number), "", row.findtext("text") or "")


def ecb(data: Path) -> Iterator[Story]:
    """ECB+: news on 43 topics, two happenings each."""
    with tarfile.open(data / "ecbplus/ECBplus_xml.tar.xz") as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.name.endswith(".xml") else None
            if stream:
                yield Story("ecb", Path(member.name).stem, "", _ecb_text(ET.fromstring(stream.read())))


def _ecb_text(root: ET.Element) -> str:
    sentences: dict[str, list[str]] = {}
    for token in root.iter("token"):
        sentences.setdefault(token.get("sentence") or "", []).append(token.text or "")
    lines = (" ".join(words) for words in sentences.values())
    return "\n".join(re.sub(r" ([,.;:?!%)'\u2019]|n't|'s)", r"\1", line) for line in lines)


def wikievents(data: Path) -> Iterator[Story]:
    """Stories of attacks and bombings with event triggers."""
    for row in map(json.loads, (data / "wikievents_rams/wikievents_dev.jsonl").read_text().splitlines()):
        yield Story("wikievents", row["doc_id"], "", row["text"])


def aeb(data: Path) -> Iterator[Story]:
    """Articles of every kind: the body texts of Zyte's extraction benchmark."""
    with tarfile.open(data / "article_extraction_benchmark/aeb_html_ground_truth.tar.xz") as archive:
        stream = archive.extractfile("ground-truth.json")
        for name, row in json.load(stream).items() if stream else ():
            yield Story("aeb", name, "", row["articleBody"])


def fundus(data: Path) -> Iterator[Story]:
    """English stories of Fundus's parser tests."""
    for folder in _ENGLISH_FOLDERS:
        for path in sorted((data / "fundus_parser_tests/test_data" / folder).glob("*.json")):
            for version, row in json.loads(path.read_text()).items():
                body = row.get("body") or {}
                parts = [p for s in body.get("sections", ()) for p in (*s["headline"], *s["paragraphs"])]
                text = "\n".join([*body.get("summary", ()), *parts])
                name = f"{folder}-{path.stem}-{version}"
                yield Story(
                    "fundus", name, row.get("title") or "", text, (row.get("publishing_date") or "")[:10] or None
                )


#: Corpus name → its reader.
READERS: dict[str, Callable[[Path], Iterator[Story]]] = {
    reader.__name__: reader
    for reader in (aeb, bbc, ecb, fundus, geovirus, guardian, gva, india, insightcrime, lgl, muc, satp, wikievents)
}


def squeezed(text: str) -> str:
    """Return the letters and digits of a text, by which copies are told."""
    return _NOT_WORD.sub("", text.lower())


class GoldFilter:
    """Tells the articles of the hand-coded gold, which no model may be trained on, wherever a corpus carries them."""

    _LENGTH = 60

    def __init__(self, data: Path) -> None:
        rows = [json.loads(line) for line in (data / "tocsin_gold/dev.jsonl").read_text().splitlines()]
        texts = [squeezed(row["text"]) for row in rows]
        self._marks = {t[at : at + self._LENGTH] for t in texts for at in (len(t) // 4, len(t) // 2, 3 * len(t) // 4)}

    def __contains__(self, story: Story) -> bool:
        text = squeezed(story.title + story.text)
        windows = (text[at : at + self._LENGTH] for at in range(max(1, len(text) - self._LENGTH + 1)))
        return any(window in self._marks for window in windows)


def read(corpus: str, data: Path) -> Iterator[Story]:
    """Yield the stories of a corpus, without those of the gold and without exact copies."""
    gold, seen = GoldFilter(data), set[str]()
    for story in READERS[corpus](data):
        mark = squeezed(story.text)
        if mark and mark not in seen and story not in gold:
            seen.add(mark)
            yield story
