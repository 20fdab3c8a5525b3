"""What Kibana asks Elasticsearch for: the columns of a Lens layer, a layer of a map, a list of documents or choices."""

from collections.abc import Iterator
from typing import Any

from tests.unit.setup.kql import leaves, query

Json = dict[str, Any]

#: Lens's operation → the aggregation that it becomes.
NUMBERS = {
    "sum": "sum",
    "average": "avg",
    "max": "max",
    "min": "min",
    "unique_count": "cardinality",
    "median": "percentiles",
    "percentile": "percentiles",
}
RECORDS = "___records___"

_PURPOSES = {
    "terms": "terms",
    "date_histogram": "date",
    "range": "number",
    "cardinality": "distinct",
    "geotile_grid": "point",
    "geo_centroid": "point",
    **dict.fromkeys(("sum", "avg", "max", "min", "percentiles"), "number"),
}


def aggregations(layer: Json, since: str) -> Json:
    """Return the aggregations of a layer: its buckets within each other, its numbers in the innermost."""
    columns: Json = {name: layer["columns"][name] for name in layer["columnOrder"]}
    numbers = {name: _number(one) for name, one in columns.items() if not one["isBucketed"]}
    inner: Json = {name: one for name, one in numbers.items() if one}
    for name, one in reversed([item for item in columns.items() if item[1]["isBucketed"]]):
        inner = {name: _bucket(one, columns, since) | ({"aggs": inner} if inner else {})}
        if one["operationType"] == "terms":
            by = one["params"]["orderBy"]["columnId"]
            if numbers[by]:  # by a number other than the count, it is reckoned at this level too
                inner[name].setdefault("aggs", {})[by] = numbers[by]
    return inner


def _number(one: Json) -> Json:
    """Return the aggregation of a number; none where documents are counted."""
    if one["operationType"] == "count":
        assert one["sourceField"] == RECORDS
        return {"filter": query(one["filter"]["query"])} if "filter" in one else {}
    ranks = {"median": [50], "percentile": [one["params"].get("percentile")]}.get(one["operationType"])
    asked: Json = {"field": one["sourceField"]} | ({"percents": ranks} if ranks else {})
    return {NUMBERS[one["operationType"]]: asked}


def _bucket(one: Json, columns: Json, since: str) -> Json:
    kind, params = one["operationType"], one["params"]
    if kind == "terms":
        by = params["orderBy"]["columnId"]
        plain = columns[by]["operationType"] == "count" and "filter" not in columns[by]
        order = {"_count" if plain else by: params["orderDirection"]}
        return {"terms": {"field": one["sourceField"], "size": params["size"], "order": order}}
    if kind == "date_histogram":  # Kibana chooses the step by the range that is shown
        step = "30d" if since.endswith("y") else "3h"
        return {"date_histogram": {"field": one["sourceField"], "fixed_interval": step, "min_doc_count": 1}}
    if kind == "range":
        ranges = [{"from": step["from"], "to": step["to"]} for step in params["ranges"]]
        return {"range": {"field": one["sourceField"], "ranges": ranges}}
    assert kind == "filters", kind
    return {"filters": {"filters": {step["label"]: query(step["input"]["query"]) for step in params["filters"]}}}


def grid(source: Json) -> Json:
    """Return what a layer of circles asks: tiles, and in each its centre and numbers."""
    sums = {
        f"{m['type']}_of_{m['field']}": {m["type"]: {"field": m["field"]}} for m in source["metrics"] if "field" in m
    }
    centre = {"gridCentroid": {"geo_centroid": {"field": source["geoField"]}}}
    tiles = {"field": source["geoField"], "precision": 7, "size": 10000, "shard_size": 10000}
    return {"size": 0, "aggs": {"gridSplit": {"geotile_grid": tiles, "aggs": centre | sums}}}


def documents(columns: list[str], sort: list[list[str]]) -> Json:
    """Return what a list of documents asks."""
    order = [{name: {"order": way}} for name, way in sort]
    return {"size": 500, "_source": False, "fields": columns, "sort": order}


def suggestions(field: str) -> Json:
    """Return what a list of choices asks."""
    terms = {"terms": {"field": field, "size": 10, "order": {"_count": "desc"}}}
    return {"size": 0, "aggs": {"suggestions": terms, "unique": {"cardinality": {"field": field}}}}


def columns_of(body: Json) -> Iterator[tuple[str, str]]:
    """Yield every field of a request, and what it is used for."""
    for name in body.get("fields", ()):
        yield name, "shown"
    for one in body.get("sort", ()):
        yield next(iter(one)), "sorted"
    yield from _aggregated(body.get("aggs", {}))


def _aggregated(aggs: Json) -> Iterator[tuple[str, str]]:
    for one in aggs.values():
        for kind, asked in one.items():
            if kind == "aggs":
                yield from _aggregated(asked)
            elif kind in ("filter", "filters"):
                yield from leaves(asked)
            else:
                yield asked["field"], _PURPOSES[kind]


def answers(aggs: Json, told: Json) -> bool:
    """Tell whether an answer shows something: every division has a bucket, and every number is known somewhere."""
    return all(_shows(one, [told[name]]) for name, one in aggs.items())


def _shows(one: Json, told: list[Json]) -> bool:
    inner = one.get("aggs", {})
    kind = next(name for name in one if name != "aggs")
    if kind in ("terms", "date_histogram", "range", "filters", "geotile_grid"):
        buckets = [bucket for each in told for bucket in _buckets(each) if bucket["doc_count"]]
        return bool(buckets) and all(_shows(sub, [b[name] for b in buckets]) for name, sub in inner.items())
    return any(_known(kind, each) for each in told)


def _buckets(told: Json) -> list[Json]:
    buckets = told["buckets"]
    return list(buckets.values()) if isinstance(buckets, dict) else list(buckets)


def _known(kind: str, told: Json) -> bool:
    if kind == "filter":
        return bool(told["doc_count"])
    if kind == "percentiles":
        return any(value is not None for value in told["values"].values())
    if kind == "geo_centroid":
        return bool(told["count"])
    return bool(told["value"] is not None and (kind != "cardinality" or told["value"] > 0))
