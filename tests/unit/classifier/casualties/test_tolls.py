"""How many were killed and injured, in one sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.casualties import counting, tolls
from services.classifier.casualties.counts import Bound
from services.classifier.casualties.wording import Harm
from services.classifier.sentences import Sentence
from shared.domain.event import Toll
from shared.domain.vocabulary import CasualtyRole, Subtype


def toll(sentence: str, harm: Harm) -> Toll | None:
    told = tolls.of([Sentence(sentence, 0, 1)], Subtype.ARMED_ATTACK)[harm]
    return told.toll if told else None


def numbers(found: Toll | None) -> tuple[int | None, int | None, int | None] | None:
    return (found.min, found.best, found.max) if found else None


@pytest.mark.parametrize(
    ("sentence", "killed", "injured"),
    [
        ("The shell killed two farmers and wounded five.", (2, 2, 2), (5, 5, 5)),
        ("At least 12 people were killed and 30 injured.", (12, 12, None), (30, 30, 30)),
        ("More than forty shoppers were hurt.", None, (40, 40, None)),
        ("Up to 20 soldiers died.", (None, 20, 20), None),
        ("About 15 villagers were wounded.", None, (15, 15, 15)),
        ("Several guards were injured.", None, (3, None, None)),
        ("Dozens were killed.", (24, None, None), None),
        ("A dozen marchers were hurt.", None, (12, 12, 12)),
        ("The blast killed twenty-one shoppers and wounded fifty-seven.", (21, 21, 21), (57, 57, 57)),
        ("At least forty-three miners were killed.", (43, 43, None), None),
        ("Five officers and 12 insurgents were killed.", (17, 17, 17), None),
        ("The mine killed two soldiers, a driver and three children.", (6, 6, 6), None),
        ("Seventeen people, including four children, were killed.", (17, 17, 17), None),
        ("The blast killed nine people, including two nurses.", (9, 9, 9), None),
        ("The death toll rose to 1,204.", (1204, 1204, 1204), None),
        ("The fire-bomb claimed the lives of six people.", (6, 6, 6), None),
        ("A policeman was shot dead.", (1, 1, 1), None),
        ("Man stabbed to death near the old mill", (1, 1, 1), None),
        ("Roadside bomb kills soldier, injures 4", (1, 1, 1), (4, 4, 4)),
        ("A 31-year-old was shot and killed outside the shop.", (1, 1, 1), None),
        ("She was pronounced dead at the scene.", (1, 1, 1), None),
        ("A woman and her two sons were killed.", (3, 3, 3), None),
        ("Two men were arrested and three killed.", (3, 3, 3), None),
        ("Two dead, three hurt in market attack", (2, 2, 2), (3, 3, 3)),
    ],
)
def test_a_count_is_read(
    sentence: str, killed: tuple[int | None, ...] | None, injured: tuple[int | None, ...] | None
) -> None:
    assert numbers(toll(sentence, Harm.KILLED)) == killed
    assert numbers(toll(sentence, Harm.INJURED)) == injured


@pytest.mark.parametrize(
    "sentence",
    [
        "Nobody was hurt in the attack.",
        "There were no casualties.",
        "The shell caused no injuries or deaths.",
        "The guards escaped unharmed.",
        "No casualty was reported.",
    ],
)
def test_nobody_is_zero(sentence: str) -> None:
    assert numbers(toll(sentence, Harm.KILLED)) == (0, 0, 0)
    assert numbers(toll(sentence, Harm.INJURED)) == (0, 0, 0)


def test_nobody_killed_says_nothing_of_the_injured() -> None:
    assert numbers(toll("No one was killed.", Harm.KILLED)) == (0, 0, 0)
    assert toll("No one was killed.", Harm.INJURED) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "Twelve rockets hit the town.",
        "The bomb weighed 40 kg and destroyed three houses.",
        "He was jailed for 12 years.",
        "The gunmen fled in two cars.",
        "Four people were kidnapped.",
        "The shelling killed 200 cattle.",
    ],
)
def test_what_is_not_told_is_unknown(sentence: str) -> None:
    assert toll(sentence, Harm.KILLED) is None
    assert toll(sentence, Harm.INJURED) is None


def test_parts_go_to_their_role_and_not_to_the_total() -> None:
    found = toll("Nine people, including two children, were wounded.", Harm.INJURED)
    assert found == Toll(min=9, best=9, max=9, by_role={CasualtyRole.CHILD: 2})


def test_roles_follow_the_nouns() -> None:
    found = toll("Three soldiers and two civilians were killed.", Harm.KILLED)
    assert found is not None
    assert found.by_role == {CasualtyRole.MILITARY: 3, CasualtyRole.CIVILIAN: 2}


def test_attackers_stay_out_of_the_total() -> None:
    found = toll("The bomber killed four worshippers. Two attackers were killed.", Harm.KILLED)
    assert found == Toll(min=4, best=4, max=4, by_role={CasualtyRole.CIVILIAN: 4, CasualtyRole.PERPETRATOR: 2})


def test_the_headline_counts_before_the_body_and_a_source_widens_the_range() -> None:
    told = tolls.of(
        [
            Sentence("Blast kills 10 people", None, 0),
            Sentence("Ten people were killed.", 0, 1),
            Sentence("A doctor said 13 people were killed.", 30, 2),
        ],
        Subtype.BOMBING,
    )[Harm.KILLED]
    assert told is not None
    assert numbers(told.toll) == (10, 10, 13)
    # The body says the headline's number too: it is what can be cited.
    assert [s.rank for s in told.sentences] == [1, 2]


def test_a_number_outranks_a_single_person() -> None:
    told = tolls.of(
        [Sentence("A man was killed.", 0, 1), Sentence("Four people were killed.", 20, 2)], Subtype.ARMED_ATTACK
    )[Harm.KILLED]
    assert told is not None
    assert told.toll.best == 4


def test_bounds_are_told_apart() -> None:
    bounds = {c.bound for c in counting.find("at least 3 killed, up to 9 wounded, several people hurt")}
    assert bounds == {Bound.LEAST, Bound.MOST, Bound.VAGUE}


@given(st.text(max_size=300))
def test_any_sentence_is_read(text: str) -> None:
    for count in counting.find(text):
        assert count.number >= 0
        assert 0 <= count.start <= count.end <= len(text)


@given(
    st.lists(
        st.sampled_from(
            [
                "killed",
                "3",
                "two",
                "soldiers",
                "and",
                ",",
                "at least",
                "including",
                "children",
                "wounded",
                "of",
                "the",
                "men",
            ]
        ),
        max_size=40,
    )
)
def test_any_order_of_the_words_gives_a_toll_in_order(words: list[str]) -> None:
    for harm in Harm:
        found = toll(" ".join(words) or "x", harm)
        known = [n for n in (numbers(found) or ()) if n is not None]
        assert known == sorted(known)


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        (("Dozens were injured.", "Hospitals treated 61 people, 12 of them children, a doctor said."), (61, 61, 61)),
        (("Dozens were injured.", "Two of the injured were policemen."), (24, None, None)),
        (("Several people were hurt.", "Police said that at least seven were hurt."), (7, 7, None)),
        (("Scores were wounded.", "In all 55 villagers were wounded."), (55, 55, 55)),
        (("Nine were wounded.", "Dozens were wounded."), (9, 9, 9)),
    ],
)
def test_a_whole_number_beats_a_vague_one(sentences: tuple[str, ...], expected: tuple[int | None, ...]) -> None:
    told = tolls.of([Sentence(text, 100 * rank, rank) for rank, text in enumerate(sentences, 1)], Subtype.MOB_VIOLENCE)[
        Harm.INJURED
    ]
    assert told is not None
    assert numbers(told.toll) == expected


def test_some_of_the_treated_keep_their_role_and_are_not_added() -> None:
    told = toll("Medics treated 30 people, 19 of them policemen, for head wounds.", Harm.INJURED)
    assert numbers(told) == (30, 30, 30)
    assert told is not None
    assert told.by_role == {CasualtyRole.POLICE: 19}


@pytest.mark.parametrize(
    ("sentence", "killed"),
    [
        ("The blast killed a guard and a waiter.", (2, 2, 2)),
        ("The blast killed a guard, a waiter and a nurse, a doctor said.", (3, 3, 3)),
        ("It killed two men, a spokesman said.", (2, 2, 2)),
        ("A man once tried for murder stabbed a clerk.", None),
    ],
)
def test_persons_in_a_row_are_counted_and_speakers_are_not(sentence: str, killed: tuple[int, ...] | None) -> None:
    assert numbers(toll(sentence, Harm.KILLED)) == killed
