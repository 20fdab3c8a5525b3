"""Assigns the reports of several articles to incidents, as if the articles had come one after the other. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.indexer.merging.compare import assign, possible, settle
from shared.domain.incident import Report


@dataclass(frozen=True)
class Candidate:
    """A stored report that may tell the same happening as another, and the incident it is assigned to."""

    id: str
    article_id: str
    incident_id: str


@dataclass(frozen=True)
class Telling:
    """All that an article tells now. Without reports it takes back what it told before."""

    article_id: str
    reports: Sequence[Report]
    settled: frozenset[str] = frozenset()  #: ids of reports that people have put where they are


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
    members: defaultdict[str, list[Report]] = defaultdict(list)
    for report in stored:
        members[report.incident_id].append(report)
    done: set[str] = set()
    result: list[Report] = []
    for telling in tellings:
        taken = {report.incident_id for report in telling.reports if report.id in telling.settled}
        told = []
        for report in telling.reports:
            found = {one.incident_id for one in candidates.get(report.id, ()) if one.article_id not in done}
            found |= {other.incident_id for other in result if possible(report, other)}
            known = {} if report.id in telling.settled else {one: members[one] for one in found - taken}
            settled = settle(report, assign(report, known))
            taken.add(settled.incident_id)
            told.append(settled)
        _replace(members, telling.article_id, told)
        done.add(telling.article_id)
        result += told
    return result


def _replace(members: defaultdict[str, list[Report]], article_id: str, told: Sequence[Report]) -> None:
    for reports in members.values():
        reports[:] = [report for report in reports if report.article_id != article_id]
    for report in told:
        members[report.incident_id].append(report)
