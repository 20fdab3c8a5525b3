"""`deploy/env.sh`: passwords that are made once."""

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def write(path: Path) -> dict[str, str]:
    """Run the script on a file and return what the file says."""
    subprocess.run([ROOT / "deploy/env.sh", path], check=True, capture_output=True)
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


def test_it_has_every_variable_that_compose_demands(tmp_path: Path) -> None:
    compose = (ROOT / "docker-compose.yml").read_text()

    demanded = set(re.findall(r"\$\{(\w+):\?", compose))

    assert demanded
    assert demanded <= set(write(tmp_path / "env"))
    # and what stands in a URL without a demand of its own is demanded elsewhere
    assert set(re.findall(r"\$\{(TOCSIN_\w*(?:PASSWORD|KEY)\w*)\}", compose)) <= demanded


def test_every_role_of_redis_and_elasticsearch_has_a_password(tmp_path: Path) -> None:
    names = set(write(tmp_path / "env"))
    scripts = "".join((ROOT / "deploy/docker" / name).read_text() for name in ("redis.sh", "elasticsearch.sh"))

    assert set(re.findall(r"\$TOCSIN_(REDIS_PASSWORD_\w+)", scripts)) == {
        name.removeprefix("TOCSIN_") for name in names if "REDIS" in name
    }
    users = {f"TOCSIN_ELASTICSEARCH_PASSWORD_{name.upper()}" for name in re.findall(r"\[tocsin-(\w+)\]", scripts)}
    assert users | {"TOCSIN_ELASTICSEARCH_PASSWORD_ELASTIC"} == {name for name in names if "ELASTICSEARCH" in name}


def test_passwords_are_long_different_and_need_no_escaping(tmp_path: Path) -> None:
    one, other = write(tmp_path / "one"), write(tmp_path / "other")
    secrets = [value for file in (one, other) for name, value in file.items() if name != "COMPOSE_PROFILES"]

    assert all(re.fullmatch("[0-9a-f]{48}", secret) for secret in secrets)
    assert len(set(secrets)) == len(secrets)


def test_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.touch(mode=0o644)
    write(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("end", ["", "\n"])
def test_what_it_says_already_stays_and_what_is_missing_is_added(tmp_path: Path, end: str) -> None:
    path = tmp_path / "env"
    path.write_text(f"TOCSIN_API_PORT=80\nTOCSIN_REDIS_PASSWORD_API=mine{end}")

    first = write(path)

    assert (first["TOCSIN_API_PORT"], first["TOCSIN_REDIS_PASSWORD_API"]) == ("80", "mine")
    assert len(first["TOCSIN_REDIS_PASSWORD_BEAT"]) == 48
    assert write(path) == first


def test_git_and_the_builder_never_see_it() -> None:
    ignored = subprocess.run(["git", "check-ignore", ".env"], cwd=ROOT, check=False, capture_output=True)

    assert ignored.returncode == 0
    assert "!.env" not in (ROOT / ".dockerignore").read_text()
    assert os.access(ROOT / "deploy/env.sh", os.X_OK)


def test_containers_may_read_what_they_mount_of_a_private_checkout(tmp_path: Path) -> None:
    for name in ("docker", "monitoring"):
        shutil.copytree(ROOT / "deploy" / name, tmp_path / "deploy" / name)
    shutil.copy(ROOT / "deploy/env.sh", tmp_path / "deploy")
    subprocess.run(["chmod", "-R", "go-rwx", tmp_path / "deploy"], check=True)
    subprocess.run([tmp_path / "deploy/env.sh"], check=True, capture_output=True)

    for path in [*(tmp_path / "deploy/docker").rglob("*"), *(tmp_path / "deploy/monitoring").rglob("*")]:
        assert path.stat().st_mode & (0o005 if path.is_dir() else 0o004), path
    assert not (tmp_path / "deploy/docker/redis.sh").stat().st_mode & 0o022
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
