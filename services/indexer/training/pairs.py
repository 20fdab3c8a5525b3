"""The pairs of stories that would be compared in use, as a table of features with what is right, and models of them."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.indexer.merging.features import features, parted
from services.indexer.merging.nearness import Nearness
from services.indexer.training.corpora import Text
from services.indexer.training.fit import fit, table
from services.indexer.training.stories import Coded

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

    def _story(self, number: int) -> Text:
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
