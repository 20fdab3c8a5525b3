"""A STIX 2.1 bundle. Every id follows from content, so that two exports agree.

    of an incident            object
    ------------------------  -----------------------------------------------------------------------------------
    the incident              `incident`; what STIX has no property for stands in our extension of it
    its place                 `location`, and `relationship` located-at
    a named armed party       `threat-actor` where it did it, else `identity`; attributed-to, or targets
    its articles              `external_references` of the incident

Other parties stand in the extension alone: "two men" are nobody that another incident could name. Locations, groups
and forces that several incidents share come once, before the first of them.

The objects are written as they stand here: OASIS's library, which checks every one, takes seven times as long. Tests
have it read every shape that is written, and write it again as it was (`tests/unit/api/exports/test_stix.py`).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from services.api.exports.documents import Document, as_json, public
from shared.domain.incident import IncidentStatus
from shared.domain.vocabulary import ActorKind, ActorRole

_NAMESPACE = UUID("6f1c1d0e-4a37-5f0e-9d41-0b1e7c7a51c5")
#: When the scheme was made, UTC: the age of every object whose id is its content, which is as old as the scheme.
_FOUNDED = datetime(2026, 1, 1, tzinfo=UTC)
#: Shared objects remembered, so as not to write them twice; after so many the memory begins anew.
REMEMBERED = 50_000
_METRES = 1000  #: of a kilometre

#: Types of objects that several incidents may share.
_REPEATED = frozenset({"location", "identity", "threat-actor"})
#: An object of STIX, as JSON has it.
Object = dict[str, Any]

#: What the extension holds, and what it means. Unknown is left out.
EXTENSION: Mapping[str, str] = {
    "incident_id": "Permanent number of the incident.",
    "status": "Whether it stands: active.",
    "revision": "Counts its changes.",
    "event_type": "Family of the event.",
    "subtype": "What was done.",
    "realis": "Whether it happened: actual, attempted, threatened, hypothetical or denied.",
    "date": "Interval of days on which it happened: start, end, precision.",
    "place": "Where it happened, with precision and radius_km.",
    "killed": "How many were killed: min, best, max, by_role. Without a max there is no upper end.",
    "injured": "How many were injured, likewise.",
    "actors": "Who took part, named or not: name, role, kind, sector, count, named, aliases.",
    "targets": "What was aimed at: name, class.",
    "weapons": "Means used or seized: name, class.",
    "claimed_by": "Who said that it was theirs.",
    "reports": "How many articles tell it.",
    "publishers": "Who tells it.",
    "first_published": "First day of publication.",
    "last_published": "Last day of publication.",
}
#: Fields of an incident under another name in the extension.
_RENAMED = {"incident_id": "id", "event_type": "type", "publishers": "sites"}

_GROUPS = frozenset({ActorKind.GROUP, ActorKind.STATE_FORCE})
_RELATIONSHIPS = {
    ActorRole.PERPETRATOR: "attributed-to",
    ActorRole.VICTIM: "targets",
    ActorRole.TARGET: "targets",
}


def _moment(moment: datetime) -> str:
    """Return a moment in UTC as STIX writes it: to the millisecond, finer where it is."""
    written = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return f"{written.removesuffix('000')}Z"


def _id(kind: str, *content: object) -> str:
    return f"{kind}--{uuid5(_NAMESPACE, as_json([kind, *content]).decode())}"


def _object(kind: str, identifier: str, **properties: Any) -> Object:
    return {"type": kind, "spec_version": "2.1", "id": identifier, **properties}


_PRODUCER_ID, _EXTENSION_ID = _id("identity", "tocsin"), _id("extension-definition", "incident")
#: Of every object but the incidents.
_SHARED: Mapping[str, str] = {
    "created_by_ref": _PRODUCER_ID,
    "created": _moment(_FOUNDED),
    "modified": _moment(_FOUNDED),
}
_PRODUCER = _object(
    "identity",
    _PRODUCER_ID,
    created=_moment(_FOUNDED),
    modified=_moment(_FOUNDED),
    name="Tocsin",
    identity_class="system",
    description="Codes security incidents from news by machine.",
)
_EXTENSION = _object(
    "extension-definition",
    _EXTENSION_ID,
    **_SHARED,
    name="Tocsin incident",
    description="The coded fields of a security incident.",
    schema="\n".join(f"{name}: {meaning}" for name, meaning in EXTENSION.items()),
    version="1.0.0",
    extension_types=["property-extension"],
)


def write(documents: Iterable[Document]) -> Iterator[bytes]:
    """Yield one bundle. Its id comes last: it is made of everything before."""
    yield b'{"type":"bundle","objects":['
    digest = hashlib.sha256()
    comma = b""
    for one in _objects(documents):
        written = as_json(one)
        digest.update(written)
        yield comma + written
        comma = b",\n"
    yield f'],"id":"bundle--{UUID(bytes=digest.digest()[:16], version=5)}"}}\n'.encode()


def _objects(documents: Iterable[Document]) -> Iterator[Object]:
    yield from (_PRODUCER, _EXTENSION)
    known: set[str] = set()
    for document in documents:
        for one in objects(document):
            if one["type"] in _REPEATED:
                if one["id"] in known:
                    continue
                if len(known) >= REMEMBERED:
                    known.clear()
                known.add(one["id"])
            yield one


def objects(document: Document) -> Iterator[Object]:
    """Yield the objects of one incident, those first that others refer to."""
    incident = _incident(document)
    linked: dict[str, tuple[str, Object]] = {}
    if location := _location(document):
        linked[location["id"]] = ("located-at", location)
    for party in document.get("actors") or ():
        kind = _RELATIONSHIPS.get(party["role"])
        if kind and party["named"] and party["kind"] in _GROUPS:
            actor = _actor(party)
            linked.setdefault(actor["id"], (kind, actor))
    for _, other in linked.values():
        yield other
    yield incident
    for kind, other in linked.values():
        source, target = incident["id"], other["id"]
        identifier = _id("relationship", source, kind, target)
        yield _object(
            "relationship", identifier, **_SHARED, relationship_type=kind, source_ref=source, target_ref=target
        )


def _incident(document: Document) -> Object:
    shown = public(document)
    # by a millisecond a revision: a version must be newer than the one before, whatever changed it
    updated = datetime.fromisoformat(shown["updated_at"]) + timedelta(milliseconds=shown["revision"])
    coded = {name: shown[_RENAMED.get(name, name)] for name in EXTENSION}
    confidence = shown["confidence"]
    told = {
        "description": shown["summary"],
        "external_references": [_reference(source) for source in shown["sources"]],
        "confidence": round(100 * confidence) if confidence is not None else None,
        # left out where it is not so: that is what the library does
        "revoked": True if shown["status"] != IncidentStatus.ACTIVE else None,
    }
    return _object(
        "incident",
        _id("incident", shown["id"]),
        created_by_ref=_PRODUCER_ID,
        created=_moment(min(_FOUNDED, updated)),
        modified=_moment(updated),
        name=shown["title"],
        labels=[shown["type"], shown["subtype"], shown["realis"]],
        extensions={_EXTENSION_ID: {"extension_type": "property-extension", **_known(coded)}},
        **_known(told),
    )


def _reference(source: Mapping[str, Any]) -> dict[str, str]:
    reference = {"source_name": source["site"] or "unknown", "url": source["url"], "description": source["title"]}
    return {name: value for name, value in reference.items() if value}


def _location(document: Document) -> Object | None:
    """Return the place as a location; None where neither its country nor its coordinates are known."""
    place = document.get("place") or {}
    radius_km = place.get("radius_km")
    held = {
        "name": place.get("name"),
        "country": place.get("country"),
        "administrative_area": place.get("admin1"),
        "city": place.get("city"),
        "latitude": place.get("lat"),
        "longitude": place.get("lon"),
        "precision": radius_km * _METRES if radius_km is not None and place.get("lat") is not None else None,
    }
    held = _known(held)
    if "country" not in held and "latitude" not in held:
        return None
    return _object("location", _id("location", held), **held, **_SHARED)


def _actor(party: Mapping[str, Any]) -> Object:
    # the name alone: aliases and sectors differ between incidents, and an object is what its id says
    name = " ".join(party["name"].split())
    if party["role"] == ActorRole.PERPETRATOR and party["kind"] == ActorKind.GROUP:
        return _object("threat-actor", _id("threat-actor", name), name=name, **_SHARED)
    return _object("identity", _id("identity", name), name=name, identity_class="group", **_SHARED)


def _known(value: Any) -> Any:
    """Return a value without what is unknown or empty: STIX has no null."""
    if isinstance(value, Mapping):
        kept = {name: _known(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        return [_known(item) for item in value]
    return value
