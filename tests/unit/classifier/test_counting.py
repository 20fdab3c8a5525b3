"""What the classifier counts of its verdicts."""

from prometheus_client import REGISTRY

from services.classifier import classify as classifying
from services.classifier.models import Models
from tests import examples
from tests.unit.classifier.test_classify import TEXT, TITLE


def told(relevant: str) -> tuple[float, float]:
    """How many verdicts were counted, and the sum of their strengths."""
    count, total = (
        REGISTRY.get_sample_value(f"tocsin_classifier_confidence_{of}", {"relevant": relevant}) or 0.0
        for of in ("count", "sum")
    )
    return count, total


def test_the_strength_of_a_verdict_is_counted_and_where_there_is_none_nothing(models: Models) -> None:
    yes, no = told("yes"), told("no")
    news = examples.article(text=TEXT).model_copy(update={"title": TITLE})
    coded = classifying.code(news, models=models)
    assert coded.coding.score is not None
    assert told("yes") == (yes[0] + 1, yes[1] + coded.coding.score)
    empty = classifying.code(news.model_copy(update={"title": "", "text": ""}), models=models)
    assert empty.coding.score is None
    assert told("no") == no
