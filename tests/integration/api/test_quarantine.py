"""The quarantine over the API: look, send back, drop."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from fastapi.testclient import TestClient
from redis import Redis

from services.api.dependencies import Services
from services.api.quarantine import MOST
from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item, Message
from shared.delivery.pressure import pressure
from shared.delivery.quarantine import Quarantine
from shared.delivery.step import Step
from shared.delivery.surroundings import Surroundings
from shared.delivery.timing import Timing
from shared.domain.outcome import Ending, Outcome, Status
from shared.domain.submission import Submission
from shared.pipeline import EXTRACT, FETCH, RECORD
from shared.settings import Settings
from tests import examples
from tests.integration.api.conftest import Away, Outcomes, Queue


@pytest.fixture
def quarantine(redis: Redis) -> Quarantine:
    """An empty quarantine."""
    return Quarantine(redis)


@pytest.fixture
def failed(quarantine: Quarantine, services: Services, outcomes: Outcomes) -> list[Submission]:
    """Three submissions that failed at EXTRACT for good, one after the other, their outcomes on record."""
    submissions = [examples.submission(f"http://e.org/{n}") for n in range(3)]
    for n, one in enumerate(submissions):
        services.ledger.accept(one)
        message = Message.alone(Item.of(one, examples.page(one.url))).model_dump(mode="json")
        quarantine.add(EXTRACT, message, ValueError(f"odd {n}"), submission_id=one.id, attempts=n)
        services.ledger.close([one.id])
    outcomes.end(*submissions, status=Status.QUARANTINED)
    return submissions


def _ids(queue: Queue) -> list[str]:
    return [item.submission.id for _, item in queue.sent]


def test_what_lies_where_since_when(client: TestClient, failed: list[Submission], quarantine: Quarantine) -> None:
    steps = client.get("/v1/quarantine").json()["steps"]
    oldest, *_, newest = quarantine.list(EXTRACT)
    assert set(steps) == {"fetch", "extract", "classify", "index", "record", "notify"}
    assert steps["fetch"] == {"count": 0, "oldest_failed_at": None, "newest_failed_at": None}
    assert steps["extract"]["count"] == len(failed)
    assert steps["extract"]["oldest_failed_at"] == oldest.model_dump(mode="json")["failed_at"]
    assert steps["extract"]["newest_failed_at"] == newest.model_dump(mode="json")["failed_at"]


def test_a_list_is_short_and_the_oldest_come_first(client: TestClient, failed: list[Submission]) -> None:
    listing = client.get("/v1/quarantine/extract", params={"limit": 2}).json()
    assert listing["total"] == 3
    assert [row["submission_id"] for row in listing["rows"]] == [one.id for one in failed[:2]]
    assert (listing["rows"][1]["error"], listing["rows"][1]["url"]) == ("ValueError: odd 1", failed[1].url)
    assert not {"message", "traceback"} & set(listing["rows"][0])


def test_one_message_is_shown_in_full(client: TestClient, failed: list[Submission]) -> None:
    specimen = client.get(f"/v1/quarantine/extract/{failed[1].id}").json()
    assert (specimen["error"], specimen["attempts"]) == ("ValueError: odd 1", 1)
    assert specimen["traceback"].endswith("ValueError: odd 1\n")
    assert specimen["message"]["items"][0]["body"]["url"] == failed[1].url


def test_what_cannot_be_read_is_listed_all_the_same(client: TestClient, quarantine: Quarantine) -> None:
    quarantine.add_raw(FETCH, b"\xff no json", ValueError("no message " + "x" * 1000))
    (row,) = client.get("/v1/quarantine/fetch").json()["rows"]
    assert (row["submission_id"], row["url"], len(row["error"])) == (None, None, 300)
    assert client.get(f"/v1/quarantine/fetch/{row['id']}").json()["message"].keys() == {"base64"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "nowhere"),
        ("GET", "extract.quarantine"),
        ("GET", "extract/none"),
        ("GET", "nowhere/none"),
        ("POST", "nowhere/retry"),
        ("POST", "nowhere/drop"),
    ],
)
def test_what_is_not_there_is_a_problem(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, f"/v1/quarantine/{path}", json={"ids": ["x"]} if method == "POST" else None)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("retry", {"max": 0}),
        ("retry", {"max": MOST + 1}),
        ("retry", {"ids": []}),
        ("retry", {"ids": ["x"] * (MOST + 1)}),
        ("retry", {"ids": "x"}),
        ("retry", {"step": "extract"}),
        ("retry", []),
        ("drop", {}),
        ("drop", None),
        ("drop", {"ids": []}),
        ("drop", {"ids": None}),
        ("drop", {"all": False}),
        ("drop", {"all": True, "ids": ["x"]}),
    ],
)
def test_a_request_that_makes_no_sense_changes_nothing(
    client: TestClient, failed: list[Submission], queue: Queue, path: str, body: Any
) -> None:
    answer = client.post(f"/v1/quarantine/extract/{path}", json=body)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert client.get("/v1/quarantine").json()["steps"]["extract"]["count"] == len(failed)
    assert not queue.sent


def test_the_oldest_are_sent_back_and_are_in_flight_again(
    client: TestClient, failed: list[Submission], queue: Queue, outcomes: Outcomes
) -> None:
    done = client.post("/v1/quarantine/extract/retry", json={"max": 2}).json()
    assert done == {"sent": 2, "unreadable": 0, "still_open": 0, "not_found": 0, "remaining": 1}
    assert _ids(queue) == [one.id for one in failed[:2]]
    assert {stage for stage, _ in queue.sent} == {"extract"}
    state = client.get(f"/v1/submissions/{failed[0].id}").json()
    assert (state["status"], state["step"]) == ("in_flight", "extract")
    sums = client.get("/v1/audit").json()
    assert [sums[key] for key in ("accepted", "quarantined", "in_flight", "balance")] == [3, 1, 2, 0]
    outcomes.end(failed[0], status=Status.INDEXED)  # and it ends anew, in one outcome
    sums = client.get("/v1/audit").json()
    assert [sums[key] for key in ("accepted", "quarantined", "in_flight", "balance")] == [3, 1, 2, 0]


def test_a_retried_one_that_has_ended_counts_as_how_it_ended_last(
    client: TestClient, failed: list[Submission], services: Services, outcomes: Outcomes
) -> None:
    client.post("/v1/quarantine/extract/retry", json={"ids": [failed[1].id]})
    entry = services.ledger.find(failed[1].id)
    assert entry is not None
    outcomes.end(failed[1], status=Status.INDEXED)
    services.ledger.close([failed[1].id], [entry.run])
    sums = client.get("/v1/audit").json()
    assert [sums[key] for key in ("accepted", "indexed", "quarantined", "in_flight", "balance")] == [3, 1, 2, 0, 0]
    assert client.get(f"/v1/submissions/{failed[1].id}").json()["status"] == "indexed"


def test_named_ones_are_sent_back(client: TestClient, failed: list[Submission], queue: Queue) -> None:
    wanted = [failed[2].id, "none", failed[2].id]
    done = client.post("/v1/quarantine/extract/retry", json={"ids": wanted}).json()
    assert (done["sent"], done["not_found"], done["remaining"]) == (1, 1, 2)
    assert _ids(queue) == [failed[2].id]


def test_a_request_without_a_body_sends_the_oldest(client: TestClient, failed: list[Submission], queue: Queue) -> None:
    assert client.post("/v1/quarantine/extract/retry").json()["sent"] == 3
    assert _ids(queue) == [one.id for one in failed]


def test_what_cannot_be_read_stays_and_stands_in_nobodys_way(
    client: TestClient, quarantine: Quarantine, queue: Queue
) -> None:
    one = examples.submission()
    quarantine.add_raw(EXTRACT, b"no json", ValueError("no message"))
    quarantine.add(EXTRACT, {"version": 3, "items": [{"a": 1}]}, ValueError("of tomorrow"))
    message = Message.alone(Item.of(one, examples.page())).model_dump(mode="json")
    quarantine.add(EXTRACT, message, ValueError("odd"), submission_id=one.id)
    done = client.post("/v1/quarantine/extract/retry", json={"max": 1}).json()
    assert (done["sent"], done["unreadable"], done["remaining"]) == (1, 2, 2)
    assert _ids(queue) == [one.id]


def test_one_whose_failure_is_not_on_record_yet_waits_for_that(
    client: TestClient, failed: list[Submission], services: Services, queue: Queue
) -> None:
    with services.redis.pipeline() as pipe:  # its outcome is on its way, and would end what begins now
        services.ledger.reopen(pipe, failed[0], RECORD)
        pipe.execute()
    done = client.post("/v1/quarantine/extract/retry", json={"ids": [failed[0].id]}).json()
    assert (done["sent"], done["still_open"], done["remaining"]) == (0, 1, 3)
    assert not queue.sent


def test_a_queue_that_is_away_loses_nothing(
    client: TestClient, failed: list[Submission], services: Services, queue: Queue
) -> None:
    queue.away = True
    done = client.post("/v1/quarantine/extract/retry").json()
    assert (done["sent"], done["remaining"]) == (3, 0)
    assert services.ledger.in_flight() == 3  # from where the reconciler sends them
    assert client.get("/v1/audit").json()["balance"] == 0
    assert len(failed) == 3


def test_what_still_fails_comes_back_once(
    away: Away, failed: list[Submission], services: Services, quarantine: Quarantine, queue: Queue
) -> None:
    def broken(pages: Sequence[Any]) -> Sequence[None]:
        raise ValueError(f"still odd: {len(pages)}")

    def outcomes_of(queue: Queue) -> list[Outcome]:
        return [Ending.model_validate(item.body).outcome for stage, item in queue.sent if stage == "record"]

    step = Step(
        EXTRACT,
        broken,
        Surroundings(
            ledger=services.ledger,
            quarantine=quarantine,
            send=queue,
            put_off=lambda *_: None,
            timing=Timing.of(fetch_timeout_s=30),
        ),
    )

    def extract_at_once(stage: Any, items: Sequence[Item]) -> None:  # a worker faster than the request
        queue(stage, items)
        step.deliver(Message(items=tuple(items)).model_dump(mode="json"))

    with away(send=extract_at_once) as client:
        done = client.post("/v1/quarantine/extract/retry", json={"max": 1000}).json()
    assert (done["sent"], done["remaining"]) == (3, 3)
    assert [stage for stage, _ in queue.sent].count("extract") == 3
    assert [one.submission_id for one in outcomes_of(queue)] == [one.id for one in failed]
    specimen = quarantine.find(EXTRACT, failed[2].id)
    assert specimen is not None
    assert (specimen.error, specimen.attempts) == ("ValueError: still odd: 1", 0)


def test_nothing_is_sent_back_while_nothing_more_is_taken_in(
    away: Away, services: Services, failed: list[Submission], queue: Queue
) -> None:
    services.ledger.accept(examples.submission())
    full = partial(pressure, services.redis, services.ledger, Settings(max_in_flight=1))
    with away(pressure=full) as client:
        answer = client.post("/v1/quarantine/extract/retry")
        assert client.get("/v1/quarantine").json()["steps"]["extract"]["count"] == len(failed)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert not queue.sent


def test_named_ones_are_dropped_and_stay_on_record(client: TestClient, failed: list[Submission]) -> None:
    done = client.post("/v1/quarantine/extract/drop", json={"ids": [failed[0].id, "none"]}).json()
    assert done == {"dropped": 1, "not_found": 1, "remaining": 2}
    assert client.get(f"/v1/quarantine/extract/{failed[0].id}").status_code == 404
    assert client.get(f"/v1/submissions/{failed[0].id}").json()["status"] == "quarantined"
    assert client.get("/v1/audit").json()["balance"] == 0


def test_all_are_dropped_only_when_it_is_said(client: TestClient, failed: list[Submission], redis: Redis) -> None:
    done = client.post("/v1/quarantine/extract/drop", json={"all": True}).json()
    assert done == {"dropped": len(failed), "not_found": 0, "remaining": 0}
    assert not redis.keys("tocsin:quarantine:extract*")


def test_redis_away_is_503(away: Away) -> None:
    gone = Redis(port=1, socket_connect_timeout=1)
    with away(redis=gone, ledger=Ledger(gone)) as client:
        answers = [client.get("/v1/quarantine"), client.post("/v1/quarantine/fetch/drop", json={"all": True})]
    assert [answer.status_code for answer in answers] == [503, 503]
