"""The indices: their names, their mappings derived from the nouns, and the client that reaches them.

Those of `MODELS` are aliases; the index behind each is `<alias>-v<VERSION>`. Mappings
are strict: a field that no model has is refused, not guessed at. Only core APIs are used.
"""

import types
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin

from elasticsearch import ApiError, ConnectionError, ConnectionTimeout, Elasticsearch  # noqa: A004 - its public name

from shared.domain.alert import Alert, Delivery
from shared.domain.base import Model, Name, Stored, Text
from shared.domain.decision import Decision
from shared.domain.event import Actor, Place
from shared.domain.incident import FiledArticle, Incident, Report
from shared.domain.outcome import Outcome
from shared.errors import TocsinError, Unavailable
from shared.spelling import plain

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

_SCALARS: dict[type, dict[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "long"},
    float: {"type": "double"},
    date: {"type": "date"},
    datetime: {"type": "date"},
    # a longer keyword than Lucene takes would refuse the whole document; past this length it is kept, not searched
    str: {"type": "keyword", "ignore_above": 8191},
}

#: A name in its plain spelling: whole for filters, word by word for full text. No filter of Elasticsearch's takes the
#: accents off: the smallest distribution has none.
_PLAIN: dict[str, Any] = {**_SCALARS[str], "fields": {"words": {"type": "text", "analyzer": "standard"}}}

#: What a document has besides its model.
_DERIVED = frozenset({"location", "plain"})

M = TypeVar("M", bound=Model)


class MappingMismatch(TocsinError):
    """An index of this version exists with fields that no model has, or of other types: raise the version."""


def mapping(model: type[Model]) -> dict[str, Any]:
    """Return the strict Elasticsearch mapping of a model."""
    return {"dynamic": "strict", "properties": _properties(model)}


def _properties(model: type[Model]) -> dict[str, Any]:
    fields = {
        field.alias or name: _field(field.annotation, field.metadata) for name, field in model.model_fields.items()
    }
    names = dict.fromkeys(_names(model), _PLAIN)
    return (
        fields
        | ({"location": {"type": "geo_point"}} if model is Place else {})
        | ({"plain": {"properties": names}} if names else {})
    )


@cache
def _names(model: type[Model]) -> tuple[str, ...]:
    """Return the fields that hold names: their document has them once more under `plain`, in one spelling."""
    return tuple(
        name for name, field in model.model_fields.items() if any(isinstance(mark, Name) for mark in field.metadata)
    )


def _field(annotation: Any, metadata: list[Any]) -> dict[str, Any]:
    if any(isinstance(mark, Stored) for mark in metadata):
        return {"type": "object", "enabled": False}
    if any(isinstance(mark, Text) for mark in metadata):
        return {"type": "text", "analyzer": "english"}
    return _type(annotation)


def _type(annotation: Any) -> dict[str, Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType, tuple):  # None and the dots of tuple[X, ...] have no mapping
        return _type(next(argument for argument in arguments if argument not in (type(None), ...)))
    if origin is dict:
        return {"properties": {str(key): _type(arguments[1]) for key in cast("type[StrEnum]", arguments[0])}}
    if hasattr(annotation, "__metadata__"):
        return _field(annotation.__origin__, list(annotation.__metadata__))
    if issubclass(annotation, Model):
        # nested for "this actor in that role", and copied flat for facets
        nested = {"type": "nested", "include_in_parent": True} if annotation is Actor else {}
        return {**nested, "properties": _properties(annotation)}
    return {"type": "keyword"} if issubclass(annotation, StrEnum) else _SCALARS[annotation]


def document(model: Model) -> dict[str, Any]:
    """Return a model as it is indexed: its JSON, its names in plain spelling, and a point where it has coordinates."""
    return _derived(model, model.model_dump(mode="json"))


def _derived(model: Model, dumped: dict[str, Any]) -> dict[str, Any]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if any(isinstance(mark, Stored) for mark in field.metadata):
            continue
        if isinstance(value, Model):
            _derived(value, dumped[field.alias or name])
        elif isinstance(value, tuple):
            for item, own in zip(value, dumped[field.alias or name], strict=True):
                if isinstance(item, Model):
                    _derived(item, own)
    if isinstance(model, Place) and model.lat is not None:
        dumped["location"] = {"lat": model.lat, "lon": model.lon}
    if names := _names(type(model)):
        dumped["plain"] = {name: _plain(getattr(model, name)) for name in names if getattr(model, name)}
    return dumped


def _plain(value: str | tuple[str, ...]) -> str | list[str]:
    return plain(value) if isinstance(value, str) else [plain(name) for name in value]


def from_document(model: type[M], source: Any) -> M:
    """Return the model that `document` was made of."""
    return model.model_validate(_unlocate(source))


def _unlocate(value: Any) -> Any:
    if isinstance(value, list):
        return [_unlocate(item) for item in value]
    if isinstance(value, dict):
        return {key: _unlocate(item) for key, item in value.items() if key not in _DERIVED}
    return value


def connect(url: str) -> Elasticsearch:
    """Return a client. It opens no connection yet, and never tries again by itself.

    Trying again is the business of `Step`, or of whoever called the API: retries in here would add up to more than the
    time limit of a step, and hold the threads of the API while the node hangs.
    """
    return Elasticsearch(url, request_timeout=10, max_retries=0, retry_on_timeout=False)


def ensure(client: Elasticsearch, prefix: str) -> None:
    """Create the indices and aliases that are missing, and add the fields that an index of this version lacks.

    Raises:
        MappingMismatch: an index of this version has a field that its model has not, or of another type.
        Unavailable: Elasticsearch is away.
    """
    try:
        for name, model in MODELS.items():
            _ensure(client, f"{prefix}{name}", mapping(model))
    except (ConnectionError, ConnectionTimeout) as error:
        raise Unavailable(f"Elasticsearch is away: {error}") from error
    except ApiError as error:
        if error.status_code in TRANSIENT_STATUSES:
            raise Unavailable(f"Elasticsearch is busy: {error}") from error
        raise


def _ensure(client: Elasticsearch, alias: str, wanted: dict[str, Any]) -> None:
    index = f"{alias}-v{VERSION}"
    if not client.indices.exists(index=index):
        try:
            client.indices.create(
                index=index,
                mappings=wanted,
                aliases={alias: {}},
                # An interval that is set keeps a quiet index fresh: by default one that nobody searches is not.
                settings={"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "1s"},
            )
        except ApiError as error:
            if error.message != "resource_already_exists_exception":  # another process was faster
                raise
    client.cluster.health(index=index, wait_for_status="yellow", timeout="20s")
    found = client.indices.get_mapping(index=index)[index]["mappings"]
    if _leaves(found) < _leaves(wanted):  # what is stored lacks the new fields, and they have defaults
        client.indices.put_mapping(index=index, dynamic=wanted["dynamic"], properties=wanted["properties"])
    elif _leaves(found) != _leaves(wanted):
        raise MappingMismatch(f"index {index} differs from its model in {sorted(_leaves(found) ^ _leaves(wanted))}")


def _leaves(node: dict[str, Any], path: str = "") -> set[str]:
    """Return `path:type` of every field, which is what two mappings must agree on."""
    fields = node.get("properties", {})
    own = {f"{path}:{node['type']}"} if "type" in node else set()
    return own.union(*(_leaves(child, f"{path}.{name}") for name, child in fields.items()))
