"""An installation of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch
from redis import Redis

from services.cli.embedded.instance import Servers
from tests.integration.upkeep.scene import Scene


@pytest.fixture
def scene(
    redis: Redis, servers: Servers, elasticsearch: Elasticsearch, index_prefix: str, tmp_path: Path
) -> Iterator[Scene]:
    """An installation."""
    one = Scene(redis, elasticsearch, servers, index_prefix, tmp_path)
    yield one
    one.close()
