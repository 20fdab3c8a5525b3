"""The question, the codebook in it, quotes found again, and what an answer may add."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.second_opinion import answer as opinion
from services.classifier.second_opinion.answer import (
    LEAST_WORDS,
    NoOpinion,
    Seen,
    Story,
    Told,
    Why,
    merged,
    question,
    read,
)
from shared.domain.coded import Coding
from shared.domain.vocabulary import CodedBy, Realis, Subtype
from shared.settings import LLM_INSTRUCTIONS, Settings
from tests.examples import event
from tests.llm import told

ROOT = Path(__file__).parents[3]
SETTINGS = Settings(llm_url="http://127.0.0.1:1/v1", llm_model="tiny")


def story(text: str, title: str = "") -> Story:
    return Story.of(title, text, date(2026, 3, 4), max_chars=100_000)


def answer(*events: dict[str, Any]) -> str:
    return json.dumps({"events": events})


def seen(subtype: Subtype, *spans: tuple[int, int], realis: Realis = Realis.ACTUAL, main: bool = True) -> Seen:
    return Seen(Told(subtype=subtype, realis=realis, main=main, quotes=()), spans)


def instructions() -> str:
    content: str = json.loads(question(story(""), SETTINGS))["messages"][0]["content"]
    return content


def test_the_instructions_define_the_vocabulary_as_the_document_does() -> None:
    vocabulary = (ROOT / "docs" / "vocabulary.md").read_text()
    rows = (line.split(" | ") for line in vocabulary.splitlines() if line.startswith("| `"))
    defined = {row[0].strip("| `"): row[2] for row in rows if len(row) > 2}
    lines = instructions().splitlines()
    assert [subtype for subtype in Subtype if f"- {subtype}: {defined[subtype]}" not in lines] == []
    assert [realis for realis in Realis if not any(line.startswith(f"- {realis}: ") for line in lines)] == []


def test_the_instructions_cost_no_more_than_is_set_aside_for_them() -> None:
    assert len(question(story(""), SETTINGS)) < LLM_INSTRUCTIONS


def test_every_field_of_the_schema_is_required_and_none_else_allowed() -> None:
    schema = json.loads(question(story(""), SETTINGS))["response_format"]["json_schema"]["schema"]
    for node in (schema, schema["$defs"]["Told"]):
        assert (node["required"], node["additionalProperties"]) == (list(node["properties"]), False)


@given(title=st.text(max_size=30), text=st.text(max_size=60), most=st.integers(1, 50))
def test_any_story_can_be_sent_cut_and_stays_where_it_stood(title: str, text: str, most: int) -> None:
    cut = Story.of(title + "\ud800", text + "\udfff<|end|>", None, max_chars=most)
    assert len(cut.title + cut.text) <= most
    assert all(ours in (sent, "?") for ours, sent in zip(cut.text, text + "\udfff<|end|>", strict=False))
    data = json.loads(question(cut, SETTINGS))["messages"][1]["content"].partition("\n")[2]
    assert "<" not in data
    assert json.loads(data) == {"title": cut.title, "published": None, "text": cut.text}


MARKS = "\u2018\u2019\u201c\u201d\u2013\u2014"
words = st.text(st.characters(exclude_categories=["Z", "C"], exclude_characters=MARKS), min_size=1, max_size=6)
blanks = st.sampled_from([" ", "  ", "\n", "\n\n", "\t", "\u00a0", "\u2003 "])


@given(data=st.data(), parts=st.lists(st.tuples(words, blanks), min_size=LEAST_WORDS, max_size=20))
def test_a_quote_is_found_whatever_its_blanks(data: st.DataObject, parts: list[tuple[str, str]]) -> None:
    text = "".join(word + blank for word, blank in parts)
    first = data.draw(st.integers(0, len(parts) - LEAST_WORDS))
    last = data.draw(st.integers(first + LEAST_WORDS, len(parts)))
    quote = "".join(data.draw(blanks) + word for word, _ in parts[first:last])
    (found,) = read(answer(told("bombing", quote)), story(text))
    ((start, end),) = found.spans
    assert text[start:end].split() == quote.split()


@given(quote=st.text(max_size=40), text=st.text(max_size=80))
def test_any_quote_gives_spans_inside_the_text_or_none(quote: str, text: str) -> None:
    known = told("bombing", "this is in it")
    for one in read(answer(known, told("arrest", quote)), story(f"{text} this is in it")):
        assert all(0 <= start < end <= len(text) + len(" this is in it") for start, end in one.spans)


def test_marks_that_a_model_types_otherwise_are_found() -> None:
    text = "\u201cWe\u2019re under fire \u2013 again\u201d, he said \U0001f4a3."
    (found,) = read(answer(told("bombing", '"We\'re under fire - again", he')), story(text))
    assert found.spans == ((0, text.index(" said")),)


def test_no_more_than_so_many_events_and_quotes_are_looked_at() -> None:
    text = " ".join(f"sentence number {n} ends." for n in range(50))
    quotes = [f"sentence number {n} ends." for n in range(50)]
    found = read(answer(*[told(subtype, *quotes) for subtype in Subtype]), story(text))
    assert [len(one.spans) for one in found] == [opinion.MOST_QUOTES] * opinion.MOST_EVENTS
    with pytest.raises(NoOpinion, match=Why.UNQUOTED):
        read(answer(told("bombing", *["not in the text"] * opinion.MOST_QUOTES, quotes[0])), story(text))


def test_a_quote_that_is_long_or_repeated_is_harmless() -> None:
    text = "a " * 4_000
    (found,) = read(answer(told("bombing", "a " * 50_000, "a a a", "a a a")), story(text))
    assert found.spans == ((0, 5),)


def test_what_only_the_title_says_is_marked_so() -> None:
    (found,) = read(
        answer(told("bombing", "Bomb kills three")), story("It was loud.", title="Bomb kills three in Goma")
    )
    (added,) = merged(Coding(relevant=True, model="m"), [found], model="tiny").events
    assert (added.evidence, added.headline) == ({"type": ((0, 12),)}, ("type",))


def test_what_only_the_title_says_cites_the_sentence_nearest_to_it() -> None:
    text = "It was loud.\n\nThree died, a nurse said. The market bomb \u201cwas small.\u201d Rain fell\n"
    title = "Market bomb kills three in Goma"
    (found,) = read(answer(told("bombing", "Market bomb kills three")), story(text, title=title))
    assert found.spans == ()
    (added,) = merged(Coding(relevant=True, model="m"), [found], model="tiny").events
    ((start, end),) = added.evidence["type"]
    assert text[start:end] == "The market bomb \u201cwas small.\u201d"
    (empty,) = read(answer(told("bombing", "Market bomb kills three")), story("", title=title))
    (added,) = merged(Coding(relevant=True, model="m"), [empty], model="tiny").events
    assert (added.evidence, added.headline) == ({}, ("type",))


@pytest.mark.parametrize("quote", ["b killed two people in Kano", "bomb killed two peop", "omb killed tw"])
def test_half_words_are_no_quote(quote: str) -> None:
    with pytest.raises(NoOpinion, match=Why.UNQUOTED):
        read(answer(told("bombing", quote)), story("A bomb killed two people in Kano."))


def test_a_quote_may_stand_whole_after_it_stood_in_halves() -> None:
    text = "The sixteen men fled. Then teen men fled, (teen men fled)."
    (found,) = read(answer(told("bombing", "teen men fled")), story(text))
    assert found.spans == ((27, 40),)


BOMBING = event(Subtype.BOMBING, evidence={"type": ((0, 50),)})
ASIDE = event(Subtype.ARREST, main=False, evidence={"date": ((100, 150),)})


def coded_by(*opinions: Seen) -> tuple[list[str], bool]:
    """Return whose word each event is, and whether they agree, of two events of ours and an opinion."""
    coding = merged(Coding(relevant=True, model="m", events=(BOMBING, ASIDE)), opinions, model="tiny")
    ours = [one.model_copy(update={"coded_by": CodedBy.MODEL}) for one in coding.events[:2]]
    assert ours == [BOMBING, ASIDE]
    assert not any(one.main for one in coding.events[2:])
    assert Coding.model_validate_json(coding.model_dump_json()) == coding
    assert coding.opinion
    return [one.coded_by.value for one in coding.events], coding.opinion.agrees


@pytest.mark.parametrize(
    ("opinions", "expected"),
    [
        ([], (["model", "model"], False)),
        ([seen(Subtype.BOMBING, (0, 5))], (["both", "model"], True)),
        ([seen(Subtype.BOMBING)], (["both", "model"], True)),
        ([seen(Subtype.GRENADE, (200, 250))], (["both", "model"], True)),
        ([seen(Subtype.BOMBING, (0, 5), realis=Realis.DENIED)], (["both", "model"], False)),
        ([seen(Subtype.BOMBING, (40, 60), main=False)], (["model", "model"], False)),
        ([seen(Subtype.BOMBING, (50, 60), main=False)], (["model", "model", "llm"], False)),
        ([seen(Subtype.BOMBING), seen(Subtype.ARREST, (149, 150), main=False)], (["both", "both"], True)),
        ([seen(Subtype.BOMBING), seen(Subtype.ARREST, (149, 150))], (["both", "model"], False)),
        ([seen(Subtype.BOMBING), seen(Subtype.ARREST, (150, 160), main=False)], (["both", "model", "llm"], True)),
        ([seen(Subtype.ASSASSINATION, (0, 50))], (["model", "model", "llm"], False)),
    ],
    ids=[
        "nothing", "the same", "by the title", "the same family", "denied", "as background", "another as background",
        "both events", "the aside as news", "another aside", "another family",
    ],
)  # fmt: skip
def test_what_is_marked_and_what_is_added(opinions: list[Seen], expected: tuple[list[str], bool]) -> None:
    assert coded_by(*opinions) == expected
