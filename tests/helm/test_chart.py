"""What the chart makes holds before Helm, before Kubernetes' schemas, and before the code it runs."""

import json
import re
from typing import Any

import pytest

from shared.delivery.timing import timing
from shared.sentinels import Sentinels
from shared.settings import Settings
from shared.worker import drain
from shared.worker.run import BEAT, KINDS
from tests.helm.conftest import ROOT, VALUES, Manifest, environment, of_kind, pods

README = (ROOT / "deploy/helm/tocsin/README.md").read_text()
#: Whoever may leave the cluster.
OUTSIDE = {"fetcher", "notifier"}
ROLES = {*KINDS, BEAT, "api", "setup"}
#: What is read from the environment besides our settings: by obstore for S3, and by the URLs around a password.
FOREIGN = {
    *("AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    "TOCSIN_ELASTICSEARCH_PASSWORD_ELASTIC",  # by setup, for Kibana
    *("REDIS_PASSWORD", "SENTINEL_PASSWORD", "ELASTICSEARCH_PASSWORD"),
}
#: Where the chart has workers tell their figures.
METRICS = {"TOCSIN_METRICS_PORT", "TOCSIN_METRICS_HOST"}
SETTINGS = {f"TOCSIN_{name.upper()}" for name in Settings.model_fields}
#: What the chart says by values of its own, or nobody in a cluster needs.
NOT_FREE = METRICS | {f"TOCSIN_{n}" for n in ("HOME", "REDIS_URL", "ELASTICSEARCH_URL", "PAGE_STORE_URL", "API_URL")}


@pytest.mark.parametrize("name", VALUES)
def test_helm_and_kubernetes_take_it(charts: dict[str, dict[str, Any]], name: str) -> None:
    assert "error" not in charts[name]
    assert charts[name]["lint"] == []
    assert charts[name]["faults"] == []


@pytest.mark.parametrize("name", VALUES)
def test_there_is_one_deployment_of_each_kind_and_one_beat(charts: dict[str, dict[str, Any]], name: str) -> None:
    manifests = charts[name]["manifests"]
    deployments = of_kind(manifests, "Deployment")

    assert set(deployments) == ROLES - {"setup"}
    assert set(of_kind(manifests, "Job")) == (
        {"setup"} if VALUES[name].get("setup", {}).get("enabled", True) else set()
    )
    assert deployments[BEAT]["spec"]["replicas"] == 1
    assert deployments[BEAT]["spec"]["strategy"] == {"type": "Recreate"}


@pytest.mark.parametrize("name", VALUES)
def test_pods_are_killed_only_after_they_had_time_to_drain(charts: dict[str, dict[str, Any]], name: str) -> None:
    longest_s = drain.longest_s(timing().drain_s)
    for role, pod in pods(charts[name]["manifests"]).items():
        assert role == "setup" or pod["terminationGracePeriodSeconds"] >= longest_s + 10, role


@pytest.mark.parametrize("name", VALUES)
def test_pods_are_hardened_as_in_compose(charts: dict[str, dict[str, Any]], name: str) -> None:
    for pod in pods(charts[name]["manifests"]).values():
        (container,) = pod["containers"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == 10001  # as the Dockerfile says
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"] == container["resources"]["requests"]["memory"]
        assert "cpu" not in container["resources"]["limits"]


def test_every_image_is_a_service_of_the_dockerfile(large: list[Manifest]) -> None:
    images = {pod["containers"][0]["image"] for pod in pods(large).values()}
    found = {re.fullmatch(r"registry\.example\.org/desk/tocsin-([a-z]+):0\.1\.0", image) for image in images}
    services = {match[1] for match in found if match}
    (head,) = re.findall(r"^# SERVICE: (.*)\.$", (ROOT / "deploy/docker/Dockerfile").read_text(), re.MULTILINE)

    assert services == ROLES
    assert services <= set(re.split(r", | or ", head))


def test_every_variable_is_one_that_something_reads(charts: dict[str, dict[str, Any]]) -> None:
    found = {
        variable
        for chart in charts.values()
        for pod in pods(chart["manifests"]).values()
        for variable in environment(pod)
    }
    assert {name for name in found if not name.startswith("OTEL_")} <= SETTINGS | FOREIGN
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in found
    assert {"TOCSIN_REDIS_URL", "TOCSIN_SMTP_PASSWORD", "TOCSIN_METRICS_PORT"} <= found


def test_the_settings_that_may_be_given_are_those_of_the_code() -> None:
    schema = json.loads((ROOT / "deploy/helm/tocsin/values.schema.json").read_text())["$defs"]
    free = SETTINGS - NOT_FREE
    for kind in ("settings", "secretSettings"):
        assert set(schema[kind]["propertyNames"]["anyOf"][0]["enum"]) == free, f"values.schema.json: {kind}"


@pytest.mark.parametrize("scaler", ["ScaledObject", "HorizontalPodAutoscaler"])
def test_what_scales_looks_at_the_queue_that_the_workers_read(charts: dict[str, dict[str, Any]], scaler: str) -> None:
    manifests = charts["large" if scaler == "ScaledObject" else "hpa"]["manifests"]
    deployments, found = of_kind(manifests, "Deployment"), of_kind(manifests, scaler)

    assert set(found) == {"fetcher", "extractor", "classifier", "indexer"}
    for role, one in found.items():
        spec = one["spec"]
        if scaler == "ScaledObject":
            (trigger,) = spec["triggers"]
            queue, least = trigger["metadata"]["listName"], spec["minReplicaCount"]
        else:
            metric = spec["metrics"][0]["external"]["metric"]
            queue, least = metric["selector"]["matchLabels"]["queue"], spec["minReplicas"]
        assert queue == KINDS[role].stage.queue
        assert least >= 1  # all kinds also do what is due by the clock
        assert spec["scaleTargetRef"]["name"] == deployments[role]["metadata"]["name"]
        assert "replicas" not in deployments[role]["spec"]  # else each upgrade would undo what was scaled


def test_keda_finds_the_list_as_the_workers_do(large: list[Manifest]) -> None:
    (trigger,) = of_kind(large, "ScaledObject")["fetcher"]["spec"]["triggers"]
    metadata = trigger["metadata"]
    url = environment(pods(large)["fetcher"])["TOCSIN_REDIS_URL"]
    found = Sentinels.of(url.replace("$(", "").replace(")", ""))

    assert found
    assert trigger["type"] == "redis-sentinel"
    assert metadata["addresses"] == ",".join(f"{host}:{port}" for host, port in found.hosts)
    assert (metadata["sentinelMaster"], metadata["databaseIndex"]) == (found.master, str(found.database))
    assert (metadata["username"], found.username) == ("fetcher", "fetcher")
    assert (found.password, found.own_password) == ("REDIS_PASSWORD", "SENTINEL_PASSWORD")
    assert of_kind(large, "TriggerAuthentication")["fetcher"]["spec"]["secretTargetRef"] == [
        {"parameter": "password", "name": "tocsin-redis", "key": "fetcher"},
        {"parameter": "sentinelPassword", "name": "tocsin-redis", "key": "sentinel"},
    ]


def test_each_role_has_its_own_passwords_and_only_what_it_needs(large: list[Manifest]) -> None:
    found = {role: environment(pod) for role, pod in pods(large).items()}

    keys = {role: one["REDIS_PASSWORD"] for role, one in found.items()}
    assert keys == {role: ("tocsin-redis", "api" if role == "setup" else role) for role in ROLES}
    assert {role for role, one in found.items() if "TOCSIN_PAGE_STORE_URL" in one} == {"fetcher", "extractor"}
    with_index = {
        role: one["TOCSIN_ELASTICSEARCH_URL"] for role, one in found.items() if "ELASTICSEARCH_PASSWORD" in one
    }
    assert with_index == {
        role: f"https://{user}:$(ELASTICSEARCH_PASSWORD)@search.example.org:9243"
        for role, user in {
            "indexer": "tocsin-indexer",
            "notifier": "tocsin-notifier",
            "api": "tocsin-api",
            "setup": "elastic",
        }.items()
    }
    assert found["setup"]["ELASTICSEARCH_PASSWORD"] == ("tocsin-elasticsearch", "elastic")
    assert found["setup"]["TOCSIN_ELASTICSEARCH_PASSWORD_ELASTIC"] == ("tocsin-elasticsearch", "elastic")
    assert pods(large)["setup"]["containers"][0]["args"] == ["--kibana=http://kibana.data:5601"]
    assert {role for role, one in found.items() if "TOCSIN_LLM_KEY" in one} == {"classifier"}
    assert {role for role, one in found.items() if "TOCSIN_SMTP_PASSWORD" in one} == {"notifier"}


def test_a_password_is_named_before_it_is_used(charts: dict[str, dict[str, Any]]) -> None:
    """Kubernetes puts in only what stands further up, and leaves $(NAME) as it is otherwise."""
    for chart in charts.values():
        for role, pod in pods(chart["manifests"]).items():
            known: set[str] = set()
            for name, value in environment(pod).items():
                used = set(re.findall(r"\$\((\w+)\)", value)) if isinstance(value, str) else set()
                assert used <= known, (role, name)
                known.add(name)


def test_one_secret_for_all_and_tls(charts: dict[str, dict[str, Any]]) -> None:
    found = {role: environment(pod) for role, pod in pods(charts["hpa"]["manifests"]).items()}

    assert found["api"]["TOCSIN_REDIS_URL"] == "rediss://tocsin:$(REDIS_PASSWORD)@cache.example.org:6380/0"
    assert found["api"]["TOCSIN_ELASTICSEARCH_URL"] == "https://elastic:$(ELASTICSEARCH_PASSWORD)@search.data:9200/es"
    assert found["fetcher"]["AWS_ACCESS_KEY_ID"] == ("writer", "AWS_ACCESS_KEY_ID")
    assert found["extractor"]["AWS_ACCESS_KEY_ID"] == ("reader", "AWS_ACCESS_KEY_ID")


def test_settings_of_a_kind_go_before_those_of_all(large: list[Manifest]) -> None:
    found = {role: environment(pod) for role, pod in pods(large).items()}

    assert {one["TOCSIN_MAX_IN_FLIGHT"] for one in found.values()} == {"400000"}
    assert found["fetcher"]["TOCSIN_FETCH_USER_AGENT"].startswith("Desk/1.0")
    assert "TOCSIN_FETCH_USER_AGENT" not in found["api"]


def test_the_api_answers_to_the_names_of_its_service_and_its_ingress(large: list[Manifest]) -> None:
    told = environment(pods(large)["api"])["TOCSIN_API_HOSTS"].split(",")
    service = next(m for m in large if m["kind"] == "Service" and m["metadata"]["name"].endswith("-api"))
    hosts = [rule["host"] for m in large if m["kind"] == "Ingress" for rule in m["spec"]["rules"]]
    assert {service["metadata"]["name"], "localhost", *hosts} <= set(told)
    assert any(name.endswith(".svc.cluster.local") for name in told)


def test_upkeep_waits_to_be_started_and_is_who_setup_is(large: list[Manifest]) -> None:
    job = of_kind(large, "CronJob")["upkeep"]["spec"]
    pod = job["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    told = environment(pod)

    assert job["suspend"] is True
    assert container["image"].endswith("tocsin-indexer:0.1.0")
    assert [*container["command"], *container["args"]] == ["python", "-m", "shared.upkeep", "upgrade"]
    setup = environment(pods(large)["setup"])
    assert told == {name: value for name, value in setup.items() if not name.endswith("_ELASTIC")}


def test_a_backup_is_taken_by_the_clock_into_the_volume_by_who_may(large: list[Manifest]) -> None:
    job = of_kind(large, "CronJob")["backup"]["spec"]
    pod = job["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    told = environment(pod)

    assert (job["schedule"], job["concurrencyPolicy"], job.get("suspend")) == ("15 2 * * *", "Forbid", None)
    assert container["image"].endswith("tocsin-indexer:0.1.0")
    assert [*container["command"], *container["args"]] == ["python", "-m", "shared.upkeep", "backup", "/backup"]
    assert {"name": "backup", "persistentVolumeClaim": {"claimName": "tocsin-backup"}} in pod["volumes"]
    assert {"name": "backup", "mountPath": "/backup"} in container["volumeMounts"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsUser"]  # so that it may write there
    assert told["REDIS_PASSWORD"] == ("tocsin-redis", "operator")
    assert told["ELASTICSEARCH_PASSWORD"] == ("tocsin-elasticsearch", "elastic")
    assert told["TOCSIN_REDIS_URL"].startswith("sentinel://operator:")
    assert told["TOCSIN_PAGE_STORE_URL"] == environment(pods(large)["extractor"])["TOCSIN_PAGE_STORE_URL"]
    account = {name: spec["serviceAccountName"] for name, spec in pods(large).items() if name == "fetcher"}
    assert pod["serviceAccountName"] == account["fetcher"]  # whose rights to the bucket it needs
    assert "TOCSIN_METRICS_PORT" not in told


def test_no_backup_is_taken_unless_somebody_asks_for_it(charts: dict[str, dict[str, Any]]) -> None:
    assert not of_kind(charts["plain"]["manifests"], "CronJob")


def test_the_users_that_the_readme_has_you_make_are_those_of_compose() -> None:
    compose = (ROOT / "deploy/docker/redis.sh").read_text()
    users = set(re.findall(r"^user (\w+) on \$\(password", compose, re.MULTILINE))
    keys = set(
        re.findall(r"--from-literal=(\w+)=…", README.partition("## Roles")[2].partition("tocsin-elasticsearch")[0])
    )
    assert keys == users - {"flower"}
    assert keys >= {*KINDS, BEAT, "api", "operator"}
    roles = set(re.findall(r"^(tocsin_\w+):$", (ROOT / "deploy/docker/roles.yml").read_text(), re.MULTILINE))
    assert {role for role in roles if role in README} == {"tocsin_indexer", "tocsin_notifier", "tocsin_api"}


def test_the_readme_pushes_every_image_that_the_chart_asks_for(large: list[Manifest]) -> None:
    (listed,) = re.findall(r"^for name in (.*); do$", README, re.MULTILINE)
    assert set(listed.split()) == {
        re.sub(r".*/tocsin-(\w+):.*", r"\1", pod["containers"][0]["image"]) for pod in pods(large).values()
    }


def test_the_pod_monitor_gives_the_labels_of_the_rules(large: list[Manifest]) -> None:
    for endpoint in of_kind(large, "PodMonitor")[""]["spec"]["podMetricsEndpoints"]:
        given = {one["targetLabel"]: one.get("replacement") for one in endpoint["relabelings"]}
        assert given == {"job": "tocsin", "service": None}
