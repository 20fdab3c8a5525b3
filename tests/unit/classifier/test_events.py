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
        pytest.param(
            "Protesters marched in Lima on Monday. Police fired on the demonstrators, killing two marchers.",
            Subtype.FORCE_AGAINST_PROTESTERS,
        ),
        ("A bomb blast hit a mosque in Kano on Monday. A suicide bomber blew himself up.", Subtype.SUICIDE_BOMBING),
        pytest.param(
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


@pytest.mark.parametrize(
    ("title", "text", "subtype"),
    [
        pytest.param(
            "Gunmen abduct nuns and kill driver",
            "Gunmen abducted six nuns from a convent near Owerri on Monday and shot dead their driver.",
            Subtype.ABDUCTION,
        ),
        pytest.param(
            "Armed men seize villagers",
            "Armed men seized 30 villagers near Kaga on Monday, police said. One man who resisted was shot dead.",
            Subtype.ABDUCTION,
        ),
        (
            "Gunmen shoot dead six farmers",
            "Gunmen shot dead six farmers near Owerri on Monday and abducted one boy. The attackers fled.",
            Subtype.ARMED_ATTACK,
        ),
        (
            "Gunmen open fire on patrol",
            "Gunmen opened fire on a police patrol in Cotabato on Monday, wounding two policemen.",
            Subtype.ARMED_CLASH,
        ),
        (
            "Rebels attack army post",
            "Rebels attacked an army post near Goma on Monday and shot dead four soldiers.",
            Subtype.ARMED_CLASH,
        ),
        (
            "Gunmen open fire on bus",
            "Gunmen opened fire on a bus near Goma on Monday, killing two passengers. Police closed the road.",
            Subtype.ARMED_ATTACK,
        ),
        (
            "Police detain four suspected militants",
            "Police arrested four suspected militants in Lyon on Tuesday. No shots were fired, and nobody was shot.",
            Subtype.ARREST,
        ),
        ("Gunmen kill four", "Four people were killed by gunmen in Palu on Monday.", Subtype.ARMED_ATTACK),
    ],
)
def test_the_act_that_is_told_names_the_event_and_not_those_who_did_it(
    code: Coder, title: str, text: str, subtype: Subtype
) -> None:
    assert code(title, text).events[0].subtype is subtype


def test_an_old_date_is_not_the_date_of_news(code: Coder) -> None:
    coding = code(
        "Police arrest rebel commander",
        "Police arrested a rebel commander wanted for an attack on 3 June 2015. He was arrested in Cali on Sunday.",
    )
    assert coding.events[0].date is not None
    assert coding.events[0].date.start == date(2022, 3, 13)


def test_the_latest_of_a_series_keeps_its_date(code: Coder) -> None:
    coding = code(
        "Rockets hit Kharkiv",
        "Rockets hit a square in Kharkiv on Monday.\nTwo men were hurt on Monday, the latest in a series of attacks.",
    )
    assert coding.events[0].date is not None
    assert coding.events[0].date.start == date(2022, 3, 14)


@pytest.mark.parametrize(
    "note",
    [
        "Correction, March 18: an earlier version of this article said that five people were wounded; it is two.",
        "Correction: five people were wounded, not six, the ministry said.",
        "An earlier version of this story said that five people were killed.",
        "Editor's note: five people were killed according to a first report.",
        "This article was amended on Friday: it said that five people were killed.",
    ],
)
def test_what_a_correction_withdraws_is_no_toll(code: Coder, note: str) -> None:
    story = "A bomb exploded at a bar in Kisumu on Wednesday, wounding two people, officials said."
    noted, plain = (code("Bomb wounds two", text).events for text in (f"{story}\n{note}", story))
    # How sure it is may change by a hair: the gate reads words, whatever they are.
    assert [e.model_copy(update={"confidence": None}) for e in noted] == [
        e.model_copy(update={"confidence": None}) for e in plain
    ]


def test_officers_of_a_prison_are_no_correction(code: Coder) -> None:
    coding = code("", "Corrections officers were attacked in Lima on Monday, and gunmen shot dead two guards.")
    assert coding.events[0].killed is not None
    assert coding.events[0].killed.best == 2


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Army denies bombing clinic", "The army did not bomb a clinic in Sarmin, the minister said on Tuesday."),
        ("No attack in Jos, police say", "There was no attack in Jos on Monday. Rumours of an attack had spread."),
        ("Police deny mosque attack", "Police denied reports that a mosque in Jos had been attacked on Monday."),
    ],
)
def test_what_a_story_only_denies_did_not_happen(code: Coder, title: str, text: str) -> None:
    assert {e.realis for e in code(title, text).events} <= {Realis.DENIED}


def test_what_one_side_denies_and_another_tells_happened(code: Coder) -> None:
    (event,) = code(
        "Army denies killing villagers near Jos",
        "The army denied on Tuesday that its soldiers killed 12 villagers near Jos.\n"
        "Residents said that soldiers shot dead 12 men in the village on Monday.",
    ).events
    assert event.realis is Realis.ACTUAL


def test_what_is_still_to_come_dates_no_background(code: Coder) -> None:
    coding = code(
        "Car bomb kills nine in Kabul",
        "A car bomb killed nine people in Kabul on Monday.\nThe bomb was hidden in a taxi.\nShops were closed.\n"
        "On Sunday protesters will march in Herat, where police shot dead two demonstrators last week.",
    )
    assert all(e.date is None or e.date.start <= date(2022, 3, 17) for e in coding.events)
