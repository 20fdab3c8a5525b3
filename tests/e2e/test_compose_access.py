"""Who may do what in Redis and Elasticsearch, and what compose and `setup` say when something is wrong."""

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.e2e.compose import ROOT, Stack, free_port

#: Those of ours that are no operator.
ROLES = ("fetcher", "extractor", "classifier", "indexer", "notifier", "api", "beat")
QUEUES = {"fetcher": "fetch", "extractor": "extract", "classifier": "classify", "indexer": "index"}
REFUSED = "NOPERM"


def redis_password(stack: Stack, role: str) -> str:
    return stack.password[f"TOCSIN_REDIS_PASSWORD_{role.upper()}"]


def elasticsearch_password(stack: Stack, role: str) -> str:
    return stack.password[f"TOCSIN_ELASTICSEARCH_PASSWORD_{role.upper()}"]


def test_nobody_was_refused_what_the_work_needs(stack: Stack) -> None:
    """The first test here: the others make refusals of their own. `inspect ping` is the workers' check of health."""
    stack.outcomes({"it": "http://gulf-wire.demo:8801/nothing-here"})

    assert stack.refused() == []


def test_redis_lets_nobody_in_without_the_right_password(stack: Stack) -> None:
    for role in (*ROLES, "operator", "default"):
        assert "WRONGPASS" in stack.redis(role, "wrong", "PING"), role
    assert "NOAUTH" in stack.execute("redis", "redis-cli", "PING")


@pytest.mark.parametrize("role", ROLES)
def test_no_role_may_empty_stop_change_or_list_redis(stack: Stack, role: str) -> None:
    for command in (
        ["FLUSHALL"],
        ["SHUTDOWN"],
        ["CONFIG", "GET", "*"],
        ["ACL", "LIST"],
        ["KEYS", "*"],
        ["RANDOMKEY"],
        ["SCRIPT", "FLUSH"],
    ):
        assert REFUSED in stack.redis(role, redis_password(stack, role), *command), command


def test_only_the_api_looks_through_the_names_of_keys(stack: Stack) -> None:
    """For its sketches, one a day."""
    for role in (*ROLES, "flower"):
        answer = stack.redis(role, redis_password(stack, role), "SCAN", "0")
        assert (REFUSED in answer) is (role != "api"), role


def test_what_was_refused_is_found(stack: Stack) -> None:
    """The control of those tests in which nothing was."""
    stack.forgive()
    assert stack.refused() == []

    stack.redis("indexer", redis_password(stack, "indexer"), "LRANGE", "fetch", "0", "0")
    assert "lrange" in "".join(stack.refused())


def test_a_worker_reads_its_own_queue_alone(stack: Stack) -> None:
    for role, own in QUEUES.items():
        for queue in QUEUES.values():
            answer = stack.redis(role, redis_password(stack, role), "LRANGE", queue, "0", "0")
            assert (REFUSED in answer) is (queue != own), (role, queue)


def test_a_worker_reads_no_quarantine_and_no_notes_of_others(stack: Stack) -> None:
    for command in (
        ["HGETALL", "tocsin:quarantine:index:specimens"],
        ["HGETALL", "tocsin:changed"],
        ["GET", "tocsin:sketch:x"],
    ):
        assert REFUSED in stack.redis("extractor", redis_password(stack, "extractor"), *command), command


def test_the_user_of_the_health_check_may_do_nothing_else(stack: Stack) -> None:
    assert stack.redis("health", "any", "PING").strip() == "PONG"
    assert REFUSED in stack.redis("health", "any", "GET", "tocsin:accepted")


def test_elasticsearch_lets_nobody_in_without_the_right_password(stack: Stack) -> None:
    for user in ("elastic", "tocsin-indexer", "tocsin-api", "tocsin-notifier", "tocsin-kibana", "tocsin-analyst"):
        assert stack.elasticsearch(user, "wrong", "GET", "/") == 401, user


@pytest.mark.parametrize(
    ("role", "method", "path", "status"),
    [
        ("api", "GET", "/tocsin-incidents/_search", 200),
        ("api", "DELETE", "/tocsin-incidents-v1", 403),
        ("api", "PUT", "/tocsin-other", 403),
        ("api", "GET", "/_security/user", 403),
        ("notifier", "GET", "/tocsin-articles/_search", 403),
        ("notifier", "POST", "/tocsin-incidents/_doc", 403),
        ("indexer", "GET", "/tocsin-incidents/_search", 200),
        ("indexer", "DELETE", "/tocsin-incidents-v1", 403),
        ("indexer", "PUT", "/tocsin-other", 403),
        ("indexer", "PUT", "/tocsin-incidents-v1/_alias/tocsin-other", 403),
        ("indexer", "POST", "/tocsin-decisions/_doc", 403),
        ("indexer", "GET", "/tocsin-alerts/_search", 403),
        ("indexer", "GET", "/_security/user", 403),
        ("analyst", "GET", "/tocsin-incidents/_search", 200),
        ("analyst", "POST", "/tocsin-incidents/_doc", 403),
        ("analyst", "GET", "/tocsin-deliveries/_search", 200),
        ("analyst", "GET", "/tocsin-alerts/_search", 403),
    ],
)
def test_elasticsearch_lets_a_role_do_its_own_work(
    stack: Stack, role: str, method: str, path: str, status: int
) -> None:
    assert stack.elasticsearch(f"tocsin-{role}", elasticsearch_password(stack, role), method, path) == status


@pytest.mark.parametrize("service", ["elasticsearch", "redis"])
def test_no_password_stands_on_a_command_line(stack: Stack, service: str) -> None:
    """Of a health check above all: it runs every few seconds, and every user of the machine sees its words."""
    told = json.dumps(stack.inspect(service)["Config"]["Healthcheck"]["Test"])
    words = stack.execute(service, "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")

    assert " -u " not in told
    assert not [name for name, password in stack.password.items() if password and password in told + words]


def said_by_setup(stack: Stack, *options: str, arguments: tuple[str, ...] = ()) -> tuple[int, str]:
    done = stack.attempt("run", "--rm", "--no-deps", "-T", *options, "setup", *arguments, timeout_s=120)
    return done.returncode, [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("setup: ")][
        -1
    ]


def test_setup_may_run_again(stack: Stack) -> None:
    assert said_by_setup(stack) == (0, "setup: done")


@pytest.mark.parametrize("server", ["redis", "elasticsearch"])
def test_a_wrong_password_is_named_with_what_to_do(stack: Stack, server: str) -> None:
    variable = f"TOCSIN_{server.upper()}_PASSWORD_API"

    status, said = said_by_setup(stack, "-e", f"{variable}=wrong")

    assert status == 1
    assert variable in said
    assert f"docker compose up -d --force-recreate {server}" in said


def test_too_little_memory_is_named_with_what_to_do(stack: Stack) -> None:
    status, said = said_by_setup(stack, arguments=("--least-memory-mb", "99999999"))

    assert status == 1
    assert "needs 99999999: give Docker more" in said


def test_indices_of_another_version_are_named_with_what_to_do(stack: Stack) -> None:
    """Beside those that are in use, whose own aliases stay: who works does not notice."""
    elastic = ("elastic", elasticsearch_password(stack, "elastic"))
    try:
        for path in ("/tocsin-outcomes-v999", "/tocsin-outcomes-v999/_alias/tocsin-outcomes"):
            assert stack.elasticsearch(*elastic, "PUT", path) == 200
        status, said = said_by_setup(stack)
    finally:
        assert stack.elasticsearch(*elastic, "DELETE", "/tocsin-outcomes-v999") == 200

    assert status == 1
    assert "are of version 999, this Tocsin is of version" in said
    assert "start the newer Tocsin" in said


@pytest.mark.usefixtures("stack")
def test_without_passwords_compose_says_how_to_get_them() -> None:
    without = Stack(Path(os.devnull))
    done = without.attempt("config", "--quiet")

    assert done.returncode != 0
    assert "run deploy/env.sh" in done.stderr


def test_a_taken_port_is_named_before_anything_is_built(stack: Stack, tmp_path: Path) -> None:
    """In a copy, because it writes .env beside the file."""
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy", ignore=shutil.ignore_patterns("sites", "target"))
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environment = stack.environment | {
            "COMPOSE_PROJECT_NAME": f"{stack.project}-port",
            "TOCSIN_API_PORT": str(port),
            "TOCSIN_KIBANA_PORT": str(free_port()),
        }
        done = subprocess.run(
            [tmp_path / "deploy/compose-up.sh"],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
