"""What is read of incidents and written to Elasticsearch. Few calls, for all articles of a batch at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from elasticsearch import ConflictError, Elasticsearch
from elasticsearch.helpers import bulk

from shared.documents import document, from_document
from shared.domain.base import Model
from shared.domain.decision import Decision
from shared.domain.incident import FiledArticle, Incident, Report
from shared.domain.outcome import Ending
from shared.errors import Outage
from shared.incidents.answers import IndexMissing, judge, sound, verdicts
from shared.index import MappingMismatch, WrongVersion, ensure, own_alias

#: Reports read in one page. Those of a batch's incidents rarely fill one.
PAGE = 1000

M = TypeVar("M", bound=Model)
#: Takes the incidents that are about to change, and the revisions that they will have.
Note = Callable[[Mapping[str, int]], None]


@dataclass(frozen=True)
class Held:
    """An incident as it is stored, with what a safe overwrite needs."""

    incident: Incident
    seq_no: int
    primary_term: int
    stored: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)  #: the document it was read of

    @property
    def outdated(self) -> bool:
        """Whether today's document of the incident is another: one filed by an older version lacks derived fields."""
        return bool(self.stored) and document(self.incident) != self.stored


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What filing a batch writes."""

    articles: Sequence[FiledArticle] = ()
    #: Articles that are filed already, whose reports people's decisions put into other incidents.
    retold: Sequence[FiledArticle] = ()
    reports: Sequence[Report] = ()
    gone: Sequence[Report] = ()  #: reports that their articles tell no more
    incidents: Sequence[tuple[Incident, Held | None]] = ()
    #: By article id, when the version was fetched that its reports are written or deleted for; else their own fetch.
    as_of: Mapping[str, datetime] = field(default_factory=dict)


class Store:
    """The indices under one prefix. What every method raises is the table in `answers`."""

    def __init__(self, client: Elasticsearch, prefix: str, *, note: Note | None = None) -> None:
        """`note`: whoever writes incidents gives `Changed.note`, else no alert hears of them."""
        self._client = client
        self._prefix = prefix
        self._note = note
        self._ready = False

    def ready(self) -> None:
        """Create what is missing of the indices: at first use, also when Elasticsearch started later, and after loss.

        Raises:
            Outage: Elasticsearch is away or busy, or its indices are of another version or of others: whoever fits does
                the work.
        """
        if not self._ready:
            try:
                with verdicts():
                    ensure(self._client, self._prefix)
            except (MappingMismatch, WrongVersion) as error:
                raise Outage(str(error)) from error
            self._ready = True

    def refresh_reports(self) -> None:
        """Make every report and decision written so far visible to the searches that follow."""
        with self._answered():
            self._client.indices.refresh(index=[self._alias("reports"), self._alias("decisions")])

    def articles(self, article_ids: Iterable[str]) -> dict[str, FiledArticle]:
        """Return the stored articles among some identifiers."""
        found = self._mget("articles", article_ids)
        return {doc["_id"]: from_document(FiledArticle, doc["_source"]) for doc in found}

    def reports_of_articles(self, article_ids: Iterable[str]) -> list[Report]:
        """Return the reports of any of some articles as of the last refresh."""
        return self._search(Report, "reports", {"terms": {"article_id": sorted(set(article_ids))}})

    def reports_of_incidents(self, incident_ids: Iterable[str]) -> list[Report]:
        """Return the reports assigned to any of some incidents as of the last refresh."""
        return self._search(Report, "reports", {"terms": {"incident_id": sorted(set(incident_ids))}})

    def searches(self, alias: str, bodies: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
        """Return the hits of several searches of one alias, in order, by one multi-search."""
        if not bodies:
            return []
        head = {"index": self._alias(alias), "allow_partial_search_results": False}
        with self._answered():
            answers = self._client.msearch(searches=[part for body in bodies for part in (head, body)])["responses"]
            for answer in answers:
                sound(answer)
        return [answer["hits"]["hits"] for answer in answers]

    def incidents(self, incident_ids: Iterable[str]) -> dict[str, Held]:
        """Return the stored incidents among some numbers."""
        return {
            doc["_id"]: Held(
                from_document(Incident, doc["_source"]), doc["_seq_no"], doc["_primary_term"], doc["_source"]
            )
            for doc in self._mget("incidents", incident_ids)
        }

    def decisions(self, incident_ids: Iterable[str], article_ids: Iterable[str] = ()) -> list[Decision]:
        """Return the decisions about any of some incidents, or that move reports of some articles."""
        about = [
            {"terms": {"incident_ids": sorted(set(incident_ids))}},
            {"terms": {"article_ids": sorted(set(article_ids))}},
        ]
        return self._search(Decision, "decisions", {"bool": {"should": about, "minimum_should_match": 1}})

    def decisions_about(self, incident_id: str, *, limit: int, offset: int) -> tuple[int, list[Decision]]:
        """Return how many decisions name an incident, and some of them, the oldest first, as of the last refresh."""
        with self._answered():
            answer = self._client.search(
                index=self._alias("decisions"),
                query={"term": {"incident_ids": incident_id}},
                sort=["at", "id"],
                size=limit,
                from_=offset,
                track_total_hits=True,
                allow_partial_search_results=False,
            )
        hits = answer["hits"]
        return hits["total"]["value"], [from_document(Decision, hit["_source"]) for hit in hits["hits"]]

    def existing_decisions(self, decision_ids: Iterable[str]) -> set[str]:
        """Return those among some ids under which there is a decision."""
        return {doc["_id"] for doc in self._mget("decisions", decision_ids)}

    def decide(self, decision: Decision) -> bool:
        """Write a decision once and for ever, visible at once. Returns whether its id was free. Raises as `answers`."""
        with self._answered():
            try:
                self._client.create(
                    index=self._alias("decisions"),
                    id=decision.id,
                    document=document(decision),
                    refresh=True,
                    require_alias=True,
                )
            except ConflictError:
                return False
        return True

    def write(self, changes: Changes) -> None:
        """Write articles, their reports and the incidents they change, and delete the reports that are gone.

        The articles come last and alone: until they are written, the stored ones still name the incidents they used to
        touch, so that a write that failed half-way is repeated in full. Those retold come first: nobody repeats a
        decision, and until their reports are written these tell whoever comes next that it is not carried out yet.

        Which incidents change is noted before, for the alerts: a crash may leave a note without a change, never a
        change without a note.

        Raises:
            Outage, Transient, Refused: see `answers`. Any part may have been written.
            RedisError: of the note. Nothing has been written.
        """
        if self._note is not None:
            self._note({new.id: new.revision for new, held in changes.incidents if _changes(new, held)})
        self._bulk([self._article(one) for one in changes.retold])
        operations = [self._report(report, changes) for report in changes.reports]
        operations += [
            {"_op_type": "delete", "_index": self._alias("reports"), "_id": one.id, **_version(one, changes)}
            for one in changes.gone
        ]
        operations += [self._guarded(incident, held) for incident, held in changes.incidents]
        self._bulk(operations)
        self._bulk([self._article(one) for one in changes.articles])

    def record(self, endings: Iterable[Ending]) -> None:
        """Write how submissions ended. Of two outcomes of one submission that of the later run stays.

        The run is by Redis's clock; those of the workers, which stamp `ended_at`, may differ. Raises as `write`.
        """
        self._bulk(
            [
                self._versioned(
                    "outcomes",
                    ending.outcome.submission_id,
                    ending.outcome,
                    {"version": ending.run, "version_type": "external_gte"},
                )
                for ending in endings
            ]
        )

    def _alias(self, name: str) -> str:
        return own_alias(self._prefix, name)

    @contextmanager
    def _answered(self) -> Iterator[None]:
        """Turn what goes wrong into verdicts, and remember when an index has to be made anew."""
        try:
            with verdicts():
                yield
        except IndexMissing:
            self._ready = False
            raise

    def _mget(self, alias: str, identifiers: Iterable[str]) -> list[Any]:
        wanted = sorted(set(identifiers))
        if not wanted:
            return []
        with self._answered():
            docs = self._client.mget(index=self._alias(alias), ids=wanted)["docs"]
            for doc in docs:
                sound(doc)
        return [doc for doc in docs if doc["found"]]

    def _search(self, model: type[M], alias: str, query: dict[str, Any]) -> list[M]:
        """Return everything that matches, page by page."""
        found: list[M] = []
        after: dict[str, Any] = {}
        while True:
            with self._answered():
                answer = self._client.search(
                    index=self._alias(alias),
                    size=PAGE,
                    query=query,
                    sort=[{"id": "asc"}],
                    allow_partial_search_results=False,
                    **after,
                )
            hits = answer["hits"]["hits"]
            found += [from_document(model, hit["_source"]) for hit in hits]
            if len(hits) < PAGE:
                return found
            after = {"search_after": hits[-1]["sort"]}

    def _article(self, article: FiledArticle) -> dict[str, Any]:
        return self._versioned("articles", article.id, article, _external(article.fetched_at))

    def _report(self, report: Report, changes: Changes) -> dict[str, Any]:
        return self._versioned("reports", report.id, report, _version(report, changes))

    def _versioned(self, alias: str, identifier: str, model: Model, version: Mapping[str, Any]) -> dict[str, Any]:
        return {"_index": self._alias(alias), "_id": identifier, "_source": document(model), **version}

    def _guarded(self, incident: Incident, held: Held | None) -> dict[str, Any]:
        operation = {"_index": self._alias("incidents"), "_id": incident.id, "_source": document(incident)}
        if held is None:
            return {**operation, "_op_type": "create"}
        return {**operation, "if_seq_no": held.seq_no, "if_primary_term": held.primary_term}

    def _bulk(self, operations: list[dict[str, Any]]) -> None:
        if not operations:
            return
        with self._answered():
            # require_alias: a write to an index that was deleted must fail, not make one with guessed fields
            _, errors = bulk(self._client, operations, raise_on_error=False, require_alias=True)
            failures = [next(iter(error.values())) for error in errors] if isinstance(errors, list) else []
            judge(failures, incidents=f"{self._prefix}incidents-v")


def _changes(new: Incident, held: Held | None) -> bool:
    return held is None or new.revision != held.incident.revision


def _version(report: Report, changes: Changes) -> dict[str, Any]:
    return _external(changes.as_of.get(report.article_id, report.fetched_at))


def _external(moment: datetime) -> dict[str, Any]:
    """Return the external version of what was true at `moment`: milliseconds since the epoch."""
    return {"version": int(moment.timestamp() * 1000), "version_type": "external_gte"}
