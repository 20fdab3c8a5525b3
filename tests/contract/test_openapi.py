"""The API answers what its own description allows: every GET, asked anything, over a real Elasticsearch."""

from typing import Any

import pytest
import schemathesis
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.api.app import create_app
from services.cli.embedded.instance import Servers
from tests.examples import API
from tests.integration.api.happenings import api_over, six

#: What every answer must be: described in status, type and shape, and never an error of ours.
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: What is answered to a wrong name, whatever is asked: described, and no answer to these questions.
MISDIRECTED = 421
READING = sorted(path for path, methods in create_app().openapi()["paths"].items() if "get" in methods)


@pytest.mark.parametrize("path", READING)
def test_every_reading_route_answers_as_described(path: str, elasticsearch: Elasticsearch, servers: Servers) -> None:
    with api_over(elasticsearch, servers.redis_url, list(six().values())) as client:
        schema = schemathesis.openapi.from_asgi("/openapi.json", client.app, headers={"Host": "127.0.0.1"})

        @settings(
            max_examples=25,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=schema[path]["GET"].as_strategy())
        def answers_as_described(case: schemathesis.Case[Any]) -> None:
            assert case.call_and_validate(base_url=API, checks=CHECKS).status_code != MISDIRECTED

        answers_as_described()
