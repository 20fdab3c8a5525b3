"""The API and an indexer over the same real servers."""

from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient
from redis import Redis

from services.api.app import create_app
from services.api.dependencies import Services
from services.indexer.index import index
from shared.delivery.ledger import Ledger
from shared.domain.coded import CodedArticle
from shared.incidents.locks import redis_locks
from shared.incidents.store import Store
from shared.index import ensure
from tests.examples import API
from tests.integration.indexer.faults import Proxy
from tests.integration.kept import Kept


class Desk:
    """Somebody who decides about incidents, and an indexer that files."""

    def __init__(self, client: TestClient, store: Store, redis: Redis) -> None:
        self.http = client
        self.store = store
        self._locks = redis_locks(redis)

    def file(self, *articles: CodedArticle) -> list[str]:
        """File articles one by one. Returns the incident of the first event of each."""
        return [index([one], store=self.store, locks=self._locks)[0].incident_ids[0] for one in articles]

    def batch(self, *articles: CodedArticle) -> list[tuple[str, ...]]:
        """File articles together. Returns the incidents of each."""
        return [one.incident_ids for one in index(articles, store=self.store, locks=self._locks)]

    def get(self, number: str) -> dict[str, Any]:
        """Return what an incident's own document says."""
        answer = self.http.get(f"/v1/incidents/{number}", follow_redirects=False)
        found: dict[str, Any] = answer.json()
        return found

    def ask(self, kind: str, number: str, **body: Any) -> Any:
        """Decide, having looked at what is stored, unless `revision` says otherwise. Returns the answer."""
        known = {"who": "ana", "why": "I know better", "revision": self.get(number).get("revision", 1)}
        return self.http.post(f"/v1/incidents/{number}/{kind}", json=known | body)

    def decide(self, kind: str, number: str, **body: Any) -> dict[str, Any]:
        """Decide, and return the decision."""
        answer = self.ask(kind, number, **body)
        assert answer.status_code == 200, answer.json()
        decision: dict[str, Any] = answer.json()["decision"]
        return decision

    def undo(self, number: str, decision: dict[str, Any]) -> None:
        """Undo a decision."""
        self.decide("undo", number, decision=decision["id"])

    def sites(self, number: str) -> list[str]:
        """Return who tells an incident, by its document, its reports and the articles, which all agree."""
        self.store.refresh_reports()
        reports = self.store.reports_of_incidents([number])
        shown = self.get(number)
        assert shown["reports"] == len(reports)
        assert all(number in one.incident_ids for one in self.store.articles({r.article_id for r in reports}).values())
        found: list[str] = shown["sites"]
        return found


@pytest.fixture
def index_prefix(kept: Kept) -> str:
    """The prefix of empty indices."""
    kept.empty()
    return kept.prefix


@pytest.fixture
def services(redis: Redis, elasticsearch: Elasticsearch, index_prefix: str) -> Services:
    """Real servers."""
    ensure(elasticsearch, index_prefix)
    return Services(
        redis=redis,
        ledger=Ledger(redis),
        elasticsearch=elasticsearch,
        index_prefix=index_prefix,
        send=lambda *_: None,
        pressure=lambda: None,
    )


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    """The API."""
    with TestClient(create_app(services), base_url=API, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def desk(client: TestClient, elasticsearch: Elasticsearch, index_prefix: str, redis: Redis) -> Desk:
    """Somebody who decides, and an indexer."""
    return Desk(client, Store(elasticsearch, index_prefix), redis)


@pytest.fixture
def proxy(elasticsearch: Elasticsearch) -> Iterator[Proxy]:
    """A way to the Elasticsearch of the run that fails as it is told."""
    (node,) = elasticsearch.transport.node_pool.all()
    with Proxy(node.host, node.port) as running:
        yield running
