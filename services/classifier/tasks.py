"""The classifier's step."""

from services.classifier import classify as classifying
from services.classifier.models import load_models
from shared import pipeline
from shared.domain.article import Article
from shared.domain.coded import CodedArticle
from shared.task import step


def warm_up() -> None:
    """Load the models in the parent, so that forked workers share their memory."""
    load_models()


@step(pipeline.CLASSIFY)
def classify(article: Article) -> CodedArticle:
    """Code one article. Raises nothing: what is no news travels on as discarded, because it is kept."""
    return classifying.code(article, models=load_models())
