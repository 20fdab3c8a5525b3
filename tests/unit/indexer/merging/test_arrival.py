"""How much the order in which reports arrive changes what the live indexer makes of them."""

import random
import statistics
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from typing import Any

from services.indexer.merging.assignment import Telling, assigned
from services.indexer.merging.batch import group
from shared.domain.article import Published
from shared.domain.incident import Report
from tests.examples import BUKAVU, GOMA, day, event, report, toll

#: Happenings: towns, days and tolls; each told by as many publishers.
HAPPENINGS = [(place, number, 2 + 3 * number) for place in (GOMA, BUKAVU) for number in (1, 4, 7, 10)]
QUARTERS = ("Varnholm", "Ostrel", "Quaxby", "Pellmoor", "Tirradon", "Zemlin Gate", "Hulverby", "Maskeld")
TELLINGS = 5
ORDERS = 20
#: Mean share of pairs, to those of the batch, by which a live order may differ from the batch, which sees all at once.
MOST_CHANGED = 0.25


def told(choose: random.Random) -> list[Report]:
    """Return reports of all happenings; some miscount, some leave out the toll or the day."""
    found = []
    for number, (place, when, killed) in enumerate(HAPPENINGS):
        for publisher in range(TELLINGS):
            fields: dict[str, Any] = {
                "place": place,
                "date": choose.choice((day(date(2026, 3, when)),) * 4 + (None,)),
                "killed": choose.choice((toll(killed),) * 3 + (toll(killed + 1), None)),
            }
            url = f"http://s{publisher}.example/{number}"
            title = choose.choice(("Blast in {}", "{} hit by explosion", "Dead and wounded as bomb goes off in {}"))
            text = f"A bomb went off near {QUARTERS[number]} in {place.name}, killing {killed}, said {url}."
            published = Published.of_day(f"2026-03-{when + 1:02}")
            found.append(report(url, event(**fields), title=title.format(place.name), text=text, published=published))
    return found


def pairs(reports: Sequence[Report]) -> set[tuple[str, str]]:
    """Return the pairs of reports that are in one incident."""
    of = {one.id: one.incident_id for one in reports}
    return {(a, b) for a, b in combinations(sorted(of), 2) if of[a] == of[b]}


def live(reports: Sequence[Report]) -> set[tuple[str, str]]:
    """Return the same as the live indexer has it, one report after the other."""
    return pairs(assigned([Telling(one.article_id, [one]) for one in reports], {}, []))


def test_the_order_of_arrival_changes_a_stated_share_of_pairs() -> None:
    choose = random.Random(7)  # noqa: S311 - reproducible
    reports = told(choose)
    batch = pairs(group(reports))
    right = {(a, b) for a, b in combinations(sorted(one.id for one in reports), 2) if _number(reports, a, b)}
    assert batch == right
    changed = []
    for _ in range(ORDERS):
        choose.shuffle(reports)
        changed.append(len(live(reports) ^ batch) / len(batch))
    assert statistics.mean(changed) <= MOST_CHANGED, changed


def _number(reports: Sequence[Report], *ids: str) -> bool:
    """Return whether reports are of one happening, which their addresses name."""
    of = {one.id: one.url.rpartition("/")[2] for one in reports}
    return len({of[one] for one in ids}) == 1
