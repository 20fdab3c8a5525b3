"""Which reports are worth comparing: those that share a country and a day, their text, or some telling words.

All other pairs count as unlike. The search for stored candidates (`candidates`) asks Elasticsearch for the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from services.indexer.merging.traits import Traits
from services.indexer.merging.words import worth

#: Days by which two tellings of one day may differ: time zones and "overnight".
SLACK_DAYS = 1
#: The most telling words that are looked for, and how many of them must be shared.
SOUGHT = 40
SHARED = 3
#: A word less telling is in too many reports to be looked for.
SOUGHT_WORTH = 3.0
#: Most reports that one is compared with for each of the two reasons.
MOST = 40

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
        """Return the reports that one is compared with, the likeliest of each reason, in the order they came."""
        return [self._seen[number] for number in sorted(self.numbers(report))]

    def numbers(self, report: Traits) -> set[int]:
        """Return the same by number: the first that was added is 0."""
        votes: Counter[int] = Counter()
        weights: defaultdict[int, float] = defaultdict(float)
        for word in sought(report):
            for number in self._words.get(word, ()):
                votes[number] += 1
                weights[number] += worth(word)
        alike = [number for number, shared in votes.items() if shared >= SHARED]
        same = {number for block in _blocks(report, SLACK_DAYS) for number in self._blocks.get(block, ())}

        def rank(number: int) -> tuple[float, bool, str]:
            return (-weights.get(number, 0.0), not _one_town(report, self._seen[number]), self._seen[number].report.id)

        def rank_same(number: int) -> tuple[bool, float, str]:
            return (rank(number)[1], rank(number)[0], rank(number)[2])

        return {*sorted(alike, key=rank)[:MOST], *sorted(same, key=rank_same)[:MOST]}


def sought(report: Traits) -> Sequence[str]:
    """Return the words that a report is looked for by."""
    return [word for word in report.report.terms[:SOUGHT] if worth(word) > SOUGHT_WORTH]


def _one_town(one: Traits, other: Traits) -> bool:
    return bool(one.place and other.place and one.place.city and one.place.city == other.place.city)


def _blocks(report: Traits, slack_days: int) -> Iterator[Block]:
    yield report.report.fingerprint
    told = report.report
    if told.event.place and told.event.place.country and told.when_start and told.when_end:
        first, last = told.when_start.toordinal() - slack_days, told.when_end.toordinal() + slack_days
        yield from ((told.event.place.country, day) for day in range(first, last + 1))
