"""Reads whole indices, as they were at one moment, a page at a time."""

from collections.abc import Iterator, Mapping
from typing import Any

from elasticsearch import Elasticsearch

#: Documents in one page. An article has a few kilobytes, half a megabyte at most.
PAGE = 200
#: A view is kept so long without being read: while the indices before it are.
KEEP = "12h"


class View:
    """An index, or what an alias names, as of the moment in which the view was opened. To be closed.

    Every method raises what the client raises.
    """

    def __init__(self, client: Elasticsearch, index: str, *, shard: int | None = None) -> None:
        """Open it: everything written so far is in it, or, with the number of a shard, what lies in that one."""
        client.indices.refresh(index=index)
        self._client = client
        chosen = None if shard is None else f"_shards:{shard}"
        self._id: str = client.open_point_in_time(index=index, keep_alive=KEEP, preference=chosen)["id"]

    def rows(
        self, query: Mapping[str, Any] | None = None, *, source: bool | Mapping[str, Any] = True
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the hits, each with `_id`, `_version`, `_seq_no` and the fields of `_source` that are asked for: all.

        They come in no order.
        """
        after: dict[str, Any] = {}
        while True:
            answer = self._client.search(
                pit={"id": self._id, "keep_alive": KEEP},
                size=PAGE,
                query=query or {"match_all": {}},
                sort=["_shard_doc"],
                source=source,
                version=True,
                seq_no_primary_term=True,
                track_total_hits=False,
                allow_partial_search_results=False,
                **after,
            )
            hits = answer["hits"]["hits"]
            yield from hits
            if len(hits) < PAGE:
                return
            after = {"search_after": hits[-1]["sort"]}

    def close(self) -> None:
        """Let Elasticsearch forget it."""
        self._client.close_point_in_time(id=self._id)
