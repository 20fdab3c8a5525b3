"""Files one coded article: assigns its events to incidents, folds those anew and writes it all."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager

from services.indexer.fold import fold, withdraw
from services.indexer.merge import assign, settle
from services.indexer.report import reports_of
from services.indexer.store import Held, Store
from shared.domain.coded import CodedArticle
from shared.domain.event import Event
from shared.domain.incident import FiledArticle, Incident, Report
from shared.domain.outcome import Filing

#: Raises Transient when what was held is held no longer: its lease ran out.
Confirm = Callable[[], None]
#: Holds everyone else off the names given while the context is open. Raises Transient when it cannot be had.
Locks = Callable[[Iterable[str]], AbstractContextManager[Confirm]]


def index(coded: CodedArticle, *, store: Store, locks: Locks) -> Filing:
    """File an article. May be repeated: identifiers come from content, and the newest fetch of a story wins.

    Raises:
        Transient: Elasticsearch or a lock could not be had, or an incident was changed meanwhile.
        store.Refused: a document does not fit its mapping.
    """
    store.ready()
    fresh = reports_of(coded)
    with locks([f"article:{coded.article.id}"]) as mine:
        known = store.article(coded.article.id)
        if known is not None and known.fetched_at > coded.article.fetched_at:
            return _filing(known)  # an older fetch that comes late changes nothing
        # Without an article there may be reports all the same: of a version whose write failed half-way for good.
        told = bool(known.incident_ids) if known else bool(store.reports_of_article(coded.article.id))
        if not fresh and not told:
            article = _filed(coded, [])
            store.write(article)
            return _filing(article)
        with locks(_countries([report.event for report in fresh], known.events if known else ())) as confirm:
            return _file(coded, fresh, known, store, (mine, confirm))


def _file(
    coded: CodedArticle, fresh: Sequence[Report], known: FiledArticle | None, store: Store, held: Sequence[Confirm]
) -> Filing:
    store.refresh_reports()
    before = store.reports_of_article(coded.article.id)
    reports = _assigned(fresh, store)
    article = _filed(coded, reports)
    kept = {report.id for report in reports}
    gone = [report for report in before if report.id not in kept]
    touched = {report.incident_id for report in (*before, *reports)} | set(known.incident_ids if known else ())
    incidents = _refolded(touched, coded.article.id, reports, store)
    for confirm in held:
        confirm()
    store.write(article, reports, gone, incidents)
    return _filing(article)


def _assigned(fresh: Sequence[Report], store: Store) -> list[Report]:
    """Assign each report to an incident. Two events that one article tells apart are never one incident."""
    candidates = store.candidates(fresh)
    # A report is compared with the whole of an incident, not only with those of its reports that a search found.
    members: dict[str, list[Report]] = defaultdict(list)
    if near := {candidate.incident_id for found in candidates for candidate in found}:
        for member in store.reports_of_incidents(near):
            members[member.incident_id].append(member)
    taken: set[str] = set()
    assigned = []
    for report, found in zip(fresh, candidates, strict=True):
        possible = {candidate.incident_id for candidate in found} - taken
        settled = settle(report, assign(report, {one: members[one] for one in possible}))
        taken.add(settled.incident_id)
        assigned.append(settled)
    return assigned


def _refolded(
    touched: set[str], article_id: str, reports: Sequence[Report], store: Store
) -> list[tuple[Incident, Held | None]]:
    """Return the incidents that the article touches, or used to touch, as they are now."""
    held = store.incidents(touched)
    # After the incidents: a report that came meanwhile is seen, or its incident has changed and refuses our write.
    store.refresh_reports()
    others = [report for report in store.reports_of_incidents(touched) if report.article_id != article_id]
    result: list[tuple[Incident, Held | None]] = []
    for identifier in sorted(touched):
        members = [report for report in (*others, *reports) if report.incident_id == identifier]
        old = held.get(identifier)
        if members:
            result.append((fold(identifier, members), old))
        elif old is not None:
            result.append((withdraw(old.incident), old))
    return result


def _countries(*tellings: Iterable[Event]) -> set[str]:
    """Return the names of the incidents that must not change while an article is filed: those of its countries.

    But for verbatim copies, reports of different countries are never one incident, so indexers that file other
    countries need not wait; the copies are guarded by the incidents' sequence numbers. What an earlier version of the
    article told counts too, since it may now leave an incident there.
    """
    places = [event.place for events in tellings for event in events]
    return {f"incidents:{place.country if place and place.country else 'nowhere'}" for place in places}


def _filed(coded: CodedArticle, reports: Sequence[Report]) -> FiledArticle:
    coding = coded.coding
    return FiledArticle(
        **coded.article.model_dump(),
        relevant=coding.relevant,
        discard_reason=coding.discard_reason,
        score=coding.score,
        model=coding.model,
        events=coding.events,
        incident_ids=tuple(sorted({report.incident_id for report in reports})),
    )


def _filing(article: FiledArticle) -> Filing:
    return Filing(article_id=article.id, incident_ids=article.incident_ids, discard_reason=article.discard_reason)
