"""OpenStreetMap extracts: what is walked, where people live, and what a clipped file lacks."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import shapely

from siteplan.crs import from_wgs84
from siteplan.errors import CrsError, InputError
from siteplan.inputs.osm import is_osm, read_osm
from siteplan.inputs.osm_extract import OsmExtract

WriteOsm = Callable[..., Path]
STREET = {"highway": "residential"}
# a square of about 11 m × 10 m with a court, around 113.3° E 23.1° N
CORNERS = {
    1: (113.3, 23.1), 2: (113.3001, 23.1), 3: (113.3001, 23.1001), 4: (113.3, 23.1001),
    5: (113.30002, 23.10002), 6: (113.30004, 23.10002), 7: (113.30004, 23.10004),
    8: (113.30002, 23.10004),
}  # fmt: skip
OUTLINE, COURT = [1, 2, 3, 4, 1], [5, 6, 7, 8, 5]
CIRCLE = np.arange(5)


def read(path: Path) -> OsmExtract:
    return read_osm(path, path.name)


@pytest.mark.parametrize("name", ["a.osm.pbf", "a.pbf", "a.osm", "A.OSM.PBF"])
def test_binary_and_xml_hold_the_same(write_osm: WriteOsm, name: str) -> None:
    ways = {7: ([1, 2, 3], STREET), 8: ([3, 4], {"highway": "steps"})}
    path = write_osm(CORNERS, ways, name=name.lower()).rename
    extract = read(path(Path(str(path.__self__)).with_name(name)))
    assert extract.refs.tolist() == [1, 2, 3, 3, 4]
    assert extract.run.tolist() == [0, 0, 0, 1, 1]
    assert extract.highway.tolist() == ["residential", "steps"]
    assert extract.lon[1] == pytest.approx(113.3001, abs=1e-9)
    assert (extract.ways, extract.missing_nodes) == (2, 0)


@pytest.mark.parametrize(
    ("name", "osm"), [("a.osm", True), ("a.osm.pbf", True), ("a.pbf", True), ("a.graphml", False),
                      ("osm", False), ("a.osm.geojson", False)]
)  # fmt: skip
def test_an_extract_is_known_by_its_name(name: str, *, osm: bool) -> None:
    assert is_osm(Path(name)) is osm


def test_ways_that_are_not_walked_are_left_out(write_osm: WriteOsm) -> None:
    ways = {
        1: ([1, 2], {"highway": "motorway"}),
        2: ([2, 3], {"highway": "footway", "foot": "no"}),
        3: ([3, 4], STREET),
    }
    extract = read(write_osm(CORNERS, ways))
    assert extract.refs.tolist() == [3, 4]
    assert extract.ways == 1


def test_a_clipped_way_is_read_as_far_as_it_goes(write_osm: WriteOsm) -> None:
    ways = {1: ([90, 1, 2, 91, 3, 4, 92, 5, 93], STREET), 2: ([94, 95], STREET)}
    extract = read(write_osm(CORNERS, ways))
    assert extract.refs.tolist() == [1, 2, 3, 4]
    assert extract.run.tolist() == [0, 0, 1, 1]
    assert extract.ways == 1
    assert extract.missing_nodes == 6


def test_a_node_twice_in_a_row_is_one(write_osm: WriteOsm) -> None:
    assert read(write_osm(CORNERS, {1: ([1, 1, 2, 2], STREET)})).refs.tolist() == [1, 2]


def test_a_building_is_its_outline_with_its_storeys(write_osm: WriteOsm) -> None:
    tags = {"building": "apartments", "building:levels": "9"}
    extract = read(write_osm(CORNERS, {1: (OUTLINE, tags)}))
    assert extract.buildings[0].equals(shapely.box(113.3, 23.1, 113.3001, 23.1001))
    assert extract.levels.tolist() == [9]
    assert len(extract.refs) == 0


def test_parts_and_other_uses_are_no_homes(write_osm: WriteOsm) -> None:
    ways = {
        1: (OUTLINE, {"building:part": "yes"}),
        2: (OUTLINE, {"building": "yes", "amenity": "school"}),
        3: (OUTLINE, {"building": "yes"}),
    }
    assert len(read(write_osm(CORNERS, ways)).buildings) == 1


@pytest.mark.parametrize("tagged", ["relation", "both"])
@pytest.mark.parametrize(
    "tags", [{"building": "yes"}, {"building": "apartments", "amenity": "library"}]
)
def test_a_building_with_a_court_counts_once_and_without_the_court(
    write_osm: WriteOsm, tagged: str, tags: Mapping[str, str]
) -> None:
    ways = {1: (OUTLINE, tags if tagged == "both" else {}), 2: (COURT, {})}
    members = [("w", 1, "outer"), ("w", 2, "inner")]
    drawn = {9: (members, {**tags, "type": "multipolygon"})}
    extract = read(write_osm(CORNERS, ways, drawn))
    (building,) = extract.buildings
    assert building.area == pytest.approx(1e-8 - 4e-10, rel=1e-6)
    assert extract.lost_buildings == 0


@pytest.mark.parametrize("tags", [{"building": "yes"}, {"building": "house"}])
def test_a_home_without_a_whole_outline_is_counted_as_lost(
    write_osm: WriteOsm, tags: Mapping[str, str]
) -> None:
    ways = {1: ([1, 2, 99, 4, 1], tags), 2: ([1, 2, 3], tags), 3: ([1, 2, 3, 4], tags)}
    extract = read(write_osm(CORNERS, ways))
    assert len(extract.buildings) == 0
    assert extract.lost_buildings == 3


def test_a_home_of_several_ways_of_which_one_is_missing_is_lost(write_osm: WriteOsm) -> None:
    relation = ([("w", 1, "outer"), ("w", 99, "outer")],
                {"type": "multipolygon", "building": "yes"})  # fmt: skip
    extract = read(write_osm(CORNERS, {1: ([1, 2, 3], {})}, {9: relation}))
    assert len(extract.buildings) == 0
    assert extract.lost_buildings == 1


def test_a_home_that_crosses_itself_keeps_its_area(write_osm: WriteOsm) -> None:
    (building,) = read(write_osm(CORNERS, {1: ([1, 3, 2, 4, 1], {"building": "yes"})})).buildings
    assert building.is_valid
    assert building.area == pytest.approx(0.5e-8, rel=1e-6)


def test_a_home_without_an_area_is_lost(write_osm: WriteOsm) -> None:
    extract = read(write_osm(CORNERS, {1: ([1, 2, 1, 2, 1], {"building": "yes"})}))
    assert len(extract.buildings) == 0
    assert extract.lost_buildings == 1


def test_barriers_end_at_bridges_and_tunnels_and_go_on_where_the_file_is_clipped(
    write_osm: WriteOsm,
) -> None:
    ways = {
        1: ([1, 2], {"railway": "rail"}),
        2: ([2, 3], {"railway": "rail", "bridge": "yes"}),
        3: ([3, 4], {"railway": "subway", "tunnel": "yes"}),
        4: ([5, 6, 99, 7, 8], {"waterway": "river"}),
        5: ([1, 3], {"highway": "motorway"}),
        6: ([2, 4], {"railway": "abandoned"}),
    }
    extract = read(write_osm(CORNERS, ways))
    starts = sorted((line.coords[0], line.coords[-1]) for line in extract.barriers)
    rounded = [(tuple(np.round(a, 5)), tuple(np.round(b, 5))) for a, b in starts]
    pairs = [(1, 2), (1, 3), (5, 6), (7, 8)]
    assert rounded == sorted((CORNERS[a], CORNERS[b]) for a, b in pairs)
    assert not extract.ways


def test_bridges_and_tunnels_have_the_name_that_people_call_them_by(write_osm: WriteOsm) -> None:
    named = {"bridge": "yes", "name": "江南大道", "bridge:name": "海印桥"}
    ways = {
        1: ([1, 2], STREET),
        2: ([2, 3], STREET | named),
        3: ([3, 4], {"highway": "footway"} | named),
        4: ([4, 1], STREET | {"tunnel": "yes", "name": "\u202e" + 200 * "x"}),
        5: ([5, 6], STREET | {"bridge": "yes"}),
        6: ([6, 7], STREET | {"bridge": "viaduct"}),
        7: ([7, 8], STREET | {"tunnel": "building_passage", "bridge": "no"}),
    }
    extract = read(write_osm(CORNERS, ways))
    found = [(one.kind, one.name) for one in extract.crossings]
    assert found == [
        ("bridge", "海印桥"), ("tunnel", "\ufffd" + 79 * "x"), ("bridge", ""), ("bridge", ""),
    ]  # fmt: skip
    assert extract.crossing.tolist() == [-1, 0, 0, 1, 2, 3, -1]


def test_water_is_kept_for_maps_only(write_osm: WriteOsm) -> None:
    extract = read(write_osm(CORNERS, {1: (OUTLINE, {"natural": "water"}), 2: (COURT, {})}))
    assert len(extract.water) == 1
    assert len(extract.buildings) == extract.lost_buildings == 0


def test_a_road_may_be_a_building_too(write_osm: WriteOsm) -> None:
    extract = read(write_osm(CORNERS, {1: (OUTLINE, {"highway": "corridor", "building": "yes"})}))
    assert len(extract.refs) == 5
    assert len(extract.buildings) == 1


def test_the_degrees_of_a_web_map_are_undone(write_osm: WriteOsm) -> None:
    lon, lat = from_wgs84(*np.array(list(CORNERS.values())).T, "gcj02")
    shifted = dict(zip(CORNERS, zip(lon.tolist(), lat.tolist(), strict=True), strict=True))
    path = write_osm(shifted, {1: ([1, 2], STREET), 2: (OUTLINE, {"building": "yes"})})
    extract = read_osm(path, "a", "gcj02")
    assert extract.lon == pytest.approx([113.3, 113.3001], abs=2e-7)  # a file holds 7 decimals
    assert extract.buildings[0].centroid.distance(shapely.Point(113.30005, 23.10005)) < 2e-7


def test_a_datum_of_china_elsewhere_is_refused_with_the_file(write_osm: WriteOsm) -> None:
    path = write_osm({1: (9.5, 47.1), 2: (9.6, 47.1)}, {1: ([1, 2], STREET)})
    with pytest.raises(CrsError, match=r"^a\.osm\.pbf: \(9\.5, 47\.1\) is outside China"):
        read_osm(path, "a.osm.pbf", "bd09")


@pytest.mark.parametrize("name", ["a.osm.pbf", "a.osm"])
def test_a_file_that_is_cut_off_is_refused(write_osm: WriteOsm, name: str) -> None:
    path = write_osm(CORNERS, {1: ([1, 2], STREET)}, name=name)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match=r"is not a whole OSM file .* Download it again"):
        read(path)


@pytest.mark.parametrize("name", ["a.osm.pbf", "a.osm"])
@pytest.mark.parametrize("content", [b"", b"<html></html>", b'{"elements": []}'])
def test_a_file_of_something_else_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"^{name}: "):
        read(tmp_path / name)


def test_a_document_type_is_refused_before_it_is_read(tmp_path: Path) -> None:
    text = '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "aaaa">]><osm version="0.6"></osm>'
    (tmp_path / "a.osm").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="declares a document type"):
        read(tmp_path / "a.osm")


def test_a_file_out_of_order_is_refused_with_how_to_sort_it(write_osm: WriteOsm) -> None:
    with pytest.raises(InputError, match=r"out of order.* sort it with osmium sort"):
        read(write_osm(CORNERS, {2: ([1, 2], STREET), 1: ([2, 3], STREET)}))


def test_the_order_of_ways_changes_no_building(write_osm: WriteOsm) -> None:
    ways = [([n, n + 1, n + 2, n], {"building": "yes"}) for n in range(1, 7)]
    straight = read(write_osm(CORNERS, dict(enumerate(ways, start=1))))
    np.random.default_rng(2).shuffle(ways)
    shuffled = read(write_osm(CORNERS, dict(enumerate(ways, start=1))))
    assert {b.wkb for b in straight.buildings} == {b.wkb for b in shuffled.buildings}


def test_stops_are_nodes_lines_and_areas_also_of_a_building(write_osm: WriteOsm) -> None:
    ways = {
        1: (OUTLINE, {"amenity": "bus_station", "name": "客运站", "building": "yes"}),
        2: ([1, 2, 3], {"public_transport": "platform"}),
        3: ([1, 99, 3, 4], {"highway": "platform", "name": "站台"}),  # clipped
        4: ([99, 98], {"railway": "platform"}),  # nothing of it in the file
        5: (COURT, {"amenity": "school;bus_station", "name": "校车站"}),
        6: ([1, 2, 99, 4, 1], {"railway": "station", "name": "车站"}),
    }
    extract = read(write_osm(CORNERS, ways, {9: ([("w", 7, "outer")], {"type": "multipolygon"})}))
    found = sorted(zip(extract.stop_kind.tolist(), extract.stop_name.tolist(), strict=True))
    assert found == [
        ("bus_station", "客运站"), ("bus_station", "校车站"), ("platform", ""),
        ("platform", "站台"), ("station", "车站"),
    ]  # fmt: skip
    assert (extract.service_kind.tolist(), len(extract.buildings)) == (["school"], 0)
    places = dict(
        zip(
            extract.stop_name.tolist(),
            zip(extract.stop_lon, extract.stop_lat, strict=True),
            strict=True,
        )
    )
    assert places["客运站"] == pytest.approx((113.30005, 23.10005))
    assert places["站台"] == pytest.approx((113.30005, 23.1001))


def test_a_station_of_several_ways_stands_once(write_osm: WriteOsm) -> None:
    ways = {1: ([1, 2, 3], {}), 2: ([3, 4, 1], {})}
    members = [("w", 1, "outer"), ("w", 2, "outer")]
    tags = {"type": "multipolygon", "public_transport": "station", "name": "总站"}
    extract = read(write_osm(CORNERS, ways, {9: (members, tags)}))
    assert (extract.stop_kind.tolist(), extract.stop_name.tolist()) == (["station"], ["总站"])
    assert extract.stop_lon.tolist() == pytest.approx([113.30005])


def test_a_building_is_as_it_was_when_it_is_a_stop_too(write_osm: WriteOsm) -> None:
    tags = {"building": "house", "railway": "halt"}
    extract = read(write_osm(CORNERS, {1: (OUTLINE, tags), 2: ([1, 2, 99, 1], tags)}))
    assert (len(extract.buildings), extract.lost_buildings) == (1, 1)
    assert extract.stop_kind.tolist() == ["station", "station"]
