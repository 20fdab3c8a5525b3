"""The routes of exports: any search as a file, and as a feed."""

import hashlib
import itertools
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from services.api.dependencies import Behind, Services, needed
from services.api.exports import atom
from services.api.exports.documents import SEARCHED, Document, chunks
from services.api.exports.formats import EXPORTERS, Format
from shared.search.incidents import IncidentQuery
from shared.search.paging import Sort, answerable, scan

router = APIRouter(prefix="/v1/incidents", tags=["exports"])

#: Most entries of a feed. Readers ask often: a long feed is an export.
ENTRIES = 100
#: The newest changes first.
_NEWEST: Sort = [{"updated_at": "desc"}, {"id": "asc"}]
_NOT_MODIFIED = 304
#: What the routes of feeds answer.
FEED: dict[int | str, dict[str, Any]] = {
    200: {"description": "The feed.", "content": {atom.MEDIA_TYPE: {"schema": {"type": "string"}}}},
    304: {"description": "Nothing changed since."},
}


class ExportQuery(IncidentQuery):
    """A search, and what its results are written as."""

    format: Format = Field(description="What to write: see docs/exports.md.")


class FeedQuery(IncidentQuery):
    """A search, and how many of its newest changes are listed."""

    limit: int = Field(default=50, ge=1, le=ENTRIES, description="Most entries.")


@router.get(
    "/export",
    response_class=Response,
    responses={
        200: {
            "description": "The file.",
            "content": {one.plain_type: {"schema": {"type": one.schema_type}} for one in EXPORTERS.values()},
        }
    },
)
def export(query: Annotated[ExportQuery, Query()], behind: Behind) -> StreamingResponse:
    """Export all incidents of a search as of now, however many. An answer that breaks off is not whole.

    JSON Lines and GeoJSON, CSV, a STIX 2.1 bundle, or CSV with ACLED's columns.
    """
    exporter = EXPORTERS[query.format]
    documents = _begun(_found(query, behind))
    return StreamingResponse(
        chunks(exporter.write(documents)),
        media_type=exporter.media_type,
        headers={"Content-Disposition": f'attachment; filename="{exporter.file_name}"'},
    )


@router.get("/feed", response_class=Response, responses=FEED)
def feed(query: Annotated[FeedQuery, Query()], request: Request, behind: Behind) -> Response:
    """Follow a search as an Atom feed with GeoRSS points, the newest changes first.

    Send `If-None-Match`: 304 says that nothing changed.
    """
    return feed_of(query, query.limit, request, behind)


def feed_of(query: IncidentQuery, limit: int, request: Request, behind: Services) -> Response:
    """Answer the `limit` newest changes of a search as a feed, or 304."""
    with needed(), answerable():
        found = behind.elasticsearch.search(
            index=behind.alias("incidents"),
            ignore_unavailable=True,
            query=query.clause(),
            sort=_NEWEST,
            size=limit,
            source_excludes=[*SEARCHED, "sources.quotes"],
        )
    documents: list[Document] = [hit["_source"] for hit in found["hits"]["hits"]]
    base = str(request.base_url).rstrip("/") + router.prefix
    body = atom.feed(documents, url=str(request.url), base=base)
    headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"', "Cache-Control": "no-cache"}
    if _unchanged(request, headers["ETag"]):
        return Response(status_code=_NOT_MODIFIED, headers=headers)
    return Response(body, media_type=atom.MEDIA_TYPE, headers=headers)


def _found(query: ExportQuery, behind: Services) -> Iterator[dict[str, Any]]:
    excludes = SEARCHED if query.format is Format.JSONL else (*SEARCHED, "sources.quotes")
    with needed():
        yield from scan(behind.elasticsearch, behind.alias("incidents"), query.clause(), excludes=excludes)


def _begun(documents: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Read the first document, so that a search that fails is answered with a problem, not with half a file."""
    first = list(itertools.islice(documents, 1))
    return itertools.chain(first, documents)


def _unchanged(request: Request, etag: str) -> bool:
    """Return whether a client has what it would be sent. Times are not asked (RFC 9110, 13.1.3).

    No time tells when a feed changed last: what people retract or merge away leaves it, and takes its time along.
    """
    tags = request.headers.get("If-None-Match")
    known = {tag.strip().removeprefix("W/") for tag in (tags or "").split(",")}
    return "*" in known or etag in known
