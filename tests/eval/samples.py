"""Corpora cut or rewritten for the rulers: a folder of data of their own that holds nothing else.

The rulers read a whole corpus from where it lies. Of gun violence a fixed sample is enough; TUD-Loc is written as LGL is,
so that the same ruler counts it.
"""

import csv
import gzip
import hashlib
import io
import json
import re
import shutil
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Any

from services.classifier.training import labels

#: Articles of gun violence that are coded.
GVA_ARTICLES = 600
#: Modulus → remainders of the hash of a report's name by which training takes it: tolls, and dates.
TAKEN = {7: (0, 1, 2, 3), 3: (0,)}
_TAG = re.compile(r"<(/?)(COUNTRY|CITY|UNIT|REGION|LANDMARK|POI|CONTINENT)\b[^>]*>")


def spared(name: str, labelled: Container[str]) -> bool:
    """Tell whether no model of a field was fitted on a report of gun violence."""
    drawn = zlib.crc32(name.encode())
    return f"gva/{name}" not in labelled and all(drawn % by not in rest for by, rest in TAKEN.items())


def gun_violence(data: Path, folder: Path, most: int = GVA_ARTICLES) -> Path:
    """Write the sample of gun violence as a folder of data: by the hash of the names, the same at every call.

    A report that stands twice, or under two incidents, is none: the ruler leaves it out too.
    """
    with gzip.open(data / "gva/articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    known = {label.key for label in labels.load()}
    fit = {row["doc_id"]: row for row in single(rows) if spared(row["doc_id"], known)}
    chosen = sorted(fit, key=lambda name: hashlib.sha256(name.encode()).digest())[:most]
    (folder / "gva").mkdir(parents=True)
    shutil.copy(data / "gva/incidents.jsonl.gz", folder / "gva")
    with gzip.open(folder / "gva/articles.jsonl.gz", "wt", encoding="utf-8") as target:
        target.writelines(json.dumps(fit[name]) + "\n" for name in chosen)
    return folder


def single(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the reports whose text no other report has."""
    owners: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        owners.setdefault(" ".join((row["text"] or "").split()), []).append(row)
    yield from (same[0] for same in owners.values() if len(same) == 1)


def tud_loc(data: Path, folder: Path) -> Path:
    """Write TUD-Loc as a folder of data that holds it in the form, and under the name, of LGL."""
    root = ET.Element("articles")
    for text, spans in tud_texts(data):
        article = ET.SubElement(root, "article")
        ET.SubElement(article, "text").text = text
        for start, end, (lat, lon) in spans:
            node = ET.SubElement(article, "toponym")
            cells = {"start": str(start), "phrase": text[start:end], "lat": lat, "lon": lon}
            for name, value in cells.items():
                ET.SubElement(node, name).text = value
    (folder / "geoparsing").mkdir(parents=True)
    (folder / "geoparsing/lgl.xml.gz").write_bytes(gzip.compress(ET.tostring(root, "utf-8")))
    return folder


def tud_texts(data: Path) -> Iterator[tuple[str, list[tuple[int, int, tuple[str, str]]]]]:
    """Yield each text of TUD-Loc with its places: start, end and, as written, latitude and longitude (may be empty)."""
    with zipfile.ZipFile(data / "geoparsing/TUD-Loc2013.zip") as archive:
        (table,) = [n for n in archive.namelist() if n.endswith("0-all/coordinates.csv")]
        points: dict[str, list[tuple[str, str]]] = {}
        for row in csv.DictReader(io.TextIOWrapper(archive.open(table), "utf-8"), delimiter=";"):
            points.setdefault(row["docId"], []).append((row["latitude"], row["longitude"]))
        for name, found in sorted(points.items()):
            text, spans = untagged(archive.read(f"{table.rpartition('/')[0]}/{name}").decode("utf-8"))
            yield text, [(*span, point) for span, point in zip(spans, found, strict=True)]


def untagged(source: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text without its tags of places, and the spans that they marked, in order of their beginning."""
    text, at, opened, spans = "", 0, list[int](), list[tuple[int, int]]()
    source = source.replace("\r\n", "\n")
    for tag in _TAG.finditer(source):
        text += source[at : tag.start()]
        at = tag.end()
        if not tag[1]:
            opened.append(len(text))
        elif opened:
            spans.append((opened.pop(), len(text)))
    return text + source[at:], sorted(spans)
