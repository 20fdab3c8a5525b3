"""Files a batch of coded articles: assigns their events to incidents, folds those anew and writes it all.

    lock the articles ─▶ read them ─▶ lock their countries ─▶ read reports ─▶ assign ─▶ fold ─▶ write

The number of calls to Elasticsearch does not depend on the number of articles.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from services.indexer import people
from services.indexer.merging.assignment import assigned
from services.indexer.merging.candidates import candidates
from services.indexer.report import reports_of
from shared.domain.coded import CodedArticle, Coding
from shared.domain.incident import FiledArticle, Report
from shared.domain.outcome import Filing
from shared.incidents.answers import Refused
from shared.incidents.locks import of_countries
from shared.incidents.overlay import Overlay
from shared.incidents.situation import situation
from shared.incidents.store import Changes, Store
from shared.metrics.catalogue import MERGE_DECISIONS, MERGE_SCORE

#: Renews the lease of what is held. Raises Transient when it is held no longer: the lease ran out.
Confirm = Callable[[], None]
#: Holds everyone else off the names given while the context is open. Raises Transient when it cannot be had.
Locks = Callable[[Iterable[str]], AbstractContextManager[Confirm]]


@dataclass(frozen=True)
class Case:
    """An article of a batch: what it tells now, and how it is stored."""

    coded: CodedArticle
    fresh: Sequence[Report]
    known: FiledArticle | None

    @property
    def id(self) -> str:
        """The article's."""
        return self.coded.article.id

    @property
    def late(self) -> bool:
        """Whether a newer fetch is stored."""
        return self.known is not None and self.known.fetched_at > self.coded.article.fetched_at

    @property
    def names(self) -> set[str]:
        """The names of the incidents that must not change while the article is filed: those of its countries.

        But for verbatim copies, reports of different countries are never one incident, so indexers that file other
        countries need not wait; the copies are guarded by the incidents' sequence numbers. An event of no known country
        may be of any: its article waits for all. What an earlier version of the article told counts too, since it may
        now leave an incident there.
        """
        events = (*(report.event for report in self.fresh), *(self.known.events if self.known else ()))
        return of_countries(event.place.country if event.place else None for event in events)


def index(coded: Sequence[CodedArticle], *, store: Store, locks: Locks) -> list[Filing]:
    """File a batch of articles, with the effect of filing one after the other. Returns a filing for each, in order.

    All or nothing: what it raises speaks of the whole batch, of which any part may have been written. It may be
    repeated, also article by article: identifiers come from content, and the newest fetch of a story wins. Of one
    story twice in a batch only the newest fetch is filed, and both get its filing.

    Raises:
        Outage: Elasticsearch is away, busy or full.
        Transient: a lock could not be had, or an incident was changed meanwhile.
        Refused: a document does not fit its mapping. Of a batch of one nothing stays of what was written.
    """
    store.ready()
    newest = _newest(coded)
    # articles before incidents: in the order of names, so that batches that meet do not wait for each other for ever
    with locks([f"article:{identifier}" for identifier in newest]) as mine:
        known = store.articles(newest)
        cases = [Case(one, reports_of(one), known.get(identifier)) for identifier, one in newest.items()]
        current = [case for case in cases if not case.late]
        stored = known | {case.id: _filed(case, []) for case in current}
        if _told(current, store):
            with locks({name for case in current for name in case.names}) as theirs:
                stored |= _file(current, store, (mine, theirs))
        else:
            store.write(Changes(articles=[stored[case.id] for case in current]))
    return [_filing(stored[one.article.id]) for one in coded]


def _newest(coded: Iterable[CodedArticle]) -> dict[str, CodedArticle]:
    """Return each story once, by id. Of equally new ones the last, as if filed one after the other."""
    newest: dict[str, CodedArticle] = {}
    for one in coded:
        rival = newest.get(one.article.id)
        if rival is None or rival.article.fetched_at <= one.article.fetched_at:
            newest[one.article.id] = one
    return newest


def _told(cases: Sequence[Case], store: Store) -> bool:
    """Return whether any of the articles tells an event, or told one."""
    if any(case.fresh or (case.known and case.known.incident_ids) for case in cases):
        return True
    # Without an article there may be reports all the same: of a version whose write failed half-way for good.
    unknown = [case.id for case in cases if case.known is None]
    return bool(unknown and store.reports_of_articles(unknown))


def _file(cases: Sequence[Case], store: Store, held: Sequence[Confirm]) -> dict[str, FiledArticle]:
    changes = _changes(cases, store)
    _confirm(held)
    try:
        store.write(changes)
    except Refused:
        if len(cases) == 1:
            _take_back(cases[0], changes, store, held)
        raise
    _count(cases, changes)
    return {article.id: article for article in changes.articles}


def _count(cases: Sequence[Case], changes: Changes) -> None:
    founding = {report.id: report.incident_id for case in cases for report in case.fresh}
    for report in changes.reports:
        if report.id not in founding:
            continue
        decision = "founded" if report.incident_id == founding[report.id] else "joined"
        MERGE_DECISIONS.labels(decision).inc()
        if decision == "joined":
            MERGE_SCORE.labels(decision).observe(report.score)


def _take_back(case: Case, refused: Changes, store: Store, held: Sequence[Confirm]) -> None:
    """Undo what a refused article has written: what it told before stands again, or nothing."""
    former = replace(case, fresh=_former(case.known) if case.known else ())
    undone = _changes([former], store, also={incident.id for incident, _ in refused.incidents})
    _confirm(held)
    store.write(replace(undone, articles=()))


def _former(known: FiledArticle) -> list[Report]:
    coding = Coding(
        relevant=known.relevant, discard_reason=known.discard_reason, model=known.model, events=known.events
    )
    return reports_of(CodedArticle(article=known, coding=coding))


def _confirm(held: Sequence[Confirm]) -> None:
    for confirm in held:
        confirm()


def _changes(cases: Sequence[Case], store: Store, *, also: Iterable[str] = ()) -> Changes:
    """Return what filing writes. `also` names incidents that are folded anew although nothing stored points to them."""
    store.refresh_reports()
    identifiers = {case.id for case in cases}
    before = store.reports_of_articles(identifiers)
    # An incident whose report was not written with it, before this repeat joins another.
    touched = {report.incident_id for case in cases for report in (*case.fresh, *before)} | set(also)
    touched |= {number for case in cases if case.known for number in case.known.incident_ids}
    near_to = candidates([report for case in cases for report in case.fresh], store, told=identifiers)
    near = {candidate.incident_id for found in near_to.values() for candidate in found}
    decided = people.decisions(touched | near, identifiers, store)
    overlay = Overlay.of(decided)
    tellings = people.tellings({case.id: case.fresh for case in cases}, before, overlay)
    # also the incidents they would found: a batch that failed half-way may have founded them already
    near |= {report.incident_id for telling in tellings for report in telling.reports}
    stored = store.reports_of_incidents(near) if near else []
    found = assigned(tellings, people.sorted_out(near_to, stored, overlay), people.unmerged(stored, overlay))
    reports = [report.placed(overlay.stands_for(report.incident_id)) for report in found]
    touched |= {report.incident_id for report in reports}
    rest = situation(touched, store).told(identifiers, reports, touched).changes(store)
    kept = {report.id for report in reports}
    return Changes(
        articles=[_filed(case, [one for one in reports if one.article_id == case.id]) for case in cases],
        retold=rest.retold,
        reports=[*reports, *rest.reports],
        gone=[report for report in before if report.id not in kept],
        incidents=rest.incidents,
        as_of={case.id: case.coded.article.fetched_at for case in cases},
    )


def _filed(case: Case, reports: Sequence[Report]) -> FiledArticle:
    coding = case.coded.coding
    return FiledArticle(
        **case.coded.article.model_dump(),
        relevant=coding.relevant,
        discard_reason=coding.discard_reason,
        score=coding.score,
        model=coding.model,
        opinion=coding.opinion,
        events=coding.events,
        incident_ids=tuple(sorted({report.incident_id for report in reports})),
    )


def _filing(article: FiledArticle) -> Filing:
    return Filing(article_id=article.id, incident_ids=article.incident_ids, discard_reason=article.discard_reason)
