"""News whose place names were marked by hand, with where they lie: LGL and GeoVirus."""

import gzip
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

FILES = {"lgl": "geoparsing/lgl.xml.gz", "geovirus": "geoparsing/GeoVirus.xml.gz"}


@dataclass(frozen=True, slots=True)
class Toponym:
    """A marked name, by code points of the text. `point` is None where the markers did not say which place it is."""

    start: int
    end: int
    phrase: str
    point: tuple[float, float] | None
    geonames_id: int | None
    page: str = ""  #: title of its page in Wikipedia, where the corpus names one


@dataclass(frozen=True, slots=True)
class MarkedText:
    """An article and its marked names."""

    corpus: str
    source: int  #: number of the newspaper; GeoVirus has one, so its articles count alone
    title: str
    text: str
    toponyms: tuple[Toponym, ...]

    def in_capitals(self) -> "MarkedText":
        """Return the article as a wire of the 1980s sent it, offsets unchanged."""
        return replace(self, title=capitals(self.title), text=capitals(self.text))


def capitals(text: str) -> str:
    """Return a text in capitals, of the same length: "ß" stays as it is."""
    return "".join(upper if len(upper := c.upper()) == 1 else c for c in text)


def read(corpus: str, data: Path) -> Iterator[MarkedText]:
    """Yield the articles of a corpus."""
    for number, article in enumerate(ET.fromstring(gzip.decompress((data / FILES[corpus]).read_bytes()))):
        text = article.findtext("text") or ""
        marked = (_toponym(node, text) for node in (*article.iter("toponym"), *article.iter("location")))
        source = int(article.findtext("feedid") or number)
        yield MarkedText(corpus, source, article.findtext("title") or "", text, tuple(t for t in marked if t))


def _toponym(node: ET.Element, text: str) -> Toponym | None:
    phrase = node.findtext("phrase") or node.findtext("name") or ""
    start = int(node.findtext("start") or 0)
    if text[start : start + len(phrase)] != phrase:  # some offsets are off: the nearest copy is meant
        copies = [at for at in range(len(text)) if text.startswith(phrase, at)]
        if not copies:
            return None
        start = min(copies, key=lambda at: abs(at - start))
    lat, lon = node.findtext(".//lat"), node.findtext(".//lon")
    tag = node.find("gaztag")
    number = tag.get("geonameid") if tag is not None else None
    point = (float(lat), float(lon)) if lat and lon else None
    page = unquote((node.findtext("page") or "").rpartition("/wiki/")[2]).replace("_", " ")
    return Toponym(start, start + len(phrase), phrase, point, int(number) if number else None, page)
