"""Many lists over one sentence find what each finds alone."""

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier import lexicon, spotting
from services.classifier.casualties import wording
from services.classifier.lexicon import STRENGTHS
from shared.domain.vocabulary import Subtype

LISTS = {
    "fire": ["fires?\\b", "(?:wild|bush )?fires? (?:spread|burned)", "(?:set|sets) (?:\\w+ )?alight"],
    "water": ["floods?\\b", "(?<!flash )floods?\\b", "\\w+ tides?\\b", "f(?:lood|lash) water"],
    "wind": ["(?:gale|storm)s? (?:of|in) \\d+", "storms?\\b", "flash\\b"],
}
WORDS = (
    *("fire", "fires", "bush", "wild", "spread", "burned", "set", "alight", "the", "barn", "floods", "flash", "high"),
    *("tide", "water", "gales", "of", "90", "storm", "storms", "-", ",", "firesfloods", "wildfires"),
)


def by_each(lists: dict[str, list[str]], text: str) -> list[tuple[str, int, int]]:
    """Return what every list finds by itself."""
    return [(key, *m.span()) for key, patterns in lists.items() for m in spotting.any_of(patterns).finditer(text)]


def together(lists: dict[str, list[str]], text: str) -> list[tuple[str, int, int]]:
    return [(key, *m.span()) for key, m in spotting.spotter(lists).find(text)]


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_lists_together_find_what_each_finds_alone(text: str) -> None:
    assert together(LISTS, text) == by_each(LISTS, text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a bush fire spread", [("fire", 2, 18)]),
        ("wildfire burned", [("fire", 0, 15)]),
        ("the flash flood", [("water", 10, 15), ("wind", 4, 9)]),
        ("backfire and afterfires", []),
        ("sets barn alight", [("fire", 0, 16)]),
        ("", []),
    ],
)
def test_a_match_begins_where_a_word_does(text: str, found: list[tuple[str, int, int]]) -> None:
    assert together(LISTS, text) == found


def test_matches_of_one_list_do_not_overlap() -> None:
    assert together({"bell": ["ring(?: a ring)?"]}, "ring a ring a ring") == [("bell", 0, 11), ("bell", 14, 18)]


def test_every_list_is_asked_for_each_place() -> None:
    assert [key for key, _, _ in together({"one": ["door"], "two": ["do\\w+"]}, "door")] == ["one", "two"]


def test_the_words_shipped_are_found_as_each_list_finds_them() -> None:
    rows = tomllib.loads(lexicon.data("triggers.toml"))
    text = lexicon.data("triggers.toml").lower().replace("\\w", "s").replace("(?:", " ").replace("|", " ")
    shipped = {
        (how, None if name == lexicon.GENERIC else Subtype(name)): lists[how]
        for how in STRENGTHS
        for name, lists in rows.items()
        if how in lists
    }
    alone = [(key, *m.span()) for key, patterns in shipped.items() for m in spotting.any_of(patterns).finditer(text)]
    assert [(key, *m.span()) for key, m in lexicon.lexicon().triggers.find(text)] == alone
    assert len({key for key, _, _ in alone}) > len(shipped) / 2


def test_words_of_harm_are_those_that_their_pattern_finds() -> None:
    text = lexicon.data("casualties.toml").lower().replace("\\w", "s").replace("(?:", " ").replace("|", " ")
    alone = [(m.lastgroup, *m.span()) for m in wording.WORDS.pattern.finditer(text)]
    assert [(m.lastgroup, *m.span()) for m in wording.WORDS.finditer(text)] == alone
    assert len({group for group, _, _ in alone}) > len(wording.WORDS.pattern.groupindex) / 2


@given(
    st.lists(st.sampled_from((*WORDS, "shot", "dead", "killing", "self-killed", "wounded")), max_size=9).map(" ".join)
)
def test_any_words_are_those_that_their_pattern_finds(text: str) -> None:
    for words in (wording.WORDS, lexicon.lexicon().figurative):
        assert [m.span() for m in words.finditer(text)] == [m.span() for m in words.pattern.finditer(text)]


@pytest.mark.parametrize("file", ["triggers.toml", "contexts.toml", "casualties.toml"])
def test_no_shipped_pattern_has_a_bar_outside_of_brackets(file: str) -> None:
    for lists in tomllib.loads(lexicon.data(file)).values():
        for pattern in (p for patterns in lists.values() for p in patterns):
            depth = 0
            for character in re.sub(r"\[[^]]*\]", "", pattern):
                depth += (character == "(") - (character == ")")
                assert depth or character != "|", pattern
