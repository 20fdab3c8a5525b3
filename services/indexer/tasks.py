"""The indexer's tasks."""

from collections.abc import Sequence
from functools import cache

from services.indexer import index as indexing
from shared import pipeline
from shared.connections import open_redis
from shared.delivery.timing import timing
from shared.domain.coded import CodedArticle
from shared.domain.outcome import Ending, Filing
from shared.incidents.changed import Changed
from shared.incidents.locks import redis_locks
from shared.incidents.store import Store
from shared.index import connect, need_fitting
from shared.settings import settings
from shared.task import batch_step


@cache
def _store() -> Store:
    client = connect(settings().elasticsearch_url)
    return Store(client, settings().index_prefix, note=Changed(open_redis()).note)


@cache
def _locks() -> indexing.Locks:
    return redis_locks(open_redis(), lease_s=timing().lock_lease_s, patience_s=timing().lock_patience_s)


def warm_up() -> None:
    """Stop a worker whose indices are of another version. Raises WrongVersion."""
    need_fitting(connect(settings().elasticsearch_url), settings().index_prefix)


@batch_step(pipeline.INDEX)
def index(coded: Sequence[CodedArticle]) -> Sequence[Filing]:
    """File articles and the incidents they tell. Raises Outage, Transient."""
    return indexing.index(coded, store=_store(), locks=_locks())


@batch_step(pipeline.RECORD)
def record(endings: Sequence[Ending]) -> Sequence[None]:
    """Write how submissions ended. Raises Outage, Transient."""
    _store().ready()
    _store().record(endings)
    return [None] * len(endings)
