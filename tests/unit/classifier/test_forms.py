"""The forms in which news comes: capitals, headlines alone, live blogs, round-ups, long features."""

from shared.domain.vocabulary import EventType, Subtype
from tests.unit.classifier.conftest import Coder

CALM = [
    "The road to the lake passes fields of maize and a row of shops that sell phone credit and cold drinks.",
    "Teachers say that attendance has risen since the school began to offer a midday meal to its pupils.",
    "In the evening the ferry brings traders home, and the square fills with music from the radio station.",
    "The district has built two wells this year, and the council hopes to pave the market before the rains.",
    "An agronomist from the university explained how farmers choose their seed and when they sow it.",
]


def test_wire_text_in_capitals(code: Coder) -> None:
    coding = code(
        "",
        "LIMA, 4 MAR 90 (ACAN) -- [TEXT] A CAR BOMB EXPLODED LAST NIGHT IN FRONT OF A BANK IN DOWNTOWN LIMA, KILLING "
        "TWO GUARDS AND WOUNDING FIVE PASSERSBY, POLICE REPORTED TODAY.  NO GROUP HAS CLAIMED RESPONSIBILITY.",
        "1990-03-04",
    )
    (event,) = [e for e in coding.events if e.main]
    assert event.subtype is Subtype.BOMBING
    assert event.killed
    assert event.killed.best == 2


def test_a_headline_alone(code: Coder) -> None:
    coding = code("Gunmen kidnap eight students from college in Kaduna", "")
    assert [e.subtype for e in coding.events] == [Subtype.ABDUCTION]


def test_lower_case_without_a_title(code: Coder) -> None:
    coding = code(
        "", "two policemen were shot dead by gunmen in a market in quetta on monday  officials said. it rained."
    )
    assert coding.relevant
    assert coding.events[0].type in (EventType.VIOLENCE_CIVILIANS, EventType.BATTLE)


def test_a_live_blog(code: Coder) -> None:
    text = (
        "16:40 The mayor asks people to stay at home.\n"
        "16:22 Police confirm that four people were killed when gunmen opened fire on shoppers at the market.\n"
        "16:05 Ambulances are arriving. Roads around the market are closed.\n"
        "15:58 Witnesses speak of shots at the central market in Nakuru."
    )
    coding = code("Live: shooting at Nakuru market", text)
    assert coding.events[0].type is EventType.VIOLENCE_CIVILIANS
    assert coding.events[0].killed
    assert coding.events[0].killed.best == 4


def test_a_round_up_tells_more_than_one(code: Coder) -> None:
    coding = code(
        "Bomb kills five in Mosul as violence spreads",
        "A roadside bomb killed five people in Mosul on Wednesday, police said.\n"
        "Elsewhere in the province, gunmen kidnapped a teacher in Hawija last Friday.\n"
        "In a separate incident, mortar shells hit a village near Tikrit on 1 March, wounding two.",
    )
    assert coding.events[0].subtype is Subtype.BOMBING
    assert {e.subtype for e in coding.events} >= {Subtype.ABDUCTION, Subtype.SHELLING_ROCKET_MISSILE}
    assert [e.main for e in coding.events].count(True) == 1


def test_a_feature_of_five_thousand_words(code: Coder) -> None:
    attack = "On Sunday gunmen stormed the clinic in Rutshuru and shot dead three nurses, the army said."
    calm = [CALM[n % len(CALM)] for n in range(290)]
    text = "\n".join(
        [
            attack,
            "The nurses were buried on Monday.",
            *calm[:140],
            "The gunmen who attacked the clinic fled.",
            *calm[140:],
        ]
    )
    assert len(text.split()) > 4_500
    coding = code("After the attack on the clinic, a district mourns its nurses", text)
    (event,) = [e for e in coding.events if e.main]
    assert event.type is EventType.VIOLENCE_CIVILIANS
    assert event.killed
    assert event.killed.best == 3


def test_one_word_is_nothing(code: Coder) -> None:
    for word in ("Bomb", "massacre", "a", "!"):
        assert not [e for e in code("", word).events if e.date or e.place]
