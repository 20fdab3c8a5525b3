"""What is kept of an article's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.indexer.merging import words

TEXT = (
    "A gunman shot Tamsin Oduya, 34, outside a bakery in Quetta on Monday. The 19-year-old suspect fled. "
    "Officers said that Tamsin Oduya had worked at the bakery with her sister Imke Oduya, aged 41."
)


def test_telling_words_come_first_and_common_ones_not_at_all() -> None:
    found = words.terms("Shot in Quetta", TEXT)
    assert set(found[:4]) <= {"oduya", "tamsin", "quetta", "imke", "bakery"}
    assert not {"the", "a", "said", "in"} & set(found)


def test_terms_do_not_depend_on_case() -> None:
    assert set(words.terms("", TEXT)) == set(words.terms("", TEXT.upper())) == set(words.terms("", TEXT.lower()))


@pytest.mark.parametrize("text", ["", "  ", "???"])
def test_without_words_there_are_no_terms(text: str) -> None:
    assert words.terms("A title alone", "") == ()
    assert words.terms("", text) == ()


def test_names_are_parts_of_long_names_within_sentences() -> None:
    assert {"tamsin", "oduya", "imke"} <= set(words.names(TEXT))
    assert "officers" not in words.names(TEXT)


@pytest.mark.parametrize("text", [TEXT.upper(), TEXT.lower(), ""])
def test_where_capitals_say_nothing_there_are_no_names(text: str) -> None:
    assert words.names(text) == ()


SHOUTING = "ÉMILE ÖZGÜR, ŁÓDŹ, ΆΘΗΝΑ. "


@given(st.text(alphabet=f"{TEXT}{SHOUTING}\ud800\u0131\u01c5ǅª", max_size=60))
def test_capitals_of_all_scripts_count(text: str) -> None:
    told = f"{text} then Tamsin Oduya fled"
    shouted = sum(map(str.isupper, told)) > 0.4 * sum(map(str.isalpha, told))
    assert ("oduya" in words.names(told)) is not shouted


def test_ages_are_told_in_three_ways() -> None:
    assert words.ages(TEXT) == (19, 34, 41)
    assert words.ages("She saw 34 cars, 12 of them red.") == ()


def test_what_is_kept_is_bounded() -> None:
    text = " ".join(
        f"said Zax{chr(97 + n % 26)}{chr(97 + n // 26)} Bo{chr(97 + n % 26)}x, {10 + n % 80}, of" for n in range(600)
    )
    assert len(words.terms("", text)) == words.TERMS
    assert len(words.names(text)) <= words.NAMES
    assert len(words.ages(text)) == words.AGES


def test_a_possessive_is_no_other_word() -> None:
    assert words.words("Oduya\u2019s sister and Oduya's car") == ["oduya", "sister", "and", "oduya", "car"]


def test_an_unknown_word_is_as_telling_as_any() -> None:
    assert words.worth("qwxzzk") == words.RAREST >= max(words.frequency().values())
    assert words.worth("the") < 0.5
