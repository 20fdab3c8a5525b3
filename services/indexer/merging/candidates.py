"""The search for reports that may tell the same happening as another."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from services.indexer.merging.assignment import Candidate
from services.indexer.merging.compare import SLACK_DAYS, comparable, kin
from shared.domain.incident import Report
from shared.incidents.store import Store

#: Most candidates read for one report: the likeliest, see `candidates_query`.
CANDIDATES = 200


def candidates(reports: Iterable[Report], store: Store) -> dict[str, list[Candidate]]:
    """Return by id of each report those it may tell the same happening with, by one multi-search. Raises as `store`."""
    wanted = list(reports)
    bodies = [
        {"size": CANDIDATES, "query": candidates_query(report), "_source": ["article_id", "incident_id"]}
        for report in wanted
    ]
    return {
        report.id: [Candidate(hit["_id"], **hit["_source"]) for hit in hits]
        for report, hits in zip(wanted, store.searches("reports", bodies), strict=True)
    }


def candidates_query(report: Report) -> dict[str, Any]:
    """Return the query that finds every stored report that `merge.possible` says yes to, the likeliest first."""
    same_text = {"term": {"fingerprint": report.fingerprint}}
    place, start, end = report.event.place, report.when_start, report.when_end
    if not comparable(report) or place is None or start is None or end is None:
        return same_text
    near = [
        {"term": {"event.place.country": place.country}},
        {"terms": {"event.type": sorted(kin(report.event.type))}},
        {"range": {"when_start": {"lte": _shift(end, SLACK_DAYS)}}},
        {"range": {"when_end": {"gte": _shift(start, -SLACK_DAYS)}}},
    ]
    possible = {"bool": {"should": [same_text, {"bool": {"filter": near}}], "minimum_should_match": 1}}
    # On a day with more possible ones than are read, those that share kind, town and words come first.
    alike: list[dict[str, Any]] = [
        {"constant_score": {"filter": same_text, "boost": 100}},
        {"constant_score": {"filter": {"term": {"event.subtype": report.event.subtype}}, "boost": 5}},
        {"match": {"title": report.title[:1000]}},
    ]
    if place.city:
        alike.append({"constant_score": {"filter": {"term": {"event.place.city": place.city}}, "boost": 20}})
    return {"bool": {"filter": possible, "should": alike}}


def _shift(day: date, by_days: int) -> str:
    return (day + timedelta(days=by_days)).isoformat()
