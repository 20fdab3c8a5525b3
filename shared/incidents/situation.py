"""Reads everything that a decision about some incidents can change, and says what it comes to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from shared.domain.decision import Decision, DecisionKind
from shared.domain.incident import Incident, Report
from shared.errors import Transient
from shared.incidents.fold import revised
from shared.incidents.locks import of_countries
from shared.incidents.overlay import Overlay
from shared.incidents.store import Changes, Held, Store

#: Rounds in which incidents are found that hang together by decisions: as many as the longest chain has links.
ROUNDS = 50


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Some incidents, those that hang together with them by decisions, and all that makes them what they are."""

    ids: frozenset[str] = frozenset()
    held: Mapping[str, Held]
    reports: Sequence[Report]  #: as stored; the articles of which decisions move reports are whole
    decisions: Sequence[Decision]
    whole: frozenset[str] = frozenset()  #: articles of which every report is there
    judged: frozenset[str] = frozenset()  #: articles of which every decision is there
    told_anew: frozenset[str] = frozenset()  #: incidents that are written whether or not they change

    @cached_property
    def overlay(self) -> Overlay:
        """The decisions that stand."""
        return Overlay.of(self.decisions)

    @cached_property
    def placed(self) -> list[Report]:
        """The reports where the decisions have them."""
        return self.overlay.placed(self.reports)

    @cached_property
    def _members(self) -> Mapping[str, list[Report]]:
        found: defaultdict[str, list[Report]] = defaultdict(list)
        for report in self.placed:
            found[report.incident_id].append(report)
        return found

    def members(self, incident_id: str) -> list[Report]:
        """Return the reports of one incident."""
        return self._members.get(incident_id, [])

    @cached_property
    def incidents(self) -> dict[str, Incident]:
        """The incidents as they should be, by number."""
        result = {}
        for number in sorted(self.ids):
            old = self.held[number].incident if number in self.held else None
            if (new := self.overlay.incident(number, self.members(number), old)) is not None:
                result[number] = revised(new, old)
        return result

    @property
    def names(self) -> set[str]:
        """The names of all that must not change meanwhile: articles, and countries as the indexer names them."""
        places = [report.event.place for report in self.reports]
        countries = of_countries(place.country if place else None for place in places)
        return countries | {f"article:{one.article_id}" for one in self.reports} | {f"incidents:{n}" for n in self.ids}

    def told(self, article_ids: Iterable[str], reports: Sequence[Report], numbers: Iterable[str]) -> "Situation":
        """Return the situation when these reports are all that these articles tell.

        `numbers`: the incidents they tell, or told. These are written in any case: who changes one meanwhile, from
        outside the locks, reckoned without these reports and has to be refused.
        """
        replaced = set(article_ids)
        others = [report for report in self.reports if report.article_id not in replaced]
        return replace(self, reports=[*others, *reports], told_anew=frozenset(numbers))

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
                (new, self.held.get(number)) for number, new in self.incidents.items() if self._is_written(number, new)
            ],
            as_of={one.id: one.fetched_at for one in articles.values()},
        )

    def _is_written(self, number: str, new: Incident) -> bool:
        held = self.held.get(number)
        return held is None or number in self.told_anew or new != held.incident or held.outdated


def situation(
    incident_ids: Iterable[str],
    store: Store,
    *,
    whole: Iterable[str] = (),
    also: Sequence[Decision] = (),
    known: Situation | None = None,
) -> Situation:
    """Return the situation of some incidents. Everything is read once.

    Args:
        incident_ids: their numbers.
        store: what is read. It raises what the situation raises; beyond it Transient, where too much hangs together.
        whole: articles of which every report is wanted.
        also: decisions, as if they had been made.
        known: what was read before, under the same locks: only what it lacks is read.
    """
    found = known or Situation(held={}, reports=(), decisions=())
    found = replace(found, decisions=_together(found.decisions, also))
    ids = found.ids | set(incident_ids)
    for _ in range(ROUNDS):
        found = _read(found, ids, set(whole), store)
        ids = found.ids | _linked(found)
        if ids == found.ids:
            return found
    raise Transient("the incidents hang together by too many decisions")


def _read(found: Situation, ids: frozenset[str], whole: set[str], store: Store) -> Situation:
    """Return a situation with some more incidents, their reports, and the decisions about both."""
    more = ids - found.ids
    held, reports = dict(found.held), {one.id: one for one in found.reports}
    if more:
        # the incidents before their reports: what comes in between changes them, and refuses our write
        held |= store.incidents(more)
        store.refresh_reports()
        reports |= {one.id: one for one in store.reports_of_incidents(more)}
    told = {one.article_id for one in reports.values() if one.incident_id in ids}
    judged = told.union(*(one.article_ids for one in found.decisions)) - found.judged
    decisions = found.decisions
    if more or judged:
        decisions = _together(decisions, store.decisions(more, judged))
    lacking = (Overlay.of(decisions).article_ids | whole) - found.whole
    if lacking:
        reports |= {one.id: one for one in store.reports_of_articles(lacking)}
    return replace(
        found,
        ids=ids,
        held=held,
        reports=list(reports.values()),
        decisions=decisions,
        whole=found.whole | lacking,
        judged=found.judged | judged,
    )


def _together(some: Iterable[Decision], others: Iterable[Decision]) -> list[Decision]:
    return list({one.id: one for one in (*some, *others)}.values())


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
