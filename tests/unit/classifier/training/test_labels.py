"""The project's own labels and stories are what they claim to be."""

from collections import Counter

import pytest
from tokenizers import Tokenizer

from services.classifier.models import WEIGHTS, Rules, load_rules
from services.classifier.network.heads import CLASSES, REALES, ROLES, SLOTS, SUBTYPES
from services.classifier.training import corpora, examples, labels, written
from shared.domain.vocabulary import Realis, Subtype


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))


def test_labels_are_of_known_corpora_and_hold_no_text() -> None:
    known = labels.load()
    assert len({label.key for label in known}) == len(known) > 1000
    assert {label.key.split("/")[0] for label in known} <= set(corpora.READERS)
    for label in known:
        assert label.relevant or not label.events
        for event in label.events:
            assert set(event.core) <= set(event.sentences)
            assert set(event.facts) == {"date", "place", "killed", "injured"}
            for filler in event.fillers or ():
                assert filler.slot in SLOTS
                assert all(value in CLASSES[name] for name, value in filler.answers.items())
                assert all(start < end for _, start, end in filler.mentions)


def test_every_kind_and_realis_is_written_about() -> None:
    told = Counter(event.subtype for _, label in written.load() for event in label.events)
    assert set(told) == set(Subtype)
    assert {event.realis for _, label in written.load() for event in label.events} == set(Realis)


def test_labelled_sentences_of_written_stories_are_sentences(rules: Rules) -> None:
    for story, label in written.load():
        readings, _ = examples.readings_of(story, rules)
        starts = {r.sentence.start for r in readings}
        assert {s for event in label.events for s in event.sentences} <= starts, story.name


def test_targets_say_what_the_labels_say(rules: Rules, tokenizer: Tokenizer) -> None:
    for story, label in written.load():
        readings, anchor = examples.readings_of(story, rules)
        targets = examples.of_labels(label, readings, story)
        sentence, verdict = targets.sentence, targets.story
        assert (sentence["role"].sum(axis=1) >= 1).all()
        main = sentence["role"][:, ROLES.index("main")] == 1
        wanted = {s for event in label.events if event.main for s in event.sentences}
        assert {r.sentence.start for r, own in zip(readings, main, strict=True) if own} >= wanted - {
            s for event in label.events if not event.main for s in event.sentences
        }
        assert verdict["relevant"].tolist() == [label.relevant]
        assert {SUBTYPES[k] for k in verdict["mains"].nonzero()[0]} == {e.subtype for e in label.events if e.main}
        for window in examples.examples(readings, anchor, tokenizer, targets):
            assert len(window.features) == len(window.spans) == len(window.sentence["realis"])
            assert window.sentence["realis"].shape[1] == len(REALES)


def test_an_optional_event_teaches_nothing_about_kinds(rules: Rules) -> None:
    story = corpora.Story("x", "1", "", "Shots were fired in Kisumu.\nIt rained.", None)
    event = labels.LabelledEvent(Subtype.ARMED_ATTACK, Realis.ACTUAL, True, True, (0,), (0,), {})
    label = labels.LabelledStory("x/1", relevant=True, doubtful=True, events=(event,), uncoded=())
    readings, _ = examples.readings_of(story, rules)
    targets = examples.of_labels(label, readings, story)
    sentence, verdict = targets.sentence, targets.story
    assert bool((sentence["subtype"][0] != sentence["subtype"][0]).all())  # NaN: unknown
    assert "relevant" not in verdict
    assert sentence["subtype"][1].tolist() == [0.0] * len(SUBTYPES)
