"""An article with its verdict and its events."""

from typing import Self

from pydantic import Field, model_validator

from shared.domain.article import Article
from shared.domain.base import Model
from shared.domain.event import Event, Mention
from shared.errors import Reason


class Opinion(Model):
    """How a language model that coded the same text sees it."""

    model: str = Field(description="Name of the model, as its server knows it.")
    agrees: bool = Field(description="Whether it found the same news: main events of the same types and realis.")


class Coding(Model):
    """What the classifier says of a text."""

    relevant: bool
    score: float | None = Field(default=None, ge=0, le=1, description="Strength of the verdict; null when unknown.")
    discard_reason: Reason | None = None
    model: str = Field(description="Version of the rules or weights that decided.")
    opinion: Opinion | None = Field(default=None, description="The second opinion; null when none was asked or came.")
    events: tuple[Event, ...] = ()
    places: tuple[Mention, ...] = Field(
        default=(), description="Every place name found in the text; workers list those of relevant articles alone."
    )

    @model_validator(mode="after")
    def _reason_fits(self) -> Self:
        if self.relevant == (self.discard_reason is not None):
            raise ValueError("an article is either relevant or discarded for a reason")
        return self


class CodedArticle(Model):
    """An article with what the classifier says of it. Also the articles that are discarded travel on: they are kept."""

    article: Article
    coding: Coding
