"""The formats of exports, as one table."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.api.exports import geojson, jsonl, stix, table
from services.api.exports.documents import Document


class Format(StrEnum):
    """What an export is written as."""

    CSV = "csv"
    JSONL = "jsonl"
    GEOJSON = "geojson"
    STIX = "stix"
    ACLED = "acled"


@dataclass(frozen=True, slots=True)
class Exporter:
    """How one format is written and named."""

    media_type: str
    file_name: str
    write: Callable[[Iterable[Document]], Iterator[bytes]]

    @property
    def plain_type(self) -> str:
        """The media type without its parameters."""
        return self.media_type.partition(";")[0]

    @property
    def schema_type(self) -> str:
        """What a reader by OpenAPI finds: one JSON object, or text."""
        return "object" if self.plain_type.endswith("+json") else "string"


EXPORTERS: Mapping[Format, Exporter] = {
    Format.CSV: Exporter("text/csv; charset=utf-8; header=present", "incidents.csv", table.flat),
    Format.JSONL: Exporter("application/x-ndjson", "incidents.jsonl", jsonl.write),
    Format.GEOJSON: Exporter("application/geo+json", "incidents.geojson", geojson.write),
    Format.STIX: Exporter("application/stix+json;version=2.1", "incidents.stix.json", stix.write),
    Format.ACLED: Exporter("text/csv; charset=utf-8; header=present", "incidents-acled.csv", table.as_acled),
}
