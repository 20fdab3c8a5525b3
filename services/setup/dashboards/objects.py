"""Saved objects as Kibana exports them, and data views and searches in full."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

#: The versions of the structure, by type of object. No newer than Kibana 8.17's, so that 8.19 knows them all.
VERSIONS = {"index-pattern": "8.0.0", "search": "10.5.0", "map": "8.4.0", "dashboard": "10.2.0"}
CORE_VERSION = "8.8.0"


def saved(kind: str, identifier: str, attributes: Json, references: Sequence[Json] = ()) -> Json:
    """Return a saved object. Times and counters are left out: Kibana sets them when it imports."""
    return {
        "attributes": attributes,
        "coreMigrationVersion": CORE_VERSION,
        "id": identifier,
        "managed": False,
        "references": list(references),
        "type": kind,
        "typeMigrationVersion": VERSIONS[kind],
    }


def line(one: Json) -> str:
    """Return an object as a line of ndjson, its keys in order."""
    return json.dumps(one, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def packed(value: Any) -> str:
    """Return JSON as Kibana puts it into a string of other JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def reference(kind: str, identifier: str, name: str) -> Json:
    """Return a reference from one object to another, under the name that the referring place knows."""
    return {"type": kind, "id": identifier, "name": name}


def asked(kql: str) -> Json:
    """Return a question in Kibana's query language; an empty one is met by everything."""
    return {"query": kql, "language": "kuery"}


@dataclass(frozen=True)
class View:
    """A data view: an index, and the field by which the time range of a page narrows it."""

    id: str
    name: str
    index: str
    time_field: str = ""  #: empty: the time range does not matter
    formats: Mapping[str, Json] | None = None  #: of fields that are not shown as they are

    def saved(self) -> Json:
        """Return it as Kibana exports it."""
        attributes = {
            "allowHidden": False,
            "fieldAttrs": "{}",
            "fieldFormatMap": packed(self.formats or {}),
            "fields": "[]",
            "name": self.name,
            "runtimeFieldMap": "{}",
            "sourceFilters": "[]",
            "title": self.index,
        }
        return saved(
            "index-pattern", self.id, attributes | ({"timeFieldName": self.time_field} if self.time_field else {})
        )


@dataclass(frozen=True)
class Search:
    """A saved search: what Discover opens with."""

    id: str
    title: str
    description: str
    view: View
    kql: str
    columns: tuple[str, ...]
    newest_by: str = ""  #: what sorts it, the newest or highest first

    def saved(self) -> Json:
        """Return it as Kibana exports it."""
        name = "kibanaSavedObjectMeta.searchSourceJSON.index"
        source = {"query": asked(self.kql), "filter": [], "indexRefName": name}
        attributes = {
            "columns": list(self.columns),
            "description": self.description,
            "grid": {},
            "hideChart": False,
            "isTextBasedQuery": False,
            "kibanaSavedObjectMeta": {"searchSourceJSON": packed(source)},
            "sort": [[self.newest_by, "desc"]] if self.newest_by else [],
            "timeRestore": False,
            "title": self.title,
            "usesAdHocDataView": False,
        }
        return saved("search", self.id, attributes, [reference("index-pattern", self.view.id, name)])
