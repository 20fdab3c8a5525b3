"""Fitting the choice of an event's date: `python -m services.classifier.training.when --data ../shared/data`.

our labels, shootings with their records, MUC's keys ─▶ every date as a candidate, right or wrong ─▶ `weights/when.json`

The loss is the surprise at the right day among all days told and "no date" (a conditional logit whose days are sums
over their mentions). Folds are drawn by incident, so that two reports of one shooting stay together.
"""

import re
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from services.classifier import models
from services.classifier.models import Models
from services.classifier.network.heads import SUBTYPES
from services.classifier.training import corpora, incidents, labels, logit, verdict
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledStory
from services.classifier.when import choice, days
from services.classifier.when.choice import Candidate
from shared.domain.event import DateRange

Array = npt.NDArray[np.float64]
#: Says how right a date is: 1 exact, 0.5 within the label's precision, 0 wrong.
Judge = Callable[[DateRange], float]

#: One shooting in so many is read: 1,500 of 4,400 reports.
_SHARE = 3
#: What a story counts for, by where its date is from; a date within precision, and none found where one is known.
_WORTH = {"labels": 1.0, "gva": 0.5, "muc": 0.7}
_WITHIN, _MISSED = 0.6, 0.3
_SLACK = {"day": 1, "days": 2, "week": 4, "month": 15, "year": 180, "span": 2}
_MUC_DATE, _MUC_DAY = 2, re.compile(r"(- ?)?(\d{1,2}) ([A-Z]{3})[A-Z]* (\d\d)\b")


@dataclass(frozen=True, slots=True)
class Question:
    """A story's dates with how right each is. `dated`: whether the label has a date at all."""

    source: str
    group: str
    candidates: tuple[Candidate, ...]
    right: tuple[float, ...]
    dated: bool


def labelled(label: LabelledStory) -> Judge | None:
    """Return what our label says of dates; None where it tells no event of the story's own."""
    mains = [e for e in label.events if e.main and not e.optional] or [e for e in label.events if e.main]
    if not mains:
        return None
    told = mains[0].facts["date"]
    if told is None:
        return _never
    return _close(date.fromisoformat(told["start"]), date.fromisoformat(told["end"]), told["precision"])


def keyed(templates: Sequence[Mapping[int, Sequence[str]]]) -> Judge:
    """Return what MUC's keys say of dates: "- 12 MAR 89" is on that day or within the week before."""
    known = []
    for filler in (f for template in templates for f in template.get(_MUC_DATE, ())):
        for open_, day, month, year in _MUC_DAY.findall(filler):
            last = days.exact(1900 + int(year), corpora.MONTHS.index(month) + 1, int(day))
            if last:  # the keys hold a 31 April
                known.append((last - timedelta(days=7) if open_ else last, last))
    return lambda r: float(any(first <= r.start and r.end <= last for first, last in known))


def _never(_range: DateRange) -> float:
    return 0.0


def _close(start: date, end: date, precision: str) -> Judge:
    slack = timedelta(days=_SLACK[precision])

    def judge(found: DateRange) -> float:
        if (found.start, found.end) == (start, end):
            return 1.0
        return 0.5 * (start - slack <= found.start and found.end <= end + slack)

    return judge


def questions(data: Path, loaded: Models) -> Iterator[Question]:
    """Yield every story whose date is known. Our own labels go before MUC's keys."""
    ajar = verdict.ajar(loaded)
    own = {label.key: label for label in labels.load()}
    for corpus in corpora.READERS:
        for story in corpora.read(corpus, data):
            if story.key in own and (judge := labelled(own[story.key])):
                dated = judge is not _never
                yield _question("labels", story.labels.get("incident", story.key), story, judge, ajar, dated=dated)
            elif corpus == "muc" and story.key not in own and story.labels["templates"]:
                templates = story.labels["templates"]
                dated = any(t.get(_MUC_DATE) for t in templates)
                yield _question("muc", story.key, story, keyed(templates), ajar, dated=dated)
    recorded = incidents.days(data)
    for story in corpora.read("gva", data):
        day = recorded.get(story.labels["incident"])
        if day and story.key not in own and zlib.crc32(story.name.encode()) % _SHARE == 0:
            yield _question("gva", story.labels["incident"], story, _on(day), ajar, dated=True)


def _on(day: date) -> Judge:
    return lambda r: float(r.start == r.end == day)


def _question(source: str, group: str, story: Story, judge: Judge, loaded: Models, *, dated: bool) -> Question:
    found = verdict.analyse(story, loaded)
    day = date.fromisoformat(story.published[:10]) if story.published else None
    strengths = loaded.verdicts.strengths(found.told, found.judgement) if found.judgement else np.zeros(len(SUBTYPES))
    subtype = SUBTYPES[int(np.argmax(strengths))]
    candidates = choice.candidates(found.told, subtype, day)
    return Question(source, group, candidates, tuple(judge(c.range) for c in candidates), dated)


def fit(asked: Sequence[Question]) -> dict[str, float]:
    """Return the weights under which the right days are likeliest."""
    asked = [q for q in asked if q.candidates]
    rows = [[c.features for c in q.candidates] for q in asked]
    return logit.fit(rows, [q.right for q in asked], [_worth(q) for q in asked])


def _worth(question: Question) -> float:
    best = max(question.right)
    return _WORTH[question.source] * (_WITHIN if 0 < best < 1 else _MISSED if best == 0 and question.dated else 1.0)


def figures(asked: Sequence[Question]) -> dict[str, float]:
    """Return the shares right and right within precision, each story answered by a model that has not seen it."""
    counts: dict[str, list[float]] = {}
    for question, best, reached in logit.answers(asked, fit, choice.best):
        if question.dated:
            counts.setdefault(f"{question.source}.exact", []).append(float(reached == 1))
            counts.setdefault(f"{question.source}.within", []).append(float(reached > 0))
        else:
            counts.setdefault(f"{question.source}.none_kept", []).append(float(best is None))
    return logit.means(counts)


def made(data: Path) -> dict[str, Any]:
    """Return the weights with their figures."""
    asked = list(questions(data, models.load_models()))
    return {"weights": fit(asked), "cross_validated": figures(asked), "stories": len(asked)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, cross-validate and write the weights."""
    return logit.command(__doc__, choice.WEIGHTS, made, arguments)


if __name__ == "__main__":
    sys.exit(main())
