"""Why an article was coded as it was: what each step saw and said, in plain values."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from services.classifier import classify, verdict
from services.classifier.classify import Analysis
from services.classifier.events import Happening
from services.classifier.models import Models
from services.classifier.network import features
from services.classifier.network.heads import ROLES, SLOTS, SUBTYPES, Array
from services.classifier.told import Told
from shared.domain.article import Published
from shared.domain.event import Event

#: Answers of a head that are shown, and the least probability worth showing.
_TOP, _LEAST = 3, 0.05


def explain(
    title: str, text: str, published: Published | None, language: str | None, *, models: Models
) -> dict[str, Any]:
    """Return the verdict with its reasons: gate, inputs of the verdict, every sentence, every event. Never raises."""
    found = classify.analyse(title, text, published, language, models=models)
    read = [] if found.reason else [told.reading.sentence for told in found.told]
    coded = classify.code_all(found, classify.named(read, models), models) if read else []
    return {
        "relevant": found.reason is None,
        "discard_reason": found.reason,
        "model": models.version,
        "counted_from": found.anchor.isoformat() if found.anchor else None,
        "gate": None if found.gate is None else _gate(found.gate, models),
        "verdict": _verdict(found, models),
        "events": [_event(happening, event) for happening, event in coded],
        "sentences": [_sentence(told, found.anchor) for told in found.told],
    }


def _event(happening: Happening, event: Event) -> dict[str, Any]:
    fields = {"subtype", "realis", "main", "confidence", "date", "place", "killed", "injured"}
    return event.model_dump(mode="json", include=fields) | {
        "shown_by": [r.sentence.rank for r in happening.telling],
        "sentences": [r.sentence.rank for r in happening.readings],
    }


def _gate(score: float, models: Models) -> dict[str, Any]:
    return {"score": round(score, 3), "threshold": round(models.gate.threshold, 3)}


def _verdict(found: Analysis, models: Models) -> dict[str, Any] | None:
    """Return the probability with what each input, in log odds, adds to it."""
    if found.judgement is None or found.score is None or found.cues is None:
        return None
    inputs = verdict.relevance_inputs(found.cues, found.told, found.judgement)
    model = models.verdicts.relevance
    parts = {name: round(w * x, 2) for name, w, x in zip(verdict.INPUTS, model.weights, inputs, strict=True)}
    strengths = models.verdicts.strengths(found.told, found.judgement)
    kinds = dict(zip(SUBTYPES, map(float, strengths), strict=True))
    return {
        "probability": round(found.score, 3),
        "threshold": verdict.THRESHOLD,
        "log_odds": {"bias": round(model.bias, 2), **parts},
        "kinds": _top(kinds),
    }


def _sentence(told: Told, day: date | None) -> dict[str, Any]:
    sentence = told.reading.sentence
    values = features.of([told.reading], day)[0]
    return {
        "number": sentence.rank,
        "span": sentence.span,
        "text": sentence.text,
        "read": told.roles is not None,
        "roles": _named(ROLES, told.roles),
        "core": round(told.core, 3),
        "subtypes": _named(SUBTYPES, told.subtypes),
        "triggers": [
            {"text": sentence.text[t.start : t.end], "subtype": t.subtype, "realis": t.realis}
            for t in told.reading.triggers
        ],
        "dates": [
            {"text": sentence.text[w.start : w.end], "start": str(w.range.start), "end": str(w.range.end)}
            for w in told.reading.whens
        ],
        "fillers": [
            {"slot": m.slot, "text": m.text, "score": round(m.score, 3)}
            for slot in SLOTS
            for m in (told.tagged.mentions(slot) if told.tagged else ())
        ],
        "features": {name: round(float(v), 2) for name, v in zip(features.NAMES, values, strict=True) if v},
    }


def _named(names: Sequence[str], values: Array | None) -> dict[str, float]:
    return {} if values is None else _top(dict(zip(names, map(float, np.asarray(values)), strict=True)))


def _top(values: Mapping[Any, float]) -> dict[str, float]:
    """Return the likeliest answers, the likeliest first."""
    ranked = sorted(values.items(), key=lambda item: -item[1])[:_TOP]
    return {str(name): round(value, 3) for name, value in ranked if value >= _LEAST}
