"""The classifier's step."""

import os
from functools import cache

from services.classifier import classify as classifying
from services.classifier import trial
from services.classifier.models import load_models
from services.classifier.second_opinion import ask
from services.classifier.second_opinion.allowance import in_redis
from services.classifier.second_opinion.ask import SecondOpinion
from shared import pipeline
from shared.connections import open_redis
from shared.domain.article import Article
from shared.domain.coded import CodedArticle
from shared.settings import settings
from shared.task import step


def warm_up() -> None:
    """Load everything in the parent, so that forked workers share it. Raises SetupError when that fails."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # its threads would not survive the fork
    trial.run()


@step(pipeline.CLASSIFY)
def classify(article: Article) -> CodedArticle:
    """Code one article. Raises nothing: what is no news travels on as discarded, because it is kept."""
    return classifying.code(article, models=load_models(), second=_second())


# Not in `warm_up`: threads and connections do not survive a fork.
@cache
def _second() -> SecondOpinion | None:
    return ask.open_second(settings(), in_redis(open_redis()))
