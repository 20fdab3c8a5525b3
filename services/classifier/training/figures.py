"""The figures by which weights are chosen, on stories that the network has not seen."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from services.classifier.classify import Analysis
from services.classifier.models import Models
from services.classifier.training import verdict
from services.classifier.training.corpora import Story
from services.classifier.training.gate import Opinion
from services.classifier.training.labels import LabelledEvent, LabelledStory
from services.classifier.verdict import THRESHOLD
from shared.domain.vocabulary import TYPE_OF


def of_gate(opinions: Sequence[Opinion], unseen: npt.NDArray[np.float64], threshold: float) -> dict[str, float]:
    """Return the gate's recall on our relevant stories, and the shares that it lets pass of others."""
    passed = unseen >= threshold
    sure, relevant = np.array([o.sure for o in opinions]), np.array([o.relevant for o in opinions])
    ordinary = np.array([o.story.corpus == "bbc" for o in opinions]) & ~relevant
    return {
        "gate.recall": float(passed[sure & relevant].mean()),
        "gate.passed_hard": float(passed[sure & ~relevant].mean()),
        "gate.passed_ordinary": float(passed[ordinary].mean()),
    }


def of(stories: Sequence[tuple[Story, LabelledStory]], models: Models) -> dict[str, float]:
    """Return F1 and calibration on labelled stories; doubtful ones are left out.

    event: a main event counts when the story has one of its type; subtype: of those, the share with its subtype too.
    """
    pairs = [(verdict.analyse(story, models), label) for story, label in stories if not label.doubtful]
    score = np.array([found.score or 0.0 for found, _ in pairs])
    wanted = np.array([label.relevant for _, label in pairs])
    said = score >= THRESHOLD
    counts, sure = np.zeros(4), list[tuple[float, bool]]()
    for found, label in pairs:
        counts += _events(found, [e for e in label.events if e.main and not e.optional], sure)
    claimed, hit, sharp, asked = counts
    confident, right = np.array([c for c, _ in sure]), np.array([r for _, r in sure])
    return {
        "stories": float(len(pairs)),
        "relevance": float(2 * (said & wanted).sum() / (said.sum() + wanted.sum())),
        "relevance.ece": verdict.calibration_error(score, wanted),
        "event": float(2 * hit / (claimed + asked)),
        "subtype": float(sharp / hit) if hit else 0.0,
        "event.ece": verdict.calibration_error(confident, right),
    }


def _events(found: Analysis, wanted: list[LabelledEvent], sure: list[tuple[float, bool]]) -> npt.NDArray[np.float64]:
    """Return (claimed, right in type, right in subtype, asked) of one story, and note how sure each claim was."""
    types, subtypes = [TYPE_OF[e.subtype] for e in wanted], [e.subtype for e in wanted]
    hit = sharp = claimed = 0
    for happening, confidence in zip(found.happenings, found.confidences, strict=True):
        if happening.main:
            claimed += 1
            right = TYPE_OF[happening.subtype] in types
            sure.append((confidence, right))
            if right:
                types.remove(TYPE_OF[happening.subtype])
                hit += 1
                sharp += happening.subtype in subtypes
    return np.array([claimed, hit, sharp, len(wanted)], np.float64)


def rank(reached: Mapping[str, float]) -> float:
    """Return the one number that decides between weights: the mean of relevance, event and subtype."""
    return sum(reached.get(name, 0.0) for name in ("relevance", "event", "subtype")) / 3
