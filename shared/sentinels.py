"""Redis found by its Sentinels: one URL names them all, and the master that they watch.

    sentinel://[user[:password]@]host:port[,host:port...]/[database]?master=NAME[&sentinel_password=...]

User, password and database are the master's. Whoever is master is asked for at each new connection.
"""

from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

from redis import Redis
from redis.sentinel import Sentinel

from shared.errors import SetupError

SCHEME = "sentinel"
PORT = 26379
#: Seconds that one Sentinel may take to answer, before the next is asked.
PATIENCE_S = 2
_FORM = "TOCSIN_REDIS_URL is not sentinel://user:password@host:port,host:port/database?master=NAME"


@dataclass(frozen=True, kw_only=True)
class Sentinels:
    """Where they are, and what they watch."""

    hosts: tuple[tuple[str, int], ...]
    master: str
    database: int
    username: str | None
    password: str | None
    own_password: str | None  #: what the Sentinels themselves ask for

    @classmethod
    def of(cls, url: str) -> Self | None:
        """Read a URL, None for one of plain Redis. Raises SetupError, without the URL: it holds passwords."""
        parts = urlsplit(url)
        if parts.scheme != SCHEME:
            return None
        login, _, hosts = parts.netloc.rpartition("@")
        username, _, password = map(unquote, login.partition(":"))
        query = parse_qs(parts.query)
        if set(query) - {"master", "sentinel_password"}:
            raise SetupError(_FORM)
        try:
            return cls(
                hosts=tuple(map(_host, hosts.split(","))),
                master=query["master"][0],
                database=int(parts.path.strip("/") or 0),
                username=username or None,
                password=password or None,
                own_password=query.get("sentinel_password", [None])[0],
            )
        except (ValueError, KeyError) as error:
            raise SetupError(_FORM) from error

    @property
    def own_options(self) -> dict[str, Any]:
        """Options of the connections to the Sentinels."""
        return {
            "password": self.own_password,
            "socket_timeout": PATIENCE_S,
            "socket_connect_timeout": PATIENCE_S,
            "retry": None,  # the next Sentinel is the second attempt
        }

    @property
    def kombu_url(self) -> str:
        """Who logs in where, as Kombu reads it: one URL, of the first Sentinel. The options name all."""
        login = quote(self.username or "", safe="") + (f":{quote(self.password, safe='')}" if self.password else "")
        host, port = self.hosts[0]
        return f"{SCHEME}://{login}{'@' if login else ''}{host}:{port}/{self.database}"

    def connect(self, **options: Any) -> Redis:
        """Return a client of whoever is master. Without one, each command raises redis.ConnectionError."""
        found = Sentinel(self.hosts, sentinel_kwargs=self.own_options)  # type: ignore[no-untyped-call]
        client: Redis = found.master_for(  # type: ignore[no-untyped-call]
            self.master, db=self.database, username=self.username, password=self.password, **options
        )
        return client


def connect(url: str, **options: Any) -> Redis:
    """Return a client of Redis, by Sentinels or not. `options` are redis-py's. It opens no connection yet."""
    sentinels = Sentinels.of(url)
    return sentinels.connect(**options) if sentinels else Redis.from_url(url, **options)


def _host(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    if not host:
        raise ValueError("a host without a name")
    return host, int(port or PORT)
