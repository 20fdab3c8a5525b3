"""TimeBank (TempEval-3's TBAQ-cleaned): are time expressions found, and given the right value?

Wanted: the TIMEX3 of type DATE or TIME whose value names a day, a week, a month or a year; a time of day counts as its
day, a weekend as a value of its own. Right: an expression of ours that overlaps it and has the same value, counted from
the document creation time. An expression of ours that overlaps none of them is a false alarm, unless it overlaps one
that is left out: durations, sets, quarters, seasons, decades, "now", "recently".
"""

import html
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.classifier import models, sentences
from services.classifier.when import dates
from services.classifier.when.dates import When
from shared.domain.vocabulary import DatePrecision

_CREATED = re.compile(r'<DCT>.*?\bvalue="(\d{4}-\d\d-\d\d)', re.DOTALL)
_TEXT = re.compile(r"<TEXT>(.*)</TEXT>", re.DOTALL)
_TAG = re.compile(r"<(/?)(\w+)([^>]*)>")
_ATTRIBUTE = re.compile(r'\b(type|value)="([^"]*)"')
_VALUE = re.compile(r"\d{4}-\d\d-\d\d|\d{4}-W\d\d(?:-WE)?$|\d{4}-\d\d$|\d{4}$")
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Timex:
    """One annotated expression. `value` is None when it is left out."""

    start: int
    end: int
    value: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """One text with its day of creation."""

    name: str
    text: str
    day: date
    timexes: tuple[Timex, ...]


def read(data: Path) -> Iterator[Document]:
    """Yield the documents of `data/timebank`."""
    with tarfile.open(data / "timebank/timebank.tar.xz") as archive:
        for member in sorted(archive.getmembers(), key=lambda m: m.name):
            stream = archive.extractfile(member) if member.name.endswith(".tml") else None
            if stream:
                yield document(Path(member.name).stem, stream.read().decode("utf-8", "replace"))


def document(name: str, source: str) -> Document:
    """Return a document of TimeML. Raises ValueError when it has no text or no day of creation."""
    created, body = _CREATED.search(source), _TEXT.search(source)
    if not (created and body):
        raise ValueError(f"no TimeML: {name}")
    text, at, found, opened = "", 0, list[Timex](), None
    for tag in _TAG.finditer(body[1]):
        text += _unwrapped(body[1][at : tag.start()])
        at = tag.end()
        if tag[2] == "TIMEX3" and not tag[1]:
            opened = (len(text), _value(dict(_ATTRIBUTE.findall(tag[3]))))
        elif tag[2] == "TIMEX3" and opened:
            found.append(Timex(opened[0], len(text), opened[1]))
    return Document(name, text + _unwrapped(body[1][at:]), date.fromisoformat(created[1]), tuple(found))


def _unwrapped(piece: str) -> str:
    """Return a piece of text with its lines joined: TimeBank wraps them inside sentences."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", html.unescape(piece))


def _value(attributes: dict[str, str]) -> str | None:
    match = _VALUE.match(attributes["value"])
    return match[0] if match and attributes["type"] in ("DATE", "TIME") else None


def value(when: When) -> str:
    """Return what we say of an expression as TimeML writes it; a stretch of days counts as its first."""
    day, precision = when.range.start, when.range.precision
    week = f"{day.isocalendar().year:04}-W{day.isocalendar().week:02}"
    if precision is DatePrecision.DAYS and day.weekday() == _SATURDAY and (when.range.end - day).days == 1:
        return f"{week}-WE"
    shown = {DatePrecision.WEEK: week, DatePrecision.MONTH: f"{day:%Y-%m}", DatePrecision.YEAR: f"{day:%Y}"}
    return shown.get(precision, day.isoformat())


def expressions(text: str, day: date) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and value of every expression that the classifier finds in a text."""
    told = None
    for sentence in sentences.read("", text, models.load_rules().splitter):
        whens = dates.read(sentence.lower, day, told)
        told = dates.last_day(whens, told)
        for when in whens:
            yield (sentence.start or 0) + when.start, (sentence.start or 0) + when.end, value(when)


def unit(found: Document) -> tuple[int, int, int]:
    """Return right, claimed and wanted of one document."""
    wanted = {t: t.value for t in found.timexes if t.value}
    left_out = [t for t in found.timexes if not t.value]
    hit = claimed = 0
    for start, end, said in expressions(found.text, found.day):
        mine = [t for t in wanted if start < t.end and t.start < end]
        right = next((t for t in mine if wanted[t] == said), None)
        if right:
            hit += 1
            del wanted[right]
        if mine or not any(start < t.end and t.start < end for t in left_out):
            claimed += 1
    return hit, claimed, sum(t.value is not None for t in found.timexes)
