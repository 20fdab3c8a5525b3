"""Groups a batch of reports into incidents, for `tocsin merge`. The live indexer asks Elasticsearch for candidates.

Both go by one model of pairs and by the mean log odds of a report and an incident. A batch is seen whole:
groups grow from the surest pair on, and the order of the input cannot matter. Live, reports join as they arrive.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations

from services.indexer.merging import model
from services.indexer.merging.assignment import Assignment, assign, settle
from services.indexer.merging.linkage import linked
from services.indexer.merging.nearness import Nearness
from services.indexer.merging.traits import Traits
from shared.domain.incident import Report
from shared.domain.vocabulary import Realis


def group(reports: Iterable[Report], odds: model.Odds = model.odds, least: float | None = None) -> list[Report]:
    """Assign a batch of reports to incidents: each that of its first report. The order of the input does not matter.

    Training asks for other odds, and for another least mean of them, than those of the model.
    """
    least = model.threshold() if least is None else least
    ordered = [Traits(report) for report in sorted(reports, key=lambda r: (r.published or date.max, r.id))]
    about = _leading(ordered)
    leads = [one for one in ordered if one.report.id in about]
    found = {report.id: report for report in _linked(leads, odds, least)}
    members: defaultdict[str, list[Traits]] = defaultdict(list)
    for report in found.values():
        members[report.incident_id].append(Traits(report))
    seen = Nearness()
    for one in leads:
        seen.add(Traits(found[one.report.id]))
    for one in sorted(ordered, key=lambda one: not one.report.event.main):
        if one.report.id not in about:
            near = {other.report.incident_id for other in seen.near(one)}
            known = {number: members[number] for number in near if _open(members[number], one)}
            settled = Traits(settle(one.report, assign(one, known, odds, least)))
            members[settled.report.incident_id].append(settled)
            seen.add(settled)
            found[one.report.id] = settled.report
    return [found[one.report.id] for one in ordered]


def _leading(ordered: Iterable[Traits]) -> set[str]:
    """Return the ids of what articles are about: of each its first main event, one that happened before any other.

    These are grouped first: what an article tells besides, or by the way, must not take its place in its incident.
    """
    leads: dict[str, Report] = {}
    for report in (one.report for one in ordered if one.report.event.main):
        rival = leads.get(report.article_id)
        if rival is None or _rank(report) < _rank(rival):
            leads[report.article_id] = report
    return {report.id for report in leads.values()}


def _rank(report: Report) -> tuple[bool, int]:
    return report.event.realis is not Realis.ACTUAL, report.position


def _open(members: Iterable[Traits], one: Traits) -> bool:
    """Two events that one article tells apart are never one incident."""
    return all(member.report.article_id != one.report.article_id for member in members)


def _linked(ordered: Sequence[Traits], odds: model.Odds, least: float) -> list[Report]:
    near = Nearness()
    for one in ordered:
        near.add(one)
    pairs = {(min(a, b), max(a, b)) for a, one in enumerate(ordered) for b in near.numbers(one) if a != b}
    found = {(a, b): odds(ordered[a], ordered[b]) for a, b in sorted(pairs)} | _apart(ordered)
    # what was not worth comparing counts as unlike
    groups = linked(len(ordered), found, threshold=least, unknown=-model.SURE)
    settled = {number: report for numbers in groups for number, report in _settled(ordered, numbers, found)}
    return [settled[number] for number in range(len(ordered))]


def _apart(ordered: Sequence[Traits]) -> dict[tuple[int, int], float]:
    """Return the pairs that one article tells apart: they are never one incident."""
    told: dict[str, list[int]] = {}
    for number, one in enumerate(ordered):
        told.setdefault(one.report.article_id, []).append(number)
    return {pair: -math.inf for numbers in told.values() for pair in combinations(numbers, 2)}


def _settled(
    ordered: Sequence[Traits], numbers: Sequence[int], odds: dict[tuple[int, int], float]
) -> Iterable[tuple[int, Report]]:
    """Yield the reports of one group with its incident: the first keeps its own, the others join it."""
    founder, *others = numbers
    yield founder, ordered[founder].report
    for number in others:
        told = {
            other: odds.get((min(number, other), max(number, other)), -model.SURE)
            for other in numbers
            if other != number
        }
        closest = max(told, key=lambda other: (told[other], -other))
        mean = sum(told.values()) / len(told)
        reason = model.match(ordered[number], ordered[closest]).reason
        yield number, settle(ordered[number].report, Assignment(ordered[founder].report.incident_id, mean, reason))
