"""Leaves out of a backup what was told of revisions that it does not have.

Deliveries, and the marks that they were taken, are read after the incidents. What was told in between is of revisions
to which the restored incidents come again: were it in the backup, nobody would be told of them then.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from elasticsearch import Elasticsearch

from shared.upkeep.books import Mark
from shared.upkeep.views import PAGE, View

#: Before the id of a delivery, in the key of the mark that it was taken.
TOLD = "tocsin:told:"


class Told:
    """What is known of one backup. Every method raises what the client raises."""

    def __init__(self, client: Elasticsearch, deliveries: str, incidents: View) -> None:
        """`deliveries`: the alias of their index; `incidents`: as they are in the backup."""
        self._client, self._deliveries, self._incidents = client, deliveries, incidents

    def deliveries(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Yield the deliveries among some hits that belong into the backup."""
        rest = iter(rows)
        while chunk := list(islice(rest, PAGE)):
            ahead = self._ahead({row["_id"]: row["_source"] for row in chunk})
            yield from (row for row in chunk if row["_id"] not in ahead)

    def marks(self, marks: Iterable[Mark]) -> Iterator[Mark]:
        """Yield the marks that belong into it: also those of other things than deliveries."""
        rest = iter(marks)
        while chunk := list(islice(rest, PAGE)):
            ids = [mark.key.removeprefix(TOLD) for mark in chunk]
            docs = self._client.mget(index=self._deliveries, ids=ids, source=["incident_id", "revision"])["docs"]
            ahead = self._ahead({doc["_id"]: doc["_source"] for doc in docs if doc.get("found")})
            yield from (mark for mark, one in zip(chunk, ids, strict=True) if one not in ahead)

    def _ahead(self, told: Mapping[str, Mapping[str, Any]]) -> set[str]:
        """Return the ids of those among some deliveries whose revision the backup does not have."""
        named = sorted({one["incident_id"] for one in told.values()} - {None})
        rows = self._incidents.rows({"ids": {"values": named}}, source={"includes": ["revision"]}) if named else ()
        there = {row["_id"]: row["_source"]["revision"] for row in rows}
        return {
            name
            for name, one in told.items()
            if one["incident_id"] is not None and one["revision"] > there.get(one["incident_id"], 0)
        }
