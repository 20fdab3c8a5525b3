"""Copies an index into one of the next version while the old one still takes writes.

    round 1        everything there is
    round 2, 3...  what was written since the round before it, told by its sequence number
    last round     the same, while the old index is blocked for writes; then both have the same documents

A write has a sequence number that is higher than those of all before it in its shard. A round first asks up to which
number each shard has done everything, then reads it: what comes later is of the next round, and copying it twice does
no harm.
Deletions leave no document: where the copy has more documents than the original, those are found and deleted.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from elasticsearch import Elasticsearch

from shared.errors import SetupError
from shared.upkeep.migrations import Migration, converted
from shared.upkeep.views import View
from shared.upkeep.writing import CHUNK, deleted, stored, write


class Copy:
    """One index and its copy. Every method raises what the client and `confirm` raise."""

    def __init__(
        self,
        client: Elasticsearch,
        name: str,
        source: str,
        target: str,
        *,
        steps: list[Migration],
        confirm: Callable[[], None],
    ) -> None:
        """`confirm` is called before each write, and raises when somebody else may be at it."""
        self._client, self._name, self._source, self._target = client, name, source, target
        self._steps, self._confirm = steps, confirm
        self._done: dict[int, int] = {}

    def catch_up(self) -> int:
        """Copy what was written since the last time, and return how many documents that were.

        Raises:
            SetupError: a document cannot be converted, or is refused.
        """
        reached = self._reached()
        copied = sum(self._copy(shard, above=self._done.get(shard, -1)) for shard in reached)
        self._done = reached
        return copied

    def _copy(self, shard: int, *, above: int) -> int:
        view = View(self._client, self._source, shard=shard)
        try:
            rows = view.rows({"range": {"_seq_no": {"gt": above}}})
            operations = (stored(self._name, row, converted(self._name, row["_source"], self._steps)) for row in rows)
            return write(self._client, self._target, operations, confirm=self._confirm)
        finally:
            view.close()

    def prune(self) -> int:
        """Delete what is in the copy and no more in the original, and return how many documents that were."""
        if self._count(self._target) == self._count(self._source):
            return 0
        view = View(self._client, self._target)
        try:
            gone = (deleted(self._name, row) for row in self._gone(view.rows(source=False)))
            return write(self._client, self._target, gone, confirm=self._confirm)
        finally:
            view.close()

    def check(self) -> None:
        """Raise SetupError unless both have as many documents."""
        there, copied = self._count(self._source), self._count(self._target)
        if there != copied:
            raise SetupError(f"{self._target} has {copied} documents and {self._source} {there}: run it again")

    def _gone(self, rows: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        while chunk := list(islice(rows, CHUNK)):
            self._confirm()
            docs = self._client.mget(index=self._source, ids=[row["_id"] for row in chunk], source=False)["docs"]
            yield from (row for row, doc in zip(chunk, docs, strict=True) if not doc["found"])

    def _count(self, index: str) -> int:
        self._client.indices.refresh(index=index)
        return int(self._client.count(index=index)["count"])

    def _reached(self) -> dict[int, int]:
        """Return, by the number of each shard, the sequence number up to which it has done everything."""
        stats = self._client.indices.stats(index=self._source, level="shards", metric="docs")
        return {
            int(number): int(copy["seq_no"]["local_checkpoint"])
            for number, copies in stats["indices"][self._source]["shards"].items()
            for copy in copies
            if copy["routing"]["primary"]
        }
