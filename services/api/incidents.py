"""Search incidents, read one, and read how it came to be told."""

import http
from typing import Annotated

from elasticsearch import NotFoundError
from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import Field

from services.api import problems, searching
from services.api.dependencies import Behind, Identifier, needed
from shared.documents import from_document
from shared.domain.base import Model
from shared.domain.incident import Incident, Report
from shared.search import counting
from shared.search.counting import Interval
from shared.search.incident_search import IncidentSearch
from shared.search.paging import DEEPEST, MOST

router = APIRouter(prefix="/v1/incidents", tags=["incidents"])


class Histogram(Model):
    """Incidents over time, by the first day on which each may have happened."""

    interval: Interval
    counts: dict[str, int] = Field(description="Year, month, or first day of the bar → incidents; empty bars left out.")


class Bounds(Model):
    """The smallest box around some places, in degrees. West greater than east: it crosses the date line."""

    west: float
    south: float
    east: float
    north: float


class Cluster(Model):
    """Incidents that lie close together on the map."""

    lat: float = Field(description="Of their centre.")
    lon: float
    count: int
    bounds: Bounds


class IncidentHits(Model):
    """An answer to a search."""

    total: int = Field(description="How many incidents match.")
    hits: tuple[Incident, ...] = Field(description="Those asked for, without `text`.")
    highlights: searching.Highlights = Field(
        default={}, description="By incident and field: where words of q stand, as HTML with <em>; the rest escaped."
    )
    facets: dict[str, dict[str, int]] = Field(
        default={}, description="Value → incidents that match but for the facet's own condition, most first."
    )
    histogram: Histogram | None = None
    clusters: tuple[Cluster, ...] | None = Field(default=None, description="With zoom: the largest 1,000.")
    next: str | None = Field(default=None, description="With a cursor: that of the next page; null on the last.")


@router.get("", responses=problems.described(410))
def search(query: Annotated[IncidentSearch, Query()], behind: Behind) -> IncidentHits:
    """Search incidents: full text, conditions, counts, and pages without end behind a cursor.

    Counts come with the first page. A cursor is good for two minutes after its page (then 410), with the same search.
    """
    found = searching.found(behind, "incidents", query, query.question())
    counts = dict(found.counts)
    bars, grid = counts.pop("histogram", None), counts.pop("clusters", None)
    return IncidentHits(
        total=found.total,
        hits=tuple(from_document(Incident, {"text": (), **hit["_source"]}) for hit in found.hits),
        highlights=searching.highlights(found.hits),
        facets={name: counting.values(counts[name]) for name in query.facets if name in counts},
        histogram=Histogram(interval=query.bars, counts=counting.values(bars)) if bars else None,
        clusters=tuple(Cluster.model_validate(one) for one in counting.clusters(grid)) if grid else None,
        next=found.next,
    )


@router.get(
    "/{incident_id}",
    responses={307: {"description": "Merged: Location is the incident that stands for it."}, **problems.described(404)},
)
def incident(
    incident_id: Identifier,
    behind: Behind,
    response: Response,
    *,
    follow: Annotated[bool, Query(description="Whether a merged incident leads to the one that stands for it.")] = True,
) -> Incident:
    """Read one incident with its sources and the sentences that say so; its ETag is its revision.

    One that was merged into another answers 307, with its own record as body: never 308, which clients keep for good,
    because a merge can be undone.
    """
    with needed():
        try:
            found = behind.elasticsearch.get(index=behind.alias("incidents"), id=incident_id)
        except NotFoundError:
            raise HTTPException(404, "No such incident.") from None
    read = from_document(Incident, found["_source"])
    response.headers["ETag"] = f'"{read.revision}"'
    if follow and read.merged_into:
        response.status_code = http.HTTPStatus.TEMPORARY_REDIRECT
        response.headers["Location"] = f"/v1/incidents/{read.merged_into}"
    return read


class Timeline(Model):
    """The reports of an incident in the order in which they were published."""

    total: int
    reports: tuple[Report, ...] = Field(description="What each tells, and why it was taken for this incident.")


@router.get("/{incident_id}/timeline", responses=problems.described(404))
def timeline(
    incident_id: Identifier,
    behind: Behind,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
    offset: Annotated[int, Query(ge=0, le=DEEPEST - MOST)] = 0,
) -> Timeline:
    """Read how the story of an incident grew: every report, the oldest first, also past the 100 listed with it."""
    with needed():
        if not behind.elasticsearch.exists(index=behind.alias("incidents"), id=incident_id):
            raise HTTPException(404, "No such incident.")
        answer = behind.elasticsearch.search(
            index=behind.alias("reports"),
            query={"term": {"incident_id": incident_id}},
            sort=[{"published": {"order": "asc", "missing": "_last"}}, "fetched_at", "id"],
            size=limit,
            from_=offset,
            track_total_hits=True,
        )
    return Timeline(
        total=answer["hits"]["total"]["value"],
        reports=tuple(from_document(Report, hit["_source"]) for hit in answer["hits"]["hits"]),
    )
