"""Search incidents, read one, read the articles behind them."""

import http
from typing import Annotated

from elasticsearch import NotFoundError
from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import Field

from services.api import problems
from services.api.dependencies import Behind, Identifier, needed
from shared.domain.base import Model
from shared.domain.incident import FiledArticle, Incident
from shared.index import from_document
from shared.search.incidents import IncidentQuery

router = APIRouter(prefix="/v1", tags=["incidents"])


class IncidentHits(Model):
    """An answer to a search."""

    total: int = Field(description="How many incidents match.")
    hits: tuple[Incident, ...] = Field(description="Those asked for: the newest first, or the best first with q.")
    facets: dict[str, dict[str, int]] = Field(description="By type, subtype, country and month: value → incidents.")


@router.get("/incidents")
def search(query: Annotated[IncidentQuery, Query()], behind: Behind) -> IncidentHits:
    """Search incidents by words, type, country and days."""
    with needed():
        answer = behind.elasticsearch.search(index=behind.alias("incidents"), ignore_unavailable=True, **query.body())
    return IncidentHits(
        total=answer["hits"]["total"]["value"],
        hits=tuple(from_document(Incident, {"text": (), **hit["_source"]}) for hit in answer["hits"]["hits"]),
        facets={
            name: {str(bucket.get("key_as_string", bucket["key"])): bucket["doc_count"] for bucket in facet["buckets"]}
            for name, facet in answer.get("aggregations", {}).items()
        },
    )


@router.get("/incidents/{incident_id}", responses=problems.described(404))
def incident(incident_id: Identifier, behind: Behind, response: Response) -> Incident:
    """Read one incident with its sources and the sentences that say so.

    The number of a merged one answers 307 and leads to the one that stands for it; the body says what became of it.
    """
    with needed():
        try:
            found = behind.elasticsearch.get(index=behind.alias("incidents"), id=incident_id)
        except NotFoundError:
            raise HTTPException(404, "No such incident.") from None
    read = from_document(Incident, found["_source"])
    response.headers["ETag"] = f'"{read.revision}"'
    if read.merged_into:
        response.status_code = http.HTTPStatus.TEMPORARY_REDIRECT  # temporary: a merge can be undone
        response.headers["Location"] = f"/v1/incidents/{read.merged_into}"
    return read


@router.get("/articles/{article_id}", responses=problems.described(404))
def article(article_id: Identifier, behind: Behind) -> FiledArticle:
    """Read one article with everything coded from it."""
    with needed():
        try:
            found = behind.elasticsearch.get(index=behind.alias("articles"), id=article_id)
        except NotFoundError:
            raise HTTPException(404, "No such article.") from None
    return from_document(FiledArticle, found["_source"])
