"""The indices go to the next version while articles flow through real workers, and searches are answered throughout."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient

from services.api.app import create_app
from services.api.dependencies import Services
from shared import index
from shared.domain.outcome import Status
from shared.errors import SetupError, Transient
from shared.incidents.locks import redis_locks
from shared.index import ensure, own_alias
from shared.upkeep.copying import Copy
from shared.upkeep.upgrade import UPKEEP, _switch, upgrade
from tests import examples
from tests.integration.upkeep.bumped import LABEL, NEXT
from tests.integration.upkeep.scene import BUMPED, Scene, happenings

ARTICLES = 100


@contextmanager
def asked(ask: Callable[[], int]) -> Iterator[list[int | str]]:
    """Ask over and over while the context is open, and keep the answers, errors too."""
    answers: list[int | str] = []
    ended = threading.Event()

    def go_on() -> None:
        while not ended.wait(0.1):
            try:
                answers.append(ask())
            except Exception as error:  # noqa: BLE001 - any error is what the test looks for
                answers.append(repr(error))

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield answers
    finally:
        ended.set()
        thread.join()


def test_articles_flow_and_searches_are_answered_throughout(scene: Scene) -> None:
    ensure(scene.client, scene.prefix)
    old = scene.indexer()
    articles = happenings(ARTICLES)
    receipts = []

    def submit(first: int, last: int) -> None:
        for one in articles[first:last]:
            receipts.append(scene.accept(one))
            scene.send((receipts[-1], one))

    services = Services(
        redis=scene.redis, ledger=scene.ledger, elasticsearch=scene.client, index_prefix=scene.prefix,
        send=lambda *_: None, pressure=lambda: None,
    )  # fmt: skip
    with TestClient(create_app(services), base_url=examples.API) as api:
        submit(0, 30)
        scene.wait(lambda: scene.ledger.in_flight() < 20)
        scene.wait(lambda: api.get("/v1/incidents").json()["total"] > 0)
        flow = threading.Thread(target=submit, args=(30, 80))
        with (
            asked(lambda: int(api.get("/v1/incidents").raise_for_status().json()["total"])) as by_api,
            asked(lambda: int(scene.client.count(index=f"{scene.prefix}incidents")["count"])) as by_alias,
        ):
            flow.start()
            upgrading = scene.start(BUMPED, "upkeep", "upgrade")
            assert upgrading.wait(120) == 0, scene.log.read_text()
            flow.join()
            submit(80, ARTICLES)  # nobody of the new version is there yet
            scene.wait(lambda: "this Tocsin is of version 1: start the newer Tocsin" in scene.log.read_text())
            old.terminate()
            assert old.wait(60) == 0
            scene.indexer(bumped=True)
            scene.wait(lambda: scene.ledger.in_flight() == 0)
        assert not [one for one in (*by_api, *by_alias) if not isinstance(one, int) or one < 1]
        assert len(by_api) > 5
    outcomes = scene.documents("outcomes")
    assert outcomes.keys() == {one.id for one in receipts}
    assert {one["status"] for one in outcomes.values()} == {Status.INDEXED, Status.DISCARDED}
    labelled = [one for one in outcomes.values() if LABEL in one["labels"]]
    assert 0 < len(labelled) < ARTICLES  # those of before, and not those that the new version wrote
    reports = scene.documents("reports")
    assert {one["article_id"] for one in reports.values()} == {
        coded.article.id for coded in articles if coded.coding.relevant
    }
    assert {one["incident_id"] for one in reports.values()} <= scene.documents("incidents").keys()
    assert scene.redis.zcard("tocsin:quarantine:index") == 0


def test_the_old_version_stops_and_the_new_one_waits_for_the_upgrade(scene: Scene) -> None:
    ensure(scene.client, scene.prefix)
    early = scene.indexer(bumped=True)
    assert early.wait(60) != 0
    told = f"are of version {index.VERSION}, this Tocsin needs version {NEXT}: run tocsin upgrade"
    assert told in scene.log.read_text()
    assert scene.run(BUMPED, "upkeep", "upgrade").returncode == 0
    late = scene.indexer()
    assert late.wait(60) != 0
    assert f"are of version {NEXT}, this Tocsin is of version {index.VERSION}" in scene.log.read_text()
    back = scene.run("shared.upkeep", "upgrade")
    assert back.returncode == 1
    assert "there is no way back" in back.stderr
    assert len(back.stderr.splitlines()) == 1
    assert scene.client.indices.exists(index=own_alias(scene.prefix, "incidents"))
    assert scene.run(BUMPED, "upkeep", "upgrade", "--drop-old").returncode == 0
    assert not scene.client.indices.exists(index=own_alias(scene.prefix, "incidents"))
    assert scene.client.indices.exists(index=f"{scene.prefix}incidents-v{NEXT}")


def test_an_index_has_copies_where_there_is_a_node_for_them_and_an_upgrade_keeps_what_an_operator_chose(
    scene: Scene,
) -> None:
    ensure(scene.client, scene.prefix)
    assert _copies(scene, "articles", index.VERSION) == ("0-1", "0")
    assert (
        scene.client.cluster.health(index=f"{scene.prefix}*", timeout="20s", wait_for_status="green")["status"]
        == "green"
    )
    chosen: dict[str, dict[str, object]] = {
        "outcomes": {"auto_expand_replicas": None, "number_of_replicas": 0},  # as of before
        "alerts": {"auto_expand_replicas": False, "number_of_replicas": 2},
        "reports": {"auto_expand_replicas": None, "number_of_replicas": 2},
        "decisions": {"auto_expand_replicas": "0-all"},
    }
    for name, settings in chosen.items():
        scene.client.indices.put_settings(index=f"{scene.prefix}{name}", settings=settings)

    assert scene.run(BUMPED, "upkeep", "upgrade").returncode == 0

    assert {
        name: _copies(scene, name, NEXT) for name in ("articles", "outcomes", "alerts", "reports", "decisions")
    } == {
        "articles": ("0-1", "0"),
        "outcomes": ("0-1", "0"),
        "alerts": ("false", "2"),
        "reports": ("false", "2"),
        "decisions": ("0-all", "0"),
    }


def _copies(scene: Scene, name: str, version: int) -> tuple[str, str]:
    found = scene.client.indices.get_settings(index=f"{scene.prefix}{name}-v{version}")
    ((_, one),) = found.items()
    return one["settings"]["index"]["auto_expand_replicas"], one["settings"]["index"]["number_of_replicas"]


def test_a_block_that_a_killed_upgrade_has_left_is_lifted_by_the_next(scene: Scene) -> None:
    ensure(scene.client, scene.prefix)
    scene.client.indices.add_block(index=f"{scene.prefix}outcomes-v1", block="write")
    locks = redis_locks(scene.redis, lease_s=10, patience_s=0)
    with locks([UPKEEP]), pytest.raises(SetupError, match="a backup or another upgrade is at work"):
        upgrade(scene.client, scene.prefix, locks=locks)
    assert upgrade(scene.client, scene.prefix, locks=locks).copied == 0
    settings = scene.client.indices.get_settings(index=f"{scene.prefix}*").body
    assert not [one for one in settings.values() if "blocks" in one["settings"]["index"]]


@pytest.mark.parametrize(("held", "left"), [(True, None), (False, "true")])
def test_who_lost_the_lock_lifts_no_block(scene: Scene, *, held: bool, left: str | None) -> None:
    ensure(scene.client, scene.prefix)
    name = f"{scene.prefix}outcomes-v1"
    asked: list[int] = []

    def confirm() -> None:
        asked.append(1)
        if len(asked) == 1 or not held:
            raise Transient("a lock ran out")

    copy = Copy(scene.client, "outcomes", name, f"{scene.prefix}outcomes-v2", steps=[], confirm=confirm)
    with pytest.raises(Transient):
        _switch(scene.client, scene.prefix, 1, {"outcomes": copy}, confirm)
    settings = scene.client.indices.get_settings(index=name)[name]["settings"]["index"]
    assert settings.get("blocks", {}).get("write") == left
