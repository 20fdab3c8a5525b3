"""Articles with marked places as the models of `placing.py` see them: spans, places they may be, which are right."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.classifier import sentences
from services.classifier.models import Rules
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledStory
from services.classifier.training.toponyms import MarkedText, Toponym
from services.classifier.where import names, placing
from services.classifier.where.folding import fold
from services.classifier.where.gazetteer import Entry, Gazetteer
from services.classifier.where.names import Name
from services.classifier.where.placing import Look
from shared.domain import earth
from shared.domain.vocabulary import PlacePrecision

#: A place is right within this distance, the field's custom (100 miles); closer where one is closer.
RIGHT_KM, CLOSE_KM = 161.0, 40.0
_SAME_SPAN = 0.5

#: Whether a span is a marked place; None where the markers leave it open.
_Label = bool | None


@dataclass(frozen=True, slots=True)
class Case:
    """An article ready to be learned from."""

    marked: MarkedText
    seen: Look
    labels: tuple[_Label, ...]  #: per span
    right: tuple[npt.NDArray[np.bool_] | None, ...]  #: per span, which of its places are meant; None when none is
    wanted: int  #: marked places


def case(marked: MarkedText, gazetteer_: Gazetteer, rules: Rules, often: dict[str, float]) -> Case | None:
    """Return an article with its spans and labels; None when the gazetteer knows none of its words."""
    text = names.read(sentences.read(marked.title, marked.text, rules.splitter), gazetteer_, often)
    if not text.names:
        return None
    seen = placing.look(text)
    sure = [t for t in marked.toponyms if t.point and fold(t.phrase) not in gazetteer_.demonyms]
    open_ = [t for t in marked.toponyms if t not in sure]
    labels: list[_Label] = []
    right: list[npt.NDArray[np.bool_] | None] = []
    for name in text.names:
        start = name.sentence.start
        if start is None:
            labels.append(None)
            right.append(None)
            continue
        span = start + name.start, start + name.end
        hit = max(sure, key=lambda t: overlap(span, (t.start, t.end)), default=None)
        is_hit = hit is not None and overlap(span, (hit.start, hit.end)) >= _SAME_SPAN
        left_open = any(overlap(span, (t.start, t.end)) > 0 for t in open_)
        labels.append(True if is_hit else None if left_open else False)
        right.append(_right(hit, seen.table.entries[seen.table.slices[name.key]]) if is_hit and hit else None)
    return Case(marked, seen, tuple(labels), tuple(right), len(sure))


def overlap(a: tuple[int, int], b: tuple[int, int]) -> float:
    """Return the overlap of two spans as a share of their union."""
    inside = min(a[1], b[1]) - max(a[0], b[0])
    return max(0.0, inside / (max(a[1], b[1]) - min(a[0], b[0])))


def _right(toponym: Toponym, entries: Sequence[Entry]) -> npt.NDArray[np.bool_] | None:
    same = np.array([e.geonames_id is not None and e.geonames_id == toponym.geonames_id for e in entries])
    if same.any():
        return same
    assert toponym.point  # noqa: S101 - only those with a point come here
    far = np.array([earth.distance_km(*toponym.point, e.lat, e.lon) for e in entries])
    near = far <= (CLOSE_KM if far.min() <= CLOSE_KM else RIGHT_KM)
    if not near.any():
        return None
    # Province and town lie at one point: an encyclopedia keeps the bare title for the town.
    title = fold(toponym.page)
    towns = np.array([e.precision is PlacePrecision.CITY and fold(e.name) == title for e in entries])
    return near & towns if (near & towns).any() else near


def told(
    story: Story, label: LabelledStory, gazetteer_: Gazetteer, rules: Rules, often: dict[str, float]
) -> Case | None:
    """Return a story with the places of its events, by our labels: a town or an area. They leave open all other names.

    None when it names none of them. The places have no point: all towns of the name in the label's state are right.
    """
    wanted = {fold(p["name"]): p for e in label.events if (p := e.facts["place"]) and p["country"]}
    text = names.read(sentences.read(story.title, story.text, rules.splitter), gazetteer_, often)
    if not any(n.key in wanted for n in text.names):
        return None
    seen = placing.look(text)
    right = [
        _meant(wanted[n.key], seen.table.entries[seen.table.slices[n.key]], gazetteer_)
        if n.key in wanted and not n.kind_before and n.after not in names.place_words("generic")
        else None
        for n in text.names
    ]
    marked = MarkedText("labels", zlib.crc32(story.key.encode()), story.title, story.text, ())
    return Case(marked, seen, (None,) * len(right), tuple(right), 0)


def _meant(place: dict[str, Any], entries: Sequence[Entry], gazetteer_: Gazetteer) -> npt.NDArray[np.bool_] | None:
    """Return which places of a label's name are of its kind; None where that cannot be told."""
    kind = PlacePrecision.CITY if place["city"] == place["name"] else None
    if place["city"] is None:
        kind = PlacePrecision.ADMIN1 if place["admin1"] == place["name"] else None
        kind = kind if place["admin1"] else PlacePrecision.COUNTRY
    same = np.array([e.precision is kind and e.country == place["country"] for e in entries])
    state = np.array([fold(gazetteer_.province_of(e) or "") == fold(place["admin1"] or "") for e in entries])
    return (same & state if (same & state).any() else same) if same.any() else None


def is_right(of: Case, name: Name, entry: Entry) -> bool:
    """Tell whether a span's place is the one that is marked there: the same number, or near enough."""
    if name.sentence.start is None:
        return False
    span = name.sentence.start + name.start, name.sentence.start + name.end
    hit = max((t for t in of.marked.toponyms if t.point), key=lambda t: overlap(span, (t.start, t.end)), default=None)
    if hit is None or hit.point is None:
        return False
    same = entry.geonames_id is not None and entry.geonames_id == hit.geonames_id
    return same or earth.distance_km(*hit.point, entry.lat, entry.lon) <= RIGHT_KM
