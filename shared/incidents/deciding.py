"""Carries out what people decide, at once and whole, with the indexers held off.

    lock ─▶ read, once ─▶ finish what was left undone ─▶ compare revisions ─▶ write the decision ─▶ write what follows

The decision is written first and alone. What follows from it can be reckoned anew at any time: whoever touches one of
the incidents next, a person or an indexer, finds the decision and finishes what was cut off.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.domain.decision import Decision, DecisionKind
from shared.domain.incident import Incident, Report
from shared.errors import Outage, Transient
from shared.incidents.requests import (
    DecisionError,
    Merge,
    MoveTo,
    NotFound,
    NotPossible,
    Request,
    Stale,
    draft,
    undo_id,
)
from shared.incidents.situation import Situation, situation
from shared.incidents.store import Store

#: Holds everyone else off the names given while the context is open; the function it gives renews the lease.
Locks = Callable[[Iterable[str]], AbstractContextManager[Callable[[], None]]]
#: How often it is tried while indexers change the same incidents from outside the locks: by copies in other countries.
ATTEMPTS = 8


@dataclass(frozen=True)
class Decided:
    """A decision, and the incidents that it changed or that hang together with them, by number."""

    decision: Decision
    incidents: Sequence[Incident]


@dataclass(frozen=True)
class Decider:
    """What decisions are carried out with."""

    store: Store
    locks: Locks
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def decide(self, kind: DecisionKind, number: str, request: Request) -> Decided:
        """Carry out a request about an incident.

        Raises:
            DecisionError: see `requests`; nothing was changed.
            Outage, Transient: see `answers`. The decision may stand; what follows is then finished later.
        """
        self.store.ready()
        asked = {number, *request.others}
        wanted, decision = set(asked), None
        failed: Transient = Transient("others change the same incidents")
        for _ in range(ATTEMPTS):
            names = situation(wanted, self.store, whole=request.article_ids).names
            with self.locks(names) as confirm:
                try:
                    found = situation(wanted, self.store, whole=request.article_ids)
                    if decision is None:
                        if found.unfinished:
                            self._write(found, confirm)
                            found = situation(wanted, self.store, whole=request.article_ids)
                        drafted, after = self._drafted(kind, number, request, found)
                        if not after.names - {f"incidents:{one}" for one in after.ids} <= names:
                            wanted |= after.ids  # more hangs together than is locked: begin anew with all of it
                            continue
                        confirm()
                        if not self.store.decide(drafted):
                            raise NotPossible("That decision is undone already.")
                        decision, found = drafted, after
                        wanted |= {*decision.incident_ids}
                    self._write(found, confirm)
                    return Decided(decision, list(found.incidents.values()))
                except Outage:
                    raise
                except Transient as error:
                    failed = error
        raise failed

    def _drafted(
        self, kind: DecisionKind, number: str, request: Request, found: Situation
    ) -> tuple[Decision, Situation]:
        """Return the decision that a request comes to, and what it makes of the situation."""
        if number not in found.held:
            raise NotFound(f"There is no incident {number}.")
        for one, revision in _revisions(number, request):
            if revision is not None and one in found.held and found.held[one].incident.revision != revision:
                yours = self._yours(kind, number, one, request, found)
                raise Stale(found.held[one].incident, yours)
        decision = draft(kind, number, request, found, self.now())
        after = self._after(decision, found)
        _need_unlocked(decision, found, after)
        return decision, after

    def _after(self, decision: Decision, found: Situation) -> Situation:
        return situation(decision.incident_ids, self.store, also=[decision], known=found)

    def _yours(self, kind: DecisionKind, number: str, one: str, request: Request, found: Situation) -> Incident | None:
        """Return an incident as it would be, were the request carried out now."""
        try:
            decision = draft(kind, number, request, found, self.now())
        except DecisionError:
            return None
        return self._after(decision, found).incidents.get(one)

    def _write(self, found: Situation, confirm: Callable[[], None]) -> None:
        changes = found.changes(self.store)
        confirm()
        self.store.write(changes)


def _need_unlocked(decision: Decision, found: Situation, after: Situation) -> None:
    """Refuse an undo that changes an incident whose lock it does not lift."""
    if decision.undoes is None:
        return
    undone = next(one for one in found.decisions if one.id == decision.undoes)
    if undone.kind in (DecisionKind.LOCK, DecisionKind.UNLOCK):
        return
    for number, new in after.incidents.items():
        held = after.held.get(number)
        if held is not None and held.incident.locked and new != held.incident:
            raise NotPossible(f"{number} is locked: unlock it first.")


def _revisions(number: str, request: Request) -> list[tuple[str, int | None]]:
    result = [(number, request.revision)]
    if isinstance(request, Merge):
        result.append((request.into, request.into_revision))
    if isinstance(request, MoveTo):
        result.append((request.to, request.to_revision))
    return result


@dataclass(frozen=True)
class History:
    """A page of the decisions about an incident, the oldest first, and what its sources say without people."""

    incident: Incident
    members: Sequence[Report]
    total: int
    decisions: Sequence[Decision]
    standing: frozenset[str]  #: ids of those that hold: not undone, and no undo


def history(number: str, store: Store, *, limit: int, offset: int = 0) -> History:
    """Return `limit` of the decisions about an incident after the first `offset`. Raises NotFound, and as `store`.

    What it reads does not grow with the history, however long it is.
    """
    store.ready()
    held = store.incidents([number]).get(number)
    if held is None:
        raise NotFound(f"There is no incident {number}.")
    store.refresh_reports()
    total, decisions = store.decisions_about(number, limit=limit, offset=offset)
    undos = store.existing_decisions(undo_id(one.id) for one in decisions)
    stands = frozenset(one.id for one in decisions if one.undoes is None and undo_id(one.id) not in undos)
    return History(held.incident, store.reports_of_incidents([number]), total, decisions, stands)
