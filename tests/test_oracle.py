"""The oracle itself, on cases small enough to compute by hand."""

import json
import math
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from oracle.demand import cut_cells, place_residents
from oracle.graph import Edge, Snap, Streets
from oracle.osm import count_roads, is_walkable, read_edges, read_residential_buildings
from oracle.pbf import OsmData, read_pbf
from oracle.reference import evaluate
from pyproj import Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import shape

DATA = Path(__file__).parents[2] / "shared" / "data"
LIECHTENSTEIN = DATA / "liechtenstein" / "liechtenstein-latest.osm.pbf"
PORTO_ALEGRE = DATA / "porto_alegre" / "poa_osm.pbf"
needs_data = pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is not here")

# Two roads of 2 km that cross at (0, 0), and a lane of 100 m far from both.
CROSS: list[Edge] = [
    ("west", "middle", [(-1000, 0), (0, 0)]),
    ("middle", "east", [(0, 0), (1000, 0)]),
    ("north", "middle", [(0, 1000), (0, 0)]),
    ("middle", "south", [(0, 0), (0, -1000)]),
    ("far", "away", [(2000, 2000), (2100, 2000)]),
]
EVERYWHERE = shapely.box(-5000, -5000, 5000, 5000)
# Weights sum to the population, so each is a number of people.
PEOPLE = [(500, 30, 10), (-100, 0, 20), (0, -700, 30), (2050, 2000, 5), (2050, 2200, 35)]


def judge(sites: list[tuple[str, str, float, float, str, str | None]], **how: Any) -> Any:  # noqa: ANN401
    return evaluate([("A", EVERYWHERE, 100)], CROSS, sites, 900, **{"residents": PEOPLE} | how)


# --- walking


def test_both_legs_count_and_one_edge_is_walked_along() -> None:
    result = judge([("s", "A", -300, 40, "proposed", None)])
    expected = [40 + 300 + 500 + 30, 40 + 200, 40 + 300 + 700, math.inf, math.inf]
    assert result["distances"]["s"].tolist() == expected


def test_the_way_round_is_taken_where_it_is_shorter_than_along_the_edge() -> None:
    detour = [(0, 0), (0, 100), (100, 100), (100, 0)]
    streets = Streets([("a", "b", detour), ("a", "b", [(0, 0), (100, 0)])])
    start, stop = streets.snap(0, 10, 150), streets.snap(100, 10, 150)
    assert (start, stop) == (Snap(0, 10, 0), Snap(0, 290, 0))
    assert streets.measure(start, [stop]).tolist() == [120]


def test_a_tie_goes_to_the_lower_edge_id() -> None:
    south: Edge = ("a", "b", [(0, 0), (100, 0)])
    north: Edge = ("c", "d", [(0, 20), (100, 20)])
    assert Streets([south, north]).snap(50, 10, 150) == Snap(0, 50, 10)
    assert Streets([north, south]).snap(50, 10, 150) == Snap(0, 50, 10)
    assert Streets(CROSS).snap(-10, 10, 150).edge == 0


@pytest.mark.parametrize(("away_m", "edge"), [(150, 4), (150.125, -1), (2500, -1)])
def test_the_snap_limit_is_inclusive_and_the_leg_is_known_beyond_it(
    away_m: float, edge: int
) -> None:
    assert Streets(CROSS).snap(2050, 2000 + away_m, 150) == Snap(edge, 50, away_m)


def test_without_roads_nobody_is_joined() -> None:
    assert Streets([]).snap(0, 0, 150).edge == -1


def test_an_edge_without_length_can_be_joined() -> None:
    assert Streets([("a", "b", [(3, 4), (3, 4)])]).snap(0, 0, 150) == Snap(0, 0, 5)


coordinates = st.integers(-900, 900).map(float)
points = st.tuples(coordinates, coordinates)


@given(st.lists(st.lists(points, min_size=2, max_size=4), min_size=1, max_size=12), points)
def test_snapping_finds_the_distance_that_shapely_finds(
    lines: list[list[tuple[float, float]]], point: tuple[float, float]
) -> None:
    snap = Streets([(line[0], line[-1], line) for line in lines]).snap(*point, math.inf)
    distances = shapely.distance([shapely.LineString(line) for line in lines], shapely.Point(point))
    assert snap.leg_m == pytest.approx(distances.min(), abs=1e-9)
    assert distances[snap.edge] == pytest.approx(distances.min(), abs=1e-9)
    spot = shapely.line_interpolate_point(shapely.LineString(lines[snap.edge]), snap.offset_m)
    assert spot.distance(shapely.Point(point)) == pytest.approx(snap.leg_m, abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=25))
def test_ways_are_as_short_as_scipy_finds_them(pairs: list[tuple[int, int]]) -> None:
    places = [(100.0 * node, 37.0 * node * node % 211) for node in range(10)]
    streets = Streets([(a, b, [places[a], places[b]]) for a, b in pairs])
    matrix = np.full((10, 10), np.inf)
    for a, b in pairs:
        if a != b:
            matrix[a, b] = matrix[b, a] = math.dist(places[a], places[b])
    rows, columns = np.nonzero(np.isfinite(matrix))
    graph = coo_array((matrix[rows, columns], (rows, columns)), shape=(10, 10)).tocsr()
    expected = dijkstra(graph, indices=pairs[0][0])
    found = streets.walk_from(Snap(0, 0, 0))
    assert [found.get(node, math.inf) for node in range(10)] == pytest.approx(expected.tolist())


# --- judging


def test_a_subdistrict_is_judged_on_its_own_members() -> None:
    result = judge([("s", "A", -300, 40, "existing", None)])
    figures = result["subdistricts"]["A"]
    assert figures["covered_population"] == pytest.approx(30)  # 870 m and 240 m, not 1040 m
    assert figures["coverage_ratio"] == pytest.approx(0.3)
    assert figures["straight_line_coverage_ratio"] == pytest.approx(0.6)
    assert figures["mean_distance_m"] == pytest.approx((10 * 870 + 20 * 240 + 30 * 1040) / 60)
    assert figures["p95_distance_m"] == 1040
    assert figures["unreachable_population"] == pytest.approx(40)
    assert figures["layout"] == "concentrated"
    assert figures["network"] == {
        "headquarters": "s",
        "connected": True,
        "stranded": [],
        "links": [],
        "best_headquarters": {"median": "s", "center": "s"},
        "worst_loss": {"site": "s", "coverage_ratio": 0},
    }


def test_coverage_includes_the_radius() -> None:
    site = ("s", "A", -300.0, 40.0, "existing", None)
    for radius_m, covered in [(870, 30), (870 - 5e-7, 30), (869.99, 20)]:
        result = evaluate([("A", EVERYWHERE, 100)], CROSS, [site], radius_m, residents=PEOPLE)
        assert result["summary"]["covered_population"] == pytest.approx(covered)


def test_without_a_member_only_those_far_from_roads_are_unreachable() -> None:
    figures = judge([("s", "A", 0, 0, "candidate", None)])["subdistricts"]["A"]
    assert figures["unreachable_population"] == pytest.approx(35)
    assert (figures["layout"], figures["coverage_ratio"], figures["mean_distance_m"]) == (
        "none",
        0,
        None,
    )


def test_a_straight_line_needs_no_roads() -> None:
    site = ("s", "A", -300.0, 40.0, "existing", None)
    for roads in (CROSS, None):
        result = evaluate(
            [("A", EVERYWHERE, 100)], roads, [site], 900, residents=PEOPLE, distance="straight-line"
        )
        assert result["summary"]["covered_population"] == pytest.approx(60)
        assert result["summary"]["unreachable_population"] == 0
        assert result["sites"]["s"]["snap_distance_m"] is None


def test_a_site_is_worth_what_it_adds() -> None:
    result = judge(
        [
            ("old", "A", 0, 0, "existing", "headquarters"),  # covers 10 + 20 + 30
            ("new", "A", 500, 0, "proposed", "branch"),  # covers 10 + 20
            ("maybe", "A", 2050, 2000, "candidate", None),  # covers 5
            ("again", "A", 0, -700, "candidate", None),  # covers 20 + 30
        ]
    )
    worth = {
        name: [
            figures[f"{figure}_population"]
            for figure in ("alone", "added", "shared", "lost", "catchment")
        ]
        for name, figures in result["sites"].items()
    }
    assert worth == {
        "old": pytest.approx([60, 60, 45, 30, 50]),
        "new": pytest.approx([30, 0, 15, 0, 10]),
        "maybe": [pytest.approx(5), pytest.approx(5), None, None, None],
        "again": [pytest.approx(50), 0, None, None, None],
    }
    assert result["summary"]["covered_by_any_population"] == pytest.approx(60)


def test_a_neighbours_site_covers_but_is_no_member() -> None:
    result = evaluate(
        [("B", shapely.box(0, -50, 1000, 50), 40), ("A", shapely.box(-1000, -50, 0, 50), 60)],
        CROSS,
        [("s", "A", 100, 0, "existing", None)],
        500,
        residents=[(0, 0, 1), (-200, 0, 2), (300, 0, 1)],  # (0, 0) lies in both: it is A's
    )
    assert result["demand"].subdistrict.tolist() == ["A", "A", "B"]
    assert result["subdistricts"]["A"]["covered_population"] == pytest.approx(60)
    assert result["subdistricts"]["B"]["covered_population"] == 0
    assert result["subdistricts"]["B"]["covered_by_any_population"] == pytest.approx(40)
    assert result["sites"]["s"]["alone_population"] == pytest.approx(100)
    assert result["sites"]["s"]["catchment_population"] == pytest.approx(60)


def test_branches_must_reach_the_headquarters() -> None:
    sites: list[tuple[str, str, float, float, str, str | None]] = [
        ("east", "A", 500, 0, "proposed", "headquarters"),
        ("north", "A", 10, 400, "proposed", "branch"),
        ("island", "A", 2050, 2000, "proposed", "branch"),
        ("off", "A", 4000, 4000, "proposed", "branch"),
    ]
    network = judge(sites)["subdistricts"]["A"]["network"]
    assert network["headquarters"] == "east"
    assert network["connected"] is False
    assert network["stranded"] == ["island", "off"]
    assert network["links"] == [{"site": "north", "distance_m": 910}]
    # Nobody can walk to the island or to the site off the roads: neither counts nor competes.
    assert network["best_headquarters"] == {"median": "north", "center": "east"}
    del sites[2]  # who is off the roads neither counts nor competes: north has 50 of 60 people
    network = judge(sites)["subdistricts"]["A"]["network"]
    assert network["stranded"] == ["off"]
    assert network["best_headquarters"]["median"] == "north"


def test_the_best_headquarters_weighs_catchments_and_the_worst_loss_is_named() -> None:
    figures = judge(
        [
            ("a", "A", -900, 0, "proposed", "branch"),  # 20 at 800 m are nearer to b
            ("b", "A", 0, 0, "proposed", "headquarters"),
            ("c", "A", 0, -700, "proposed", "branch"),
        ]
    )["subdistricts"]["A"]
    assert figures["network"]["best_headquarters"] == {"median": "b", "center": "b"}
    # b and c both cover 20 and 30; only b covers 10 (530 m).
    assert figures["network"]["worst_loss"] == {"site": "b", "coverage_ratio": pytest.approx(0.5)}
    assert [link["distance_m"] for link in figures["network"]["links"]] == [900, 700]


def test_two_headquarters_are_none() -> None:
    network = judge(
        [
            ("a", "A", -900, 0, "proposed", "headquarters"),
            ("b", "A", 900, 0, "proposed", "headquarters"),
        ]
    )["subdistricts"]["A"]["network"]
    assert network == {
        "headquarters": None,
        "connected": None,
        "stranded": [],
        "links": [],
        # Catchments: a the 20 at 800 m and, tied at 1600 m, the 30; b the 10. So a stays at home.
        "best_headquarters": {"median": "a", "center": "a"},
        "worst_loss": None,
    }


# --- demand


def test_residents_fall_back_from_points_to_buildings_to_cells() -> None:
    demand = place_residents(
        [
            ("C", shapely.box(200, 0, 275, 50), 30),
            ("B", shapely.box(100, 0, 200, 50), 20),
            ("A", shapely.box(0, 0, 100, 50), 10),
        ],
        residents=[(10, 10, 1), (20, 10, 4)],
        buildings=[(30, 10, 9), (110, 10, 1), (120, 10, 3)],
    )
    assert demand.method == {"A": "residents", "B": "buildings", "C": "cells"}
    assert demand.population.tolist() == pytest.approx([2, 8, 5, 15, 20, 10])
    assert demand.x.tolist() == [10, 20, 110, 120, 225, 262.5]


def test_a_cell_in_several_pieces_has_its_point_on_one_of_them() -> None:
    pieces = shapely.union(shapely.box(0, 0, 10, 50), shapely.box(40, 0, 50, 50))
    [(x, y, area)] = cut_cells(pieces)
    assert area == pytest.approx(1000)
    assert pieces.covers(shapely.Point(x, y))


# --- OpenStreetMap


@pytest.mark.parametrize(
    ("tags", "walkable"),
    [
        ("highway=footway", True),
        ("highway=motorway foot=yes", False),
        ("highway=cycleway", False),
        ("highway=cycleway foot=designated", True),
        ("highway=cycleway foot=destination", False),
        ("highway=residential foot=use_sidepath", False),
        ("highway=service access=private", False),
        ("highway=service access=private foot=destination", True),
        ("highway=service access=customers", True),
        ("highway=trunk motorroad=yes", False),
        ("highway=trunk motorroad=yes foot=yes", True),
        ("highway=pedestrian area=yes", True),
        ("highway=construction", False),
        ("route=ferry foot=yes", False),
    ],
)
def test_a_way_is_walkable_by_its_tags(tags: str, *, walkable: bool) -> None:
    assert is_walkable(dict(tag.split("=") for tag in tags.split())) is walkable


def lay_out(ways: dict[int, tuple[dict[str, str], list[int]]], **rest: Any) -> OsmData:  # noqa: ANN401
    """Put nodes 0 to 9 on a line."""
    return OsmData({node: (0.001 * node, 0) for node in range(10)}, ways, rest.get("relations", {}))


def test_roads_are_cut_at_crossings_and_absent_nodes() -> None:
    path = {"highway": "path"}
    osm = lay_out(
        {
            1: (path, [1, 2, 2, 3, 99, 4, 98, 5, 6, 97]),  # runs 1-2-3 and 5-6
            2: (path, [7, 2, 8]),  # crosses at 2
            3: (path, [4, 5, 9, 4]),  # a circle that touches the end of a run
            4: (path, [0, 99]),  # leads nowhere
            5: ({"highway": "motorway"}, [0, 96, 1]),
        }
    )
    # 1-2, 2-3, 5-6; 7-2, 2-8; 4-5, 5-9-4
    assert count_roads(osm) == {"ways": 3, "edges": 7, "missing_nodes": 4}
    ends = [(tail, head) for tail, head, _ in read_edges(osm, "EPSG:32631")]
    assert ends == [(1, 2), (2, 3), (5, 6), (7, 2), (2, 8), (4, 5), (5, 4)]


def test_buildings_are_weighed_by_area_and_levels() -> None:
    crs = "EPSG:32632"
    to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform
    corners = [(0, 0), (30, 0), (30, 30), (0, 30), (10, 10), (20, 10), (20, 20), (10, 20)]
    osm = OsmData(
        {node: to_degrees(500_000 + x, 5_200_000 + y) for node, (x, y) in enumerate(corners)},
        {
            1: ({"building": "yes", "building:levels": "3"}, [0, 1, 2, 3, 0]),
            2: ({"building": "house", "shop": "bakery"}, [4, 5, 6, 7, 4]),
            3: ({"building": "yes", "shop": "bakery"}, [0, 1, 2, 3, 0]),
            4: ({"building": "school"}, [0, 1, 2, 3, 0]),
            5: ({"building": "yes", "building:levels": "nan"}, [0, 1, 2, 0]),
            6: ({"building": "yes"}, [0, 1, 2, 3]),  # open
            7: ({"building": "yes"}, [0, 1, 99, 0]),  # a corner is missing
            8: ({}, [0, 1, 2]),
            9: ({}, [0, 3, 2]),
            10: ({"building": "yes"}, [0, 2, 1, 3, 0]),  # a bow tie
            11: ({"building": "yes"}, [0, 1, 2, 3, 0]),  # drawn by relation 22
        },
        {
            20: (
                {"type": "multipolygon", "building": "apartments", "building:levels": "2"},
                [("w", 8, "outer"), ("w", 9, "outer"), ("w", 2, "inner")],
            ),
            21: ({"type": "multipolygon", "building": "yes"}, [("w", 404, "outer")]),
            22: ({"type": "multipolygon", "building": "church"}, [("w", 11, "outer")]),
        },
    )
    buildings = {each.ref: each for each in read_residential_buildings(osm, crs)}
    assert {ref: each.weight for ref, each in buildings.items()} == pytest.approx(
        {"w1": 2700, "w2": 100, "w5": 450, "w10": 450, "r20": 1600}, rel=1e-5
    )
    center = (500_015, 5_200_015)
    assert buildings["w1"][:2] == pytest.approx(center, abs=1e-3)
    assert math.dist(buildings["r20"][:2], center) > 5  # the centroid lies in the courtyard


# --- the PBF reader


def varint(number: int) -> bytes:
    number %= 1 << 64
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def zigzag(number: int) -> int:
    return 2 * number if number >= 0 else -2 * number - 1


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def packed(*numbers: int) -> bytes:
    return b"".join(varint(number) for number in numbers)


def deltas(*numbers: int) -> bytes:
    return packed(*(zigzag(b - a) for a, b in zip((0, *numbers), numbers, strict=False)))


def blob(kind: str, content: bytes, *, squeezed: bool = True) -> bytes:
    body = (
        field(2, len(content)) + field(3, zlib.compress(content)) if squeezed else field(1, content)
    )
    header = field(1, kind.encode()) + field(3, len(body))
    return len(header).to_bytes(4, "big") + header + body


def test_a_pbf_written_by_hand_is_read(tmp_path: Path) -> None:
    header = field(4, b"OsmSchema-V0.6") + field(4, b"DenseNodes") + field(16, b"by hand")
    words = ["", "highway", "path", "名称", "天河区", "outer", "type"]
    strings = b"".join(field(1, word.encode()) for word in words)
    dense = field(1, deltas(10, 7, 10**12)) + field(8, deltas(5, -5, 0)) + field(9, deltas(1, 2, 3))
    dense += field(5, b"skipped") + field(10, packed(0, 1, 2, 0, 0))
    node = field(1, zigzag(-3)) + field(8, zigzag(100)) + field(9, zigzag(-200))
    way = (
        field(1, 8) + field(2, packed(1, 3)) + field(3, packed(2, 4)) + field(8, deltas(10, 7, 10))
    )
    relation = field(1, -9) + field(2, packed(6)) + field(3, packed(4))
    relation += field(8, packed(5, 0, 0)) + field(9, deltas(8, 10, -9)) + field(10, packed(1, 0, 2))
    grid = field(17, 1000) + field(19, 2_000_000_000) + field(20, -1_000_000_000)
    block = field(1, strings) + field(2, field(2, dense)) + field(2, field(3, way)) + grid
    plain = field(1, strings) + field(2, field(1, node) + field(4, relation))
    path = tmp_path / "hand.osm.pbf"
    path.write_bytes(
        blob("OSMHeader", header, squeezed=False)
        + blob("Unknown", b"")
        + blob("OSMData", block)
        + blob("OSMData", plain, squeezed=False)
    )
    osm = read_pbf(path)
    assert osm.nodes == {
        10: (-0.999999, 2.000005),
        7: (-0.999998, 1.999995),
        10**12: (-0.999997, 2.0),
        -3: (-0.00002, 0.00001),
    }
    assert osm.ways == {8: ({"highway": "path", "名称": "天河区"}, [10, 7, 10])}
    assert osm.relations == {
        -9: ({"type": "天河区"}, [("w", 8, "outer"), ("n", 10, ""), ("r", -9, "")])
    }


def test_a_pbf_that_needs_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.osm.pbf"
    path.write_bytes(blob("OSMHeader", field(4, b"HistoricalInformation")))
    with pytest.raises(ValueError, match="HistoricalInformation"):
        read_pbf(path)


# --- real data


@pytest.mark.real
@needs_data
@pytest.mark.parametrize(
    ("path", "objects", "roads"),
    [  # the objects were checked against pyosmium, all coordinates, tags and members
        (LIECHTENSTEIN, (142_832, 15_247, 358), (4_505, 7_576, 0)),
        (PORTO_ALEGRE, (43_264, 16_032, 23), (14_222, 26_064, 0)),
    ],
)
def test_real_files_are_read_completely(
    path: Path, objects: tuple[int, int, int], roads: tuple[int, int, int]
) -> None:
    osm = read_pbf(path)
    assert tuple(map(len, osm)) == objects
    assert tuple(count_roads(osm).values()) == roads


@pytest.mark.real
@needs_data
def test_liechtenstein_keeps_the_laws() -> None:
    project = Transformer.from_crs("EPSG:4326", "EPSG:32632", always_xy=True).transform
    places, venues = (
        json.loads((LIECHTENSTEIN.parent / f"{name}.geojson").read_text("utf-8"))["features"]
        for name in ("municipalities", "candidates")
    )
    subdistricts = [
        (
            each["properties"]["name"],
            shapely.transform(shape(each["geometry"]), project, interleaved=False),
            each["properties"]["population"],
        )
        for each in places
    ]
    sites = [
        (
            f"{tags['osm_type']}{tags['osm_id']}",
            tags["municipality"],
            *project(*each["geometry"]["coordinates"]),
            "proposed",
            None,
        )
        for each in venues
        for tags in [each["properties"]]
    ]
    result = evaluate(subdistricts, read_pbf(LIECHTENSTEIN), sites, 1000, crs="EPSG:32632")
    summary, demand = result["summary"], result["demand"]
    assert (summary["subdistricts"], summary["population"]) == (11, 36_838)
    for code, _, population in subdistricts:
        own = demand.population[demand.subdistrict == code]
        assert own.sum() == pytest.approx(population, rel=1e-12)
    for name, metres in result["distances"].items():
        assert (metres >= result["straight_line"][name] - 1e-6).all()
    shared = sum(site["shared_population"] for site in result["sites"].values())
    assert shared == pytest.approx(summary["covered_by_any_population"], rel=1e-9)
    assert summary["coverage_ratio"] < summary["straight_line_coverage_ratio"]
    for site in result["sites"].values():
        assert site["lost_population"] <= site["added_population"] + 1e-9
        assert site["added_population"] <= site["alone_population"] + 1e-9
