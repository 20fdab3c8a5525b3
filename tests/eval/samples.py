"""Corpora cut or rewritten for the rulers: a folder of data of their own that holds nothing else.

The rulers read a whole corpus from where it lies. Of gun violence a fixed sample is enough; TUD-Loc is written as LGL
is, so that the same ruler counts it.
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
from collections.abc import Container, Iterator
from pathlib import Path

from services.classifier.training import labels

#: Articles of gun violence that are coded.
GVA_ARTICLES = 600
#: Modulus → remainders of the hash of a report's name by which training takes it: tolls, and dates.
TAKEN = {7: (0, 1, 2, 3), 3: (0,)}
_TAG = re.compile(r"<(/?)([A-Z]+)\b[^<>]*>")
_ADDRESS = {"STREET", "STREETNR", "ZIP"}


def spared(name: str, labelled: Container[str]) -> bool:
    """Tell whether no model of a field was fitted on a report of gun violence."""
    drawn = zlib.crc32(name.encode())
    return f"gva/{name}" not in labelled and all(drawn % by not in rest for by, rest in TAKEN.items())


def gun_violence(data: Path, folder: Path, most: int = GVA_ARTICLES) -> Path:
    """Write the sample of gun violence as a folder of data: by the hash of the names, the same at every call."""
    with gzip.open(data / "gva/articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    known = {label.key for label in labels.load()}
    fit = {row["doc_id"]: row for row in rows if spared(row["doc_id"], known)}
    chosen = sorted(fit, key=lambda name: hashlib.sha256(name.encode()).digest())[:most]
    (folder / "gva").mkdir(parents=True)
    shutil.copy(data / "gva/incidents.jsonl.gz", folder / "gva")
    with gzip.open(folder / "gva/articles.jsonl.gz", "wt", encoding="utf-8") as target:
        target.writelines(json.dumps(fit[name]) + "\n" for name in chosen)
    return folder


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
        points: dict[str, dict[int, tuple[str, str]]] = {}
        for row in csv.DictReader(io.TextIOWrapper(archive.open(table), "utf-8"), delimiter=";"):
            points.setdefault(row["docId"], {})[int(row["offset"])] = (row["latitude"], row["longitude"])
        for name, known in sorted(points.items()):
            text, spans = untagged(archive.read(f"{table.rpartition('/')[0]}/{name}").decode("utf-8"))
            nowhere = ("", "")
            yield text, [(start, end, known.get(start, nowhere) if placed else nowhere) for start, end, placed in spans]


def untagged(source: str) -> tuple[str, list[tuple[int, int, bool]]]:
    """Return a text without its tags, and the spans that they marked, by their beginning: start, end, is it a place.

    Streets and their numbers are marked too; they are no places that anybody looks for here.
    """
    text, at, opened, spans = "", 0, list[tuple[int, bool]](), list[tuple[int, int, bool]]()
    for tag in _TAG.finditer(source):
        text += source[at : tag.start()]
        at = tag.end()
        if not tag[1]:
            opened.append((len(text), tag[2] not in _ADDRESS))
        elif opened:
            start, placed = opened.pop()
            spans.append((start, len(text), placed))
    return text + source[at:], sorted(spans)
