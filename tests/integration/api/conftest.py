"""The API over a real Redis and a real Elasticsearch, with a queue that can be looked into."""

from collections.abc import Callable, Iterator

import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient
from kombu.exceptions import OperationalError
from redis import Redis

from services.api.app import create_app
from services.api.dependencies import Services
from services.indexer.store import Store
from shared.index import ensure
from shared.ledger import Ledger
from shared.pipeline import Envelope, Stage


class Queue:
    """A broker that keeps what it is given, or is away."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Envelope]] = []
        self.away = False

    def __call__(self, stage: Stage, envelope: Envelope) -> None:
        """Take a message."""
        if self.away:
            raise OperationalError("away")
        self.sent.append((stage.name, envelope))


@pytest.fixture
def queue() -> Queue:
    """A broker."""
    return Queue()


@pytest.fixture
def services(redis: Redis, elasticsearch: Elasticsearch, index_prefix: str, queue: Queue) -> Services:
    """Real servers, with a queue that can be looked into."""
    ensure(elasticsearch, index_prefix)
    return Services(
        redis=redis, ledger=Ledger(redis), elasticsearch=elasticsearch, index_prefix=index_prefix, send=queue
    )


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    """The API."""
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
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
        return TestClient(create_app(Services(**(values | servers))), raise_server_exceptions=False)

    return client
