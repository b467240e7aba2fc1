"""A strict reader of GeoJSON: what is not exactly a feature is named, never guessed."""

import json
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteplan.errors import InputError
from siteplan.inputs.geojson import parse_geojson

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
GEOMETRIES: dict[str, Any] = {
    "Point": [113.3, 23.1],
    "MultiPoint": [[1, 2], [3, 4]],
    "LineString": [[1, 2], [3, 4]],
    "MultiLineString": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]],
    "Polygon": [SQUARE, [[0.2, 0.2], [0.4, 0.2], [0.4, 0.4], [0.2, 0.2]]],
    "MultiPolygon": [[SQUARE], [[[5, 5], [6, 5], [6, 6], [5, 5]]]],
}
PLACE = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def feature(kind: str, coordinates: object, **properties: object) -> dict[str, object]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def write(*features: object, **members: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features, **members})


def refuse(text: str) -> list[str]:
    with pytest.raises(InputError) as refusal:
        parse_geojson(text, "a.geojson")
    for defect in refusal.value.defects:
        assert defect.stage == "read"
        assert defect.remedy.zh
    return [defect.say("en") for defect in refusal.value.defects]


@pytest.mark.parametrize("kind", GEOMETRIES)
def test_every_geometry_is_read_as_it_stands(kind: str) -> None:
    (geometry,), (properties,), crs = parse_geojson(write(feature(kind, GEOMETRIES[kind], a=1)), "")
    assert json.loads(shapely.to_geojson(geometry)) == {
        "type": kind,
        "coordinates": GEOMETRIES[kind],
    }
    assert properties == {"a": 1}
    assert crs.to_string() == "OGC:CRS84"


def test_heights_are_left_out() -> None:
    (point,), _, _ = parse_geojson(write(feature("Point", [113.3, 23.1, 12.5])), "")
    assert point == shapely.Point(113.3, 23.1)
    assert not point.has_z


def test_features_without_properties_are_features() -> None:
    bare = {"type": "Feature", "properties": None, "geometry": {"type": "Point",
            "coordinates": [1, 2]}}  # fmt: skip
    assert parse_geojson(write(bare), "")[1] == [{}]


@given(st.lists(PLACE, min_size=1, max_size=20))
def test_points_are_kept_to_the_last_bit_and_in_order(places: list[tuple[float, float]]) -> None:
    points, _, _ = parse_geojson(write(*(feature("Point", place) for place in places)), "")
    assert [(point.x, point.y) for point in points] == places


@pytest.mark.parametrize("name", ["EPSG:4547", "urn:ogc:def:crs:EPSG::4547"])
def test_an_old_file_may_name_its_crs(name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    assert parse_geojson(write(feature("Point", [1, 2]), crs=crs), "")[2].to_epsg() == 4547


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "name", "properties": {"name": "EPSG:99999"}},
        {"type": "link", "properties": {"href": "http://example.com/crs"}},
        {"type": "name"},
        "EPSG:4326",
        {"type": "name", "properties": {"name": ["EPSG:4326"]}},
    ],
)
def test_an_unknown_crs_is_never_taken_for_wgs84(crs: object) -> None:
    (told,) = refuse(write(feature("Point", [1, 2]), crs=crs))
    assert told.startswith("a.geojson: crs is unknown: ")
    assert told.endswith("Export in WGS84 longitude and latitude.")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"type": "FeatureCollection",\n "features": [', "line 2, column 15"),
        ('{"type": "FeatureCollection"\n "features": []}', "line 2, column 2"),
        ("<html></html>", "line 1, column 1"),
        ("{'type': 1}", "line 1, column 2"),
    ],
)
def test_broken_json_is_refused_with_line_and_column(text: str, place: str) -> None:
    (told,) = refuse(text)
    assert told.startswith(f"a.geojson: is not valid JSON at {place}. Check commas and brackets")


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_constants_of_javascript_are_not_json(constant: str) -> None:
    text = write(feature("Point", [1, 2], population=0)).replace(" 0}", f" {constant}}}")
    assert refuse(text) == [
        f"a.geojson: holds {constant}, which is not JSON. Export it as GeoJSON again."
    ]


def test_a_key_that_stands_twice_is_not_guessed() -> None:
    text = write(feature("Point", [1, 2], population=1)).replace(
        '"population": 1', '"population": 1, "population": 2'
    )
    assert refuse(text)[0].startswith("a.geojson: holds the key population twice")


def test_json_nested_without_end_is_refused() -> None:
    assert "too deep" in refuse("[" * 100_000)[0]


@pytest.mark.parametrize("text", ["[]", "3", '"a"', "{}", '{"type": "FeatureCollection"}'])
def test_json_that_is_no_collection_is_refused(text: str) -> None:
    assert refuse(text) == [
        "a.geojson: is not a GeoJSON FeatureCollection. Export it as GeoJSON again."
    ]


@pytest.mark.parametrize("kind", ["Topology", "GeometryCollection", "Feature"])
def test_json_of_another_type_is_refused(kind: str) -> None:
    assert "is not a GeoJSON FeatureCollection" in refuse(write(type=kind))[0]


def test_a_collection_without_features_is_refused() -> None:
    assert refuse(write()) == ["a.geojson: holds no features. Export it as GeoJSON again."]


@pytest.mark.parametrize(
    ("kind", "coordinates", "message"),
    [
        ("Point", ["113.3", "23.1"], 'position ["113.3", "23.1"] is not two numbers'),
        ("Point", [113.3], "position [113.3] is not two numbers"),
        ("Point", [], "is not two numbers"),
        ("Point", [True, False], "is not two numbers"),
        ("Point", [None, None], "position [null, null] is not two numbers"),
        ("Point", [10**400, 1], "is not two numbers"),
        ("Point", [1, 2, "3"], "is not two numbers"),
        ("Point", None, "coordinates None are not a list"),
        ("Point", "113.3,23.1", "coordinates '113.3,23.1' are not a list"),
        ("Point", [[1, 2]], "is not two numbers"),
        ("LineString", [1, 2], "coordinates 1 are not a list"),
        ("LineString", [[1, 2]], "has a line of fewer than two positions"),
        ("LineString", [], "has an empty geometry"),
        ("MultiLineString", [[[1, 2]]], "has a line of fewer than two positions"),
        ("Polygon", [], "has an empty geometry"),
        ("Polygon", [SQUARE[:-1]], "has a ring that is not closed"),
        ("Polygon", [[[0, 0], [1, 1], [0, 0]]], "has a ring that is not closed"),
        ("Polygon", [SQUARE, SQUARE[:-1]], "has a ring that is not closed"),
        ("MultiPolygon", [[SQUARE[:-1]]], "has a ring that is not closed"),
        ("MultiPolygon", SQUARE, "coordinates 0 are not a list"),
        ("Circle", [0, 0], "geometry type 'Circle' cannot be used"),
        ("GeometryCollection", [], "geometry type 'GeometryCollection' cannot be used"),
        (None, [0, 0], "geometry type None cannot be used"),
    ],
)
def test_bad_coordinates_are_refused_with_their_feature(
    kind: str, coordinates: object, message: str
) -> None:
    good = feature("Point", [1, 2])
    (told,) = refuse(write(good, feature(kind, coordinates, 名称="黄村中心")))
    assert told.startswith("a.geojson feature 2 (黄村中心): ")
    assert message in told
    assert told.endswith("Draw this feature again.")


def test_a_number_too_large_for_a_float_is_refused() -> None:
    text = write(feature("Point", [1, 2])).replace("[1, 2]", "[1e999, 2]")
    assert "is not two numbers" in refuse(text)[0]


@pytest.mark.parametrize(
    "broken", [None, 3, {}, {"type": "feature"}, {"type": "Feature", "properties": [1]}]
)
def test_what_is_no_feature_is_refused_with_its_number(broken: object) -> None:
    told = refuse(write(feature("Point", [1, 2]), broken))
    assert told == ["a.geojson feature 2: is not a GeoJSON Feature. Export it as GeoJSON again."]


def test_a_feature_without_geometry_is_never_dropped() -> None:
    nowhere = {"type": "Feature", "properties": {"name": "A"}, "geometry": None}
    assert refuse(write(nowhere)) == [
        "a.geojson feature 1 (A): has no geometry. Draw this feature again."
    ]


def test_all_defects_of_a_file_are_told_at_once() -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:0"}}
    told = refuse(write(feature("Point", ["1", "2"]), None, feature("Line", []), crs=crs))
    assert len(told) == 4
    assert [line.split(":")[0] for line in told] == [
        "a.geojson", "a.geojson feature 1", "a.geojson feature 2", "a.geojson feature 3",
    ]  # fmt: skip
