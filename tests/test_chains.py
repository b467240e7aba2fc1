"""Roads from junction to junction are the same ground, with fewer nodes."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from oracle.graph import Streets
from small import draw_roads

from siteplan.analysis.chains import Chains, join_chains, join_streets
from siteplan.analysis.places import join_to_roads, make_graph
from siteplan.analysis.travel import measure_reach
from siteplan.model import Roads

PIECES = ([(0, 0), (100, 0)], [(100, 0), (200, 50), (200, 0)], [(200, 0), (300, 0)])
QUARTERS = st.integers(-80, 2480).map(lambda quarters: quarters / 4)  # apart, or a true tie
CORNERS = st.tuples(st.integers(0, 5), st.integers(0, 5))


def list_lines(chains: Chains) -> list[str]:
    return [line.wkt for line in chains.lines]


def test_edges_are_joined_where_nothing_branches_off() -> None:
    chains = join_chains(draw_roads(*PIECES))
    assert list_lines(chains) == ["LINESTRING (0 0, 100 0, 200 50, 200 0, 300 0)"]
    assert chains.node_x.tolist() == [0, 300]
    assert (chains.tail.tolist(), chains.head.tolist()) == ([0], [1])
    assert chains.of_edge.tolist() == [0, 0, 0]


def test_a_junction_keeps_its_edges_apart() -> None:
    branch = [(200, 0), (200, -80)]
    chains = join_chains(draw_roads(*PIECES, branch))
    assert len(chains.lines) == 3
    assert chains.node_x.tolist() == [0, 200, 200, 300]


def test_ends_that_only_nearly_meet_are_not_joined() -> None:
    roads = draw_roads([(0, 0), (100, 0)], [(100, 0), (200, 0)])
    apart = np.array([roads.lines[0], shapely.LineString([(100.004, 0), (200, 0)])])
    moved = replace(roads, lines=apart, length_m=shapely.length(apart))
    assert list_lines(join_chains(moved)) == [line.wkt for line in apart]


def test_a_ring_without_a_junction_keeps_one_node() -> None:
    ring = join_chains(draw_roads([(0, 0), (50, 0)], [(50, 0), (50, 50)], [(50, 50), (0, 0)]))
    assert len(ring.lines) == len(ring.node_x) == 1
    assert ring.tail.tolist() == ring.head.tolist() == [0]
    assert shapely.get_point(ring.lines[0], 0) == shapely.get_point(ring.lines[0], -1)


def test_no_roads_are_no_chains() -> None:
    assert len(join_chains(draw_roads()).lines) == 0


@st.composite
def draw_maps(draw: st.DrawFn) -> Roads:
    """Draw a map of bent lines between a few corners: chains, rings, loops, parallel edges."""
    pairs = draw(st.lists(st.tuples(CORNERS, CORNERS), min_size=1, max_size=12))
    lines = []
    for number, ((ax, ay), (bx, by)) in enumerate(pairs):
        bend = (50.0 * (ax + bx) + 3 + number, 50.0 * (ay + by) + 7 * (ax == bx))
        back = [(bend[0] + 31, bend[1] - 17)] if (ax, ay) == (bx, by) else []  # round, not over
        lines.append([(100.0 * ax, 100.0 * ay), bend, *back, (100.0 * bx, 100.0 * by)])
    return draw_roads(*lines)


@given(draw_maps())
def test_each_edge_lies_where_it_is_said_to_lie_in_its_chain(roads: Roads) -> None:
    chains = join_chains(roads)
    assert chains.length_m == pytest.approx(shapely.length(chains.lines))
    ends = [shapely.get_coordinates(shapely.get_point(chains.lines, i)) for i in (0, -1)]
    for node, end in zip((chains.tail, chains.head), ends, strict=True):
        assert (end == np.column_stack([chains.node_x[node], chains.node_y[node]])).all()
    middle = shapely.line_interpolate_point(roads.lines, 10.0)
    along_m = np.where(chains.forward, 10.0, roads.length_m - 10.0) + chains.begin_m
    there = shapely.line_interpolate_point(chains.lines[chains.of_edge], along_m)
    assert shapely.distance(middle, there).max() < 1e-9
    degree = np.bincount(np.r_[chains.tail, chains.head])
    rings = np.bincount(chains.tail[chains.tail == chains.head], minlength=len(degree))
    assert ((degree != 2) | (rings == 1)).all()


@given(draw_maps(), st.lists(st.tuples(QUARTERS, QUARTERS), min_size=2, max_size=9))
def test_walks_are_as_long_as_the_brute_force_finds_them_edge_by_edge(
    roads: Roads, points: list[tuple[float, float]]
) -> None:
    lines = [[*map(tuple, shapely.get_coordinates(line).tolist())] for line in roads.lines]
    streets = Streets(zip(roads.tail.tolist(), roads.head.tolist(), lines, strict=True))
    graph = make_graph(roads)
    places = join_to_roads(*np.array(points).T, graph, 150)
    found = np.full((len(points), len(points)), np.inf)
    reach = measure_reach(graph, places, places)
    for origin in range(len(points)):
        there, walk_m = reach.of(origin)
        found[origin, there] = walk_m
    assert found == pytest.approx(found.T, rel=1e-12)  # one walk, whichever end it begins at
    snaps = [streets.snap(*point, 150 + 1e-6) for point in points]
    for origin, snap in enumerate(snaps):
        assert found[origin] == pytest.approx(streets.measure(snap, snaps), rel=1e-9, abs=1e-9)


def test_streets_run_on_the_straightest_through_junctions() -> None:
    crossing = draw_roads(
        [(-100, 0), (0, 0)], [(0, 0), (100, 9)], [(0, -100), (0, 0)], [(0, 0), (-9, 100)]
    )
    streets = join_streets(join_chains(crossing))
    assert list_lines(streets) == [
        "LINESTRING (-100 0, 0 0, 100 9)",
        "LINESTRING (0 -100, 0 0, -9 100)",
    ]


@pytest.mark.parametrize("step_m", [0.01, 0.5, 50.0])
def test_what_is_straightest_is_told_by_directions_and_not_by_how_long_a_step_is(
    step_m: float,
) -> None:
    # from the west on to the east, drawn with a first step of any length, and a bend of 45 degrees
    west, east = [(-100, 0), (0, 0)], [(0, 0), (step_m, 0), (100, 0)]
    bent = [(0, 0), (70, 70)]
    streets = join_streets(join_chains(draw_roads(west, east, bent)))
    assert sorted(streets.length_m.tolist()) == pytest.approx([70 * 2**0.5, 200])


@given(draw_maps())
def test_streets_are_the_same_ground_in_fewer_lines(roads: Roads) -> None:
    chains = join_chains(roads)
    streets = join_streets(chains)
    assert len(streets.lines) <= len(chains.lines)
    assert shapely.length(streets.lines).sum() == pytest.approx(roads.length_m.sum())
    ground = shapely.union_all(streets.lines)
    assert shapely.hausdorff_distance(ground, shapely.union_all(roads.lines)) < 1e-9
