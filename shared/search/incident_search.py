"""A search for incidents as the API is asked it: which, in what order, which page, and what is counted."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from shared.search import counting, words
from shared.search.asking import Question
from shared.search.counting import Interval
from shared.search.incidents import Facet, IncidentQuery
from shared.search.paging import Paged, Sort


class Order(StrEnum):
    """What hits are sorted by."""

    RELEVANCE = "relevance"
    DATE = "date"
    KILLED = "killed"
    INJURED = "injured"
    REPORTS = "reports"
    UPDATED = "updated"
    DISTANCE = "distance"


_FIELDS = {
    Order.DATE: "date.start",
    Order.KILLED: "killed.best",
    Order.INJURED: "injured.best",
    Order.REPORTS: "reports",
    Order.UPDATED: "updated_at",
}


class IncidentSearch(IncidentQuery, Paged):
    """A search for incidents with all that it is answered with."""

    sort: Order | None = Field(default=None, description="By default relevance with q, else date. Unknown comes last.")
    order: Literal["asc", "desc"] | None = Field(
        default=None, description="By default desc: the most and the newest first; of distances asc."
    )
    facets: tuple[Facet | Literal["none"], ...] = Field(
        default=tuple(Facet), max_length=50, description="What is counted on a first page: all by default."
    )
    interval: Interval | None = Field(
        default=None, description="Width of the histogram's bars; by default what suits from and to."
    )
    zoom: int | None = Field(default=None, ge=0, le=22, description="Also cluster on the map, by tiles of this zoom.")

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if self.sort is Order.DISTANCE and self.lat is None:
            raise ValueError("sorting by distance needs lat and lon")
        if self.interval is Interval.DAY:
            last = self.to or datetime.now(UTC).date()
            if self.from_ is None or (last - self.from_).days > counting.MOST_DAYS:
                raise ValueError(f"single days need from and to, at most {counting.MOST_DAYS:,} days apart")
        if self.zoom is not None and counting.tiles(self.bbox, self.zoom) > counting.MOST_TILES:
            raise ValueError("clusters that fine need a smaller bbox, or less zoom")
        return self

    @property
    def bars(self) -> Interval:
        """The width of the histogram's bars."""
        return self.interval or counting.fitting(self.from_, self.to, datetime.now(UTC).date())

    def question(self) -> Question:
        """Return what Elasticsearch is asked."""
        wanted = [facet for facet in Facet if facet in self.facets]
        return Question(
            query=self.clause(),
            sort=self.sorting(),
            counts=counting.searches(self, wanted, self.bars if wanted or self.interval else None, self.zoom),
            highlight=words.HIGHLIGHT if self.q else None,
            excludes=["text", "plain"],
        )

    def sorting(self) -> Sort:
        """Return the order of the hits. The number, which comes last, makes it the same every time."""
        by = self.sort or (Order.RELEVANCE if self.q else Order.DATE)
        newest: dict[str, Any] = {"date.start": {"order": "desc", "missing": "_last"}}
        if by is Order.RELEVANCE:
            return [{"_score": self.order or "desc"}, newest, "id"]
        if by is Order.DISTANCE:
            point = {"place.location": {"lat": self.lat, "lon": self.lon}, "unit": "km", "order": self.order or "asc"}
            return [{"_geo_distance": point}, newest, "id"]
        first = {_FIELDS[by]: {"order": self.order or "desc", "missing": "_last"}}
        return [first, "id"] if by is Order.DATE else [first, newest, "id"]
