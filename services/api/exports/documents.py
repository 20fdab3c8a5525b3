"""Incidents as Elasticsearch keeps them, which is how exports read them: as JSON, not validated once more."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic_core import to_json

from shared.domain.incident import Incident

#: An incident as it is stored. An older one may lack fields that have defaults.
Document = Mapping[str, Any]

#: Bytes gathered before they are sent: each piece costs a change of threads.
CHUNK_BYTES = 64 * 1024

#: What is stored for searching alone: the words of the other fields, and a point that repeats lat and lon.
_SEARCHED = "text"
_POINT = "location"
_DEFAULTS = {name: field.get_default() for name, field in Incident.model_fields.items() if not field.is_required()}


def public(document: Document) -> dict[str, Any]:
    """Return an incident as the API shows it, less `text`, which only repeats what else it holds."""
    shown = _DEFAULTS | {name: value for name, value in document.items() if name != _SEARCHED}
    if shown["place"]:
        shown["place"] = {name: value for name, value in shown["place"].items() if name != _POINT}
    return shown


def within(document: Document, *path: str) -> Any:
    """Return a value by its path; None where anything on the way is missing."""
    value: Any = document
    for name in path:
        value = value.get(name) if value else None
    return value


def as_json(value: Any) -> bytes:
    """Return a value as JSON on one line."""
    return to_json(value)


def chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Gather small pieces into chunks of about `CHUNK_BYTES`."""
    gathered = bytearray()
    for piece in pieces:
        gathered += piece
        if len(gathered) >= CHUNK_BYTES:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)
