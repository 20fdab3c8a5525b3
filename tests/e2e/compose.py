"""The compose file as a test runs it: as a project of its own, which is taken down with its data."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

ROOT = Path(__file__).resolve().parents[2]

#: Not here, because their images cannot be had everywhere; they have profiles of their own.
LEFT_OUT = {"kibana", "prometheus", "grafana", "flower"}
#: Those who do what waits in the queues, and the timer.
WORKERS = ("fetcher", "extractor", "classifier", "indexer", "notifier", "beat")
#: Those who log in to Redis or Elasticsearch as a role that may not do everything.
OWN_USERS = (*WORKERS, "api")
#: How the log of one of them tells that Redis or Elasticsearch refused it something.
REFUSALS = ("NOPERM", "NoPermissionError", "AuthorizationException", "security_exception")
#: Does its work and ends.
ONE_SHOT = {"setup", "upkeep"}

#: Seconds for building images that are not there yet, on two cores.
BUILD_LIMIT_S = 600
#: Seconds until all are healthy: about 40 on two idle cores.
UP_LIMIT_S = 240
#: Seconds until the whole demo has ended: about 10.
OUTCOME_LIMIT_S = 120


def missing_engine() -> str | None:
    """Say what is missing to run the compose file, None when an engine answers."""
    for command in (["docker", "compose", "version"], ["docker", "info"]):
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=20)
        except (OSError, subprocess.SubprocessError) as error:
            return f"no container engine: {' '.join(command)}: {error}"
    return None


def write_env(folder: Path) -> Path:
    """Write new passwords into a file of this folder, as a user of the compose file does."""
    path = folder / "env"
    subprocess.run([ROOT / "deploy/env.sh", path], check=True, capture_output=True, timeout=60)
    return path


def demo_hosts() -> tuple[str, ...]:
    """Return host and port of each of the demo's sites, as the fetcher finds them."""
    return tuple(f"{site.name}.demo:8801" for site in sorted((ROOT / "deploy/demo/sites").iterdir()) if site.is_dir())


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Stack:
    """One running copy of the compose file, and a client of its API."""

    env_file: Path  #: with the passwords; `write_env` makes it
    project: str = field(default_factory=lambda: f"tocsin-test-{uuid4().hex[:8]}")
    version: str = "latest"  #: tag of the images
    port: int = field(default_factory=free_port)
    backup: str = "./backup"  #: folder of the backups
    settings: Mapping[str, str] = field(default_factory=dict)  #: more of what `.env` may say

    @property
    def environment(self) -> dict[str, str]:
        """What `docker compose` sees: nothing of this shell's Tocsin or of another compose project."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("TOCSIN_", "COMPOSE_"))}
        return {
            **inherited,
            "COMPOSE_PROFILES": "demo",
            "TOCSIN_API_PORT": str(self.port),
            "TOCSIN_VERSION": self.version,
            "TOCSIN_BACKUP": self.backup,
            "TOCSIN_FETCH_ALLOW": ",".join(demo_hosts()),
            **self.settings,
        }

    def compose(self, *arguments: str, timeout_s: int = 60) -> str:
        """Run `docker compose` on the project and return what it prints. Raises AssertionError with its errors."""
        done = self.attempt(*arguments, timeout_s=timeout_s)
        assert done.returncode == 0, f"docker compose {' '.join(arguments)}:\n{done.stderr[-4000:]}"
        return done.stdout

    def attempt(self, *arguments: str, timeout_s: int = 60) -> subprocess.CompletedProcess[str]:
        """Run `docker compose` on the project, however it ends."""
        command = ["docker", "compose", "--project-name", self.project, "--env-file", str(self.env_file), *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=False, capture_output=True, text=True, timeout=timeout_s
        )

    def config(self) -> dict[str, Any]:
        """Return the whole file as compose understands it, Kibana too."""
        shown = self.compose("--profile", "*", "config", "--format", "json")
        described: dict[str, Any] = json.loads(shown)
        return described

    @property
    def password(self) -> dict[str, str]:
        """The passwords, by the names of the file."""
        return dict(line.split("=", 1) for line in self.env_file.read_text().split())

    @property
    def services(self) -> list[str]:
        """The services of the file that stay here."""
        return sorted(set(self.compose("config", "--services").split()) - LEFT_OUT - ONE_SHOT)

    def up(self) -> None:
        """Build and start everything; return when all are healthy."""
        self.compose("build", timeout_s=BUILD_LIMIT_S)
        self.start()

    def start(self, *arguments: str) -> None:
        """Start what does not run, or runs otherwise than it should; return when all are healthy."""
        wait = ("--wait", "--wait-timeout", str(UP_LIMIT_S))
        self.compose("up", "--detach", "--no-build", *wait, *arguments, timeout_s=UP_LIMIT_S + 60)

    def recover(self) -> None:
        """Return when all are healthy again; `up --wait` gives up on the first that is not. Raises AssertionError."""
        deadline = time.monotonic() + UP_LIMIT_S
        while sick := [name for name in self.services if self.inspect(name)["State"]["Health"]["Status"] != "healthy"]:
            assert time.monotonic() < deadline, f"not healthy: {sick}\n{self.report()}"
            time.sleep(1)

    def containers(self, service: str) -> list[str]:
        """Return the ids of the containers of a service."""
        return self.compose("ps", "--all", "--quiet", service).split()

    def down(self) -> None:
        """Remove the containers, networks and volumes."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "10", timeout_s=120)

    def report(self) -> str:
        """Return the states and the last words of the containers, for whoever reads a failure."""
        return self.compose("ps", "--all") + self.compose("logs", "--no-color", "--tail", "40")

    def inspect(self, service: str) -> dict[str, Any]:
        """Return what the engine knows of the container of a service."""
        shown = subprocess.run(
            ["docker", "inspect", self.containers(service)[0]], check=True, capture_output=True, timeout=60
        ).stdout
        described: dict[str, Any] = json.loads(shown)[0]
        return described

    def execute(self, service: str, *command: str) -> str:
        """Run a command in the container of a service and return what it prints."""
        return self.compose("exec", "-T", service, *command)

    def get(self, path: str, **query: str) -> Any:
        """Return the JSON that the API answers."""
        answer = httpx.get(f"http://127.0.0.1:{self.port}/v1{path}", params=query, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def redis(self, user: str, password: str, *command: str) -> str:
        """Return what Redis answers to a command of this user, its refusals too."""
        shell = ("exec", "-T", "-e", f"REDISCLI_AUTH={password}", "redis", "redis-cli", "--user", user, *command)
        done = self.attempt(*shell)
        return done.stdout + done.stderr

    def refused(self) -> list[str]:
        """Return what Redis has refused since it started, or since `forgive`, and what our services say of refusals."""
        log = self.redis("operator", self.password["TOCSIN_REDIS_PASSWORD_OPERATOR"], "ACL", "LOG").split("\n\n")
        said = self.compose("logs", "--no-color", *OWN_USERS).splitlines()
        return [entry for entry in log if entry.strip()] + [line for line in said if any(map(line.count, REFUSALS))]

    def forgive(self) -> None:
        """Have Redis forget what it has refused."""
        self.redis("operator", self.password["TOCSIN_REDIS_PASSWORD_OPERATOR"], "ACL", "LOG", "RESET")

    def elasticsearch(self, user: str, password: str, method: str, path: str) -> int:
        """Return the status with which Elasticsearch answers this user."""
        curl = ("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", method, "-u", f"{user}:{password}")
        body = ("-H", "Content-Type: application/json", "-d", "{}") if method in ("PUT", "POST") else ()
        return int(self.execute("elasticsearch", *curl, *body, f"http://127.0.0.1:9200{path}"))

    def submit(self, url: str) -> str:
        """Submit a URL and return the path of its receipt."""
        answer = httpx.post(f"http://127.0.0.1:{self.port}/v1/submissions", json={"url": url}, timeout=10)
        assert answer.status_code == 202, answer.text
        return answer.headers["Location"].removeprefix("/v1")

    def outcomes(self, urls: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """Submit the URLs together and return how each ended, under the name it was given."""
        return self.follow({name: self.submit(url) for name, url in urls.items()})

    def follow(self, receipts: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """Return how what was submitted under these receipts ended, under the name of each."""
        deadline = time.monotonic() + OUTCOME_LIMIT_S
        while waiting := self._in_flight(receipts.values()):
            assert time.monotonic() < deadline, f"still in flight: {waiting}\n{self.report()}"
            time.sleep(0.5)
        return {name: self.get(path) for name, path in receipts.items()}

    def _in_flight(self, paths: Iterable[str]) -> list[str]:
        return [path for path in paths if self.get(path)["status"] == "in_flight"]
