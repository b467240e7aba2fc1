"""A strict reader of GeoJSON: what is not exactly a feature is named, never guessed."""

import json
import re
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteplan.errors import InputError
from siteplan.inputs.geojson import parse_geojson
from siteplan.inputs.limits import Limits

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
        parse_geojson(text, "a.geojson").defects.raise_errors()
    for defect in refusal.value.defects:
        assert defect.stage == "read"
        assert defect.remedy.zh
    return [defect.say("en") for defect in refusal.value.defects]


@pytest.mark.parametrize("kind", GEOMETRIES)
def test_every_geometry_is_read_as_it_stands(kind: str) -> None:
    features = parse_geojson(write(feature(kind, GEOMETRIES[kind], a=1)), "")
    (geometry,) = features.geometries
    assert json.loads(shapely.to_geojson(geometry)) == {
        "type": kind,
        "coordinates": GEOMETRIES[kind],
    }
    assert features.properties == [{"a": 1}]
    assert features.crs.to_string() == "OGC:CRS84"
    assert features.defects == []


def test_heights_are_left_out_with_a_note() -> None:
    features = parse_geojson(write(feature("Point", [113.3, 23.1, 12.5])), "")
    assert features.geometries == [shapely.Point(113.3, 23.1)]
    assert not shapely.has_z(features.geometries).any()
    assert [(d.severity, d.message.en) for d in features.defects] == [
        ("note", "1 positions have a height")
    ]


def test_features_without_properties_are_features() -> None:
    bare = {"type": "Feature", "properties": None, "geometry": {"type": "Point",
            "coordinates": [1, 2]}}  # fmt: skip
    assert parse_geojson(write(bare), "").properties == [{}]


@given(st.lists(PLACE, min_size=1, max_size=20))
def test_points_are_kept_to_the_last_bit_and_in_order(places: list[tuple[float, float]]) -> None:
    features = parse_geojson(write(*(feature("Point", place) for place in places)), "")
    assert [(point.x, point.y) for point in features.geometries] == places


@pytest.mark.parametrize("name", ["EPSG:4547", "urn:ogc:def:crs:EPSG::4547"])
def test_an_old_file_may_name_its_crs(name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    assert parse_geojson(write(feature("Point", [1, 2]), crs=crs), "").crs.to_epsg() == 4547


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


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('{"type": "FeatureCollection", "features": [{},\n]}', ["line 1, column 46"]),
        ('{"features": [\n{"a,]": 1,},\n ],\n}', [f"line {n}, column {c}" for n, c in
                                                ((2, 10), (2, 12), (3, 3))]),
    ],
)  # fmt: skip
def test_every_comma_too_many_is_told_with_line_and_column(text: str, places: list[str]) -> None:
    told = [line for line in refuse(text) if "comma" in line]
    assert told == [f"a.geojson: has a comma too many at {p}. Take it out." for p in places]


def test_a_comma_too_many_is_mended() -> None:
    text = write(feature("Point", [1, 2], name="甲,]")).replace("]}", ",]}")
    features = parse_geojson(text, "")
    assert features.geometries == [shapely.Point(1, 2)]
    assert features.properties == [{"name": "甲,]"}]


@given(st.text(alphabet=r'"\,[]{} a', max_size=40))
def test_whatever_the_text_only_real_commas_are_taken_out(name: str) -> None:
    text = write(feature("Point", [1, 2], name=name))
    assert parse_geojson(text[:-2] + ",]}", "").properties == [{"name": name}]


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_refused_with_feature_and_field(constant: str) -> None:
    text = write(feature("Point", [1, 2], name="A", area=[0])).replace("[0]", f"[{constant}]")
    (told,) = refuse(text)
    assert told.startswith("a.geojson feature 1 (A): holds NaN or an infinity, which is no number.")


@pytest.mark.parametrize(
    ("once", "twice", "place"),
    [
        ('"area": 1', '"area": 1, "area": 2', " feature 1"),
        ('"area": 1', '"area": {"area": 1, "area": 1}', " feature 1"),
        ('"coordinates": [1, 2]', '"coordinates": [1, 2], "coordinates": [3, 4]', " feature 1"),
        ('"properties": {"area": 1}', '"properties": {}, "properties": {"a": 1}', " feature 1"),
        ('"features": [', '"features": [3], "features": [', ""),
    ],
)
def test_a_key_that_stands_twice_is_not_guessed(once: str, twice: str, place: str) -> None:
    (told,) = refuse(write(feature("Point", [1, 2], area=1)).replace(once, twice))
    key = once.split('"')[1]
    assert told.startswith(f"a.geojson{place}: has the key {key} twice. ")


@pytest.mark.parametrize(
    ("kind", "coordinates", "meant"),
    [
        ("Point", ["113.3", "２３.1"], [113.3, 23.1]),
        ("Point", ["113°30′E", 23.1], [113.5, 23.1]),
        ("Polygon", [SQUARE[:-1]], [SQUARE]),
        ("Polygon", [SQUARE, [[0.2, 0.2], [0.4, 0.2], [0.4, 0.4]]], GEOMETRIES["Polygon"]),
    ],
)
def test_what_can_only_mean_one_thing_is_refused_but_understood(
    kind: str, coordinates: object, meant: object
) -> None:
    features = parse_geojson(write(feature(kind, coordinates)), "")
    (geometry,) = features.geometries
    assert json.loads(shapely.to_geojson(geometry))["coordinates"] == meant
    (defect,) = features.defects
    assert defect.severity == "error"
    assert defect.mended


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        (Limits(features=2), "has 3 features, more than the 2 allowed"),
        (Limits(vertices=10), "has 11 vertices, more than the 10 allowed"),
    ],
)
def test_more_than_the_limits_allow_is_refused(limits: Limits, name: str) -> None:
    text = write(*[feature("Polygon", [SQUARE])] * 3)
    with pytest.raises(InputError, match=name):
        parse_geojson(text, "a.geojson", limits)
    assert parse_geojson(text, "", Limits(features=3, vertices=15)).defects == []


def test_an_attribute_that_is_too_large_is_refused() -> None:
    text = write(feature("Point", [1, 2], large=[0] * 20_000, fine=[[1]]))
    features = parse_geojson(text, "", Limits())
    assert [(defect.feature, defect.field) for defect in features.defects] == [(1, "large")]


@pytest.mark.parametrize("depth", [41, 945, 100_000])  # the second one is too deep to show
@pytest.mark.parametrize("key", ["coordinates", "deep", "bbox"])
def test_json_nested_without_end_is_refused(key: str, depth: int) -> None:
    text = write(feature("Point", [1, 2], deep=0), bbox=0)
    nested = "[" * depth + "]" * depth
    text = re.sub(rf'"{key}": (0|\[1, 2\])', f'"{key}": {nested}', text)
    (told,) = refuse(text)
    assert re.fullmatch(
        r"a\.geojson: has [\d,]+ levels of nesting, more than the 40 allowed\. .*", told
    )


def test_brackets_in_a_name_are_no_levels() -> None:
    name = "[[{" * 50 + '\\"['
    assert parse_geojson(write(feature("Point", [1, 2], name=name)), "").defects == []


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
        ("Point", ["113.3", "north"], 'position ["113.3", "north"] is not two numbers'),
        ("Point", [float("nan"), 23.1], "position [NaN, 23.1] is not two numbers"),
        ("Point", [113.3, float("-inf")], "position [113.3, -Infinity] is not two numbers"),
        ("Point", [113.3], "position [113.3] is not two numbers"),
        ("Point", [], "is not two numbers"),
        ("Point", [True, False], "is not two numbers"),
        ("Point", [None, None], "position [null, null] is not two numbers"),
        ("Point", [10**400, 1], "is not two numbers"),
        ("Point", [1, 2, "high"], "is not two numbers"),
        ("Point", None, "position null is not two numbers"),
        ("Point", "113.3,23.1", 'position "113.3,23.1" is not two numbers'),
        ("Point", [[1, 2]], "is not two numbers"),
        ("LineString", [1, 2], "position 1 is not two numbers"),
        ("LineString", [[1, 2]], "has a line of fewer than two positions"),
        ("LineString", [], "has an empty geometry"),
        ("MultiLineString", [[[1, 2]]], "has a line of fewer than two positions"),
        ("Polygon", [], "has an empty geometry"),
        ("Polygon", [[[0, 0], [1, 1], [0, 0]]], "has a ring of fewer than 3 points"),
        ("Polygon", [SQUARE, [[0, 0], [1, 1]]], "has a ring of fewer than 3 points"),
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
    told = refuse(write(feature("Point", ["1", "x"]), None, feature("Line", []), crs=crs))
    assert len(told) == 4
    assert [line.split(":")[0] for line in told] == [
        "a.geojson", "a.geojson feature 1", "a.geojson feature 2", "a.geojson feature 3",
    ]  # fmt: skip
