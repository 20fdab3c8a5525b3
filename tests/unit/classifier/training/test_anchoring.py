"""Labels follow their sentences when the text is split in another way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.models import load_rules
from services.classifier.network.heads import ROLES, SLOTS
from services.classifier.sentences import Sentence
from services.classifier.training import examples, written
from services.classifier.training.anchoring import anchored
from services.classifier.training.corpora import Story
from services.classifier.training.labels import Filler, LabelledEvent, LabelledStory
from shared.domain.vocabulary import Realis, Subtype

TEXT = 'Lt. Col. Roe was shot. "Rebels fled," he said. It rained.'
SPLIT = ("Lt. Col. Roe was shot.", '"Rebels fled," he said.', "It rained.")
#: As the splitter of old cut it: at each full stop, the opening mark with what stands before.
COL, ROE, REBELS, RAIN = (TEXT.index(word) for word in ("Col.", "Roe", "Rebels", "It"))


def read(*texts: str, title: str = "Roe shot") -> list[Sentence]:
    titled = [Sentence(title, None, 0)] if title else []
    return titled + [Sentence(text, TEXT.index(text), rank) for rank, text in enumerate(texts, 1)]


def label(
    sentences: tuple[int | None, ...], *fillers: Filler, core: tuple[int, ...] = (), uncoded: tuple[int, ...] = ()
) -> LabelledStory:
    event = LabelledEvent(Subtype.ARMED_ATTACK, Realis.ACTUAL, True, False, sentences, core, {}, fillers)
    return LabelledStory("x/1", relevant=True, doubtful=False, events=(event,), uncoded=uncoded)


def test_parts_of_a_sentence_become_the_sentence() -> None:
    (event,) = anchored(label((None, 0, COL, ROE, REBELS), core=(ROE,)), read(*SPLIT)).events
    assert event.sentences == (None, 0, REBELS - 1)
    assert event.core == (0,)


def test_a_mention_keeps_its_words() -> None:
    victim = Filler("victim", {"kind": "person"}, ((ROE, 0, 3), (REBELS, 0, 6), (None, 0, 3)))
    (event,) = anchored(label((ROE,), victim), read(*SPLIT)).events
    assert event.fillers is not None
    text = {s.start: s.text for s in read(*SPLIT)}
    assert [text[at][start:end] for at, start, end in event.fillers[0].mentions] == ["Roe", "Rebels", "Roe"]


def test_a_mention_goes_to_the_half_in_which_it_stands_and_ends_with_it() -> None:
    whole = Filler("victim", {}, ((0, ROE, ROE + 3), (0, ROE, REBELS + 6)))
    (event,) = anchored(label((0,), whole), read(*SPLIT)).events
    assert event.fillers is not None
    assert event.fillers[0].mentions == ((0, ROE, ROE + 3), (0, ROE, len(SPLIT[0])))


def test_what_is_no_longer_read_goes() -> None:
    rebels = Filler("perpetrator", {}, ((REBELS, 0, 6), (None, 0, 3)))
    given_ = label((None, 0, REBELS), rebels, core=(REBELS,), uncoded=(RAIN,))
    moved = anchored(given_, read(SPLIT[0], title=""))
    assert moved.events[0].sentences == (0,)
    assert moved.events[0].core == moved.uncoded == ()
    assert moved.events[0].fillers == (Filler("perpetrator", {}, ()),)


def test_fillers_that_nobody_looked_for_stay_unknown() -> None:
    event = LabelledEvent(Subtype.ARMED_ATTACK, Realis.ACTUAL, True, False, (0,), (), {}, None)
    story = LabelledStory("x/1", relevant=True, doubtful=False, events=(event,), uncoded=())
    assert anchored(story, read(*SPLIT)) == story


@given(st.lists(st.sampled_from([0, REBELS - 1, RAIN]), unique=True))
def test_labels_of_today_stay_as_they_are(starts: list[int]) -> None:
    whole = label(tuple(starts), Filler("victim", {}, tuple((s, 1, 4) for s in starts)), uncoded=tuple(starts))
    assert anchored(whole, read(*SPLIT)) == whole


@pytest.mark.parametrize("old", [(0, COL, ROE), (ROE,)])
def test_a_network_learns_from_a_label_of_old(old: tuple[int, ...]) -> None:
    story = Story("x", "1", "Roe shot", TEXT, None)
    readings, _ = examples.readings_of(story, load_rules())
    targets = examples.of_labels(
        label(old, Filler("victim", {}, ((ROE, 0, 3),)), core=(ROE,), uncoded=(REBELS,)), readings, story
    )
    assert [r.sentence.text for r in readings[1:]] == list(SPLIT)
    assert targets.sentence["role"].argmax(axis=1).tolist() == [
        ROLES.index(role) for role in ("none", "main", "uncoded", "none")
    ]
    assert targets.sentence["core"][1].tolist() == [1.0]
    assert [(m.slot, m.start, m.end) for m in targets.marked[1].marks] == [("victim", ROE, ROE + 3)]
    assert targets.marked[0].known == frozenset(SLOTS)


def test_stories_written_for_training_are_split_as_they_were_written() -> None:
    rules = load_rules()
    for story, whole in written.load():
        readings, _ = examples.readings_of(story, rules)
        assert anchored(whole, [r.sentence for r in readings]) == whole, story.name
