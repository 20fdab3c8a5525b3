"""Which of the numbers that a story tells is its toll."""

from services.classifier.casualties import counting, rivals, tolls
from services.classifier.casualties.wording import Harm
from services.classifier.sentences import Sentence
from shared.domain.vocabulary import Subtype


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


def test_nothing_told_has_no_rivals() -> None:
    assert found("The market was quiet.") == {Harm.KILLED: [], Harm.INJURED: []}


def test_parts_and_attackers_are_no_victims() -> None:
    (guards,) = rivals.victims(counting.find("Nine guards and two attackers were killed."))
    assert guards.number == 9
    (nurses,) = rivals.victims(counting.find("Six nurses, including a matron, were killed."))
    assert nurses.number == 6


def test_those_also_killed_are_added_one_by_one() -> None:
    told = ("A ferryman was killed.", "His deckhand was also killed.", "A fisherman was also killed.")
    assert {1, 2, 3} <= set(values(Harm.KILLED, *told))


def test_persons_of_several_sentences_are_listed() -> None:
    told = ("Ana Ruiz was shot dead at home.", "Ivo Lang was stabbed to death.", "Ruiz was killed at noon.")
    (listed,) = (r for r in found(*told)[Harm.KILLED] if any(s.listed for s in r.statements))
    assert listed.value == 2
    again = ("A baker was killed.", "A baker died.", "The baker was killed.")
    assert not [r for r in found(*again)[Harm.KILLED] if any(s.listed for s in r.statements)]


def test_a_sum_of_many_large_numbers_is_none() -> None:
    more = ["Another 9,999,999 people were killed." for _ in range(240)]
    counted = values(Harm.KILLED, "The comet killed 9,999,999 people.", *more)
    assert counted
    assert max(counted) <= 100_000_000
    told = tolls.of([Sentence(s, 100 * n, n) for n, s in enumerate(more, 1)], Subtype.BOMBING)[Harm.KILLED]
    assert told is None or (told.toll.best or 0) <= 100_000_000


def test_a_sentence_full_of_large_numbers_has_a_toll_that_may_be_told() -> None:
    full = " and ".join(f"9,999,{n} men" for n in range(100, 160)) + " were killed."
    told = tolls.of([Sentence(full, 0, 1), Sentence(full, 2000, 2)], Subtype.ARMED_ATTACK)[Harm.KILLED]
    assert told is None or (told.toll.best or 0) <= 100_000_000


def test_parties_that_sentences_tell_apart_are_summed() -> None:
    assert values(Harm.KILLED, "Nine gunmen were killed.", "Two soldiers died in the fighting.") == [2]
    both = values(Harm.KILLED, "Four soldiers were killed near the dam.", "Two policemen died in the fighting.")
    assert both == [4, 2, 6]
    assert values(Harm.KILLED, "Four soldiers were killed.", "Two soldiers died in the fighting.") == [4, 2]
