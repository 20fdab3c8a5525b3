"""Groups of people in a stretch of words."""

import re

import pytest

from services.classifier.casualties import phrases, tokens
from services.classifier.numbers import NUMBER, is_plural, value


def counted(text: str) -> list[int | None]:
    return [g.counts for g in phrases.groups(tokens.tokens(text), closed=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two soldiers, a guard from Mosul", [2, 1]),
        ("two soldiers, a guard and their driver", [2, 1, 1]),
        ("three houses", [None]),
        ("a family of seven", [7]),
        ("farmers", [None]),
        ("no one", [None]),
        ("four men in two cars", [4]),
    ],
)
def test_groups_and_how_many_they_are(text: str, expected: list[int | None]) -> None:
    assert counted(text) == expected


def test_what_bounds_a_number_is_kept() -> None:
    (group,) = phrases.groups(tokens.tokens("at least nine monks"), closed=True)
    assert (group.number, group.told in tokens.LEAST, group.told in tokens.MOST) == (9, True, False)


def test_a_range_has_its_lower_end_but_a_rise_has_none() -> None:
    (told,) = (t for t in tokens.tokens("three to nine monks") if t.kind == "count")
    assert (told.low, told.number) == (3, 9)
    assert [t.number for t in tokens.tokens("rose from 3 to 9") if t.kind == "count"] == [3, 9]


def test_ages_days_and_shares_count_nobody() -> None:
    for text in ("on 12 March", "40%", "in 2004", "at 9:30"):
        assert not [t for t in tokens.tokens(text) if t.kind == "count"]
    assert [t.kind for t in tokens.tokens("a 25-year-old")] == ["age"]


def test_some_of_a_group_are_a_part() -> None:
    found = phrases.groups(tokens.tokens("thirty people, 12 of them children"), closed=True)
    assert [(g.number, g.part) for g in found] == [(30, False), (12, True)]


def test_plurals() -> None:
    assert [is_plural(w) for w in ("guards", "men", "bus", "boss", "guard")] == [True, True, False, False, False]
    assert all(is_plural(w) for w in ("gunmen", "policewomen", "children"))


@pytest.mark.parametrize(
    ("word", "number"),
    [("two dozen", 24), ("a hundred", 100), ("five hundred", 500), ("ten thousand", 10_000), ("a couple", 2)],
)
def test_round_numbers(word: str, number: int) -> None:
    assert value(word) == number
    assert re.fullmatch(NUMBER, word)
