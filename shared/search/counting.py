"""What incidents are counted by: facets, a histogram of days, clusters on the map."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from shared.search.conditions import box
from shared.search.incidents import PARTY, Facet, IncidentQuery

#: Most values of a facet that has no end of them.
MOST_VALUES = 50
#: Most clusters, those with most incidents first.
MOST_CLUSTERS = 1000
#: Most tiles of the map among which incidents are clustered: those of the whole earth at zoom 8.
MOST_TILES = 4**8
#: Longest span of single days, in days: three years.
MOST_DAYS = 1100

_FIELDS = {
    Facet.TYPE: "type",
    Facet.SUBTYPE: "subtype",
    Facet.REALIS: "realis",
    Facet.COUNTRY: "place.country",
    Facet.ADMIN1: "place.admin1",
    Facet.CITY: "place.city",
    Facet.ACTOR: "actors.name",
    Facet.ROLE: "actors.role",
    Facet.ACTOR_KIND: "actors.kind",
    Facet.SECTOR: "actors.sector",
    Facet.TARGET: "targets.class",
    Facet.WEAPON: "weapons.class",
    Facet.SOURCE: "sites",
}
#: Facets with as many values as the world has places, names and publishers; the others are listed in full.
_ENDLESS = frozenset({Facet.ADMIN1, Facet.CITY, Facet.ACTOR, Facet.SOURCE})


class Interval(StrEnum):
    """Width of a bar of the histogram."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


_FORMATS = {Interval.MONTH: "yyyy-MM", Interval.YEAR: "yyyy"}


def fitting(first: date | None, last: date | None, today: date) -> Interval:
    """Return the width of bars that gives some twenty to a hundred of them; months where the span has no beginning."""
    if first is None:
        return Interval.MONTH
    days = ((last or max(today, first)) - first).days
    widths = ((62, Interval.DAY), (400, Interval.WEEK), (3700, Interval.MONTH))
    return next((width for most, width in widths if days <= most), Interval.YEAR)


def tiles(bbox: str | None, zoom: int) -> float:
    """Return among how many tiles of the map a box is clustered at a zoom."""
    west, south, east, north = box(bbox) if bbox else (-180.0, -90.0, 180.0, 90.0)
    width = east - west + (360 if west > east else 0)
    return 4.0**zoom * (width / 360) * ((north - south) / 180)


def searches(
    query: IncidentQuery, facets: Sequence[Facet], interval: Interval | None, zoom: int | None
) -> list[dict[str, Any]]:
    """Return the bodies that count: one with all conditions, and one for each facet that is itself one."""
    narrowed = [facet for facet in query.narrowed() if facet in facets]
    plain = {facet.value: _facet(facet, query) for facet in facets if facet not in narrowed}
    if interval:
        plain["histogram"] = {"date_histogram": _bars(interval)}
    if zoom is not None:
        centre, bounds = {"geo_centroid": {"field": "place.location"}}, {"geo_bounds": {"field": "place.location"}}
        grid = {"field": "place.location", "precision": zoom, "size": MOST_CLUSTERS}
        plain["clusters"] = {"geotile_grid": grid, "aggs": {"centre": centre, "bounds": bounds}}
    bodies = [{"query": query.clause(), "aggs": plain}] if plain else []
    return bodies + [
        {"query": query.clause(without=facet), "aggs": {facet.value: _facet(facet, query)}} for facet in narrowed
    ]


def _bars(interval: Interval) -> dict[str, Any]:
    bars = {"field": "date.start", "calendar_interval": interval, "min_doc_count": 1}
    return bars | {"format": _FORMATS.get(interval, "yyyy-MM-dd")}


def _facet(facet: Facet, query: IncidentQuery) -> dict[str, Any]:
    terms: dict[str, Any] = {"field": _FIELDS[facet], "size": MOST_VALUES if facet in _ENDLESS else 300}
    party = query.party(without=facet) if facet in PARTY else []
    if not party:
        return {"terms": terms}
    # of the parties that are asked for, not of everybody who took part
    values = {"terms": terms | {"order": {"incidents": "desc"}}, "aggs": {"incidents": {"reverse_nested": {}}}}
    return {
        "nested": {"path": "actors"},
        "aggs": {"party": {"filter": {"bool": {"filter": party}}, "aggs": {"values": values}}},
    }


def values(counted: Mapping[str, Any]) -> dict[str, int]:
    """Return value → incidents of a facet or histogram, as Elasticsearch answers it."""
    counted = counted.get("party", counted)
    counted = counted.get("values", counted)
    return {
        str(bucket.get("key_as_string", bucket["key"])): bucket.get("incidents", bucket)["doc_count"]
        for bucket in counted["buckets"]
    }


def clusters(counted: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield centre, count and bounds of every cluster."""
    for bucket in counted["buckets"]:
        centre, corners = bucket["centre"]["location"], bucket["bounds"]["bounds"]
        yield {
            "lat": centre["lat"],
            "lon": centre["lon"],
            "count": bucket["doc_count"],
            "bounds": {
                "west": corners["top_left"]["lon"],
                "south": corners["bottom_right"]["lat"],
                "east": corners["bottom_right"]["lon"],
                "north": corners["top_left"]["lat"],
            },
        }
