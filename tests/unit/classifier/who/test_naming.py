"""Names: what is compared, what is proper, how a mention is taken apart."""

import pytest

from services.classifier.who import naming
from shared.domain.vocabulary import Sector


def apart(name: str) -> list[list[str]]:
    return [[name[start:end] for start, end in spans] for spans in naming.parties(name)]


def test_names_are_compared_by_their_words_without_plurals() -> None:
    assert naming.content("the Farmers of Kalou") == naming.content("Kalou farmer")
    assert naming.content("his two") == {"two"}
    assert naming.content("IS") != naming.content("I")


@pytest.mark.parametrize("name", ["Mr", "S", "de la", "Gen. D."])
def test_titles_and_letters_alone_are_no_name(name: str) -> None:
    assert naming.is_junk(name)


@pytest.mark.parametrize("name", ["general", "IS", "farmers", "Mr Ruiz"])
def test_words_for_people_and_groups_are_names(name: str) -> None:
    assert not naming.is_junk(name)


def test_known_groups_are_found_under_all_their_names_with_their_people() -> None:
    found = naming.known_group("Al-Shabab fighters")
    assert found == naming.known_group("Harakat al-Shabaab")
    assert found is not None
    assert found[1] is Sector.REBEL
    assert naming.known_group("River Front") is None


@pytest.mark.parametrize(
    ("name", "proper"), [("River Front", True), ("Armed Men", False), ("farmers", False), ("Kalou police", False)]
)
def test_a_proper_name_has_a_capital_and_no_noun_for_people_at_its_head(name: str, proper: bool) -> None:
    assert naming.is_proper(name) is proper


@pytest.mark.parametrize(
    ("name", "parties"),
    [
        ("River Front", [["River Front"]]),
        ("River Front (RF)", [["River Front", "RF"]]),
        ("RF [River Front]", [["RF", "River Front"]]),
        ("Ana Ruiz, a teacher", [["Ana Ruiz", "teacher"]]),
        ("Ana Ruiz and Ben Diaz", [["Ana Ruiz"], ["Ben Diaz"]]),
        ("Ana Ruiz, Ben Diaz, and Carl Yu", [["Ana Ruiz"], ["Ben Diaz"], ["Carl Yu"]]),
        ("a guard, the cook and two boys", [["a guard"], ["cook"], ["two boys"]]),
        ("guns, and", [["guns, and"]]),
        ("al-Qaeda in the Arabian Peninsula", [["al-Qaeda in the Arabian Peninsula"]]),
    ],
)
def test_a_mention_names_one_party_by_two_names_or_several(name: str, parties: list[list[str]]) -> None:
    assert apart(name) == parties


@pytest.mark.parametrize(
    ("short", "name", "same"),
    [
        ("NLA", "National Liberation Army", True),
        ("FLN", "Front for the Liberation of Naru", True),
        ("NLB", "National Liberation Army", False),
        ("nla", "National Liberation Army", False),
        ("NL", "National Liberation", False),
    ],
)
def test_initials_stand_for_a_name(short: str, name: str, same: bool) -> None:
    assert naming.stands_for(short, name) is same


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("student leader Ana Ruiz", "Ana Ruiz"),
        ("Col. Juan de la Cruz", "Juan de la Cruz"),
        ("MAYOR ANA RUIZ", "ANA RUIZ"),
        ("Ana Ruiz", "Ana Ruiz"),
        ("police officer", "police officer"),
        ("driver of the bus", "driver of the bus"),
        ("leader of One Two Three Four Five Six", "leader of One Two Three Four Five Six"),
    ],
)
def test_a_persons_name_goes_without_what_the_person_is(name: str, rest: str) -> None:
    assert naming.without_title(name) == rest
