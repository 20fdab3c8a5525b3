"""GeoJSON (RFC 7946): a feature for each incident, without geometry where nobody knows its coordinates.

The members come in a stream: one `FeatureCollection` whose features are written one by one.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from services.api.exports.columns import FLAT, row
from services.api.exports.documents import Document, as_json, within

#: What the geometry says already.
_SAID = frozenset({"id", "lat", "lon"})


def write(documents: Iterable[Document]) -> Iterator[bytes]:
    """Yield one feature collection."""
    yield b'{"type":"FeatureCollection","features":['
    comma = b""
    for document in documents:
        yield comma + as_json(feature(document))
        comma = b",\n"
    yield b"]}\n"


def feature(document: Document) -> dict[str, Any]:
    """Return an incident as a feature: its point, and the flat columns as properties, null where unknown."""
    lat, lon = within(document, "place", "lat"), within(document, "place", "lon")
    return {
        "type": "Feature",
        "id": document["id"],
        "geometry": None if lat is None else {"type": "Point", "coordinates": [lon, lat]},
        "properties": {name: value for name, value in row(FLAT, document) if name not in _SAID},
    }
