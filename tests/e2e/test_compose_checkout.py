"""A checkout as people have it: private to its owner, or with other rules in it than the last one had."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.compose import BUILD_LIMIT_S, ROOT, Stack


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the builder and compose read, as `git clone` leaves it under `umask 077`."""
    caches = shutil.ignore_patterns("__pycache__", "target")
    for name in ("deploy", "services", "shared"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=caches)
    for name in (".dockerignore", "docker-compose.yml", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path)
    subprocess.run(["chmod", "-R", "go-rwx", tmp_path], check=True)
    return tmp_path


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("target", [("--build-arg", "SERVICE=setup"), ("--target", "demo")])
def test_an_image_of_a_private_checkout_can_be_read_and_not_changed(checkout: Path, target: tuple[str, str]) -> None:
    build = ("docker", "build", "--quiet", "--file", "deploy/docker/Dockerfile", *target, ".")
    image = subprocess.run(
        build, cwd=checkout, check=True, capture_output=True, text=True, timeout=BUILD_LIMIT_S
    ).stdout.strip()
    find = ("/app", "/usr/local/bin", "!", "-type", "l", "(", "!", "-readable", "-o", "-writable", ")")
    try:
        run = ("docker", "run", "--rm", "--network", "none", "--entrypoint", "find", image, *find)
        found = subprocess.run(run, check=False, capture_output=True, text=True, timeout=60)
    finally:
        subprocess.run(["docker", "rmi", "--force", image], check=True, capture_output=True, timeout=60)

    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_a_changed_rule_has_compose_start_its_server_anew(checkout: Path, stack: Stack) -> None:
    """Compose recreates a container when its service's hash is another than the one it was made by."""

    def hashes() -> dict[str, str]:
        subprocess.run([checkout / "deploy/digests.sh"], check=True, timeout=60)
        file = ("--file", str(checkout / "docker-compose.yml"), "--profile", "*")
        shown = stack.compose(*file, "config", "--hash", "*")
        return dict(line.split() for line in shown.splitlines())

    before = hashes()
    with (checkout / "deploy/docker/redis.sh").open("a") as file:
        file.write("# changed\n")
    after = hashes()

    assert set(before) >= {"redis", "elasticsearch", "api"}
    assert {name for name in before if before[name] != after[name]} == {"redis"}
