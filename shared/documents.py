"""What is stored of a model: its mapping, derived from its fields, its document, and the model again.

Mappings are strict: a field that no model has is refused, not guessed at. Only core APIs are used.
"""

import types
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import date, datetime
from enum import StrEnum
from functools import cache, reduce
from operator import getitem
from typing import Any, TypeVar, Union, cast, get_args, get_origin

from pydantic import ValidationError

from shared.domain.base import Model, Name, Stored, Text
from shared.domain.event import Actor, Place, Toll
from shared.domain.incident import Incident
from shared.domain.outcome import Outcome
from shared.domain.vocabulary import ActorRole
from shared.incidents.days import undated
from shared.spelling import plain

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

_PROSE: dict[str, Any] = {"type": "text", "analyzer": "english"}

#: What documents have besides their models, reckoned from them: what no aggregation of core APIs can reckon.
_RECKONED: dict[type[Model], dict[str, Any]] = {
    Place: {"location": {"type": "geo_point"}},
    Toll: {"spread": {"type": "long"}},  # how far the lowest and the highest number told lie apart
    Outcome: {"took_s": {"type": "double"}},  # from acceptance to the end, in seconds
    # flat, since Kibana counts nothing that lies in nested objects: those who have a name, and what the victims were
    Incident: dict.fromkeys(("perpetrators", "victims", "victim_sectors"), _SCALARS[str]),
}
#: What pydantic calls a field that no model has.
_UNKNOWN = "extra_forbidden"
_DERIVED = frozenset({"plain"}.union(*_RECKONED.values()))

M = TypeVar("M", bound=Model)


def mapping(model: type[Model]) -> dict[str, Any]:
    """Return the strict Elasticsearch mapping of a model."""
    return {"dynamic": "strict", "properties": _properties(model)}


def _properties(model: type[Model]) -> dict[str, Any]:
    fields = {
        field.alias or name: _field(field.annotation, field.metadata) for name, field in model.model_fields.items()
    }
    names: dict[str, Any] = dict.fromkeys(_names(model), _PLAIN)
    if model is Incident:
        names["summary"] = _PROSE
    return fields | _RECKONED.get(model, {}) | ({"plain": {"properties": names}} if names else {})


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
        return _PROSE
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
    """Return a model as it is indexed: its JSON, its names in plain spelling, and what is reckoned from it."""
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
    dumped |= _reckoned(model)
    if names := _names(type(model)):
        dumped["plain"] = {name: _plain(getattr(model, name)) for name in names if getattr(model, name)}
    if isinstance(model, Incident):
        dumped["plain"] = {"summary": undated(model)}
    return dumped


def _reckoned(model: Model) -> dict[str, Any]:
    """Return the fields of `_RECKONED`, less those that are not known."""
    if isinstance(model, Place) and model.lat is not None:
        return {"location": {"lat": model.lat, "lon": model.lon}}
    if isinstance(model, Toll) and model.min is not None and model.max is not None:
        return {"spread": model.max - model.min}
    if isinstance(model, Incident):
        return _parties(model.actors)
    if isinstance(model, Outcome):
        return {"took_s": (model.ended_at - model.accepted_at).total_seconds()}
    return {}


def _parties(actors: tuple[Actor, ...]) -> dict[str, list[str]]:
    of = {role: [actor for actor in actors if actor.role is role] for role in ActorRole}
    return {
        "perpetrators": _once(actor.name for actor in of[ActorRole.PERPETRATOR] if actor.named),
        "victims": _once(actor.name for actor in of[ActorRole.VICTIM] if actor.named),
        "victim_sectors": _once(actor.sector.value for actor in of[ActorRole.VICTIM]),
    }


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _plain(value: str | tuple[str, ...]) -> str | list[str]:
    return plain(value) if isinstance(value, str) else [plain(name) for name in value]


def from_document(model: type[M], source: Any) -> M:
    """Return the model that `document` was made of, without what a later Tocsin has added to it.

    Raises:
        pydantic.ValidationError: it is no document of this model.
    """
    found = _bare(model, source)
    try:
        return model.model_validate(found)
    except ValidationError as error:
        return model.model_validate(_without(found, [one["loc"] for one in error.errors() if one["type"] == _UNKNOWN]))


def _without(found: Any, places: Iterable[tuple[int | str, ...]]) -> Any:
    """Return a copy of a document that lacks the fields at some places."""
    kept = deepcopy(found)  # what was read may be compared with what is written
    for *path, name in places:
        del reduce(getitem, path, kept)[name]
    return kept


def _bare(model: type[Model], source: Any) -> Any:
    """Return a document without what is derived; where nothing can be, it is not looked through."""
    if not isinstance(source, dict):
        return source
    kept = dict(source)
    for key in _DERIVED & kept.keys() if _derives(model) else ():
        del kept[key]
    for key, inner in _inner(model).items():
        value = kept.get(key)
        if value:
            kept[key] = [_bare(inner, one) for one in value] if isinstance(value, list) else _bare(inner, value)
    return kept


@cache
def _inner(model: type[Model]) -> dict[str, type[Model]]:
    """Return the fields that hold models in which something is derived."""
    found = {field.alias or name: _held(field.annotation) for name, field in model.model_fields.items()}
    return {name: inner for name, inner in found.items() if inner and (_derives(inner) or _inner(inner))}


def _derives(model: type[Model]) -> bool:
    return model in _RECKONED or bool(_names(model))


def _held(annotation: Any) -> type[Model] | None:
    """Return the model that a field holds one or several of, None where it holds none."""
    if hasattr(annotation, "__metadata__"):
        return _held(annotation.__origin__)
    if get_origin(annotation) in (Union, types.UnionType, tuple):
        return next(filter(None, map(_held, get_args(annotation))), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, Model) else None


def bare(value: Any) -> Any:
    """Return a document of any version without what was derived from its model."""
    if isinstance(value, list):
        return [bare(item) for item in value]
    if isinstance(value, Mapping):
        return {key: bare(item) for key, item in value.items() if key not in _DERIVED}
    return value
