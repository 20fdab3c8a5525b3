"""What was put off, on a real Redis: it is sent when it is due, at least once, and never lost on the way."""

from collections.abc import Sequence

import pytest
from kombu.exceptions import OperationalError
from redis import Redis

from shared.delivery.delays import BATCH, DELAYED, Delays
from shared.delivery.messages import Item
from shared.pipeline import EXTRACT, INDEX, Stage
from tests import examples
from tests.integration.clock import age


class Queue(list[tuple[str, Item]]):
    """What was sent."""

    def __call__(self, stage: Stage, items: Sequence[Item]) -> None:
        """Take items."""
        self.extend((stage.name, item) for item in items)


@pytest.fixture
def delays(redis: Redis) -> Delays:
    """Nothing is put off."""
    return Delays(redis)


def item() -> Item:
    """An item of a new submission."""
    return Item.of(examples.submission(), examples.page())


def away(*_: object) -> None:
    """A broker that is away."""
    raise OperationalError("away")


def test_what_is_due_goes_to_its_step_and_the_rest_waits(redis: Redis, delays: Delays) -> None:
    soon, later, other = item(), item(), item()
    delays.put(EXTRACT, [soon], 10)
    delays.put(EXTRACT, [later], 1000)
    delays.put(INDEX, [other], 10)
    assert delays.release(queue := Queue()) == 0
    age(redis, 11)
    assert delays.release(queue) == 2
    assert sorted(queue, key=lambda one: one[0]) == [("extract", soon), ("index", other)]
    assert delays.release(queue) == 0
    assert delays.count() == 1


def test_nothing_is_put_off_by_nothing(delays: Delays) -> None:
    delays.put(EXTRACT, [], 10)
    assert delays.count() == 0


def test_the_same_item_twice_is_one_and_waits_as_it_was_last_told(redis: Redis, delays: Delays) -> None:
    one = item()
    delays.put(EXTRACT, [one, one], 10)
    delays.put(EXTRACT, [one], 100)
    assert delays.count() == 1
    age(redis, 50)
    assert delays.release(Queue()) == 0


def test_two_who_look_at_once_do_not_both_send(redis: Redis, delays: Delays) -> None:
    first, second = Queue(), Queue()
    delays.put(EXTRACT, [item(), item()], 1)
    age(redis, 2)

    def meanwhile(stage: Stage, items: Sequence[Item]) -> None:
        assert Delays(redis).release(second) == 0
        first(stage, items)

    assert delays.release(meanwhile) == 2
    assert (len(first), len(second), delays.count()) == (2, 0, 0)


@pytest.mark.parametrize("sent", [False, True], ids=["before it was sent", "after it was sent"])
def test_what_dies_between_taking_and_removing_is_sent_again(redis: Redis, delays: Delays, sent: bool) -> None:
    one, queue = item(), Queue()
    delays.put(EXTRACT, [one], 1)
    age(redis, 2)

    def dies(stage: Stage, items: Sequence[Item]) -> None:
        if sent:
            queue(stage, items)
        away()

    with pytest.raises(OperationalError):
        delays.release(dies)
    assert delays.release(queue) == 0, "it is left alone for a while"
    age(redis, 61)
    assert delays.release(queue) == 1
    assert queue == [("extract", one)] * (1 + sent)
    assert delays.count() == 0


def test_one_step_that_cannot_be_sent_to_keeps_what_is_left(redis: Redis, delays: Delays) -> None:
    delays.put(EXTRACT, [item()], 1)
    delays.put(INDEX, [item()], 2)
    age(redis, 3)

    def half(stage: Stage, _: Sequence[Item]) -> None:
        if stage is INDEX:
            away()

    with pytest.raises(OperationalError):
        delays.release(half)
    assert delays.count() == 2


def test_what_comes_back_while_it_is_being_sent_is_not_lost(redis: Redis, delays: Delays) -> None:
    """While a server is away, what is sent comes back at once, before all that was due with it has been sent."""
    one = item()
    delays.put(INDEX, [one], 1)
    age(redis, 2)

    def comes_back(stage: Stage, items: Sequence[Item]) -> None:
        delays.put(stage, items, 20)

    assert delays.release(comes_back) == 1
    assert delays.count() == 1
    age(redis, 21)
    delays.release(queue := Queue())
    assert queue == [("index", one)]


@pytest.mark.parametrize("raw", [b"not compressed", b""])
def test_what_cannot_be_read_holds_up_no_other(redis: Redis, delays: Delays, raw: bytes) -> None:
    one, queue = item(), Queue()
    redis.zadd(DELAYED, {raw: 1})
    delays.put(EXTRACT, [one], 1)
    age(redis, 2)
    delays.release(queue)
    assert queue == [("extract", one)]
    assert delays.count() == 0, "the reconciler sends it, whatever it was"


def test_a_step_that_there_is_no_more_holds_up_no_other(redis: Redis, delays: Delays) -> None:
    delays.put(Stage(**{**vars(EXTRACT), "name": "translate"}), [item()], 1)
    delays.put(EXTRACT, [item()], 1)
    age(redis, 2)
    delays.release(queue := Queue())
    assert [step for step, _ in queue] == ["extract"]


def test_not_too_many_at_once(redis: Redis, delays: Delays) -> None:
    delays.put(EXTRACT, [item() for _ in range(BATCH + 3)], 1)
    age(redis, 2)
    assert delays.release(queue := Queue()) == BATCH
    assert delays.release(queue) == 3
    assert len({one.submission.id for _, one in queue}) == BATCH + 3
