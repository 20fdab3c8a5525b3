"""The servers of the tests: real ones, started once per run, or those that the environment names."""

import logging
import os
import uuid
from collections.abc import Iterator

import hypothesis
import pytest
import structlog
from elasticsearch import Elasticsearch
from redis import Redis

from services.cli.embedded.instance import Servers
from services.cli.embedded.servers import embedded_servers
from shared.index import MODELS, VERSION, connect

#: No test asserts an absolute time: an example may meet a busy machine.
hypothesis.settings.register_profile("tocsin", deadline=None)
hypothesis.settings.load_profile("tocsin")


@pytest.fixture
def own_logs() -> Iterator[None]:
    """Leave the root logger, and how structlog writes, as they were."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A Redis and an Elasticsearch. `TOCSIN_TEST_REDIS_URL` and `TOCSIN_TEST_ELASTICSEARCH_URL` name others to use."""
    redis_url, elasticsearch_url = (os.environ.get(f"TOCSIN_TEST_{name}_URL") for name in ("REDIS", "ELASTICSEARCH"))
    if redis_url and elasticsearch_url:
        yield Servers(redis_url=redis_url, elasticsearch_url=elasticsearch_url)
        return
    measured = "TOCSIN_BENCH_INCIDENTS" in os.environ  # a large measurement is of a node as it is in use
    with embedded_servers(tmp_path_factory.mktemp("servers"), fast_start=not measured) as running:
        yield running


@pytest.fixture
def redis(servers: Servers) -> Iterator[Redis]:
    """An empty Redis."""
    client = Redis.from_url(servers.redis_url)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


@pytest.fixture(scope="session")
def elasticsearch(servers: Servers) -> Iterator[Elasticsearch]:
    """The Elasticsearch of the run."""
    client = connect(servers.elasticsearch_url)
    yield client
    client.close()


@pytest.fixture
def index_prefix(elasticsearch: Elasticsearch) -> Iterator[str]:
    """A prefix that no other test uses; what is made under it is deleted afterwards."""
    prefix = f"test-{uuid.uuid4().hex[:8]}-"
    yield prefix
    names = [f"{prefix}{name}-v{VERSION}" for name in MODELS]
    elasticsearch.indices.delete(index=names, ignore_unavailable=True)
