"""Kibana's objects as they lie in deploy/kibana: whole, within Kibana's structure, and over fields that there are."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.setup.dashboards.board import GRID
from services.setup.dashboards.files import FILES as DESCRIBED
from services.setup.dashboards.files import written
from services.setup.kibana import import_objects
from shared.documents import mapping
from shared.index import MODELS
from tests.unit.setup.kibanas import Kibana, running
from tests.unit.setup.reading import FILES, FOLDER, Json, Objects, Use

OBJECTS = Objects(FILES)

#: What an object of a type may hold, of the schemas by which Kibana 8.19 refuses the rest.
ALLOWED = {
    "index-pattern": "allowHidden fieldAttrs fieldFormatMap fields name runtimeFieldMap sourceFilters "
    "timeFieldName title",
    "search": "columns description grid hideChart isTextBasedQuery kibanaSavedObjectMeta rowHeight rowsPerPage sort "
    "timeRestore timeRange refreshInterval title usesAdHocDataView viewMode density sampleSize breakdownField",
    "map": "description layerListJSON mapStateJSON title uiStateJSON",
    "dashboard": "controlGroupInput description kibanaSavedObjectMeta optionsJSON panelsJSON refreshInterval timeFrom "
    "timeRestore timeTo title version",
}
#: Visualisations and layers that the Basic licence has.
LENS = {"lnsXY", "lnsPie", "lnsMetric", "lnsDatatable"}
SOURCES = {"EMS_TMS", "ES_GEO_GRID", "ES_SEARCH"}

KEYWORD, NUMBER = {"keyword"}, {"long", "double"}
#: The types of fields that serve a purpose.
SERVES = {
    "terms": KEYWORD | {"boolean", "long"},
    "distinct": KEYWORD | NUMBER,
    "date": {"date"},
    "number": NUMBER,
    "point": {"geo_point"},
    "range": NUMBER | {"date"},
    "match": KEYWORD | NUMBER | {"boolean", "text"},
    "exists": KEYWORD | NUMBER | {"boolean", "text", "date", "geo_point"},
    "sorted": KEYWORD | NUMBER | {"date"},
    "shown": KEYWORD | NUMBER | {"boolean", "text", "date", "geo_point"},
}


def leaves(properties: Json, path: str = "") -> Iterator[tuple[str, str]]:
    """Every field with its type; those within nested objects are of type nested, since Kibana counts none of them."""
    for name, one in properties.items():
        kind = one.get("type", "object")
        yield f"{path}{name}", kind
        for inner, of in leaves(one.get("properties", {}), f"{path}{name}."):
            yield inner, "nested" if kind == "nested" else of


FIELDS = {name: dict(leaves(mapping(model)["properties"])) for name, model in MODELS.items()}


def packed(node: Any) -> Iterator[Json]:
    """Everything within an object, also within JSON that is packed into strings."""
    if isinstance(node, dict):
        yield node
        for name, inner in node.items():
            yield from packed(json.loads(inner) if name.endswith("JSON") else inner)
    elif isinstance(node, list):
        for inner in node:
            yield from packed(inner)


def key(one: Json) -> str:
    return f"{one['type']} {one['id']}"


def test_the_files_are_those_of_the_description() -> None:
    """When this fails on purpose: `python -m services.setup.dashboards`."""
    assert {name for name in DESCRIBED if (FOLDER / name).read_text() != written(name)} == set()


def test_there_is_what_people_need() -> None:
    views = {one["attributes"]["title"] for one in OBJECTS.of("index-pattern")}
    assert views >= {f"tocsin-{name}" for name in ("incidents", "articles", "reports", "outcomes", "decisions")}
    boards = {one["id"] for one in OBJECTS.of("dashboard")}
    assert boards >= {"tocsin-overview", "tocsin-operations", "tocsin-quality"}
    assert OBJECTS.of("map")
    assert OBJECTS.of("search")


def test_ids_are_fixed_and_our_own() -> None:
    names = [one["id"] for one in OBJECTS.all]
    assert len(names) == len(set(names))
    assert not [name for name in names if not re.fullmatch(r"tocsin-[a-z-]+", name)]


@pytest.mark.parametrize("one", OBJECTS.all, ids=key)
def test_an_object_holds_what_kibana_knows(one: Json) -> None:
    assert set(one["attributes"]) <= set(ALLOWED[one["type"]].split())
    assert {"id", "type", "references", "attributes", "coreMigrationVersion", "typeMigrationVersion"} <= set(one)
    assert one["attributes"]["title"]


def test_a_kibana_takes_them_all_in_the_order_of_their_files() -> None:
    with running(Kibana()) as kibana:
        assert import_objects(kibana.url, FOLDER) == len(OBJECTS.all)


@pytest.mark.parametrize("one", OBJECTS.all, ids=key)
def test_every_reference_leads_somewhere(one: Json) -> None:
    assert not [ref for ref in one["references"] if (ref["type"], ref["id"]) not in OBJECTS.by_key]
    names = [ref["name"] for ref in one["references"]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("one", OBJECTS.all, ids=key)
def test_every_place_that_needs_a_reference_has_one(one: Json) -> None:
    names = {ref["name"] for ref in one["references"]}
    wanted = {
        node[k] for node in packed(one["attributes"]) for k in ("indexRefName", "indexPatternRefName") if k in node
    }
    if one["type"] == "dashboard":
        for panel in json.loads(one["attributes"]["panelsJSON"]):
            wanted |= {f"{panel['panelIndex']}:{panel['panelRefName']}"} if "panelRefName" in panel else set()
            own = panel["embeddableConfig"].get("attributes", {}).get("references", [])
            wanted |= {f"{panel['panelIndex']}:{ref['name']}" for ref in own}
        controls = json.loads(one["attributes"]["controlGroupInput"]["panelsJSON"])
        wanted |= {f"controlGroup_{name}:optionsListDataView" for name in controls}
    assert names == wanted


@pytest.mark.parametrize("one", OBJECTS.of("dashboard"), ids=key)
def test_panels_lie_within_the_grid_and_not_upon_each_other(one: Json) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(one["attributes"]["panelsJSON"]):
        at = panel["gridData"]
        assert at["i"] == panel["panelIndex"]
        assert at["x"] + at["w"] <= GRID
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        taken |= cells


@pytest.mark.parametrize("one", OBJECTS.of("dashboard"), ids=key)
def test_a_chart_draws_the_columns_that_it_has(one: Json) -> None:
    for panel in json.loads(one["attributes"]["panelsJSON"]):
        if panel["type"] != "lens":
            continue
        state = panel["embeddableConfig"]["attributes"]["state"]
        ((layer_id, layer),) = state["datasourceStates"]["formBased"]["layers"].items()
        assert sorted(layer["columnOrder"]) == sorted(layer["columns"])
        drawn = list(_drawn(state["visualization"]))
        assert sorted(drawn) == sorted(layer["columns"]), panel["title"]
        assert {node["layerId"] for node in packed(state["visualization"]) if "layerId" in node} == {layer_id}


def _drawn(node: Any) -> Iterator[str]:
    named = ("xAccessor", "splitAccessor", "metricAccessor", "columnId")
    listed = ("accessors", "primaryGroups", "metrics")
    for inner in packed(node):
        yield from (inner[name] for name in named if name in inner)
        for name in listed:
            yield from inner.get(name, ())


def test_nothing_needs_more_than_the_basic_licence_or_a_script() -> None:
    nodes = [node for one in OBJECTS.all for node in packed(one["attributes"])]
    assert {node["visualizationType"] for node in nodes if "visualizationType" in node} <= LENS
    assert {node["sourceDescriptor"]["type"] for node in nodes if "sourceDescriptor" in node} <= SOURCES
    assert {one["attributes"]["runtimeFieldMap"] for one in OBJECTS.of("index-pattern")} == {"{}"}
    assert not [node for node in nodes if node.get("language", "kuery") != "kuery"]
    assert not [node for node in nodes if node.get("enhancements")]  # drilldowns to other pages are not Basic


USES = sorted(set(OBJECTS.uses()), key=str)


@pytest.mark.parametrize("use", USES, ids=lambda use: f"{use.index}.{use.field} {use.purpose} of {use.where}")
def test_every_field_is_there_and_serves(use: Use) -> None:
    assert FIELDS[use.index].get(use.field) in SERVES[use.purpose]


def test_what_is_checked_is_what_is_used() -> None:
    """The reader saw charts, lists, maps, choices and conditions: each purpose occurs."""
    assert {use.purpose for use in USES} == set(SERVES)


@pytest.mark.parametrize(
    ("name", "purpose", "serves"),
    [("title", "terms", False), ("killed.best", "number", True), ("killed.bset", "number", False),
     ("date.start", "number", False), ("actors.name", "terms", False), ("place.location", "point", True)],
)  # fmt: skip
def test_a_field_that_does_not_serve_would_be_found(name: str, purpose: str, serves: bool) -> None:
    assert (FIELDS["incidents"].get(name) in SERVES[purpose]) is serves


def test_a_stray_file_is_read_too(tmp_path: Path) -> None:
    """An export that somebody lays beside ours is held to the same: its fields are found."""
    board = next(one for one in OBJECTS.of("dashboard") if one["id"] == "tocsin-overview")
    odd = json.dumps(board).replace("place.country", "place.cuontry").replace("tocsin-overview", "tocsin-own")
    (tmp_path / "9-own.ndjson").write_text(odd)
    wrong = {
        use.field for use in Objects([*FILES, tmp_path / "9-own.ndjson"]).uses() if use.where.startswith("tocsin-own")
    }
    assert "place.cuontry" in wrong


def test_the_document_names_everything_that_there_is() -> None:
    text = " ".join((FOLDER.parents[1] / "docs" / "kibana.md").read_text().split()).casefold()
    named = [one["attributes"].get("name", one["attributes"]["title"]) for one in OBJECTS.all if one["type"] != "map"]
    assert not [name for name in named if name.casefold() not in text]
    kinds = {"index-pattern": "data views", "search": "searches", "map": "maps", "dashboard": "dashboards"}
    versions = {(one["type"], one["typeMigrationVersion"]) for one in OBJECTS.all}
    assert not [kind for kind, version in versions if f"{kinds[kind]} {version}" not in text]
