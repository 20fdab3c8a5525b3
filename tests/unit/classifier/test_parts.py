"""The smaller parts: sentences, numbers, evidence, the gate and the step."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier import classify, evidence, lexicon, sentences, tasks
from services.classifier.models import Models
from services.classifier.numbers import value
from services.classifier.sentences import READ_CHARS, READ_SENTENCES, Sentence
from shared.domain.article import Article, Published
from shared.domain.vocabulary import Subtype


def test_boilerplate_is_skipped_and_paragraphs_end_sentences(models: Models) -> None:
    text = "First one. Second one\nThird in the U.S. army.\nSource link\nLeave a Reply\nFourth."
    read = sentences.read("Title", text, models.splitter)
    assert [s.text for s in read] == ["Title", "First one.", "Second one", "Third in the U.S. army.", "Fourth."]
    assert [s.rank for s in read] == [0, 1, 2, 3, 4]
    assert read[0].span is None


def test_reading_has_an_end(models: Models) -> None:
    read = sentences.read("", "A line.\n" * (READ_SENTENCES * 3), models.splitter)
    assert len(read) <= READ_SENTENCES + 1
    assert all(s.span and s.span[1] <= READ_CHARS for s in sentences.read("", "word " * READ_CHARS, models.splitter))


@pytest.mark.parametrize(
    ("word", "number"),
    [("12", 12), ("1,200", 1200), ("twelve", 12), ("twenty-one", 21), ("forty two", 42), ("a dozen", 12), ("an", 1)],
)
def test_numbers_are_read(word: str, number: int) -> None:
    assert value(word) == number


@pytest.mark.parametrize("word", ["", "dozens", "twelveish", "²", "-", "several"])
def test_other_words_are_no_numbers(word: str) -> None:
    assert value(word) is None


@given(st.text(max_size=20))
def test_any_word_is_a_number_or_not(word: str) -> None:
    assert value(word) is None or isinstance(value(word), int)


def test_a_sentence_of_the_text_cites_itself_once() -> None:
    told = Sentence("Two guards died.", 5, 1)
    assert evidence.cite([told, told], "guards", []) == ((5, 21),)


def test_a_title_cites_the_sentence_that_shares_its_words() -> None:
    body = [Sentence("It rained.", 0, 1), Sentence("The guards had been warned.", 20, 2)]
    assert evidence.cite([Sentence("Two guards die", None, 0)], "two guards", body) == ((20, 47),)
    assert evidence.cite([Sentence("Two guards die", None, 0)], "two guards", []) == ()


def test_every_subtype_has_words() -> None:
    assert {s for how, s in lexicon.lexicon().triggers.lists if s and how == "strong"} == set(Subtype)


def test_the_step_codes_an_article(models: Models) -> None:
    tasks.warm_up()
    article = Article(
        id="a" * 32,
        url="https://news.example/1",
        canonical_url="https://news.example/1",
        title="Bomb kills two in Quetta",
        text="A bomb exploded in Quetta on Monday, killing two people.",
        published=Published.of_day("2022-03-17"),
        language="en",
        site="news.example",
        fingerprint="f" * 32,
        fetched_at=datetime(2022, 3, 17, tzinfo=UTC),
    )
    coded = tasks.classify(article)
    assert coded == classify.code(article, models=models)
    assert coded.article == article
    assert coded.coding.relevant
