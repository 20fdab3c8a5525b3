"""What travels: read whatever comes, and packed so that no message is too large."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import pipeline
from shared.delivery.messages import MESSAGE_CHARS, Item, Message, Misfit, UnknownVersion, pack, read
from shared.domain.submission import Submission
from shared.pipeline import BATCH, STAGES, Stage
from tests import examples

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
SUBMISSION = examples.submission().model_dump(mode="json")
#: Values that look like messages: each field is as it should be, or anything.
likely_items = st.fixed_dictionaries(
    {}, optional={"submission": st.just(SUBMISSION) | json_values, "body": st.just({"a": 1}) | json_values}
)
likely_messages = st.fixed_dictionaries(
    {},
    optional={
        "version": st.sampled_from([1, 2, 3, True, 2.0, "2", None]),
        "items": st.lists(likely_items | json_values, max_size=4) | json_values,
        "submission": st.just(SUBMISSION) | json_values,
        "body": st.just({"a": 1}) | json_values,
    },
)


def item(text: str = "", **body: Any) -> Item:
    """An item with some text in its body."""
    return Item(submission=examples.submission(), body={"text": text} | body)


def message(*items: Item) -> dict[str, Any]:
    """A message as it travels."""
    return Message(items=items).model_dump(mode="json")


@given(json_values | likely_messages)
def test_whatever_comes_is_read_and_nothing_of_it_is_passed_over(anything: Any) -> None:
    found = read(anything)
    assert found
    version = anything.get("version") if isinstance(anything, dict) else None
    items = anything.get("items") if isinstance(anything, dict) else None
    if version != 1 and isinstance(items, list) and items:
        assert len(found) == len(items)
    for one in found:
        if isinstance(one, Misfit):
            assert one.submission is None or isinstance(one.submission, Submission)


@given(likely_items)
def test_whose_journey_it_was_is_known_as_long_as_that_much_can_be_read(raw: dict[str, Any]) -> None:
    readable = raw.get("submission") == SUBMISSION
    for anything in ({"version": 2, "items": [raw]}, {"version": 9, "items": [raw]}, {"version": 1} | raw):
        (one,) = read(anything)
        known = one.submission
        assert (known is not None and known.model_dump(mode="json") == SUBMISSION) is readable


def test_what_is_written_is_read() -> None:
    items = [item("a"), item("b")]
    assert read(message(*items)) == items


def test_a_message_of_version_1_is_migrated() -> None:
    one = item("a")
    old = {"version": 1, "submission": one.submission.model_dump(mode="json"), "body": one.body}
    assert read(old) == [one]


def test_a_message_of_a_newer_version_is_told_apart_item_by_item() -> None:
    items = [item("a"), item("b")]
    newer = message(*items) | {"version": 3, "compressed": "no"}
    found = read(newer)
    for one, wanted, raw in zip(found, items, newer["items"], strict=True):
        assert isinstance(one, Misfit)
        assert one.submission == wanted.submission
        assert isinstance(one.error, UnknownVersion)
        assert one.raw == newer | {"items": [raw]}, "with all that a newer Tocsin needs"


@pytest.mark.parametrize(
    "anything",
    [None, 3, "text", [], {}, {"version": 2}, {"version": 2, "items": []}, {"version": 2, "items": {}}, {"items": [1]}],
)
def test_what_is_no_message_is_one_misfit_as_it_came(anything: object) -> None:
    (one,) = read(anything)
    assert isinstance(one, Misfit)
    assert one.raw == anything
    assert one.submission is None


def test_one_bad_item_spoils_no_other() -> None:
    good, bad, last = item("a"), item("b"), item("c")
    mixed = message(good, bad, last)
    del mixed["items"][1]["body"]
    first, misfit, third = read(mixed)
    assert (first, third) == (good, last)
    assert isinstance(misfit, Misfit)
    assert misfit.submission == bad.submission
    assert read(misfit.raw)[0].submission == bad.submission, "what is kept of it can be told again"


@pytest.mark.parametrize("stage", STAGES.values(), ids=lambda s: s.name)
@given(sizes=st.lists(st.integers(0, 40), max_size=40), most=st.integers(1, BATCH))
def test_packing_keeps_order_and_limits(stage: Stage, sizes: list[int], most: int) -> None:
    items = [item("x" * (size * MESSAGE_CHARS // 40)) for size in sizes]
    packed = list(pack(items, stage, most))
    assert [one for message in packed for one in message.items] == items
    for one in packed:
        assert len(one.items) <= min(most, stage.batch, BATCH)
        assert len(one.items) == 1 or sum(len(inner.body["text"]) for inner in one.items) <= MESSAGE_CHARS


def test_a_message_is_as_full_as_it_may_be() -> None:
    assert [len(one.items) for one in pack([item() for _ in range(40)], pipeline.INDEX)] == [16, 16, 8]
    assert [len(one.items) for one in pack([item() for _ in range(3)], pipeline.FETCH)] == [1, 1, 1]
    assert list(pack([], pipeline.INDEX)) == []


@pytest.mark.parametrize("stage", [pipeline.CLASSIFY, pipeline.INDEX], ids=lambda s: s.name)
def test_sixteen_long_reads_do_not_travel_together(stage: Stage) -> None:
    text = "long read " * (MESSAGE_CHARS // 20)
    read_on = {"classify": examples.article(text=text), "index": examples.coded(text=text)}[stage.name]
    items = [Item.of(examples.submission(), read_on) for _ in range(4)]
    for one in pack(items, stage):
        assert len(one.model_dump_json()) < 1.1 * MESSAGE_CHARS


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_that_no_calendar_has_is_a_misfit(moment: str) -> None:
    raw = examples.submission().model_dump(mode="json") | {"accepted_at": moment}
    (found,) = read({"version": 2, "items": [{"submission": raw, "body": {}}]})
    assert isinstance(found, Misfit)
