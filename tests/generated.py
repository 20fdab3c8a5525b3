"""Incidents of any shape, for properties that hold of all of them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

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

#: Names as articles spell them, and some that make trouble in one format or another.
NAMES = st.sampled_from(
    [
        "Goma", "Kafr Qasim", "São Tomé", "the Front", "Al Wadi Brigade", "two farmers", "=SUM(A1)", "-lib", "@home",
        "+49", "a;b", 'the "Owls"', "a, b", "line\nbreak", "bell\x07", "Ärzte ohne Ufer", "x" * 90, "", "<b>", "13 men",
    ]
)  # fmt: skip
DAYS = st.dates(date(2020, 1, 1), date(2026, 12, 31))
COUNTS = st.integers(0, 2000)


@st.composite
def ranges(draw: st.DrawFn) -> DateRange:
    """Intervals of days."""
    start = draw(DAYS)
    days = draw(st.sampled_from([0, 0, 1, 6, 30, 400]))
    return DateRange(
        start=start, end=start + timedelta(days=days), precision=draw(st.sampled_from(list(DatePrecision)))
    )


@st.composite
def tolls(draw: st.DrawFn) -> Toll:
    """Tolls: exact, open on either side, of roles alone."""
    numbers: list[int | None] = list(sorted(draw(st.lists(COUNTS, min_size=3, max_size=3))))
    gaps = draw(st.lists(st.booleans(), min_size=3, max_size=3))
    low, best, high = (None if gap else n for n, gap in zip(numbers, gaps, strict=True))
    roles = draw(st.dictionaries(st.sampled_from(list(CasualtyRole)), COUNTS, max_size=2))
    if low is best is high is None and not roles:
        roles = {CasualtyRole.CHILD: draw(COUNTS)}
    return Toll(min=low, best=best, max=high, by_role=roles)


@st.composite
def places(draw: st.DrawFn) -> Place:
    """Places with and without coordinates and country."""
    point: dict[str, Any] = {}
    if draw(st.booleans()):
        point = {"lat": draw(st.floats(-90, 90)), "lon": draw(st.floats(-180, 180)), "radius_km": 5.0}
    return Place(
        name=draw(NAMES),
        city=draw(st.none() | NAMES),
        admin1=draw(st.none() | NAMES),
        country=draw(st.none() | st.sampled_from(["CD", "US", "IQ", "PH", "XK", "ZZ"])),
        precision=draw(st.sampled_from(list(PlacePrecision))),
        **point,
    )


ACTORS = st.builds(
    Actor,
    name=NAMES,
    role=st.sampled_from(list(ActorRole)),
    kind=st.sampled_from(list(ActorKind)),
    sector=st.sampled_from(list(Sector)),
    count=st.none() | COUNTS,
    named=st.booleans(),
    aliases=st.lists(NAMES, max_size=1).map(tuple),
)
SOURCES = st.builds(
    Source,
    report_id=st.just("r"),
    article_id=st.sampled_from("ab"),
    url=st.sampled_from(["https://a.example/1", "https://b.example/2?x=1&y=2"]),
    site=st.none() | st.sampled_from(["a.example", "b.example"]),
    title=NAMES,
    published=st.none() | DAYS,
    killed=st.none() | tolls(),
    injured=st.none() | tolls(),
    quotes=st.just({"type": ("It blew up.",)}),
)


@st.composite
def incidents(draw: st.DrawFn) -> Incident:
    """Incidents of every kind, with every field known or not."""
    subtype = draw(st.sampled_from(list(Subtype)))
    sources = tuple(draw(st.lists(SOURCES, max_size=3)))
    days = draw(st.none() | st.tuples(DAYS, DAYS).map(sorted))
    return Incident(
        id="TCN-" + draw(st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=10, max_size=10)),
        status=IncidentStatus.ACTIVE,
        revision=draw(st.integers(1, 5)),
        title=draw(NAMES.filter(bool)),
        type=TYPE_OF[subtype],
        subtype=subtype,
        realis=draw(st.sampled_from(list(Realis))),
        confidence=draw(st.none() | st.floats(0, 1)),
        date=draw(st.none() | ranges()),
        place=draw(st.none() | places()),
        killed=draw(st.none() | tolls()),
        injured=draw(st.none() | tolls()),
        actors=tuple(draw(st.lists(ACTORS, max_size=4))),
        targets=tuple(
            Target(name=draw(NAMES), class_=one)
            for one in draw(st.lists(st.sampled_from(list(TargetClass)), max_size=2))
        ),
        weapons=tuple(
            Weapon(name=draw(NAMES), class_=one)
            for one in draw(st.lists(st.sampled_from(list(WeaponClass)), max_size=3))
        ),
        claimed_by=draw(st.none() | NAMES),
        text=("words",),
        reports=len(sources),
        sites=tuple(sorted({one.site for one in sources if one.site})),
        sources=sources,
        first_published=days[0] if days else None,
        last_published=days[1] if days else None,
        updated_at=draw(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31))).replace(tzinfo=UTC),  # noqa: DTZ001
    )
