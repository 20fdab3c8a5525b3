"""The compose file at its end, so the last of its tests: what stops, what is removed, and what stays."""

import subprocess

from tests.e2e.compose import ROOT, WORKERS, Stack


def test_workers_drain_before_they_are_killed(stack: Stack) -> None:
    """A stop that Docker has to force ends in 137, and its work waits for the visibility timeout."""
    stack.forgive()
    stack.compose("stop", *WORKERS, timeout_s=120)

    assert {name: stack.inspect(name)["State"]["ExitCode"] for name in WORKERS} == dict.fromkeys(WORKERS, 0)
    assert stack.refused() == []


def test_down_leaves_nothing_but_the_data(stack: Stack) -> None:
    """Without the file of passwords, and without being told that there is a demo."""
    environment = stack.environment | {"COMPOSE_PROJECT_NAME": stack.project, "COMPOSE_PROFILES": ""}
    subprocess.run([ROOT / "deploy/compose-down.sh"], env=environment, check=True, capture_output=True, timeout=120)
    own = ("--quiet", "--filter", f"label=com.docker.compose.project={stack.project}")
    left = {
        kind: subprocess.run(["docker", kind, *command, *own], check=True, capture_output=True, timeout=60).stdout
        for kind, command in {"container": ("ls", "--all"), "network": ("ls",), "volume": ("ls",)}.items()
    }

    assert {kind for kind, ids in left.items() if ids} == {"volume"}
