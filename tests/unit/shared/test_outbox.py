"""The outbox under threads: together where they come together, never stuck, never a false success."""

import threading
from collections.abc import Callable, Sequence

import pytest

from shared.delivery.outbox import Outbox
from shared.pipeline import BATCH, EXTRACT, INDEX, Stage

PATIENCE_S = 30
#: A window that nobody wants to wait for: who waits for all of it has failed the test.
LONG_S = 2.0 * PATIENCE_S


class Sender:
    """Notes what is sent, and does something over each message."""

    def __init__(self, over: Callable[[Sequence[int]], None] = lambda _: None) -> None:
        self.groups: list[list[int]] = []
        self.over = over

    def __call__(self, stage: Stage, items: Sequence[int]) -> None:  # noqa: ARG002 - the seam's signature
        """Send items."""
        self.over(items)
        self.groups.append(list(items))


def in_threads(
    outbox: Outbox[int], count: int, stage_of: Callable[[int], Stage] = lambda _: EXTRACT
) -> dict[int, object]:
    """Send a number from each of `count` threads that are busy at the same time; return what came of each."""
    results: dict[int, object] = {}
    together = threading.Barrier(count)

    def work(number: int) -> None:
        with outbox.busy():
            together.wait(PATIENCE_S)
            try:
                outbox.send(stage_of(number), [number])
            except BaseException as error:  # noqa: BLE001 - looked at by the test
                results[number] = error
            else:
                results[number] = "sent"

    threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    return results


def test_who_is_alone_never_waits() -> None:
    sender = Sender()
    outbox: Outbox[int] = Outbox(sender, window_s=LONG_S)
    outbox.send(EXTRACT, [1])
    with outbox.busy():
        outbox.send(EXTRACT, [2, 3])
    assert sender.groups == [[1], [2, 3]]


def test_all_who_are_busy_send_one_message() -> None:
    sender = Sender()
    outbox: Outbox[int] = Outbox(sender, window_s=LONG_S)
    assert set(in_threads(outbox, 5).values()) == {"sent"}
    assert [sorted(group) for group in sender.groups] == [[0, 1, 2, 3, 4]]


@pytest.mark.parametrize("threads", [2, 7, 16, 40])
def test_each_item_is_sent_once_and_no_message_waits_for_more_than_it_can_carry(threads: int) -> None:
    sender = Sender()
    outbox: Outbox[int] = Outbox(sender, window_s=0.2)
    for _ in range(5):
        sender.groups.clear()
        in_threads(outbox, threads)
        assert sorted(one for group in sender.groups for one in group) == list(range(threads))
        assert len(sender.groups) <= -(-threads // BATCH) + 2


def test_what_goes_to_different_steps_goes_apart() -> None:
    sent: list[tuple[str, int]] = []
    outbox: Outbox[int] = Outbox(lambda stage, items: sent.extend((stage.name, one) for one in items), window_s=0.05)
    in_threads(outbox, 6, lambda n: INDEX if n % 2 else EXTRACT)
    assert sorted(sent) == sorted((("index" if n % 2 else "extract"), n) for n in range(6))


@pytest.mark.parametrize("error", [OSError("away"), SystemExit(1), KeyboardInterrupt()], ids=lambda e: type(e).__name__)
def test_an_error_reaches_every_thread_whose_items_were_not_sent(error: BaseException) -> None:
    def fail(_: Sequence[int]) -> None:
        raise error

    outbox: Outbox[int] = Outbox(Sender(fail), window_s=0.05)
    results = in_threads(outbox, 20)
    assert len(results) == 20
    assert all(isinstance(one, type(error)) for one in results.values())


def test_some_groups_that_fail_spoil_no_other() -> None:
    def fail(items: Sequence[int]) -> None:
        if 3 in items:
            raise OSError("away")

    sender = Sender(fail)
    outbox: Outbox[int] = Outbox(sender, window_s=0.01)
    for _ in range(20):
        sender.groups.clear()
        results = in_threads(outbox, 24)
        arrived = {one for group in sender.groups for one in group}
        assert {number for number, result in results.items() if result == "sent"} == arrived
        assert isinstance(results[3], OSError)


def test_a_slow_broker_keeps_no_later_group_from_forming() -> None:
    first_is_sent, second_came = threading.Event(), threading.Event()

    def slow(_: Sequence[int]) -> None:
        if first_is_sent.is_set():
            second_came.set()
        else:
            first_is_sent.set()
            assert second_came.wait(PATIENCE_S), "the second waits for the first"

    outbox: Outbox[int] = Outbox(Sender(slow), window_s=0.01)

    def late() -> None:
        first_is_sent.wait(PATIENCE_S)
        with outbox.busy():
            outbox.send(EXTRACT, [2])

    thread = threading.Thread(target=late, daemon=True)
    thread.start()
    with outbox.busy():
        outbox.send(EXTRACT, [1])
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
