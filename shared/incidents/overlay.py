"""Puts the decisions of people over what the model made of reports. Pure: the order of arrival does not matter.

    of a report                                             of an incident
    ------------------------------------------------------  --------------------------------------------------
    the last move or split that stands on it, if any        merged: its number leads to the one that stands
    else where the model has it                             else the fold of its reports, then in order of time:
    then, from either, along the merges to the incident       an edit, or the lock that holds, sets its fields
    that stands                                               retracted: it stays so, whatever is reported

A decision stands unless an undo names it. An incident that people have decided about keeps its reports: what tells the
same event again, coded anew, is not judged anew by the model (`Overlay.kept`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from shared.domain.decision import EDITABLE, Decision, DecisionKind, Move
from shared.domain.event import Event
from shared.domain.incident import Incident, IncidentStatus, Report
from shared.incidents.fold import unworded, withdraw, worded
from shared.incidents.recognition import recognised


def standing(decisions: Iterable[Decision]) -> list[Decision]:
    """Return those that no undo names, and that are none, in order of time."""
    known = {decision.id: decision for decision in decisions}
    undone = {decision.undoes for decision in known.values()}
    wanted = (one for one in known.values() if one.undoes is None and one.id not in undone)
    return sorted(wanted, key=lambda one: (one.at, one.id))


@dataclass(frozen=True)
class Overlay:
    """The decisions that stand, in order of time."""

    decisions: Sequence[Decision] = ()

    @classmethod
    def of(cls, decisions: Iterable[Decision]) -> "Overlay":
        """Return what of some decisions stands."""
        return cls(standing(decisions))

    @property
    def article_ids(self) -> set[str]:
        """The articles of which a decision moves reports: these have to be given whole."""
        return {identifier for decision in self.decisions for identifier in decision.article_ids}

    def about(self, incident_id: str) -> list[Decision]:
        """Return the decisions on one incident."""
        return [decision for decision in self.decisions if incident_id in decision.incident_ids]

    def stands_for(self, incident_id: str) -> str:
        """Return the incident that a number leads to, itself unless it was merged."""
        seen = {incident_id}
        while (following := self._into.get(incident_id)) is not None and following not in seen:
            seen.add(following)
            incident_id = following
        return incident_id

    @cached_property
    def _into(self) -> dict[str, str]:
        return {one.incident_ids[0]: one.into for one in self.decisions if one.into is not None}

    def unmerged(self, report: Report) -> str:
        """Return the incident that a placed report would be in had nobody merged any; where it was moved, it stays."""
        merged = self.stands_for(report.by_model) == report.incident_id
        return report.by_model if merged else report.incident_id

    def moves(self, reports: Iterable[Report]) -> dict[str, Move]:
        """Return by id of a report the last decision that moved it. Every article is to be given whole."""
        of_article: defaultdict[str, list[Report]] = defaultdict(list)
        for report in reports:
            of_article[report.article_id].append(report)
        return {
            report_id: move
            for decision in self.decisions
            for article_id in decision.article_ids
            for report_id, move in _moved(decision, article_id, of_article.get(article_id, ())).items()
        }

    def placed(self, reports: Sequence[Report]) -> list[Report]:
        """Return reports where the decisions have them, in the order given. Every article is to be given whole."""
        moves = self.moves(reports)
        return [
            report.placed(self.stands_for(moves[report.id].to if report.id in moves else report.by_model))
            for report in reports
        ]

    def kept(self, fresh: Sequence[Report], before: Sequence[Report]) -> dict[str, Report]:
        """Return the reports of an article that people have settled, by id, with where they and the model have them.

        Args:
            fresh: all that the article tells now.
            before: all that it told, as stored.
        """
        moves = self.moves(fresh)
        result = {
            one.id: _at(one, moves[one.id].from_, self.stands_for(moves[one.id].to)) for one in fresh if one.id in moves
        }
        if not before:
            return result
        told = [(one.position, one.event) for one in before]
        again = recognised(told, fresh, fingerprint=before[0].fingerprint)
        for was, now in zip(before, again, strict=True):
            if now is not None and now.id not in moves and self._decided(was):
                result[now.id] = _at(now, was.by_model, self.stands_for(was.by_model))
        return result

    def _decided(self, report: Report) -> bool:
        return bool(self.about(report.incident_id) or self.about(report.by_model))

    def incident(self, incident_id: str, members: Sequence[Report], old: Incident | None) -> Incident | None:
        """Return an incident as its reports and the decisions make it; None when there is nothing of it.

        Args:
            incident_id: its number.
            members: all the reports that are placed there.
            old: as it is stored: what a number without reports goes on saying.
        """
        into = self.stands_for(incident_id)
        if into != incident_id or not members:
            if old is None:
                return None
            stub = withdraw(old).model_copy(update={"locked": False, "edited": (), "merged_into": None})
            merged = {"status": IncidentStatus.MERGED, "merged_into": into}
            return stub if into == incident_id else stub.model_copy(update=merged)
        # the words come last: they tell what people set, too
        return worded(self._decided_on(unworded(incident_id, members)))

    def _decided_on(self, incident: Incident) -> Incident:
        decisions = self.about(incident.id)
        locks = [one for one in decisions if one.kind in (DecisionKind.LOCK, DecisionKind.UNLOCK)]
        lock = locks[-1] if locks and locks[-1].kind is DecisionKind.LOCK else None
        edited: set[str] = set()
        for decision in decisions:
            if decision.kind is DecisionKind.EDIT or decision is lock:
                incident = _with(incident, decision.fields)
                edited |= decision.fields.keys() if decision.kind is DecisionKind.EDIT else set()
        retracted = any(one.kind is DecisionKind.RETRACT for one in decisions)
        return incident.model_copy(
            update={
                "edited": tuple(name for name in EDITABLE if name in edited),
                "locked": lock is not None,
                "status": IncidentStatus.RETRACTED if retracted else incident.status,
            }
        )


def _moved(decision: Decision, article_id: str, reports: Sequence[Report]) -> dict[str, Move]:
    moves = [move for move in decision.moves if move.article_id == article_id]
    if not (moves and reports):
        return {}
    old: list[tuple[int, Event]] = [(move.position, move.event) for move in moves]
    old += [(-1, event) for event in moves[0].beside]
    found = recognised(old, reports, fingerprint=moves[0].fingerprint)
    return {report.id: move for move, report in zip(moves, found, strict=False) if report is not None}


def _at(report: Report, by_model: str, incident_id: str) -> Report:
    """Return a report that the model is not asked about."""
    settled = report.model_copy(update={"incident_id": by_model, "score": 1.0, "reason": "a person's decision"})
    return settled.placed(incident_id)


def _with(incident: Incident, fields: Mapping[str, object]) -> Incident:
    changed = Incident.model_validate(incident.model_dump(mode="json") | dict(fields))
    place = changed.place
    said = [changed.title, *((place.name, place.city, place.admin1) if place else ()), changed.claimed_by]
    said += [actor.name for actor in changed.actors]
    # what people set is found by its words, too
    return changed.model_copy(update={"text": tuple(dict.fromkeys((*(text for text in said if text), *changed.text)))})
