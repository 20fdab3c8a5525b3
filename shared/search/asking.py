"""Asks Elasticsearch a search: one multi-search for the hits and for what is counted.

The counts are searches of their own, without hits: Elasticsearch keeps their answers until the index changes, and
works on both at once. A facet that is itself a condition is counted in one more, without that condition.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import Elasticsearch

from shared.errors import Unavailable
from shared.index import TRANSIENT_STATUSES
from shared.search.paging import (
    BEGIN,
    KEEP_ALIVE,
    BadCursor,
    Expired,
    Paged,
    Sort,
    Unanswerable,
    closed,
    opened,
    refuses,
)

#: After which Elasticsearch gives a search up.
LONGEST = "5s"
_NOT_FOUND, _BAD_REQUEST = 404, 400


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: a query, the order of its hits, and what is counted."""

    query: Mapping[str, Any]
    sort: Sort
    counts: Sequence[Mapping[str, Any]] = ()  #: bodies with a query and aggregations
    highlight: Mapping[str, Any] | None = None
    excludes: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found."""

    total: int
    hits: Sequence[Mapping[str, Any]]
    counts: Mapping[str, Any] = field(default_factory=dict)  #: the aggregations of all counts
    next: str | None = None  #: the cursor of the page that follows


def ask(client: Elasticsearch, index: str, page: Paged, question: Question) -> Found:
    """Return the hits of a page, and on a first page the counts. Without the index there is nothing.

    Raises:
        BadCursor, Expired: the cursor cannot be read on from.
        Unanswerable: Elasticsearch refuses what is asked.
        Unavailable: Elasticsearch is busy, or took longer than `LONGEST`.
        elasticsearch.ApiError, TransportError: as the client raises them.
    """
    pit, after = (None, None) if page.first else page.read_on()
    if page.cursor == BEGIN:
        pit = opened(client, index)
    where = {} if pit else {"index": index, "ignore_unavailable": True}
    searches: list[Mapping[str, Any]] = [where, _hits(page, question, pit, after)]
    for body in question.counts if page.first else ():
        searches += [where, _with(pit, {"size": 0, "track_total_hits": False, "timeout": LONGEST, **body})]
    try:
        answers = client.msearch(searches=searches)["responses"]
        for answer in answers:
            _sound(answer, read_on=after is not None)
    except Exception:
        if page.cursor == BEGIN and pit is not None:  # nobody has a cursor to it
            closed(client, pit)
        raise
    hits, pit = answers[0]["hits"]["hits"], answers[0].get("pit_id")
    more = pit is not None and len(hits) == page.limit
    if pit is not None and not more:
        closed(client, pit)
    return Found(
        total=answers[0]["hits"]["total"]["value"],
        hits=hits,
        counts={name: count for answer in answers[1:] for name, count in answer.get("aggregations", {}).items()},
        next=page.cursor_after(pit, hits[-1]["sort"]) if pit is not None and more else None,
    )


def _hits(page: Paged, question: Question, pit: str | None, after: list[Any] | None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "query": question.query,
        "sort": question.sort,
        "size": page.limit,
        "track_total_hits": True,
        "timeout": LONGEST,
        "_source": {"excludes": list(question.excludes)},
    }
    body |= {"from": page.offset} if after is None else {"search_after": after}
    if question.highlight and page.limit:
        body["highlight"] = question.highlight
    return _with(pit, body)


def _with(pit: str | None, body: dict[str, Any]) -> dict[str, Any]:
    return body | ({"pit": {"id": pit, "keep_alive": KEEP_ALIVE}} if pit else {})


def _sound(answer: Mapping[str, Any], *, read_on: bool) -> None:
    """Raise what one answer among several says when it is an error, or not the whole answer."""
    if "error" not in answer:
        if answer["timed_out"] or answer["_shards"]["failed"]:
            raise Unavailable("The index could not answer in time; ask for less, or try again.")
        return
    status = answer.get("status")
    if status == _NOT_FOUND and read_on:
        raise Expired
    if status == _BAD_REQUEST and read_on:
        raise BadCursor(f"This is no cursor of ours; begin with cursor={BEGIN}.")
    if status in TRANSIENT_STATUSES:
        raise Unavailable("The index is busy; try again.")
    if refuses(status, answer["error"]):
        raise Unanswerable(answer["error"])
    raise RuntimeError(f"Elasticsearch fails a search: {answer['error']}")
