"""The grounds on which two reports are taken for one: "same day, 0.4 km apart, same type, 2 injured in both"."""

from collections.abc import Iterator

from services.indexer.merging.features import distance_km, fine, gap_days, shared_names
from services.indexer.merging.traits import Traits, cosine

#: Likeness of words and of titles worth saying.
_LIKE = 0.3
_LIKE_TITLES = 0.5
_FEW = 3


def said(one: Traits, other: Traits) -> str:
    """Return what two reports agree in, parted by commas; "little in common" where that is nothing."""
    parts = (_day(one, other), _place(one, other), _kind(one, other), *_tolls(one, other), *_words(one, other))
    return ", ".join(part for part in parts if part) or "little in common"


def _day(one: Traits, other: Traits) -> str:
    gap = gap_days(one, other)
    if gap is None or gap > 1:
        return ""
    return "same day" if gap <= 0 else "a day apart"


def _place(one: Traits, other: Traits) -> str:
    here, there = one.place, other.place
    if here is None or there is None:
        return ""
    if here.city and here.city == there.city and here.country == there.country:
        return f"both in {here.city}"
    apart = distance_km(here, there)
    near = apart is not None and fine(here, there)
    return f"{apart:.1f} km apart" if near else "same country" if here.country == there.country else ""


def _kind(one: Traits, other: Traits) -> str:
    a, b = one.report.event, other.report.event
    return "same kind" if a.subtype == b.subtype else "same type" if a.type == b.type else ""


def _tolls(one: Traits, other: Traits) -> Iterator[str]:
    for name, a, b in (("killed", one.killed, other.killed), ("injured", one.injured, other.injured)):
        if a is not None and a == b:
            yield f"{a} {name} in both"


def _words(one: Traits, other: Traits) -> Iterator[str]:
    names = sorted(shared_names(one, other))[:_FEW]
    if names:
        yield f"both name {' '.join(name.title() for name in names)}"
    ages = sorted(one.ages & other.ages)[:_FEW]
    if ages:
        yield f"both tell of an age of {' and '.join(map(str, ages))}"
    if cosine(one.title, other.title) >= _LIKE_TITLES:
        yield "like titles"
    if cosine(one.terms, other.terms) >= _LIKE:
        yield "like words"
