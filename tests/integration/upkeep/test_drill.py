"""The drill: a backup while articles flow, everything destroyed, a restore into empty servers, an audit."""

import json
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from services.api.app import create_app
from services.api.dependencies import Services
from shared.delivery.ledger import Ledger
from shared.delivery.quarantine import Quarantine
from shared.delivery.reconcile import reconcile
from shared.domain.coded import CodedArticle
from shared.domain.outcome import Status
from shared.errors import SetupError
from shared.incidents.locks import redis_locks
from shared.index import ensure
from shared.pipeline import INDEX
from shared.upkeep import run
from shared.upkeep.backup import back_up
from shared.upkeep.upgrade import UPKEEP, Locks
from tests import examples
from tests.integration.upkeep.scene import Scene, happenings

ARTICLES = 90
HOOK = {"type": "webhook", "url": "https://desk.example/hook"}


@pytest.fixture
def api(scene: Scene) -> Iterator[TestClient]:
    """The API of the installation."""
    ensure(scene.client, scene.prefix)
    services = Services(
        redis=scene.redis, ledger=scene.ledger, elasticsearch=scene.client, index_prefix=scene.prefix,
        send=lambda *_: None, pressure=lambda: None,
    )  # fmt: skip
    with TestClient(create_app(services), base_url=examples.API) as client:
        yield client


class Flow:
    """Articles that are accepted and sent, and sent again as fetcher, extractor and classifier would."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.articles = happenings(ARTICLES)
        self.by_url: dict[str, CodedArticle] = {one.article.url: one for one in self.articles}
        self.accepted: list[str] = []

    def submit(self, first: int, last: int) -> None:
        """Accept and send articles."""
        for coded in self.articles[first:last]:
            one = self.scene.accept(coded)
            self.accepted.append(one.id)
            self.scene.send((one, coded))

    def resend(self) -> int:
        """Reconcile as any worker does; what goes back to the start is coded again, from its stored page."""

        def send(_: Any, items: Any) -> None:
            for item in items:
                assert self.scene.pages.find(item.submission) is not None
                self.scene.send((item.submission, self.by_url[item.submission.url]), run=item.run)

        overdue = dict.fromkeys(("fetch", "extract", "classify", "index", "record", "notify"), 3600.0)
        return reconcile(self.scene.ledger, send=send, waiting=lambda _: 0, overdue_s=overdue)


def decide(api: TestClient, kind: str, number: str, **body: Any) -> None:
    found = api.get(f"/v1/incidents/{number}").json()
    known = {"who": "ana", "why": "I was there", "revision": found["revision"]}
    answer = api.post(f"/v1/incidents/{number}/{kind}", json=known | body)
    assert answer.status_code == 200, answer.text


def test_nothing_accepted_before_a_backup_is_lost_with_all_servers(scene: Scene, api: TestClient) -> None:
    backup = scene.folder / "backup"
    flow, worker = Flow(scene), scene.indexer()
    flow.submit(0, 45)
    scene.wait(lambda: scene.ledger.in_flight() == 0)
    scene.client.indices.refresh(index=f"{scene.prefix}incidents")
    first, second, third = sorted(scene.documents("incidents"))[:3]
    decide(api, "merge", first, into=second)
    decide(api, "edit", third, fields={"title": "As I saw it"})
    saved = api.post("/v1/alerts", json={"name": "bombs", "query": {"type": ["explosive_remote"]}, "channel": HOOK})
    assert saved.status_code == 201, saved.text
    lost = scene.accept(flow.articles[45])
    flow.accepted.append(lost.id)
    Quarantine(scene.redis).add(INDEX, {"broken": True}, ValueError("a bug"), submission_id=lost.id)
    before = scene.everything()

    streaming = threading.Thread(target=flow.submit, args=(46, ARTICLES))
    streaming.start()
    scene.wait(lambda: scene.ledger.in_flight() > 3)
    began = set(flow.accepted)
    done = run.backup(scene.settings, backup)
    assert done.counts["in_flight"] > 0
    streaming.join()
    worker.kill()
    worker.wait(60)
    scene.destroy()
    assert not scene.client.indices.exists(index=f"{scene.prefix}articles")

    back = run.restore(scene.settings, backup)
    assert (back.taken_at, back.counts, back.pages_missing) == (done.taken_at, done.counts, 0)
    restored = scene.everything()
    for name in ("decisions", "alerts"):
        assert restored[name] == before[name]
    assert before["outcomes"].items() <= restored["outcomes"].items()
    assert before["incidents"].keys() <= restored["incidents"].keys()  # numbers are for ever
    scene.indexer()
    scene.wait(lambda: (flow.resend(), scene.ledger.in_flight())[1] == 0)
    audit = api.get("/v1/audit", params={"deep": True}).json()
    assert (audit["balance"], audit["missing"]["total"], audit["unknown"]["total"]) == (0, 0, 0), audit
    outcomes = scene.documents("outcomes")
    assert audit["accepted"] == len(outcomes)
    assert began <= outcomes.keys() <= set(flow.accepted)
    assert {one["status"] for one in outcomes.values()} == {Status.INDEXED, Status.DISCARDED}
    _is_whole(scene, first, second, third)
    assert api.get(f"/v1/incidents/{first}", follow_redirects=False).headers["location"].endswith(second)


def _is_whole(scene: Scene, first: str, second: str, third: str) -> None:
    """Assert that incidents are told by their reports, and stand as people decided."""
    incidents, reports = scene.documents("incidents"), scene.documents("reports")
    told: dict[str, int] = {}
    for report in reports.values():
        told[report["incident_id"]] = told.get(report["incident_id"], 0) + 1
    assert told == {one: value["reports"] for one, value in incidents.items() if value["status"] == "active"}
    assert (incidents[first]["status"], incidents[first]["merged_into"]) == ("merged", second)
    assert incidents[third]["title"] == "As I saw it"


def test_what_lay_in_quarantine_and_what_was_told_comes_back(scene: Scene) -> None:
    ensure(scene.client, scene.prefix)
    (coded,) = happenings(1)
    one = scene.accept(coded)
    scene.ledger.close([one.id])
    quarantine = Quarantine(scene.redis)
    quarantine.add(INDEX, {"broken": "\x00"}, ValueError("a bug"), submission_id=one.id)
    scene.redis.hset("tocsin:changed", "TCN-1", b"3 1790000000.5")
    scene.redis.zadd("tocsin:changed:due", {"TCN-1": 1790000000.5})
    scene.redis.set("tocsin:told:msg_1", 1, ex=1000)
    (specimen,) = quarantine.list(INDEX)
    run.backup(scene.settings, scene.folder / "backup")
    scene.destroy()
    run.restore(scene.settings, scene.folder / "backup")
    assert list(quarantine.list(INDEX)) == [specimen]
    assert scene.redis.hgetall("tocsin:changed") == {b"TCN-1": b"3 1790000000.5"}
    assert scene.redis.zcard("tocsin:changed:due") == 1
    assert 0 < scene.redis.ttl("tocsin:told:msg_1") <= 1000
    assert Ledger(scene.redis).snapshot().accepted == 1
    assert scene.pages.find(one) is not None


def damaged(backup: Path, how: str) -> None:
    """Damage a backup."""
    (data,) = backup.glob("data-*")
    match how:
        case "cut off":
            path = data / "outcomes.jsonl.gz"
            path.write_bytes(path.read_bytes()[:-1])
        case "a bit":
            path = data / "ledger.jsonl.gz"
            raw = bytearray(path.read_bytes())
            raw[-9] ^= 1
            path.write_bytes(bytes(raw))
        case "without pages":
            shutil.rmtree(backup / "pages")
        case "newer":
            path = backup / "manifest.json"
            path.write_text(json.dumps(json.loads(path.read_text()) | {"index_version": 999}))
        case _:
            (backup / "manifest.json").unlink()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("cut off", "the backup is damaged: "),
        ("a bit", "the backup is damaged: "),
        ("without pages", "there is no page store at "),
        ("newer", "documents of version 999 cannot be read by this Tocsin"),
        ("never finished", "holds no backup: manifest.json is not there"),
    ],
)
def test_a_damaged_backup_is_refused_before_anything_is_written(scene: Scene, how: str, words: str) -> None:
    ensure(scene.client, scene.prefix)
    scene.accept(happenings(1)[0])
    backup = scene.folder / "backup"
    run.backup(scene.settings, backup)
    damaged(backup, how)
    scene.destroy()
    failed = scene.run("shared.upkeep", "restore", str(backup))
    assert failed.returncode == 1
    assert words in failed.stderr
    assert len(failed.stderr.splitlines()) == 1
    assert not scene.redis.keys("tocsin:*")
    assert not scene.client.indices.get(index=f"{scene.prefix}*")
    assert not list((scene.folder / "pages").glob("**/*.gz"))


def test_what_is_not_empty_is_replaced_only_when_told(scene: Scene) -> None:
    ensure(scene.client, scene.prefix)
    backup = scene.folder / "backup"
    one = scene.accept(happenings(1)[0])
    run.backup(scene.settings, backup)
    other = scene.accept(happenings(2)[1])
    refused = scene.run("shared.upkeep", "restore", str(backup))
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert "Redis holds a ledger already" in refused.stderr
    assert scene.run("shared.upkeep", "restore", str(backup), "--replace").returncode == 0
    assert scene.ledger.find(one.id) is not None
    assert scene.ledger.find(other.id) is None
    scene.redis.flushdb()
    scene.client.create(index=f"{scene.prefix}outcomes", id="1", document={"submission_id": "1"}, refresh=True)
    refused = scene.run("shared.upkeep", "restore", str(backup))
    assert f"{scene.prefix}outcomes-v1 holds documents already" in refused.stderr


def test_a_later_backup_writes_new_pages_only_and_one_that_fails_leaves_the_earlier_whole(scene: Scene) -> None:
    ensure(scene.client, scene.prefix)
    backup = scene.folder / "backup"
    scene.accept(happenings(1)[0])
    assert run.backup(scene.settings, backup).counts["bodies_new"] == 1
    scene.accept(happenings(2)[1])
    second = run.backup(scene.settings, backup)
    assert (second.counts["pages"], second.counts["bodies_new"]) == (2, 1)
    assert len(list(backup.glob("data-*"))) == 1
    (scene.folder / "pages").rename(scene.folder / "unplugged")
    failed = scene.run("shared.upkeep", "backup", str(backup))
    assert failed.returncode == 1
    assert [one.name for one in backup.glob("data-*")] == [second.folder]
    (scene.folder / "unplugged").rename(scene.folder / "pages")
    (backup / "holiday.jpg").write_bytes(b"")
    failed = scene.run("shared.upkeep", "backup", str(backup))
    assert "holds holiday.jpg, which is no part of a backup" in failed.stderr


def test_a_backup_holds_off_others_to_its_end_and_without_the_lock_it_is_none(scene: Scene) -> None:
    ensure(scene.client, scene.prefix)
    backup, held = scene.folder / "backup", redis_locks(scene.redis, lease_s=10, patience_s=0)
    pages = scene.pages
    asked: list[str] = []

    def take(locks: Locks) -> None:
        back_up(backup, redis=scene.redis, client=scene.client, prefix=scene.prefix, pages=pages, locks=locks)

    @contextmanager
    def lost(names: Iterable[str]) -> Iterator[Callable[[], None]]:
        asked.extend(names)
        with held(names) as confirm:
            if names == [UPKEEP]:
                yield lambda: (scene.redis.delete(f"tocsin:lock:{UPKEEP}"), confirm())[1]
            else:
                yield confirm

    with held([UPKEEP]), pytest.raises(SetupError, match="an upgrade or another backup is at work"):
        take(held)
    with pytest.raises(SetupError, match="a lock ran out"):
        take(lost)
    assert asked[0] == UPKEEP
    assert not list(backup.glob("data-*"))
    assert not (backup / "manifest.json").exists()
    take(held)
    assert not scene.redis.keys("tocsin:lock:*")
