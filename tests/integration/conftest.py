"""Fixtures of the tests against real servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from services.cli.embedded.instance import Servers
from tests.integration.drilling import Drill
from tests.integration.kept import Kept


@pytest.fixture(scope="session")
def kept(elasticsearch: Elasticsearch) -> Iterator[Kept]:
    """Indices for tests that need not have their own: whoever uses them empties them first."""
    indices = Kept(elasticsearch)
    yield indices
    indices.delete()


@pytest.fixture
def drill(servers: Servers, tmp_path: Path) -> Iterator[Drill]:
    """Workers for experiments, on a database of their own."""
    one = Drill(servers.redis_url.rsplit("/", 1)[0] + "/9", tmp_path)
    yield one
    one.close()
