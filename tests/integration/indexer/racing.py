"""An indexer in a process of its own, for races of several."""

import os
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier

from redis import Redis

from services.indexer.index import Locks, index
from shared.domain.coded import CodedArticle
from shared.errors import Transient
from shared.incidents.locks import redis_locks
from shared.incidents.store import Store
from shared.index import connect

RACERS = 4
#: Longest that one racer waits for the others, in seconds: they are being started meanwhile.
_PATIENCE_S = 120

#: Where the racers of this process meet.
_START: list[Barrier] = []


def stand_ready(start: Barrier) -> None:
    """Let this process race: `start` is where it meets the others."""
    _START.append(start)


def race(elasticsearch_url: str, redis_url: str, prefix: str, batches: Sequence[Sequence[str]]) -> tuple[int, int]:
    """File batches of articles, as JSON, once all racers stand ready. Returns the process and what was filed again."""
    told = [[CodedArticle.model_validate_json(one) for one in batch] for batch in batches]
    with connect(elasticsearch_url) as elasticsearch, Redis.from_url(redis_url) as redis:
        _START[-1].wait(_PATIENCE_S)
        again = sum(file(batch, Store(elasticsearch, prefix), redis_locks(redis)) for batch in told)
    return os.getpid(), again


def file(batch: Sequence[CodedArticle], store: Store, locks: Locks) -> int:
    """File a batch. Returns how many had to be filed again, as the policy would: one by one."""
    try:
        index(batch, store=store, locks=locks)
    except Transient:
        if len(batch) == 1:
            return 1 + file(batch, store, locks)
        return 1 + sum(file([article], store, locks) for article in batch)
    return 0
