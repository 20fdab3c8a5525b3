"""A search for articles: the same as for incidents, over everything that was read, also what was discarded."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from shared.domain.base import Model
from shared.errors import Reason
from shared.search import conditions, words
from shared.search.asking import Question
from shared.search.conditions import Clause, Named, Site
from shared.search.counting import MOST_VALUES
from shared.search.incidents import asked
from shared.search.paging import Paged, Sort

FIELDS = words.Fields(prose=["title^3", "text"])

#: ISO 639-1.
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class ArticleFacet(StrEnum):
    """What articles are counted by: by the fields of these names."""

    SITE = "site"
    LANGUAGE = "language"
    RELEVANT = "relevant"
    DISCARD_REASON = "discard_reason"
    MODEL = "model"


class ArticleOrder(StrEnum):
    """What articles are sorted by."""

    RELEVANCE = "relevance"
    PUBLISHED = "published"
    FETCHED = "fetched"


class ArticleQuery(Model):
    """Which articles. All conditions hold together; of several values for one, any may hold."""

    q: str | None = Field(default=None, max_length=1000, description="Words in title or text, as for incidents.")
    site: tuple[Site, ...] = Field(default=(), max_length=100, description="Published by these hosts.")
    language: tuple[Language, ...] = Field(default=(), max_length=100, description="In these languages, ISO 639-1.")
    relevant: bool | None = Field(default=None, description="Whether it reports an incident.")
    discard_reason: tuple[Reason, ...] = Field(default=(), max_length=100, description="Discarded for these reasons.")
    from_: date | None = Field(default=None, alias="from", description="Published on or after this day.")
    to: date | None = Field(default=None, description="Published on or before this day, at the publisher's clock.")
    incident: tuple[Named, ...] = Field(default=(), max_length=100, description="Told of in these incidents.")
    model: tuple[Named, ...] = Field(default=(), max_length=100, description="Judged by these versions.")

    @field_validator("q")
    @classmethod
    def _few_words(cls, value: str | None) -> str | None:
        return asked(value)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ and self.to and self.from_ > self.to:
            raise ValueError("from lies after to")
        return self

    def clause(self, without: ArticleFacet | None = None) -> Clause:
        """Return the query: what an article must be to match, but for the condition of one facet."""
        facets = {
            ArticleFacet.SITE: conditions.one_of("site", self.site),
            ArticleFacet.LANGUAGE: conditions.one_of("language", self.language),
            ArticleFacet.RELEVANT: conditions.one_of("relevant", () if self.relevant is None else (self.relevant,)),
            ArticleFacet.DISCARD_REASON: conditions.one_of("discard_reason", self.discard_reason),
            ArticleFacet.MODEL: conditions.one_of("model", self.model),
        }
        filters = [clause for facet, own in facets.items() if facet != without for clause in own]
        filters += [*conditions.one_of("incident_ids", self.incident), *self._published()]
        return {"bool": {"must": [words.clause(self.q, FIELDS)] if self.q else [], "filter": filters}}

    def _published(self) -> list[Clause]:
        # the moment is kept as the page writes it, day first: texts in the order of the publishers' own days
        ends: dict[str, str] = {}
        if self.from_:
            ends["gte"] = self.from_.isoformat()
        if self.to:
            ends |= {"lt": (self.to + timedelta(days=1)).isoformat()} if self.to < date.max else {}
        return [{"range": {"published.value": ends}}] if ends else []


class ArticleSearch(ArticleQuery, Paged):
    """A search for articles with all that it is answered with."""

    sort: ArticleOrder | None = Field(default=None, description="By default relevance with q, else published.")
    order: Literal["asc", "desc"] = Field(default="desc", description="The best and the newest first, by default.")
    facets: tuple[ArticleFacet | Literal["none"], ...] = Field(
        default=tuple(ArticleFacet), max_length=50, description="What is counted on a first page: all by default."
    )

    def question(self) -> Question:
        """Return what Elasticsearch is asked."""
        wanted = [facet for facet in ArticleFacet if facet in self.facets]
        narrowed = [facet for facet in wanted if getattr(self, facet) not in ((), None)]
        plain = {facet.value: _facet(facet) for facet in wanted if facet not in narrowed}
        counts = [{"query": self.clause(), "aggs": plain}] if plain else []
        counts += [{"query": self.clause(facet), "aggs": {facet.value: _facet(facet)}} for facet in narrowed]
        return Question(
            query=self.clause(),
            sort=self.sorting(),
            counts=counts,
            highlight=words.HIGHLIGHT if self.q else None,
            excludes=["text", "events", "fingerprint", "byline", "opinion", "canonical_url"],
        )

    def sorting(self) -> Sort:
        """Return the order of the hits. The id, which comes last, makes it the same every time."""
        by = self.sort or (ArticleOrder.RELEVANCE if self.q else ArticleOrder.PUBLISHED)
        published = {"published.value": {"order": "desc", "missing": "_last"}}
        fields: dict[ArticleOrder, list[str | dict[str, Any]]] = {
            ArticleOrder.RELEVANCE: [{"_score": self.order}, published],
            ArticleOrder.PUBLISHED: [{"published.value": {"order": self.order, "missing": "_last"}}],
            ArticleOrder.FETCHED: [{"fetched_at": {"order": self.order}}],
        }
        return [*fields[by], "id"]


def _facet(facet: ArticleFacet) -> dict[str, Any]:
    return {"terms": {"field": facet.value, "size": MOST_VALUES}}
