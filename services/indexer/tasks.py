"""The indexer's tasks."""

from functools import cache

from services.indexer import index as indexing
from services.indexer.locks import redis_locks
from services.indexer.store import Store
from shared import pipeline
from shared.connections import open_redis
from shared.domain.coded import CodedArticle
from shared.domain.outcome import Filing, Outcome
from shared.index import connect
from shared.settings import settings
from shared.task import step


@cache
def _store() -> Store:
    return Store(connect(settings().elasticsearch_url), settings().index_prefix)


@cache
def _locks() -> indexing.Locks:
    return redis_locks(open_redis())


@step(pipeline.INDEX)
def index(coded: CodedArticle) -> Filing:
    """File an article and the incidents it tells. Raises Transient."""
    return indexing.index(coded, store=_store(), locks=_locks())


@step(pipeline.RECORD)
def record(outcome: Outcome) -> None:
    """Write how a submission ended. Raises Transient."""
    _store().ready()
    _store().record(outcome)
