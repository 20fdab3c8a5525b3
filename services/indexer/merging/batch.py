"""Groups a batch of reports into incidents, for `tocsin merge`. The live indexer asks Elasticsearch instead.

Only reports that share a country and a day, or their text, are compared: those that a search for candidates would find.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from services.indexer.merging.compare import SLACK_DAYS, assign, settle
from shared.domain.incident import Report

#: Country and day, or a fingerprint.
Block = tuple[str, int] | str


def group(reports: Iterable[Report]) -> list[Report]:
    """Assign a batch of reports to incidents. The order of the input does not change the result."""
    incidents: dict[str, list[Report]] = defaultdict(list)
    blocks: dict[Block, set[str]] = defaultdict(set)
    assigned = []
    for report in sorted(reports, key=lambda r: (r.published or date.max, r.id)):
        near = {identifier for block in _blocks(report, SLACK_DAYS) for identifier in blocks.get(block, ())}
        settled = settle(report, assign(report, {one: incidents[one] for one in near if _open(incidents[one], report)}))
        incidents[settled.incident_id].append(settled)
        for block in _blocks(report, 0):
            blocks[block].add(settled.incident_id)
        assigned.append(settled)
    return assigned


def _open(members: Iterable[Report], report: Report) -> bool:
    """Two events that one article tells apart are never one incident."""
    return all(member.article_id != report.article_id for member in members)


def _blocks(report: Report, slack_days: int) -> Iterator[Block]:
    yield report.fingerprint
    place = report.event.place
    if place and place.country and report.when_start and report.when_end:
        first, last = report.when_start.toordinal() - slack_days, report.when_end.toordinal() + slack_days
        yield from ((place.country, day) for day in range(first, last + 1))
