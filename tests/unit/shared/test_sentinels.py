"""URLs that name Sentinels."""

import pytest
from kombu.connection import Connection

from shared import broker
from shared.errors import SetupError
from shared.sentinels import Sentinels, connect

URL = "sentinel://api:p%40ss@one:26380,two/3?master=tocsin&sentinel_password=s%2Fe"


def test_a_url_names_all_of_them() -> None:
    found = Sentinels.of(URL)
    assert found == Sentinels(
        hosts=(("one", 26380), ("two", 26379)),
        master="tocsin",
        database=3,
        username="api",
        password="p@ss",  # noqa: S106 - of nobody
        own_password="s/e",  # noqa: S106 - likewise
    )


def test_kombu_reads_the_same() -> None:
    found = broker.address(URL)
    with Connection(found["broker_url"], transport=found["broker_transport"]) as connection:
        assert (connection.userid, connection.password, connection.virtual_host) == ("api", "p@ss", "3")
        assert not connection.alt  # else Kombu goes on to the next by a transport of its own
    assert found["broker_transport_options"]["master_name"] == "tocsin"
    assert found["broker_transport_options"]["sentinels"] == (("one", 26380), ("two", 26379))
    assert found["broker_transport_options"]["sentinel_kwargs"]["password"] == "s/e"  # noqa: S105 - likewise


def test_celery_keeps_its_own_options_beside_them() -> None:
    options = broker.configuration(URL)["broker_transport_options"]
    assert options["master_name"] == "tocsin"
    assert options["visibility_timeout"] == broker.configuration()["broker_transport_options"]["visibility_timeout"]


@pytest.mark.parametrize("url", ["redis://127.0.0.1:6379/0", "rediss://:x@host/1", "unix:///run/redis.sock"])
def test_plain_redis_is_none(url: str) -> None:
    assert Sentinels.of(url) is None
    assert broker.address(url)["broker_url"] == url


@pytest.mark.parametrize(
    "url",
    [
        "sentinel://one:26379/0",
        "sentinel://:secret@/0?master=m",
        "sentinel://:secret@one:port/0?master=m",
        "sentinel://:secret@one,,two/0?master=m",
        "sentinel://:secret@one/zero?master=m",
        "sentinel://:secret@one/0?master=m&ssl=true",
    ],
)
def test_what_makes_no_sense_is_refused_without_a_password(url: str) -> None:
    with pytest.raises(SetupError, match="master=NAME") as refused:
        connect(url)
    assert "secret" not in str(refused.value)
