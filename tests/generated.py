"""Incidents of any shape, for properties that hold of all of them, and for benchmarks.

They are drawn from a seed: a strategy that draws every field by itself takes a quarter of a second for each.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

from shared.domain.event import Actor, DateRange, Place, Target, Toll, Weapon
from shared.domain.incident import Incident, IncidentStatus, Source
from shared.domain.vocabulary import (
    TYPE_OF,
    ActorKind,
    ActorRole,
    CasualtyRole,
    DatePrecision,
    PlacePrecision,
    Realis,
    Sector,
    Subtype,
    TargetClass,
    WeaponClass,
)

T = TypeVar("T")

#: Names as articles spell them, and some that make trouble in one format or another.
NAMES = (
    *("Goma", "Kafr Qasim", "São Tomé", "the Front", "Al Wadi Brigade", "two farmers", "=SUM(A1)", "-lib", "@home"),
    *("+49", "a;b", 'the "Owls"', "a, b", "line\nbreak", "bell\x07", "Ärzte ohne Ufer", "x" * 90, "", "<b>", "13 men"),
)
#: Smallest numbers come often: at them grammar and ranges break.
COUNTS = (0, 0, 1, 1, 2, 3, 17, 999, 1000, 45678)


class Draw:
    """Draws parts of an incident."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - no secret

    def one(self, values: Sequence[T]) -> T:
        """One of some values."""
        return self.random.choice(values)

    def maybe(self, value: T) -> T | None:
        """A value, or nothing."""
        return value if self.random.random() < 0.5 else None

    def some(self, values: Sequence[T], most: int) -> list[T]:
        """Up to `most` of some values."""
        return [self.one(values) for _ in range(self.random.randint(0, most))]

    def day(self) -> date:
        """A day of seven years."""
        return date(2020, 1, 1) + timedelta(days=self.random.randrange(2500))

    def dates(self) -> DateRange:
        """An interval of days."""
        start = self.day()
        end = start + timedelta(days=self.one((0, 0, 1, 6, 30, 400)))
        precision = self.one(list(DatePrecision))
        if precision is DatePrecision.YEAR:
            start, end = date(start.year, 1, 1), date(start.year, 12, 31)
        elif precision is DatePrecision.MONTH:
            start = start.replace(day=1)
            end = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return DateRange(start=start, end=end, precision=precision)

    def toll(self) -> Toll:
        """A toll: exact, open on either side, or of roles alone."""
        low, best, high = (self.maybe(n) for n in sorted(self.one(COUNTS) for _ in range(3)))
        roles = {role: self.one(COUNTS) for role in self.some(list(CasualtyRole), 2)}
        if low is best is high is None and not roles:
            low = best = high = self.one(COUNTS)
        return Toll(min=low, best=best, max=high, by_role=roles)

    def place(self) -> Place:
        """A place with or without coordinates and country."""
        point: dict[str, Any] = {}
        if self.random.random() < 0.7:
            point = {"lat": self.random.uniform(-90, 90), "lon": self.random.uniform(-180, 180), "radius_km": 5.0}
        return Place(
            name=self.one(NAMES),
            city=self.maybe(self.one(NAMES)),
            admin1=self.maybe(self.one(NAMES)),
            country=self.maybe(self.one(("CD", "US", "IQ", "PH", "XK", "ZZ"))),
            precision=self.one(list(PlacePrecision)),
            **point,
        )

    def actor(self) -> Actor:
        """Somebody who takes part."""
        return Actor(
            name=self.one(NAMES),
            role=self.one(list(ActorRole)),
            kind=self.one(list(ActorKind)),
            sector=self.one(list(Sector)),
            count=self.maybe(self.one(COUNTS)),
            named=self.one((True, False)),
            aliases=tuple(self.some(NAMES, 1)),
        )

    def source(self) -> Source:
        """A report that it rests on."""
        return Source(
            report_id="r",
            article_id=self.one(("a", "b")),
            url=self.one(("https://a.example/1", "https://b.example/2?x=1&y=2")),
            site=self.maybe(self.one(("a.example", "b.example"))),
            title=self.one(NAMES),
            published=self.maybe(self.day()),
            killed=self.maybe(self.toll()),
            injured=self.maybe(self.toll()),
            quotes={"type": ("A bomb went off beside the stalls, the mayor said on Tuesday.",)},
        )


def incident(seed: int) -> Incident:
    """The incident of a seed: any kind, every field known or not."""
    draw = Draw(seed)
    subtype = draw.one(list(Subtype))
    sources = tuple(draw.source() for _ in range(draw.random.randint(0, 4)))
    days = draw.maybe(sorted((draw.day(), draw.day())))
    return Incident(
        id=f"TCN-{seed % 10**10:010}",
        status=IncidentStatus.ACTIVE,
        revision=draw.random.randint(1, 5),
        title=draw.one([name for name in NAMES if name]),
        summary=draw.one(("", "A bombing was reported. One report tells of it.")),
        type=TYPE_OF[subtype],
        subtype=subtype,
        realis=draw.one(list(Realis)),
        confidence=draw.maybe(draw.random.random()),
        date=draw.maybe(draw.dates()),
        place=draw.maybe(draw.place()),
        killed=draw.maybe(draw.toll()),
        injured=draw.maybe(draw.toll()),
        actors=tuple(draw.actor() for _ in range(draw.random.randint(0, 4))),
        targets=tuple(Target(name=draw.one(NAMES), class_=one) for one in draw.some(list(TargetClass), 2)),
        weapons=tuple(Weapon(name=draw.one(NAMES), class_=one) for one in draw.some(list(WeaponClass), 3)),
        claimed_by=draw.maybe(draw.one(NAMES)),
        text=("words",),
        reports=len(sources),
        sites=tuple(sorted({one.site for one in sources if one.site})),
        sources=sources,
        first_published=days[0] if days else None,
        last_published=days[1] if days else None,
        updated_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=draw.random.randrange(30_000_000)),
    )


def incidents() -> st.SearchStrategy[Incident]:
    """Incidents for hypothesis."""
    return st.integers(0, 10**10 - 1).map(incident)
