"""Conditions of a search, each as Elasticsearch is asked it, and the types of what people write for them."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints

from shared.spelling import plain

Clause = dict[str, Any]

#: A name that somebody types: never empty, never long.
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
#: ISO 3166-1 alpha-2, in any case.
Country = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$"), AfterValidator(str.upper)]
#: Host name of a publisher, with or without www.
Site = Annotated[Named, AfterValidator(lambda site: site.lower().removeprefix("www."))]


class Unknown(StrEnum):
    """What becomes of incidents of which a number is not known."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    ONLY = "only"


def box(text: str) -> tuple[float, float, float, float]:
    """Return west, south, east and north of `west,south,east,north`, in degrees. Raises ValueError.

    A box whose west lies east of its east crosses the date line.
    """
    parts = [float(part) for part in text.split(",")]
    if len(parts) != 4:  # noqa: PLR2004 - the sides of a box
        raise ValueError("a box has four sides: west,south,east,north")
    west, south, east, north = parts
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004 - degrees
        raise ValueError("a box lies within -180,-90,180,90, its south below its north")
    return west, south, east, north


def _a_box(text: str) -> str:
    box(text)
    return text


#: A box on the map.
Box = Annotated[str, StringConstraints(max_length=100), AfterValidator(_a_box)]


def one_of(field: str, values: Sequence[object]) -> list[Clause]:
    """Return the condition that a field has one of the values; none without values."""
    return [{"terms": {field: list(values)}}] if values else []


def named(field: str, names: Sequence[str]) -> list[Clause]:
    """Return the condition that a plain field is one of the names, in whatever spelling."""
    return one_of(field, [plain(name) for name in names])


def within(text: str | None) -> list[Clause]:
    """Return the condition that a place lies in a box, also across the date line."""
    if text is None:
        return []
    west, south, east, north = box(text)
    corners = {"top_left": {"lat": north, "lon": west}, "bottom_right": {"lat": south, "lon": east}}
    return [{"geo_bounding_box": {"place.location": corners}}]


def overlapping(first: date | None, last: date | None) -> list[Clause]:
    """Return the condition that an interval of days has a day in common with `first` to `last`."""
    clauses: list[Clause] = []
    if first:
        clauses.append({"range": {"date.end": {"gte": first.isoformat()}}})
    if last:
        clauses.append({"range": {"date.start": {"lte": last.isoformat()}}})
    return clauses


def between(field: str, first: date | None, last: date | None) -> list[Clause]:
    """Return the condition that a field is a day from `first` to `last`."""
    ends = {"gte": first and first.isoformat(), "lte": last and last.isoformat()}
    ends = {end: day for end, day in ends.items() if day}
    return [{"range": {field: ends}}] if ends else []


def number(field: str, least: int | None, most: int | None, unknown: Unknown | None) -> list[Clause]:
    """Return the condition that a toll may be `least` to `most`: its interval min to max has a number of these.

    An end that nothing bounds is open: "at least five" may be fifty. A toll is unknown when neither end nor a best
    number is told. Unless asked for, unknown ones are left out as soon as a number is asked for.
    """
    ranged = least is not None or most is not None
    if unknown is None:
        unknown = Unknown.EXCLUDE if ranged else Unknown.INCLUDE
    known = {"bool": {"should": [{"exists": {"field": f"{field}.{end}"}} for end in ("min", "best", "max")]}}
    if unknown is Unknown.ONLY:
        return [{"bool": {"must_not": [known]}}]
    clauses: list[Clause] = [known] if unknown is Unknown.EXCLUDE else []
    outside: list[Clause] = []
    if least is not None:
        outside.append({"range": {f"{field}.max": {"lt": least}}})
    if most is not None:
        outside.append({"range": {f"{field}.min": {"gt": most}}})
    return [*clauses, *([{"bool": {"must_not": outside}}] if outside else [])]
