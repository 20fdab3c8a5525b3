"""Whether this machine and its servers are as they have to be: what is not raises SetupError with what to do."""

import re
import time
from collections.abc import Callable, Mapping

import redis as redis_py
from elasticsearch import ApiError, AuthenticationException, AuthorizationException, ConnectionError  # noqa: A004

from services.setup.logins import ELASTICSEARCH, REDIS, login, user, variable
from shared import sentinels
from shared.errors import SetupError
from shared.index import connect

#: Seconds between two looks at a server that does not answer yet.
POLL_S = 0.5
#: Seconds for one look.
LOOK_S = 5

_WRONG = (
    "{server} does not take the password of {role}, {variable} in .env: "
    "start it anew with `docker compose up -d --force-recreate {service}`"
)


def memory(meminfo: str, least_mb: int) -> None:
    """Check the memory of the machine, MiB, in the words of `/proc/meminfo`. Raises SetupError."""
    found = re.search(r"^MemTotal:\s+(\d+) kB", meminfo, re.MULTILINE)
    if found and int(found[1]) // 1024 < least_mb:
        raise SetupError(
            f"this machine has {int(found[1]) // 1024} MB of memory and all of it together needs {least_mb}: "
            "give Docker more, or take kibana out of COMPOSE_PROFILES in .env, or lower --least-memory-mb "
            "of setup in docker-compose.yml at your own risk"
        )


def redis(url: str, passwords: Mapping[str, str], *, patience_s: float) -> None:
    """Wait until Redis answers, and log in as every role, or as the URL says where none is named. Raises SetupError."""
    logins = {variable(REDIS, role): (role, login(url, role, password)) for role, password in passwords.items()}
    for name, (role, one) in (logins or {"": ("TOCSIN_REDIS_URL", url)}).items():
        client = sentinels.connect(one, socket_timeout=LOOK_S, retry=None)
        try:
            wait(lambda client=client: _redis_answers(client), "Redis", patience_s=patience_s)  # type: ignore[misc]
        except redis_py.AuthenticationError as error:
            raise _wrong("Redis", role, name) from error
        finally:
            client.close()


def _redis_answers(client: redis_py.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis_py.AuthenticationError:
        raise
    except redis_py.RedisError:  # away, or still reading its file
        return False


def elasticsearch(url: str, passwords: Mapping[str, str], *, patience_s: float) -> None:
    """Wait until Elasticsearch answers, and log in as every role, or as the URL says where none. Raises SetupError."""
    logins = {
        variable(ELASTICSEARCH, role): (role, login(url, user(role), password)) for role, password in passwords.items()
    }
    for name, (role, one) in (logins or {"": ("TOCSIN_ELASTICSEARCH_URL", url)}).items():
        with connect(one) as client:
            ask = client.security.authenticate if name else client.info  # without users there is nobody to be
            try:
                wait(lambda ask=ask: _elasticsearch_answers(ask), "Elasticsearch", patience_s=patience_s)  # type: ignore[misc]
            except (AuthenticationException, AuthorizationException) as error:
                raise _wrong("Elasticsearch", role, name) from error


def _elasticsearch_answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (AuthenticationException, AuthorizationException):
        raise
    except (ApiError, ConnectionError):
        return False
    return True


def wait(answers: Callable[[], bool], name: str, *, patience_s: float) -> None:
    """Ask until the server of this name answers. Raises SetupError when it does not within `patience_s` seconds."""
    until = time.monotonic() + patience_s
    while not answers():
        if time.monotonic() > until:
            raise SetupError(
                f"{name} is not ready after {patience_s:g} s: `docker compose logs {name.lower()}` says why, "
                "then `docker compose up -d` goes on"
            )
        time.sleep(POLL_S)


def _wrong(server: str, role: str, name: str) -> SetupError:
    """Say whose password it is. Without the name of a variable, `role` is that of the URL."""
    if not name:
        return SetupError(f"{server} does not take the user and password of {role}")
    return SetupError(_WRONG.format(server=server, role=role, variable=name, service=server.lower()))
