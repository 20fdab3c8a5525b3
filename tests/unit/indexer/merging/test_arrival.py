"""How much the order in which reports arrive changes what the live indexer makes of them."""

import random
from collections.abc import Sequence
from datetime import date
from itertools import combinations

from services.indexer.merging.assignment import Telling, assigned
from services.indexer.merging.batch import group
from shared.domain.incident import Report
from tests.examples import BUKAVU, GOMA, day, event, report, toll

#: Happenings: towns, days and tolls; each told by as many publishers.
HAPPENINGS = [(place, number, 2 + 3 * number) for place in (GOMA, BUKAVU) for number in (1, 4, 7, 10)]
TELLINGS = 5
ORDERS = 20
#: Share of pairs of reports, of those that any order puts together, that another order may part or join.
MOST_CHANGED = 0.02


def told(choose: random.Random) -> list[Report]:
    """Return reports of all happenings; some miscount, some leave out the town's point, the toll or the day."""
    found = []
    for number, (place, when, killed) in enumerate(HAPPENINGS):
        for publisher in range(TELLINGS):
            fields = {
                "place": place,
                "date": choose.choice((day(date(2026, 3, when)),) * 4 + (None,)),
                "killed": choose.choice((toll(killed),) * 3 + (toll(killed + 1), None)),
            }
            url = f"http://s{publisher}.example/{number}"
            title = f"Blast {number} kills {killed} in {place.name}"
            found.append(report(url, event(**fields), title=title, text=f"{title}, said {url}."))
    return found


def pairs(reports: Sequence[Report]) -> set[tuple[str, str]]:
    """Return the pairs of reports that are in one incident."""
    of = {one.id: one.incident_id for one in reports}
    return {(a, b) for a, b in combinations(sorted(of), 2) if of[a] == of[b]}


def live(reports: Sequence[Report]) -> set[tuple[str, str]]:
    """Return the same as the live indexer has it, one report after the other."""
    return pairs(assigned([Telling(one.article_id, [one]) for one in reports], {}, []))


def test_the_order_of_arrival_changes_few_pairs() -> None:
    choose = random.Random(7)  # noqa: S311 - reproducible
    reports = told(choose)
    batch = pairs(group(reports))
    assert len(batch) >= len(HAPPENINGS) * 6
    results = []
    for _ in range(ORDERS):
        choose.shuffle(reports)
        results.append(live(reports))
    either = set[tuple[str, str]]().union(*results)
    always = set.intersection(*results)
    assert len(either - always) <= MOST_CHANGED * len(either)
    assert all(len(found ^ batch) <= MOST_CHANGED * len(batch) for found in results)
