"""What a liveness probe says of a worker: nothing bad while Redis is away, and nothing good of one that hangs."""

import os
import signal
import subprocess
import sys

import pytest

from services.cli.embedded.instance import Servers
from services.cli.embedded.ports import any_free
from shared.broker import RECONCILED_AT
from tests.integration.drilling import Drill


def alive(service: str, url: str) -> bool:
    """Ask as the probe does."""
    environment = os.environ | {"SERVICE": service, "TOCSIN_REDIS_URL": url}
    return subprocess.run([sys.executable, "-m", "shared.worker.alive"], env=environment, check=False).returncode == 0


@pytest.fixture
def url(servers: Servers) -> str:
    return servers.redis_url.rsplit("/", 1)[0] + "/9"


def test_a_worker_that_answers_is_alive_and_one_that_hangs_is_not(drill: Drill, url: str) -> None:
    worker = drill.worker(pool="threads")
    assert alive("drill", url)

    worker.process.send_signal(signal.SIGSTOP)
    assert not alive("drill", url)


@pytest.mark.parametrize("service", ["fetcher", "beat"])
def test_nobody_is_blamed_for_a_redis_that_is_away(service: str) -> None:
    assert alive(service, f"redis://127.0.0.1:{any_free()}/0")


@pytest.mark.parametrize("service", ["fetcher", "beat"])
def test_one_whose_password_redis_does_not_take_is_not_alive(service: str, url: str) -> None:
    assert not alive(service, url.replace("redis://", "redis://fetcher:wrong@"))


def test_beat_is_alive_while_what_it_sends_gets_done(drill: Drill, url: str) -> None:
    assert not alive("beat", url)

    drill.redis.set(RECONCILED_AT, 1)
    assert alive("beat", url)
