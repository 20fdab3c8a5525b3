"""Reading on: through all that matches at flat memory, and page by page behind a cursor.

Both read one view of the index, which Elasticsearch keeps (a point in time): what changes meanwhile neither comes twice
nor is left out. A view costs the node something, so that only those who ask for one get it: with `cursor=*`.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Annotated, Any, Self

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError
from pydantic import Field, TypeAdapter, ValidationError, model_validator

from shared.domain.base import Model
from shared.errors import TocsinError, Unavailable

#: Documents read in one page: of a few kilobytes each, of a quarter of a megabyte where a hundred articles tell of one.
PAGE = 200
#: How long Elasticsearch keeps the view from one page to the next.
KEEP_ALIVE = "2m"
#: Last hit that can be reached by counting: Elasticsearch's own limit.
DEEPEST = 10_000
#: Most hits of one answer.
MOST = 100
#: What asks for a view.
BEGIN = "*"

#: Most that is repeated of Elasticsearch's reason, in characters.
REASON_CHARS = 200
_BAD_REQUEST = 400
#: Said with 500 by some versions.
_TOO_MANY = ("too_many_clauses", "too_many_nested_clauses")

Sort = Sequence[str | Mapping[str, Any]]
#: Where a page ended: the values of its last hit that the hits are sorted by.
After = Annotated[list[int | float | str | bool | None], Field(min_length=1, max_length=8)]

_CURSOR: TypeAdapter[tuple[str, str, list[Any]]] = TypeAdapter(tuple[str, str, After])


class BadCursor(TocsinError):
    """A cursor that is not ours, or belongs to another search."""


class Expired(TocsinError):
    """A cursor whose view is gone."""

    def __init__(self) -> None:
        super().__init__(
            f"The cursor is no longer valid, {KEEP_ALIVE} after its page; begin again with cursor={BEGIN}."
        )


class Unanswerable(TocsinError):
    """Elasticsearch refuses a search for what it asks: more values, words or clauses than the node allows."""

    def __init__(self, error: Any) -> None:
        """`error`: what Elasticsearch says, a mapping with its `root_cause`."""
        causes = error.get("root_cause") if isinstance(error, Mapping) else None
        reason = str((causes or [{}])[0].get("reason", "it does not say why"))[:REASON_CHARS].rstrip(".")
        super().__init__(f"The index refuses this search, ask for fewer words, values or conditions: {reason}.")


def refuses(status: int | None, error: Any) -> bool:
    """Return whether an error of Elasticsearch speaks of what was asked, not of a server."""
    causes = (error.get("root_cause") or [error]) if isinstance(error, Mapping) else []
    return status == _BAD_REQUEST or any(cause.get("type") in _TOO_MANY for cause in causes)


@contextmanager
def answerable() -> Iterator[None]:
    """Turn the error of a search that Elasticsearch refuses into Unanswerable."""
    try:
        yield
    except ApiError as error:
        said = error.body.get("error") if isinstance(error.body, Mapping) else None
        if refuses(error.status_code, said):
            raise Unanswerable(said) from error
        raise


class Paged(Model):
    """Which hits of a search are returned."""

    limit: int = Field(default=20, ge=0, le=MOST, description="Most hits returned.")
    offset: int = Field(default=0, ge=0, description=f"Hits passed over; with the limit at most {DEEPEST:,}.")
    cursor: str | None = Field(
        default=None,
        max_length=8000,
        description="* to read on without end: the answer's `next` is the cursor of the page after it.",
    )

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.cursor is not None and self.offset:
            raise ValueError("a cursor says where to read on: no offset with it")
        if self.cursor is not None and not self.limit:
            raise ValueError("a page behind a cursor has at least one hit")
        if self.offset + self.limit > DEEPEST:
            raise ValueError(f"offset and limit reach hit {DEEPEST:,} at most: read on with cursor={BEGIN}")
        return self

    @property
    def first(self) -> bool:
        """Whether it is the first page behind a cursor, or none is."""
        return self.cursor in (None, BEGIN)

    def digest(self) -> str:
        """Return what tells this search from others, whichever of its pages."""
        asked = self.model_dump_json(exclude={"limit", "offset", "cursor"})
        return hashlib.sha256(f"{type(self).__name__}{asked}".encode()).hexdigest()[:16]

    def cursor_after(self, pit: str, after: Sequence[Any]) -> str:
        """Return the cursor of what follows a page."""
        return base64.urlsafe_b64encode(json.dumps([self.digest(), pit, list(after)]).encode()).decode()

    def read_on(self) -> tuple[str, list[Any]]:
        """Return the view and the end of the page before that the cursor tells. Raises BadCursor."""
        try:
            digest, pit, after = _CURSOR.validate_json(
                base64.b64decode(self.cursor or "", altchars=b"-_", validate=True)
            )
        except (ValidationError, binascii.Error, ValueError):
            raise BadCursor(f"This is no cursor of ours; begin with cursor={BEGIN}.") from None
        if digest != self.digest():
            raise BadCursor(f"The cursor belongs to another search; begin this one with cursor={BEGIN}.")
        return pit, after


def scan(
    client: Elasticsearch,
    index: str,
    clause: Mapping[str, Any],
    *,
    sort: Sort | None = None,
    excludes: Sequence[str] = (),
    page: int = PAGE,
) -> Generator[dict[str, Any], None, None]:
    """Yield every document of `index` that matches `clause`, as of now, in the order of `sort` (else the fastest).

    Memory holds one page. `excludes` names fields that are left out. What is given up half-way is closed, too. Without
    the index there is nothing. Read a document with `shared.documents.from_document`.

    Raises:
        Unavailable: Elasticsearch lost the view, as after a restart: what was read is whole, but not all.
        Unanswerable: it refuses the search.
        elasticsearch.ApiError, TransportError: as the client raises them.
    """
    pit = opened(client, index)
    after: list[Any] | None = None
    try:
        while True:
            with answerable():
                answer = client.search(
                    pit={"id": pit, "keep_alive": KEEP_ALIVE},
                    query=clause,
                    sort=[*(sort or []), "_shard_doc"],
                    size=page,
                    search_after=after,
                    track_total_hits=False,
                    source_excludes=list(excludes) or None,
                    allow_partial_search_results=False,
                )
            pit, hits = answer["pit_id"], answer["hits"]["hits"]
            yield from (hit["_source"] for hit in hits)
            if len(hits) < page:
                return
            after = hits[-1]["sort"]
    except NotFoundError as error:
        raise Unavailable("The index lost its place, as after a restart; try again.") from error
    finally:
        closed(client, pit)


def opened(client: Elasticsearch, index: str) -> str:
    """Return a view of an index as it is now; of one that is not there, an empty one."""
    return str(client.open_point_in_time(index=index, keep_alive=KEEP_ALIVE, ignore_unavailable=True)["id"])


def closed(client: Elasticsearch, pit: str) -> None:
    """Let Elasticsearch forget a view. It does so by itself a little later when it cannot be asked."""
    with suppress(ApiError, TransportError):
        client.close_point_in_time(id=pit)
