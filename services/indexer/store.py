"""What the indexer reads from and writes to Elasticsearch. Few calls: mget, search and bulk."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from elasticsearch import ApiError, ConnectionError, ConnectionTimeout, Elasticsearch  # noqa: A004 - its public name
from elasticsearch.helpers import bulk

from services.indexer.merge import SLACK_DAYS, kin
from shared.domain.base import Model
from shared.domain.incident import FiledArticle, Incident, Report
from shared.domain.outcome import Outcome
from shared.errors import Transient, Unavailable
from shared.index import TRANSIENT_STATUSES, document, ensure, from_document

#: Reports read in one page.
PAGE = 1000
#: Most candidates read for one report: the likeliest, see `_candidates_query`.
CANDIDATES = 200

M = TypeVar("M", bound=Model)


class Refused(Exception):
    """Elasticsearch refuses a document for what is in it. A bug: the article goes to quarantine."""


@dataclass(frozen=True)
class Held:
    """An incident as it is stored, with what a safe overwrite needs."""

    incident: Incident
    seq_no: int
    primary_term: int


@contextmanager
def verdicts() -> Iterator[None]:
    """Turn the client's errors into verdicts: Transient when the server may do better later."""
    try:
        yield
    except (ConnectionError, ConnectionTimeout, Unavailable) as error:
        raise Transient(f"Elasticsearch is away: {error}") from error
    except ApiError as error:
        if error.status_code in TRANSIENT_STATUSES:
            raise Transient(f"Elasticsearch is busy: {error}") from error
        raise


class Store:
    """The indices under one prefix. Every method raises Transient when Elasticsearch is away or busy."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._ready = False

    def ready(self) -> None:
        """Create what is missing of the indices, once in a process: also when it started before Elasticsearch."""
        if not self._ready:
            with verdicts():
                ensure(self._client, self._prefix)
            self._ready = True

    def refresh_reports(self) -> None:
        """Make every report written so far visible to the searches that follow."""
        with verdicts():
            self._client.indices.refresh(index=self._alias("reports"))

    def article(self, article_id: str) -> FiledArticle | None:
        """Return a stored article."""
        found = self._mget("articles", [article_id])
        return from_document(FiledArticle, found[0]["_source"]) if found else None

    def reports_of_article(self, article_id: str) -> list[Report]:
        """Return the reports of an article as of the last refresh."""
        return self._search(Report, "reports", {"term": {"article_id": article_id}})

    def reports_of_incidents(self, incident_ids: Iterable[str]) -> list[Report]:
        """Return the reports assigned to any of some incidents as of the last refresh."""
        return self._search(Report, "reports", {"terms": {"incident_id": sorted(set(incident_ids))}})

    def candidates(self, reports: Iterable[Report]) -> list[list[Report]]:
        """Return for each report those it may tell the same happening with, by one multi-search."""
        wanted = list(reports)
        if not wanted:
            return []
        searches: list[Mapping[str, Any]] = []
        for report in wanted:
            searches += [{"index": self._alias("reports")}, {"size": CANDIDATES, "query": _candidates_query(report)}]
        with verdicts():
            answers = self._client.msearch(searches=searches)["responses"]
        for answer in answers:
            _sound(answer)
        return [[from_document(Report, hit["_source"]) for hit in answer["hits"]["hits"]] for answer in answers]

    def incidents(self, incident_ids: Iterable[str]) -> dict[str, Held]:
        """Return the stored incidents among some numbers."""
        wanted = sorted(set(incident_ids))
        return {
            doc["_id"]: Held(from_document(Incident, doc["_source"]), doc["_seq_no"], doc["_primary_term"])
            for doc in (self._mget("incidents", wanted) if wanted else [])
        }

    def write(
        self,
        article: FiledArticle,
        reports: Iterable[Report] = (),
        gone: Iterable[Report] = (),
        incidents: Iterable[tuple[Incident, Held | None]] = (),
    ) -> None:
        """Write an article, its reports and the incidents they change, and delete the reports that are gone.

        The article comes last and alone: until it is written, the stored one still names the incidents it used to
        touch, so that a write that failed half-way is repeated in full.

        Raises:
            Transient: away, busy, or an incident was changed by someone else meanwhile.
            Refused: a document does not fit its mapping.
        """
        version = version_of(article.fetched_at)
        operations = [self._versioned("reports", report.id, report, version) for report in reports]
        operations += [
            {"_op_type": "delete", "_index": self._alias("reports"), "_id": r.id, **_external(version)} for r in gone
        ]
        operations += [self._guarded(incident, held) for incident, held in incidents]
        if operations:
            self._bulk(operations)
        self._bulk([self._versioned("articles", article.id, article, version)])

    def record(self, outcome: Outcome) -> None:
        """Write how a submission ended. Raises as `write`."""
        version = version_of(outcome.ended_at)
        self._bulk([self._versioned("outcomes", outcome.submission_id, outcome, version)])

    def _alias(self, name: str) -> str:
        return self._prefix + name

    def _mget(self, alias: str, ids: list[str]) -> list[Any]:
        with verdicts():
            docs = self._client.mget(index=self._alias(alias), ids=ids)["docs"]
        for doc in docs:
            _sound(doc)
        return [doc for doc in docs if doc["found"]]

    def _search(self, model: type[M], alias: str, query: dict[str, Any]) -> list[M]:
        """Return everything that matches, page by page."""
        found: list[M] = []
        after: dict[str, Any] = {}
        while True:
            with verdicts():
                answer = self._client.search(
                    index=self._alias(alias), size=PAGE, query=query, sort=[{"id": "asc"}], **after
                )
            hits = answer["hits"]["hits"]
            found += [from_document(model, hit["_source"]) for hit in hits]
            if len(hits) < PAGE:
                return found
            after = {"search_after": hits[-1]["sort"]}

    def _versioned(self, alias: str, identifier: str, model: Model, version: int) -> dict[str, Any]:
        return {"_index": self._alias(alias), "_id": identifier, "_source": document(model), **_external(version)}

    def _guarded(self, incident: Incident, held: Held | None) -> dict[str, Any]:
        operation = {"_index": self._alias("incidents"), "_id": incident.id, "_source": document(incident)}
        if held is None:
            return {**operation, "_op_type": "create"}
        return {**operation, "if_seq_no": held.seq_no, "if_primary_term": held.primary_term}

    def _bulk(self, operations: list[dict[str, Any]]) -> None:
        with verdicts():
            # require_alias: a write to an index that was deleted must fail, not make one with guessed fields
            _, errors = bulk(
                self._client,
                operations,
                max_retries=3,
                initial_backoff=0.5,
                raise_on_error=False,
                require_alias=True,
            )
        failures = [next(iter(error.values())) for error in errors] if isinstance(errors, list) else []
        for failure in failures:
            _judge(failure, incidents=str(failure.get("_index")).startswith(self._alias("incidents-v")))


def _sound(answer: Mapping[str, Any]) -> None:
    """Raise Transient when one answer among several is an error: a missing shard is not a missing document."""
    if "error" in answer:
        raise Transient(f"Elasticsearch cannot answer yet: {answer['error']}")


def _judge(failure: Mapping[str, Any], *, incidents: bool) -> None:
    """Raise what one failed item of a bulk means."""
    status = failure.get("status")
    if status == 404 and failure.get("result") == "not_found":  # noqa: PLR2004 - deleted already
        return
    if status == 409 and not incidents:  # noqa: PLR2004 - a newer version is there: ours is not needed
        return
    # 409: someone else changed the incident, so look again; 403, 404: blocked by a full disk, or the index is missing
    if status in {403, 404, 409} or status in TRANSIENT_STATUSES:
        raise Transient(f"not written: {status} {failure.get('error')}")
    raise Refused(f"{failure.get('_index')}: {failure.get('error')}")


def version_of(moment: datetime) -> int:
    """Return the external version of what was true at `moment`: milliseconds since the epoch."""
    return int(moment.timestamp() * 1000)


def _external(version: int) -> dict[str, Any]:
    return {"version": version, "version_type": "external_gte"}


def _candidates_query(report: Report) -> dict[str, Any]:
    same_text = {"term": {"fingerprint": report.fingerprint}}
    country = report.event.place.country if report.event.place else None
    if country is None or report.when_start is None or report.when_end is None:
        return same_text
    near = [
        {"term": {"event.place.country": country}},
        {"terms": {"event.type": sorted(kin(report.event.type))}},
        {"range": {"when_start": {"lte": _shift(report.when_end, SLACK_DAYS)}}},
        {"range": {"when_end": {"gte": _shift(report.when_start, -SLACK_DAYS)}}},
    ]
    possible = {"bool": {"should": [same_text, {"bool": {"filter": near}}], "minimum_should_match": 1}}
    # On a day with more possible ones than are read, those that share kind, town and words come first.
    alike: list[dict[str, Any]] = [
        {"constant_score": {"filter": same_text, "boost": 100}},
        {"constant_score": {"filter": {"term": {"event.subtype": report.event.subtype}}, "boost": 5}},
        {"match": {"title": report.title[:1000]}},
    ]
    if report.event.place and report.event.place.city:
        town = {"term": {"event.place.city": report.event.place.city}}
        alike.append({"constant_score": {"filter": town, "boost": 20}})
    return {"bool": {"filter": possible, "should": alike}}


def _shift(day: date, by_days: int) -> str:
    return (day + timedelta(days=by_days)).isoformat()
