"""Whom a sentence tells to be harmed: company, appositions, numbers that count nobody, words of harm inside names."""

import pytest

from services.classifier.casualties import counting, tokens
from services.classifier.casualties.wording import Harm


def counts(harm: Harm, sentence: str) -> list[int]:
    return [c.number for c in counting.find(sentence) if c.harm is harm and not c.part]


@pytest.mark.parametrize(
    ("sentence", "killed"),
    [
        ("The clerk was killed on Friday alongside a Dutch nurse.", [1, 1]),
        ("Eight cooks were killed in two raids along with 11 other people.", [8, 11]),
        ("A baker, together with his wife and two sons, was killed.", [1, 1, 2]),
        ("He was killed along with his estranged wife.", [1, 1]),
        ("The crash of the shell claimed the lives of a boy and his adopted sister.", [1, 1]),
        ("Two soldiers, a mayor and a carpenter were killed.", [2, 1, 1]),
        ("Two villagers, a man and a woman, were killed.", [2]),
        ("Ada Berg and Nils Holm, both 44, died at the scene.", [1, 1]),
        ("Divers brought up a net with 11 bodies.", [11]),
        ("More than two dozen fighters were killed.", [24]),
        ("At least three hundred fighters were killed.", [300]),
    ],
)
def test_all_that_are_told_are_counted(sentence: str, killed: list[int]) -> None:
    assert counts(Harm.KILLED, sentence) == killed


@pytest.mark.parametrize(
    ("sentence", "injured"),
    [
        ("Two clerks were shot dead and four other people were hurt when men on bicycles came.", [4]),
        ("Two more clerks and a porter who was waiting outside were being treated for burns.", [2, 1]),
        ("Between two and six clerks were injured along with five bystanders.", [6, 5]),
        ("Callers rang after a 911 call from a porter who was hurt.", [1]),
        ("The nurse, of the 1600 block of South Park, was wounded.", [1]),
        ("HEAVY SHOOTING CONTINUES BETWEEN REBELS AND TROOPS.", []),
        ("The drive-by shooting Friday shocked the street.", []),
        ("He was jailed for shooting a porter.", [1]),
        ("The roof fell and three parked lorries were burnt.", []),
        ("A call came from the mother of a boy who was wounded.", [1]),
    ],
)
def test_only_those_hurt_are_counted(sentence: str, injured: list[int]) -> None:
    assert counts(Harm.INJURED, sentence) == injured


@pytest.mark.parametrize(
    "sentence",
    [
        "A number of soldiers were killed.",
        "Happily, no one was killed.",
        "Prosecutors charged a man with attempted murder.",
        "Gunmen open fire on a post.",
    ],
)
def test_nobody_is_made_up(sentence: str) -> None:
    assert not any(counts(Harm.KILLED, sentence))


def test_who_accuses_is_no_victim() -> None:
    assert counts(Harm.KILLED, "HE DEPLORED THE KILLING OF JUDGE OSCAR MOTA AND ACCUSED THE REBELS.") == [1]


def test_the_same_harm_to_more_people_is_marked() -> None:
    assert [c.more for c in counting.find("A porter was also killed.")] == [True]
    assert [c.more for c in counting.find("A porter was killed.")] == [False]


def test_words_are_told_apart() -> None:
    kinds = {t.text: t.kind for t in tokens.tokens("Sadly his estranged wife, along with a 16 - year - old, died")}
    assert kinds["estranged"] == "word"
    assert kinds["along with"] == "company"
    assert kinds["a 16 - year - old"] == "age"
    assert {t.text: t.kind for t in tokens.tokens("HAPPILY, NOBODY DIED")}["happily"] == "loose_word"


@pytest.mark.parametrize("number", ["9" * 8, "9" * 5000, "99,999,999", "1,000" * 900])
def test_numbers_too_long_to_be_people_count_nobody(number: str) -> None:
    assert counts(Harm.KILLED, f"The flood killed {number} people.") in ([], [0])
