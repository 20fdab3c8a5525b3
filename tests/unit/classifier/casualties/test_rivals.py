"""Which of the numbers that a story tells is its toll."""

from services.classifier.casualties import counting, rivals
from services.classifier.casualties.wording import Harm
from services.classifier.sentences import Sentence


def found(*sentences: str) -> dict[Harm, list[rivals.Rival]]:
    everything = [(Sentence(s, 100 * n, n), counting.find(s)) for n, s in enumerate(sentences, 1)]
    return rivals.of({h: [(s, [c for c in cs if c.harm is h]) for s, cs in everything] for h in Harm})


def values(harm: Harm, *sentences: str) -> list[int]:
    return [r.value for r in found(*sentences)[harm]]


def test_the_same_number_told_twice_is_one_rival_with_two_statements() -> None:
    (rival,) = found("Four guards were killed.", "The blast killed four guards.")[Harm.KILLED]
    assert (rival.value, len(rival.statements)) == (4, 2)


def test_others_are_added_to_those_told_before() -> None:
    assert values(Harm.KILLED, "Four guards were killed.", "Two others died in hospital.") == [4, 2, 6]


def test_those_shot_less_those_killed_are_hurt() -> None:
    assert 8 in values(Harm.INJURED, "Nine people were shot at a market.", "One man died.")


def test_nobody_hurt_of_both_gives_way_to_somebody_hurt() -> None:
    sentences = ("Staff at the mission were unhurt.", "Three villagers were injured.")
    assert values(Harm.KILLED, *sentences) == []
    assert 3 in values(Harm.INJURED, *sentences)
    assert values(Harm.KILLED, sentences[0]) == [0]


def test_nothing_told_has_no_rivals_and_no_choice() -> None:
    none = found("The market was quiet.")
    assert none == {Harm.KILLED: [], Harm.INJURED: []}
    assert rivals.choose(Harm.KILLED, none, 1, rivals.weights()[Harm.KILLED]) is None


def test_the_length_of_a_story_does_not_silence_its_toll() -> None:
    told = found("Gunmen shot dead three nurses.")
    weigh = rivals.weights()[Harm.KILLED]
    for length in (1, 20, 2000):
        chosen = rivals.choose(Harm.KILLED, told, length, weigh)
        assert chosen is not None
        assert chosen.value == 3


def test_every_feature_has_a_weight_and_parts_and_attackers_are_no_victims() -> None:
    told = found("At least nine were killed, including two nurses.", "Dozens were wounded.", "No one died.")
    weigh = rivals.weights()
    for harm, other in ((Harm.KILLED, Harm.INJURED), (Harm.INJURED, Harm.KILLED)):
        for rival in told[harm]:
            assert rivals.features(rival, told[harm], told[other], 3).keys() <= weigh[harm].keys()
    (guards,) = rivals.victims(counting.find("Nine guards and two attackers were killed."))
    assert guards.number == 9
