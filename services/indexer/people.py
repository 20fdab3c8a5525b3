"""What people decided, put over the filing of a batch. Without a decision about it a batch costs two more searches."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from services.indexer.merging.assignment import Candidate, Telling
from shared.domain.decision import Decision
from shared.domain.incident import Report
from shared.incidents.overlay import Overlay
from shared.incidents.store import Store


def decisions(incident_ids: Iterable[str], article_ids: Iterable[str], store: Store) -> list[Decision]:
    """Return every decision about some incidents and articles, and about those merged with them. Raises as `store`.

    The number of searches depends on how many decisions follow each other, not on how much is asked about.
    """
    ids = set(incident_ids)
    while True:
        found = store.decisions(ids, article_ids)
        more = {number for one in found if one.into for number in one.incident_ids}
        more |= {move.to for one in found for move in one.moves}
        if more <= ids:
            return found
        ids |= more


def tellings(fresh: Mapping[str, Sequence[Report]], before: Iterable[Report], overlay: Overlay) -> list[Telling]:
    """Return what each article tells, with the reports that people have settled where they put them."""
    told: defaultdict[str, list[Report]] = defaultdict(list)
    for report in before:
        told[report.article_id].append(report)
    result = []
    for article_id, reports in fresh.items():
        kept = overlay.kept(reports, told[article_id])
        placed = unmerged([kept.get(one.id, one) for one in reports], overlay)
        result.append(Telling(article_id, placed, frozenset(kept)))
    return result


def unmerged(reports: Sequence[Report], overlay: Overlay) -> list[Report]:
    """Return reports in the incidents that they would be in had nobody merged any.

    The model compares with these: what is unlike a half of what a person merged still joins the half that it is like,
    and leaves with it when the merge is undone.
    """
    placed = [(one, overlay.unmerged(one)) for one in reports]
    return [one if one.incident_id == to else one.model_copy(update={"incident_id": to}) for one, to in placed]


def sorted_out(
    candidates: Mapping[str, Iterable[Candidate]], stored: Iterable[Report], overlay: Overlay
) -> dict[str, list[Candidate]]:
    """Return candidates in the incidents that `unmerged` has their reports in, by id of the report they are for."""
    numbers = {one.id: overlay.unmerged(one) for one in stored}
    return {
        report_id: [replace(one, incident_id=numbers.get(one.id, one.incident_id)) for one in found]
        for report_id, found in candidates.items()
    }
