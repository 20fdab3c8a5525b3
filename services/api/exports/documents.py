"""Incidents as Elasticsearch keeps them, which is how exports read them: as JSON, not validated once more.

They were validated when they were written. To do it again, and turn them back, costs more than all formats but STIX.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic_core import to_json

from shared.domain.incident import Incident

#: An incident as it is stored. An older one may lack fields that have defaults.
Document = Mapping[str, Any]

#: Bytes gathered before they are sent: each piece costs a change of threads.
CHUNK_BYTES = 64 * 1024

#: What is stored for searching and counting alone: it only repeats what else an incident holds. Not read.
_COUNTED = ("perpetrators", "victims", "victim_sectors", "killed.spread", "injured.spread")
_OF_SOURCES = ("sources.killed.spread", "sources.injured.spread")
SEARCHED = ("text", "plain", "place.location", "place.plain", "actors.plain", *_COUNTED, *_OF_SOURCES)
_DEFAULTS = {name: field.default for name, field in Incident.model_fields.items() if not field.is_required()}


def public(document: Document) -> dict[str, Any]:
    """Return an incident as the API shows it, less `text`, with the defaults of fields that it lacks."""
    return {**_DEFAULTS, **document}


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
