"""What people decided, put over the filing of a batch. Without a decision about it a batch costs one more search."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from services.indexer.merging.assignment import Telling
from shared.domain.decision import Decision
from shared.domain.incident import Report
from shared.incidents.overlay import Overlay
from shared.incidents.situation import situation
from shared.incidents.store import Changes, Store


def decisions(incident_ids: Iterable[str], article_ids: Iterable[str], store: Store) -> list[Decision]:
    """Return every decision about some incidents and articles, and about those they lead to. Raises as `store`.

    The number of searches depends on how many decisions follow each other, not on how much is asked about.
    """
    ids = set(incident_ids)
    while True:
        found = store.decisions(ids, article_ids)
        more = {one.into for one in found if one.into} | {move.to for one in found for move in one.moves}
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
        result.append(Telling(article_id, [kept.get(one.id, one) for one in reports], frozenset(kept)))
    return result


def refolded(touched: set[str], article_ids: set[str], reports: Sequence[Report], store: Store) -> Changes:
    """Return the incidents that a batch touches as they are now, and what finishes decisions that were cut off.

    Args:
        touched: the incidents that the articles tell, or told.
        article_ids: the articles of the batch.
        reports: all that these tell now, in their incidents.
        store: what is read. It raises what this raises.
    """
    return situation(touched, store).told(article_ids, reports).changes(store)
