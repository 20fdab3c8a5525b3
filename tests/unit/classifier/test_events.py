"""Which sentences tell of one happening, and which of another."""

from datetime import date

import pytest

from shared.domain.vocabulary import DatePrecision, EventType, Realis, Subtype
from tests.unit.classifier.conftest import Coder


def test_one_happening_told_in_many_sentences_is_one(code: Coder) -> None:
    coding = code(
        "Car bomb kills six in Karachi",
        "A car bomb exploded outside a bank in Karachi on Tuesday, killing six people.\n"
        "The explosion shattered windows. The bomb was hidden in a van.\nPolice said that the blast hurt nobody else.",
    )
    (event,) = coding.events
    assert event.main
    assert event.subtype is Subtype.BOMBING
    assert event.date is not None
    assert event.date.start == date(2022, 3, 15)
    assert event.killed is not None
    assert event.killed.best == 6


def test_other_days_are_background(code: Coder) -> None:
    coding = code(
        "Gunmen kill nine at market",
        "Gunmen opened fire on shoppers in Jos on Wednesday, killing nine.\nThe town buried its dead.\n"
        "Last month, a suicide bomber killed 14 people in Maiduguri.",
    )
    main, other = coding.events
    assert (main.main, other.main) == (True, False)
    assert main.killed is not None
    assert main.killed.best == 9
    assert other.subtype is Subtype.SUICIDE_BOMBING
    assert other.date is not None
    assert other.date.precision is DatePrecision.MONTH
    assert other.killed is not None
    assert other.killed.best == 14
    assert other.place is not None
    assert other.place.name == "Maiduguri"


def test_history_is_not_coded(code: Coder) -> None:
    coding = code(
        "Gunmen kill nine at market",
        "Gunmen opened fire on shoppers in Jos on Wednesday, killing nine.\nIt was quiet later.\nNobody claimed it.\n"
        "In 2014, a car bomb killed 118 people in Jos.",
    )
    assert [e.main for e in coding.events] == [True]


def test_a_bare_attack_in_the_background_is_of_the_same_kind(code: Coder) -> None:
    coding = code(
        "Mortar shells hit depot in Erbil",
        "Mortar shells landed on a depot in Erbil on Thursday.\nNobody was hurt.\nGuards closed the road.\n"
        "A similar depot in Mosul was attacked last Friday.",
    )
    assert [(e.subtype, e.main) for e in coding.events] == [
        (Subtype.SHELLING_ROCKET_MISSILE, True),
        (Subtype.SHELLING_ROCKET_MISSILE, False),
    ]


def test_no_more_than_six_others(code: Coder) -> None:
    days = ["March 1", "March 3", "March 5", "March 7", "March 9", "March 11", "March 13", "February 20"]
    lines = [f"On {day}, a roadside bomb killed three soldiers in Ramadi." for day in days]
    coding = code(
        "Bomb kills four in Mosul", "\n".join(["A bomb exploded in Mosul on Thursday, killing four.", "x", *lines])
    )
    assert sum(not e.main for e in coding.events) == 6


@pytest.mark.parametrize(
    ("text", "subtype"),
    [
        (
            "Protesters marched in Lima on Monday. Demonstrators threw stones and torched cars.",
            Subtype.VIOLENT_DEMONSTRATION,
        ),
        (
            "Protesters marched in Lima on Monday. Police fired on the demonstrators, killing two marchers.",
            Subtype.FORCE_AGAINST_PROTESTERS,
        ),
        ("A bomb blast hit a mosque in Kano on Monday. A suicide bomber blew himself up.", Subtype.SUICIDE_BOMBING),
        (
            "Gunmen shot a man in Cali on Monday. The journalist was shot dead at home. Gunmen killed the reporter.",
            Subtype.ASSASSINATION,
        ),
    ],
)
def test_the_sharper_reading_wins(code: Coder, text: str, subtype: Subtype) -> None:
    assert code("", text).events[0].subtype is subtype


def test_only_killed_and_attacked_is_an_armed_attack(code: Coder) -> None:
    (event,) = code("Deadly attack leaves four killed", "They were attacked in Jos on Monday. Four were killed.").events
    assert event.type is EventType.VIOLENCE_CIVILIANS


def test_a_foiled_attack_was_attempted(code: Coder) -> None:
    (event,) = code("Car bomb defused", "Police defused a car bomb in Quetta on Monday.").events
    assert event.realis is Realis.ATTEMPTED
