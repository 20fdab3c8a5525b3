"""The sketch of what was accepted: kept in a real Redis, and able to name what is missing."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from shared.delivery.sketch import CELLS, Cell, cells, differences, found, key, note
from shared.domain.submission import Submission

DAY = date(2026, 3, 4)
identifiers = st.integers(0, 2**128 - 1).map(lambda number: f"{number:032x}")
#: Identifiers most of which share a cell, and whose words are near the end of 32 bits.
crowded = identifiers | st.sampled_from(["03", "43", "83", "c3", "ff"]).flatmap(
    lambda head: st.integers(2**120 - 9, 2**120 - 1).map(lambda tail: f"{head}{tail:030x}")
)
redis_settings = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


def submission(identifier: str, at: datetime = datetime(2026, 3, 4, 12, tzinfo=UTC)) -> Submission:
    """A submission with this id."""
    return Submission(id=identifier, url="http://e.org/", accepted_at=at)


def accept(redis: Redis, ids: Iterable[str], **fields: Any) -> None:
    """Note ids."""
    with redis.pipeline(transaction=True) as pipe:
        for one in ids:
            note(pipe, submission(one, **fields))
        pipe.execute()


def accepted(redis: Redis, day: date) -> dict[int, Cell]:
    """The sketch of a day."""
    return cells(cast("bytes | None", redis.get(key(day))))


@given(ids=st.sets(crowded, max_size=40))
@redis_settings
def test_what_was_accepted_and_found_does_not_differ(redis: Redis, ids: set[str]) -> None:
    redis.flushdb()
    accept(redis, ids)
    assert differences(DAY, accepted(redis, DAY), found(ids)) == []
    assert sum(cell.count for cell in accepted(redis, DAY).values()) == len(ids)


@given(ids=st.sets(crowded, min_size=1, max_size=40), data=st.data())
@redis_settings
def test_one_that_is_missing_is_named(redis: Redis, ids: set[str], data: st.DataObject) -> None:
    redis.flushdb()
    accept(redis, ids)
    lost = data.draw(st.sampled_from(sorted(ids)))
    (difference,) = differences(DAY, accepted(redis, DAY), found(ids - {lost}))
    assert (difference.day, difference.missing, difference.submission_id) == (DAY, 1, lost)
    assert lost.startswith(difference.prefixes)
    (difference,) = differences(DAY, found(ids - {lost}), accepted(redis, DAY))
    assert (difference.missing, difference.submission_id) == (-1, lost), "nor was it ever accepted"


@given(ids=st.sets(identifiers, max_size=40), lost=st.sets(crowded, min_size=1, max_size=20))
@settings(deadline=None)
def test_all_that_are_missing_are_counted_and_those_alone_in_their_cell_named(ids: set[str], lost: set[str]) -> None:
    found_differences = differences(DAY, found(ids | lost), found(ids - lost))
    assert sum(one.missing for one in found_differences) == len(lost)
    for one in found_differences:
        here = {identifier for identifier in lost if identifier.startswith(one.prefixes)}
        assert one.missing == len(here)
        assert one.submission_id == (here.pop() if len(here) == 1 else None)


def test_sums_go_round() -> None:
    ids = [f"00{n:030x}" for n in range(2**120 - 5, 2**120)]
    cell = Cell()
    for one in ids * 3:
        cell = cell.plus(one)
    assert all(0 <= word < 2**32 for word in cell.sums)
    (difference,) = differences(DAY, found(ids), found(ids[1:]))
    assert difference.submission_id == ids[0]


def test_each_day_is_a_sketch_of_its_own_in_utc(redis: Redis) -> None:
    one, other, late = ("0" * 31 + digit for digit in "123")
    accept(redis, [one])
    accept(redis, [other], at=datetime(2026, 3, 5, 0, 1, tzinfo=UTC))
    accept(redis, [late], at=datetime(2026, 3, 5, 1, 0, tzinfo=timezone(timedelta(hours=3))))
    assert differences(DAY, accepted(redis, DAY), found([one, late])) == []
    assert differences(DAY + timedelta(1), accepted(redis, DAY + timedelta(1)), found([other])) == []
    assert differences(DAY - timedelta(1), accepted(redis, DAY - timedelta(1)), found([])) == []


def test_a_day_takes_little(redis: Redis) -> None:
    accept(redis, (f"{n:02x}" + "f" * 30 for n in range(256)))
    (key,) = redis.keys("tocsin:sketch:*")
    assert redis.strlen(key) == CELLS * 20


@pytest.mark.parametrize("cell", [0, 17, CELLS - 1])
def test_the_prefixes_of_a_cell_are_those_of_its_ids(cell: int) -> None:
    (difference,) = differences(DAY, found([f"{cell:02x}" + "0" * 30]), found([]))
    assert len(difference.prefixes) == 256 // CELLS
    for prefix in difference.prefixes:
        assert list(found([prefix + "a" * 30])) == [cell]
