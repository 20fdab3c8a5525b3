"""The API answers what its own description allows: every GET, asked anything, over a real Elasticsearch."""

from collections.abc import Iterator

import pytest
import schemathesis
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.cli.embedded.instance import Servers
from tests.integration.api.happenings import api_over, six

#: What every answer must be: described in status, type and shape, and never an error of ours.
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def description(elasticsearch: Elasticsearch, servers: Servers) -> Iterator[object]:
    """The description that the API gives of itself, over six incidents."""
    with api_over(elasticsearch, servers.redis_url, list(six().values())) as client:
        yield described(client)


def described(client: TestClient) -> object:
    return schemathesis.openapi.from_asgi("/openapi.json", client.app)


schema = schemathesis.pytest.from_fixture("description")


@schema.include(method="GET").parametrize()
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_reading_route_answers_as_described(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=CHECKS)
