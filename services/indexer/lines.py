"""Reports of a line of what `tocsin classify` prints, with its article beside it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.indexer.report import reports_of
from shared.domain.article import Article, Published, article_id, fingerprint
from shared.domain.coded import CodedArticle, Coding
from shared.domain.event import Event
from shared.domain.incident import Report

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # a batch has no fetch times; a fixed one keeps its numbers the same


def reports_of_line(row: Mapping[str, Any], number: int, published: Published | None) -> list[Report]:
    """Return a report for every event of a line, background too. `number` tells lines without a text apart.

    Raises ValueError when an event is none (a ValidationError), KeyError without an id.
    """
    text, url = str(row.get("text") or ""), str(row.get("url") or "")
    article = Article(
        id=article_id(str(row["id"])),
        url=url,
        canonical_url=url,
        title=str(row.get("title") or ""),
        text=text,
        published=published,
        language=row.get("language"),
        site=row.get("site"),
        # without its text a line is taken for a text of its own
        fingerprint=fingerprint(text) if text else f"line {number}",
        fetched_at=_EPOCH,
    )
    events = tuple(Event.model_validate(event) for event in row.get("events") or ())
    coding = Coding(relevant=True, model=str(row.get("model") or ""), events=events)
    return reports_of(CodedArticle(article=article, coding=coding), background=True)
