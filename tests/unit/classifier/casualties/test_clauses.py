"""Whom a sentence tells to be harmed: company, appositions, numbers that count nobody, words of harm inside names."""

import pytest

from services.classifier.casualties import counting, tokens
from services.classifier.casualties.wording import Harm
from shared.domain.vocabulary import CasualtyRole


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
        ("Two men, a woman and a child were killed.", [2, 1, 1]),
        ("Two brothers, Ali and Omar, were killed.", [2]),
        ("Ada Berg and Nils Holm, both 44, died at the scene.", [1, 1]),
        ("Divers brought up a net with 11 bodies.", [11]),
        ("More than two dozen fighters were killed.", [24]),
        ("At least three hundred fighters were killed.", [300]),
        ("The clashes are thought to have claimed up to 250 civilian lives.", [250]),
        ("The siege cost nearly 300 civilian lives, monitors said.", [300]),
        ("The feud led to sixteen murders in the town this year.", [16]),
        ("It set off a wave of six murders of reporters.", [6]),
        ("Officers found two hidden graves containing a total of 12 bodies.", [12]),
        ("Neighbours spoke of a double murder in the village.", [2]),
        ("Both women had been stabbed to death.", [2]),
        ("An elderly couple was killed by shelling.", [2]),
        ("A man stabbed his ex-girlfriend and his own mother to death.", [1, 1]),
        ("Lt. Adam Cole and Sgt. Ben Rowe were killed.", [1, 1]),
        ("In the north, 21 government soldiers and allied militiamen were killed by a rival group.", [21]),
        ("The vice-president of the union and his wife were gunned down in their house.", [1, 1]),
        ("The night went on with 27 people being burnt to death in a village.", [27]),
        ("Gunmen killed the director of the prison, Omar Said, his wife and three guards.", [1, 1, 3]),
        ("The rebels told the press 12 soldiers were killed.", [12]),
        ("The death toll in the past three days alone is close to 250.", [250]),
        ("The number of dead from the attack has risen from ten to 14.", [14]),
    ],
)
def test_all_that_are_told_are_counted(sentence: str, killed: list[int]) -> None:
    assert counts(Harm.KILLED, sentence) == killed


@pytest.mark.parametrize(
    ("sentence", "killed"),
    [
        ("A foreign commando killed Luis Pardo, leader of the Radical Party, and union leader Irma Sol.", [1, 1]),
        ("Police condemned the killing of Pablo Ruiz, president of the club and mayor of Arlo.", [1]),
        ("Gunmen killed Ana Ruiz, her son and a neighbour.", [1, 1, 1]),
        ("Mayor Ana Ruiz, husband and daughter were killed.", [1, 1, 1]),
        ("Gunmen killed mayor Ana Ruiz, bodyguard and driver.", [1, 1, 1]),
        ("The couple's son was killed.", [1]),
        ("They killed a guard 2 drivers and a cook.", [1, 2, 1]),
        ("The blast killed Ana Ruiz, a nurse, and Omar Diaz.", [1, 1]),
    ],
)
def test_what_somebody_is_makes_nobody_else(sentence: str, killed: list[int]) -> None:
    assert counts(Harm.KILLED, sentence) == killed


@pytest.mark.parametrize(
    "sentence",
    [
        "The charity claims 12,000 lives were saved.",
        "Officials claim 50 lives could be saved each year.",
        "The game takes three lives to finish.",
        "It took most of our adult lives.",
        "The number of dead fish rose to 3,000.",
        "The number of killed chickens climbed to 40,000.",
        "The number of victims of fraud rose to 3,000.",
        "The town had 500 murders last year.",
        "He is wanted in 12 murders.",
        "Both countries' soldiers were killed.",
        "He claimed the rebels ruined many lives.",
        "The army claimed it saved 20 lives.",
        "Both sides lost ground.",
    ],
)
def test_lives_that_are_not_lost_are_not_counted(sentence: str) -> None:
    assert counts(Harm.KILLED, sentence) == []


@pytest.mark.parametrize(
    ("sentence", "injured"),
    [
        ("A suicide bomber killed himself and seven soldiers were wounded in the blast.", [7]),
        ("The bomber killed himself and 12 rebels surrendered.", []),
        ("The gunman killed himself and his wife escaped.", []),
        ("The man killed himself and a police officer found the body.", []),
    ],
)
def test_who_does_something_else_after_himself_is_not_dead(sentence: str, injured: list[int]) -> None:
    told = counting.find(sentence)
    assert [c.number for c in told if c.harm is Harm.KILLED] == [1]
    assert [c.number for c in told if c.harm is Harm.INJURED] == injured


def test_who_kills_himself_and_others_is_told_from_them() -> None:
    told = counting.find("The suicide attacker killed himself and four others.")
    assert [(c.number, c.role) for c in told] == [(1, CasualtyRole.PERPETRATOR), (4, None)]


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
