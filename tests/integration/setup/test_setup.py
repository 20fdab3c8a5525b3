"""`setup` against real servers: logins, and indices that are there, missing, or of another version."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch
from redis import Redis

from services.cli.embedded.instance import Servers
from services.cli.embedded.ports import any_free
from services.setup import checks, indices, run
from shared.delivery.timing import timing
from shared.errors import SetupError
from shared.index import MODELS, VERSION, stored_version
from shared.metrics.backlog import Backlog
from shared.settings import settings
from tests.integration.sentinels import Watched

ROOT = Path(__file__).parents[3]
NAMES = ("OPERATOR", "FETCHER", "EXTRACTOR", "CLASSIFIER", "INDEXER", "NOTIFIER", "API", "BEAT", "FLOWER")


@pytest.fixture
def api_user(redis: Redis) -> Iterator[None]:
    """A user of Redis as compose's, beside the one of the tests."""
    redis.acl_setuser("api", enabled=True, passwords=["+right"], categories=["+@connection"])
    yield
    redis.acl_deluser("api")


@pytest.mark.usefixtures("api_user")
def test_the_right_password_of_redis_is_taken_and_a_wrong_one_named(servers: Servers) -> None:
    checks.redis(servers.redis_url, {"api": "right"}, patience_s=5)

    with pytest.raises(
        SetupError, match=r"Redis does not take the password of api, TOCSIN_REDIS_PASSWORD_API in \.env"
    ):
        checks.redis(servers.redis_url, {"api": "wrong"}, patience_s=5)


@pytest.mark.usefixtures("api_user")
def test_without_roles_the_url_itself_is_tried(servers: Servers) -> None:
    place = servers.redis_url.partition("://")[2]
    checks.redis(f"redis://api:right@{place}", {}, patience_s=5)

    with pytest.raises(SetupError, match=r"Redis does not take the user and password of TOCSIN_REDIS_URL"):
        checks.redis(f"redis://api:wrong@{place}", {}, patience_s=5)
    with pytest.raises(SetupError, match="Redis is not ready"):  # found by its Sentinels, of which none is there
        checks.redis(f"sentinel://127.0.0.1:{any_free()}/0?master=m", {}, patience_s=0)


def test_the_master_that_sentinels_name_is_asked(tmp_path: Path) -> None:
    """As on a cluster: the password of the URL, or those of the roles, is the master's, whoever that is by now."""
    watched = Watched(tmp_path)
    try:
        watched.start()
        with watched.client(watched.master()) as master:
            master.acl_setuser("api", enabled=True, passwords=["+right"], categories=["+@connection"])
        place = watched.url.partition("://")[2]
        checks.redis(watched.url, {}, patience_s=5)
        checks.redis(f"sentinel://api:right@{place}", {}, patience_s=5)
        checks.redis(watched.url, {"api": "right"}, patience_s=5)

        with pytest.raises(SetupError, match="does not take the user and password of TOCSIN_REDIS_URL"):
            checks.redis(f"sentinel://api:wrong@{place}", {}, patience_s=5)
        with pytest.raises(SetupError, match="does not take the password of api, TOCSIN_REDIS_PASSWORD_API"):
            checks.redis(watched.url, {"api": "wrong"}, patience_s=5)
        with pytest.raises(SetupError, match="Redis is not ready"):  # they watch none of that name
            checks.redis(watched.url.replace("master=", "master=no"), {}, patience_s=0)
    finally:
        watched.close()


def test_without_roles_elasticsearch_is_asked_as_the_url_says(servers: Servers) -> None:
    checks.elasticsearch(servers.elasticsearch_url, {}, patience_s=5)

    with pytest.raises(SetupError, match="Elasticsearch is not ready"):
        checks.elasticsearch(f"http://127.0.0.1:{any_free()}", {}, patience_s=0)


def test_every_role_of_the_users_file_is_understood_by_a_server(redis: Redis) -> None:
    """The rules of `redis.sh`, word by word: a server refuses what it does not know."""
    environment = {f"TOCSIN_REDIS_PASSWORD_{name}": name for name in NAMES}
    script = ["sh", str(ROOT / "deploy/docker/redis.sh"), "users"]
    told = subprocess.run(script, env=environment, check=True, capture_output=True, text=True).stdout
    users = {name: rules for _, name, *rules in map(str.split, told.splitlines())}

    assert users.pop("default")[:2] == ["off", "resetpass"]  # nobody can be it
    assert len(users) == len(NAMES) + 1
    for name, rules in users.items():
        redis.execute_command("ACL", "SETUSER", f"test-{name}", *rules)  # type: ignore[no-untyped-call]
    try:
        known = {"LRANGE fetch 0 0": {"fetcher"}, "GET tocsin:accepted": {"api", "beat"}, "SCAN 0": {"api"}}
        for command in ("FLUSHALL", "CONFIG GET x", "KEYS *", "RANDOMKEY", "DBSIZE", *known):
            allowed = {name for name in users if redis.acl_dryrun(f"test-{name}", *command.split()) == b"OK"}
            also = known.get(command, set())
            assert allowed == {"operator", *also}, command
    finally:
        for name in users:
            redis.acl_deluser(f"test-{name}")


def test_beat_may_count_what_prometheus_is_told(redis: Redis, servers: Servers) -> None:
    told = subprocess.run(
        ["sh", str(ROOT / "deploy/docker/redis.sh"), "users"],
        env={f"TOCSIN_REDIS_PASSWORD_{name}": name for name in NAMES},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    rules = next(line.split()[2:] for line in told.splitlines() if line.startswith("user beat "))
    redis.execute_command("ACL", "SETUSER", "test-beat", *rules)  # type: ignore[no-untyped-call]
    try:
        with Redis.from_url(servers.redis_url, username="test-beat", password=NAMES[-2]) as beat:
            families = {family.name: family for family in Backlog(beat, timing()).collect()}
    finally:
        redis.acl_deluser("test-beat")
    assert families["tocsin_redis_up"].samples[0].value == 1
    assert {"tocsin_queue_messages", "tocsin_ledger_overdue", "tocsin_quarantine_messages"} <= set(families)


def test_the_indices_are_made_and_found_again(elasticsearch: Elasticsearch, index_prefix: str) -> None:
    assert stored_version(elasticsearch, index_prefix) is None
    assert indices.make(elasticsearch, index_prefix)

    assert stored_version(elasticsearch, index_prefix) == VERSION
    assert indices.make(elasticsearch, index_prefix)
    assert all(elasticsearch.indices.exists_alias(name=f"{index_prefix}{alias}") for alias in MODELS)


@pytest.mark.parametrize(
    ("version", "words"), [(VERSION + 1, "start the newer Tocsin"), (VERSION - 1, "run tocsin upgrade")]
)
def test_indices_of_another_version_are_refused_and_left_alone(
    elasticsearch: Elasticsearch, index_prefix: str, version: int, words: str
) -> None:
    other = f"{index_prefix}incidents-v{version}"
    elasticsearch.indices.create(index=other, aliases={f"{index_prefix}incidents": {}})
    try:
        with pytest.raises(SetupError, match=words):
            indices.make(elasticsearch, index_prefix)
        assert list(elasticsearch.indices.get(index=f"{index_prefix}*")) == [other]
    finally:
        elasticsearch.indices.delete(index=other)


def test_an_index_of_others_is_refused_and_one_that_a_later_tocsin_made_is_not(
    elasticsearch: Elasticsearch, index_prefix: str
) -> None:
    assert indices.make(elasticsearch, index_prefix)
    elasticsearch.indices.put_mapping(index=f"{index_prefix}outcomes", properties={"later": {"type": "keyword"}})
    assert indices.make(elasticsearch, index_prefix)

    elasticsearch.indices.delete(index=f"{index_prefix}outcomes-v{VERSION}")
    foreign = {"properties": {"status": {"properties": {"name": {"type": "keyword"}}}}}
    elasticsearch.indices.create(index=f"{index_prefix}outcomes-v{VERSION}", mappings=foreign)
    with pytest.raises(SetupError, match="made by another Tocsin; use its images"):
        indices.make(elasticsearch, index_prefix)


def test_all_of_it_ends_well_and_may_run_again(
    servers: Servers, index_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_REDIS_URL", servers.redis_url)
    monkeypatch.setenv("TOCSIN_ELASTICSEARCH_URL", servers.elasticsearch_url)
    monkeypatch.setenv("TOCSIN_INDEX_PREFIX", index_prefix)
    settings.cache_clear()
    try:
        for _ in range(2):
            run.run({}, patience_s=30)
        with pytest.raises(SetupError, match="needs 99999999"):
            run.run({}, least_memory_mb=99999999)
    finally:
        settings.cache_clear()
