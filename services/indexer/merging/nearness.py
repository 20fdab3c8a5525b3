"""Which reports are worth comparing: those that share a country, a day and kin types, their text, or telling words.

All other pairs count as unlike. One rule for a batch (`Nearness`) and for what is stored (`candidates` asks
Elasticsearch): the same reasons, the same points for each, and the same number of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from services.indexer.merging.features import kin
from services.indexer.merging.traits import Traits
from services.indexer.merging.words import STEPS, worth

#: Days by which two tellings of one day may differ: time zones and "overnight".
SLACK_DAYS = 1
#: The most telling words that are looked for, and how many of them must be shared.
SOUGHT = 40
SHARED = 3
#: A word less telling is in too many reports to be looked for.
SOUGHT_WORTH = 3.0
#: Most reports that one is compared with: those of most points, of equal ones those of the lowest id.
MOST = 25
#: Points, whole numbers so that Elasticsearch adds them to the very same sums: for the same text; on one day, in one
#: country, for the same town and the same kind. A shared word has those of `points`. A town on its day counts for more
#: than all words: attacks of one kind are told in the same words everywhere, and would crowd out the one sought.
SAME_TEXT = 10_000
SAME_TOWN = 5_000
SAME_KIND = 50

#: Country and day, or a fingerprint.
Block = tuple[str, int] | str


class Nearness:
    """Reports seen so far, by what they can be found by."""

    def __init__(self) -> None:
        self._seen: list[Traits] = []
        self._blocks: defaultdict[Block, list[int]] = defaultdict(list)
        self._words: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, report: Traits) -> None:
        """Let a report be found."""
        number = len(self._seen)
        self._seen.append(report)
        for block in _blocks(report, 0):
            self._blocks[block].append(number)
        for word in report.terms:
            if worth(word) > SOUGHT_WORTH:
                self._words[word].append(number)

    def near(self, report: Traits) -> list[Traits]:
        """Return the reports that one is compared with, those of most points first."""
        return [self._seen[number] for number in self.numbers(report)]

    def numbers(self, report: Traits) -> list[int]:
        """Return the same by number: the first that was added is 0."""
        found = self._points(report)
        return sorted(found, key=lambda number: (-found[number], self._seen[number].report.id))[:MOST]

    def scored(self, report: Traits) -> list[tuple[int, Traits]]:
        """Return every report that shares something with one, with its points."""
        return [(gained, self._seen[number]) for number, gained in self._points(report).items()]

    def _points(self, report: Traits) -> Counter[int]:
        votes: Counter[int] = Counter()
        worded: Counter[int] = Counter()
        for word in sought(report):
            for number in self._words.get(word, ()):
                votes[number] += 1
                worded[number] += points(word)
        found = Counter({number: gained for number, gained in worded.items() if votes[number] >= SHARED})
        for number in self._blocks.get(report.report.fingerprint, ()):
            found[number] += SAME_TEXT
        family = kin(report.report.event.type)
        days = (block for block in _blocks(report, SLACK_DAYS) if not isinstance(block, str))
        for number in {number for day in days for number in self._blocks.get(day, ())}:
            other = self._seen[number].report.event
            if other.type in family:
                alike = SAME_KIND * (other.subtype == report.report.event.subtype)
                found[number] += SAME_TOWN * _one_town(report, self._seen[number]) + alike
        return found


def sought(report: Traits) -> Sequence[str]:
    """Return the words that a report is looked for by."""
    return [word for word in report.report.terms[:SOUGHT] if worth(word) > SOUGHT_WORTH]


def points(word: str) -> int:
    """Return what a shared word counts for: the rarer, the more."""
    return round(worth(word) * STEPS)


def _one_town(one: Traits, other: Traits) -> bool:
    return bool(one.place and other.place and one.place.city and one.place.city == other.place.city)


def _blocks(report: Traits, slack_days: int) -> Iterator[Block]:
    yield report.report.fingerprint
    told = report.report
    if told.event.place and told.event.place.country and told.when_start and told.when_end:
        first, last = told.when_start.toordinal() - slack_days, told.when_end.toordinal() + slack_days
        yield from ((told.event.place.country, day) for day in range(first, last + 1))
