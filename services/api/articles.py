"""Search the articles, and read one."""

from typing import Annotated

from elasticsearch import NotFoundError
from fastapi import APIRouter, HTTPException, Query
from pydantic import Field

from services.api import problems, searching
from services.api.dependencies import Behind, Identifier, needed
from shared.documents import from_document
from shared.domain.article import Published
from shared.domain.base import Model, UtcDatetime
from shared.domain.incident import FiledArticle
from shared.errors import Reason
from shared.search import counting
from shared.search.articles import ArticleSearch

router = APIRouter(prefix="/v1/articles", tags=["articles"])


class ArticleHit(Model):
    """An article as it stands in a list, without text and events."""

    id: str
    url: str
    title: str
    site: str | None
    published: Published | None
    language: str | None
    relevant: bool
    discard_reason: Reason | None = None
    score: float | None = Field(default=None, description="Strength of the verdict.")
    model: str = Field(description="Version of the rules or weights that judged it.")
    incident_ids: tuple[str, ...] = ()
    fetched_at: UtcDatetime


class ArticleHits(Model):
    """An answer to a search."""

    total: int = Field(description="How many articles match.")
    hits: tuple[ArticleHit, ...]
    highlights: searching.Highlights = Field(
        default={}, description="By article and field: where words of q stand, as HTML with <em>; the rest escaped."
    )
    facets: dict[str, dict[str, int]] = Field(
        default={}, description="Value → articles that match but for the facet's own condition, most first."
    )
    next: str | None = Field(default=None, description="With a cursor: that of the next page; null on the last.")


@router.get("", responses=problems.described(410))
def search(query: Annotated[ArticleSearch, Query()], behind: Behind) -> ArticleHits:
    """Search everything that was read, also what was discarded, as `GET /v1/incidents` searches incidents."""
    found = searching.found(behind, "articles", query, query.question())
    return ArticleHits(
        total=found.total,
        hits=tuple(from_document(ArticleHit, hit["_source"]) for hit in found.hits),
        highlights=searching.highlights(found.hits),
        facets={name: counting.values(found.counts[name]) for name in query.facets if name in found.counts},
        next=found.next,
    )


@router.get("/{article_id}", responses=problems.described(404))
def article(article_id: Identifier, behind: Behind) -> FiledArticle:
    """Read one article with everything coded from it."""
    with needed():
        try:
            found = behind.elasticsearch.get(index=behind.alias("articles"), id=article_id)
        except NotFoundError:
            raise HTTPException(404, "No such article.") from None
    return from_document(FiledArticle, found["_source"])
