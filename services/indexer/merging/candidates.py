"""The search for stored reports that may tell the same happening as another: the rule of `nearness`, as a query."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from services.indexer.merging.assignment import Candidate
from services.indexer.merging.features import kin
from services.indexer.merging.nearness import MOST, SAME_KIND, SAME_TEXT, SAME_TOWN, SHARED, SLACK_DAYS, points, sought
from services.indexer.merging.traits import Traits
from shared.domain.incident import Report
from shared.incidents.store import Store

#: Most candidates read for one report: the likeliest, see `candidates_query`. More than are compared, since some may be
#: of articles that the same batch tells anew.
CANDIDATES = 2 * MOST


def candidates(reports: Iterable[Report], store: Store) -> dict[str, list[Candidate]]:
    """Return by id of each report those it may tell the same happening with, by one multi-search. Raises as `store`."""
    wanted = list(reports)
    bodies = [
        {
            "size": CANDIDATES,
            "query": candidates_query(report),
            "sort": [{"_score": "desc"}, {"id": "asc"}],
            "_source": ["article_id", "incident_id"],
            "track_total_hits": False,
        }
        for report in wanted
    ]
    return {
        report.id: [Candidate(hit["_id"], **hit["_source"], points=round(hit["_score"])) for hit in hits]
        for report, hits in zip(wanted, store.searches("reports", bodies), strict=True)
    }


def candidates_query(report: Report) -> dict[str, Any]:
    """Return the query for the reports that share country, days and kin types, or text, or words: the likeliest first.

    Those that share words are found whatever day and place was read in them.
    """
    ways = [_worth(_term("fingerprint", report.fingerprint), SAME_TEXT), *_same_words(report), *_same_day(report)]
    return {"bool": {"should": ways, "minimum_should_match": 1}}


def _same_words(report: Report) -> list[dict[str, Any]]:
    words = [_worth(_term("terms", word), points(word)) for word in sought(Traits(report))]
    return [{"bool": {"should": words, "minimum_should_match": SHARED}}] if len(words) >= SHARED else []


def _same_day(report: Report) -> list[dict[str, Any]]:
    """Return the way by country and day; on a crowded day those that share town and kind come first."""
    place, start, end = report.event.place, report.when_start, report.when_end
    if place is None or not place.country or start is None or end is None:
        return []
    near = [
        _term("event.place.country", place.country),
        {"terms": {"event.type": sorted(kin(report.event.type))}},
        {"range": {"when_start": {"lte": _shift(end, SLACK_DAYS)}}},
        {"range": {"when_end": {"gte": _shift(start, -SLACK_DAYS)}}},
    ]
    alike = [_worth(_term("event.subtype", report.event.subtype), SAME_KIND)]
    if place.city:
        alike.append(_worth(_term("event.place.city", place.city), SAME_TOWN))
    return [{"bool": {"filter": near, "should": alike}}]


def _worth(query: dict[str, Any], gained: int) -> dict[str, Any]:
    """Return a query that counts for some points, however common what it looks for is."""
    return {"constant_score": {"filter": query, "boost": gained}}


def _term(field: str, value: str) -> dict[str, Any]:
    return {"term": {field: value}}


def _shift(day: date, by_days: int) -> str:
    return date.fromordinal(min(max(day.toordinal() + by_days, 1), date.max.toordinal())).isoformat()
