"""How tolls are worded: nobody, ranges, parts, roles, and the sentences that each number rests on."""

import pytest

from services.classifier.casualties import tolls
from services.classifier.casualties.wording import Harm
from services.classifier.sentences import Sentence
from shared.domain.vocabulary import CasualtyRole, Subtype
from shared.errors import Reason
from tests.unit.classifier.conftest import Coder, not_yet

Numbers = tuple[int | None, int | None, int | None]


def told(*sentences: str, harm: Harm = Harm.KILLED) -> tolls.Told | None:
    return tolls.of([Sentence(s, 100 * i, i) for i, s in enumerate(sentences, 1)], Subtype.BOMBING)[harm]


def numbers(found: tolls.Told | None) -> Numbers | None:
    return (found.toll.min, found.toll.best, found.toll.max) if found else None


def roles(found: tolls.Told | None) -> dict[CasualtyRole, int]:
    return dict(found.toll.by_role) if found else {}


@pytest.mark.parametrize(
    "sentence",
    ["Medics said no one was badly injured.", "Not one was seriously wounded.", "No passenger was critically hurt."],
)
def test_a_negation_invents_no_victim(sentence: str) -> None:
    assert told(sentence, harm=Harm.INJURED) is None


@pytest.mark.parametrize("sentence", ["No one was hurt.", "None of the passengers was injured."])
def test_nobody_hurt_is_nought(sentence: str) -> None:
    assert numbers(told(sentence, harm=Harm.INJURED)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "The death toll from Friday's truck bombing in Aleppo climbed to 31 as two of the wounded died.",
            (31, 31, 31),
        ),
        ("Death toll from Lahore park blast rises to 40", (40, 40, 40)),
        ("The death toll rose from 5 to 9.", (9, 9, 9)),
        ("Between 30 and 35 people were killed.", (30, None, 35)),
        ("Three to nine marchers were killed.", (3, None, 9)),
        ("A nurse who was riding with the patients was shot dead by robbers.", (1, 1, 1)),
        ("Two cooks who had worked at the camp were killed.", (2, 2, 2)),
        ("The grenade killed a mother and her three children.", (4, 4, 4)),
    ],
)
def test_a_toll_is_not_dropped(sentence: str, expected: Numbers) -> None:
    assert numbers(told(sentence)) == expected


def test_a_list_of_tolls_is_no_list_of_ages() -> None:
    assert numbers(told("5 dead, 14 injured in Basra blast", harm=Harm.INJURED)) == (14, 14, 14)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("A driver who was waiting for the soldiers was shot dead.", {}),
        ("A driver who was waiting for the soldiers, Ali Noor, was shot dead.", {}),
        ("A driver travelling with soldiers was shot dead.", {}),
        ("Four rebels and three soldiers died.", {CasualtyRole.ARMED_GROUP: 4, CasualtyRole.MILITARY: 3}),
        ("A 9-year-old girl was shot and killed.", {CasualtyRole.CHILD: 1}),
        ("The mine killed six people, including a 5-year-old boy.", {CasualtyRole.CHILD: 1}),
    ],
)
def test_the_role_is_that_of_the_victim(sentence: str, expected: dict[CasualtyRole, int]) -> None:
    assert roles(told(sentence)) == expected


@pytest.mark.parametrize("part", ["Two of the dead were children.", "Among the dead were two children."])
def test_a_part_told_elsewhere_is_cited(part: str) -> None:
    found = told("The bomb killed eight people.", part)
    assert found is not None
    assert (numbers(found), roles(found)) == ((8, 8, 8), {CasualtyRole.CHILD: 2})
    assert [s.rank for s in found.sentences] == [1, 2]


def test_attackers_killed_are_cited_and_not_added() -> None:
    found = told("Five soldiers were killed in the raid.", "Nine attackers were killed when guards fired back.")
    assert found is not None
    assert numbers(found) == (5, 5, 5)
    assert roles(found) == {CasualtyRole.MILITARY: 5, CasualtyRole.PERPETRATOR: 9}
    assert [s.rank for s in found.sentences] == [1, 2]


def test_a_role_of_the_headline_alone_is_cited_as_such() -> None:
    title, lead = Sentence("Blast kills two soldiers", None, 0), Sentence("Two people were killed.", 0, 1)
    found = tolls.of([title, lead], Subtype.BOMBING)[Harm.KILLED]
    assert found is not None
    assert found.titled
    assert found.sentences == (title,)


def test_no_role_rests_on_more_sentences_than_are_cited() -> None:
    found = told(
        "The bomb killed 30 people.",
        "Two of the dead were children.",
        "Three of the dead were soldiers.",
        "Four of the dead were journalists.",
    )
    assert found is not None
    assert len(found.sentences) == 3
    assert roles(found) == {CasualtyRole.CHILD: 2, CasualtyRole.MILITARY: 3}


@pytest.mark.parametrize(
    ("title", "text", "subtype"),
    [
        pytest.param(
            "",
            "Militiamen with machetes killed nine farmers, including a child, near Bunia, the mayor said.",
            "armed_attack",
            marks=not_yet(reason="one bare sentence: the farmers are read as protesters"),
        ),
        ("Seven dead, 15 injured in Aden blast", "", "bombing"),
        ("Missile hits Odesa, no casualties", "", "shelling_rocket_missile"),
        ("", "Officers in Vienna arrested two women suspected of plotting to attack a theatre.", "arrest"),
        ("", "A ten-day ceasefire between the army and the rebels in Sudan came into force on Sunday.", "agreement"),
    ],
)
def test_short_news_is_news(code: Coder, title: str, text: str, subtype: str) -> None:
    coding = code(title, text)
    assert coding.relevant
    assert coding.events[0].subtype == Subtype(subtype)
    assert coding.events[0].date is None or text.endswith("Sunday.")


def test_what_only_the_headline_tells_is_named(code: Coder) -> None:
    (event,) = code("Seven dead, 15 injured in Aden blast", "").events
    assert not event.evidence
    assert {"killed", "injured", "place", "type"} <= set(event.headline)


def test_an_exercise_kills_nobody(code: Coder) -> None:
    text = "Rescuers in Porto held an exercise on Monday in which a bomb killed 40 fictional commuters."
    assert not code("Rescuers rehearse", text).relevant


def test_a_withdrawn_number_does_not_hide_its_paragraph(code: Coder) -> None:
    text = (
        "A bomb killed four civilians in Quetta on Monday. An earlier version of this report said that six civilians "
        "were killed. The police had given that number."
    )
    killed = code("Bomb in Quetta", text).events[0].killed
    assert killed is not None
    assert (killed.min, killed.best, killed.max) == (4, 4, 4)


@pytest.mark.parametrize(
    "text",
    [
        "Bei einer Explosion in Basra sind am Dienstag drei Menschen getötet worden. Die Polizei sucht nach dem Täter.",
        "أعلنت الشرطة مقتل ثلاثة اشخاص في هجوم",
        "Взрыв в Грозном, трое погибли",
    ],
)
def test_another_language_is_told_without_a_label(code: Coder, text: str) -> None:
    assert code("", text, language=None).discard_reason is Reason.LANGUAGE


@pytest.mark.parametrize("title", ["Bomb kills six in Los Mochis", "Rocket hits Haifa port", "Car bomb rocks El Arish"])
def test_a_short_headline_is_english(code: Coder, title: str) -> None:
    assert code(title, "", language=None).discard_reason is not Reason.LANGUAGE
