"""Starts what an instance needs of Redis and Elasticsearch, and the two alone for tests."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from services.cli.embedded import (
    elasticsearch_build,
    elasticsearch_server,
    manager,
    ports,
    programs,
    ready,
    redis_server,
)
from services.cli.embedded import home as homes
from services.cli.embedded.instance import Servers
from services.cli.embedded.packages import Say
from services.cli.embedded.programs import Program
from shared.errors import SetupError

READY_S = 180.0


def redis(home: Path, port: int) -> Program:
    """Set up Redis in `home` and return its program."""
    folder = home / "redis"
    return programs.redis(redis_server.find(folder), redis_server.configure(folder, port))


def elasticsearch(home: Path, port: int, distribution: Path, say: Say, *, fast_start: bool = False) -> Program:
    """Set up Elasticsearch in `home` and return its program."""
    user = elasticsearch_server.account()
    if user is not None and not elasticsearch_server.reachable(distribution, user):
        raise SetupError(f"the user {user.pw_name} cannot reach {distribution}: set TOCSIN_CACHE to a folder it can")
    folder = elasticsearch_server.data_folder(home, user, say)
    elasticsearch_server.configure(folder, distribution, port, user)
    command = elasticsearch_server.command(folder, distribution, home, fast_start=fast_start)
    return programs.elasticsearch(command, folder, user.pw_name if user else None)


@contextmanager
def embedded_servers(home: Path, *, say: Say = lambda _: None, fast_start: bool = True) -> Iterator[Servers]:
    """Run a real Redis and a real Elasticsearch on free ports, with data in `home`, until the block ends.

    Without `fast_start` the node takes longer to start and is as fast as in use: for measurements.

    They end too when this process is killed. Call it once per session: Elasticsearch takes 6 to 10 s to start.
    Data stays in `home`, save where Elasticsearch's user cannot reach it: then it is removed at the end.
    """
    home = homes.prepare(home)
    manager.stop(home)
    redis_port, elasticsearch_port = ports.any_free(), ports.any_free()
    servers = Servers(
        redis_url=f"redis://127.0.0.1:{redis_port}/0", elasticsearch_url=f"http://127.0.0.1:{elasticsearch_port}"
    )
    distribution = elasticsearch_build.ensure(say)
    node = elasticsearch(home, elasticsearch_port, distribution, say, fast_start=fast_start)
    try:
        manager.start(home, [redis(home, redis_port), node], {}, foreground=True)
        _await(servers, home)
        yield servers
    finally:
        manager.stop(home)
        _remove_outside(home)


def _await(servers: Servers, home: Path) -> None:
    checks = {
        "redis": lambda: ready.redis_answers(servers.redis_url),
        "elasticsearch": lambda: ready.elasticsearch_answers(servers.elasticsearch_url),
    }
    for child, answers in checks.items():
        ready.wait(answers, within_s=READY_S, home=home, fault=partial(ready.at_fault, home, child))


def _remove_outside(home: Path) -> None:
    outside = elasticsearch_server.outside(home)
    if outside is not None and os.geteuid() == 0:
        shutil.rmtree(outside.parent, ignore_errors=True)
        (home / "elasticsearch").unlink()
