"""Reading on: through all that matches at flat memory, and page by page behind a cursor.

Both read one view of the index, which Elasticsearch keeps (a point in time): what changes meanwhile neither comes twice
nor is left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from shared.errors import Unavailable

#: Documents read in one page: of a few kilobytes each.
PAGE = 1000
#: How long Elasticsearch keeps the view from one page to the next.
KEEP_ALIVE = "2m"

Sort = Sequence[str | Mapping[str, Any]]


def scan(
    client: Elasticsearch,
    index: str,
    clause: Mapping[str, Any],
    *,
    sort: Sort | None = None,
    excludes: Sequence[str] = (),
    page: int = PAGE,
) -> Iterator[dict[str, Any]]:
    """Yield every document of `index` that matches `clause`, as of now, in the order of `sort` (else the fastest).

    Memory holds one page. `excludes` names fields that are left out. What is given up half-way is closed, too. Without
    the index there is nothing. Read a document with `shared.index.from_document`.

    Raises:
        Unavailable: Elasticsearch lost the view, as after a restart: what was read is whole, but not all.
        elasticsearch.ApiError, TransportError: as the client raises them.
    """
    pit = client.open_point_in_time(index=index, keep_alive=KEEP_ALIVE, ignore_unavailable=True)["id"]
    after: list[Any] | None = None
    try:
        while True:
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
        close(client, pit)


def close(client: Elasticsearch, pit: str) -> None:
    """Let Elasticsearch forget a view. It does so by itself a little later when it cannot be asked."""
    with suppress(ApiError, TransportError):
        client.close_point_in_time(id=pit)
