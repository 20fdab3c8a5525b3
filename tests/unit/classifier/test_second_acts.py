"""Acts that a story tells among the sentences of its own incident."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from services.classifier import classify, events, second_acts
from services.classifier.classify import Analysis
from services.classifier.events import Happening
from services.classifier.models import Models
from shared.domain.article import Published
from tests.unit.classifier.conftest import Coder

MARCH = (
    "Protesters march in Santiago",
    (
        "Thousands of people marched through Santiago on Friday against a pension law.\n"
        "The march ended in the evening.\nIn Valparaiso, hooded youths looted a supermarket and burned a police van.\n"
        "The government called for calm."
    ),
)
MARKET = (
    "Gunmen kill four at Jos market",
    (
        "Gunmen opened fire at a market in Jos on Tuesday and killed four people.\n"
        "The wounded were taken to a hospital.\nIn Kano, robbers with rifles stopped a bus and took money and "
        "telephones from its passengers.\nNobody has claimed the attack."
    ),
)
STRIKES = (
    "Air strikes hit Idlib",
    (
        "Warplanes bombed a market town in Idlib on Monday, killing 12 civilians, rescuers said.\n"
        "Three houses were levelled.\nArtillery shells fell on the town of Saraqib and wounded six people.\n"
        "Rebels fired rockets at a village in Latakia province."
    ),
)


def analysed(models: Models, title: str, text: str) -> Analysis:
    return classify.analyse(title, text, Published.of_day("2022-03-17"), "en", models=models)


def unparted(found: Analysis, models: Models) -> tuple[Happening, ...]:
    assert found.judgement
    return events.find(found.told, models.verdicts.strengths(found.told, found.judgement), found.anchor)


def told(happenings: Sequence[Happening]) -> list[list[int]]:
    return [[r.sentence.rank for r in h.readings] for h in happenings]


@pytest.mark.parametrize(("story", "place"), [(MARCH, "Valparaiso"), (MARKET, "Kano")])
def test_a_second_act_is_background_with_its_own_place(code: Coder, story: tuple[str, str], place: str) -> None:
    main, other = code(*story).events
    assert (main.main, other.main) == (True, False)
    assert other.place is not None
    assert place in other.place.name
    assert main.place is not None
    assert place not in main.place.name


def test_its_sentences_leave_the_story_s_own_incident(models: Models) -> None:
    found = analysed(models, *MARCH)
    (one,) = unparted(found, models)
    assert told([one]) == [[0, 1, 2, 3, 4]]
    main, other = found.happenings
    assert told([main, other]) == [[0, 1, 2, 4], [3]]
    assert main.others == {3}
    assert other.others == {0, 1, 2, 4}
    assert (main.subtype, main.date, main.strength) == (one.subtype, one.date, one.strength)


def test_one_incident_told_at_length_stays_one(code: Coder) -> None:
    coding = code(
        "Car bomb kills six in Karachi",
        "A car bomb exploded outside a bank in Karachi on Tuesday, killing six people.\n"
        "The bomb went off as clerks arrived for work. Two of the dead were guards.\n"
        "The blast shattered windows and set fire to three cars.\nThe wounded were taken to a hospital.",
    )
    assert len(coding.events) == 1


RIOT = (
    "Dozens hurt as mill workers riot in Gazipur",
    (
        "Dozens of people were hurt on Monday when workers who had not been paid fought the police in Gazipur.\n"
        "Police fired tear gas.\nDemonstrators broke down the gate of a mill in Gazipur, smashed the windows and "
        "set fire to two lorries.\nThe owners could not be reached."
    ),
)
GUNMEN = (
    "Gunmen kill ten in Jos",
    (
        "Gunmen shot dead a teacher in Jos on Monday, police said.\nTwo nurses were killed in the same attack.\n"
        "The gunmen also killed three policemen at a roadblock.\nFour traders died of bullet wounds."
    ),
)


@pytest.mark.parametrize("story", [RIOT, GUNMEN], ids=["fire in a riot", "policemen among the dead"])
def test_a_second_reading_of_the_act_is_no_other_act(code: Coder, story: tuple[str, str]) -> None:
    assert [e.main for e in code(*story).events] == [True]


def test_opening_clearest_and_dating_sentences_are_never_asked(models: Models) -> None:
    found = analysed(models, *STRIKES)
    (one,) = unparted(found, models)
    assert one.dated_by is not None
    asked = [c.told.reading for c in second_acts.candidates([one])]
    assert [r.sentence.rank for r in asked] == [3, 4]
    last = asked[-1]
    for kept in (replace(one, dated_by=last), replace(one, telling=(last, *one.telling))):
        assert last not in [c.told.reading for c in second_acts.candidates([kept])]


def test_no_more_background_than_is_coded(models: Models) -> None:
    found = analysed(models, *MARCH)
    other = found.happenings[1]
    whole = (*unparted(found, models), *[other] * events.MOST_BACKGROUND)
    assert told(second_acts.part(whole, date(2022, 3, 17))) == told(whole)


def test_without_a_candidate_nothing_changes(models: Models) -> None:
    found = analysed(models, "Bomb kills four in Quetta", "A bomb killed four people in Quetta on Tuesday.")
    assert second_acts.part(found.happenings, found.anchor) == found.happenings
