"""Which of the dates that an article tells is the event's."""

from datetime import date

import numpy as np
import pytest

from services.classifier import logit, models, reading, sentences
from services.classifier.network.heads import ROLES, SUBTYPES
from services.classifier.told import Told
from services.classifier.when import choice
from services.classifier.when.choice import Candidate
from shared.domain.event import DateRange
from shared.domain.vocabulary import Subtype

#: A Thursday.
ANCHOR = date(2022, 3, 17)


def told(text: str, anchor: date | None = ANCHOR, role: str = "main") -> tuple[Told, ...]:
    """Return the sentences of a text as if the heads had found them all to tell of a shooting of the story's own."""
    rules = models.load_rules()
    roles = np.eye(len(ROLES), dtype=np.float32)[ROLES.index(role)]
    kinds = np.eye(len(SUBTYPES), dtype=np.float32)[SUBTYPES.index(Subtype.ARMED_ATTACK)]
    read = reading.read(sentences.read("", text, rules.splitter), rules.lexicon, anchor)
    return tuple(Told(r, subtypes=kinds, roles=roles, core=0.9 if r.facts else 0.1) for r in read)


def chosen(text: str, anchor: date | None = ANCHOR) -> DateRange | None:
    return choice.choose(told(text, anchor), Subtype.ARMED_ATTACK, anchor)[0]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Two men were shot dead in Ardmore at about 11 p.m. Tuesday, police said Wednesday.", date(2022, 3, 15)),
        ("A man was charged Wednesday with murder. The victim was shot around 2 a.m. on Jan. 5.", date(2022, 1, 5)),
        ("Gunmen killed four guards on Monday night. A vigil was held on Wednesday.", date(2022, 3, 14)),
        ("A gunman opened fire on a bus late Saturday. He appeared in court on Tuesday.", date(2022, 3, 12)),
        ("Gunmen shot a mayor dead on Sunday. He was buried on Tuesday.", date(2022, 3, 13)),
    ],
)
def test_the_day_of_the_act_goes_before_the_days_after_it(text: str, day: date) -> None:
    found = chosen(text)
    assert found is not None
    assert (found.start, found.end) == (day, day)


def test_a_day_of_an_act_is_taken_without_publication() -> None:
    found = chosen("A car bomb exploded in Bamako on 2 May 2019, killing two people.", None)
    assert found is not None
    assert found.start == date(2019, 5, 2)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("A curfew began on Monday. The next day gunmen shot a mayor dead.", date(2022, 3, 15)),
        (
            "A curfew began on Monday. The streets were empty. Gunmen shot a mayor dead two days later.",
            date(2022, 3, 16),
        ),
        ("A curfew began on 5 May 2019. Gunmen shot a mayor dead the same day.", date(2019, 5, 5)),
    ],
)
@pytest.mark.parametrize("anchor", [ANCHOR, None])
def test_a_day_is_counted_from_the_sentences_before(text: str, day: date, anchor: date | None) -> None:
    resolved = [w.range.start for w in told(text, anchor)[-1].reading.whens]
    assert resolved == ([day] if anchor or "2019" in text else [])


def test_nothing_told_before_is_nothing_to_count_from() -> None:
    assert told("Gunmen shot a mayor dead the next day.")[0].reading.whens == ()


def test_no_word_about_time_is_no_date() -> None:
    assert choice.choose(told("Gunmen shot a mayor dead."), Subtype.ARMED_ATTACK, ANCHOR) == (None, None)


def test_what_comes_after_publication_is_not_when_it_happened() -> None:
    found = chosen("Gunmen killed two people on Monday. The funeral will be held on Saturday.")
    assert found is not None
    assert found.start == date(2022, 3, 14)


def test_the_sentence_that_tells_the_day_is_named() -> None:
    spoken = told("The governor spoke to reporters. Gunmen shot a mayor dead on Sunday night.")
    range_, by = choice.choose(spoken, Subtype.ARMED_ATTACK, ANCHOR)
    assert range_ is not None
    assert by is spoken[1].reading


def test_a_date_far_down_is_no_candidate() -> None:
    text = "He was hurt. " * (choice.REACH + 1) + "Gunmen shot a mayor dead on Sunday."
    assert choice.candidates(told(text), Subtype.ARMED_ATTACK, ANCHOR) == ()


def _mention(day: int, name: str, of: Told) -> Candidate:
    only = date(2022, 3, day)
    return Candidate(DateRange(start=only, end=only, precision="day"), of.reading, {name: 1.0})


def test_a_day_told_twice_beats_a_likelier_one_told_once() -> None:
    (of,) = told("Gunmen shot a mayor dead.")
    found = [_mention(1, "strong", of), _mention(2, "weak", of), _mention(2, "weak", of)]
    weights = {"strong": 0.5, "weak": 0.0}
    best = choice.best(found, weights)
    assert best is not None
    assert best.range.start.day == 2
    assert choice.best(found[:2], weights) is found[0]


def test_a_date_less_likely_than_none_is_left_out() -> None:
    (of,) = told("Gunmen shot a mayor dead.")
    assert choice.best([_mention(1, "weak", of)], {"weak": -0.1}) is None


def test_of_two_mentions_the_surer_is_cited() -> None:
    (of,) = told("Gunmen shot a mayor dead.")
    found = [_mention(1, "weak", of), _mention(1, "strong", of)]
    assert choice.best(found, {"strong": 0.5}) is found[1]


def test_every_feature_has_a_weight() -> None:
    seen = {
        name
        for c in choice.candidates(told("Gunmen shot a mayor on Sunday night. He died Monday."), Subtype.OTHER, ANCHOR)
        for name in c.features
    }
    assert {"any", "form:weekday", "precision:day", "order:1", "after:part", "own", "trigger:near"} <= seen
    assert seen - set(logit.load(choice.WEIGHTS)) == set()


def test_a_week_that_holds_a_day_says_so() -> None:
    text = "Gunmen shot two mayors this week. One died on Tuesday."
    week, day = choice.candidates(told(text), Subtype.ARMED_ATTACK, ANCHOR)
    assert (week.features["holds"], day.features["holds"]) == (1.0, 0.0)
