"""The indices: their names, their versions, and the client that reaches them.

Those of `MODELS` are aliases for people and Kibana; the index behind each is `<alias>-v<VERSION>`. The code reads and
writes by a second alias, `<alias>-of-v<VERSION>`, so that it never meets documents of another version: see
`shared.upkeep.upgrade`. What lies in them: `shared.documents`.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from elasticsearch import ApiError, ConnectionError, ConnectionTimeout, Elasticsearch  # noqa: A004 - its public name

from shared.documents import mapping
from shared.domain.alert import Alert, Delivery
from shared.domain.base import Model
from shared.domain.decision import Decision
from shared.domain.incident import FiledArticle, Incident, Report
from shared.domain.outcome import Outcome
from shared.errors import SetupError, TocsinError, Unavailable

VERSION = 1

#: What each alias holds.
MODELS: dict[str, type[Model]] = {
    "articles": FiledArticle,
    "reports": Report,
    "incidents": Incident,
    "outcomes": Outcome,
    "decisions": Decision,
    "alerts": Alert,
    "deliveries": Delivery,
}

#: HTTP statuses of a server that may do better later.
TRANSIENT_STATUSES = frozenset({408, 429, 502, 503, 504})


class MappingMismatch(TocsinError):
    """An index of this version has a field of another type than its model: raise the version."""


class WrongVersion(SetupError):
    """The indices are of another version than this code."""


def own_alias(prefix: str, name: str) -> str:
    """Return the alias by which code of this version reads and writes an index."""
    return f"{prefix}{name}-of-v{VERSION}"


def index_name(prefix: str, name: str, version: int) -> str:
    """Return the name of an index itself."""
    return f"{prefix}{name}-v{version}"


def stored_version(client: Elasticsearch, prefix: str) -> int | None:
    """Return the version of the indices that are in use, None where there are none. Raises what the client raises."""
    found = client.indices.get_alias(index=f"{prefix}*")
    wanted = {f"{prefix}{name}" for name in MODELS}
    versions = [
        int(match[2])
        for index, value in found.items()
        if (match := re.fullmatch(r"(.+)-v(\d+)", index)) and match[1] in wanted and match[1] in value["aliases"]
    ]
    return max(versions, default=None)


def need_version(client: Elasticsearch, prefix: str) -> int | None:
    """Return the version of the indices in use, None where there are none.

    Raises:
        WrongVersion: it is not the one of this code.
    """
    found = stored_version(client, prefix)
    if found is not None and found > VERSION:
        raise WrongVersion(
            f"the indices {prefix}* are of version {found}, this Tocsin is of version {VERSION}: start the newer Tocsin"
        )
    if found is not None and found < VERSION:
        raise WrongVersion(
            f"the indices {prefix}* are of version {found}, this Tocsin needs version {VERSION}: run tocsin upgrade"
        )
    return found


def need_fitting(client: Elasticsearch, prefix: str) -> None:
    """Stop whoever starts with indices of another version. One that cannot be asked yet is asked at first use.

    Raises:
        WrongVersion: see `need_version`.
    """
    with suppress(ConnectionError, ConnectionTimeout, ApiError):
        need_version(client, prefix)


def connect(url: str) -> Elasticsearch:
    """Return a client. It opens no connection yet, and never tries again by itself.

    Trying again is the business of `Step`, or of whoever called the API: retries in here would add up to more than the
    time limit of a step, and hold the threads of the API while the node hangs.
    """
    return Elasticsearch(url, request_timeout=10, max_retries=0, retry_on_timeout=False)


def ensure(client: Elasticsearch, prefix: str) -> None:
    """Create the indices and aliases that are missing, and add the fields that an index of this version lacks.

    Fields that an index has and its model has not were added by a later Tocsin of the same version, and stay: this one
    neither reads nor writes them. What must not be lost by that needs another version.

    Raises:
        MappingMismatch: an index of this version has a field of another type than its model.
        WrongVersion: the indices are of another version.
        Unavailable: Elasticsearch is away.
    """
    try:
        need_version(client, prefix)
        for name, model in MODELS.items():
            _ensure(client, prefix, name, mapping(model))
    except (ConnectionError, ConnectionTimeout) as error:
        raise Unavailable(f"Elasticsearch is away: {error}") from error
    except ApiError as error:
        if error.status_code in TRANSIENT_STATUSES:
            raise Unavailable(f"Elasticsearch is busy: {error}") from error
        raise


def _ensure(client: Elasticsearch, prefix: str, name: str, wanted: dict[str, Any]) -> None:
    index, aliases = index_name(prefix, name, VERSION), (f"{prefix}{name}", own_alias(prefix, name))
    if not client.indices.exists(index=index):
        create(client, index, wanted, aliases=aliases)
    found = client.indices.get_alias(index=index)[index]["aliases"]
    if missing := [alias for alias in aliases if alias not in found]:
        client.indices.update_aliases(actions=[{"add": {"index": index, "alias": alias}} for alias in missing])
    client.cluster.health(index=index, wait_for_status="yellow", timeout="20s")
    there, own = (_types(one) for one in (client.indices.get_mapping(index=index)[index]["mappings"], wanted))
    if other := sorted(path for path in there.keys() & own.keys() if there[path] != own[path]):
        raise MappingMismatch(f"index {index} differs from its model in {', '.join(other)}")
    if own.keys() - there.keys():  # what is stored lacks the new fields, and they have defaults
        client.indices.put_mapping(index=index, dynamic=wanted["dynamic"], properties=wanted["properties"])


def create(
    client: Elasticsearch, index: str, wanted: dict[str, Any], *, aliases: Iterable[str] = (), **settings: Any
) -> None:
    """Create an index with a mapping, unless another process was faster."""
    # A copy of each shard as soon as there is a second node to hold it; a single one stays green without.
    # An interval that is set keeps a quiet index fresh: by default one that nobody searches is not.
    defaults = {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "1s"}
    try:
        client.indices.create(
            index=index, mappings=wanted, aliases={alias: {} for alias in aliases}, settings=defaults | settings
        )
    except ApiError as error:
        if error.message != "resource_already_exists_exception":
            raise


def _types(node: dict[str, Any], path: str = "") -> dict[str, str]:
    """Return the type of every field by its path, which is what two mappings must agree on."""
    found: dict[str, str] = {}
    for name, child in node.get("properties", {}).items():
        own = f"{path}.{name}" if path else name
        found |= {own: child.get("type", "object"), **_types(child, own)}
    return found
