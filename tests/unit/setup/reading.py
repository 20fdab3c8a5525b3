"""Kibana's objects read back from their files: which fields they use, for what, and what Kibana would ask for each.

Files are read as anybody's exports would be, through references and packed JSON; nothing here knows who wrote them.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.setup.kibana import PREFIX
from tests.unit.setup.asking import aggregations, columns_of, documents, grid, suggestions
from tests.unit.setup.kql import Query, conditions, query

FOLDER = Path(__file__).parents[3] / "deploy" / "kibana"
FILES = sorted(FOLDER.glob("*.ndjson"))

Json = dict[str, Any]


@dataclass(frozen=True)
class Use:
    """A field that an object uses, and for what."""

    where: str
    index: str  #: without prefix
    field: str
    purpose: str  #: terms, date, number, distinct, point, sorted, shown, exists, match, range


@dataclass
class Question:
    """What Kibana would ask Elasticsearch for one panel or search."""

    where: str
    index: str
    time_field: str
    since: str
    kql: str
    body: Json
    filters: list[Query] = field(default_factory=list)

    def whole(self) -> Json:
        """Return the request: the time range, every condition, and what is asked."""
        narrowed: list[Query] = [query(self.kql), *self.filters]
        if self.time_field:
            narrowed.append({"range": {self.time_field: {"gte": self.since, "lte": "now"}}})
        return {"query": {"bool": {"filter": narrowed}}, **self.body}


class Objects:
    """All objects of some files, by type and id."""

    def __init__(self, files: list[Path]) -> None:
        lines = [line for file in files for line in file.read_text().splitlines() if line.strip()]
        self.all: list[Json] = [json.loads(line) for line in lines]
        self.by_key = {(one["type"], one["id"]): one for one in self.all}

    def of(self, kind: str) -> list[Json]:
        """Return those of a type."""
        return [one for one in self.all if one["type"] == kind]

    def view(self, one: Json, name: str) -> Json:
        """Return the attributes of the data view to which a reference of this name leads."""
        target = next(ref["id"] for ref in one["references"] if ref["name"] == name)
        return dict(self.by_key["index-pattern", target]["attributes"])

    def questions(self) -> Iterator[Question]:
        """Yield what every search, map and dashboard asks."""
        for one in self.of("search"):
            yield self._search(one, "now-50y")
        for one in self.of("map"):
            state = json.loads(one["attributes"]["mapStateJSON"])
            yield from self._map(one, state["timeFilters"]["from"], [])
        for one in self.of("dashboard"):
            yield from self._dashboard(one)

    def _dashboard(self, board: Json) -> Iterator[Question]:
        held = board["attributes"]
        since = held["timeFrom"]
        source = json.loads(held["kibanaSavedObjectMeta"]["searchSourceJSON"])
        filters = [one["query"] for one in source["filter"]]
        for panel in json.loads(held["panelsJSON"]):
            where = f"{board['id']}/{panel['panelIndex']} {panel.get('title', '')}".strip()
            if panel["type"] == "lens":
                yield self._lens(board, panel, where, since, filters)
            elif panel["type"] in ("search", "map"):
                one = self._target(board, panel)
                asked = [self._search(one, since)] if one["type"] == "search" else self._map(one, since, filters)
                for question in asked:
                    question.where, question.filters = f"{where}: {question.where}", filters
                    yield question
        for name, choice in json.loads(held["controlGroupInput"]["panelsJSON"]).items():
            view = self.view(board, f"controlGroup_{name}:optionsListDataView")
            body = suggestions(choice["explicitInput"]["fieldName"])
            yield _question(f"{board['id']}/{name}", view, since, body, filters)

    def _target(self, board: Json, panel: Json) -> Json:
        name = f"{panel['panelIndex']}:{panel['panelRefName']}"
        target = next(ref for ref in board["references"] if ref["name"] == name)
        return self.by_key[target["type"], target["id"]]

    def _lens(self, board: Json, panel: Json, where: str, since: str, filters: list[Query]) -> Question:
        state = panel["embeddableConfig"]["attributes"]["state"]
        ((layer_id, layer),) = state["datasourceStates"]["formBased"]["layers"].items()
        view = self.view(board, f"{panel['panelIndex']}:indexpattern-datasource-layer-{layer_id}")
        body = {"size": 0, "aggs": aggregations(layer, since)}
        return _question(where, view, since, body, filters, kql=state["query"]["query"])

    def _search(self, one: Json, since: str) -> Question:
        held = one["attributes"]
        source = json.loads(held["kibanaSavedObjectMeta"]["searchSourceJSON"])
        view = self.view(one, source["indexRefName"])
        body = documents(held["columns"], held["sort"])
        return _question(one["id"], view, since, body, [], kql=source["query"]["query"])

    def _map(self, one: Json, since: str, filters: list[Query]) -> Iterator[Question]:
        for layer in json.loads(one["attributes"]["layerListJSON"]):
            source = layer["sourceDescriptor"]
            if "indexPatternRefName" not in source:
                continue
            view = self.view(one, source["indexPatternRefName"])
            shown = [*source.get("tooltipProperties", ()), source["geoField"]]
            body = (
                grid(source) if source["type"] == "ES_GEO_GRID" else documents(shown, [[source["sortField"], "desc"]])
            )
            world = {"top_left": {"lat": 89, "lon": -180}, "bottom_right": {"lat": -89, "lon": 180}}
            box: Query = {"geo_bounding_box": {source["geoField"]: world}}
            yield _question(f"{one['id']}/{layer['id']}", view, since, body, [*filters, box])

    def uses(self) -> Iterator[Use]:
        """Yield every field that is used anywhere, and for what."""
        for one in self.of("index-pattern"):
            held = one["attributes"]
            if "timeFieldName" in held:
                yield Use(one["id"], _index(held), held["timeFieldName"], "date")
            for name in json.loads(held["fieldFormatMap"]):
                yield Use(one["id"], _index(held), name, "shown")
        for one in self.of("dashboard"):
            source = json.loads(one["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
            for kept in source["filter"]:
                yield Use(one["id"], _index(self.view(one, kept["meta"]["indexRefName"])), kept["meta"]["key"], "match")
        for question in self.questions():
            for name, purpose in _asked(question):
                yield Use(question.where, question.index, name, purpose)


def _question(where: str, view: Json, since: str, body: Json, filters: list[Query], *, kql: str = "") -> Question:
    return Question(where, _index(view), view.get("timeFieldName", ""), since, kql, body, list(filters))


def _index(view: Json) -> str:
    assert view["title"].startswith(PREFIX), view["title"]
    return str(view["title"].removeprefix(PREFIX))


def _asked(question: Question) -> Iterator[tuple[str, str]]:
    yield from conditions(question.kql)
    yield from columns_of(question.body)
