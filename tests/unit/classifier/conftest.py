"""Models loaded once, and short ways to say what a story is."""

from collections.abc import Callable

import pytest

from services.classifier.classify import classify
from services.classifier.models import Models, load_models
from shared.domain.article import Published
from shared.domain.coded import Coding

Coder = Callable[..., Coding]


def not_yet(reason: str) -> pytest.MarkDecorator:
    """Mark what the shipped weights still get wrong. What begins to pass fails, and loses its mark."""
    return pytest.mark.xfail(strict=True, reason=reason)


@pytest.fixture(scope="session")
def models() -> Models:
    """The real models: the gazetteer and the lists are what is tested."""
    return load_models()


@pytest.fixture(scope="session")
def code(models: Models) -> Coder:
    """`code(title, text, published="2022-03-17")`: the coding of a story."""

    def run(title: str, text: str, published: str | None = "2022-03-17", language: str | None = "en") -> Coding:
        day = Published.of_day(published) if published else None
        return classify(title, text, day, language, models=models)

    return run
