"""The alerts as they are stored, and the incidents that they are matched against."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import ConflictError, Elasticsearch, NotFoundError

from shared.documents import document, from_document
from shared.domain.alert import Alert, AlertState
from shared.domain.incident import Incident
from shared.incidents.answers import Refused, sound
from shared.index import ensure, need_version, own_alias

#: Most alerts there may be: all of them are read for every batch of changes.
MOST = 1000
#: Searches in one multi-search.
SEARCHES = 200


@dataclass(frozen=True)
class Held:
    """An alert as it is stored, with what a safe overwrite needs."""

    alert: Alert
    seq_no: int
    primary_term: int


class Book:
    """The alerts under one prefix. Raises what the client raises."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._index = own_alias(prefix, "alerts")
        self._incidents = own_alias(prefix, "incidents")
        self._ready = False

    def ready(self) -> None:
        """Create what is missing of the indices, once. Raises Unavailable when Elasticsearch is away."""
        if not self._ready:
            ensure(self._client, self._prefix)
            self._ready = True

    def fitting(self) -> None:
        """Raise WrongVersion where the indices have been upgraded since: those of this version are no more written."""
        need_version(self._client, self._prefix)

    def add(self, alert: Alert) -> None:
        """Store a new alert. What changes from now on is matched against it."""
        # refreshed at once: who matches what is noted after this must find it
        self._client.create(index=self._index, id=alert.id, document=document(alert), refresh=True, require_alias=True)

    def find(self, alert_id: str) -> Held | None:
        """Return an alert, None where there is none."""
        try:
            found = self._client.get(index=self._index, id=alert_id)
        except NotFoundError:
            return None
        return Held(from_document(Alert, found["_source"]), found["_seq_no"], found["_primary_term"])

    def replace(self, held: Held, alert: Alert) -> bool:
        """Overwrite an alert; return False, and do nothing, where somebody else has changed it since it was read."""
        try:
            self._client.index(
                index=self._index,
                id=alert.id,
                document=document(alert),
                if_seq_no=held.seq_no,
                if_primary_term=held.primary_term,
                refresh=True,
            )
        except ConflictError:
            return False
        return True

    def disable(self, alert: Alert, reason: str) -> None:
        """Disable an alert. Where somebody has changed it since it was read nothing is done.

        The cause comes again, unless the change was its cure.
        """
        held = self.find(alert.id)
        if held is not None and held.alert == alert:
            self.replace(held, alert.model_copy(update={"state": AlertState.DISABLED, "reason": reason}))

    def remove(self, alert_id: str) -> bool:
        """Delete an alert; return whether it was there."""
        try:
            self._client.delete(index=self._index, id=alert_id, refresh=True)
        except NotFoundError:
            return False
        return True

    def all(self) -> list[Alert]:
        """Return every alert, the oldest first."""
        answer = self._client.search(
            index=self._index,
            size=10 * MOST,  # several API processes may each overrun the limit by a few
            sort=["created_at", "id"],
            ignore_unavailable=True,
        )
        return [from_document(Alert, hit["_source"]) for hit in answer["hits"]["hits"]]

    def incidents(self, incident_ids: Sequence[str]) -> dict[str, Incident]:
        """Return the incidents as they are at this moment, and make them visible to searches."""
        docs = self._client.mget(index=self._incidents, ids=list(incident_ids))["docs"]
        for doc in docs:
            sound(doc)
        self._client.indices.refresh(index=self._incidents)
        return {doc["_id"]: from_document(Incident, doc["_source"]) for doc in docs if doc["found"]}

    def matches(
        self, searches: Sequence[tuple[Mapping[str, Any], Iterable[str]]]
    ) -> Iterator[dict[str, int] | Refused]:
        """Yield for each search, a query and the incidents it is restricted to, those that match: id → revision.

        One multi-search for up to `SEARCHES`. A search that Elasticsearch refuses yields why. Raises Outage and
        Transient where it could not answer.
        """
        head = {"index": self._incidents, "allow_partial_search_results": False}
        for start in range(0, len(searches), SEARCHES):
            bodies = [_body(clause, list(ids)) for clause, ids in searches[start : start + SEARCHES]]
            answers = self._client.msearch(searches=[part for body in bodies for part in (head, body)])["responses"]
            for answer in answers:
                try:
                    sound(answer)
                except Refused as error:
                    yield error
                else:
                    yield {hit["_id"]: hit["_source"]["revision"] for hit in answer["hits"]["hits"]}


def _body(clause: Mapping[str, Any], ids: list[str]) -> dict[str, Any]:
    return {
        "query": {"bool": {"filter": [{"ids": {"values": ids}}, clause]}},
        "size": len(ids),
        "_source": ["revision"],
        "sort": ["_doc"],
        "track_total_hits": False,
    }
