"""The passwords of the roles, as compose hands them over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, urlsplit, urlunsplit

REDIS, ELASTICSEARCH = "TOCSIN_REDIS_PASSWORD_", "TOCSIN_ELASTICSEARCH_PASSWORD_"
#: Elasticsearch's own user, which has no prefix before its name.
BUILT_IN = "elastic"


@dataclass(frozen=True, repr=False)
class Logins:
    """Passwords by role, in lower case: `api`, `indexer`. Empty where the environment names none."""

    redis: Mapping[str, str]
    elasticsearch: Mapping[str, str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Take them from `TOCSIN_REDIS_PASSWORD_<ROLE>` and `TOCSIN_ELASTICSEARCH_PASSWORD_<ROLE>`."""
        return cls(*(_after(prefix, environment) for prefix in (REDIS, ELASTICSEARCH)))


def _after(prefix: str, environment: Mapping[str, str]) -> dict[str, str]:
    return {key.removeprefix(prefix).lower(): value for key, value in environment.items() if key.startswith(prefix)}


def variable(prefix: str, role: str) -> str:
    """Return the name under which `.env` has a role's password."""
    return f"{prefix}{role.upper()}"


def user(role: str) -> str:
    """Return the user of a role in Elasticsearch."""
    return role if role == BUILT_IN else f"tocsin-{role}"


def login(url: str, name: str, password: str) -> str:
    """Return the URL with this user in it instead of any other."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(name, safe='')}:{quote(password, safe='')}@{place}"))
