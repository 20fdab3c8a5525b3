"""What the dashboards and the alert rules ask for, and what the code says it tells."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import yaml
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from services.cli.embedded.ports import any_free, is_free
from shared.metrics import backlog, catalogue, room

MONITORING = Path(__file__).parents[1] / "deploy" / "monitoring"
RULES = MONITORING / "prometheus" / "tocsin.rules.yml"
CASES = MONITORING / "prometheus" / "tocsin.tests.yml"
#: What a query may name besides: Prometheus's own, of each target, and of a process.
OTHERS = frozenset({"up", "process_resident_memory_bytes"})
#: Labels that Prometheus gives, and that of a histogram's buckets.
GIVEN = frozenset({"job", "instance", "service", "le"})


def metrics() -> dict[str, tuple[str, ...]]:
    """Return every metric of the code, by the name that a scrape shows (of a histogram without suffix): its labels."""
    found: dict[str, tuple[str, ...]] = {}
    for one in vars(catalogue).values():
        if isinstance(one, MetricWrapperBase):
            (family,) = one.describe()
            found[family.name + ("_total" if family.type == "counter" else "")] = tuple(one._labelnames)  # noqa: SLF001
    for told in (*vars(backlog).values(), *vars(room).values()):
        if isinstance(told, tuple) and len(told) == 3 and str(told[0]).startswith("tocsin_"):
            name, _, label = told
            found[name + ("_total" if told is backlog.ACCEPTED else "")] = (label,) if label else ()
    return found


def rules() -> list[dict[str, Any]]:
    """Return the alerts."""
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def panels() -> Iterator[tuple[str, str, str]]:
    """Yield dashboard, panel and query of each target."""
    for path in sorted((MONITORING / "grafana" / "dashboards").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                yield path.stem, panel["title"], target["expr"].replace("$__rate_interval", "5m")


def queries() -> dict[str, str]:
    """Return every query, by where it stands."""
    asked = {f"{board}: {title} {n}": query for n, (board, title, query) in enumerate(panels())}
    return asked | {rule["alert"]: rule["expr"] for rule in rules()}


def named(query: str) -> set[str]:
    """Return the metrics that a query names, as they are scraped."""
    return set(re.findall(r"\b(tocsin_\w+|process_\w+|up)\b(?!\s*:)", re.sub(r'"[^"]*"', "", query)))


def labels(query: str) -> set[str]:
    """Return the labels that a query names."""
    selected = re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", query)
    grouped = re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", query)
    return {*selected, *(name.strip() for names in grouped for name in names.split(",") if name.strip())}


def base(name: str, known: Mapping[str, object]) -> str | None:
    """Return the metric of `known` that a scraped name belongs to."""
    return next((one for one in (name, re.sub(r"_(bucket|count|sum)$", "", name)) if one in known), None)


def scraped(*addresses: str) -> set[str]:
    """Return the names of all samples that live processes tell."""
    texts = [urlopen(f"{address}/metrics", timeout=10).read().decode() for address in addresses]
    families = (family for text in texts for family in text_string_to_metric_families(text))
    # when a value began is told of by no library but the one that counts
    return {s.name for family in families for s in family.samples if not s.name.endswith("_created")}


def free_ports(count: int) -> int:
    """Return the first of `count` free ports in a row."""
    first = any_free()
    while not all(is_free(first + n) for n in range(count)):
        first = any_free()
    return first


def events(log: Path, submission_id: str) -> list[str]:
    """Return what a process logged of a submission."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [
        line["event"] for line in lines if submission_id in (line.get("submission"), *(line.get("submissions") or ()))
    ]
