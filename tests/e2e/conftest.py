"""The compose file, up once for all tests of it."""

import os
from collections.abc import Iterator

import pytest

from tests.e2e.compose import Stack, missing_engine, write_env


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything but Kibana, up and healthy. Skips without an engine, but for CI, where that is a failure."""
    if missing := missing_engine():
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    running = Stack(write_env(tmp_path_factory.mktemp("compose")))
    try:
        try:
            running.up()
        except AssertionError as error:
            pytest.fail(f"{error}\n{running.report()}")
        yield running
    finally:
        running.down()
