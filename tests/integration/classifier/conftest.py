"""A model to ask."""

from collections.abc import Iterator

import pytest

from tests import llm as llms
from tests.llm import Llm


@pytest.fixture
def llm() -> Iterator[Llm]:
    """A model that says what a test wants."""
    with llms.running() as running:
        yield running
