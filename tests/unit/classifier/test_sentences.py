"""Sentences are those that the splitter finds in the text as it is, though it is shown little of it."""

from functools import cache
from typing import cast

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from services.classifier import joints, sentences, splitting
from services.classifier.models import load_rules

WORDS = (
    *(
        "Gunmen",
        "shot",
        "dead",
        "two",
        "guards",
        "U.S.",
        "Mr.",
        "Gen.",
        "a.m.",
        "p.m.",
        "St.",
        "No.",
        "i.",
        "x.",
        "e.g.",
    ),
    *(
        "attacked.",
        "attacked!",
        "Attacked?",
        '"Never,"',
        '"Never."',
        "(AP)",
        "(AP).",
        "...",
        "\u2026",
        "--",
        "\u2014",
        "-",
    ),
    *(
        "don't",
        "cannot.",
        "o'clock",
        "it's",
        "3.5",
        "10km.",
        "\u20ac5m",
        "\u00e9tat.",
        "\u0645\u0631\u0641\u0639\u061f",
        "\u3002",
    ),
    *("  ", "\t", "_", "x", "xx", "8)", ":)", "http://a.example/b?c=d.", "well-known", "well-known.", "Jan.", "etc."),
    *("a" * 90, "end.Begin", "'", "'s", "I", "12,000", "12.", "\u201cYes.\u201d", "\u00ab", "W.", "Co.", "[1]", "vs."),
)


@cache
def bare() -> Language:
    """Return the splitter as it comes, which has read nothing."""
    splitter = spacy.blank("en")
    splitter.add_pipe("sentencizer")
    return splitter


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_what_is_hidden_from_the_splitter_changes_nothing(words: str) -> None:
    text = f"These are ten plain words of prose before what follows {words}"[: sentences.PIECE_CHARS].strip()
    whole = joints.mended(text, ((s.start_char, s.end_char) for s in bare()(text).sents))
    alone = [(start, text[start:end]) for start, end in whole]
    stripped = [(start + len(found) - len(found.lstrip()), found.strip()) for start, found in alone]
    assert [(s.start, s.text) for s in sentences.read("", text, load_rules().splitter)] == stripped


@given(st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join))
def test_filling_is_as_long_as_what_it_hides_and_leaves_what_may_end_a_sentence(text: str) -> None:
    veiled = splitting.Veiled(bare().tokenizer).veiled(text)
    assert len(veiled) == len(text)
    assert [c for c in veiled if c in ".!?"] == [c for c in text if c in ".!?"]


@pytest.mark.parametrize(
    "text", ["Gunmen shot two guards.", "\u201cNever!\u201d", "A town (in the north.)", "no end", "two  spaces."]
)
def test_a_text_without_an_end_before_its_own_is_one_sentence_and_not_read(text: str) -> None:
    unasked = cast("Language", None)
    assert splitting.bounds(text, unasked) == [(0, len(text))]


def test_what_says_nothing_of_sentences_is_hidden() -> None:
    veiled = splitting.Veiled(bare().tokenizer).veiled("Rebels attacked Gao on Friday, said Gen. Diarra. Four died.")
    assert veiled == f"{'x' * 35} Gen. Diarra. xxxx xxxx."


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Gen. Ortiz died at 5 a.m. in St. Louis. He was 60.", 2),
        ("Rebels attacked. Soldiers fled! Who fired?", 3),
        ('"We heard shots." Then it was quiet.', 2),
        ("The toll rose to 3.5 a day. It fell", 2),
        ("one line without an end", 1),
    ],
)
def test_a_sentence_ends_at_its_mark_and_not_at_an_abbreviation(text: str, count: int) -> None:
    assert len(sentences.read("", text, load_rules().splitter)) == count


def test_the_words_of_a_sentence_are_those_of_the_text() -> None:
    text = "Rebels attacked a village near Gao. Four died, said Col. Diarra."
    found = sentences.read("", text, bare())
    assert [text[s.start or 0 : (s.start or 0) + len(s.text)] for s in found] == [s.text for s in found]


def test_what_is_derived_of_a_sentence_is_kept() -> None:
    sentence = sentences.Sentence("Diarra\u2019s \u201cMEN\u201d \u2014 four", 0, 1)
    assert (sentence.plain, sentence.lower) == ("Diarra's \u201cMEN\u201d - four", "diarra's \u201cmen\u201d - four")
    assert sentence.lower is sentence.lower
    assert sentence == sentences.Sentence(sentence.text, 0, 1)


@given(st.text(max_size=200))
def test_what_is_prose_is_counted_by_characters(text: str) -> None:
    share = sum(c.isalnum() or c.isspace() for c in text)
    assert (len(text) - len(sentences._MARK.findall(text))) == share  # noqa: SLF001 - the count is what it stands for
