"""The outcomes in Elasticsearch as of one moment, for the audit."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from elasticsearch import ApiError, NotFoundError, TransportError

from services.api.dependencies import Services
from shared.errors import Unavailable

#: Most ids in one condition: Elasticsearch takes 65,536.
CHUNK = 50_000
#: Ids read in one page, the most that Elasticsearch gives.
PAGE = 10_000
#: How long Elasticsearch keeps the view that an audit reads, from one request to the next.
KEEP_ALIVE = "2m"


class Record:
    """The outcomes of what was accepted by a moment, as of when the record was opened."""

    def __init__(self, behind: Services, pit: str, until: datetime) -> None:
        self._behind = behind
        self._pit = pit
        self._until = until

    def counts(self, without: Sequence[str]) -> Counter[tuple[date, str]]:
        """Return how many ended on each day of acceptance in each status, those of `without` not counted."""
        days = {
            "days": {
                "date_histogram": {"field": "accepted_at", "calendar_interval": "day", "min_doc_count": 1},
                "aggs": {"status": {"terms": {"field": "status"}}},
            }
        }
        chunks = list(_chunks(without))
        answer = self._search(
            size=0,
            query=self._accepted(),
            aggregations=days | {f"without{n}": {"filter": _of(chunk), "aggs": days} for n, chunk in enumerate(chunks)},
        )
        found = answer.get("aggregations", {})
        counts = _flat(found)
        for n in range(len(chunks)):
            counts.subtract(_flat(found.get(f"without{n}", {})))
        return counts

    def ended_among(
        self, submission_ids: Sequence[str], before: datetime, limit: int
    ) -> tuple[int, list[dict[str, Any]]]:
        """Return how many of some submissions ended before a moment, and the outcomes of those that did so first."""
        total, rows = 0, list[dict[str, Any]]()
        for chunk in _chunks(submission_ids):
            ended = {"range": {"ended_at": {"lt": before.isoformat()}}}
            answer = self._search(
                size=limit,
                track_total_hits=True,
                query={"bool": {"filter": [_of(chunk), ended]}},
                sort=[{"ended_at": "asc"}],
                source_includes=["submission_id", "status", "ended_at"],
            )
            total += answer["hits"]["total"]["value"]
            rows += [hit["_source"] for hit in answer["hits"]["hits"]]
        return total, sorted(rows, key=lambda row: str(row["ended_at"]))[:limit]

    def ids(self, day: date) -> Iterator[str]:
        """Yield the submission of every outcome of what was accepted on `day`; one that has two comes twice."""
        within = {"gte": day.isoformat(), "lt": (day + timedelta(days=1)).isoformat()}
        after: list[Any] | None = None
        while True:
            answer = self._search(
                size=PAGE,
                track_total_hits=False,
                query={"bool": {"filter": [self._accepted(), {"range": {"accepted_at": within}}]}},
                sort=["_shard_doc"],
                source=False,
                docvalue_fields=["submission_id"],
                search_after=after,
            )
            hits = answer["hits"]["hits"]
            yield from (hit["fields"]["submission_id"][0] for hit in hits)
            if len(hits) < PAGE:
                return
            after = hits[-1]["sort"]

    def _accepted(self) -> dict[str, Any]:
        return {"range": {"accepted_at": {"lte": self._until.isoformat()}}}

    def _search(self, **request: Any) -> Any:
        try:
            return self._behind.elasticsearch.search(pit={"id": self._pit, "keep_alive": KEEP_ALIVE}, **request)
        except NotFoundError as error:
            raise Unavailable("The index lost its place, as after a restart; try again.") from error


@contextmanager
def open_record(behind: Services, until: datetime) -> Iterator[Record]:
    """Open the outcomes as they are now, all that were written visible."""
    client, alias = behind.elasticsearch, behind.alias("outcomes")
    client.indices.refresh(index=alias, ignore_unavailable=True)
    pit = client.open_point_in_time(index=alias, keep_alive=KEEP_ALIVE, ignore_unavailable=True)["id"]
    try:
        yield Record(behind, pit, until)
    finally:
        with suppress(ApiError, TransportError):  # it ends by itself
            client.close_point_in_time(id=pit)


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _of(submission_ids: Sequence[str]) -> dict[str, Any]:
    return {"terms": {"submission_id": list(submission_ids)}}


def _flat(found: dict[str, Any]) -> Counter[tuple[date, str]]:
    return Counter(
        {
            (datetime.fromtimestamp(day["key"] / 1000, UTC).date(), status["key"]): status["doc_count"]
            for day in found.get("days", {}).get("buckets", [])
            for status in day["status"]["buckets"]
        }
    )
