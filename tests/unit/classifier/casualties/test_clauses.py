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


@pytest.mark.parametrize(
    ("sentence", "killed", "injured"),
    [
        ("A monk was killed and another wounded.", [1], [1]),
        ("They hit the ferry, killing one monk and wounding another.", [1], [1]),
        ("A monk was killed and another suffered an injury when a cart hit them.", [1], [1]),
        ("Raiders killed two monks and injured another.", [2], [1]),
        ("Another was killed in the harbour.", [1], []),
        ("Another blast shook the harbour.", [], []),
    ],
)
def test_another_is_one_more(sentence: str, killed: list[int], injured: list[int]) -> None:
    assert (counts(Harm.KILLED, sentence), counts(Harm.INJURED, sentence)) == (killed, injured)


@pytest.mark.parametrize(
    ("sentence", "injured"),
    [
        ("It was the worst brawl in years, with at least 60 sailors hurt.", [60]),
        ("The roof fell on the choir, resulting in three singers being injured.", [3]),
        ("The panic led to nine sailors being hurt.", [9]),
        ("The raid, which left one sailor dead and four hurt, was over by noon.", [4]),
        ("One sailor is reported to be seriously hurt.", [1]),
        ("Guards fired in the air, causing injuries to two sailors.", [2]),
        ("Shots rang out, and at least four sailors may have been injured.", [4]),
    ],
)
def test_a_number_in_a_phrase_that_has_no_verb_of_its_own_counts(sentence: str, injured: list[int]) -> None:
    assert counts(Harm.INJURED, sentence) == injured


@pytest.mark.parametrize(
    ("sentence", "killed"),
    [
        ("Two cooks were among the 14 sailors killed in the storming.", [14]),
        ("Divers found two mutilated bodies in the dock.", [2]),
        ("The garrison suffered the loss of 30 sailors.", [30]),
        ("Ada Berg, one of the oldest singers, died at the scene.", [1]),
        ("The singer, whose name was kept back, later died at a clinic.", [1]),
        ("Ten singers are believed to have been killed.", [10]),
    ],
)
def test_those_killed_are_counted_once(sentence: str, killed: list[int]) -> None:
    assert counts(Harm.KILLED, sentence) == killed


@pytest.mark.parametrize(
    "sentence",
    [
        "He raised the rifle and fired one shot.",
        "There were three singers who weren't injured.",
        "The judges hadn't been shot.",
        "Gunners shot down a plane.",
        "He was shot at five times.",
        "It was an attempted assassination of two judges.",
        "Two judges were to be killed.",
    ],
)
def test_bullets_attempts_and_denials_count_nobody(sentence: str) -> None:
    assert counts(Harm.KILLED, sentence) == counts(Harm.INJURED, sentence) == []


@pytest.mark.parametrize(
    "sentence", ["No-one was hurt in the blaze.", "Everyone got out safely.", "All the singers escaped unhurt."]
)
def test_nobody_is_told_in_many_ways(sentence: str) -> None:
    assert counts(Harm.KILLED, sentence) == counts(Harm.INJURED, sentence) == [0]


def test_the_second_verb_has_the_subject_of_the_first() -> None:
    assert counts(Harm.KILLED, "Two sailors were stabbed and died.") == [2]
    assert counts(Harm.INJURED, "The mother of a boy who was shot rang the guard.") == [1]
