"""`.helm/bin/python tests/helm/helm.py`: renders and lints the chart for several sets of values, and validates.

Runs in the environment that `deploy/helm/tools.sh` makes, and imports nothing of ours. Stdin: `{name: values}` as JSON.
Stdout: of each name `{"error": …}`, or `{"manifests": […], "lint": […], "faults": […]}`.
"""

import json
import sys
from typing import Any

import helm_python
import kubernetes_validate
import yaml
from helm_python import chart as charts

CHART = "deploy/helm/tocsin"
#: The oldest and the newest Kubernetes whose schemas are asked: the chart says 1.27 and up.
VERSIONS = ("1.27", "1.37")


def rendered(chart: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Return what `helm template` and `helm lint --strict` say, and what Kubernetes' schemas do."""
    try:
        files = chart.render(values, name="desk", namespace="news")
    except helm_python.HelmError as error:
        return {"error": str(error)}
    texts = [text for name, text in sorted(files.items()) if name.endswith(".yaml")]
    manifests = [one for text in texts for one in yaml.safe_load_all(text) if one]
    lint = charts.lint(CHART, values, strict=True)["messages"]
    return {"manifests": manifests, "lint": [one["error"] for one in lint], "faults": faults(manifests)}


def faults(manifests: list[dict[str, Any]]) -> list[str]:
    """Return what the schemas refuse, unknown fields too. They lack KEDA's and the Prometheus operator's kinds."""
    found = []
    for version in VERSIONS:
        for one in manifests:
            try:
                kubernetes_validate.validate(one, version, strict=True)
            except kubernetes_validate.SchemaNotFoundError:
                if one["apiVersion"].partition("/")[0] not in ("keda.sh", "monitoring.coreos.com"):
                    found.append(f"{version}: no schema for {one['apiVersion']} {one['kind']}")
            except kubernetes_validate.ValidationError as error:
                found.append(f"{version}: {one['kind']} {one['metadata']['name']}: {error}")
    return found


if __name__ == "__main__":
    with helm_python.Chart.load(CHART) as chart:
        answers = {name: rendered(chart, values) for name, values in json.load(sys.stdin).items()}
    json.dump(answers, sys.stdout)
