"""Brings a backup into empty servers: pages first, then marks and the indices, the ledger last.

Nothing is written before every file but the bodies was found as it was backed up. A body that is missing or damaged
keeps no other back: its record is restored, by which a replay from fetch can ask the site again, and it is named at the
end. Marks come before the deliveries, so that none is there that looks as if its receiver had not taken it. The ledger
comes last because with it work begins: what was in flight is sent again by the reconciler, and needs its page and the
index then.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch
from pydantic import TypeAdapter
from redis import Redis

from shared import broker, index
from shared.errors import SetupError
from shared.index import MODELS, ensure, index_name, own_alias, stored_version
from shared.logs import logger
from shared.pages import PageStore, Record, open_page_store
from shared.upkeep import books, folder
from shared.upkeep.bodies import Brought, bring
from shared.upkeep.books import Entry, Late, Line, Mark, Moment, Note, Specimen, Sums
from shared.upkeep.folder import PAGES, Manifest
from shared.upkeep.migrations import converted, path
from shared.upkeep.writing import stored, write

log = logger(__name__)

MARKS = "marks"
#: How many submissions without a page are named in the answer; the log has all.
NAMED = 100
#: The files of Redis, and what a line of each may be.
_BOOKS: dict[str, TypeAdapter[Any]] = {
    "quarantine": TypeAdapter(Specimen),
    "notes": TypeAdapter(Note),
    MARKS: TypeAdapter(Mark),
    "ledger": TypeAdapter(Sums | Entry | Late),
}
#: Where Kombu keeps what workers hold.
_UNACKED = ("unacked", "unacked_index", "unacked_mutex")


class Restored(Manifest):
    """What a restore has brought in: the backup, but for some pages."""

    pages_missing: int  #: submissions whose page is neither in the backup nor in the page store
    missing: tuple[str, ...]  #: their ids, the first hundred


def restore(
    source: Path, *, redis: Redis, client: Elasticsearch, prefix: str, pages: PageStore, replace: bool = False
) -> Restored:
    """Bring the backup in the folder `source` in. No worker and no API may run meanwhile.

    Args:
        source: the folder.
        redis: where the ledger goes.
        client: where the indices go.
        prefix: of their names; it may be another than it was.
        pages: where the pages go. Those that are there and whole stay.
        replace: delete the indices of that prefix and all of Tocsin's in Redis first.

    Raises:
        SetupError: no backup, a damaged one, or one that this Tocsin cannot read; servers that are not empty. Nothing
            has been written then. Also a document that cannot be converted or is refused: those before it are there
            then, and the next try is with `replace`.
        RedisError, Outage, and what the client raises: a server went away; to be repeated with `replace`.
    """
    manifest = folder.read(source)
    steps = path(manifest.index_version)
    bodies = open_page_store(f"file://{(source / PAGES).absolute()}", create=False)
    if replace:
        _empty(redis, client, prefix)
    else:
        _need_empty(redis, client, prefix)
    missing = [record.submission.id for record in _records(source, manifest) if not _put_page(record, bodies, pages)]
    books.put(redis, _lines(source, manifest, MARKS), manifest.taken_at)
    ensure(client, prefix)
    for name in MODELS:
        if f"{name}.jsonl.gz" in manifest.files:
            rows = folder.rows(source, manifest, name)
            operations = (stored(name, row, converted(name, row["_source"], steps)) for row in rows)
            write(client, own_alias(prefix, name), operations)
            client.indices.refresh(index=own_alias(prefix, name))
    for name in _BOOKS:
        if name != MARKS:
            books.put(redis, _lines(source, manifest, name), manifest.taken_at)
    return Restored(**manifest.model_dump(), pages_missing=len(missing), missing=tuple(missing[:NAMED]))


def _records(source: Path, manifest: Manifest) -> Iterator[Record]:
    return (Record.model_validate(row) for row in folder.rows(source, manifest, "records"))


def _lines(source: Path, manifest: Manifest, name: str) -> Iterator[Line]:
    return (_BOOKS[name].validate_python(row) for row in folder.rows(source, manifest, name))


def _put_page(record: Record, bodies: PageStore, pages: PageStore) -> bool:
    """Restore a page and its record. Returns whether the page is there."""
    done = bring(record.page.body_key, source=bodies, target=pages)
    if pages.find(record.submission) is None:  # a later fetch than the backup stays
        pages.keep(record.submission, record.page)
        if record.fetch_again:
            pages.fetch_again(record)
    if done is Brought.NOWHERE:
        log.warning("page_without_body", submission=record.submission.id, body=record.page.body_key)
    return done is not Brought.NOWHERE


def _need_empty(redis: Redis, client: Elasticsearch, prefix: str) -> None:
    moment = Moment.of(redis)
    if moment.sums.accepted or moment.in_flight or any(moment.quarantined.values()):
        raise SetupError("Redis holds a ledger already: restore into an empty one, or say --replace")
    version = stored_version(client, prefix)
    for name in MODELS if version is not None else ():
        there = index_name(prefix, name, version or index.VERSION)
        if client.indices.exists(index=there) and client.count(index=there)["count"]:
            raise SetupError(f"{there} holds documents already: restore into empty indices, or say --replace")


def _empty(redis: Redis, client: Elasticsearch, prefix: str) -> None:
    for name in MODELS:
        for one in client.indices.get(index=f"{prefix}{name}-v*", allow_no_indices=True, expand_wildcards="all"):
            if one.removeprefix(f"{prefix}{name}-v").isdigit():
                client.indices.delete(index=one)
    redis.delete(*_UNACKED, *(queue.name for queue in broker.app.conf.task_queues))
    for key in redis.scan_iter("tocsin:*", count=10_000):
        redis.delete(key)
