"""The search for stored reports that may tell the same happening as another: the rule of `nearness`, as a query."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from services.indexer.merging.assignment import Candidate
from services.indexer.merging.features import kin
from services.indexer.merging.nearness import MOST, SAME_KIND, SAME_TEXT, SAME_TOWN, SHARED, SLACK_DAYS, points, sought
from services.indexer.merging.traits import Traits
from services.indexer.report import WIDEST
from shared.domain.incident import Report
from shared.incidents.store import Store

#: Most candidates read for one report: the likeliest, see `candidates_query`. More than are compared, since some may be
#: of articles that the same batch tells anew.
CANDIDATES = 2 * MOST
_COUNTRY = "event.place.country"
#: A candidate and its country.
Found = tuple[Candidate, str | None]


def candidates(reports: Iterable[Report], store: Store, *, told: Collection[str] = ()) -> dict[str, list[Candidate]]:
    """Return by id of each report those it may tell the same happening with, by one multi-search. Raises as `store`.

    `told` are the articles that the batch tells anew. More than `MOST` others are never compared: they are left out, so
    that the reports of their incidents are not read. So are those of another country, as long as the text is not the
    same: whatever else they share, they are of another happening (`features.parted`).
    """
    wanted = list(reports)
    bodies = [
        {
            "size": CANDIDATES,
            "query": candidates_query(report),
            "sort": [{"_score": "desc"}, {"id": "asc"}],
            # from the columns of the index: the documents would have to be unpacked
            "stored_fields": "_none_",
            "docvalue_fields": ["id", "article_id", "incident_id", _COUNTRY],
            "track_total_hits": False,
        }
        for report in wanted
    ]
    return {
        report.id: [one for one, country in _compared(map(_candidate, hits), told) if _near(report, one, country)]
        for report, hits in zip(wanted, store.searches("reports", bodies), strict=True)
    }


def _candidate(hit: Mapping[str, Any]) -> Found:
    held = {name: values[0] for name, values in hit["fields"].items()}
    country = held.pop(_COUNTRY, None)
    return Candidate(**held, points=round(hit["_score"])), country


def _compared(found: Iterable[Found], told: Collection[str]) -> Iterator[Found]:
    """Yield those that can be among the `MOST` likeliest when it comes to comparing, whatever is told anew by then."""
    room = MOST
    for one, country in found:
        if one.article_id in told:
            yield one, country
        elif room:
            room -= 1
            yield one, country


def _near(report: Report, found: Candidate, country: str | None) -> bool:
    own = report.event.place.country if report.event.place else None
    return found.points >= SAME_TEXT or not (own and country) or own == country


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
    # no report spans more than WIDEST: the lower bound leaves nothing out, and most of a long record unread
    first = _shift(start, -SLACK_DAYS - WIDEST.days)
    near = [
        _term("event.place.country", place.country),
        {"terms": {"event.type": sorted(kin(report.event.type))}},
        {"range": {"when_start": {"gte": first, "lte": _shift(end, SLACK_DAYS)}}},
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
