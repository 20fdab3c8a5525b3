"""The quarantine on a real Redis: what is there can be understood, sent again and thrown away."""

import base64
import json
from collections.abc import Sequence

import pytest
from kombu.exceptions import OperationalError
from redis import Redis

from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item, Message
from shared.delivery.quarantine import Quarantine
from shared.domain.submission import Submission
from shared.pipeline import EXTRACT, FETCH, INDEX, Stage
from tests import examples


class Sick:
    """A quarantine and a ledger, and a submission that has ended in them."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.ledger = Ledger(redis)
        self.quarantine = Quarantine(redis)
        self.sent: list[tuple[str, Item]] = []

    def fall(self, stage: Stage = EXTRACT, one: Submission | None = None) -> Submission:
        """Let a submission fail at `stage`, and end so."""
        if one is None:
            one = examples.submission()
            self.ledger.accept(one)
        message = Message.alone(Item.of(one, examples.page())).model_dump(mode="json")
        try:
            raise ZeroDivisionError("oh")  # noqa: TRY301 - it has to have a traceback
        except ZeroDivisionError as error:
            self.quarantine.add(stage, message, error, submission_id=one.id, attempts=3)
        self.ledger.close([one.id])
        return one

    def send(self, stage: Stage, items: Sequence[Item]) -> None:
        """Take items."""
        self.sent += [(stage.name, item) for item in items]

    def retry(self, stage: Stage = EXTRACT) -> int:
        """Send everything of `stage` again."""
        return self.quarantine.retry(stage, self.quarantine.list(stage), self.ledger, self.send)


@pytest.fixture
def sick(redis: Redis) -> Sick:
    """Nothing has failed yet."""
    return Sick(redis)


def test_a_specimen_says_what_happened(sick: Sick) -> None:
    one = sick.fall()
    (specimen,) = sick.quarantine.list(EXTRACT)
    assert (specimen.id, specimen.submission_id, specimen.step, specimen.attempts) == (one.id, one.id, "extract", 3)
    assert specimen.error == "ZeroDivisionError: oh"
    assert "test_quarantine.py" in specimen.traceback
    assert sick.quarantine.find(EXTRACT, one.id) == specimen
    assert sick.quarantine.find(FETCH, one.id) is None


def test_the_same_submission_twice_is_one_specimen_and_the_last_counts(sick: Sick) -> None:
    one = sick.fall()
    sick.quarantine.add(EXTRACT, {"version": 9}, ValueError("another"), submission_id=one.id)
    (specimen,) = sick.quarantine.list(EXTRACT)
    assert sick.quarantine.count(EXTRACT) == 1
    assert specimen.error == "ValueError: another"


def test_the_same_unreadable_message_twice_is_one_specimen(sick: Sick) -> None:
    for message in ({"a": 1}, {"a": 1}, {"a": 2}):
        sick.quarantine.add(FETCH, message, ValueError("?"))
    assert sick.quarantine.count(FETCH) == len(sick.quarantine.ids(FETCH)) == 2


def test_the_oldest_come_first(sick: Sick) -> None:
    first, second = sick.fall(), sick.fall()
    listed = list(sick.quarantine.list(EXTRACT))
    assert [specimen.id for specimen in listed] == [first.id, second.id]
    assert [specimen.id for specimen in sick.quarantine.list(EXTRACT, limit=1)] == [first.id]


def test_what_is_retried_is_in_flight_with_counts_at_zero_and_out_of_quarantine(sick: Sick) -> None:
    one, other = sick.fall(), sick.fall(INDEX)
    assert sick.retry() == 1
    assert [(step, item.submission) for step, item in sick.sent] == [("extract", one)]
    assert sick.quarantine.count(EXTRACT) == 0
    assert [specimen.id for specimen in sick.quarantine.list(INDEX)] == [other.id]
    entry = sick.ledger.find(one.id)
    assert entry is not None
    assert entry.step == "extract"
    (delivery,) = sick.ledger.begin([one.id], EXTRACT, [entry.run])
    assert delivery is not None
    assert (delivery.attempts, delivery.crashes) == (0, 0)


def test_what_is_retried_while_the_broker_is_away_is_left_to_the_reconciler(sick: Sick) -> None:
    one, other = sick.fall(), sick.fall()

    def away(*_: object) -> None:
        raise OperationalError("away")

    with pytest.raises(OperationalError):
        sick.quarantine.retry(EXTRACT, sick.quarantine.list(EXTRACT), sick.ledger, away)
    assert set(sick.ledger.snapshot().in_flight) == {one.id}, "on its way"
    assert [specimen.id for specimen in sick.quarantine.list(EXTRACT)] == [other.id], "still here"


def test_what_cannot_be_read_stays(sick: Sick) -> None:
    sick.quarantine.add(EXTRACT, {"version": 9, "items": [{"of": "the future"}]}, ValueError("?"))
    sick.quarantine.add_raw(EXTRACT, b"\x00\xff", ValueError("no message"))
    assert sick.retry() == 0
    assert sick.quarantine.count(EXTRACT) == 2
    assert not sick.sent
    assert {"base64": base64.b64encode(b"\x00\xff").decode()} in [one.message for one in sick.quarantine.list(EXTRACT)]


def test_a_specimen_of_version_1_is_retried(sick: Sick) -> None:
    one = examples.submission()
    message = {"version": 1, "submission": one.model_dump(mode="json"), "body": {"a": 1}}
    sick.quarantine.add(EXTRACT, message, ValueError("?"), submission_id=one.id)
    assert sick.retry() == 1
    entry = sick.ledger.find(one.id)
    assert entry is not None
    assert sick.sent == [("extract", Item(submission=one, body={"a": 1}, run=entry.run))]


def test_what_is_dropped_is_gone(sick: Sick) -> None:
    one, other = sick.fall(), sick.fall()
    assert sick.quarantine.drop(EXTRACT, [one.id, "unknown"]) == 1
    assert [specimen.id for specimen in sick.quarantine.list(EXTRACT)] == [other.id]
    assert sick.quarantine.drop(EXTRACT, []) == 0


@pytest.mark.parametrize("message", [{"half a letter": "\ud800"}, {"\ud800": 1}, "\ud800"])
def test_a_message_that_no_json_can_hold_is_kept_all_the_same(sick: Sick, message: object) -> None:
    """Celery's JSON reads half of a surrogate pair; ours refuses to write it."""
    sick.quarantine.add(EXTRACT, message, ValueError("?"))
    (specimen,) = sick.quarantine.list(EXTRACT)
    assert json.loads(base64.b64decode(specimen.message["base64"])) == message


def test_an_error_whose_words_no_json_can_hold_is_told_all_the_same(sick: Sick) -> None:
    words = sick.quarantine.add(EXTRACT, {}, ValueError("half a letter: \ud800"))
    assert words == next(sick.quarantine.list(EXTRACT)).error == "ValueError: half a letter: \\ud800"
