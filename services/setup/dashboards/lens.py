"""Charts as Lens writes them down: columns, which are asked of Elasticsearch, and how they are drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from services.setup.dashboards.objects import Json, View, asked, reference

#: What Lens calls documents as such, when they are counted.
RECORDS = "___records___"
LAYER = "layer"

_SCALES = {"date_histogram": "interval", "terms": "ordinal", "range": "ordinal", "filters": "ordinal"}


@dataclass(frozen=True)
class Column:
    """One column: a division into buckets, or a number for each of them."""

    label: str
    operation: str  #: as Lens names it
    source: str = RECORDS  #: the field; empty for `filters`
    data: str = "number"  #: string, number, date or boolean
    params: Mapping[str, Any] = field(default_factory=dict)
    kql: str = ""  #: what is counted of a bucket; empty: all

    @property
    def divides(self) -> bool:
        """Whether it makes buckets."""
        return self.operation in _SCALES

    def json(self, ordered_by: str) -> Json:
        """Return it as Lens keeps it. `ordered_by` is the column that says which terms are the top ones."""
        order = {"orderBy": {"type": "column", "columnId": ordered_by}} if self.operation == "terms" else {}
        return {
            "label": self.label,
            "customLabel": True,
            "dataType": self.data,
            "operationType": self.operation,
            "isBucketed": self.divides,
            "scale": _SCALES.get(self.operation, "ratio"),
            "params": {**self.params, **order},
            **({"sourceField": self.source} if self.source else {}),
            **({"filter": asked(self.kql)} if self.kql else {}),
        }


def over_time(source: str, label: str = "") -> Column:
    """Divide by time, in steps that fit the range that is shown."""
    params = {"interval": "auto", "includeEmptyRows": True, "dropPartials": False}
    return Column(label or source, "date_histogram", source, "date", params)


def top(source: str, label: str, size: int = 10, *, other: bool = False, data: str = "string") -> Column:
    """Divide by the most frequent values; `other` gathers the rest."""
    params = {
        "size": size,
        "orderDirection": "desc",
        "otherBucket": other,
        "missingBucket": False,
        "parentFormat": {"id": "terms"},
        "include": [],
        "exclude": [],
        "includeIsRegex": False,
        "excludeIsRegex": False,
    }
    return Column(label, "terms", source, data, params)


def steps(source: str, label: str, bounds: Sequence[float]) -> Column:
    """Divide numbers at these bounds; each belongs to the step that it opens."""
    ranges = [{"from": low, "to": high, "label": f"{low:g} to {high:g}"} for low, high in pairwise(bounds)]
    return Column(label, "range", source, "string", {"type": "range", "ranges": ranges, "maxBars": "auto"})


def cases(label: str, kql: Mapping[str, str]) -> Column:
    """Divide by questions, each under its name."""
    filters = [{"input": asked(one), "label": name} for name, one in kql.items()]
    return Column(label, "filters", "", "string", {"filters": filters})


def count(label: str, kql: str = "") -> Column:
    """Count documents."""
    return Column(label, "count", params={"emptyAsNull": False}, kql=kql)


def number(operation: str, source: str, label: str, kql: str = "") -> Column:
    """Reckon `sum`, `average`, `median`, `max` or `unique_count` of a field; nothing known is shown as nothing."""
    return Column(label, operation, source, params={"emptyAsNull": True}, kql=kql)


def percentile(rank: int, source: str, label: str) -> Column:
    """Reckon the number below which `rank` of a hundred lie."""
    return Column(label, "percentile", source, params={"percentile": rank})


@dataclass(frozen=True)
class Chart:
    """A chart over one data view. Buckets come first among the columns: x, then what splits it."""

    title: str
    view: View
    drawn: str  #: a key of `_DRAWN`
    columns: tuple[Column, ...]
    kql: str = ""

    def references(self) -> list[Json]:
        """Return what it refers to."""
        return [reference("index-pattern", self.view.id, f"indexpattern-datasource-layer-{LAYER}")]

    def attributes(self) -> Json:
        """Return it as Lens keeps it."""
        names = [f"column-{n}" for n in range(len(self.columns))]
        buckets = [name for name, one in zip(names, self.columns, strict=True) if one.divides]
        numbers = names[len(buckets) :]
        columns = {name: one.json(numbers[0]) for name, one in zip(names, self.columns, strict=True)}
        # what splits a chart is asked first, so that the top values are those of the whole and not of each step
        order = [*reversed(buckets), *numbers] if self.drawn != "table" else names
        layer = {"columns": columns, "columnOrder": order, "incompleteColumns": {}, "sampling": 1}
        visualization, shape = _DRAWN[self.drawn]
        return {
            "title": "",
            "type": "lens",
            "visualizationType": visualization,
            "references": self.references(),
            "state": {
                "visualization": {"xy": _xy, "pie": _pie, "metric": _metric, "table": _table}[_family(visualization)](
                    shape, buckets, numbers
                ),
                "query": asked(self.kql),
                "filters": [],
                "datasourceStates": {
                    "formBased": {"layers": {LAYER: layer}},
                    "indexpattern": {"layers": {}},
                    "textBased": {"layers": {}},
                },
                "internalReferences": [],
                "adHocDataViews": {},
            },
        }


def chart(title: str, view: View, drawn: str, *columns: Column, kql: str = "") -> Chart:
    """Return a chart of documents that meet `kql`."""
    return Chart(title, view, drawn, columns, kql)


def figure(view: View, column: Column, kql: str = "") -> Chart:
    """Return a number that stands by itself, under the name of its column."""
    return Chart("", view, "figure", (column,), kql)


#: How a chart is drawn: Lens's visualisation, and the shape within it.
_DRAWN = {
    "bars": ("lnsXY", "bar_stacked"),
    "shares": ("lnsXY", "bar_percentage_stacked"),
    "rows": ("lnsXY", "bar_horizontal_stacked"),
    "lines": ("lnsXY", "line"),
    "ring": ("lnsPie", "donut"),
    "figure": ("lnsMetric", ""),
    "table": ("lnsDatatable", ""),
}


def _family(visualization: str) -> str:
    return {"lnsXY": "xy", "lnsPie": "pie", "lnsMetric": "metric", "lnsDatatable": "table"}[visualization]


def _xy(shape: str, buckets: list[str], numbers: list[str]) -> Json:
    sides = {"x": True, "yLeft": True, "yRight": True}
    split = {"splitAccessor": buckets[1]} if len(buckets) > 1 else {}
    return {
        "legend": {"isVisible": True, "position": "right"},
        "valueLabels": "hide",
        "fittingFunction": "None",
        "axisTitlesVisibilitySettings": sides | {"x": False},
        "tickLabelsVisibilitySettings": sides,
        "labelsOrientation": {"x": 0, "yLeft": 0, "yRight": 0},
        "gridlinesVisibilitySettings": sides,
        "preferredSeriesType": shape,
        "layers": [
            {
                "layerId": LAYER,
                "layerType": "data",
                "seriesType": shape,
                "position": "top",
                "showGridlines": False,
                "xAccessor": buckets[0],
                "accessors": numbers,
                **split,
            }
        ],
    }


def _pie(shape: str, buckets: list[str], numbers: list[str]) -> Json:
    layer = {
        "layerId": LAYER,
        "layerType": "data",
        "primaryGroups": buckets,
        "metrics": numbers,
        "numberDisplay": "percent",
        "categoryDisplay": "default",
        "legendDisplay": "default",
        "nestedLegend": False,
    }
    return {"shape": shape, "layers": [layer]}


def _metric(_shape: str, _buckets: list[str], numbers: list[str]) -> Json:
    return {"layerId": LAYER, "layerType": "data", "metricAccessor": numbers[0]}


def _table(_shape: str, buckets: list[str], numbers: list[str]) -> Json:
    columns = [{"columnId": name, "isTransposed": False} for name in (*buckets, *numbers)]
    return {"layerId": LAYER, "layerType": "data", "columns": columns}
