"""Takes the indices to the version of this code while articles flow, and searches are answered throughout.

    articles-v1 ◀─ articles, articles-of-v1        old workers and API: write, read
        │  copied in rounds, see `copying`
        ▼
    articles-v2

    1  the old indices are blocked for writes: what wants to be written waits at its step
    2  the last round
    3  all aliases at once:  articles ─▶ articles-v2,  articles-of-v2 ─▶ articles-v2

Code of the old version goes on to read the old indices, which stay, and can write nothing any more: what it holds goes
back to the queue and waits for workers of the new version. So no document is ever read or written by code of another
version. What breaks off before step 3 leaves everything as it was; repeated, it begins anew.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError
from redis import RedisError

from shared import index
from shared.documents import mapping
from shared.domain.base import Model
from shared.errors import Outage, SetupError, Transient
from shared.index import MODELS, WrongVersion, create, index_name, own_alias, stored_version
from shared.logs import logger
from shared.upkeep.copying import Copy
from shared.upkeep.migrations import path

log = logger(__name__)

#: Holds everyone else off some names. See `shared.incidents.locks`.
Locks = Callable[[Iterable[str]], AbstractContextManager[Callable[[], None]]]
#: The lock of whoever does something to all of the data.
UPKEEP = "upkeep"
#: Documents that may be left for the last round, in which nothing can be written, and rounds to get there.
FEW, ROUNDS = 500, 10
#: Settings that an operator may have changed, and that the new index takes over.
_KEPT = ("number_of_shards", "number_of_replicas", "auto_expand_replicas", "refresh_interval")


class Upgraded(Model):
    """What an upgrade has done."""

    before: int | None  #: version of the indices before; None: there were none
    now: int
    copied: int = 0  #: documents, some more than once
    blocked_s: float = 0  #: for so long nothing could be written
    dropped: tuple[str, ...] = ()  #: indices of older versions that were deleted


def upgrade(client: Elasticsearch, prefix: str, *, locks: Locks) -> Upgraded:
    """Take the indices to the version of this code. Does nothing where they are.

    Raises:
        WrongVersion: they are of a newer one.
        SetupError: there is no way from their version, a document cannot be converted, or others are at it.
    """
    before = _version(client, prefix)
    if before is None or (before == index.VERSION and not _blocked(client, prefix, before)):
        return Upgraded(before=before, now=index.VERSION)
    try:
        with locks([UPKEEP]) as confirm:
            before = _version(client, prefix)  # again: somebody may have been faster
            if blocked := _blocked(client, prefix, before):  # left by an upgrade that was killed
                _unblock(client, blocked)
            if before is None or before == index.VERSION:
                return Upgraded(before=before, now=index.VERSION)
            return _take_up(client, prefix, before, confirm)
    except Outage:
        raise
    except Transient as error:
        raise SetupError(f"{error}: a backup or another upgrade is at work; wait for it") from error


def _version(client: Elasticsearch, prefix: str) -> int | None:
    before = stored_version(client, prefix)
    if before is not None and before > index.VERSION:
        raise WrongVersion(
            f"the indices are of version {before}, this Tocsin is of version {index.VERSION}: there is no way back; "
            f"restore a backup from before the upgrade"
        )
    return before


def _blocked(client: Elasticsearch, prefix: str, version: int | None) -> list[str]:
    """Return the indices of a version that cannot be written."""
    names = [index_name(prefix, name, version) for name in MODELS] if version is not None else []
    found: Mapping[str, Any] = client.indices.get_settings(index=names, ignore_unavailable=True).body if names else {}
    return [one for one, value in found.items() if value["settings"]["index"].get("blocks", {}).get("write") == "true"]


def _unblock(client: Elasticsearch, names: list[str]) -> None:
    client.indices.put_settings(index=names, settings={"index.blocks.write": None})


def _take_up(client: Elasticsearch, prefix: str, before: int, confirm: Callable[[], None]) -> Upgraded:
    steps = path(before)
    names = [name for name in MODELS if client.indices.exists(index=index_name(prefix, name, before))]
    copies = []
    for name in names:
        old, new = index_name(prefix, name, before), index_name(prefix, name, index.VERSION)
        confirm()
        _make(client, name, old, new)
        copies.append(Copy(client, name, old, new, steps=steps, confirm=confirm))
    copied = _copy(copies)
    blocked_at = time.monotonic()
    copied += _switch(client, prefix, before, dict(zip(names, copies, strict=True)), confirm)
    return Upgraded(before=before, now=index.VERSION, copied=copied, blocked_s=round(time.monotonic() - blocked_at, 2))


def _make(client: Elasticsearch, name: str, old: str, new: str) -> None:
    """Create an empty index for the copy. What an upgrade that broke off has left of it is deleted."""
    client.indices.delete(index=new, ignore_unavailable=True)
    settings = client.indices.get_settings(index=old)[old]["settings"]["index"]
    kept = {name: settings[name] for name in _KEPT if name in settings}
    if int(settings.get("number_of_replicas", 0)):  # a number that an operator chose is no upper bound of ours
        kept.setdefault("auto_expand_replicas", "false")
    create(client, new, mapping(MODELS[name]), **kept)
    client.cluster.health(index=new, wait_for_status="yellow", timeout="20s")


def _copy(copies: list[Copy]) -> int:
    copied = 0
    for number in range(ROUNDS):
        found = sum(copy.catch_up() for copy in copies)
        gone = sum(copy.prune() for copy in copies)
        copied += found
        log.info("upgrade_round", round=number + 1, copied=found, deleted=gone)
        if found <= FEW:
            break
    return copied


def _switch(
    client: Elasticsearch, prefix: str, before: int, copies: dict[str, Copy], confirm: Callable[[], None]
) -> int:
    """Block the old indices, copy the rest and change all aliases at once. Unblocks them when that fails.

    Who has lost the lock leaves them as they are: the block may be another's. The next upgrade lifts it.
    """
    old = [index_name(prefix, name, before) for name in copies]
    try:
        for one in old:
            client.indices.add_block(index=one, block="write")  # returns when no write is under way any more
            confirm()
        copied = 0
        for copy in copies.values():
            copied += copy.catch_up()
            copy.prune()
            copy.check()
        confirm()
        client.indices.update_aliases(actions=_actions(prefix, before, copies))
    except BaseException:
        with suppress(ApiError, TransportError, RedisError, Transient):
            confirm()
            if stored_version(client, prefix) == before:
                _unblock(client, old)
        raise
    log.info("upgraded", before=before, now=index.VERSION)
    return copied


def _actions(prefix: str, before: int, names: Iterable[str]) -> list[dict[str, dict[str, str]]]:
    actions = []
    for name in names:
        new = index_name(prefix, name, index.VERSION)
        actions += [
            {"remove": {"index": index_name(prefix, name, before), "alias": f"{prefix}{name}"}},
            {"add": {"index": new, "alias": f"{prefix}{name}"}},
            {"add": {"index": new, "alias": own_alias(prefix, name)}},
        ]
    return actions


def drop_old(client: Elasticsearch, prefix: str) -> Upgraded:
    """Delete the indices of older versions: code of those can read nothing from then on.

    Raises:
        WrongVersion: the indices in use are not of the version of this code.
    """
    found = index.need_version(client, prefix)
    names = [
        index_name(prefix, name, version)
        for name in MODELS
        for version in range(1, index.VERSION)
        if found is not None and client.indices.exists(index=index_name(prefix, name, version))
    ]
    for name in names:
        client.indices.delete(index=name)
    return Upgraded(before=found, now=index.VERSION, dropped=tuple(names))
