"""Who may talk to whom, as the chart's network policies say."""

import ipaddress
from typing import Any

import pytest

from shared.worker.run import BEAT, KINDS
from tests.helm.conftest import Manifest, of_kind
from tests.helm.test_chart import OUTSIDE, ROLES

#: What a public page must never lead to.
PRIVATE = ("10.1.2.3", "172.20.0.1", "192.168.1.1", "169.254.169.254", "127.0.0.1", "100.64.0.1", "fd00::1", "fe80::1")


def selected(policy: Manifest) -> set[str]:
    """Return the roles that a policy is for."""
    selector = policy["spec"]["podSelector"]
    expressions = selector.get("matchExpressions", [])
    if expressions:
        return set(expressions[0]["values"])
    own = selector["matchLabels"].get("app.kubernetes.io/component")
    return {own} if own else set(ROLES)


def egress(manifests: list[Manifest], role: str) -> list[dict[str, Any]]:
    """Return the rules by which a role may reach others."""
    policies = of_kind(manifests, "NetworkPolicy").values()
    return [rule for one in policies if role in selected(one) for rule in one["spec"].get("egress", [])]


def reaches(rules: list[dict[str, Any]], address: str, port: int) -> bool:
    """Tell whether an address outside the cluster is allowed."""
    target = ipaddress.ip_address(address)
    for rule in rules:
        if "ports" in rule and port not in [one["port"] for one in rule["ports"]]:
            continue
        for block in [peer["ipBlock"] for peer in rule["to"] if "ipBlock" in peer]:
            networks = [ipaddress.ip_network(one) for one in (block["cidr"], *block.get("except", ()))]
            if target in networks[0] and not any(target in one for one in networks[1:]):
                return True
    return False


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_fetcher_and_notifier_reach_the_world(charts: dict[str, dict[str, Any]], role: str) -> None:
    for name in ("plain", "large"):
        rules = egress(charts[name]["manifests"], role)
        for address in ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"):
            assert reaches(rules, address, 443) is (role in OUTSIDE), name
        assert not [address for address in PRIVATE if reaches(rules, address, 443)], name


def test_everyone_is_closed_but_for_what_is_said(large: list[Manifest]) -> None:
    policies = of_kind(large, "NetworkPolicy")
    closed = policies[""]

    assert selected(closed) == set(ROLES)
    assert set(closed["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    assert {role for role in ROLES if any("ingress" in p["spec"] for p in policies.values() if role in selected(p))}
    assert [port["port"] for rule in policies["api"]["spec"]["ingress"] for port in rule["ports"]] == [8000, 8000]
    assert policies["api"]["spec"]["ingress"][1]["from"] == [{"namespaceSelector": {}}]  # Prometheus


def test_redis_sentinels_elasticsearch_and_s3_are_reached_by_those_who_need_them(large: list[Manifest]) -> None:
    def ports(role: str) -> set[int]:
        return {port["port"] for rule in egress(large, role) for port in rule.get("ports", [])}

    for role in ROLES:
        assert {53, 6379, 26379} <= ports(role)
        assert (9243 in ports(role)) is (role in {"indexer", "notifier", "api", "setup"}), role
        assert (443 in ports(role)) is (role in {"fetcher", "extractor"}), role
    assert {9243, 443} <= ports("backup")
    assert 8001 in ports("classifier")


def test_none_when_they_are_off(charts: dict[str, dict[str, Any]]) -> None:
    assert not of_kind(charts["hpa"]["manifests"], "NetworkPolicy")
    assert not of_kind(charts["hpa"]["manifests"], "PodDisruptionBudget")


def test_a_drain_of_a_node_takes_one_pod_of_a_kind_at_a_time(large: list[Manifest]) -> None:
    budgets = of_kind(large, "PodDisruptionBudget")
    assert set(budgets) == {*KINDS, "api"}
    assert BEAT not in budgets  # a budget for one pod would forbid the drain
    assert {one["spec"]["maxUnavailable"] for one in budgets.values()} == {1}
