"""Groups by the mean between their members."""

import math
import random

import pytest

from services.indexer.merging.linkage import linked


def groups(number: int, odds: dict[tuple[int, int], float]) -> set[tuple[int, ...]]:
    """The groups at a threshold of 0, an unknown pair counting -6."""
    return {tuple(group) for group in linked(number, odds, threshold=0.0, unknown=-6.0)}


def test_nothing_is_no_group() -> None:
    assert groups(0, {}) == set()


def test_what_is_not_alike_stays_alone() -> None:
    assert groups(3, {(0, 1): -1.0}) == {(0,), (1,), (2,)}


def test_a_chain_is_not_a_group() -> None:
    assert groups(3, {(0, 1): 3.0, (1, 2): 2.0}) == {(0, 1), (2,)}


def test_one_unlike_pair_among_many_does_not_part_a_group() -> None:
    odds = {(a, b): 3.0 for b in range(4) for a in range(b)} | {(0, 3): -1.0}
    assert groups(4, odds) == {(0, 1, 2, 3)}


def test_the_surest_pair_is_joined_first() -> None:
    assert groups(3, {(0, 1): 1.0, (1, 2): 4.0, (0, 2): -6.0}) == {(0,), (1, 2)}


def test_what_is_forbidden_is_never_in_one_group() -> None:
    odds = {(a, b): 6.0 for b in range(6) for a in range(b)} | {(2, 5): -math.inf}
    assert all(not {2, 5} <= set(group) for group in groups(6, odds))


@pytest.mark.parametrize("seed", range(8))
def test_the_numbering_does_not_matter(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - reproducible
    odds = {(a, b): chance.uniform(-6, 6) for b in range(14) for a in range(b) if chance.random() < 0.6}
    order = chance.sample(range(14), 14)
    renamed = {(min(order[a], order[b]), max(order[a], order[b])): value for (a, b), value in odds.items()}
    expected = {frozenset(order[n] for n in group) for group in groups(14, odds)}
    assert {frozenset(group) for group in groups(14, renamed)} == expected
