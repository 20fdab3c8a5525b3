"""Mentions of one party put together: by their words, by a group's known names, by its initials."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from services.classifier import numbers
from services.classifier.network.heads import SLOTS, Array
from services.classifier.network.mentions import Mention, mean
from services.classifier.sentences import Sentence
from services.classifier.told import Told
from services.classifier.who import naming
from shared.domain.vocabulary import Sector

#: Longer names are clauses.
_LONGEST = 8
#: Parties less sure than this are not weighed, nor more than so many, nor more mentions, so that no text takes long.
_LEAST, _MOST, _MENTIONS = 0.05, 40, 200
#: The number of people before a name, and how far before it begins.
_COUNT = re.compile(rf"\b({numbers.NUMBER}|an?) (?:[\w-]+ )?\Z", re.IGNORECASE)
_COUNT_REACH = 30


@dataclass(frozen=True, slots=True)
class Named:
    """A mention with its sentence. `weight`: how surely the sentence tells of this event."""

    told: Told
    mention: Mention
    weight: float

    @property
    def sentence(self) -> Sentence:
        """Where it stands."""
        return self.told.reading.sentence

    @property
    def sure(self) -> float:
        """How surely it fills the slot in this event."""
        return self.weight * self.mention.score


@dataclass
class Party:
    """The mentions of one party. Complete once `gather` returns it."""

    words: frozenset[str]
    mentions: list[Named] = field(default_factory=list)

    @cached_property
    def sure(self) -> float:
        """How sure at least one of the mentions is."""
        return 1 - math.prod(1 - m.sure for m in self.mentions)

    @cached_property
    def seen(self) -> Array:
        """What the heads see of it, on average."""
        return mean([m.mention.seen for m in self.mentions])

    @cached_property
    def shares(self) -> dict[str, float]:
        """How surely it fills each of `SLOTS` somewhere."""
        most = np.maximum.reduce([m.mention.shares * m.weight for m in self.mentions])
        return dict(zip(SLOTS, most.tolist(), strict=True))

    @cached_property
    def known(self) -> tuple[str, Sector] | None:
        """The armed group that one of its names is known for."""
        return next(filter(None, (naming.known_group(m.mention.text) for m in self.mentions)), None)

    @cached_property
    def name(self) -> str:
        """The fullest of its names among the surer half."""
        half = self.sure / 2
        best = max(self.mentions, key=lambda m: (len(naming.content(m.mention.text)) * (m.sure > half), m.sure))
        return " ".join(best.mention.text.split())

    @cached_property
    def proper(self) -> bool:
        """Whether it is known by a proper name."""
        return self.known is not None or naming.is_proper(self.name)

    @cached_property
    def count(self) -> int | None:
        """The number before the surest mention that has one."""
        for named in sorted(self.mentions, key=lambda m: -m.sure):
            lower, start = named.sentence.lower, named.mention.start
            before = _COUNT.search(lower[max(0, start - _COUNT_REACH) : start])
            if before and not _is_time(named, before.start(1), before.end(1)):
                return numbers.value(before[1]) or None
        return None

    @property
    def others(self) -> tuple[str, ...]:
        """Its other names, in reading order."""
        names = dict.fromkeys(" ".join(m.mention.text.split()) for m in self.mentions)
        names.pop(self.name)
        return tuple(names)

    @property
    def sentences(self) -> list[Sentence]:
        """The sentences that name it, the surest first."""
        return [m.sentence for m in sorted(self.mentions, key=lambda m: -m.sure)]

    @property
    def place(self) -> tuple[int, int]:
        """Where it is first named."""
        return min((m.sentence.rank, m.mention.start) for m in self.mentions)


def _is_time(named: Named, start: int, end: int) -> bool:
    """Tell whether the number before a name is that of a day, a year or a clock."""
    base = max(0, named.mention.start - _COUNT_REACH)
    whens = named.told.reading.whens
    clock = named.sentence.lower[base + start - 1 : base + start] == ":"
    return clock or any(w.start < base + end and base + start < w.end for w in whens)


def gather(told: Sequence[Told], slot: str, *, main: bool) -> list[Party]:
    """Return everything that may fill a slot of an event, in reading order."""
    parties: list[Party] = []
    surest = sorted(_named(told, slot, main=main), key=lambda names: -names[0].sure)[:_MENTIONS]
    for names in sorted(surest, key=lambda names: _rank(names[0])):
        party = next((p for p in parties if _is_one(p, names[0].mention.text)), None)
        if party is None:
            party = Party(frozenset())
            parties.append(party)
        party.mentions += names
        party.words |= frozenset().union(*(naming.content(n.mention.text) for n in names))
    for party in parties:
        party.mentions.sort(key=lambda m: (m.sentence.rank, m.mention.start))
    weighed = sorted((p for p in parties if p.sure >= _LEAST), key=lambda p: -p.sure)[:_MOST]
    return sorted(weighed, key=lambda p: p.place)


def _rank(named: Named) -> tuple[int, int, int]:
    """Return by what mentions are put in order: the fullest first, then the earliest."""
    return -len(naming.content(named.mention.text)), named.sentence.rank, named.mention.start


def _is_one(party: Party, text: str) -> bool:
    if naming.content(text) <= party.words:
        return True
    first, known = party.mentions[0].mention.text, naming.known_group(text)
    return bool(known and known == naming.known_group(first)) or naming.stands_for(text, first)


def _named(told: Sequence[Told], slot: str, *, main: bool) -> Iterator[list[Named]]:
    """Yield the names of each party that a mention names."""
    for each in told:
        weight = each.own if main else max(each.own, each.aside)
        for mention in each.tagged.mentions(slot) if each.tagged else ():
            for spans in naming.parties(mention.text):
                names = [Named(each, _part(mention, start, end), weight) for start, end in spans]
                named = [n for n in names if _is_name(n.mention.text)]
                if named:
                    yield named


def _part(mention: Mention, start: int, end: int) -> Mention:
    if end - start == len(mention.text):
        return mention
    here = mention.start + start
    return replace(mention, text=mention.text[start:end], start=here, end=here + end - start)


def _is_name(text: str) -> bool:
    return text.count(" ") < _LONGEST and bool(naming.content(text)) and not naming.is_junk(text)


def share(party: Party, slot: str) -> float:
    """Return how surely a party fills a slot somewhere."""
    return party.shares[slot]
