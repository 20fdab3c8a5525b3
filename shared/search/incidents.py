"""The one query model for incidents: what may be asked, as Elasticsearch is asked it."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from shared.domain.base import Model
from shared.domain.incident import IncidentStatus
from shared.domain.vocabulary import EventType, Subtype

#: Deepest hit that can be asked for: Elasticsearch's own limit for plain paging.
DEEPEST = 10_000


class IncidentQuery(Model):
    """A search for incidents. All conditions hold together."""

    q: str | None = Field(default=None, max_length=1000, description='Words; "a phrase", -not, word*, one | other.')
    type: tuple[EventType, ...] = Field(default=(), description="One of these types.")
    subtype: tuple[Subtype, ...] = Field(default=(), description="One of these subtypes.")
    country: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$")], ...] = Field(
        default=(), description="In one of these countries, ISO 3166-1 alpha-2."
    )
    from_: date | None = Field(default=None, alias="from", description="Happened on or after this day.")
    to: date | None = Field(default=None, description="Happened on or before this day.")
    limit: int = Field(default=20, ge=0, le=100, description="Most hits returned.")
    offset: int = Field(default=0, ge=0, le=DEEPEST - 100, description="Hits passed over.")

    @field_validator("country")
    @classmethod
    def _upper(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(code.upper() for code in value)

    @field_validator("q")
    @classmethod
    def _words_or_nothing(cls, value: str | None) -> str | None:
        return (value or "").strip() or None

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.from_ and self.to and self.from_ > self.to:
            raise ValueError("from lies after to")
        return self

    def body(self) -> dict[str, Any]:
        """Return the search request: query, order, facets."""
        return {
            "query": self.clause(),
            "sort": [*(["_score"] if self.q else []), {"date.start": {"order": "desc", "missing": "_last"}}, "id"],
            "size": self.limit,
            "from_": self.offset,
            "track_total_hits": True,
            "source_excludes": ["text"],
            "aggregations": {
                "type": {"terms": {"field": "type", "size": len(EventType)}},
                "subtype": {"terms": {"field": "subtype", "size": len(Subtype)}},
                "country": {"terms": {"field": "place.country", "size": 300}},
                "month": {
                    "date_histogram": {
                        "field": "date.start",
                        "calendar_interval": "month",
                        "format": "yyyy-MM",
                        "min_doc_count": 1,
                    }
                },
            },
        }

    def clause(self) -> dict[str, Any]:
        """Return the query alone: what an incident must be to match."""
        return {"bool": {"must": self._words(), "filter": self._filters()}}

    def _words(self) -> list[dict[str, Any]]:
        if not self.q:
            return []
        fields = ["title^3", "text", "id"]
        return [{"simple_query_string": {"query": self.q, "fields": fields, "default_operator": "and"}}]

    def _filters(self) -> list[dict[str, Any]]:
        filters: list[dict[str, Any]] = [{"term": {"status": IncidentStatus.ACTIVE}}]
        for field, values in (("type", self.type), ("subtype", self.subtype), ("place.country", self.country)):
            if values:
                filters.append({"terms": {field: list(values)}})
        # an interval matches when it overlaps the days asked for
        if self.from_:
            filters.append({"range": {"date.end": {"gte": self.from_.isoformat()}}})
        if self.to:
            filters.append({"range": {"date.start": {"lte": self.to.isoformat()}}})
        return filters
