"""Who did what to whom, as targets for each token."""

import numpy as np
import pytest
from tokenizers import Tokenizer

from services.classifier.models import WEIGHTS, load_rules
from services.classifier.network import windows
from services.classifier.network.heads import CLASSES, SLOTS
from services.classifier.reading import Reading
from services.classifier.training import examples, fillers
from services.classifier.training.corpora import Story
from services.classifier.training.fillers import Mark
from services.classifier.training.labels import Filler, LabelledEvent, LabelledStory
from shared.domain.vocabulary import Realis, Subtype

TEXT = "Gunmen of the River Front shot two farmers.\nPolice came.\nIn 1990 a bomb hit the mill."
SHOT = "Gunmen of the River Front shot two farmers."


@pytest.fixture
def story() -> Story:
    return Story("x", "1", "River Front blamed", TEXT, None)


@pytest.fixture
def readings(story: Story) -> tuple[Reading, ...]:
    return examples.readings_of(story, load_rules())[0]


def labelled(*found: Filler, optional: bool = False) -> LabelledStory:
    event = LabelledEvent(Subtype.ARMED_ATTACK, Realis.ACTUAL, True, optional, (None, 0), (0,), {}, found)
    return LabelledStory("x/1", relevant=True, doubtful=False, events=(event,), uncoded=(TEXT.index("In 1990"),))


FRONT = Filler("perpetrator", {"kind": "group", "sector": "rebel"}, ((0, 14, 25), (None, 0, 11)))
FARMERS = Filler("victim", {"kind": "person", "sector": "civilian"}, ((0, 35, 42),))


def test_each_sentence_knows_its_mentions_and_nothing_of_acts_not_coded(
    story: Story, readings: tuple[Reading, ...]
) -> None:
    title, shot, police, old = fillers.of_labels(labelled(FRONT, FARMERS), readings)
    assert [(m.slot, SHOT[m.start : m.end]) for m in shot.marks] == [
        ("perpetrator", "River Front"),
        ("victim", "farmers"),
    ]
    assert [story.title[m.start : m.end] for m in title.marks] == ["River Front"]
    assert police == fillers.Marked(frozenset(SLOTS), ())
    assert old is fillers.UNKNOWN


def test_a_story_whose_fillers_nobody_has_looked_for_teaches_none(readings: tuple[Reading, ...]) -> None:
    event = LabelledEvent(Subtype.ARMED_ATTACK, Realis.ACTUAL, True, False, (0,), (0,), {})
    label = LabelledStory("x/1", relevant=True, doubtful=False, events=(event,), uncoded=())
    assert set(fillers.of_labels(label, readings)) == {fillers.UNKNOWN}


def test_optional_events_teach_nothing(readings: tuple[Reading, ...]) -> None:
    assert fillers.of_labels(labelled(FRONT, optional=True), readings)[1] is fillers.UNKNOWN


def test_a_target_is_people_where_the_victims_are_it(readings: tuple[Reading, ...]) -> None:
    aimed = Filler("target", {"target_class": "agriculture"}, FARMERS.mentions)
    house = Filler("target", {"target_class": "residential"}, ((0, 0, 6),))
    shot = fillers.of_labels(labelled(FARMERS, aimed, house), readings)[1]
    told = {SHOT[m.start : m.end]: dict(m.answers).get("made_of") for m in shot.marks if m.slot == "target"}
    assert told == {"farmers": "people", "Gunmen": "thing"}


def test_tokens_of_a_mention_are_asked_and_the_others_are_not(readings: tuple[Reading, ...]) -> None:
    tokenizer = Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))
    (window,) = windows.pack([r.sentence.text for r in readings], tokenizer, titled=True)
    owner = [place for place, start, end in window.spans for _ in range(start, end)]
    marked = fillers.of_labels(labelled(FRONT, FARMERS), readings)
    rows, asked = fillers.on_tokens(marked, owner, window.words)
    column = rows[:, SLOTS.index("victim")]
    words = [readings[o].sentence.text[a:b] for o, (a, b) in zip(owner, window.words, strict=True)]
    assert {w for w, value in zip(words, column, strict=True) if value == 1} == {"farmers"}
    assert np.isnan(column[[o == 3 for o in owner]]).all()
    sectors = {words[tokens[-1]]: CLASSES["sector"][answer] for name, answer, tokens in asked if name == "sector"}
    assert sectors == {"Front": "rebel", "farmers": "civilian"}


MUC = """WITNESSES SAID THE RIVER FRONT BLEW UP THE MILL IN SAN LUCAS.
THE MAYOR ESCAPED UNHURT.
THE WEATHER WAS FINE."""


def test_templates_mark_the_sentences_in_which_their_fillers_stand() -> None:
    template = {
        3: ["PERU: CUZCO (DEPARTMENT): SAN LUCAS (TOWN)"],
        4: ["BOMBING"],
        10: ['"RIVER FRONT"'],
        12: ['"MILL"'],
        18: ['"MAYOR"'],
        23: ['NO INJURY: "MAYOR"'],
    }
    story = Story("muc", "1", "", MUC, None, {"templates": [template]})
    readings = examples.readings_of(story, load_rules())[0]
    blown, mayor, weather = fillers.of_muc(story, readings)
    told = {MUC[m.start : m.end]: (m.slot, dict(m.answers)) for m in blown.marks}
    assert told == {
        "RIVER FRONT": ("perpetrator", {"kind": "group"}),
        "MILL": ("target", {"made_of": "thing"}),
        "SAN LUCAS": ("place", {}),
    }
    assert [m.slot for m in mayor.marks] == ["target"]
    assert mayor.marks == (Mark("target", 4, 9, (("made_of", "people"),)),)
    assert weather is fillers.UNKNOWN
    assert "killed" not in blown.known


def test_a_text_without_templates_teaches_nothing() -> None:
    story = Story("muc", "1", "", MUC, None, {"templates": []})
    readings = examples.readings_of(story, load_rules())[0]
    assert set(fillers.of_muc(story, readings)) == {fillers.UNKNOWN}
