"""JSON Lines and GeoJSON."""

import json
from itertools import repeat

from hypothesis import given
from hypothesis import strategies as st

from services.api.exports import geojson, jsonl
from services.api.exports.columns import FLAT
from shared.domain.incident import Incident
from tests.examples import event
from tests.generated import incidents
from tests.unit.api.exports.stored import stored, told


@given(incidents())
def test_a_line_is_the_incident(incident: Incident) -> None:
    (line,) = b"".join(jsonl.write([stored(incident)])).splitlines()
    assert Incident.model_validate({"text": incident.text, **json.loads(line)}) == incident


def test_a_document_from_before_a_field_has_its_default() -> None:
    old = {name: value for name, value in told().items() if name not in ("summary", "revision", "actors")}
    line = json.loads(b"".join(jsonl.write([old])))
    assert (line["summary"], line["revision"], line["actors"]) == ("", 1, [])


def test_lines_are_written_while_documents_come() -> None:
    endless = jsonl.write(repeat(told()))
    assert next(endless) == next(endless)


@given(st.lists(incidents(), max_size=3))
def test_a_collection_is_valid_geojson(found: list[Incident]) -> None:
    collection = json.loads(b"".join(geojson.write([stored(one) for one in found])))
    assert collection["type"] == "FeatureCollection"
    assert [feature["id"] for feature in collection["features"]] == [one.id for one in found]
    for feature in collection["features"]:
        assert set(feature) == {"type", "id", "geometry", "properties"}
        assert feature["type"] == "Feature"
        if feature["geometry"] is not None:
            assert feature["geometry"]["type"] == "Point"
            lon, lat = feature["geometry"]["coordinates"]
            assert -180 <= lon <= 180
            assert -90 <= lat <= 90


def test_longitude_comes_first_and_what_has_no_coordinates_has_no_geometry() -> None:
    assert geojson.feature(told())["geometry"] == {"type": "Point", "coordinates": [29.23, -1.67]}
    nowhere = geojson.feature(told(event(place=None)))
    assert nowhere["geometry"] is None
    assert nowhere["properties"]["killed_best"] is None


def test_properties_are_the_columns_of_csv() -> None:
    names = {column.name for column in FLAT} - {"id", "lat", "lon"}
    assert set(geojson.feature(told())["properties"]) == names
