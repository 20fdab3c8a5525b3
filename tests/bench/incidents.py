"""Incidents of real shape, made up by chance of a seed: towns, names and tolls as uneven as real ones."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.domain.event import Actor, DateRange, Place, Target, Toll, Weapon
from shared.domain.incident import Incident, IncidentStatus, Source
from shared.domain.vocabulary import (
    TYPE_OF,
    ActorKind,
    ActorRole,
    DatePrecision,
    PlacePrecision,
    Realis,
    Sector,
    Subtype,
    TargetClass,
    WeaponClass,
)


def _words(text: str) -> list[str]:
    return text.split()


#: Syllables of which towns, parties and sites get their names.
_SYLLABLES = _words("ba ka ma ra sha dou min tar kel bo lu ni gar zan mel qui vor hal esh dir")
_WORDS = _words(
    "gunmen attack convoy market village police officers killed wounded blast bomb roadside soldiers residents said "
    "morning checkpoint rebels clashed army forces fire rocket shelling houses school hospital district officials "
    "spokesman claimed responsibility group fighters abducted farmers traders road bridge protest crowd stones tear gas"
)
_FIRST = date(2010, 1, 1)
_DAYS = 6000


class Maker:
    """Makes incidents; the same seed makes the same ones."""

    def __init__(self, seed: int = 7) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - nothing secret
        self.countries = [f"{a}{b}" for a in "ACEGIKMPST" for b in "ADEGLMNOQR"]
        self.towns = [self._town() for _ in range(5000)]
        self.parties = [f"{self.name()} {word}" for word in ("Front", "Army", "Brigade", "Cartel") for _ in range(200)]
        self.sites = [f"{self.name().lower()}.example" for _ in range(800)]

    def name(self) -> str:
        """A name of two to four syllables."""
        return "".join(self._chance.choices(_SYLLABLES, k=self._chance.randint(2, 4))).capitalize()

    def sentence(self) -> str:
        """A sentence of the words that such news is made of, with a name in it."""
        return " ".join([*self._chance.choices(_WORDS, k=self._chance.randint(10, 30)), self.name()]) + "."

    def incidents(self, count: int) -> Iterator[Incident]:
        """Yield incidents."""
        return (self._incident(n) for n in range(count))

    def _uneven(self, things: list[Any]) -> Any:
        """Pick one: the first ones far more often than the last."""
        return things[int(len(things) * self._chance.random() ** 3)]

    def _town(self) -> Place:
        lat, lon = self._chance.uniform(-35, 55), self._chance.uniform(-170, 170)
        names: dict[str, Any] = {
            "city": (city := self.name()),
            "admin1": self.name(),
            "country": self._uneven(self.countries),
        }
        return Place(name=city, **names, lat=lat, lon=lon, radius_km=5, precision=PlacePrecision.CITY)

    def _toll(self) -> Toll | None:
        if self._chance.random() < 0.35:
            return None
        best = int(self._chance.paretovariate(0.9)) - 1
        low = min(best, 10_000)
        return Toll(min=low, best=low, max=None if self._chance.random() < 0.1 else low + self._chance.randint(0, 3))

    def _incident(self, n: int) -> Incident:
        chance, subtype = self._chance, self._uneven(list(Subtype))
        first = _FIRST + timedelta(days=chance.randrange(_DAYS))
        place = self._uneven(self.towns)
        actors = tuple(
            Actor(
                name=self._uneven(self.parties),
                role=role,
                kind=ActorKind.GROUP,
                sector=self._uneven(list(Sector)),
                named=True,
            )
            for role in chance.sample(list(ActorRole), k=chance.randint(1, 3))
        )
        killed, injured = self._toll(), self._toll()
        sources = tuple(
            self._source(f"{n}-{k}", first, killed, injured) for k in range(min(8, int(chance.paretovariate(1.5))))
        )
        quoted = [quote for source in sources for quotes in source.quotes.values() for quote in quotes]
        return Incident(
            id=f"TCN-{n:010d}",
            status=IncidentStatus.ACTIVE,
            title=sources[0].title,
            summary=f"{self.sentence()} {self.sentence()}",
            type=TYPE_OF[subtype],
            subtype=subtype,
            realis=self._uneven(list(Realis)),
            confidence=chance.random(),
            date=DateRange(start=first, end=first, precision=DatePrecision.DAY),
            place=place if chance.random() < 0.95 else None,
            killed=killed,
            injured=injured,
            actors=actors,
            targets=(Target.model_validate({"name": "a target", "class": self._uneven(list(TargetClass))}),),
            weapons=(Weapon.model_validate({"name": "a weapon", "class": self._uneven(list(WeaponClass))}),),
            text=tuple(dict.fromkeys([s.title for s in sources] + [place.name] + [a.name for a in actors] + quoted)),
            reports=len(sources),
            sites=tuple(sorted({source.site for source in sources if source.site})),
            sources=sources,
            first_published=first,
            last_published=first,
            updated_at=datetime.combine(first, datetime.min.time(), UTC),
        )

    def _source(self, report: str, day: date, killed: Toll | None, injured: Toll | None) -> Source:
        site = self._uneven(self.sites)
        return Source(
            report_id=report,
            article_id=report,
            url=f"http://{site}/{report}",
            site=site,
            title=self.sentence()[:80],
            published=day,
            killed=killed,
            injured=injured,
            quotes={name: (self.sentence(),) for name in ("type", "place", "killed")},
        )
