"""How well the shipped grouping does with models that have seen no pair of the incidents they judge.

    pairs ──a model for every two parts──▶ odds of each pair by the model that saw neither story ──group──▶ figures

All stories of a corpus are grouped at once, by the code that `tocsin merge` runs, so that each may be taken for any.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, combinations_with_replacement

import numpy as np

from services.indexer.merging import model
from services.indexer.merging.batch import group
from services.indexer.merging.traits import Traits
from services.indexer.training import scores
from services.indexer.training.corpora import Text
from services.indexer.training.pairs import FOLDS, Mask, Pairs, Question, fold_of
from services.indexer.training.stories import Coded

#: Thresholds that are tried.
TRIED = tuple(round(-1.0 + 0.2 * step, 1) for step in range(6))
#: Share of F1 given for a stricter threshold: in gun violence few happenings are alike, where attacks come daily many.
TIE = 0.005


def unseen(pairs: Pairs, asked: Question) -> model.Odds:
    """Return the odds of two stories by a model that was fitted without any story of the parts of either."""
    parts = [(pairs.fold(a), pairs.fold(b)) for a, b in pairs.numbers]
    models = {held: asked.fitted(_without(parts, held)) for held in combinations_with_replacement(range(FOLDS), 2)}
    part = {coded.traits.report.article_id: fold_of(coded.story.topic) for coded in pairs.stories}

    def by(one: Traits, other: Traits) -> model.Weights:
        held = sorted((part[one.report.article_id], part[other.report.article_id]))
        return models[held[0], held[1]]

    return remembered(lambda one, other: model.odds(one, other, by(one, other)))


def _without(parts: Sequence[tuple[int, int]], held: tuple[int, int]) -> Mask:
    """Return which pairs have no story in two parts."""
    return np.array([not {*pair} & {*held} for pair in parts])


def remembered(odds: model.Odds) -> model.Odds:
    """Return the same odds, reckoned once for each pair."""
    known: dict[tuple[str, str], float] = {}

    def found(one: Traits, other: Traits) -> float:
        key = (min(one.report.id, other.report.id), max(one.report.id, other.report.id))
        if key not in known:
            known[key] = odds(one, other)
        return known[key]

    return found


def figures(pairs: Pairs, told: Mapping[str, Sequence[Text]], odds: model.Odds, least: float) -> dict[str, float]:
    """Return the figures of the shipped grouping, by corpus: of all its stories, and `coded`, of those that were coded.

    What was not coded stands alone. `ecb.apart` is the share of pairs of two look-alike happenings, both coded, that
    are kept apart.
    """
    result: dict[str, float] = {}
    for corpus, texts in told.items():
        right = {text.name: text.happening for text in texts}
        found = grouped([one for one in pairs.stories if one.story.name in right], odds, least)
        everything = {name: found.get(name, f"alone {name}") for name in right}
        result |= {f"{corpus}.{name}": value for name, value in scores.grouped(everything, right).items()}
        coded = scores.grouped(found, {name: right[name] for name in found})
        result |= {f"{corpus}.coded.{name}": value for name, value in coded.items()}
        alike = list(look_alikes([text for text in texts if text.name in found]))
        if alike:
            result[f"{corpus}.apart"] = sum(found[a] != found[b] for a, b in alike) / len(alike)
    return {name: round(value, 4) for name, value in result.items()}


def grouped(stories: Sequence[Coded], odds: model.Odds, least: float) -> dict[str, str]:
    """Return the incident of each story's main event, by the story's name, as `tocsin merge` groups all events."""
    told = {one.traits.report.id: one.story.name for one in stories}
    reports = [report for one in stories for report in one.reports]
    return {told[one.id]: one.incident_id for one in group(reports, odds, least) if one.id in told}


def look_alikes(stories: Sequence[Text]) -> Iterator[tuple[str, str]]:
    """Yield the names of each two stories of one topic that tell two happenings."""
    for one, other in combinations(stories, 2):
        if one.topic == other.topic and one.happening != other.happening:
            yield one.name, other.name


def chosen(measured: Mapping[float, Mapping[str, float]]) -> float:
    """Return the best threshold: by the pairs of gun violence, of those as good within `TIE` the strictest."""
    best = max(found["gva.pairs"] for found in measured.values())
    return max(least for least, found in measured.items() if found["gva.pairs"] >= best - TIE)
