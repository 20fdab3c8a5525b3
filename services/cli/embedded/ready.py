"""Waits until something is really ready, and says whose fault it is when it is not."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx
from redis.exceptions import RedisError
from rich.console import Console

from services.cli.embedded import manager
from services.cli.embedded.programs import log_file
from shared.errors import SetupError
from shared.sentinels import connect
from shared.worker.run import KINDS

POLL_S = 0.1
_LOG_LINES = 25
_EXITS_MAX = 4
_PING_S = 0.5


def wait(ready: Callable[[], bool], *, within_s: float, home: Path, fault: Callable[[], str]) -> None:
    """Ask `ready` until it says yes.

    Raises SetupError when the instance is stopped meanwhile, when a child cannot be kept alive, and with the text of
    `fault` after `within_s` seconds.
    """
    deadline = time.monotonic() + within_s
    while not ready():
        if not (home / "supervisord.pid").exists():
            raise SetupError("the instance was stopped while it started")
        for child, times in manager.exited(manager.log_lines(home)).items():
            if times >= _EXITS_MAX:
                raise SetupError(f"ended {times} times: {at_fault(home, child)}")
        if time.monotonic() > deadline:
            raise SetupError(f"not ready after {within_s:.0f} s: {fault()}")
        time.sleep(POLL_S)


def at_fault(home: Path, child: str) -> str:
    """Return the name of a child and the end of its log."""
    log = log_file(home, child)
    try:
        lines = log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
    except OSError:
        lines = []
    return "\n".join([f"{child}; the end of {log}:", *(f"  {line}" for line in lines or ["(empty)"])])


def without_password(url: str) -> str:
    """Return the address in a URL, for a message: who may use it is nobody else's business."""
    return url.rpartition("@")[2]


def redis_answers(url: str) -> bool:
    """Tell whether Redis answers and has loaded its data."""
    try:
        with connect(url, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except RedisError:
        return False


def elasticsearch_answers(url: str) -> bool:
    """Tell whether Elasticsearch has a master and has all primary shards at hand."""
    return http_answers(f"{url}/_cluster/health?wait_for_status=yellow&timeout=50ms")


def http_answers(url: str) -> bool:
    """Tell whether a GET is answered with 200."""
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def workers_answering(redis_url: str) -> set[str]:
    """Return the kinds of the workers that take part in the queues: they answer a ping through them."""
    # here, because Celery takes a quarter of a second to import and most commands do not need it
    from celery import Celery
    from kombu.exceptions import OperationalError

    from shared.broker import address

    app = Celery("up", set_as_current=False)
    app.conf.update(address(redis_url))
    try:
        answers = app.control.ping(timeout=_PING_S, limit=len(KINDS))
    except (OperationalError, RedisError):
        return set()
    finally:
        app.close()
    return {name.partition("@")[0] for answer in answers for name in answer}


def child_runs(home: Path, name: str) -> bool:
    """Tell whether a child has stayed up for a second. For one that nothing can be asked of."""
    return any(child.name == name and child.state == "running" for child in manager.children(home))


def say_time(console: Console, label: str, seconds: float) -> None:
    """Print one timing line."""
    console.print(f"  {label:<36}{seconds:6.1f} s", highlight=False)
