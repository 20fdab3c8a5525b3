"""The search for reports that may tell the same happening as another."""

from datetime import date, timedelta
from typing import Any

from services.indexer.merge import SLACK_DAYS, comparable, kin
from shared.domain.incident import Report


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
