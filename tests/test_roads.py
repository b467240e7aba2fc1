"""Roads as nodes and edges, from OpenStreetMap and from lines."""

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import shapely.ops
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from siteplan.errors import InputError
from siteplan.geometry import even_out
from siteplan.inputs.osm import read_osm
from siteplan.inputs.roads import make_roads_of_lines, make_roads_of_osm
from siteplan.inputs.vector import LINES, read_layer
from siteplan.model import Roads, Shape

Write = Callable[..., Path]
WriteOsm = Callable[..., Path]
Vertices = Sequence[tuple[float, float]]
STREET = {"highway": "residential"}
CRS = {"type": "name", "properties": {"name": "EPSG:4547"}}
X, Y = 430_000.0, 2_550_000.0
CORNERS = st.tuples(st.integers(0, 12), st.integers(0, 12))


def count(roads: Roads) -> tuple[int, int, int]:
    """Return nodes, edges and components."""
    nodes = len(roads.node_x)
    links = coo_array((np.ones(len(roads.tail)), (roads.tail, roads.head)), shape=(nodes, nodes))
    return nodes, len(roads.tail), int(connected_components(links, directed=False)[0])


def describe(roads: Roads) -> tuple[object, ...]:
    """Return everything that must not depend on the order of a file."""
    return (
        roads.node_x.tolist(), roads.node_y.tolist(), roads.tail.tolist(), roads.head.tolist(),
        [line.wkb for line in roads.lines], roads.length_m.tolist(), roads.highway.tolist(),
    )  # fmt: skip


def check(roads: Roads) -> None:
    """Hold edges against their nodes, order and lengths."""
    for edge, line in enumerate(roads.lines):
        for node, end in ((roads.tail[edge], line.coords[0]), (roads.head[edge], line.coords[-1])):
            place = roads.node_x[node], roads.node_y[node]
            assert np.hypot(place[0] - end[0], place[1] - end[1]) < 0.05
    assert roads.length_m == pytest.approx([line.length for line in roads.lines])
    starts = even_out(np.array([line.coords[0] for line in roads.lines]).reshape(-1, 2)).tolist()
    assert starts == sorted(starts)
    assert sorted(set(roads.tail) | set(roads.head)) == list(range(len(roads.node_x)))


@pytest.fixture
def draw(tmp_path: Path, write_geojson: Write) -> Callable[..., Roads]:
    """Return a function that makes roads of lines in metres, with attributes if they are given."""

    def draw(
        *features: Vertices | tuple[Vertices, Mapping[str, Any]],
        columns: Mapping[str, str] | None = None,
    ) -> Roads:
        pairs = []
        for feature in features:
            vertices, tags = feature if isinstance(feature[-1], dict) else (feature, {})
            places = [[X + x, Y + y] for x, y in vertices]
            pairs.append(({"type": "LineString", "coordinates": places}, tags))
        path = write_geojson(tmp_path / "roads.geojson", *pairs, crs=CRS)
        layer = read_layer(path, "roads.geojson", kinds=LINES)
        roads = make_roads_of_lines(layer, "EPSG:4547", columns or {})
        check(roads)
        assert roads.missing_nodes == 0  # a line holds all of its own
        return roads

    return draw


@pytest.fixture
def walk(write_osm: WriteOsm) -> Callable[..., Roads]:
    """Return a function that makes roads of ways between numbered nodes on a grid of degrees."""
    nodes = {10 * i + j: (9.5 + i / 1000, 47.1 + j / 1000) for i in range(5) for j in range(5)}

    def walk(*ways: Sequence[int] | tuple[Sequence[int], Mapping[str, str]]) -> Roads:
        tagged = [way if isinstance(way[-1], dict) else (way, STREET) for way in ways]
        path = write_osm(nodes, dict(enumerate(tagged, start=1)))
        roads = make_roads_of_osm(read_osm(path, "a"), "EPSG:32632")
        check(roads)
        return roads

    return walk


def test_ways_meet_at_the_nodes_they_share(walk: Callable[..., Roads]) -> None:
    roads = walk([0, 1, 2, 3], [11, 1, 2], [12, 2])
    # 0-1, 1-2 twice, 2-3, 11-1 and 12-2
    assert count(roads) == (6, 6, 1)
    assert roads.ways == 3


def test_ways_that_cross_without_a_node_do_not_meet(walk: Callable[..., Roads]) -> None:
    assert count(walk([0, 22], [20, 2])) == (4, 2, 2)


def test_a_bend_is_no_node(walk: Callable[..., Roads]) -> None:
    roads = walk([0, 1, 11])
    assert count(roads) == (2, 1, 1)
    # 0.001° at 47° N are 111.2 m of latitude and 75.9 m of longitude
    assert roads.length_m[0] == pytest.approx(111.2 + 75.9, abs=0.2)


def test_a_closed_way_is_an_edge_from_its_node_to_itself(walk: Callable[..., Roads]) -> None:
    roads = walk([0, 1, 11, 0])
    assert count(roads) == (1, 1, 1)
    assert roads.tail[0] == roads.head[0]
    assert count(walk([0, 1, 11, 0], [11, 12])) == (3, 3, 1)


def test_a_way_through_one_node_twice_is_cut_there(walk: Callable[..., Roads]) -> None:
    assert count(walk([0, 1, 2, 12, 11, 1, 10])) == (3, 3, 1)


def test_a_one_way_street_is_walked_both_ways(walk: Callable[..., Roads]) -> None:
    there = walk(([0, 1], STREET | {"oneway": "yes"}))
    back = walk(([1, 0], STREET))
    assert describe(there) == describe(back)


def test_a_clipped_way_is_two_edges_that_do_not_meet(walk: Callable[..., Roads]) -> None:
    roads = walk([0, 1, 99, 2, 3])
    assert count(roads) == (4, 2, 2)
    assert roads.missing_nodes == 1


def test_the_tag_of_a_way_stays_with_its_edges(walk: Callable[..., Roads]) -> None:
    roads = walk(([0, 1, 2], {"highway": "steps"}), ([1, 11], {"highway": "path"}))
    assert sorted(roads.highway.tolist()) == ["path", "steps", "steps"]


@pytest.mark.parametrize("seed", range(3))
def test_neither_order_nor_direction_of_ways_changes_anything(
    walk: Callable[..., Roads], seed: int
) -> None:
    ways = [[0, 1, 2, 3], [11, 1, 2], [12, 2], [20, 21, 22, 12], [0, 10, 20], [3, 13, 23, 3],
            [33, 43, 44, 34, 33], [1, 12, 21], [1, 10, 21]]  # fmt: skip
    straight = describe(walk(*ways))
    chance = np.random.default_rng(seed)
    chance.shuffle(ways)
    assert describe(walk(*(way[:: chance.choice([1, -1])] for way in ways))) == straight


def test_no_ways_are_no_roads(walk: Callable[..., Roads]) -> None:
    roads = walk(([0, 1], {"highway": "motorway"}))
    assert len(roads.lines) == len(roads.node_x) == len(roads.tail) == 0


def test_lines_that_cross_at_one_level_meet(draw: Callable[..., Roads]) -> None:
    roads = draw([(0, 0), (100, 0)], [(50, -50), (50, 50)])
    assert count(roads) == (5, 4, 1)
    assert roads.length_m == pytest.approx([50, 50, 50, 50])


@pytest.mark.parametrize(
    "tags",
    [
        {"bridge": "yes"}, {"bridge": True}, {"bridge": "viaduct"}, {"tunnel": "T"},
        {"layer": "1"}, {"level": -1}, {"layer": 1, "bridge": "yes"},
    ],
)  # fmt: skip
def test_a_bridge_passes_over_and_a_tunnel_under(
    draw: Callable[..., Roads], tags: Mapping[str, Any]
) -> None:
    roads = draw(([(0, 0), (100, 0)], {}), ([(50, -50), (50, 50)], tags))
    assert count(roads) == (4, 2, 2)


@pytest.mark.parametrize(
    "tags",
    [
        {"bridge": "no"}, {"bridge": False}, {"tunnel": "F"}, {"layer": 0}, {"level": "0"},
        {"bridge": None},
    ],
)  # fmt: skip
def test_what_is_no_bridge_crosses_on_the_ground(
    draw: Callable[..., Roads], tags: Mapping[str, Any]
) -> None:
    assert count(draw(([(0, 0), (100, 0)], {}), ([(50, -50), (50, 50)], tags)))[2] == 1


def test_a_bridge_is_reached_at_its_ends(draw: Callable[..., Roads]) -> None:
    bridge = ([(0, 0), (100, 0)], {"bridge": "yes"})
    roads = draw(bridge, ([(100, 0), (200, 0)], {}), ([(0, -50), (0, 50)], {}))
    assert count(roads) == (5, 4, 1)


def test_an_end_that_touches_a_line_joins_it(draw: Callable[..., Roads]) -> None:
    roads = draw([(0, 0), (100, 0)], [(30, 0), (30, 80)])
    assert count(roads) == (4, 3, 1)
    assert sorted(roads.length_m) == pytest.approx([30, 70, 80])


def test_a_bend_that_touches_a_line_joins_it(draw: Callable[..., Roads]) -> None:
    roads = draw([(0, 0), (90, 30)], [(0, 70), (30, 10.002), (60, 90)])
    assert count(roads) == (5, 4, 1)


@pytest.mark.parametrize(("gap_m", "components"), [(0.005, 1), (0.02, 2), (1.0, 2)])
def test_ends_within_a_centimetre_meet_and_others_do_not(
    draw: Callable[..., Roads], gap_m: float, components: int
) -> None:
    assert count(draw([(0, 0), (100, 0)], [(100 + gap_m, 0), (200, 0)]))[2] == components
    assert count(draw([(0, 0), (100, 0)], [(50, gap_m), (50, 90)]))[2] == components


def test_lines_that_overlap_share_the_ends_of_the_stretch(draw: Callable[..., Roads]) -> None:
    roads = draw([(0, 0), (100, 0)], [(40, 0), (160, 0)])
    assert count(roads)[2] == 1
    assert roads.node_x - X == pytest.approx([0, 40, 100, 160])


@pytest.mark.parametrize(
    ("vertices", "nodes", "edges"),
    [
        ([(0, 0), (100, 0), (100, 100), (50, 100), (50, -50)], 3, 3),  # crosses itself
        ([(0, 0), (100, 0), (100, 50), (50, 50), (50, 0)], 2, 2),  # ends on itself
        ([(0, 0), (100, 0), (100, 50), (0, 0)], 1, 1),  # a loop
        ([(0, 0), (100, 0), (50, 0), (50, 40)], 4, 3),  # goes back on itself
    ],
)
def test_a_line_meets_itself(
    draw: Callable[..., Roads], vertices: Vertices, nodes: int, edges: int
) -> None:
    assert count(draw(vertices)) == (nodes, edges, 1)


def test_a_line_of_several_parts_is_several_lines(tmp_path: Path, write_geojson: Write) -> None:
    parts = [[[X, Y], [X + 10, Y]], [[X + 50, Y], [X + 60, Y]]]
    shape = {"type": "MultiLineString", "coordinates": parts}
    path = write_geojson(tmp_path / "r.geojson", (shape, {}), crs=CRS)
    roads = make_roads_of_lines(read_layer(path, "r", kinds=LINES), "EPSG:4547", {})
    assert count(roads) == (4, 2, 2)
    assert roads.ways == 1


def test_a_line_without_length_is_refused(tmp_path: Path, write_geojson: Write) -> None:
    shape = {"type": "LineString", "coordinates": [[X, Y], [X, Y]]}
    path = write_geojson(tmp_path / "r.geojson", (shape, {}), crs=CRS)
    with pytest.raises(InputError, match="feature 1: is not a valid shape"):
        read_layer(path, "r.geojson", kinds=LINES)


def test_without_a_highway_column_everything_is_walked(draw: Callable[..., Roads]) -> None:
    assert count(draw(([(0, 0), (9, 0)], {"class": "motorway"})))[1] == 1


def test_with_a_highway_column_only_what_may_be_walked_is_read(
    draw: Callable[..., Roads],
) -> None:
    roads = draw(
        ([(0, 0), (9, 0)], {"highway": "motorway"}),
        ([(0, 9), (9, 9)], {"highway": "footway"}),
        ([(0, 8), (9, 8)], {"highway": "footway", "foot": "no"}),
        ([(0, 7), (9, 7)], {"highway": ["residential", "service"]}),
        ([(0, 6), (9, 6)], {"highway": None}),
    )
    assert roads.node_y[roads.tail] - Y == pytest.approx([7, 9])
    assert roads.ways == 2


def test_the_highway_column_may_have_another_name(draw: Callable[..., Roads]) -> None:
    lines = [([(0, 0), (9, 0)], {"fclass": "motorway"}), ([(0, 9), (9, 9)], {"fclass": "path"})]
    assert draw(*lines, columns={"highway": "fclass"}).highway.tolist() == ["path"]


def test_lines_of_which_none_is_walked_are_no_roads(draw: Callable[..., Roads]) -> None:
    assert len(draw(([(0, 0), (9, 0)], {"highway": "motorway"})).lines) == 0


def test_every_level_that_is_no_number_is_refused(tmp_path: Path, write_geojson: Write) -> None:
    shape = {"type": "LineString", "coordinates": [[X, Y], [X + 9, Y]]}
    path = write_geojson(
        tmp_path / "r.geojson",
        (shape, {"level": "up"}),
        (shape, {}),
        (shape, {"layer": "a"}),
        crs=CRS,
    )
    with pytest.raises(InputError) as refusal:
        make_roads_of_lines(read_layer(path, "r.geojson", kinds=LINES), "EPSG:4547", {})
    assert [defect.say("en") for defect in refusal.value.defects] == [
        "r.geojson feature 1: level is 'up'. Give the level as a number, the ground as 0.",
        "r.geojson feature 3: layer is 'a'. Give the level as a number, the ground as 0.",
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.lists(CORNERS, min_size=2, max_size=4, unique=True), min_size=1, max_size=8),
    chance=st.randoms(use_true_random=False),
)
def test_neither_order_nor_direction_of_lines_changes_anything(
    draw: Callable[..., Roads], lines: list[list[tuple[int, int]]], chance: random.Random
) -> None:
    straight = describe(draw(*lines))
    chance.shuffle(lines)
    turned = [line[:: chance.choice([1, -1])] for line in lines]
    assert describe(draw(*turned)) == straight


def walk_all(pieces: Sequence[Shape], places: np.ndarray) -> np.ndarray:
    """Return distances between places along pieces that meet at their ends only."""
    ends = np.round([(line.coords[0], line.coords[-1]) for line in pieces], 3).reshape(-1, 2)
    nodes, number = np.unique(ends, axis=0, return_inverse=True)
    pair = np.sort(number.reshape(-1, 2), axis=1)
    lengths = np.array([line.length for line in pieces])
    graph = np.full((len(nodes), len(nodes)), np.inf)
    np.minimum.at(graph, (pair[:, 0], pair[:, 1]), lengths)
    at = [np.flatnonzero(np.hypot(*(nodes - place).T) < 0.02)[0] for place in places]
    return np.asarray(dijkstra(graph, directed=False, indices=at)[:, at])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(
        st.tuples(st.lists(CORNERS, min_size=2, max_size=4, unique=True), st.integers(0, 1)),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_distances_along_lines_equal_those_of_an_overlay_of_each_level(
    draw: Callable[..., Roads], lines: list[tuple[list[tuple[int, int]], int]]
) -> None:
    """GEOS nodes each level by itself; then every end cuts whatever line it touches."""
    shapes = [shapely.LineString(np.array(line) * 10.0) for line, _ in lines]
    flat = not all(shape.is_simple for shape in shapes)  # a line that meets itself has ends there
    levels = np.array([0 if flat else level for _, level in lines])
    ends = [shapely.get_point(shape, i) for shape in shapes for i in (0, -1)]
    pieces: list[Shape] = []
    for level in set(levels):
        noded = shapely.union_all([s for s, at in zip(shapes, levels, strict=True) if at == level])
        for piece in shapely.get_parts(noded):
            cut = shapely.snap(piece, shapely.MultiPoint(ends), 1e-6)
            touching = [end for end in ends if end.distance(piece) < 1e-6]
            along = sorted({0.0, piece.length, *(round(piece.project(e), 6) for e in touching)})
            pieces += [shapely.ops.substring(cut, a, b) for a, b in pairwise(along) if b - a > 1e-3]
    drawn = zip(lines, levels.tolist(), strict=True)
    roads = draw(*((np.array(line) * 10.0, {"level": level}) for (line, _), level in drawn))
    places = shapely.get_coordinates(ends)
    moved = shapely.transform(roads.lines, lambda xy: xy - (X, Y))
    assert walk_all(list(moved), places) == pytest.approx(walk_all(pieces, places), abs=0.1)


def test_a_road_that_crosses_a_river_here_and_a_railway_there_has_two_bridges(
    draw: Callable[..., Roads],
) -> None:
    lines = [((0, 0), (40, 0)), ((0, 12), (40, 12)), ((500, 0), (540, 0)), ((0, 60), (40, 60))]
    named = {"highway": "residential", "bridge": "yes", "name": "长堤"}
    other = {**named, "name": "平安"}
    roads = draw(*zip(lines, [named, named, named, other], strict=True))
    west = {(line.coords[0][0] - X, line.coords[0][1] - Y): i for i, line in enumerate(roads.lines)}
    number = {start: int(roads.crossing[edge]) for start, edge in west.items()}
    assert number[0, 0] == number[0, 12]
    assert {number[0, 0], number[500, 0], number[0, 60]} == {0, 1, 2}
    assert sorted(one.name for one in roads.crossings) == ["平安", "长堤", "长堤"]
