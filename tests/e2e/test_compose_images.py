"""The images: how large they are, and one that is built to send traces."""

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.e2e.compose import BUILD_LIMIT_S, OUTCOME_LIMIT_S, ROOT, Stack
from tests.otlp import collector

#: Most bytes of an image, and of the one that has models in it.
LARGEST, LARGEST_WITH_MODELS = 250_000_000, 600_000_000


def test_no_image_is_larger_than_promised(stack: Stack) -> None:
    """README.md has the sizes."""
    images = {name: service["image"] for name, service in stack.config()["services"].items()}
    ours = {name: image for name, image in images.items() if image.startswith("tocsin-") and name != "upkeep"}
    shown = subprocess.run(["docker", "image", "inspect", *ours.values()], check=True, capture_output=True, timeout=60)
    sizes = dict(zip(ours, (one["Size"] for one in json.loads(shown.stdout)), strict=True))

    limits = dict.fromkeys(ours, LARGEST) | {"classifier": LARGEST_WITH_MODELS}
    assert {name: size for name, size in sizes.items() if size > limits[name]} == {}


@pytest.fixture
def tracing(stack: Stack) -> Iterator[Stack]:
    """The same project with an image of the fetcher that can send traces."""
    image = f"tocsin-fetcher:traces-{stack.project}"
    options = ["--build-arg", "SERVICE=fetcher", "--build-arg", "TRACES=1", "--file", "deploy/docker/Dockerfile"]
    build = ["docker", "build", "--quiet", *options, "--tag", image, "."]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=BUILD_LIMIT_S)
    stack.compose("stop", "fetcher")  # else it takes half of the work
    yield replace(stack, version=f"traces-{stack.project}")
    stack.start()
    subprocess.run(["docker", "rmi", "--force", image], check=True, capture_output=True, timeout=60)


def test_an_image_built_for_traces_sends_them(stack: Stack, tracing: Stack) -> None:
    shown = subprocess.run(
        ["docker", "network", "inspect", f"{stack.project}_egress"], check=True, capture_output=True, timeout=60
    )
    gateway = json.loads(shown.stdout)[0]["IPAM"]["Config"][0]["Gateway"]  # this machine, as the containers see it
    with collector(gateway) as found:
        endpoint = f"OTEL_EXPORTER_OTLP_ENDPOINT={found.url}"
        one = tracing.compose("run", "--detach", "--no-deps", "-e", endpoint, "fetcher").strip()
        try:
            path = stack.submit("http://gulf-wire.demo:8801/nothing-there")
            stack.follow({"it": path})
            trace = path.rpartition("/")[2]
            deadline = time.monotonic() + OUTCOME_LIMIT_S  # spans are sent in batches
            while not found.names(trace):
                assert time.monotonic() < deadline, subprocess.run(
                    ["docker", "logs", "--tail", "40", one], check=False, capture_output=True, text=True, timeout=60
                )
                time.sleep(0.5)
        finally:
            subprocess.run(["docker", "rm", "--force", one], check=True, capture_output=True, timeout=60)

    (span,) = found.traces[trace]
    assert (span.service, span.name) == ("tocsin-fetcher", "fetch")
    assert span.attributes["tocsin.reason"] == "not_found"
