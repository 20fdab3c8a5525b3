"""Which submissions were accepted after the sums were taken: told by the sketch, whatever the clocks say."""

from datetime import UTC, datetime, timedelta

from shared.delivery.sketch import CELLS, Cell, found
from shared.upkeep.late import Comparison

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
IDS = [f"{n:032x}" for n in range(10)]


def sketch(ids: list[str]) -> bytes:
    """Return the sketch of some ids as it lies in Redis."""
    there = found(ids)
    words = [number for n in range(CELLS) for number in _numbers(there.get(n, Cell()))]
    return b"".join(number.to_bytes(4, "big") for number in words)


def _numbers(cell: Cell) -> tuple[int, ...]:
    return (cell.count, *cell.sums)


def late(accepted: list[str], ended: dict[str, float], standing: tuple[str, ...] = ()) -> list[str]:
    """Return what is late. `ended`: by id, the seconds after the sums at which it says that it was accepted."""
    comparison = Comparison({AT.date(): sketch(accepted)}, AT)
    for one, seconds in ended.items():
        comparison.note(one, AT + timedelta(seconds=seconds), ended=True)
    for one in standing:
        comparison.note(one, AT - timedelta(seconds=5), ended=False)
    return sorted(one.id for one in comparison.late())


def test_where_all_are_known_nothing_is_late() -> None:
    assert late(IDS[:3], {IDS[0]: -3, IDS[1]: -2}, (IDS[2],)) == []
    assert late([], {}) == []


def test_what_is_in_no_sum_is_late_also_when_it_was_stamped_before() -> None:
    assert late(IDS[:2], {IDS[0]: -3, IDS[1]: -2, IDS[2]: 1}) == [IDS[2]]
    assert late(IDS[:2], {IDS[0]: -3, IDS[1]: -2, IDS[2]: -0.001}) == [IDS[2]]


def test_what_is_among_the_sums_is_not_late_also_when_its_clock_was_fast() -> None:
    assert late(IDS[:2], {IDS[0]: -3, IDS[1]: 4}) == []


def test_what_was_lost_before_stays_lost_and_hides_nothing() -> None:
    other = f"{1 + CELLS:032x}"  # of another cell than those
    assert late([*IDS[:2], other], {IDS[0]: -3, IDS[1]: -2, IDS[2]: 1}) == [IDS[2]]
    alike = ("00" + "1" * 30, "00" + "2" * 30, "00" + "3" * 30)  # of one cell: one lost, one late
    assert late([alike[0], alike[1]], {alike[0]: -3, alike[2]: 1}) == [alike[2]]


def test_what_is_long_past_and_unknown_is_not_made_known() -> None:
    assert late([], {IDS[0]: -86400 + 12 * 3600}) == []
    assert late(IDS[:1], {IDS[0]: -3, "no id of ours": 1}) == []
