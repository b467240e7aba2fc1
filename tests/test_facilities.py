"""Public services that exist already: from their own layer, or from OpenStreetMap."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from math import dist
from pathlib import Path

import numpy as np
import osmium
import pyproj
import pytest
import shapely

from siteplan.analysis import nearby
from siteplan.errors import InputError
from siteplan.inputs.facilities import (
    DEPARTMENTS,
    RELATIONS,
    SAME_M,
    find_department,
    find_relation,
    find_twins,
    make_facilities_of_layer,
    make_facilities_of_osm,
)
from siteplan.inputs.osm import read_osm
from siteplan.inputs.osm_extract import OsmExtract
from siteplan.inputs.vector import POINTS, POLYGONS, read_layer
from siteplan.model import Facilities

Write = Callable[..., Path]
CRS = "EPSG:4547"
# a square of about 100 m around 113.3° E 23.1° N, and a node inside
CORNERS = {1: (113.3, 23.1), 2: (113.301, 23.1), 3: (113.301, 23.101), 4: (113.3, 23.101)}
SQUARE = [1, 2, 3, 4, 1]
SCHOOL = {"amenity": "school", "name": "小学"}


def say(found: Facilities) -> list[tuple[str, str]]:
    return list(zip(found.kind.tolist(), found.name.tolist(), strict=True))


def extract_of(path: Path) -> OsmExtract:
    return read_osm(path, path.name)


def point(lon: float, lat: float) -> dict[str, object]:
    return {"type": "Point", "coordinates": [lon, lat]}


def read(path: Path, **columns: str) -> Facilities:
    layer = read_layer(path, path.name, kinds=POINTS | POLYGONS, columns=columns)
    return make_facilities_of_layer(layer, columns, CRS)


def test_a_layer_gives_kind_name_and_place_in_that_order(
    tmp_path: Path, write_geojson: Write
) -> None:
    shape = {"type": "Polygon", "coordinates": [[CORNERS[n] for n in SQUARE]]}
    path = write_geojson(
        tmp_path / "facilities.geojson",
        (point(113.4, 23.1), {"kind": "school", "name": "乙"}),
        (shape, {"kind": "school", "name": "甲\n校"}),
        (point(113.2, 23.1), {"kind": "clinic"}),
        (point(113.1, 23.1), {"kind": " ", "name": "?"}),
        (point(113.3, 23.1), {"kind": "school", "name": "乙"}),
    )
    found = read(path)
    assert say(found) == [
        ("clinic", ""), ("other", "?"), ("school", "乙"), ("school", "乙"), ("school", "甲\ufffd校")
    ]  # fmt: skip
    assert found.x[2] < found.x[3]
    back = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform
    assert back(found.x[4], found.y[4]) == pytest.approx((113.3005, 23.1005), abs=1e-6)


def test_a_layer_may_be_a_table_with_other_names_for_its_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("X,Y,类别\n113.3,23.1,图书馆\n", encoding="utf-8")
    found = read(tmp_path / "a.csv", lon="X", lat="Y", kind="类别")
    assert say(found) == [("图书馆", "")]


def test_a_layer_without_kinds_is_refused(tmp_path: Path, write_geojson: Write) -> None:
    path = write_geojson(tmp_path / "a.geojson", (point(113.3, 23.1), {"type": "school"}))
    with pytest.raises(InputError, match=r"a\.geojson: has no column kind\. It has type"):
        read(path)


def test_the_same_thing_within_100_m_counts_once(tmp_path: Path, write_geojson: Write) -> None:
    step = 0.0007  # about 72 m
    path = write_geojson(
        tmp_path / "a.geojson",
        *((point(113.3 + n * step, 23.1), {"kind": "school", "name": "A"}) for n in range(4)),
        (point(113.3, 23.1), {"kind": "clinic", "name": "A"}),
        (point(113.3, 23.1), {"kind": "school", "name": "B"}),
        (point(113.3, 23.1), {"kind": "school"}),
        (point(113.3, 23.1), {"kind": "school"}),
    )
    found = [("clinic", "A"), ("school", ""), ("school", "A"), ("school", "A"), ("school", "B")]
    assert say(read(path)) == found  # of the four, the first and the third are kept


def test_a_layer_may_say_relation_and_department_in_either_language(
    tmp_path: Path, write_geojson: Write
) -> None:
    path = write_geojson(
        tmp_path / "a.geojson",
        (point(113.31, 23.1), {"kind": "a", "关系": "已整合", "部门": "市卫生局"}),
        (point(113.32, 23.1), {"kind": "b", "关系": " Linked ", "部门": "Youth League"}),
        (point(113.33, 23.1), {"kind": "c", "关系": "转介", "部门": "外办"}),
        (point(113.34, 23.1), {"kind": "社区文化站", "关系": "未对接"}),
        (point(113.35, 23.1), {"kind": "townhall", "部门": ""}),
    )
    found = read(path, relation="关系", department="部门")
    assert found.relation is not None
    assert found.department is not None
    assert found.relation.tolist() == ["integrated", "linked", "referred", "", "未对接"]
    assert found.department.tolist() == ["health", "youth_league", "外办", "", "culture"]


def test_without_a_column_of_relations_none_is_known(
    tmp_path: Path, write_geojson: Write, write_osm: Write
) -> None:
    path = write_geojson(tmp_path / "a.geojson", (point(113.3, 23.1), {"kind": "school"}))
    extract = extract_of(write_osm(CORNERS, {1: (SQUARE, SCHOOL)}))
    for found in (read(path), make_facilities_of_osm(extract, CRS)):
        assert found.relation is None
        assert found.department is not None
        assert found.department.tolist() == ["education"]
    path = write_geojson(
        tmp_path / "a.geojson", (point(113.3, 23.1), {"kind": "school", "relation": None})
    )
    assert read(path).relation is not None


def test_what_one_of_two_drawings_says_holds_for_both(tmp_path: Path, write_geojson: Write) -> None:
    path = write_geojson(
        tmp_path / "a.geojson",
        (point(113.3, 23.1), {"kind": "x", "name": "A"}),
        (
            point(113.3005, 23.1),
            {"kind": "x", "name": "A", "relation": "对接", "department": "残联"},
        ),
        (point(113.31, 23.1), {"kind": "x", "name": "A"}),
    )
    found = read(path)
    assert found.relation is not None
    assert found.department is not None
    assert (found.relation.tolist(), found.department.tolist()) == (
        ["linked", ""], ["disabled", ""],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("word", "department"),
    [
        ("clinic", "health"), ("社区卫生服务中心", "health"), ("library", "culture"),
        ("文化站", "culture"), ("kindergarten", "education"), ("小学", "education"),
        ("community_centre", "civil_affairs"), ("养老院", "civil_affairs"),
        ("social_facility", "civil_affairs"), ("青少年宫", "youth_league"),
        ("残疾人就业中心", "disabled"), ("妇女之家", "women"), ("就业服务站", "human_resources"),
        ("Employment office", "human_resources"), ("police", "police"), ("派出所", "police"),
        ("fire_station", "fire"), ("体育馆", "sports"), ("妇幼保健医院", "health"),
        ("townhall", None), ("other", None), ("", None),
    ],
)  # fmt: skip
def test_a_department_is_told_by_a_word_in_the_kind(word: str, department: str | None) -> None:
    assert find_department(word) == department


def test_every_department_and_relation_has_a_name_that_is_read_as_itself() -> None:
    assert set(DEPARTMENTS) == set(nearby.DEPARTMENTS)
    assert set(RELATIONS) == set(nearby.RELATIONS)
    for key, name in nearby.DEPARTMENTS.items():
        assert {find_department(word) for word in (key, name.zh, name.en)} == {key}
    for key, name in nearby.RELATIONS.items():
        assert {find_relation(word) for word in (key, name.zh, name.en)} == {key}


def test_departments_and_relations_are_documented() -> None:
    method = (Path(__file__).parents[1] / "docs" / "method.md").read_text(encoding="utf-8")
    for names in (nearby.DEPARTMENTS, nearby.RELATIONS):
        for key, name in names.items():
            assert f"`{key}` {name.zh}" in method, key


def test_twins_are_of_one_group_and_near() -> None:
    x = np.array([0.0, SAME_M, 0.0, SAME_M + 0.1])
    assert find_twins(x, np.zeros(4), np.array([0, 0, 1, 0])) == [(0, 1), (1, 3)]
    assert find_twins(np.empty(0), np.empty(0), np.empty(0, dtype=np.intp)) == []


def test_an_extract_gives_nodes_ways_and_multipolygons(write_osm: Write) -> None:
    ways = {
        1: (SQUARE, {"amenity": "library", "name": "图书馆", "building": "yes"}),
        2: (SQUARE, {"building": "house", "office": "government"}),
        3: ([1, 2], {"amenity": "school"}),  # no area
        4: ([1, 2, 99, 4, 1], {"amenity": "school"}),  # not all of it in the file
        5: ([1, 2, 3], {}),
        6: ([3, 4, 1], {}),
        7: (SQUARE, {"amenity": "parking"}),
    }
    members = [("w", 5, "outer"), ("w", 6, "outer")]
    tags = {"type": "multipolygon", "leisure": "sports_centre"}
    extract = extract_of(write_osm(CORNERS, ways, {9: (members, tags)}))
    found = make_facilities_of_osm(extract, CRS)
    assert say(found) == [("government", ""), ("library", "图书馆"), ("sports_centre", "")]
    assert extract.service_lon.tolist() == pytest.approx([113.3005] * 3)
    assert extract.service_lat.tolist() == pytest.approx([23.1005] * 3)
    assert len(extract.buildings) == 1  # the house; a library is none


def test_a_node_within_its_building_counts_once(tmp_path: Path) -> None:
    nodes = "".join(
        f'<node id="{n}" lon="{lon}" lat="{lat}" version="1"/>' for n, (lon, lat) in CORNERS.items()
    )
    named = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in SCHOOL.items())
    refs = "".join(f'<nd ref="{n}"/>' for n in SQUARE)
    path = tmp_path / "a.osm"
    path.write_text(
        f'<osm version="0.6">{nodes}<node id="9" lon="113.3004" lat="23.1003" version="1">{named}'
        f'</node><way id="1" version="1">{refs}{named}</way></osm>',
        encoding="utf-8",
    )
    assert len(extract_of(path).service_kind) == 2
    assert say(make_facilities_of_osm(extract_of(path), CRS)) == [("school", "小学")]


def test_an_extract_without_services_has_none(write_osm: Write) -> None:
    extract = extract_of(write_osm(CORNERS, {1: ([1, 2], {"highway": "path"})}))
    assert say(make_facilities_of_osm(extract, CRS)) == []


# What an independent reader finds. Written from docs/method.md, sharing nothing with the code.
AMENITIES = {
    "arts_centre", "childcare", "clinic", "college", "community_centre", "courthouse", "doctors",
    "fire_station", "hospital", "kindergarten", "library", "nursing_home", "police", "post_office",
    "public_building", "school", "social_centre", "social_facility", "townhall", "university",
}  # fmt: skip
HEALTH = {"centre": "clinic", "clinic": "clinic", "doctor": "doctors", "hospital": "hospital"}


def kind_of(tags: dict[str, str]) -> str | None:
    for value in tags.get("amenity", "").split(";"):
        if value in AMENITIES:
            return value
    if tags.get("healthcare") in HEALTH:
        return HEALTH[tags["healthcare"]]
    if tags.get("office") == "government":
        return "government"
    return "sports_centre" if tags.get("leisure") == "sports_centre" else None


@pytest.mark.real
def test_liechtenstein_has_what_an_independent_reader_finds(real_data: Path) -> None:
    path = real_data / "liechtenstein" / "liechtenstein-latest.osm.pbf"
    crs = "EPSG:32632"
    found = make_facilities_of_osm(extract_of(path), crs)
    project = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
    groups = defaultdict(list)
    for tags, lon, lat in list_places(path):
        kind = kind_of(tags)
        if kind is not None:
            groups[kind, tags.get("name", "")].append(project(lon, lat))
    expected = []
    for key, places in sorted(groups.items()):
        kept: list[tuple[float, float]] = []
        for place in sorted(places):
            if all(dist(place, other) > 100 for other in kept):
                kept.append(place)
        expected += [key] * len(kept)
    assert say(found) == expected
    assert len(expected) > 50


def list_places(path: Path) -> Iterator[tuple[dict[str, str], float, float]]:
    """Yield tagged nodes, and closed ways at their centroid; no relation here is a service."""
    for item in osmium.FileProcessor(path).with_locations():
        tags = {tag.k: tag.v for tag in item.tags}
        if item.is_node() and tags:
            yield tags, item.lon, item.lat
        elif item.is_way() and item.is_closed() and len(item.nodes) > 3:
            ring = [(node.lon, node.lat) for node in item.nodes if node.location.valid()]
            if len(ring) == len(item.nodes):
                yield tags, *shapely.Polygon(ring).centroid.coords[0]
