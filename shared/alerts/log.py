"""The deliveries as they are stored: those that wait, and the log of those that ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk

from shared.documents import document, from_document
from shared.domain.alert import Delivery, DeliveryKind, DeliveryStatus
from shared.incidents.answers import judge
from shared.index import own_alias

_PENDING = {"term": {"status": DeliveryStatus.PENDING}}


@dataclass(frozen=True)
class Waiting:
    """A delivery that waits, with what a safe overwrite needs."""

    delivery: Delivery
    seq_no: int
    primary_term: int


class Log:
    """The deliveries under one prefix. Raises what the client raises, and the verdicts of `judge` for bulks."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._index = own_alias(prefix, "deliveries")

    def open(self, deliveries: Iterable[Delivery]) -> None:
        """Store new deliveries. Those that are there already, from a repeat, stay as they are."""
        self._bulk(
            {"_op_type": "create", "_index": self._index, "_id": one.id, "_source": document(one)} for one in deliveries
        )

    def settle(self, changes: Sequence[tuple[Waiting, Delivery]]) -> None:
        """Overwrite deliveries, but those that somebody else has changed since they were read."""
        self._bulk(
            {
                "_index": self._index,
                "_id": new.id,
                "_source": document(new),
                "if_seq_no": old.seq_no,
                "if_primary_term": old.primary_term,
            }
            for old, new in changes
        )

    def due(self, now: datetime) -> dict[str, bool]:
        """Return the alerts for which something may be sent now, and whether a test is among it.

        An alert rests while its oldest delivery waits to be tried again: it tells the receiver's state. As of the last
        refresh, a second at most.
        """
        answer = self._client.search(
            index=self._index,
            size=0,
            query=_PENDING,
            aggregations={
                "alerts": {
                    "terms": {"field": "alert_id", "size": 10_000},
                    "aggregations": {
                        "rests_until": {"max": {"field": "next_at"}},
                        "tests": {"filter": {"term": {"kind": DeliveryKind.TEST}}},
                    },
                }
            },
            ignore_unavailable=True,
        )
        buckets = answer.get("aggregations", {}).get("alerts", {}).get("buckets", [])
        tested = {one["key"]: bool(one["tests"]["doc_count"]) for one in buckets}
        ready = {one["key"] for one in buckets if one["rests_until"]["value"] <= now.timestamp() * 1000}
        return {name: test for name, test in tested.items() if test or name in ready}

    def waiting(self, alert_id: str, limit: int) -> list[Waiting]:
        """Return what waits for one alert as of this moment: tests first, then in the order of the matches."""
        self._client.indices.refresh(index=self._index)
        answer = self._client.search(
            index=self._index,
            size=limit,
            query={"bool": {"filter": [_PENDING, {"term": {"alert_id": alert_id}}]}},
            sort=[{"kind": "desc"}, {"created_at": "asc"}, {"id": "asc"}],
            seq_no_primary_term=True,
        )
        return [
            Waiting(from_document(Delivery, hit["_source"]), hit["_seq_no"], hit["_primary_term"])
            for hit in answer["hits"]["hits"]
        ]

    def of(self, alert_id: str, *, limit: int, status: DeliveryStatus | None = None) -> list[Delivery]:
        """Return the newest deliveries of an alert. As of the last refresh."""
        conditions: list[dict[str, Any]] = [{"term": {"alert_id": alert_id}}]
        conditions += [{"term": {"status": status}}] if status else []
        answer = self._client.search(
            index=self._index,
            size=limit,
            query={"bool": {"filter": conditions}},
            sort=[{"created_at": "desc"}, {"id": "asc"}],
            ignore_unavailable=True,
        )
        return [from_document(Delivery, hit["_source"]) for hit in answer["hits"]["hits"]]

    def last_ended(self, alert_id: str) -> Delivery | None:
        """Return the last delivery, no test, of an alert that ended."""
        answer = self._client.search(
            index=self._index,
            size=1,
            query={
                "bool": {
                    "filter": [{"term": {"alert_id": alert_id}}, {"term": {"kind": DeliveryKind.MATCH}}],
                    "must_not": [_PENDING],
                }
            },
            sort=[{"ended_at": {"order": "desc", "missing": "_last"}}],
        )
        return next((from_document(Delivery, hit["_source"]) for hit in answer["hits"]["hits"]), None)

    def prune(self, before: datetime, *, limit: int = 1000) -> int:
        """Delete some of what ended before a moment; return how many."""
        self._client.indices.refresh(index=self._index)  # what was deleted a moment ago is not found again
        answer = self._client.search(
            index=self._index,
            size=limit,
            query={"range": {"ended_at": {"lt": before.isoformat()}}},
            source=False,
            sort=["_doc"],
        )
        ids = [hit["_id"] for hit in answer["hits"]["hits"]]
        self._bulk({"_op_type": "delete", "_index": self._index, "_id": one} for one in ids)
        return len(ids)

    def _bulk(self, operations: Iterable[dict[str, Any]]) -> None:
        _, errors = bulk(self._client, operations, raise_on_error=False, require_alias=True)
        failures = [next(iter(error.values())) for error in errors] if isinstance(errors, list) else []
        judge(failures, incidents=f"{self._prefix}incidents-v")
