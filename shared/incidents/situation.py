"""Reads everything that a decision about some incidents can change, and says what it comes to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from shared.domain.decision import Decision, DecisionKind
from shared.domain.incident import Incident, Report
from shared.errors import Transient
from shared.incidents.fold import revised
from shared.incidents.locks import of_countries
from shared.incidents.overlay import Overlay
from shared.incidents.store import Changes, Held, Store

#: Rounds in which incidents are found that hang together by decisions. One more than the longest chain takes.
ROUNDS = 50


@dataclass(frozen=True)
class Situation:
    """Some incidents, those that hang together with them by decisions, and all that makes them what they are."""

    ids: frozenset[str]
    held: Mapping[str, Held]
    reports: Sequence[Report]  #: as stored; the articles of which decisions move reports are whole
    decisions: Sequence[Decision]

    @property
    def overlay(self) -> Overlay:
        """The decisions that stand."""
        return Overlay.of(self.decisions)

    @property
    def placed(self) -> list[Report]:
        """The reports where the decisions have them."""
        return self.overlay.placed(self.reports)

    def members(self, incident_id: str) -> list[Report]:
        """Return the reports of one incident."""
        return [report for report in self.placed if report.incident_id == incident_id]

    @property
    def incidents(self) -> dict[str, Incident]:
        """The incidents as they should be, by number."""
        overlay, placed = self.overlay, self.placed
        result = {}
        for number in sorted(self.ids):
            old = self.held[number].incident if number in self.held else None
            members = [report for report in placed if report.incident_id == number]
            if (new := overlay.incident(number, members, old)) is not None:
                result[number] = revised(new, old)
        return result

    @property
    def names(self) -> set[str]:
        """The names of all that must not change meanwhile: articles, and countries as the indexer names them."""
        places = [report.event.place for report in self.reports]
        countries = of_countries(place.country if place else None for place in places)
        return countries | {f"article:{one.article_id}" for one in self.reports} | {f"incidents:{n}" for n in self.ids}

    def told(self, article_ids: Iterable[str], reports: Sequence[Report]) -> "Situation":
        """Return the situation when these reports are all that these articles tell."""
        replaced = set(article_ids)
        others = [report for report in self.reports if report.article_id not in replaced]
        return replace(self, reports=[*others, *reports])

    @property
    def unfinished(self) -> bool:
        """Whether a decision that stands was written but not all of what follows from it."""
        if any(new != old for new, old in zip(self.placed, self.reports, strict=True)):
            return True
        return any(
            number in self.held and _marks(new) != _marks(self.held[number].incident)
            for number, new in self.incidents.items()
        )

    def changes(self, store: Store) -> Changes:
        """Return what is to be written for the decisions to be true of everything stored. Raises as `store`."""
        changed = [new for new, old in zip(self.placed, self.reports, strict=True) if new != old]
        by_id = {report.id: report for report in changed}
        articles = store.articles({report.article_id for report in changed})
        told: dict[str, set[str]] = {identifier: set() for identifier in articles}
        for report in store.reports_of_articles(articles) if articles else ():
            told[report.article_id].add(by_id.get(report.id, report).incident_id)
        return Changes(
            retold=[one.model_copy(update={"incident_ids": tuple(sorted(told[one.id]))}) for one in articles.values()],
            reports=changed,
            incidents=[
                (new, self.held.get(number))
                for number, new in self.incidents.items()
                if number not in self.held or new != self.held[number].incident
            ],
            as_of={one.id: one.fetched_at for one in articles.values()},
        )


def situation(
    incident_ids: Iterable[str], store: Store, *, whole: Iterable[str] = (), also: Sequence[Decision] = ()
) -> Situation:
    """Return the situation of some incidents.

    Args:
        incident_ids: their numbers.
        store: what is read. It raises what the situation raises; beyond it Transient, where too much hangs together.
        whole: articles of which every report is wanted.
        also: decisions, as if they had been made.
    """
    ids, article_ids = set(incident_ids), {identifier for one in also for identifier in one.article_ids}
    for _ in range(ROUNDS):
        # the incidents before their reports: what comes in between changes them, and refuses our write
        held = store.incidents(ids)
        store.refresh_reports()
        known = {one.id: one for one in (*store.decisions(ids, article_ids), *also)}
        overlay = Overlay.of(known.values())
        reports = {one.id: one for one in store.reports_of_incidents(ids)}
        reports |= {one.id: one for one in store.reports_of_articles(overlay.article_ids | set(whole))}
        found = Situation(frozenset(ids), held, list(reports.values()), list(known.values()))
        more = _linked(found) - ids
        unread = {one.article_id for one in found.reports if one.incident_id in ids} - article_ids
        if not more and not unread:
            return found
        ids |= more
        article_ids |= unread
    raise Transient("the incidents hang together by too many decisions")


def _linked(found: Situation) -> set[str]:
    merges = [one for one in found.decisions if one.kind is DecisionKind.MERGE]
    linked = {number for one in merges for number in one.incident_ids}
    for new, old in zip(found.placed, found.reports, strict=True):
        if {new.incident_id, old.incident_id} & found.ids:
            linked |= {new.incident_id, old.incident_id}
    return linked


def _marks(incident: Incident) -> list[object]:
    shown = incident.model_dump(mode="json")
    return [shown[name] for name in ("status", "merged_into", "edited", "locked", *incident.edited)]
