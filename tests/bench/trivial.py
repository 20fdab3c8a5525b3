"""A worker of all queues whose steps do nothing: what is left is the delivery itself. Run by `test_redis_memory.py`."""

from collections.abc import Sequence

from shared import broker, pipeline
from shared.broker import SCHEDULE_QUEUE
from shared.domain.article import Article
from shared.domain.coded import CodedArticle, Coding
from shared.domain.outcome import Ending, Filing
from shared.domain.page import Page
from shared.domain.submission import Submission
from shared.pipeline import STAGES
from shared.task import batch_step, step
from tests import examples


@step(pipeline.FETCH)
def fetch(submission: Submission) -> Page:
    """Return a page that nobody has fetched."""
    return examples.page(submission.url)


@step(pipeline.EXTRACT)
def extract(page: Page) -> Article:
    """Return an article of about three kilobytes, each of its own words."""
    return examples.article(page.url, text=f"{page.url} says so. " * 60)


@step(pipeline.CLASSIFY)
def classify(article: Article) -> CodedArticle:
    """Return the article without an event."""
    return CodedArticle(article=article, coding=Coding(relevant=True, score=1, model="none"))


@batch_step(pipeline.INDEX)
def index(coded: Sequence[CodedArticle]) -> list[Filing]:
    """Keep nothing."""
    return [Filing(article_id=one.article.id) for one in coded]


@batch_step(pipeline.RECORD)
def record(endings: Sequence[Ending]) -> list[None]:
    """Keep nothing."""
    return [None for _ in endings]


if __name__ == "__main__":
    queues = sorted({stage.queue for stage in STAGES.values()} | {SCHEDULE_QUEUE})
    options = ["--pool", "threads", "--concurrency", "16", "--without-gossip", "--without-mingle"]
    broker.app.worker_main(["worker", "-Q", ",".join(queues), "--loglevel", "error", *options])
