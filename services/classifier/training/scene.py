"""Fitting the choice of an event's place: `python -m services.classifier.training.scene --data ../shared/data`.

our labels, shootings with their records, MUC's keys ─▶ mentions as candidates, right or not ─▶ `weights/scene.json`

The loss is the surprise at the right place among all named and "no place" (a conditional logit whose places are sums
over their mentions). Folds are drawn by incident, so that two reports of one shooting stay together.
"""

import dataclasses
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from services.classifier import classify, models
from services.classifier.events import Happening
from services.classifier.models import Models
from services.classifier.training import corpora, incidents, labels, logit, verdict
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledEvent, LabelledStory
from services.classifier.where import scene
from services.classifier.where.folding import fold
from services.classifier.where.gazetteer import Gazetteer
from services.classifier.where.places import Found
from services.classifier.where.scene import Candidate
from services.classifier.where.signs import Scene
from shared.domain import earth
from shared.domain.vocabulary import PlacePrecision

Array = npt.NDArray[np.float64]
#: Says how right a place is: 1, 0.6 a district and 0.5 a province that may hold it, 0.3 in its country, 0 wrong.
Judge = Callable[[Found], float]

#: One shooting, and one of MUC's texts, in so many is read.
_GVA_SHARE, _MUC_SHARE = 3, 2
#: What an event counts for by where its place is from, and by how right the best that is named is.
_WORTH = {"labels": 1.0, "gva": 0.5, "muc": 0.7}
_DISTRICT, _AREA, _COUNTRY = 0.6, 0.5, 0.3
_TOWN_KM, _DISTRICT_KM = 25.0, 60.0
_MUC_PLACE = 3
_PART = re.compile(r"\s*([^:()]+?)\s*(?:\(([^)]*)\))?\s*(?::|$)")


@dataclass(frozen=True, slots=True)
class Question:
    """An event's candidates with how right each is. `placed`: whether its label has a place."""

    source: str
    group: str
    candidates: tuple[Candidate, ...]
    right: tuple[float, ...]
    placed: bool


def labelled(place: Mapping[str, Any] | None, gazetteer: Gazetteer) -> Judge:
    """Return what the place of one of our labels says of places."""
    if place is None:
        return lambda _: 0.0
    names = {fold(name) for name in (place["name"], place["city"]) if name}
    state = fold(place["admin1"] or "")

    def judge(found: Found) -> float:
        entry = found.entry
        if entry is None:
            return float(fold(found.name) in names)
        if place["country"] and entry.country != place["country"]:
            return 0.0
        if names & {fold(found.name), fold(entry.name), fold(entry.city or "-")}:
            return 1.0
        in_state = fold(gazetteer.province_of(entry) or "") == state
        if in_state and entry.precision is PlacePrecision.ADMIN1:
            return _AREA if place["city"] else 1.0
        if in_state and entry.precision is PlacePrecision.ADMIN2:
            return _DISTRICT
        return _COUNTRY if entry.country else 0.0

    return judge


def recorded(record: Mapping[str, Any], gazetteer: Gazetteer) -> Judge:
    """Return what the record of a shooting says of places: right within 25 km, or with its name in its state."""
    names = {fold(part) for part in re.split(r"[()]", record["city_or_county"] or "")} - {""}
    point = record.get("lat_lon")

    def judge(found: Found) -> float:
        entry = found.entry
        if entry is None:
            return float(fold(found.name) in names)
        if entry.country != "US":
            return 0.0
        in_state = fold(gazetteer.province_of(entry) or "") == fold(record["state"])
        if entry.precision in (PlacePrecision.ADMIN1, PlacePrecision.COUNTRY):
            return _AREA if in_state else _COUNTRY
        apart = earth.distance_km(entry.lat, entry.lon, *point) if point else _DISTRICT_KM
        if in_state and entry.precision is PlacePrecision.ADMIN2 and _TOWN_KM < apart <= _DISTRICT_KM:
            return _DISTRICT
        return (
            1.0 if apart <= _TOWN_KM or (in_state and names & {fold(found.name), fold(entry.city or "-")}) else _COUNTRY
        )

    return judge


def keyed(templates: Sequence[Mapping[int, Sequence[str]]], gazetteer: Gazetteer) -> Judge:
    """Return what MUC's keys say of places: "PERU: AYACUCHO (DEPARTMENT): CAYARA (CITY)", the finest last."""
    finest, wider, countries = set(), set(), set()
    for filler in (f for template in templates for f in template.get(_MUC_PLACE, ())):
        country, *parts = [fold(name) for name, _ in _PART.findall(filler.lstrip("? "))] or [""]
        known = gazetteer.lookup(country) if country else ()
        countries |= {e.country for e in known if e.precision is PlacePrecision.COUNTRY}
        finest |= set(parts[-1:] or [country])
        wider |= set(parts[:-1])

    def judge(found: Found) -> float:
        names = {fold(found.name), fold(found.entry.name if found.entry else found.name)}
        if names & finest:
            return 1.0
        return _AREA if names & wider else _COUNTRY if found.entry and found.entry.country in countries else 0.0

    return judge


def of_event(happening: Happening, label: LabelledStory, shift: int = 0) -> LabelledEvent | None:
    """Return the labelled event that a happening is: that of the most common sentences; the first for a story's own.

    `shift`: code points that the text has before the one that was labelled.
    """
    told = {None if s is None else s - shift for s in (t.reading.sentence.start for t in happening.told)}
    likely = [e for e in label.events if e.main == happening.main and (happening.main or told & set(e.core))]
    return max(likely, key=lambda e: (not e.optional, len(told & set(e.sentences)) / len(e.sentences)), default=None)


def questions(data: Path, loaded: Models) -> Iterator[Question]:
    """Yield every event whose place is known. Our own labels go before MUC's keys."""
    ajar = verdict.ajar(loaded)
    own = {label.key: label for label in labels.load() if label.events}
    records = incidents.records(data)
    for corpus in corpora.READERS:
        for story in corpora.read(corpus, data):
            drawn = zlib.crc32(story.name.encode())
            if story.key in own:
                yield from of_labels(story, own[story.key], ajar)
            elif corpus == "muc" and story.labels["templates"] and drawn % _MUC_SHARE == 0:
                judge = keyed(story.labels["templates"], loaded.gazetteer)
                yield from _whole("muc", story.key, opened(story)[0], judge, ajar)
            elif corpus == "gva" and story.labels["incident"] in records and drawn % _GVA_SHARE == 0:
                incident = story.labels["incident"]
                yield from _whole("gva", incident, story, recorded(records[incident], loaded.gazetteer), ajar)


def opened(story: Story) -> tuple[Story, int]:
    """Return a story with its dateline where the corpus keeps it apart, and how many code points that adds."""
    whole = story.labels.get("opened", "")
    if not whole.endswith(story.text):
        return story, 0
    return dataclasses.replace(story, text=whole), len(whole) - len(story.text)


def of_labels(story: Story, label: LabelledStory, loaded: Models) -> Iterator[Question]:
    """Yield the events of a story with our labels."""
    whole, shift = opened(story)
    found, seen = _seen(whole, loaded)
    for happening in found:
        event = of_event(happening, label, shift)
        if event:
            judge = labelled(event.facts["place"], loaded.gazetteer)
            group = story.labels.get("incident", story.key)
            yield question("labels", group, happening, seen, judge, placed=event.facts["place"] is not None)


def _whole(source: str, group: str, story: Story, judge: Judge, loaded: Models) -> Iterator[Question]:
    """Yield the main event of a story whose place is known for the story as a whole."""
    found, seen = _seen(story, loaded)
    yield from (question(source, group, happening, seen, judge) for happening in found[:1])


def _seen(story: Story, loaded: Models) -> tuple[tuple[Happening, ...], Scene]:
    analysis = verdict.analyse(story, loaded)
    named = classify.named([t.reading.sentence for t in analysis.told], loaded)
    return analysis.happenings, Scene(analysis.told, named, loaded.gazetteer)


def question(
    source: str, group: str, happening: Happening, seen: Scene, judge: Judge, *, placed: bool = True
) -> Question:
    """Return an event as something to learn from."""
    candidates = scene.candidates(happening, seen)
    return Question(source, group, candidates, tuple(judge(c.found) for c in candidates), placed)


def fit(asked: Sequence[Question]) -> dict[str, float]:
    """Return the weights under which the right places are likeliest."""
    asked = [q for q in asked if q.candidates]
    rows = [[c.signs for c in q.candidates] for q in asked]
    return logit.fit(rows, [q.right for q in asked], [_worth(q) for q in asked])


def _worth(question: Question) -> float:
    best = max(question.right)
    return _WORTH[question.source] * (best or (_COUNTRY if question.placed else 1.0))


def figures(asked: Sequence[Question]) -> dict[str, float]:
    """Return the shares of the right place and of the right country, each event answered by a model without it."""
    counts: dict[str, list[float]] = {}
    for question_, best, reached in logit.answers(asked, fit, scene.best):
        if question_.placed:
            counts.setdefault(f"{question_.source}.place", []).append(float(reached == 1))
            counts.setdefault(f"{question_.source}.named", []).append(float(max(question_.right, default=0) == 1))
            counts.setdefault(f"{question_.source}.country", []).append(float(reached > 0))
        else:
            counts.setdefault(f"{question_.source}.none_kept", []).append(float(best is None))
    return logit.means(counts)


def made(data: Path) -> dict[str, Any]:
    """Return the weights with their figures."""
    asked = list(questions(data, models.load_models()))
    return {"weights": fit(asked), "cross_validated": figures(asked), "events": len(asked)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, cross-validate and write the weights."""
    return logit.command(__doc__, scene.WEIGHTS, made, arguments)


if __name__ == "__main__":
    sys.exit(main())
