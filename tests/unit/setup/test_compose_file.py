"""What the compose file says of itself, and what its scripts make of it; the rest is tried out in tests/e2e."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]


def services(folder: Path = ROOT) -> dict[str, Any]:
    described: dict[str, Any] = yaml.safe_load((folder / "docker-compose.yml").read_text())["services"]
    return described


def mounted(service: dict[str, Any]) -> set[str]:
    """Return what a service has mounted of this repository."""
    sources = [volume.partition(":")[0] for volume in service.get("volumes", [])]
    return {source.removeprefix("./") for source in sources if source.startswith("./")}


def checkout(folder: Path) -> Path:
    """Copy what the scripts read into this folder."""
    shutil.copytree(ROOT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("sites", "target"))
    shutil.copy(ROOT / "docker-compose.yml", folder)
    return folder


def digests(folder: Path) -> None:
    subprocess.run([folder / "deploy/digests.sh"], check=True, timeout=60)


def test_every_mounted_file_has_its_digest_in_a_label(tmp_path: Path) -> None:
    labelled = {name: set(service.get("labels", {})) for name, service in services().items()}
    assert labelled == {name: mounted(service) for name, service in services().items()}
    assert labelled["redis"] == {"deploy/docker/redis.sh"}

    digests(checkout(tmp_path))
    assert services(tmp_path) == services(), "run deploy/digests.sh: a mounted file has changed"


def test_a_changed_file_changes_the_services_that_have_it_mounted(tmp_path: Path) -> None:
    """Compose's hash of a service is of all that it is described by: tests/e2e/test_compose_checkout.py."""
    copy = checkout(tmp_path)
    for path in ("deploy/docker/roles.yml", "deploy/monitoring/prometheus/prometheus.yml"):
        with (copy / path).open("a") as file:
            file.write("# changed\n")
    digests(copy)

    was, now = services(), services(copy)
    assert {name for name in was if was[name] != now[name]} == {"elasticsearch", "prometheus"}
    assert was["elasticsearch"]["labels"].items() ^ now["elasticsearch"]["labels"].items() == {
        ("deploy/docker/roles.yml", one["elasticsearch"]["labels"]["deploy/docker/roles.yml"]) for one in (was, now)
    }


def test_setup_speaks_whatever_does_not_become_healthy() -> None:
    """It waits for servers by itself, and says which is not ready; where compose waited first, it would never start."""
    waits, seen = ["setup"], set[str]()
    while waits:
        name = waits.pop()
        for other, how in services()[name].get("depends_on", {}).items():
            assert how["condition"] == "service_started", (name, other)
            if other not in seen:
                waits.append(other)
                seen.add(other)

    assert seen == {"redis", "elasticsearch", "kibana"}


def test_every_port_is_set_by_a_variable_named_after_its_service() -> None:
    """By that name deploy/compose-up.sh names it."""
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}

    assert set(published) == {"api", "kibana", "prometheus", "grafana", "flower"}
    for name, ports in published.items():
        assert [f"${{TOCSIN_{name.upper()}_PORT:-" in port for port in ports] == [True], name


def test_kibana_needs_its_memory_on_top() -> None:
    setup, kibana = services()["setup"], services()["kibana"]

    assert f"--kibana-memory-mb={kibana['mem_limit'].removesuffix('m')}" in setup["command"]


def test_every_root_file_system_is_read_only_but_for_the_one_that_says_why() -> None:
    assert {name for name, service in services().items() if not service.get("read_only")} == {"elasticsearch"}


def test_down_stops_every_profile_and_needs_no_passwords(tmp_path: Path) -> None:
    """With a docker that notes what it was told, and which passwords it could read."""
    copy = checkout(tmp_path)
    (copy / "docker").write_text('#!/bin/sh\necho "$@"\ntest "$2" = --env-file && cat "$3"\n')
    (copy / "docker").chmod(0o755)
    environment = {"PATH": f"{copy}:{os.environ['PATH']}"}
    command = [copy / "deploy/compose-down.sh"]
    without = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    assert not (copy / ".env").exists()
    (copy / ".env").write_text("COMPOSE_PROJECT_NAME=other\n")
    beside = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    assert without.splitlines()[0].endswith(" --profile * down")
    assert "TOCSIN_REDIS_PASSWORD_API=" in without
    assert beside.splitlines()[0].endswith(" --env-file .env --profile * down")
