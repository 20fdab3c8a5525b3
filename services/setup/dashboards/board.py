"""Dashboards: rows of panels, what narrows all of them, and how Kibana writes that down."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.setup.dashboards.lens import Chart
from services.setup.dashboards.maps import Map
from services.setup.dashboards.objects import Json, Search, View, asked, packed, reference, saved

#: How many columns the grid of a dashboard has.
GRID = 48

_SOURCE = "kibanaSavedObjectMeta.searchSourceJSON"


@dataclass(frozen=True)
class Note:
    """A panel of text, in Markdown."""

    text: str


Panel = Chart | Map | Search | Note


@dataclass(frozen=True)
class Row:
    """Panels side by side, with their widths in columns of the grid."""

    height: int
    panels: tuple[tuple[int, Panel], ...]


def row(height: int, *panels: Panel | tuple[int, Panel]) -> Row:
    """Return a row. Panels without a width share alike what the others leave."""
    given = sum(panel[0] for panel in panels if isinstance(panel, tuple))
    free = sum(not isinstance(panel, tuple) for panel in panels)
    return Row(height, tuple(p if isinstance(p, tuple) else ((GRID - given) // free, p) for p in panels))


@dataclass(frozen=True)
class Only:
    """A condition that all panels begin with, and that whoever looks may take off."""

    view: View
    field: str
    value: str


@dataclass(frozen=True)
class Choice:
    """A list above the panels to choose values of a field from."""

    view: View
    field: str
    title: str


@dataclass(frozen=True)
class Dashboard:
    """A dashboard, and the time range it opens with."""

    id: str
    title: str
    description: str
    since: str  #: in Kibana's words: now-5y
    rows: tuple[Row, ...]
    only: tuple[Only, ...] = ()
    choices: tuple[Choice, ...] = ()

    def saved(self) -> Json:
        """Return it as Kibana exports it."""
        placed = list(self._placed())
        attributes = {
            "title": self.title,
            "description": self.description,
            "version": 3,
            "timeRestore": True,
            "timeFrom": self.since,
            "timeTo": "now",
            "refreshInterval": {"pause": True, "value": 60000},
            "controlGroupInput": self._choices(),
            "optionsJSON": packed(
                {
                    "useMargins": True,
                    "syncColors": False,
                    "syncCursor": True,
                    "syncTooltips": False,
                    "hidePanelTitles": False,
                }
            ),
            "panelsJSON": packed([panel for panel, _ in placed]),
            "kibanaSavedObjectMeta": {"searchSourceJSON": packed({"query": asked(""), "filter": self._filters()})},
        }
        return saved(
            "dashboard", self.id, attributes, [*self._references(), *(ref for _, refs in placed for ref in refs)]
        )

    def _placed(self) -> Iterator[tuple[Json, list[Json]]]:
        """Give each panel and what it refers to, from the top left."""
        y, number = 0, 0
        for row in self.rows:
            x = 0
            for width, panel in row.panels:
                name = f"panel-{number}"
                grid = {"x": x, "y": y, "w": width, "h": row.height, "i": name}
                content, references = _panel(panel, name)
                yield {"panelIndex": name, "gridData": grid, **content}, references
                x, number = x + width, number + 1
            y += row.height

    def _filters(self) -> list[Json]:
        return [
            {
                "$state": {"store": "appState"},
                "meta": {
                    "alias": None,
                    "disabled": False,
                    "field": only.field,
                    "indexRefName": f"{_SOURCE}.filter[{n}].meta.index",
                    "key": only.field,
                    "negate": False,
                    "params": {"query": only.value},
                    "type": "phrase",
                },
                "query": {"match_phrase": {only.field: only.value}},
            }
            for n, only in enumerate(self.only)
        ]

    def _choices(self) -> Json:
        panels = {
            f"choice-{n}": {
                "type": "optionsListControl",
                "order": n,
                "width": "medium",
                "grow": True,
                "explicitInput": {
                    "id": f"choice-{n}",
                    "fieldName": choice.field,
                    "title": choice.title,
                    "selectedOptions": [],
                    "searchTechnique": "prefix",
                    "sort": {"by": "_count", "direction": "desc"},
                    "enhancements": {},
                },
            }
            for n, choice in enumerate(self.choices)
        }
        ignored = dict.fromkeys(("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations"), False)
        return {
            "chainingSystem": "HIERARCHICAL",
            "controlStyle": "oneLine",
            "ignoreParentSettingsJSON": packed(ignored),
            "panelsJSON": packed(panels),
            "showApplySelections": False,
        }

    def _references(self) -> Iterator[Json]:
        for n, only in enumerate(self.only):
            yield reference("index-pattern", only.view.id, f"{_SOURCE}.filter[{n}].meta.index")
        for n, choice in enumerate(self.choices):
            yield reference("index-pattern", choice.view.id, f"controlGroup_choice-{n}:optionsListDataView")


def _panel(panel: Panel, name: str) -> tuple[Json, list[Json]]:
    """Return a panel and its references, as the dashboard names them."""
    if isinstance(panel, Chart):
        content = {"attributes": panel.attributes(), "enhancements": {}}
        references = [ref | {"name": f"{name}:{ref['name']}"} for ref in panel.references()]
        return {"type": "lens", "title": panel.title, "embeddableConfig": content}, references
    if isinstance(panel, Note):
        return {"type": "visualization", "title": "", "embeddableConfig": _markdown(panel.text)}, []
    kind = "map" if isinstance(panel, Map) else "search"
    content = {"enhancements": {}}
    return (
        {"type": kind, "title": panel.title, "embeddableConfig": content, "panelRefName": f"panel_{name}"},
        [reference(kind, panel.id, f"{name}:panel_{name}")],
    )


def _markdown(text: str) -> Json:
    vis = {
        "title": "",
        "description": "",
        "type": "markdown",
        "params": {"fontSize": 12, "openLinksInNewTab": False, "markdown": text.strip()},
        "uiState": {},
        "data": {"aggs": [], "searchSource": {"query": asked(""), "filter": []}},
    }
    return {"savedVis": vis, "enhancements": {}, "hidePanelTitles": True}
