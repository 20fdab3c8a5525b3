"""A copy has what the original has: also what was changed, deleted and made anew while it was made."""

from typing import Any

import pytest
from elasticsearch import Elasticsearch

from shared.documents import document, mapping
from shared.domain.outcome import Outcome, Status
from shared.errors import SetupError, Transient
from shared.index import create, ensure, index_name
from shared.upkeep.copying import Copy
from shared.upkeep.migrations import path
from tests import examples
from tests.integration.upkeep.scene import Scene


@pytest.fixture
def old(scene: Scene) -> str:
    """An index of outcomes, named as itself."""
    ensure(scene.client, scene.prefix)
    return index_name(scene.prefix, "outcomes", 1)


@pytest.fixture
def new(scene: Scene) -> str:
    """An empty index beside it."""
    name = index_name(scene.prefix, "outcomes", 2)
    create(scene.client, name, mapping(Outcome))
    return name


def put(client: Elasticsearch, index: str, identifier: str, version: int, *labels: str) -> None:
    one = Outcome.of(examples.submission(), Status.INDEXED, step="index").model_copy(update={"labels": labels})
    client.index(index=index, id=identifier, document=document(one), version=version, version_type="external_gte")


def shown(client: Elasticsearch, index: str) -> dict[str, tuple[int, list[str]]]:
    client.indices.refresh(index=index)
    hits = client.search(index=index, version=True, size=1000)["hits"]["hits"]
    return {hit["_id"]: (hit["_version"], hit["_source"]["labels"]) for hit in hits}


def test_a_copy_follows_what_is_written_and_deleted(scene: Scene, old: str, new: str) -> None:
    confirmed: list[int] = []
    copy = Copy(scene.client, "outcomes", old, new, steps=[], confirm=lambda: confirmed.append(1))
    for n in range(250):  # more than a page
        put(scene.client, old, str(n), 7)
    assert (copy.catch_up(), copy.prune()) == (250, 0)
    assert len(confirmed) >= 2
    assert copy.catch_up() == 0
    put(scene.client, old, "0", 8, "later")
    for gone in ("1", "2"):
        scene.client.delete(index=old, id=gone)
    put(scene.client, old, "2", 9, "again")
    put(scene.client, old, "new", 3)
    assert (copy.catch_up(), copy.prune()) == (3, 1)
    copy.check()
    assert shown(scene.client, new) == shown(scene.client, old)
    assert shown(scene.client, new)["2"] == (9, ["again"])
    scene.client.delete(index=new, id="3", refresh=True)
    with pytest.raises(SetupError, match=r"has 249 documents and .* 250"):
        copy.check()


def test_what_was_deleted_and_made_anew_in_the_same_version_is_in_the_copy(scene: Scene, old: str, new: str) -> None:
    copy = Copy(scene.client, "outcomes", old, new, steps=[], confirm=lambda: None)
    for one in ("again", "other"):
        put(scene.client, old, one, 7)
    copy.catch_up()
    scene.client.delete(index=old, id="again", version=7, version_type="external_gte")
    assert copy.prune() == 1
    put(scene.client, old, "again", 7)
    assert (copy.catch_up(), copy.prune()) == (1, 0)
    copy.check()


def test_of_several_shards_each_is_copied_from_where_it_was_left(scene: Scene, new: str) -> None:
    old = index_name(scene.prefix, "outcomes", 3)
    create(scene.client, old, mapping(Outcome), number_of_shards=3)
    copy = Copy(scene.client, "outcomes", old, new, steps=[], confirm=lambda: None)
    for n in range(60):
        put(scene.client, old, str(n), 7)
    assert copy.catch_up() == 60
    for n in range(20):  # all in one shard, which gets far ahead of the others
        put(scene.client, old, "7", 8 + n)
    put(scene.client, old, "3", 8)
    assert copy.catch_up() == 2
    assert copy.catch_up() == 0
    copy.check()
    assert shown(scene.client, new) == shown(scene.client, old)


def test_what_cannot_be_converted_is_named_and_who_lost_the_lock_writes_nothing(
    scene: Scene, old: str, new: str
) -> None:
    put(scene.client, old, "bad", 1, "x")

    def step(_: str, found: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in found.items() if name != "status"}

    with pytest.raises(SetupError, match=r"document [0-9a-f]{32} of outcomes cannot be converted"):
        Copy(scene.client, "outcomes", old, new, steps=[step], confirm=lambda: None).catch_up()

    def lost() -> None:
        raise Transient("a lock ran out")

    with pytest.raises(Transient):
        Copy(scene.client, "outcomes", old, new, steps=[], confirm=lost).catch_up()
    assert shown(scene.client, new) == {}


def test_there_is_no_way_back_and_none_without_a_function() -> None:
    assert path(1) == []
    with pytest.raises(SetupError, match="take a newer one"):
        path(2)
    with pytest.raises(SetupError, match="has no way from version 0"):
        path(0)
