"""Maps: layers over Elastic's base map, which the reader's browser fetches from Elastic."""

from dataclasses import dataclass
from typing import Any

from services.setup.dashboards.objects import Json, View, asked, packed, reference, saved

#: From this zoom on single incidents are shown besides the circles.
CLOSE = 6


@dataclass(frozen=True)
class Map:
    """Documents on the map: circles that count them, and from close by each of them with what a tooltip tells."""

    id: str
    title: str
    description: str
    view: View
    point: str  #: field of type geo_point
    summed: str  #: number that colours the circles
    tooltip: tuple[str, ...]
    since: str

    def saved(self) -> Json:
        """Return it as Kibana exports it."""
        layers = [_base(), self._circles(), self._single()]
        state = {
            "zoom": 1.6,
            "center": {"lon": 15, "lat": 20},
            "timeFilters": {"from": self.since, "to": "now"},
            "refreshConfig": {"isPaused": True, "interval": 0},
            "query": asked(""),
            "filters": [],
            "settings": {"autoFitToDataBounds": False},
        }
        attributes = {
            "title": self.title,
            "description": self.description,
            "layerListJSON": packed(layers),
            "mapStateJSON": packed(state),
            "uiStateJSON": packed({"isLayerTOCOpen": False, "openTOCDetails": []}),
        }
        views = [reference("index-pattern", self.view.id, f"layer_{n}_source_index_pattern") for n in (1, 2)]
        return saved("map", self.id, attributes, views)

    def _circles(self) -> Json:
        source = {
            "type": "ES_GEO_GRID",
            "id": "circles-source",
            "geoField": self.point,
            "requestType": "point",
            "resolution": "MOST_FINE",
            "metrics": [{"type": "count"}, {"type": "sum", "field": self.summed}],
            "indexPatternRefName": "layer_1_source_index_pattern",
        }
        style = {
            "fillColor": _dynamic(f"sum_of_{self.summed}", color="Yellow to Red", type="ORDINAL"),
            "iconSize": _dynamic("doc_count", minSize=7, maxSize=28),
        }
        return _layer("circles", "Incidents, red where many died", source, style)

    def _single(self) -> Json:
        source = {
            "type": "ES_SEARCH",
            "id": "single-source",
            "geoField": self.point,
            "scalingType": "LIMIT",
            "filterByMapBounds": True,
            "tooltipProperties": list(self.tooltip),
            "sortField": self.view.time_field,
            "sortOrder": "desc",
            "topHitsSplitField": "",
            "topHitsSize": 1,
            "indexPatternRefName": "layer_2_source_index_pattern",
        }
        style = {
            "fillColor": {"type": "STATIC", "options": {"color": "#6092C0"}},
            "iconSize": {"type": "STATIC", "options": {"size": 5}},
        }
        return _layer("single", "Each incident, from close by", source, style, min_zoom=CLOSE)


def _base() -> Json:
    return {
        "id": "base",
        "label": None,
        "type": "EMS_VECTOR_TILE",
        "alpha": 1,
        "visible": True,
        "includeInFitToBounds": True,
        "minZoom": 0,
        "maxZoom": 24,
        "locale": "autoselect",
        "sourceDescriptor": {"type": "EMS_TMS", "isAutoSelect": True, "lightModeDefault": "road_map_desaturated"},
        "style": {"type": "EMS_VECTOR_TILE", "color": ""},
    }


def _dynamic(name: str, **options: Any) -> Json:
    """Return a style that follows a number."""
    meta = {"isEnabled": False, "sigma": 3}
    return {
        "type": "DYNAMIC",
        "options": {"field": {"name": name, "origin": "source"}, "fieldMetaOptions": meta, **options},
    }


def _layer(identifier: str, label: str, source: Json, style: Json, *, min_zoom: int = 0) -> Json:
    applied = dict.fromkeys(("applyGlobalQuery", "applyGlobalTime", "applyForceRefresh"), True)
    fixed = {
        "symbolizeAs": {"options": {"value": "circle"}},
        "icon": {"type": "STATIC", "options": {"value": "marker"}},
        "lineColor": {"type": "STATIC", "options": {"color": "#3d3d3d"}},
        "lineWidth": {"type": "STATIC", "options": {"size": 1}},
    }
    return {
        "id": identifier,
        "label": label,
        "type": "GEOJSON_VECTOR",
        "alpha": 0.75,
        "visible": True,
        "includeInFitToBounds": True,
        "joins": [],
        "minZoom": min_zoom,
        "maxZoom": 24,
        "sourceDescriptor": source | applied,
        "style": {"type": "VECTOR", "isTimeAware": True, "properties": fixed | style},
    }
