"""What is drawn beneath a map: read in the one pass, and simplified until a page can carry it."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from oracle.pbf import read_pbf
from small import CRS, draw_roads, make_area, make_case, make_subdistrict

from siteplan.errors import Text
from siteplan.inputs import tags
from siteplan.inputs.backdrop import make_backdrop_of_osm
from siteplan.inputs.osm import read_osm
from siteplan.inputs.osm_extract import OsmExtract
from siteplan.inputs.roads import make_roads_of_osm
from siteplan.model import (
    NAMED_ROADS,
    PLACE_KINDS,
    Backdrop,
    Case,
    PlaceNames,
    RoadNames,
)
from siteplan.outputs.backdrop import Degrees, describe_backdrop
from siteplan.outputs.plain_backdrop import PlainBackdrop, simplify_backdrop

WriteOsm = Callable[..., Path]
UTM32 = "EPSG:32632"
EMPTY = np.empty(0, dtype=object)
HOSTILE = "</script><img src=x onerror=alert(1)>{{7*7}}\u202e"

# Lists of their own, as the documents give them: a slip in siteplan.inputs.tags shows.
GREEN = {
    ("leisure", "park"), ("leisure", "garden"), ("leisure", "pitch"), ("leisure", "common"),
    ("leisure", "golf_course"), ("landuse", "forest"), ("landuse", "grass"),
    ("landuse", "recreation_ground"), ("landuse", "village_green"), ("landuse", "cemetery"),
    ("landuse", "allotments"), ("natural", "wood"), ("natural", "grassland"),
    ("amenity", "grave_yard"),
}  # fmt: skip
RAIL = {"rail", "light_rail", "subway", "tram", "monorail", "narrow_gauge"}
PLACES = {"city", "borough", "town", "suburb", "village", "quarter", "neighbourhood", "hamlet"}
NAMED = {"trunk", "primary", "secondary", "tertiary"}

MAP = f"""<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <node id="1" lat="23.10" lon="113.30"/>
 <node id="2" lat="23.10" lon="113.31"/>
 <node id="3" lat="23.11" lon="113.31"/>
 <node id="4" lat="23.11" lon="113.30"/>
 <node id="5" lat="23.102" lon="113.302"/>
 <node id="6" lat="23.102" lon="113.304"/>
 <node id="7" lat="23.104" lon="113.304"/>
 <node id="8" lat="23.105" lon="113.305">
  <tag k="place" v="suburb"/><tag k="name" v="员村"/><tag k="name:en" v="Yuancun"/></node>
 <node id="9" lat="23.106" lon="113.305"><tag k="place" v="city"/><tag k="name" v="广州"/></node>
 <node id="10" lat="23.107" lon="113.305"><tag k="place" v="hamlet"/></node>
 <node id="11" lat="23.108" lon="113.305">
  <tag k="place" v="locality"/><tag k="name" v="x"/></node>
 <node id="12" lat="23.109" lon="113.305"><tag k="place" v="village"/>
  <tag k="name" v="{HOSTILE.replace("<", "&lt;")}"/></node>
 <way id="21"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
  <tag k="leisure" v="park"/></way>
 <way id="22"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="5"/></way>
 <way id="23"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="5"/>
  <tag k="landuse" v="farmland"/></way>
 <way id="24"><nd ref="5"/><nd ref="6"/><nd ref="7"/>
  <tag k="landuse" v="grass"/></way>
 <way id="25"><nd ref="1"/><nd ref="5"/><nd ref="3"/><nd ref="1"/></way>
 <way id="31"><nd ref="1"/><nd ref="3"/>
  <tag k="railway" v="rail"/><tag k="bridge" v="yes"/></way>
 <way id="32"><nd ref="1"/><nd ref="3"/>
  <tag k="railway" v="rail"/><tag k="tunnel" v="yes"/></way>
 <way id="33"><nd ref="2"/><nd ref="4"/>
  <tag k="railway" v="subway"/><tag k="tunnel" v="yes"/></way>
 <way id="34"><nd ref="2"/><nd ref="4"/>
  <tag k="railway" v="rail"/><tag k="service" v="yard"/></way>
 <way id="35"><nd ref="2"/><nd ref="4"/><tag k="railway" v="abandoned"/></way>
 <way id="36"><nd ref="2"/><nd ref="3"/>
  <tag k="railway" v="tram"/><tag k="highway" v="residential"/></way>
 <way id="41"><nd ref="1"/><nd ref="2"/><nd ref="99"/><nd ref="3"/><nd ref="4"/>
  <tag k="highway" v="primary"/><tag k="name" v="天河路"/><tag k="name:en" v="Tianhe Road"/></way>
 <way id="42"><nd ref="1"/><nd ref="4"/><tag k="highway" v="trunk"/><tag k="motorroad" v="yes"/>
  <tag k="name" v="快速路"/></way>
 <way id="43"><nd ref="1"/><nd ref="4"/>
  <tag k="highway" v="residential"/><tag k="name" v="小巷"/></way>
 <way id="44"><nd ref="1"/><nd ref="4"/><tag k="highway" v="tertiary"/></way>
 <way id="45"><nd ref="1"/><nd ref="4"/><tag k="highway" v="motorway"/></way>
 <relation id="51"><member type="way" ref="21" role="outer"/>
  <member type="way" ref="22" role="inner"/>
  <tag k="type" v="multipolygon"/><tag k="landuse" v="forest"/></relation>
</osm>
"""


@pytest.fixture
def small_map(tmp_path: Path) -> OsmExtract:
    path = tmp_path / "map.osm"
    path.write_text(MAP, encoding="utf-8")
    return read_osm(path, "map.osm")


def count_by_hand() -> dict[str, int]:
    """Count what the small map holds from its XML alone."""
    counts = dict.fromkeys(("green", "rail", "places", "named"), 0)
    for item in ET.fromstring(MAP):  # noqa: S314 - our own text
        tags = {tag.get("k"): tag.get("v") for tag in item.findall("tag")}
        refs = [node.get("ref") for node in item.findall("nd")]
        closed = item.tag == "relation" or (len(refs) > 3 and refs[0] == refs[-1])
        drawn_by_relation = item.get("id") == "21"
        if closed and GREEN & set(tags.items()) and not drawn_by_relation:
            counts["green"] += 1
        open_air = "tunnel" not in tags or tags.get("railway") == "subway"
        if item.tag == "way" and tags.get("railway") in RAIL and open_air and "service" not in tags:
            counts["rail"] += 1
        if item.tag == "node" and tags.get("place") in PLACES and "name" in tags:
            counts["places"] += 1
        if item.tag == "way" and tags.get("highway") in NAMED and "name" in tags:
            counts["named"] += 1 + ("99" in refs)  # a clipped way is two runs
    return counts


def count_read(extract: OsmExtract) -> dict[str, int]:
    return {
        "green": len(extract.green),
        "rail": len(extract.rail),
        "places": len(extract.place_kind),
        "named": len(extract.named_roads),
    }


def test_a_small_map_holds_what_its_xml_says(small_map: OsmExtract) -> None:
    assert count_read(small_map) == count_by_hand() == {
        "green": 1, "rail": 3, "places": 3, "named": 3,
    }  # fmt: skip


def test_a_park_drawn_by_a_relation_counts_once_and_without_its_clearing(
    small_map: OsmExtract,
) -> None:
    (park,) = small_map.green
    assert park.area == pytest.approx(1e-4 - 0.5 * 0.002 * 0.002)


def test_rails_that_are_a_barrier_or_a_road_stay_that(small_map: OsmExtract) -> None:
    assert len(small_map.barriers) == 2 + 1  # the yard, motorway and trunk; none of bridges
    assert small_map.highway.tolist().count("residential") == 2  # the tram runs in one
    assert len(small_map.motorways) == 2


def test_names_have_both_languages_and_are_kept_as_text(small_map: OsmExtract) -> None:
    places = sorted(zip(small_map.place_kind, small_map.place_zh, small_map.place_en, strict=True))
    hostile = HOSTILE.replace("\u202e", "\ufffd")
    assert places == [
        ("city", "广州", "广州"), ("suburb", "员村", "Yuancun"), ("village", hostile, hostile),
    ]  # fmt: skip
    assert sorted(set(zip(small_map.named_zh, small_map.named_en, strict=True))) == [
        ("天河路", "Tianhe Road"), ("快速路", "快速路"),
    ]  # fmt: skip
    assert small_map.place_lon[0] == pytest.approx(113.305)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_place_with_a_name_in_one_language_only_has_it_in_both(tmp_path: Path, lang: str) -> None:
    path = tmp_path / "map.osm"
    named = f'<tag k="place" v="hamlet"/><tag k="name:{lang}" v="Yard"/>'
    path.write_text(MAP.replace('<tag k="place" v="hamlet"/>', named), encoding="utf-8")
    extract = read_osm(path, "map.osm")
    assert count_read(extract)["places"] == 4
    places = zip(extract.place_kind, extract.place_zh, extract.place_en, strict=True)
    assert ("hamlet", "Yard", "Yard") in set(places)


@pytest.mark.parametrize(
    ("tags", "drawn"),
    [({"building": "yes"}, (1, 0, 0)), ({"natural": "water"}, (0, 1, 0)), ({}, (0, 0, 1))],
)
def test_what_people_live_in_is_no_lawn_and_no_water(
    write_osm: WriteOsm, tags: Mapping[str, str], drawn: tuple[int, int, int]
) -> None:
    corners = {1: (113.3, 23.1), 2: (113.31, 23.1), 3: (113.31, 23.11)}
    extract = read_osm(write_osm(corners, {1: ([1, 2, 3, 1], {"leisure": "park"} | tags)}), "a")
    assert (len(extract.buildings), len(extract.water), len(extract.green)) == drawn


def test_a_home_that_is_the_outline_of_a_wood_is_still_a_home(write_osm: WriteOsm) -> None:
    corners = {1: (113.3, 23.1), 2: (113.31, 23.1), 3: (113.31, 23.11)}
    wood = ([("w", 1, "outer")], {"type": "multipolygon", "natural": "wood"})
    extract = read_osm(
        write_osm(corners, {1: ([1, 2, 3, 1], {"building": "house"})}, {9: wood}), ""
    )
    assert (len(extract.buildings), len(extract.green)) == (1, 1)


def test_every_green_area_and_name_is_documented() -> None:
    method = (Path(__file__).parents[1] / "docs" / "method.md").read_text(encoding="utf-8")
    section = method.split("## What lies beneath a map")[1].split("\n## ")[0]
    rows = re.findall(r"^\| \[`(\w+)`\]\S+ \|(.*)\|$", section, re.MULTILINE)
    values = {(key, value) for key, row in rows for value in re.findall(r"`(\w+)`", row)}
    assert values == GREEN == {(key, value) for key, all_ in tags.GREEN.items() for value in all_}
    words = set(re.findall(r"`(\w+)`", section))
    assert words >= PLACES | NAMED | RAIL
    assert set(PLACE_KINDS) == PLACES
    assert set(NAMED_ROADS) == NAMED
    assert tags.RAILS == RAIL


def test_other_files_have_no_backdrop() -> None:
    case = make_case(make_area(make_subdistrict()))
    described = describe_backdrop(case, shapely.box(0, 0, 1, 1), Degrees(CRS), most_vertices=100)
    assert described == {
        name: [] for name in ("roads", "water", "green", "rail", "places", "road_names")
    }


@pytest.mark.real
def test_liechtenstein_is_counted_as_a_second_reader_counts_it(real_data: Path) -> None:
    path = real_data / "liechtenstein" / "liechtenstein-latest.osm.pbf"
    osm = read_pbf(path)
    extract = read_osm(path, "")
    rails = [
        way for way, (tags, refs) in osm.ways.items()
        if tags.get("railway") in RAIL and "service" not in tags and len(refs) > 1
        and ("tunnel" not in tags or tags["railway"] == "subway")
    ]  # fmt: skip
    named = sorted(
        tags["name"] for tags, _ in osm.ways.values()
        if tags.get("highway") in NAMED and "name" in tags
    )  # fmt: skip
    assert len(extract.rail) == len(rails) > 10
    assert sorted(extract.named_zh.tolist()) == named
    assert len(named) > 300
    found = Places()
    found.apply_file(str(path))
    read = sorted(zip(extract.place_kind.tolist(), extract.place_zh.tolist(), strict=True))
    assert read == sorted(found.places)
    assert len(read) > 20


@pytest.mark.real
def test_the_green_of_liechtenstein_is_as_large_as_osmium_draws_it(real_data: Path) -> None:
    path = str(real_data / "liechtenstein" / "liechtenstein-latest.osm.pbf")
    outlines = Outlines()
    outlines.apply_file(path)
    areas = Areas(outlines.ways)
    areas.apply_file(path, locations=True)
    extract = read_osm(Path(path), "")
    assert len(extract.green) == len(areas.sizes) > 300
    assert shapely.area(extract.green).sum() == pytest.approx(sum(areas.sizes), rel=1e-9)


class Places(osmium.SimpleHandler):
    """Names of places, in a plain pass."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[tuple[str, str]] = []

    def node(self, node: osmium.osm.Node) -> None:
        """Keep the name of a place."""
        if node.tags.get("place") in PLACES and "name" in node.tags:
            name = node.tags.get("name:zh") or node.tags["name"]
            self.places.append((node.tags["place"], name))


class Outlines(osmium.SimpleHandler):
    """Ways that a green relation draws."""

    def __init__(self) -> None:
        super().__init__()
        self.ways: set[int] = set()

    def relation(self, relation: osmium.osm.Relation) -> None:
        """Keep the outer ways of a green area."""
        if relation.tags.get("type") == "multipolygon" and is_green(relation.tags):
            self.ways |= {m.ref for m in relation.members if (m.type, m.role) == ("w", "outer")}


class Areas(osmium.SimpleHandler):
    """Sizes of green areas, in square degrees."""

    def __init__(self, drawn: set[int]) -> None:
        super().__init__()
        self.drawn, self.sizes = drawn, list[float]()
        self.factory = osmium.geom.WKBFactory()

    def area(self, area: osmium.osm.Area) -> None:
        """Keep the size of a green area."""
        if is_green(area.tags) and not (area.from_way() and area.orig_id() in self.drawn):
            shape = shapely.from_wkb(self.factory.create_multipolygon(area))
            self.sizes.append(shape.area)


def is_green(tags: osmium.osm.TagList) -> bool:
    return bool(GREEN & {(tag.k, tag.v) for tag in tags}) and tags.get("natural") != "water"


# Simplified


def make_backdrop(**changes: Any) -> Backdrop:  # noqa: ANN401
    """Make a lake, a park with a pond and a lawn in its corner, a track, three names."""
    pond = shapely.box(400, 400, 600, 600)
    park = shapely.box(200, 200, 900, 900) - pond
    known: dict[str, Any] = {
        "water": np.array([shapely.Point(1500, 500).buffer(300, quad_segs=64)]),
        "barriers": EMPTY,
        "green": np.array([park, shapely.box(250, 250, 255, 255), shapely.box(900, 0, 1000, 100)]),
        "rail": np.array([shapely.LineString([(0, 0), (1000, 1), (2000, 0)])]),
        "places": PlaceNames(
            np.array([500.0, 800, 9000]), np.array([500.0, 100, 9000]),
            np.array(["hamlet", "city", "city"]), np.array(["村", "市", "远"]),
            np.array(["V", "C", "F"]),
        ),
        "road_names": RoadNames(
            np.array([shapely.LineString([(0, 0), (700, 0)]),
                      shapely.LineString([(700, 0), (1200, 0)]),
                      shapely.LineString([(0, 500), (2000, 500)])]),
            np.array(["primary", "tertiary", "secondary"]),
            np.array(["甲路", "甲路", "乙路"]), np.array(["A", "A", "B"]),
        ),
    }  # fmt: skip
    return Backdrop(**known | changes)


def make_drawn_case(**changes: Any) -> Case:  # noqa: ANN401
    crooked = [(x, 3 * (x % 20 == 0)) for x in range(0, 2000, 10)]
    roads = draw_roads([(float(x), float(y)) for x, y in crooked], [(0.0, 800.0), (1500.0, 800.0)])
    area = make_area(make_subdistrict(box=(0, 0, 2000, 1000)))
    return make_case(area, roads=roads, backdrop=make_backdrop(**changes))


PLACE = shapely.box(0, 0, 2000, 1000)


def list_shapes(plain: PlainBackdrop) -> list[Any]:
    lines = [line for _, some in plain.roads for line in some]
    names = [one.line for one in plain.road_names]
    return [*lines, *plain.water, *plain.green, *plain.rail, *names]


@pytest.mark.parametrize("most", [100_000, 400, 120, 60, 20, 5, 0])
def test_a_backdrop_fits_its_page_is_valid_and_lies_near(most: int) -> None:
    plain = simplify_backdrop(make_drawn_case(), PLACE, most_vertices=most, margin_m=100)
    shapes = list_shapes(plain)
    assert plain.vertices == sum(len(shapely.get_coordinates(shape)) for shape in shapes) <= most
    assert all(shape.is_valid and not shape.is_empty for shape in shapes)
    assert all(shape.within(PLACE.buffer(100.01)) for shape in shapes)


def test_with_room_enough_nothing_is_lost() -> None:
    plain = simplify_backdrop(make_drawn_case(), PLACE, most_vertices=100_000, margin_m=0)
    green = shapely.union_all(plain.green)
    # the lawn within the park is no part of its own, and the pond is a hole in it
    assert green.area == pytest.approx(700 * 700 - 200 * 200 + 100 * 100)
    assert shapely.union_all(plain.water).area == pytest.approx(np.pi * 300**2, rel=0.01)
    assert [(name, round(float(shapely.length(lines).sum()))) for name, lines in plain.roads] == [
        ("minor", round(1500 + 199 * 109**0.5))
    ]


def test_what_cannot_be_seen_at_a_tolerance_goes() -> None:
    speck, lawn = shapely.box(0, 0, 3, 3), shapely.box(100, 100, 200, 200)
    case = make_drawn_case(green=np.array([speck, lawn - shapely.box(150, 150, 153, 153)]))
    plain = simplify_backdrop(case, PLACE, most_vertices=100_000)
    assert plain.tolerance_m == 1
    assert [shape.wkt for shape in plain.green] == [shapely.normalize(lawn).wkt]


def test_paths_are_given_up_before_lines_become_coarse() -> None:
    case = make_drawn_case()
    assert case.roads is not None
    zigzag = shapely.LineString([(10 * i, 500 + 40 * (i % 2)) for i in range(200)])
    roads = draw_roads(*(list(line.coords) for line in (*case.roads.lines, zigzag)))
    highway = np.where(shapely.get_num_coordinates(roads.lines) == 200, "secondary", "primary")
    bounds = shapely.bounds(roads.lines)
    highway[bounds[:, 1] == 500] = "footway"
    case = make_case(
        case.area,
        roads=type(roads)(
            **{name: getattr(roads, name) for name in roads.__slots__} | {"highway": highway}
        ),
    )
    wide, narrow = (simplify_backdrop(case, PLACE, most_vertices=n) for n in (500, 150))
    assert [name for name, _ in wide.roads] == ["major", "path"]
    assert [name for name, _ in narrow.roads] == ["major"]
    assert narrow.tolerance_m <= 6


def test_names_come_by_rank() -> None:
    described = describe_backdrop(make_drawn_case(), PLACE, Degrees(CRS), most_vertices=1000)
    places: Any = described["places"]
    names: Any = described["road_names"]
    assert [(one["rank"], one["kind"], one["name"]) for one in places] == [
        (0, "city", {"zh": "市", "en": "C"}), (1, "hamlet", {"zh": "村", "en": "V"}),
    ]  # fmt: skip
    assert [(one["rank"], one["name"]["zh"], len(one["line"])) for one in names] == [
        (0, "甲路", 4), (1, "乙路", 4),
    ]  # fmt: skip


def test_two_roads_of_one_name_far_apart_are_named_both() -> None:
    lines = np.array([shapely.LineString([(0, y), (500, y)]) for y in (0, 50, 1500)])
    names = RoadNames(lines, np.full(3, "tertiary"), np.full(3, "村路"), np.full(3, "Lane"))
    plain = simplify_backdrop(
        make_drawn_case(road_names=names), shapely.box(0, 0, 2000, 2000), most_vertices=1000
    )
    assert [one.name for one in plain.road_names] == [Text("村路", "Lane")] * 2


@given(st.integers(0, 400), st.permutations(range(3)), st.booleans())
def test_neither_order_nor_direction_changes_a_backdrop(
    most: int,
    order: list[int],
    backward: bool,  # noqa: FBT001
) -> None:
    plain = make_backdrop()
    names = plain.road_names
    turned = Backdrop(
        plain.water, EMPTY, plain.green[order],
        shapely.reverse(plain.rail) if backward else plain.rail, EMPTY,
        PlaceNames(*(getattr(plain.places, name)[order] for name in plain.places.__slots__)),
        RoadNames(*(getattr(names, name)[order] for name in names.__slots__)),
    )  # fmt: skip
    described = [
        describe_backdrop(case, PLACE, Degrees(CRS), most_vertices=most)
        for case in (make_drawn_case(), make_case(make_drawn_case().area,
                     roads=make_drawn_case().roads, backdrop=turned))
    ]  # fmt: skip
    assert json.dumps(described[0]) == json.dumps(described[1])


@pytest.mark.real
@pytest.mark.parametrize("most", [100_000, 20_000, 4_000, 800])
def test_liechtenstein_fits_any_page_and_stays_valid_in_degrees(real_data: Path, most: int) -> None:
    path = real_data / "liechtenstein" / "liechtenstein-latest.osm.pbf"
    extract = read_osm(path, "")
    roads, backdrop = make_roads_of_osm(extract, UTM32), make_backdrop_of_osm(extract, UTM32)
    case = make_case(make_area(make_subdistrict()), roads=roads, backdrop=backdrop)
    place = shapely.box(*shapely.total_bounds(roads.lines))
    described: Any = describe_backdrop(case, place, Degrees(UTM32), most_vertices=most)
    rings = [ring for name in ("water", "green") for one in described[name] for ring in one]
    lines = [line for one in described["roads"] for line in one["lines"]] + described["rail"]
    lines += [one["line"] for one in described["road_names"]]
    assert 0 < sum(len(flat) // 2 for flat in rings + lines) <= most
    for polygon in described["water"] + described["green"]:
        shell, *holes = (np.reshape(ring, (-1, 2)) for ring in polygon)
        assert shapely.Polygon(shell, holes).is_valid
    assert [one["kind"] for one in described["places"]][:1] == ["village"]
