"""A story's whole coding: the acceptance case, the gate, and any text at all."""

import time
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.classifier import sentences
from services.classifier.classify import classify
from services.classifier.models import MODEL, Models
from shared.domain.article import Published
from shared.domain.coded import Coding
from shared.domain.event import Event, Toll
from shared.domain.vocabulary import ActorRole, CasualtyRole, DatePrecision, PlacePrecision, Realis, Sector, Subtype
from shared.errors import Reason
from tests.unit.classifier.conftest import Coder

TITLE = "Rocket salvo strikes Baghdad\u2019s Green Zone and wounds three civilians"
#: A Tuesday.
DAY = "2021-11-16"
TEXT = """Staff at the mission are unhurt, an envoy wrote.

“Our compound in the Green Zone was attacked this afternoon,” the mission said.

Rockets were launched from the Dora district of southern Baghdad, an officer said, putting civilians in danger.

The prime minister denounced it on Tuesday.

Tuesday's salvo is one of a growing list of incidents. Last Thursday, depots in Iraq and Syria were attacked, but no \
foreign troops were killed.

Last week also saw attacks elsewhere in the region, days before the anniversary of the killing of a general.

The story was last changed at noon."""


def inside(coding: Coding, text: str) -> bool:
    """Whether every span lies in the text."""
    spans = [s for e in coding.events for cited in e.evidence.values() for s in cited]
    return all(0 <= a < b <= len(text) for a, b in [*spans, *((p.start, p.end) for p in coding.places)])


def filled(event: Event) -> set[str]:
    values = {"type", *(f for f in ("date", "place") if getattr(event, f))}
    tolls = {f: getattr(event, f) for f in ("killed", "injured")}
    return values | {f for f, toll in tolls.items() if toll and {toll.min, toll.best, toll.max} != {None}}


@pytest.mark.parametrize("text", [TEXT, f"{TITLE}\n\n{TEXT}"], ids=["title apart", "title repeated in the text"])
def test_the_acceptance_case(code: Coder, text: str) -> None:
    coding = code(TITLE, text, DAY)
    (main,) = [e for e in coding.events if e.main]
    assert (main.subtype, main.realis) == (Subtype.SHELLING_ROCKET_MISSILE, Realis.ACTUAL)
    assert main.date is not None
    assert (main.date.start, main.date.end, main.date.precision) == (
        date(2021, 11, 16),
        date(2021, 11, 16),
        DatePrecision.DAY,
    )
    assert main.place is not None
    assert (main.place.name, main.place.city, main.place.country) == ("Green Zone", "Baghdad", "IQ")
    assert main.place.precision is PlacePrecision.NEIGHBOURHOOD
    assert (main.place.lat, main.place.lon) == pytest.approx((33.3, 44.39), abs=0.02)
    assert main.killed is None
    assert main.injured == Toll(min=3, best=3, max=3, by_role={CasualtyRole.CIVILIAN: 3})
    assert [(e.date.start, e.date.end) for e in coding.events if not e.main and e.date] == [
        (date(2021, 11, 11), date(2021, 11, 11)),
        (date(2021, 11, 8), date(2021, 11, 14)),
    ]
    assert all(filled(e) <= set(e.evidence) for e in coding.events)
    assert inside(coding, text)


def test_what_only_the_title_tells_cites_the_sentence_nearest_to_it(code: Coder) -> None:
    injured = code(TITLE, TEXT, DAY).events[0].evidence["injured"]
    ((start, end),) = injured
    assert TEXT[start:end].startswith("Rockets were launched from the Dora district")
    assert TEXT[start:end].endswith("putting civilians in danger.")


def test_who_and_what_is_coded_and_nobody_claims_it(code: Coder) -> None:
    event = code(TITLE, TEXT, DAY).events[0]
    assert [(a.name, a.sector, a.count) for a in event.actors or () if a.role is ActorRole.VICTIM] == [
        ("civilians", Sector.CIVILIAN, 3)
    ]
    assert "rocket" in {w.class_ for w in event.weapons or ()}
    assert event.targets
    assert event.claimed_by is None
    assert {"actors", "targets", "weapons"} <= set(event.evidence)


def test_place_names_are_listed_with_their_spans(code: Coder) -> None:
    mentions = code(TITLE, TEXT, DAY).places
    assert {"Green Zone", "Dora", "Baghdad", "Iraq", "Syria"} == {m.name for m in mentions}
    assert all(TEXT[m.start : m.end] == m.name for m in mentions)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Man sentenced to life",
            "A jury convicted a man on trial for a stabbing in 2019. The judge sentenced him.",
        ),
        ("Rovers win cup", "The striker shot twice and the league champions won the match. Their season is over."),
        (
            "Town marks anniversary",
            "Veterans commemorated the battle of 1944 with a memorial service.",
        ),
        ("Gas leak destroys block", "A gas leak caused an explosion in an accident on Monday, firefighters said."),
        ("Council backs new library", "The council voted for the budget on Tuesday. Opening hours stay."),
        ("", "Rice prices rose by three per cent last month, the ministry said."),
    ],
)
def test_other_matters_are_not_relevant(code: Coder, title: str, text: str) -> None:
    coding = code(title, text)
    assert (coding.relevant, coding.discard_reason, coding.events) == (False, Reason.NOT_RELEVANT, ())


def test_the_reasons_for_a_discard(code: Coder) -> None:
    assert code("", " \n ").discard_reason is Reason.EMPTY
    assert code("Titre", "Une bombe a explosé à Bamako.", language="fr").discard_reason is Reason.LANGUAGE
    spanish = (
        "Un hombre murió y otros dos resultaron heridos cuando una bomba estalló frente a un banco de la ciudad, " * 2
    )
    assert code("", spanish, language=None).discard_reason is Reason.LANGUAGE
    assert code("", "A bomb exploded in Bamako on Monday.", language=None).relevant
    assert code("", "A bomb exploded in Bamako on Monday.", language="en-GB").relevant


def test_the_verdict_names_its_rules(code: Coder) -> None:
    assert code("", "A bomb exploded in Bamako on Monday.").model == MODEL


def test_without_publication_a_weekday_is_unknown(code: Coder) -> None:
    text = "A car bomb exploded in Bamako on Monday, killing two people."
    assert code("", text, None).events[0].date is None
    dated = code("", text.replace("Monday", "2 May 2019"), None).events[0].date
    assert dated is not None
    assert dated.start == date(2019, 5, 2)


def test_a_future_or_ancient_publication_does_no_harm(code: Coder) -> None:
    text = "A car bomb exploded in Bamako on Monday, 30 years ago, last year and in January."
    for day in ("9999-12-31", "0001-01-01", "1900-02-28"):
        assert inside(code("", text, day), text)


#: Most that a hostile text may cost of a story of as many characters.
HOSTILE = 10


@pytest.fixture(scope="module")
def long_story_s(models: Models) -> float:
    """Return the processor seconds of a long story: the best of three."""
    told = "Gunmen killed {0} farmers near Kano on Monday, and police in Lagos said that a bomb wounded {0} soldiers. "
    text = "".join(told.format(n) for n in range(500))
    rounds = []
    for _ in range(3):
        started = time.process_time()
        classify("Attacks in Nigeria", text, None, "en", models=models)
        rounds.append(time.process_time() - started)
    return min(rounds)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 200_000,
        "bomb " * 200_000,
        "A bomb killed 3 people in Paris, " * 30_000,
        "1,000," * 150_000,
        "in the " * 150_000,
        "x" * 1_000_000,
        "\n" * 500_000 + "bomb",
        "Bagdad-" * 140_000,
        "\u0000\ud83d\ude00\u202e\x07 bomb killed 5 in Baghdad 💣",
        "killed at least " * 60_000,
        "Gunmen killed nine near "
        + ", ".join(["Kano", "Jos", "Lagos", "Paris", "Lima", "Quito", "Oslo", "Rome"] * 1_500),
        "Gunmen killed 9,000,000,000,000 farmers near Kano on Monday. " * 3
        + "9,999" * 2_000
        + " villagers were shot dead.",
    ],
    ids=range(12),
)
def test_a_hostile_text_costs_no_more_than_a_long_story(code: Coder, long_story_s: float, text: str) -> None:
    started = time.process_time()
    assert inside(code("Bomb kills five", text), text)
    assert (time.process_time() - started) / long_story_s < HOSTILE


MEANT = (
    "bomb",
    "killed",
    "three",
    "in",
    "Baghdad",
    "on",
    "Monday",
    "last week",
    "at least",
    "injured",
    "the",
    "gunmen",
)
words = st.sampled_from(
    [*MEANT, "Green Zone", "said", "12", ",", ".", "İ", "\u2019", "é", "💣", "\n", "\t", "(", "\u201c", ""]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    title=st.text(max_size=60),
    text=st.one_of(st.text(max_size=400), st.lists(words, max_size=80).map(" ".join)),
    day=st.one_of(st.none(), st.dates().map(date.isoformat)),
    language=st.sampled_from([None, "en", "de", ""]),
)
def test_any_text_has_a_coding_with_spans_inside(
    models: Models, title: str, text: str, day: str | None, language: str | None
) -> None:
    published = Published.of_day(day) if day else None
    coding = classify(title, text, published, language, models=models)
    assert inside(coding, text)
    assert Coding.model_validate_json(coding.model_dump_json()) == coding


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(words, max_size=60).map(" ".join))
def test_sentences_stand_where_they_say(models: Models, text: str) -> None:
    for sentence in sentences.read("", text, models.splitter):
        assert sentence.start is not None
        assert text[sentence.start : sentence.start + len(sentence.text)] == sentence.text
        assert len(sentence.lower) == len(sentence.text)


def test_what_the_text_says_too_is_cited_from_the_text(code: Coder) -> None:
    (event,) = code(
        "Police chief shot dead in Cali", "Police chief Ana Ruiz was shot dead in Cali on Monday, officials said."
    ).events
    assert event.headline == ()
    assert set(event.evidence) >= {"type", "date", "place", "killed", "actors"}


def test_each_party_is_named_in_what_is_cited(code: Coder) -> None:
    text = (
        "Gunmen shot dead a teacher in Jos on Monday, police said.\nTwo nurses were killed in the same attack.\n"
        "The gunmen also killed three policemen at a roadblock.\nFour traders died of bullet wounds."
    )
    (event,) = code("Gunmen kill ten in Jos", text).events
    cited = " ".join(text[start:end] for start, end in event.evidence["actors"]).lower()
    names = [actor.name.lower() for actor in event.actors or ()]
    assert len(names) > 3
    assert all(name in cited for name in names)


@pytest.mark.parametrize("when", ["In March 2022", "On March 3", "At 5:30"])
def test_a_day_or_clock_before_a_group_is_not_how_many_they_were(code: Coder, when: str) -> None:
    coding = code("Boko Haram kills nine near Jos", f"{when} Boko Haram militants killed nine farmers near Jos.")
    counts = [a.count for e in coding.events for a in e.actors or () if "boko" in a.name.lower()]
    assert counts
    assert set(counts) == {None}


def test_nobody_is_counted_for_what_is_denied(code: Coder) -> None:
    text = "Police denied reports that a mosque in Jos had been attacked on Monday and 12 people had been killed."
    assert {e.killed for e in code("Police deny mosque attack", text).events} <= {None}
