"""Carries out what people decide, at once and whole, with the indexers held off.

    lock ─▶ read ─▶ finish what was left half-done ─▶ compare revisions ─▶ write the decision ─▶ write what follows

The decision is written first and alone. What follows from it can be reckoned anew at any time: whoever touches one of
the incidents next, a person or an indexer, finds the decision and finishes what was cut off.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.domain.decision import Decision, DecisionKind
from shared.domain.incident import Incident
from shared.errors import Outage, Transient
from shared.incidents.requests import DecisionError, Merge, MoveTo, NotFound, NotPossible, Request, Stale, draft
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
                    if decision is None:
                        drafted = self._drafted(kind, number, request, confirm)
                        after = situation({*asked, *drafted.incident_ids}, self.store, also=[drafted])
                        if not after.names - {f"incidents:{one}" for one in after.ids} <= names:
                            wanted |= after.ids  # more hangs together than is locked: begin anew with all of it
                            continue
                        confirm()
                        if not self.store.decide(drafted):
                            raise NotPossible("That decision is undone already.")
                        decision = drafted
                    return Decided(decision, self._finish({*asked, *decision.incident_ids}, confirm))
                except Outage:
                    raise
                except Transient as error:
                    failed = error
        raise failed

    def _drafted(self, kind: DecisionKind, number: str, request: Request, confirm: Callable[[], None]) -> Decision:
        asked = {number, *request.others}
        found = situation(asked, self.store, whole=request.article_ids)
        if found.unfinished:
            self._finish(asked, confirm)
            found = situation(asked, self.store, whole=request.article_ids)
        if number not in found.held:
            raise NotFound(f"There is no incident {number}.")
        for one, revision in _revisions(number, request):
            if revision is not None and one in found.held and found.held[one].incident.revision != revision:
                yours = self._yours(kind, number, one, request, found)
                raise Stale(found.held[one].incident, yours)
        decision = draft(kind, number, request, found, self.now())
        self._need_unlocked(decision, asked, found)
        return decision

    def _yours(self, kind: DecisionKind, number: str, one: str, request: Request, found: Situation) -> Incident | None:
        """Return an incident as it would be, were the request carried out now."""
        try:
            decision = draft(kind, number, request, found, self.now())
        except DecisionError:
            return None
        return situation({number, *request.others}, self.store, also=[decision]).incidents.get(one)

    def _need_unlocked(self, decision: Decision, asked: set[str], found: Situation) -> None:
        """Refuse an undo that changes an incident whose lock it does not lift."""
        if decision.undoes is None:
            return
        undone = next(one for one in found.decisions if one.id == decision.undoes)
        if undone.kind in (DecisionKind.LOCK, DecisionKind.UNLOCK):
            return
        after = situation({*asked, *decision.incident_ids}, self.store, also=[decision])
        for number, new in after.incidents.items():
            held = after.held.get(number)
            if held is not None and held.incident.locked and new != held.incident:
                raise NotPossible(f"{number} is locked: unlock it first.")

    def _finish(self, numbers: set[str], confirm: Callable[[], None]) -> list[Incident]:
        found = situation(numbers, self.store)
        changes = found.changes(self.store)
        confirm()
        self.store.write(changes)
        return list(found.incidents.values())


def _revisions(number: str, request: Request) -> list[tuple[str, int | None]]:
    result = [(number, request.revision)]
    if isinstance(request, Merge):
        result.append((request.into, request.into_revision))
    if isinstance(request, MoveTo):
        result.append((request.to, request.to_revision))
    return result


def history(number: str, store: Store) -> tuple[Situation, list[Decision]]:
    """Return the situation of an incident and the decisions about it, oldest first. Raises NotFound, and as `store`."""
    store.ready()
    found = situation([number], store)
    if number not in found.held:
        raise NotFound(f"There is no incident {number}.")
    named = [one for one in found.decisions if number in one.incident_ids]
    return found, sorted(named, key=lambda one: (one.at, one.id))
