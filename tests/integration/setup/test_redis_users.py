"""What the users of Redis may do that a container starts with, by what their programs really ask of a real Redis."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from redis import Redis
from redis.exceptions import NoPermissionError

from services.cli.embedded.instance import Servers
from shared.pipeline import FLOW
from tests.integration.drilling import Drill

ROOT = Path(__file__).parents[3]


def rules(role: str) -> list[str]:
    """Return what the script gives a role, whose password is its own name."""
    names = ("OPERATOR", "FETCHER", "EXTRACTOR", "CLASSIFIER", "INDEXER", "NOTIFIER", "API", "BEAT", "FLOWER")
    told = subprocess.run(
        ["sh", str(ROOT / "deploy/docker/redis.sh"), "users"],
        env={f"TOCSIN_REDIS_PASSWORD_{name}": name.lower() for name in names},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return next(line.split()[2:] for line in told.splitlines() if line.startswith(f"user {role} "))


@pytest.fixture
def flower(servers: Servers, redis: Redis) -> Iterator[str]:
    """Log Flower's user in; give the URL. Nobody else is refused anything meanwhile."""
    redis.execute_command("ACL", "SETUSER", "flower", "reset", *rules("flower"))  # type: ignore[no-untyped-call]
    redis.acl_log_reset()
    yield servers.redis_url.replace("redis://", "redis://flower:flower@")
    redis.acl_deluser("flower")


@pytest.fixture
def watched(servers: Servers, tmp_path: Path) -> Iterator[Drill]:
    """Workers in the database whose channels Flower may hear."""
    one = Drill(servers.redis_url, tmp_path)
    yield one
    one.close()


def celery(url: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Celery's own program as Flower runs Celery: with nothing but the broker's address."""
    program = [sys.executable, "-m", "celery", "--broker", url, *command]
    return subprocess.run(program, env=os.environ, check=False, capture_output=True, text=True, timeout=60)


def test_flower_is_refused_nothing_that_it_asks_workers(redis: Redis, flower: str, watched: Drill) -> None:
    watched.worker(pool="threads")
    for question in ("ping", "stats", "active_queues"):
        answer = celery(flower, "inspect", question, "--timeout", "5")
        assert answer.returncode == 0, answer.stderr
        assert "1 node online" in answer.stdout

    assert redis.acl_log() == []


def test_flower_may_look_for_what_nobody_acknowledged(redis: Redis, flower: str) -> None:
    """Kombu does, now and then, when no event comes."""
    with Celery(broker=flower, set_as_current=False) as app, app.connection_for_read() as connection:
        connection.default_channel.qos.restore_visible(interval=1)

    assert redis.acl_log() == []


def test_flower_hears_of_events(redis: Redis, flower: str, watched: Drill) -> None:
    watched.worker(pool="threads")
    heard: list[dict[str, object]] = []
    with Celery(broker=flower, set_as_current=False) as app, app.connection_for_read() as connection:
        receiver = app.events.Receiver(connection)

        def hear(event: dict[str, object]) -> None:
            heard.append(event)
            receiver.should_stop = True

        receiver.handlers["*"] = hear
        receiver.capture(limit=None, timeout=30, wakeup=True)

    assert [event["type"] for event in heard] == ["worker-heartbeat"]
    assert redis.acl_log() == []


def test_flower_knows_how_long_queues_are_and_not_what_is_in_them(flower: str) -> None:
    with Redis.from_url(flower) as client:
        for stage in FLOW:
            assert client.llen(stage.name) == 0
            assert client.llen(f"{stage.name}\x06\x163") == 0  # Kombu's name of one with a priority
            for command in ("LRANGE {} 0 0", "LPUSH {} x", "LPOP {}", "DEL {}"):
                with pytest.raises(NoPermissionError):
                    client.execute_command(command.format(stage.name))
        for command in ("SCAN 0", "RANDOMKEY", "DBSIZE", "KEYS *", "HGETALL unacked"):
            with pytest.raises(NoPermissionError):
                client.execute_command(command)
