"""Values that make no sense are refused by name."""

import copy
from typing import Any

import pytest

from tests.helm.conftest import VALUES, helm


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the plain values, one of them changed."""
    values: dict[str, Any] = copy.deepcopy(VALUES["plain"])
    *outer, last = path.split(".")
    place = values
    for name in outer:
        place = place.setdefault(name, {})
    place[last] = value
    return values


WRONG = {
    "no Redis": (changed("redis.addresses", []), "/redis/addresses"),
    "a Redis without a port": (changed("redis.addresses", ["redis"]), "/redis/addresses/0"),
    "two Redis without a master": (changed("redis.addresses", ["a:1", "b:1"]), "/redis/addresses"),
    "TLS with Sentinels": (changed("redis", {"addresses": ["a:1"], "master": "m", "tls": True}), "/redis/tls"),
    "roles without a secret": (changed("redis.auth", {"perRole": True}), "/redis/auth/perRole"),
    "no Elasticsearch": (changed("elasticsearch.url", ""), "/elasticsearch/url"),
    "a password in a URL": (changed("elasticsearch.url", "https://elastic:secret@es:9200"), "/elasticsearch/url"),
    "pages on a disk": (changed("pageStore.url", "file:///pages"), "/pageStore/url"),
    "a misspelt value": (changed("workers.fetcher.replica", 3), "'replica'"),
    "a misspelt worker": (changed("workers.fetchers", {}), "'fetchers'"),
    "a misspelt setting": (changed("settings", {"TOCSIN_MAX_INFLIGHT": 1}), "TOCSIN_MAX_INFLIGHT"),
    "a setting that is a value": (changed("settings", {"TOCSIN_REDIS_URL": "redis://x"}), "TOCSIN_REDIS_URL"),
    "a scaler that is not there": (changed("autoscaling.by", "vpa"), "/autoscaling/by"),
    "scaling to zero": (changed("workers.indexer.autoscaling", {"min": 0}), "/workers/indexer/autoscaling/min"),
    "more beats": (changed("beat.replicas", 2), "'replicas'"),
    "a grace below the drain": (changed("terminationGracePeriodSeconds", 20), "/terminationGracePeriodSeconds"),
    "an Ingress without a host": (changed("api.ingress.enabled", True), "/api/ingress/host"),
    "a backup to nowhere": (changed("backup", {"enabled": True}), "/backup/claim"),
    "a backup by no clock": (changed("backup", {"schedule": "nightly"}), "/backup/schedule"),
    "memory in a unit of its own": (changed("workers.classifier.memory", "2GB"), "/workers/classifier/memory"),
    "egress of nobody": (changed("networkPolicy.extraEgress", {"fetchers": [{}]}), "fetchers"),
    "fewest above most": (
        changed("autoscaling.by", "keda") | {"workers": {"extractor": {"autoscaling": {"min": 9, "max": 3}}}},
        "workers.extractor.autoscaling: min (9) is above max (3)",
    ),
}


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, Any]]:
    """What Helm says of each."""
    return helm({name: values for name, (values, _) in WRONG.items()})


@pytest.mark.parametrize("name", WRONG)
def test_it_is_refused_with_its_name(answers: dict[str, dict[str, Any]], name: str) -> None:
    assert WRONG[name][1] in answers[name].get("error", "taken")
