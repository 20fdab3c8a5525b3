"""The compose file while things happen to it: containers that are killed, more of one kind, new images."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.e2e.compose import ROOT, UP_LIMIT_S, WORKERS, Stack

#: A story of the demo that goes all the way; what follows the question mark makes a submission of its own of it.
STORY = next(
    f"http://{story['site']}.demo:8801{story['path']}?n="
    for story in json.loads((ROOT / "deploy/demo/stories.json").read_text())["stories"]
    if story["expect"]["outcome"] == "indexed" and not story["revision_of"]
)
numbers = count()


@pytest.fixture(autouse=True)
def _nobody_is_refused(stack: Stack) -> Iterator[None]:
    """Whatever happens here, no role lacks a right that it needs for it."""
    stack.forgive()
    yield
    if stack.containers("redis"):
        assert stack.refused() == []


def urls(many: int) -> dict[str, str]:
    return {str(n): f"{STORY}{n}" for n in (next(numbers) for _ in range(many))}


def nothing_is_lost(stack: Stack) -> bool:
    audit = stack.get("/audit")
    return (audit["balance"], audit["in_flight"], audit["quarantined"]) == (0, 0, 0)


def killed(stack: Stack, *services: str) -> None:
    """Kill containers, and start them, as Docker does itself with those that die without being told to."""
    assert stack.refused() == []  # what Redis has noted of it is lost with it
    ids = [one for service in services for one in stack.containers(service)]
    for command in ("kill", "start"):
        subprocess.run(["docker", command, *ids], check=True, capture_output=True, timeout=60)


def test_containers_come_back_by_themselves_but_for_what_is_done(stack: Stack) -> None:
    policies = {name: service.get("restart") for name, service in stack.config()["services"].items()}

    assert (policies.pop("setup"), policies.pop("upkeep")) == ("no", "no")
    assert set(policies.values()) == {"unless-stopped"}


def test_what_was_accepted_survives_killed_containers(stack: Stack) -> None:
    killed(stack, "classifier")
    receipts = {name: stack.submit(url) for name, url in urls(8).items()}
    killed(stack, "elasticsearch")
    stack.recover()

    assert {outcome["status"] for outcome in stack.follow(receipts).values()} == {"indexed"}
    killed(stack, "redis")
    stack.recover()
    assert nothing_is_lost(stack), stack.get("/audit")  # the whole ledger was read back, counts and sketches
    assert len(stack.outcomes(urls(4))) == 4


def test_more_of_one_kind_share_the_work(stack: Stack) -> None:
    stack.start("--no-recreate", "--scale", "classifier=4")
    several = stack.containers("classifier")
    assert len(several) == 4

    outcomes = stack.outcomes(urls(12))
    logs = [subprocess.run(["docker", "logs", one], check=True, capture_output=True, timeout=60) for one in several]
    receipts = {outcome["id"] for outcome in outcomes.values()}
    passed_on = [{one for one in receipts if one.encode() in log.stdout + log.stderr} for log in logs]

    assert set.union(*passed_on) == receipts
    assert sum(map(bool, passed_on)) > 1
    replace(stack, settings={"TOCSIN_CLASSIFIERS": "4"}).start()
    assert stack.containers("classifier") == several, "a variable of .env lasts"
    stack.start()
    assert len(stack.containers("classifier")) == 1


def test_a_backup_is_taken_while_it_runs_and_an_upgrade_has_nothing_to_do(stack: Stack, tmp_path: Path) -> None:
    assert stack.outcomes(urls(1))
    folder = tmp_path / "backup"
    folder.mkdir()
    folder.chmod(0o777)  # its user is nobody here
    with_folder = replace(stack, backup=str(folder))

    taken = json.loads(with_folder.compose("run", "--rm", "-T", "upkeep", "backup", "/backup", timeout_s=120))
    assert taken["counts"]["articles"] > 0
    assert taken["counts"]["pages"] > 0
    assert (folder / "manifest.json").exists()
    refused = with_folder.attempt("run", "--rm", "-T", "upkeep", "restore", "/backup", timeout_s=120)
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    upgraded = json.loads(with_folder.compose("run", "--rm", "-T", "upkeep", "upgrade", timeout_s=120))
    assert upgraded["before"] == upgraded["now"]


@pytest.fixture
def newer(stack: Stack) -> Iterator[Stack]:
    """The same project with images of another version, which differ in their tag and a label."""
    version = f"test-{stack.project}"
    images = sorted(
        service["image"].removesuffix(":latest")
        for service in stack.config()["services"].values()
        if service["image"].startswith("tocsin-")
    )
    for image in images:
        build = ["docker", "build", "--quiet", "--label", f"version={version}", "--tag", f"{image}:{version}", "-"]
        subprocess.run(build, input=f"FROM {image}:latest\n", text=True, check=True, capture_output=True, timeout=120)
    yield replace(stack, version=version)
    subprocess.run(
        ["docker", "rmi", "--force", *(f"{image}:{version}" for image in images)],
        check=True,
        capture_output=True,
        timeout=60,
    )


def test_an_upgrade_loses_nothing_while_articles_flow(stack: Stack, newer: Stack) -> None:
    receipts: dict[str, str] = {}
    before = {service: stack.containers(service) for service in WORKERS}
    upgraded = threading.Event()

    def submit() -> None:
        while not upgraded.is_set():
            for name, url in urls(1).items():
                try:
                    receipts[name] = stack.submit(url)
                except (httpx.HTTPError, AssertionError):
                    upgraded.wait(0.5)  # the API itself is replaced
            upgraded.wait(0.2)

    flow = threading.Thread(target=submit)
    flow.start()
    try:
        newer.start()
    finally:
        upgraded.set()
        flow.join()

    assert all(newer.containers(service) != before[service] for service in WORKERS)
    assert newer.inspect("indexer")["Config"]["Labels"]["version"] == newer.version
    assert receipts
    assert {outcome["status"] for outcome in newer.follow(receipts).values()} == {"indexed"}
    deadline = time.monotonic() + UP_LIMIT_S
    while not nothing_is_lost(newer):  # a request whose answer was cut off was accepted all the same
        assert time.monotonic() < deadline, newer.get("/audit")
        time.sleep(1)
    stack.start()
