"""What must hold after a drill: the promise, checked document by document against what was served and accepted.

receipts ──each──▶ 1 outcome, with the end that its page must have        else lost, or duplicated
URLs     ──each──▶ 1 article, and 1 report where it tells a happening
reports  ─folded─▶ 1 incident per happening, equal to what is stored
GET /v1/audit ───▶ balance 0, nothing in flight
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from shared.documents import from_document
from shared.domain.article import article_id
from shared.domain.base import Model
from shared.domain.incident import Incident, IncidentStatus, Report
from shared.domain.outcome import Outcome, Status
from shared.incidents.fold import fold, revised
from tests.chaos.news import End, News

M = TypeVar("M", bound=Model)
_SHOWN = 5


@dataclass(frozen=True)
class Record:
    """Everything that Elasticsearch holds of a drill, and what the API's audit says."""

    outcomes: tuple[Outcome, ...]
    articles: Mapping[str, tuple[str, ...]]  #: article id → incident ids
    reports: tuple[Report, ...]
    incidents: tuple[Incident, ...]
    sum: Mapping[str, Any]


@dataclass
class Findings:
    """What an audit found. `faults` is empty when the promise was held."""

    lost: int = 0
    duplicated: int = 0
    faults: list[str] = field(default_factory=list)

    def missing(self, what: str, names: Iterable[object]) -> None:
        """Note what should be there and is not."""
        self.lost += self._note("missing", what, names)

    def surplus(self, what: str, names: Iterable[object]) -> None:
        """Note what is there and should not be."""
        self.duplicated += self._note("too many", what, names)

    def wrong(self, what: str, names: Iterable[object]) -> None:
        """Note what is there, but not as it should be."""
        self._note("wrong", what, names)

    def _note(self, how: str, what: str, names: Iterable[object]) -> int:
        found = sorted(map(str, names))
        if found:
            self.faults.append(f"{how}: {len(found)} {what}: {', '.join(found[:_SHOWN])}")
        return len(found)


def audit(record: Record, news: News, port: int, *, receipts: Mapping[str, str], unsure: Mapping[str, int]) -> Findings:
    """Compare a record with the pages that the site at `port` served and with the receipts (id → URL).

    `unsure` counts, by URL, the requests without an answer: each may have been accepted all the same.
    """
    findings = Findings()
    _receipts(record, findings, receipts, unsure)
    _ends(record, findings, {page.url(port): page.end for page in news.pages})
    _articles(record, findings, news, port)
    _incidents(record, findings, news, port)
    _sum(record, findings)
    return findings


def _receipts(record: Record, findings: Findings, receipts: Mapping[str, str], unsure: Mapping[str, int]) -> None:
    outcomes = {outcome.submission_id: outcome.url for outcome in record.outcomes}
    findings.missing("receipts without an outcome", receipts.keys() - outcomes.keys())
    extra = Counter(url for one, url in outcomes.items() if one not in receipts)
    findings.surplus("outcomes that nobody asked for", (extra - Counter(unsure)).elements())


def _ends(record: Record, findings: Findings, ends: Mapping[str, End]) -> None:
    wrong = (
        f"{outcome.url} ended {_end(outcome)} at {outcome.step} ({outcome.detail or ''})"[:200]
        for outcome in record.outcomes
        if ends.get(outcome.url) != _end(outcome)
    )
    findings.wrong("ends", wrong)


def _end(outcome: Outcome) -> str:
    return outcome.reason.value if outcome.reason else outcome.status.value


def _articles(record: Record, findings: Findings, news: News, port: int) -> None:
    stories = {article_id(page.url(port)) for page in news.pages if page.end in (End.INDEXED, End.NOT_RELEVANT)}
    findings.missing("articles", stories - record.articles.keys())
    findings.surplus("articles", record.articles.keys() - stories)
    named = {one for outcome in record.outcomes for one in (outcome.article_id,) if one}
    findings.wrong("articles of outcomes", named - record.articles.keys())


def _incidents(record: Record, findings: Findings, news: News, port: int) -> None:
    happenings = {article_id(p.url(port)): p.happening for p in news.pages if p.happening is not None}
    told = Counter(report.article_id for report in record.reports)
    findings.missing("reports of articles", happenings.keys() - told.keys())
    findings.surplus("reports of articles", (told - Counter(happenings.keys())).elements())
    members: dict[str, list[Report]] = defaultdict(list)
    for report in record.reports:
        members[report.incident_id].append(report)
    of_happening: dict[int | None, set[str]] = defaultdict(set)
    for identifier, reports in members.items():
        tells = {happenings.get(report.article_id) for report in reports}
        for happening in tells:
            of_happening[happening].add(identifier)
        if len(tells) > 1:
            findings.wrong("incidents that mix happenings", [identifier])
    findings.surplus("incidents for one happening", (f"{h}: {i}" for h, i in of_happening.items() if len(i) > 1))
    stored = {incident.id: incident for incident in record.incidents}
    findings.missing("incidents", members.keys() - stored.keys())
    active = {i.id for i in record.incidents if i.status is IncidentStatus.ACTIVE}
    findings.surplus("active incidents without a report", active - members.keys())
    folds = {one: fold(one, members[one]) for one in members.keys() & stored.keys()}
    findings.wrong("incidents that are not the fold of their reports", _departing(folds, stored))
    withdrawn = (i.id for i in record.incidents if i.status is not IncidentStatus.ACTIVE and i.id in members)
    findings.wrong("withdrawn incidents", withdrawn)
    pointing = {r.article_id: {r.incident_id} for r in record.reports}
    astray = (a for a, ids in record.articles.items() if set(ids) != pointing.get(a, set()))
    findings.wrong("articles that name other incidents than their reports", astray)


def _departing(folds: Mapping[str, Incident], stored: Mapping[str, Incident]) -> Iterator[str]:
    """Yield the incidents that differ in anything but how often they have changed."""
    return (one for one, folded in folds.items() if revised(folded, stored[one]) != stored[one])


def _sum(record: Record, findings: Findings) -> None:
    by_status = Counter(outcome.status for outcome in record.outcomes)
    expected = {str(status): by_status[status] for status in Status}
    expected |= {"accepted": len(record.outcomes), "in_flight": 0, "balance": 0}
    findings.wrong("sums", (f"{k} is {record.sum[k]}, not {v}" for k, v in expected.items() if record.sum[k] != v))


def read_record(elasticsearch: Any, prefix: str, total: Mapping[str, Any]) -> Record:
    """Read the record of a drill from Elasticsearch."""
    elasticsearch.indices.refresh(index=f"{prefix}*")

    def every(name: str) -> list[Any]:
        answer = elasticsearch.search(index=prefix + name, size=10_000, track_total_hits=True)
        found = [hit["_source"] for hit in answer["hits"]["hits"]]
        assert len(found) == answer["hits"]["total"]["value"], f"more {name} than one page holds"
        return found

    def models(name: str, model: type[M]) -> tuple[M, ...]:
        return tuple(from_document(model, source) for source in every(name))

    return Record(
        outcomes=models("outcomes", Outcome),
        articles={source["id"]: tuple(source["incident_ids"]) for source in every("articles")},
        reports=models("reports", Report),
        incidents=models("incidents", Incident),
        sum=total,
    )
