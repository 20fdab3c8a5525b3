"""News of several happenings, mixed: copies, corrections, look-alikes, other countries, and no news at all."""

import random
from datetime import date, timedelta
from typing import Any

from services.indexer.report import reports_of
from shared.domain.coded import CodedArticle
from shared.domain.event import Event
from shared.domain.incident import Report
from shared.domain.vocabulary import Subtype
from tests import examples
from tests.examples import NOON, coded, event, toll

HARKIV = examples.GOMA.model_copy(update={"name": "Kharkiv", "city": "Kharkiv", "country": "UA", "lat": 49.9})
PLACES = (examples.GOMA, examples.BUKAVU, HARKIV)
KINDS = (Subtype.BOMBING, Subtype.ARMED_ATTACK, Subtype.ABDUCTION)


def _event(choose: random.Random) -> Event:
    number = choose.randint(1, 9)
    fields: dict[str, Any] = {"place": choose.choice(PLACES), "killed": choose.choice((None, toll(number)))}
    fields["date"] = choose.choice((None, examples.day(date(2026, 3, choose.randint(1, 4)))))
    if choose.random() < 0.1:
        fields["place"] = None
    return event(choose.choice(KINDS), **fields)


def articles(seed: int, number: int = 40) -> list[CodedArticle]:
    """Return coded articles, the same for the same seed. Some stories come twice, as fetched at different hours."""
    choose = random.Random(seed)  # noqa: S311 - reproducible
    result = []
    for _ in range(number):
        url = f"http://site{choose.randint(0, 12)}.example/{choose.randint(0, 2)}"
        events = [_event(choose) for _ in range(choose.choice((0, 1, 1, 1, 2)))]
        text = choose.choice(("", "", "", "A wire story that many print."))
        hour = NOON + timedelta(hours=choose.randint(0, 5))
        result.append(coded(*events, url=url, text=text, title=f"Attack {choose.randint(0, 3)}", fetched_at=hour))
    return result


def reports(seed: int, number: int = 40) -> list[Report]:
    """Return the reports of such articles."""
    return [report for one in articles(seed, number) for report in reports_of(one)]
