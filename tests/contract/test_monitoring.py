"""Dashboards and alerts ask for what is told, are understood by Prometheus, and stand in the documentation."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from shared.delivery.timing import timing
from shared.metrics.catalogue import VERDICTS
from tests.monitoring import (
    CASES,
    GIVEN,
    MONITORING,
    OTHERS,
    RULES,
    base,
    labels,
    metrics,
    named,
    panels,
    queries,
    rules,
)

ROOT = MONITORING.parents[1]
DOCUMENT = (ROOT / "docs" / "monitoring.md").read_text()
METRICS = metrics()


def promtool(*arguments: str) -> str:
    """Run promtool. Skips where there is none, but for CI."""
    program = shutil.which("promtool")
    if program is None:
        assert os.environ.get("CI") != "true", "no promtool: Debian's package prometheus has it"
        pytest.skip("no promtool: Debian's package prometheus has it")
    ran = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_code_tells_of_everything_that_was_asked_for() -> None:
    assert len(METRICS) >= 19
    assert METRICS["tocsin_outcomes_total"] == ("step", "status", "reason")
    assert METRICS["tocsin_accepted_total"] == ()


@pytest.mark.parametrize("where", queries())
def test_a_query_asks_for_what_is_told_by_labels_that_it_has(where: str) -> None:
    asked = named(queries()[where])
    assert asked, "it asks for nothing"
    known = {base(name, METRICS) for name in asked - OTHERS}
    assert None not in known
    given = GIVEN.union(*(METRICS[name] for name in known if name))
    assert labels(queries()[where]) <= given


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_on_a_dashboard_or_in_an_alert(name: str) -> None:
    assert any(base(one, METRICS) == name for query in queries().values() for one in named(query))


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_and_label_is_documented(name: str) -> None:
    (row,) = re.findall(rf"^\| `{name}` \|(.*)$", DOCUMENT, re.MULTILINE)
    written = row.split("|")[0]
    assert set(re.findall(r"`(\w+)`", written)) == set(METRICS[name])


def test_the_document_names_no_metric_that_there_is_not() -> None:
    assert not [name for name in re.findall(r"`(tocsin_\w+)`", DOCUMENT) if base(name, METRICS) is None]
    assert not [verdict for verdict in VERDICTS if f"`{verdict}`" not in DOCUMENT]


@pytest.mark.parametrize("alert", [rule["alert"] for rule in rules()])
def test_every_alert_is_documented_with_what_to_do_and_tried_out(alert: str) -> None:
    found = re.search(rf"^### {alert}\n\n(.+?)(?=^#|\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found is not None
    assert "What to do:" in found[1]
    tried = [case for one in yaml.safe_load(CASES.read_text())["tests"] for case in one["alert_rule_test"]]
    fires = {bool(case["exp_alerts"]) for case in tried if case["alertname"] == alert}
    assert fires == {True, False}, "shown firing, and shown silent"


def test_an_age_that_is_told_of_is_one_that_no_step_takes_when_all_is_well() -> None:
    assert max(timing().hard_limit_s.values()) + max(timing().backoff_cap_s.values()) < 1800


def test_prometheus_takes_the_rules() -> None:
    assert f"{len(rules())} rules found" in promtool("check", "rules", str(RULES))


def test_each_alert_fires_when_it_should_and_is_silent_beside_it() -> None:
    assert "SUCCESS" in promtool("test", "rules", str(CASES))


def test_prometheus_takes_its_configuration(tmp_path: Path) -> None:
    text = (RULES.parent / "prometheus.yml").read_text()
    (tmp_path / "prometheus.yml").write_text(text.replace("/etc/prometheus/", f"{RULES.parent}/"))
    assert "SUCCESS" in promtool("check", "config", str(tmp_path / "prometheus.yml"))


def test_prometheus_understands_every_query_of_the_dashboards(tmp_path: Path) -> None:
    asked = [{"record": f"query_{n}", "expr": query} for n, (_, _, query) in enumerate(panels())]
    (tmp_path / "queries.yml").write_text(json.dumps({"groups": [{"name": "dashboards", "rules": asked}]}))
    assert f"{len(asked)} rules found" in promtool("check", "rules", str(tmp_path / "queries.yml"))


def test_the_dashboards_are_found_where_grafana_looks_and_ask_the_source_that_it_has() -> None:
    provisioning = MONITORING / "grafana" / "provisioning"
    source = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"][0]
    provider = yaml.safe_load((provisioning / "dashboards" / "tocsin.yml").read_text())["providers"][0]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    mounts = compose["services"]["grafana"]["volumes"]
    assert f"./deploy/monitoring/grafana/dashboards:{provider['options']['path']}:ro" in mounts
    boards = [json.loads(path.read_text()) for path in (MONITORING / "grafana" / "dashboards").glob("*.json")]
    assert sorted(board["uid"] for board in boards) == ["tocsin-flow", "tocsin-work"]
    for board in boards:
        assert {panel["datasource"]["uid"] for panel in board["panels"]} == {source["uid"]}
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
        spaces = [panel["gridPos"] for panel in board["panels"]]
        cells = [(x, y) for s in spaces for x in range(s["x"], s["x"] + s["w"]) for y in range(s["y"], s["y"] + s["h"])]
        assert len(cells) == len(set(cells)), "no panel lies over another"
        assert max(x for x, _ in cells) < 24


def test_prometheus_scrapes_every_service_on_the_port_that_it_has() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    (job,) = yaml.safe_load((RULES.parent / "prometheus.yml").read_text())["scrape_configs"]
    ports = {name: one["port"] for one in job["dns_sd_configs"] for name in one["names"]}
    measured = {
        name: service["environment"]["TOCSIN_METRICS_PORT"]
        for name, service in compose["services"].items()
        if "TOCSIN_METRICS_PORT" in service.get("environment", {})
    }
    assert set(ports) == set(measured)
    assert {name: port for name, port in ports.items() if name != "api"} == {
        name: port for name, port in measured.items() if name != "api"
    }
    assert all("queue" in compose["services"][name]["networks"] for name in [*ports, "prometheus"])
    assert all(
        port.startswith("127.0.0.1:")
        for name in ("prometheus", "grafana", "flower")
        for port in compose["services"][name]["ports"]
    )


def test_alerts_go_to_the_alertmanager_that_a_file_names_and_to_nobody_without_one(tmp_path: Path) -> None:
    configured = yaml.safe_load((RULES.parent / "prometheus.yml").read_text())
    (manager,) = configured["alerting"]["alertmanagers"]
    (found,) = manager["file_sd_configs"]
    (files,) = found["files"]
    folder = Path(files).parent.relative_to("/etc/prometheus")
    written = re.findall(r"^echo '(.+)' > deploy/monitoring/prometheus/(\S+)$", DOCUMENT, re.MULTILINE)
    ((targets, place),) = written
    assert Path(place).parent == folder, "the document names the folder that Prometheus reads"
    assert yaml.safe_load(targets) == [{"targets": ["alertmanager:9093"]}]
    assert f"deploy/monitoring/prometheus/{folder}/" in (ROOT / ".gitignore").read_text().splitlines()
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert "./deploy/monitoring/prometheus:/etc/prometheus:ro" in compose["services"]["prometheus"]["volumes"]
    (tmp_path / place).parent.mkdir()
    text = (
        (RULES.parent / "prometheus.yml").read_text().replace("/etc/prometheus/alertmanagers", f"{tmp_path}/{folder}")
    )
    (tmp_path / "prometheus.yml").write_text(text.replace("/etc/prometheus/", f"{RULES.parent}/"))
    for said in (targets, "- targets: 7"):
        (tmp_path / place).write_text(said)
        if said == targets:
            assert "SUCCESS" in promtool("check", "config", str(tmp_path / "prometheus.yml"))
        else:
            with pytest.raises(AssertionError, match="checking SD file"):
                promtool("check", "config", str(tmp_path / "prometheus.yml"))
