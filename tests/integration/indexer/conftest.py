"""An indexer over a real Elasticsearch, with locks in a real Redis."""

from collections.abc import Callable, Iterator

import pytest
from elasticsearch import Elasticsearch
from redis import Redis

from services.indexer.index import Locks, index
from shared.documents import from_document
from shared.domain.coded import CodedArticle
from shared.domain.incident import Incident, IncidentStatus
from shared.domain.outcome import Filing
from shared.incidents.locks import redis_locks
from shared.incidents.store import Store
from shared.index import MODELS, VERSION
from tests.integration.indexer.faults import Proxy

File = Callable[[CodedArticle], Filing]
Batch = Callable[..., list[Filing]]
Incidents = Callable[..., list[Incident]]


@pytest.fixture
def store(elasticsearch: Elasticsearch, index_prefix: str) -> Store:
    """The indices of this test."""
    return Store(elasticsearch, index_prefix)


@pytest.fixture
def locks(redis: Redis) -> Locks:
    """The locks of this test."""
    return redis_locks(redis)


@pytest.fixture
def batch(store: Store, locks: Locks) -> Batch:
    """The indexer of this test."""
    return lambda *articles: index(articles, store=store, locks=locks)


@pytest.fixture
def file(batch: Batch) -> File:
    """The same, for one article."""
    return lambda article: batch(article)[0]


@pytest.fixture
def incidents(elasticsearch: Elasticsearch, index_prefix: str) -> Incidents:
    """Every incident there is, under another prefix on demand."""

    def read(prefix: str = index_prefix) -> list[Incident]:
        elasticsearch.indices.refresh(index=f"{prefix}incidents")
        hits = elasticsearch.search(index=f"{prefix}incidents", size=1000, sort="id")["hits"]["hits"]
        return [from_document(Incident, hit["_source"]) for hit in hits]

    return read


def told(incidents: list[Incident]) -> dict[str, tuple[str, ...]]:
    """Who tells each incident that stands."""
    return {one.id: one.sites for one in incidents if one.status is IncidentStatus.ACTIVE}


def unnumbered(incidents: list[Incident]) -> list[tuple[str, IncidentStatus, Incident | None]]:
    """Return incidents as if each had been written once: a batch changes once what single articles change often.

    So what a withdrawn one last told may differ, from before its last report but one left or after: that it is empty
    may not.
    """
    assert all(not one.sources for one in incidents if one.status is IncidentStatus.WITHDRAWN)
    return [(one.id, one.status, one.model_copy(update={"revision": 1}) if one.reports else None) for one in incidents]


@pytest.fixture
def other_prefix(elasticsearch: Elasticsearch, index_prefix: str) -> Iterator[str]:
    """A second set of indices, to compare with the first."""
    prefix = f"{index_prefix}other-"
    yield prefix
    names = [f"{prefix}{name}-v{VERSION}" for name in MODELS]
    elasticsearch.indices.delete(index=names, ignore_unavailable=True)


@pytest.fixture
def proxy(elasticsearch: Elasticsearch) -> Iterator[Proxy]:
    """A way to the Elasticsearch of the run that fails as it is told."""
    (node,) = elasticsearch.transport.node_pool.all()
    with Proxy(node.host, node.port) as running:
        yield running
