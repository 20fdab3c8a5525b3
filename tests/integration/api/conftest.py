"""The API over a real Redis and a real Elasticsearch, with a queue that can be looked into."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient
from kombu.exceptions import OperationalError
from redis import Redis

from services.api.app import create_app
from services.api.dependencies import Services
from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item
from shared.delivery.pressure import pressure
from shared.documents import document
from shared.domain.outcome import Outcome, Status
from shared.domain.submission import Submission
from shared.incidents.store import Store
from shared.index import ensure
from shared.pipeline import Stage
from shared.settings import Settings
from tests.examples import API
from tests.integration.kept import Kept


class Queue:
    """A broker that keeps what it is given, or is away."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Item]] = []
        self.away = False

    def __call__(self, stage: Stage, items: Sequence[Item]) -> None:
        """Take what is sent."""
        if self.away:
            raise OperationalError("away")
        self.sent += [(stage.name, item) for item in items]


@pytest.fixture
def queue() -> Queue:
    """A broker."""
    return Queue()


@pytest.fixture
def limits() -> Settings:
    """The settings of which the limits are taken."""
    return Settings()


@pytest.fixture
def index_prefix(kept: Kept) -> str:
    """The prefix of empty indices."""
    kept.empty()
    return kept.prefix


@pytest.fixture
def services(redis: Redis, elasticsearch: Elasticsearch, index_prefix: str, queue: Queue, limits: Settings) -> Services:
    """Real servers, with a queue that can be looked into. Each request asks anew whether there is room."""
    ensure(elasticsearch, index_prefix)
    ledger = Ledger(redis)
    return Services(
        redis=redis,
        ledger=ledger,
        elasticsearch=elasticsearch,
        index_prefix=index_prefix,
        send=queue,
        pressure=partial(pressure, redis, ledger, limits),
    )


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    """The API."""
    with TestClient(create_app(services), base_url=API, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def store(elasticsearch: Elasticsearch, index_prefix: str, services: Services) -> Store:
    """The index behind the API."""
    assert services.index_prefix == index_prefix
    return Store(elasticsearch, index_prefix)


Away = Callable[..., TestClient]


@pytest.fixture
def away(services: Services) -> Away:
    """The API with some of its servers replaced, by such that do not answer for instance."""

    def client(**servers: object) -> TestClient:
        values = {name: getattr(services, name) for name in Services.__dataclass_fields__}
        return TestClient(create_app(Services(**(values | servers))), base_url=API, raise_server_exceptions=False)

    return client


class Outcomes:
    """The outcomes in Elasticsearch, written past everything that is ours."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client = client
        self._index = f"{prefix}outcomes"

    def write(self, *outcomes: Outcome, ids: Sequence[str] = ()) -> None:
        """Write outcomes under their submissions' ids, or under `ids`."""
        operations: list[Mapping[str, Any]] = []
        for outcome, doc_id in zip(outcomes, ids or [one.submission_id for one in outcomes], strict=True):
            operations += [{"index": {"_id": doc_id}}, document(outcome)]
        answer = self._client.bulk(index=self._index, operations=operations, refresh=True)
        assert not answer["errors"]

    def end(self, *submissions: Submission, status: Status = Status.INDEXED, when: datetime | None = None) -> None:
        """Write that submissions ended, a moment ago unless `when` says otherwise."""
        fields = {"ended_at": when} if when else {}
        self.write(*(Outcome.of(one, status, step="index").model_copy(update=fields) for one in submissions))

    def delete(self, submission_id: str) -> None:
        """Lose one."""
        self._client.delete(index=self._index, id=submission_id, refresh=True)


@pytest.fixture
def outcomes(elasticsearch: Elasticsearch, index_prefix: str, services: Services) -> Outcomes:
    """The outcomes behind the API."""
    assert services.index_prefix == index_prefix
    return Outcomes(elasticsearch, index_prefix)
