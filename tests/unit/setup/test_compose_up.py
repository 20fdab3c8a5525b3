"""`make compose-up` where something is wrong: its last words are one sentence that says what to do."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
#: A docker whose compose can do all but bring everything up, and tells of `setup` as Compose 2.26 does: what an earlier
#: run said, unless it is asked for what came since, and nothing of this one while that still runs.
DOCKER = """\
#!/bin/sh
cd "$(dirname "$0")"
case "$*" in
  "compose config") printf "$CONFIG" ;;
  "compose ps --quiet setup") echo "$RUNNING" ;;
  "compose ps --quiet") echo one ;;
  "port one") echo "8000/tcp -> 127.0.0.1:${OURS:-1}" ;;
  "wait $RUNNING") touch waited ;;
  "compose up "*) exit 1 ;;
  "compose logs "*--since*)
    if [ -n "$RUNNING" ] && [ ! -e waited ]; then exit; fi
    printf '\\033[2Ksetup: Redis answers\\n\\033[2K%s\\n' "$SAID" ;;
  "compose logs "*) printf 'setup: failed: what was wrong the last time\\n' ;;
esac
"""
NOT_UP = "not everything is up: `docker compose ps --all` shows what, `docker compose logs NAME` why"
#: One published port, as `docker compose config` shows it, and a network that has the word for its name.
CONFIG = """\
services:
  {service}:
    networks:
      published: null
    ports:
      - mode: ingress
        host_ip: 127.0.0.1
        target: 8000
        published: "{port}"
networks:
  published:
    name: tocsin_published
"""


def compose_up(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script in this folder, with the docker above, which sees this environment."""
    for name in ("compose-up.sh", "env.sh", "docker", "monitoring"):
        (folder / "deploy").mkdir(exist_ok=True)
        copy = shutil.copytree if (ROOT / "deploy" / name).is_dir() else shutil.copy
        copy(ROOT / "deploy" / name, folder / "deploy" / name)
    (folder / "docker").write_text(DOCKER)
    (folder / "docker").chmod(0o755)
    return subprocess.run(
        [folder / "deploy/compose-up.sh"],
        env={"PATH": f"{folder}:{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("running", ["", "setup-1"])
@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("setup: failed: the indices are too old: run tocsin upgrade", "the indices are too old: run tocsin upgrade"),
        ("setup: done", NOT_UP),
    ],
)
def test_what_setup_found_is_said_last(tmp_path: Path, said: str, words: str, running: str) -> None:
    """Of this run alone, and also where `up` gave up while setup was still waiting for a server."""
    done = compose_up(tmp_path, SAID=said, RUNNING=running)

    assert done.returncode == 1
    assert done.stderr == f"compose-up: {words}\n"


@pytest.mark.parametrize("service", ["api", "kibana", "grafana"])
def test_a_taken_port_is_named_with_its_variable(tmp_path: Path, service: str) -> None:
    """Also at a second try, when some of our containers run: what they publish is no reason not to look."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = compose_up(tmp_path, CONFIG=CONFIG.format(service=service, port=port))

    variable = f"TOCSIN_{service.upper()}_PORT"
    assert done.returncode == 1
    assert done.stderr == (
        f"compose-up: port {port} is taken: stop what listens there, or set {variable} in .env to another\n"
    )
    assert f"${{{variable}:-" in (ROOT / "docker-compose.yml").read_text()


def test_a_port_that_we_hold_ourselves_is_not_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as ours:
        port = str(ours.getsockname()[1])
        done = compose_up(tmp_path, CONFIG=CONFIG.format(service="api", port=port), OURS=port)

    assert done.stderr == f"compose-up: {NOT_UP}\n"
