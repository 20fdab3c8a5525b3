"""News of real shape, coded, made up by chance of a seed: what the indexer files.

    happening (town, day, toll, persons, words) ──told by 1 to 8 outlets, each in its own words──▶ coded articles

Words come from the table of the merging model, each as often as in real news; length, telling words, names and ages of
a text are those of the articles on gun violence (`python -m tests.bench.news` prints them).
"""

import math
import random
import statistics
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate

from services.indexer.merging.nearness import SOUGHT, SOUGHT_WORTH
from services.indexer.merging.words import ages, frequency, names, terms, worth
from shared.domain.article import Article, Published, article_id, fingerprint
from shared.domain.coded import CodedArticle, Coding
from shared.domain.event import Actor, DateRange, Event, Place, Target, Toll, Weapon
from shared.domain.vocabulary import (
    TYPE_OF,
    ActorKind,
    ActorRole,
    DatePrecision,
    Realis,
    Sector,
    Subtype,
    TargetClass,
    WeaponClass,
)
from tests.bench.incidents import Maker

#: Days over which the happenings are spread, and the last of them: a busy record of three years.
DAYS = 1000
LAST = date(2026, 6, 30)
#: How much more often common words come than the table has them: it counts texts, not words.
_UNEVEN = 1.15
#: Words of a sentence, sentences of a text, and the share of sentences that are about what happened there alone.
_WORDS, _SENTENCES, _OWN = 14, 18, 0.3
#: Words that one kind of attack is told in everywhere: how many there are, and how many of them a happening has.
_TRADE, _OF_TRADE = 40, 7
_KINDS = (Subtype.ARMED_ATTACK, Subtype.ARMED_CLASH, Subtype.BOMBING, Subtype.ASSASSINATION)


@dataclass(frozen=True)
class Happening:
    """What happened."""

    number: int
    day: date
    place: Place
    subtype: Subtype
    killed: int
    injured: int
    party: str
    persons: Sequence[str]
    words: Sequence[str]  #: that those who tell it use more than others
    outlets: int  #: how many tell it


class Wire:
    """Makes news; the same seed makes the same."""

    def __init__(self, seed: int = 7) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - nothing secret
        self._maker = Maker(seed)
        known = frequency()
        self._words = list(known)
        self._ends = list(accumulate(math.exp(-_UNEVEN * level) for level in known.values()))
        self._telling = [word for word in self._words if worth(word) > SOUGHT_WORTH]
        common = [word for word in self._telling if worth(word) < SOUGHT_WORTH + 1]
        self._trade = {kind: self._chance.sample(common, k=_TRADE) for kind in _KINDS}
        self._told = 0

    def happenings(self, count: int, *, last_days: int = DAYS) -> Iterator[Happening]:
        """Yield what happened on the last days."""
        for number in range(count):
            subtype = self._chance.choice(_KINDS)
            trade = self._chance.sample(self._trade[subtype], k=_OF_TRADE)
            yield Happening(
                number=number,
                day=LAST - timedelta(days=self._chance.randrange(last_days)),
                place=self._maker.towns[int(5000 * self._chance.random() ** 3)],
                subtype=subtype,
                killed=int(self._chance.paretovariate(0.9)) % 1000,
                injured=int(self._chance.paretovariate(0.9)) % 1000,
                party=self._chance.choice(self._maker.parties),
                persons=[self._person() for _ in range(3)],
                words=[*self._chance.choices(self._telling, k=6), *trade, *self._drawn(40)],
                outlets=min(8, int(self._chance.paretovariate(2))),
            )

    def tellings(self, happening: Happening) -> list[CodedArticle]:
        """Return what its outlets tell of a happening."""
        return [self.telling(happening) for _ in range(happening.outlets)]

    def telling(self, happening: Happening) -> CodedArticle:
        """Return one article, by an outlet like any other, with the event that our code would find in it."""
        self._told += 1
        site = self._chance.choice(self._maker.sites)
        url = f"http://{site}/{happening.day}/{self._told}-{self._chance.randrange(10**9)}"
        sentences = [self._lead(happening), *(self._sentence(happening) for _ in range(_SENTENCES))]
        text = " ".join(sentences)
        published = happening.day + timedelta(days=self._chance.choice((0, 1, 1, 2)))
        event = self._event(happening, len(sentences[0]))
        article = Article(
            id=article_id(url),
            url=url,
            canonical_url=url,
            title=" ".join([happening.place.name, *self._chance.choices(happening.words, k=5), *self._drawn(2)]),
            text=text,
            published=Published.of_day(published.isoformat()),
            language="en",
            site=site,
            fingerprint=fingerprint(text),
            fetched_at=datetime.combine(published, time(12), UTC),
        )
        return CodedArticle(article=article, coding=Coding(relevant=True, score=0.9, model="none", events=(event,)))

    def _event(self, happening: Happening, lead: int) -> Event:
        def toll(number: int) -> Toll | None:
            told = number + (self._chance.random() < 0.1)
            return None if self._chance.random() < 0.3 else Toll(min=told, best=told, max=told)

        quoted = dict.fromkeys(("type", "date", "place", "killed"), ((0, lead),))
        victim = {"name": "people", "role": ActorRole.VICTIM, "kind": ActorKind.PERSON, "sector": Sector.CIVILIAN}
        maker = {"name": happening.party, "role": ActorRole.PERPETRATOR, "kind": ActorKind.GROUP}
        return Event(
            type=TYPE_OF[happening.subtype],
            subtype=happening.subtype,
            realis=Realis.ACTUAL,
            main=True,
            confidence=round(self._chance.random(), 3),
            date=DateRange(start=happening.day, end=happening.day, precision=DatePrecision.DAY),
            place=happening.place,
            actors=(
                Actor.model_validate({**victim, "named": False, "count": happening.killed}),
                Actor.model_validate({**maker, "named": True, "sector": Sector.REBEL}),
            ),
            targets=(Target(name="a market", class_=self._chance.choice(list(TargetClass))),),
            weapons=(Weapon(name="a rifle", class_=self._chance.choice(list(WeaponClass))),),
            killed=toll(happening.killed),
            injured=toll(happening.injured),
            evidence=quoted,
        )

    def _lead(self, told: Happening) -> str:
        place = f"in {told.place.city} in {told.place.admin1}"
        return f"Police said that {told.killed} people were killed {place} on {told.day:%A} by the {told.party}."

    def _sentence(self, told: Happening) -> str:
        own = self._chance.random() < _OWN
        words = self._chance.choices(told.words, k=_WORDS) if own else self._drawn(_WORDS)
        named = self._chance.random()
        if named < 0.2:
            words[4:4] = (self._chance.choice(told.persons) if own or named < 0.1 else self._person()).split()
        elif named < 0.28:
            words[4:4] = [f"{self._chance.randrange(16, 80)}-year-old"]
        return " ".join([words[0].capitalize(), *words[1:]]) + "."

    def _person(self) -> str:
        return f"{self._maker.name()} {self._maker.name()}"

    def _drawn(self, number: int) -> list[str]:
        """Return words as often as they are in the table."""
        whole = self._ends[-1]
        return [self._words[bisect(self._ends, self._chance.random() * whole)] for _ in range(number)]


def _shape() -> None:
    """Print what an article has on average, beside what real articles have."""
    wire = Wire()
    texts = [one.article for told in wire.happenings(1000) for one in wire.tellings(told)]
    found = [terms(one.title, one.text) for one in texts]
    sought = [[word for word in words[:SOUGHT] if worth(word) > SOUGHT_WORTH] for words in found]
    shares = Counter(word for words in found for word in words)
    rows: dict[str, list[float]] = {
        "characters (1,930)": [len(one.text) for one in texts],
        "telling words (58)": [len(words) for words in found],
        "words looked for (28)": [len(words) for words in sought],
        "reports that have one of these (18 % each, summed)": [
            100 * sum(shares[word] for word in words) / len(texts) for words in sought
        ],
        "names (8.8)": [len(names(one.text)) for one in texts],
        "ages (1.8)": [len(ages(one.text)) for one in texts],
    }
    for name, values in rows.items():
        print(f"{name}: {statistics.mean(values):.1f}")


if __name__ == "__main__":
    _shape()
