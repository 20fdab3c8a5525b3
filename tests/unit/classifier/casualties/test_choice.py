"""Which rival is the toll, and what is said of each."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.casualties import choice, features, rivals, tolls
from services.classifier.casualties.rivals import Rival
from services.classifier.casualties.wording import Harm
from services.classifier.sentences import Sentence
from shared.domain.vocabulary import EventType, Subtype


def told(*sentences: str, subtype: Subtype = Subtype.ARMED_ATTACK) -> dict[Harm, list[Rival]]:
    return rivals.of(tolls.read([Sentence(s, 100 * n, n) for n, s in enumerate(sentences, 1)], subtype))


def best(harm: Harm, *sentences: str, subtype: Subtype = Subtype.ARMED_ATTACK) -> int | None:
    chosen = choice.choose(harm, told(*sentences, subtype=subtype), subtype)
    return chosen.value if chosen else None


def said(harm: Harm, value: int, *sentences: str) -> set[str]:
    """Return the features of one rival."""
    found = told(*sentences)
    other = Harm.INJURED if harm is Harm.KILLED else Harm.KILLED
    rows = features.of(found[harm], found[other], Subtype.BOMBING)
    (at,) = (n for n, r in enumerate(found[harm]) if r.value == value)
    return set(rows[at])


def test_nothing_told_is_not_chosen_from() -> None:
    assert best(Harm.KILLED, "The market was quiet.") is None
    assert best(Harm.INJURED, "Two monks were killed.") is None


def test_every_feature_that_tells_something_has_a_weight() -> None:
    found = told("At least nine were killed, including two nurses.", "Dozens were wounded.", "No one died.")
    for harm, other in ((Harm.KILLED, Harm.INJURED), (Harm.INJURED, Harm.KILLED)):
        for row in features.of(found[harm], found[other], Subtype.BOMBING):
            assert row.keys() <= choice.weights()[harm].keys()


def test_the_shipped_weights_are_finite_and_of_both_harms() -> None:
    stored = json.loads(choice.WEIGHTS.read_text())
    assert stored.keys() == {"killed", "injured"}
    assert all(abs(weight) < 10 for weights in stored.values() for weight in weights.values())


@pytest.mark.parametrize("length", [1, 20, 400])
def test_the_length_of_a_story_does_not_silence_its_toll(length: int) -> None:
    assert best(Harm.KILLED, "Gunmen shot dead three nurses.", *["The road was closed."] * length) == 3


@pytest.mark.parametrize(
    ("sentences", "injured"),
    [
        (("Dozens were hurt.", "Dozens of strikers were hurt.", "Clinics treated 57 strikers, a nurse said."), 57),
        (("Dozens of strikers were hurt, a nurse said.", "Dozens were hurt.", "A striker was hurt."), 24),
    ],
)
def test_a_number_makes_a_vague_one_exact(sentences: tuple[str, ...], injured: int) -> None:
    assert best(Harm.INJURED, *sentences) == injured


def test_a_cause_is_no_toll_of_a_protest_or_an_arrest() -> None:
    riot = "Hundreds marched after the killing of a student by police."
    assert best(Harm.KILLED, riot, subtype=Subtype.VIOLENT_DEMONSTRATION) is None
    arrest = "Detectives arrested a man in connection with the murder of a grocer."
    assert best(Harm.KILLED, arrest, subtype=Subtype.ARREST) is None
    assert best(Harm.KILLED, "A grocer was shot dead.", subtype=Subtype.ARMED_ATTACK) == 1


def test_a_guard_killed_in_a_kidnapping_counts() -> None:
    sentences = ("Bandits took nine pupils from a bus.", "A guard, Ali Bako, was shot dead at the door, police said.")
    assert best(Harm.KILLED, *sentences, subtype=Subtype.ABDUCTION) == 1


def test_both_sides_of_a_clash_count_and_attackers_of_others_do_not() -> None:
    sentence = "Three rangers and five gunmen were killed."
    assert best(Harm.KILLED, sentence, subtype=Subtype.ARMED_CLASH) == 8
    assert best(Harm.KILLED, sentence, subtype=Subtype.ARMED_ATTACK) == 3


def test_one_incident_is_told_apart_from_several() -> None:
    sentences = ("Six traders were killed in three separate attacks.", "The bomb killed two traders at a kiosk.")
    assert "several" in said(Harm.KILLED, 6, *sentences)
    assert "several" not in said(Harm.KILLED, 2, *sentences)
    assert "several" not in said(Harm.KILLED, 6, sentences[0])


def test_what_is_said_of_a_rival() -> None:
    assert {"cause", "of"} <= said(Harm.KILLED, 2, "Crowds protested against the killing of two miners.")
    assert "joined" in said(Harm.KILLED, 2, "A miner and his son were killed.")
    assert "one.joined" in said(Harm.KILLED, 1, "A miner died.", "A clerk and his son were killed.")
    assert "rest.same" in said(Harm.INJURED, 5, "Six miners were shot, one died.")
    assert "shot.same" in said(Harm.INJURED, 6, "Six miners were shot, one died.")
    assert {"vague", "vague.met"} <= said(Harm.INJURED, 24, "Dozens were hurt.", "In all 31 miners were hurt.")
    assert "meets" in said(Harm.INJURED, 31, "Dozens were hurt.", "In all 31 miners were hurt.")
    assert "summed.more" in said(Harm.KILLED, 5, "Two miners died at once and three others were killed later.")


def test_nothing_being_told_depends_on_the_kind_only_where_somebody_was_hurt() -> None:
    family = f"null.{EventType.RIOT}"
    for sentence, there in (("Two men were killed.", True), ("Nobody was killed.", False)):
        found = told(sentence)
        row = features.of(found[Harm.KILLED], found[Harm.INJURED], Subtype.MOB_VIOLENCE)[-1]
        assert (family in row, "null.zero" in row) == (there, not there)


@given(
    st.lists(
        st.sampled_from(["Two died.", "No one was hurt.", "Dozens were shot.", "Ana Ruiz was killed.", "9 were hurt."]),
        max_size=8,
    ),
    st.sampled_from(Subtype),
)
def test_features_are_finite_and_only_what_holds(sentences: list[str], subtype: Subtype) -> None:
    found = told(*sentences, subtype=subtype)
    rows = features.of(found[Harm.KILLED], found[Harm.INJURED], subtype)
    assert len(rows) == len(found[Harm.KILLED]) + 1
    assert all(value and abs(value) < 100 for row in rows for value in row.values())


def test_whether_the_one_shot_is_the_one_killed() -> None:
    same = ("A girl was shot on the quay.", "The girl died at a clinic.")
    assert "other.met" in said(Harm.INJURED, 1, *same)
    apart = ("A cook was shot on the quay.", "The girl died at a clinic.")
    assert "other.apart" in said(Harm.INJURED, 1, *apart)
    assert "other.met" not in said(Harm.INJURED, 1, *apart)
    found = told(*same)
    nothing = features.of(found[Harm.INJURED], found[Harm.KILLED], Subtype.ARMED_ATTACK)[-1]
    assert {"null.met", "null.shot", "null.single"} <= nothing.keys()


def test_parties_told_apart_are_known_as_such() -> None:
    sentences = ("Four soldiers were killed near the dam.", "Two policemen died in the fighting.")
    assert "sides" in said(Harm.KILLED, 6, *sentences)
    assert {"other.less"} <= said(Harm.KILLED, 6, *sentences, "Three monks were hurt.")
    assert {"other.equal"} <= said(Harm.KILLED, 4, *sentences, "Four monks were hurt.")
