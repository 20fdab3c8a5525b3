"""What is news of an incident, and what only speaks of one: trials, games, anniversaries, figures."""

import pytest

from services.classifier import reading, sentences
from services.classifier.models import Models
from shared.domain.vocabulary import Subtype
from shared.errors import Reason
from tests.unit.classifier.conftest import Coder, not_yet

#: A Thursday.
DAY = "2022-03-17"

TRIALS = [
    (
        "Brothers get life for bus bombing",
        (
            "Two brothers were sentenced to life in prison on Wednesday for the bombing of a bus in Karsk that "
            "killed nine people in 2017. The judge said that they had planned the blast for months. Families of the "
            "dead embraced."
        ),
    ),
    (
        "Trial opens over killing of mayor",
        (
            "The trial of five men accused of gunning down the mayor of Villa Nueva opened on Monday. Prosecutors "
            "say that they ambushed his car in 2019. All five deny murder."
        ),
    ),
    (
        "Ex-soldier pleads guilty to market shooting",
        "A former soldier pleaded guilty on Tuesday to shooting dead four shoppers at a market in 2020.",
    ),
    (
        "Court upholds convictions of kidnap gang",
        (
            "The appeal court on Monday upheld the convictions of three men who kidnapped a banker and held him for "
            "ransom in 2018."
        ),
    ),
    (
        "Four jailed for 20 years over hotel attack",
        (
            "Four men who helped gunmen to attack a hotel in 2016 were jailed on Tuesday. The judge said that they "
            "had driven the attackers to the gate. One other man was acquitted."
        ),
    ),
]

GAMES = [
    (
        "Rovers bombard United but lose derby",
        (
            "Rovers laid siege to the goal of United on Sunday but lost the derby 2-1. Their striker fired a rocket "
            "against the woodwork in the ninth minute. United hit back after half-time, when their captain shot low "
            "into the net. The Rovers coach said his attack lacked a killer."
        ),
    ),
    (
        "Bowlers blow up tourists' innings",
        (
            "The home attack exploded into life on Tuesday as the tourists lost six wickets before the interval. "
            "The opening bowler was on fire, and the innings was shot to pieces in ten overs. The coach was "
            "delighted with the season."
        ),
    ),
    pytest.param(
        "City ambush leaders in penalty shoot-out",
        (
            "City ambushed the league leaders on Saturday and killed off their cup hopes on penalties. The "
            "goalkeeper survived a bombardment of crosses in extra time. The semi-final is next month."
        ),
    ),
]

MEMORIES = [
    (
        "Ten years on, village mourns its dead",
        (
            "Villagers lit candles on Sunday for the 40 people who were killed when gunmen stormed the market ten "
            "years ago. A wreath was laid by the mayor. Survivors recalled how the attackers had come at dawn."
        ),
    ),
    (
        "City commemorates 1998 embassy bombing",
        (
            "Hundreds gathered on Monday to commemorate the victims of the 1998 embassy bombing. The blast killed "
            "200 people. A choir sang at the memorial."
        ),
    ),
    (
        "The night the barracks burned",
        (
            "On 3 May 1987 rebels attacked the barracks in Mbale. Soldiers were killed in the gun battle of May "
            "1987, and a bomb exploded in 1988."
        ),
    ),
]

FIGURES = [
    (
        "Kidnappings fell last year, report says",
        (
            "Kidnappings fell by 12 per cent last year compared with the same period before, according to "
            "statistics published on Monday. There were 300 kidnappings a year, the report said."
        ),
    ),
    (
        "Port sees surge in murders",
        (
            "The port has seen a surge in murders, police figures show. So far 80 people have been murdered this "
            "year, an increase of 20 per cent. The murder rate is the highest in the country."
        ),
    ),
    pytest.param(
        "Bank fends off computer attacks",
        (
            "Hackers attacked the web site of a bank on Monday with a computer virus. Software stopped the attack, "
            "and no passwords were stolen."
        ),
        marks=not_yet(reason="an attack that is not physical"),
    ),
]


@pytest.mark.parametrize(("title", "text"), [*TRIALS, *GAMES, *MEMORIES, *FIGURES])
def test_what_only_speaks_of_violence_is_not_relevant(code: Coder, title: str, text: str) -> None:
    coding = code(title, text, DAY)
    assert (coding.relevant, coding.discard_reason) == (False, Reason.NOT_RELEVANT)


@pytest.mark.parametrize(
    ("title", "text", "subtype"),
    [
        (
            "Bomb kills five outside stadium",
            (
                "A bomb exploded outside a football stadium in Kano on Sunday as fans left a league match, killing "
                "five people, police said. The final whistle had just blown. The home side had won 2-1 with a late "
                "goal. Their coach said that the derby did not matter any more."
            ),
            Subtype.BOMBING,
        ),
        (
            "Fans stabbed at cup derby",
            (
                "Two fans were stabbed on Saturday during the cup derby in Split, police said. The referee stopped "
                "play in the second half. The goalkeeper and a striker helped the wounded. The league will decide "
                "on Monday."
            ),
            Subtype.ARMED_ATTACK,
        ),
        (
            "Guard shot dead at courthouse",
            (
                "A gunman opened fire outside a courthouse in Davao on Wednesday, killing a guard. A jury was "
                "hearing the trial of a drug gang. Police said that the attacker escaped."
            ),
            Subtype.ARMED_ATTACK,
        ),
        pytest.param(
            "Judge who jailed gang boss shot dead",
            (
                "A judge who sentenced a gang boss last year was shot dead on Tuesday outside his home in Durres. "
                "Two men on a motorcycle fired eight times. Police closed the road."
            ),
            Subtype.ARMED_ATTACK,
            marks=not_yet(reason="an attack on a judge reads like a court story"),
        ),
        (
            "Prisoner stabs guard",
            (
                "A prisoner who had been jailed for murder stabbed a guard on Monday at the prison in Kisumu, "
                "wounding him badly. The guard was taken to hospital, officials said."
            ),
            Subtype.ARMED_ATTACK,
        ),
        pytest.param(
            "Police arrest three over bus bombing",
            (
                "Police arrested three men on Tuesday over the bombing of a bus in Karsk on Sunday that killed "
                "nine. They were detained in a village near the border. A court will hear them on Friday."
            ),
            Subtype.BOMBING,
            marks=not_yet(reason="the arrest is read as the news"),
        ),
        (
            "Blast hits memorial march on war anniversary",
            (
                "A bomb killed three people on Wednesday at a ceremony for the tenth anniversary of the end of the "
                "war in Gulu. The device exploded beside the memorial, police said. Veterans had laid a wreath "
                "minutes before."
            ),
            Subtype.BOMBING,
        ),
        (
            "Car bomb kills six on anniversary of massacre",
            (
                "Six people were killed by a car bomb in Hilla on Tuesday, the anniversary of the 2009 massacre in "
                "the town. Police said the blast hit a market."
            ),
            Subtype.BOMBING,
        ),
        (
            "Mass grave found in well",
            (
                "The bodies of 30 people who were killed in 2014 were found on Monday in a well near Sinjar, "
                "officials said. It is the third mass grave in the district."
            ),
            Subtype.ARMED_ATTACK,
        ),
        pytest.param(
            "Six shot as murders rise",
            (
                "Gunmen shot dead six people at a bar in Colima on Monday. Murders in the state rose by 20 per cent "
                "last year, according to statistics."
            ),
            Subtype.ARMED_ATTACK,
        ),
    ],
)
def test_news_is_kept_among_such_words(code: Coder, title: str, text: str, subtype: Subtype) -> None:
    coding = code(title, text, DAY)
    assert coding.relevant
    assert coding.events[0].subtype is subtype


@pytest.mark.parametrize(("published", "relevant"), [("1994-08-20", True), ("2022-03-17", False), (None, True)])
def test_news_is_what_happened_in_the_last_two_months(code: Coder, published: str | None, relevant: bool) -> None:
    text = "A car bomb exploded at the port of Callao on 16 August 1994, killing four people."
    assert code("", text, published).relevant is relevant


def test_the_nearest_date_is_the_one_of_the_act(code: Coder) -> None:
    text = "A bomb exploded in Tripoli on Monday, on the street where an envoy was killed in 1990."
    coding = code("", text, DAY)
    assert coding.relevant
    assert coding.events[0].date is not None
    assert str(coding.events[0].date.start) == "2022-03-14"


def test_a_repeated_headline_and_a_section_do_not_push_the_lead_down(models: Models) -> None:
    title = "Blast in Aden"
    read = sentences.read(title, f"Yemen\n{title}\nA bomb exploded. It was night. A van burnt.", models.splitter)
    assert [r.order for r in reading.read(read, models.lexicon, None)] == [0, 0, 0, 1, 2, 3]
