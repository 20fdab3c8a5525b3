"""Writes stored documents into an index as they are, with the versions by which the newest of them wins."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk

from shared.errors import SetupError, Unavailable
from shared.index import TRANSIENT_STATUSES

#: Indices whose documents have the version of what they tell, see `shared.incidents.store`: it is kept.
VERSIONED = frozenset({"articles", "reports", "outcomes"})
#: Documents in one request.
CHUNK = 200
#: How often what a busy server put off is sent again, and seconds between: together less than a lock is kept for.
_RETRIES: dict[str, Any] = {
    "max_retries": 8,
    "initial_backoff": 1,
    "max_backoff": 15,
    "retry_on_status": tuple(TRANSIENT_STATUSES),
}
_CONFLICT = 409


def stored(name: str, row: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """Return what writes a document again that was read as `row`."""
    kept = {"version": row["_version"], "version_type": "external_gte"} if name in VERSIONED else {}
    return {"_id": row["_id"], "_source": source, **kept}


def deleted(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what deletes a document that was read as `row`. The same version may be written again afterwards."""
    kept = {"version": row["_version"], "version_type": "external_gte"} if name in VERSIONED else {}
    return {"_op_type": "delete", "_id": row["_id"], **kept}


def write(
    client: Elasticsearch,
    index: str,
    operations: Iterable[Mapping[str, Any]],
    *,
    confirm: Callable[[], None] = lambda: None,
) -> int:
    """Write operations and return how many there were. A newer version that is there already stays.

    Args:
        client: where to.
        index: into which.
        operations: see `stored` and `deleted`.
        confirm: called before each request; what it raises ends the writing.

    Raises:
        SetupError: a document was refused; the message names it.
        Unavailable: the server stays too busy. Also what the client raises.
    """
    written = 0
    rest: Iterator[Mapping[str, Any]] = iter(operations)
    while chunk := list(islice(rest, CHUNK)):
        confirm()
        actions = [{"_index": index, **one} for one in chunk]
        _, errors = bulk(client, actions, raise_on_error=False, chunk_size=CHUNK, **_RETRIES)
        for error in errors if isinstance(errors, list) else ():
            found = next(iter(error.values()))
            if found.get("status") in TRANSIENT_STATUSES:
                raise Unavailable(f"Elasticsearch is busy: {index}: {found.get('error')}")
            if found.get("status") != _CONFLICT and found.get("result") != "not_found":
                raise SetupError(f"{index}: {found.get('_id')} was refused: {found.get('error')}")
        written += len(chunk)
    return written
