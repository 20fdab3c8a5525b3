"""An article's way through the classifier: our own coding first, then the second opinion where one is asked."""

from types import SimpleNamespace
from typing import Any, cast

from services.classifier.classify import code
from services.classifier.models import Models
from shared.domain.article import Published
from shared.domain.coded import Coding, Opinion
from tests import examples

#: What an article without words needs of the models.
MODELS = cast("Models", SimpleNamespace(version="test-1"))


def test_a_second_opinion_is_given_the_coding_and_the_article() -> None:
    given: list[Any] = []

    def second(coding: Coding, title: str, text: str, published: Published | None) -> Coding:
        given.append((coding.discard_reason, title, text, published))
        return coding.model_copy(update={"opinion": Opinion(model="tiny", agrees=True)})

    article = examples.article(title="", text=" ")
    coded = code(article, models=MODELS, second=second)
    assert given == [("empty", "", " ", article.published)]
    assert coded.coding.opinion == Opinion(model="tiny", agrees=True)


def test_without_one_the_coding_is_ours_alone() -> None:
    assert code(examples.article(title="", text=" "), models=MODELS).coding.opinion is None
