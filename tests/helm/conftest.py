"""The chart, rendered once for all tests."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".helm/bin/python"
VALUES = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((ROOT / "tests/helm/values").glob("*.yaml"))}

Manifest = dict[str, Any]


def helm(cases: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what Helm makes of each set of values, see `helm.py`. Skips the test where its tools are not installed."""
    if not PYTHON.exists():
        missing = "the chart's tools are not here: deploy/helm/tools.sh installs them"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    command = [str(PYTHON), "tests/helm/helm.py"]
    done = subprocess.run(command, cwd=ROOT, input=json.dumps(cases), capture_output=True, text=True, check=True)
    answers: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return answers


@pytest.fixture(scope="session")
def charts() -> dict[str, dict[str, Any]]:
    """What Helm makes of the files in `values/`, by their names."""
    return helm(VALUES)


@pytest.fixture(scope="session")
def large(charts: dict[str, dict[str, Any]]) -> list[Manifest]:
    """The manifests with everything on."""
    manifests: list[Manifest] = charts["large"]["manifests"]
    return manifests


def of_kind(manifests: list[Manifest], kind: str) -> dict[str, Manifest]:
    """Return those of a kind, by name without the release's."""
    return {
        one["metadata"]["name"].removeprefix("desk-tocsin").removeprefix("-"): one
        for one in manifests
        if one["kind"] == kind
    }


def pods(manifests: list[Manifest]) -> dict[str, Manifest]:
    """Return the pods' specifications, by role."""
    return {
        name: one["spec"]["template"]["spec"]
        for name, one in (of_kind(manifests, "Deployment") | of_kind(manifests, "Job")).items()
    }


def environment(pod: Manifest) -> dict[str, Any]:
    """Return the environment of a pod's one container: values, and of secrets (name, key)."""
    (container,) = pod["containers"]
    return {
        one["name"]: one["value"] if "value" in one else tuple(one["valueFrom"]["secretKeyRef"].values())
        for one in container["env"]
    }
