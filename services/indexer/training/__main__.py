"""Makes what merging goes by: `python -m services.indexer.training --data FOLDER [--coded FOLDER]`.

stories ──our classifier──▶ reports ──nearness──▶ pairs ──features──▶ weights of the model, with cross-validated figures

`--coded` names a folder where `gva.jsonl` and `ecb.jsonl`, as the classifier prints them, are kept already.
"""

import argparse
import json
import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from services.indexer.merging import model, words
from services.indexer.merging.assignment import THRESHOLD
from services.indexer.merging.features import features, parted
from services.indexer.merging.linkage import linked
from services.indexer.merging.nearness import Nearness
from services.indexer.training import corpora, frequencies, scores
from services.indexer.training.fit import fit, table
from services.indexer.training.stories import Coded, coded

#: Parts that the happenings are drawn into. Those of one topic stay together: look-alikes are told apart unseen.
FOLDS = 5
#: What a pair of two look-alike happenings counts for; any other counts once.
LOOK_ALIKE = 3.0
#: Features that need the articles' words.
_WORDED = ("words", "persons.names", "persons.ages", "persons.no_")

Mask = npt.NDArray[np.bool_]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """Pairs of stories that are worth comparing."""

    stories: Sequence[Coded]
    numbers: Sequence[tuple[int, int]]
    rows: Sequence[Mapping[str, float]]

    @property
    def same(self) -> Mask:
        """Whether the two tell one happening."""
        return np.array([self._story(a).happening == self._story(b).happening for a, b in self.numbers])

    @property
    def worth(self) -> Array:
        """What each counts for."""
        alike = np.array([self._story(a).topic == self._story(b).topic for a, b in self.numbers])
        return np.where(alike & ~self.same, LOOK_ALIKE, 1.0)

    def fold(self, number: int) -> int:
        """The part that a story is in."""
        return fold_of(self.stories[number].story.topic)

    def _story(self, number: int) -> corpora.Text:
        return self.stories[number].story


def fold_of(topic: str) -> int:
    """Return the part that a topic is drawn into."""
    return zlib.crc32(topic.encode()) % FOLDS


def paired(stories: Sequence[Coded]) -> Pairs:
    """Return the pairs that would be compared in use. Stories of one corpus meet only each other."""
    numbers = []
    for corpus in ("", "ecb/"):
        of = [n for n, one in enumerate(stories) if one.story.name.startswith("ecb/") == bool(corpus)]
        near = Nearness()
        for n in of:
            near.add(stories[n].traits)
        pairs = {(min(n, of[m]), max(n, of[m])) for n in of for m in near.numbers(stories[n].traits) if of[m] != n}
        numbers += sorted(pairs)
    rows = [features(stories[a].traits, stories[b].traits) for a, b in numbers]
    return Pairs(stories, numbers, rows)


@dataclass(frozen=True)
class Question:
    """All pairs as a table, with what is right."""

    names: Sequence[str]
    full: Array
    same: Mask
    worth: Array
    open: Mask  #: what no rule has decided

    def fitted(self, chosen: Mask) -> dict[str, dict[str, float]]:
        """Return the weights of the model, fitted on some of the pairs."""
        bare = [name for name in self.names if "&" not in name and not name.startswith(_WORDED)]
        columns = [0, *(self.names.index(name) + 1 for name in bare)]
        chosen = chosen & self.open
        same, worth = self.same[chosen], self.worth[chosen]
        return {
            "worded": fit(self.full[chosen], same, worth, self.names),
            "bare": fit(self.full[chosen][:, columns], same, worth, bare),
        }


def question(pairs: Pairs) -> Question:
    """Return the pairs as they are fitted."""
    names = sorted({name for row in pairs.rows for name in row})
    return Question(
        names, table(pairs.rows, names), pairs.same, pairs.worth, np.array([not parted(row) for row in pairs.rows])
    )


def unseen(pairs: Pairs, asked: Question) -> list[list[int]]:
    """Return the groups of stories by models that have not seen their topics."""
    folds = np.array([(pairs.fold(a), pairs.fold(b)) for a, b in pairs.numbers])
    groups: list[list[int]] = []
    for k in range(FOLDS):
        by = asked.fitted((folds != k).all(axis=1))["worded"]
        held = np.flatnonzero((folds == k).all(axis=1))
        odds = {pairs.numbers[at]: model.weighed(pairs.rows[at], by) for at in map(int, held)}
        found = linked(len(pairs.stories), odds, threshold=THRESHOLD, unknown=-model.SURE)
        groups += [group for group in found if pairs.fold(group[0]) == k]
    return groups


def figures(pairs: Pairs, groups: Sequence[Sequence[int]]) -> dict[str, float]:
    """Return the figures of a grouping, of coded stories alone."""
    of = {number: str(at) for at, group in enumerate(groups) for number in group}
    result: dict[str, float] = {}
    for corpus in ("gva", "ecb"):
        mine = [n for n, s in enumerate(pairs.stories) if s.story.name.startswith("ecb/") == (corpus == "ecb")]
        found = scores.grouped({n: of[n] for n in mine}, {n: pairs.stories[n].story.happening for n in mine})
        result |= {f"{corpus}.{name}": value for name, value in found.items()}
    ecb = [n for n, s in enumerate(pairs.stories) if s.story.name.startswith("ecb/")]
    told = {n: pairs.stories[n].story for n in ecb}
    alike = [(a, b) for a, b in combinations(ecb, 2) if told[a].topic == told[b].topic]
    apart = [of[a] != of[b] for a, b in alike if told[a].happening != told[b].happening]
    return {name: round(v, 4) for name, v in (result | {"ecb.apart": sum(apart) / max(1, len(apart))}).items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table of words and the weights; show the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--coded", type=Path, help="folder of what the classifier printed for them before")
    parser.add_argument("--keep-words", action="store_true", help="leave the table of words as it is")
    given = parser.parse_args(arguments)
    if not given.keep_words:
        frequencies.write(frequencies.levels(corpora.texts(given.data)), words.TABLE)
        words.frequency.cache_clear()
    sets = {"gva": corpora.gun_violence(given.data), "ecb": corpora.ecb_plus(given.data)}
    stories = [s for name, texts in sets.items() for s in coded(texts, given.coded and given.coded / f"{name}.jsonl")]
    pairs = paired(stories)
    asked = question(pairs)
    record = {
        "weights": asked.fitted(np.ones(len(pairs.numbers), dtype=bool)),
        "cross_validated": figures(pairs, unseen(pairs, asked)),
        "pairs": len(pairs.numbers),
    }
    model.FILE.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(record["cross_validated"], indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
