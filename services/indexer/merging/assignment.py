"""Assigns the reports of several articles to incidents, as if the articles had come one after the other. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.indexer.merging import model
from services.indexer.merging.nearness import MOST, Nearness
from services.indexer.merging.traits import Traits
from shared.domain.incident import Report

#: Most reports of an incident that another is compared with: the first and, of the rest, those spread evenly.
COMPARED = 24


@dataclass(frozen=True)
class Candidate:
    """A stored report that may tell the same happening as another, and the incident it is assigned to."""

    id: str
    article_id: str
    incident_id: str
    points: int  #: as of `nearness`


@dataclass(frozen=True)
class Telling:
    """All that an article tells now. Without reports it takes back what it told before."""

    article_id: str
    reports: Sequence[Report]
    settled: frozenset[str] = frozenset()  #: ids of reports that people have put where they are


@dataclass(frozen=True)
class Assignment:
    """The incident a report belongs to."""

    incident_id: str
    odds: float
    reason: str

    @property
    def score(self) -> float:
        """How likely it is, 0 to 1."""
        return round(model.likelihood(self.odds), 3)


def assigned(
    tellings: Iterable[Telling], candidates: Mapping[str, Iterable[Candidate]], stored: Iterable[Report]
) -> list[Report]:
    """Return the reports of the tellings with their incidents, in the order given.

    Each is compared with what is stored, less what an earlier telling has replaced, and with what earlier tellings were
    assigned: the index need not show those yet. Two events that one article tells apart are never one incident.

    Args:
        tellings: the articles, each once.
        candidates: by id of a report, what a search found for it.
        stored: every report of the candidates' incidents, and of the incidents that the reports would found.
    """
    # A report is compared with the whole of an incident, not only with those of its reports that a search found.
    members: defaultdict[str, list[Traits]] = defaultdict(list)
    for report in stored:
        members[report.incident_id].append(Traits(report))
    done: set[str] = set()
    result: list[Report] = []
    before = Nearness()
    for telling in tellings:
        taken = {report.incident_id for report in telling.reports if report.id in telling.settled}
        told = []
        for report in telling.reports:
            standing = [one for one in candidates.get(report.id, ()) if one.article_id not in done]
            found = _likeliest([*standing, *_told_before(report, before)])
            known = {} if report.id in telling.settled else {one: members[one] for one in found - taken}
            settled = settle(report, assign(Traits(report), known))
            taken.add(settled.incident_id)
            told.append(settled)
        traits = [Traits(report) for report in told]
        _replace(members, telling.article_id, traits)
        for one in traits:
            before.add(one)
        done.add(telling.article_id)
        result += told
    return result


def _told_before(report: Report, before: Nearness) -> Iterator[Candidate]:
    """Yield what earlier tellings of a batch are, as if they had been stored and found."""
    for points, other in before.scored(Traits(report)):
        yield Candidate(other.report.id, other.report.article_id, other.report.incident_id, points)


def _likeliest(found: Sequence[Candidate]) -> set[str]:
    """Return the incidents of as many candidates as one report is compared with."""
    return {one.incident_id for one in sorted(found, key=lambda one: (-one.points, one.id))[:MOST]}


def assign(
    report: Traits, incidents: Mapping[str, Sequence[Traits]], odds: model.Odds = model.odds, least: float | None = None
) -> Assignment | None:
    """Return the incident that a report joins, by the best mean log odds; None when it is a happening of its own.

    The mean keeps a chain from forming: who is like one member of many and unlike the rest stays out. A member that
    parts from all the others, misread, does not close the incident. `odds` and `least`: as the model says.
    """
    least = model.threshold() if least is None else least
    best: Assignment | None = None
    for identifier in sorted(incidents):
        members = _some(incidents[identifier])
        matches = [odds(report, other) for other in members]
        if not matches:
            continue
        mean = model.SURE if any(model.verbatim(report, one) for one in members) else sum(matches) / len(matches)
        if mean >= least and (best is None or mean > best.odds):
            closest = members[max(range(len(matches)), key=matches.__getitem__)]
            best = Assignment(identifier, mean, model.match(report, closest).reason)
    return best


def settle(report: Report, assignment: Assignment | None) -> Report:
    """Return the report with its assignment written into it; without one it keeps the incident it founds."""
    if assignment is None:
        return report
    return report.model_copy(
        update={"incident_id": assignment.incident_id, "score": assignment.score, "reason": assignment.reason}
    )


def _some(members: Sequence[Traits]) -> Sequence[Traits]:
    """Return as many of the members as are compared, the same ones in whatever order they were read."""
    ordered = sorted(members, key=lambda one: one.report.id)  # an article's id is a hash: as good as drawn by lot
    return ordered[:COMPARED]


def _replace(members: defaultdict[str, list[Traits]], article_id: str, told: Sequence[Traits]) -> None:
    for traits in members.values():
        traits[:] = [one for one in traits if one.report.article_id != article_id]
    for one in told:
        members[one.report.incident_id].append(one)
