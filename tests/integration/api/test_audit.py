"""The audit: the sum, and the names of what departs from it."""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from redis import Redis

from services.api.dependencies import Services
from shared.delivery.sketch import CELLS
from shared.delivery.timing import timing
from shared.domain.outcome import Outcome, Status
from shared.domain.submission import Submission
from shared.pipeline import EXTRACT, FETCH
from tests.integration.api.conftest import Outcomes

OVERDUE_S = max(timing().overdue_s.values())

TODAY = datetime.now(UTC) - timedelta(seconds=1)
EARLIER = TODAY - timedelta(days=40)

Accept = Callable[..., list[Submission]]


def made(number: int = 1, *, when: datetime = TODAY, begin: Sequence[str] = ()) -> list[Submission]:
    """Submissions of a moment, their ids beginning as asked for."""
    ids = [(begin[n] if begin else "") + uuid.uuid4().hex[len(begin[n]) if begin else 0 :] for n in range(number)]
    return [Submission(id=one, url="http://e.org/", accepted_at=when) for one in ids]


@pytest.fixture
def accept(services: Services) -> Accept:
    """Accept submissions, as the hook does."""

    def accepted(number: int = 1, **options: Any) -> list[Submission]:
        submissions = made(number, **options)
        for one in submissions:
            services.ledger.accept(one)
        return submissions

    return accepted


@pytest.fixture
def ended(accept: Accept, services: Services, outcomes: Outcomes) -> Accept:
    """Accept submissions that have ended."""

    def ended(number: int = 1, **options: Any) -> list[Submission]:
        submissions = accept(number, **options)
        outcomes.end(*submissions)
        services.ledger.close([one.id for one in submissions])
        return submissions

    return ended


def audit(client: TestClient, *, deep: bool = False) -> dict[str, Any]:
    """Ask for an audit."""
    answer = client.get("/v1/audit", params={"deep": deep})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def names(listing: dict[str, Any]) -> list[str | None]:
    """Return the ids of a list."""
    return [row["submission_id"] for row in listing["rows"]]


def sums(found: dict[str, Any]) -> list[int]:
    """Return accepted, indexed, discarded, quarantined, in flight, balance."""
    return [found[key] for key in ("accepted", "indexed", "discarded", "quarantined", "in_flight", "balance")]


def nothing_differs(found: dict[str, Any]) -> bool:
    """Return whether sum and lists say so."""
    return (found["balance"], found["missing"]["total"], found["unknown"]["total"]) == (0, 0, 0)


def test_it_holds_through_every_stage(
    client: TestClient, accept: Accept, services: Services, outcomes: Outcomes
) -> None:
    submissions = accept(3)
    assert sums(audit(client)) == [3, 0, 0, 0, 3, 0]
    for one, status in zip(submissions, Status, strict=True):
        outcomes.end(one, status=status)
    between = audit(client, deep=True)  # written, not yet struck from the ledger
    assert sums(between) == [3, 0, 0, 0, 3, 0]
    assert nothing_differs(between)
    services.ledger.close([one.id for one in submissions])
    after = audit(client, deep=True)
    assert sums(after) == [3, 1, 1, 1, 0, 0]
    assert nothing_differs(after)
    assert after["oldest_in_flight_s"] is None


def test_an_empty_installation_has_nothing_to_tell(client: TestClient) -> None:
    found = audit(client, deep=True)
    assert nothing_differs(found)
    assert (found["days"], found["days_read"], found["days_unknown"]) == (0, 0, 0)


def test_a_lost_outcome_is_named(client: TestClient, ended: Accept, outcomes: Outcomes) -> None:
    lost, *_ = ended(5)
    ended(5, when=EARLIER)
    outcomes.delete(lost.id)
    found = audit(client)
    assert found["balance"] == 1
    assert found["missing"] == {
        "total": 1,
        "rows": [{"day": TODAY.date().isoformat(), "count": 1, "submission_id": lost.id, "prefixes": []}],
    }
    assert found["unknown"]["total"] == 0
    assert (found["days"], found["days_read"]) == (2, 1)  # of the other day no id was read


def test_a_lost_ledger_entry_is_named(client: TestClient, accept: Accept, services: Services, ended: Accept) -> None:
    ended(3)
    lost, _ = accept(2)
    services.ledger.close([lost.id])
    found = audit(client)
    assert sums(found) == [5, 3, 0, 0, 1, 1]
    assert names(found["missing"]) == [lost.id]


def test_half_a_ledger_entry_is_a_lost_one(client: TestClient, accept: Accept, redis: Redis) -> None:
    lost, _ = accept(2)
    redis.delete(f"tocsin:submission:{lost.id}")
    assert names(audit(client)["missing"]) == [lost.id]


def test_an_outcome_that_nobody_accepted_is_named(client: TestClient, ended: Accept, outcomes: Outcomes) -> None:
    ended(3)
    (foreign,) = made()
    outcomes.end(foreign)
    found = audit(client)
    assert found["balance"] == -1
    assert names(found["unknown"]) == [foreign.id]
    assert found["missing"]["total"] == 0


def test_a_second_outcome_of_the_same_is_named(client: TestClient, ended: Accept, outcomes: Outcomes) -> None:
    one, *_ = ended(3)
    outcomes.write(Outcome.of(one, Status.DISCARDED, step="x"), ids=["another"])
    found = audit(client)
    assert found["balance"] == -1
    assert names(found["unknown"]) == [one.id]


def test_an_outcome_without_a_proper_id_is_named(client: TestClient, ended: Accept, outcomes: Outcomes) -> None:
    (one,) = ended()
    outcomes.write(Outcome.of(one, Status.INDEXED, step="x").model_copy(update={"submission_id": "Z"}), ids=["Z"])
    assert names(audit(client)["unknown"]) == ["Z"]


def test_one_lost_and_one_foreign_are_told_apart_when_it_goes_deep(
    client: TestClient, ended: Accept, outcomes: Outcomes
) -> None:
    lost, *_ = ended(3, begin=("00", "01", "02"))
    (foreign,) = made(begin=("03",))
    outcomes.delete(lost.id)
    outcomes.end(foreign)
    assert nothing_differs(audit(client))  # the counts are the same
    found = audit(client, deep=True)
    assert (names(found["missing"]), names(found["unknown"])) == ([lost.id], [foreign.id])
    assert found["days_read"] == 1


def test_a_swap_in_one_cell_is_noticed_and_no_wrong_name_is_given(
    client: TestClient, ended: Accept, outcomes: Outcomes
) -> None:
    lost, _ = ended(2, begin=("00", "01"))
    (foreign,) = made(begin=("40",))  # of the same cell
    outcomes.delete(lost.id)
    outcomes.end(foreign)
    assert nothing_differs(audit(client))
    found = audit(client, deep=True)
    for listing in (found["missing"], found["unknown"]):
        (row,) = listing["rows"]
        assert (row["count"], row["submission_id"], row["prefixes"]) == (1, None, ["00", "40", "80", "c0"])


def test_two_lost_and_one_foreign_that_begin_alike_count_as_one(
    client: TestClient, ended: Accept, outcomes: Outcomes
) -> None:
    for lost in ended(2, begin=("00" + 30 * "0", "40" + 30 * "0")):
        outcomes.delete(lost.id)
    outcomes.end(*made(begin=("40" + 30 * "f",)))
    found = audit(client)
    (row,) = found["missing"]["rows"]
    assert (row["count"], row["submission_id"]) == (1, None)  # what the sums seem to name cannot be of this cell


def test_many_lost_are_counted_with_how_they_begin(client: TestClient, ended: Accept, outcomes: Outcomes) -> None:
    for lost in ended(3, begin=("07", "47", "87")):
        outcomes.delete(lost.id)
    found = audit(client)
    (row,) = found["missing"]["rows"]
    assert (found["missing"]["total"], row["count"], row["submission_id"]) == (3, 3, None)
    assert row["prefixes"] == ["07", "47", "87", "c7"]


def test_a_thousand_accepted(client: TestClient, accept: Accept, services: Services, outcomes: Outcomes) -> None:
    submissions = [*accept(600), *accept(400, when=EARLIER)]
    done = submissions[100:]
    outcomes.end(*done)
    services.ledger.close([one.id for one in done])
    found = audit(client, deep=True)
    assert sums(found) == [1000, 900, 0, 0, 100, 0]
    assert nothing_differs(found)
    assert found["days_read"] == 2
    for one in done[:300]:
        services.elasticsearch.delete(index=services.alias("outcomes"), id=one.id)
    found = audit(client)
    assert found["balance"] == found["missing"]["total"] == 300
    cells = {int(one.id[:2], 16) % CELLS for one in done[:300]}
    assert len(found["missing"]["rows"]) == len(cells)  # each names one, or says how many there are and how they begin


def test_days_of_which_nothing_was_noted_are_skipped(client: TestClient, ended: Accept, redis: Redis) -> None:
    ended(2, when=EARLIER)
    ended(1)
    redis.delete(f"tocsin:sketch:{EARLIER.date().isoformat()}")
    found = audit(client, deep=True)
    assert nothing_differs(found)
    assert (found["days"], found["days_unknown"]) == (1, 1)


def test_what_is_accepted_after_that_moment_does_not_count(
    client: TestClient, ended: Accept, outcomes: Outcomes
) -> None:
    ended(2)
    outcomes.end(*made(when=datetime.now(UTC) + timedelta(hours=1)))  # as if it had ended while the audit was reading
    assert nothing_differs(audit(client, deep=True))


def test_what_stands_still_is_named_with_its_step(
    client: TestClient, accept: Accept, services: Services, redis: Redis
) -> None:
    still, slow, _ = accept(3)
    services.ledger.begin([slow.id], EXTRACT)
    now = redis.time()[0]
    redis.zadd("tocsin:at:fetch", {still.id: now - OVERDUE_S - 1000})
    redis.zadd("tocsin:at:extract", {slow.id: now - OVERDUE_S - 10})
    found = audit(client)
    assert [(row["submission_id"], row["step"]) for row in found["stuck"]["rows"]] == [
        (still.id, "fetch"),
        (slow.id, "extract"),
    ]
    assert found["stuck"]["rows"][0]["still_s"] == found["oldest_in_flight_s"] >= OVERDUE_S + 1000
    assert nothing_differs(found)


def test_what_has_ended_and_stands_in_the_ledger_is_named_when_it_lasts(
    client: TestClient, accept: Accept, outcomes: Outcomes
) -> None:
    lingering, just_now, _ = accept(3)
    outcomes.end(lingering, status=Status.QUARANTINED, when=datetime.now(UTC) - timedelta(minutes=5))
    outcomes.end(just_now)
    found = audit(client)
    (row,) = found["ended_in_ledger"]["rows"]
    assert (row["submission_id"], row["step"], row["status"]) == (lingering.id, FETCH.name, "quarantined")
    assert found["ended_in_ledger"]["total"] == 1
    assert nothing_differs(found)


def test_an_entry_of_another_version_counts_as_in_flight(client: TestClient, accept: Accept, redis: Redis) -> None:
    (one,) = accept()
    redis.hset(f"tocsin:submission:{one.id}", "submission", '{"of": "tomorrow"}')
    found = audit(client)
    assert sums(found) == [1, 0, 0, 0, 1, 0]
    assert nothing_differs(found)
