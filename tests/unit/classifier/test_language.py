"""Which texts are English: by their label, however it is written, else by their words."""

import pytest

from services.classifier import language

ENGLISH = "A bomb went off near the market in the old town, and two people were hurt, police said on Monday."
SPANISH = "Una bomba estalló cerca del mercado y dos personas resultaron heridas, dijo la policía el lunes."


@pytest.mark.parametrize("label", ["en", "EN", "en-GB", "en_US", "eng", "English", " en", "en\n", "en-Latn-US"])
def test_english_is_known_however_it_is_labelled(label: str) -> None:
    assert language.is_english(SPANISH, label)


@pytest.mark.parametrize("label", ["de", "es_MX", "spa", "Spanish", "enm", "ben", "e", "fr-EN"])
def test_another_language_is_not_taken_for_it(label: str) -> None:
    assert not language.is_english(ENGLISH, label)


@pytest.mark.parametrize("label", [None, "", " ", "und", "mul", "-", "\u00e9n"])
def test_without_a_language_in_the_label_the_words_tell(label: str | None) -> None:
    assert language.is_english(ENGLISH, label)
    assert not language.is_english(SPANISH, label)


def test_a_script_tells() -> None:
    assert not language.is_english("Взрыв прогремел возле рынка, пострадали двое.", None)
    assert language.is_english("", None)
