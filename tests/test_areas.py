"""Service areas: drawn ground, never a judgement."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry
from small import Point, draw_roads

from siteplan.analysis.areas import BESIDE_M, SIMPLIFY_M, draw_service_areas
from siteplan.analysis.places import Places, join_to_roads, make_graph
from siteplan.analysis.travel import measure_reach
from siteplan.model import Backdrop, Roads

WIDTH_M = BESIDE_M + SIMPLIFY_M
CROSS = draw_roads(
    [(-1000, 0), (0, 0)], [(0, 0), (1000, 0)], [(0, 1000), (0, 0)], [(0, 0), (0, -1000)]
)


def draw(
    roads: Roads | None, site: Point, radius_m: float, *obstacles: BaseGeometry
) -> BaseGeometry:
    """Draw the service area of one site; polygons are water, lines are barriers."""
    graph = make_graph(roads) if roads is not None else None
    places = join_to_roads(np.array([site[0]]), np.array([site[1]]), graph, 150)
    polygons = [shape for shape in obstacles if shape.geom_type == "Polygon"]
    lines = [shape for shape in obstacles if shape.geom_type == "LineString"]
    backdrop = Backdrop(np.array(polygons, dtype=object), np.array(lines, dtype=object))
    [area] = draw_service_areas(graph, places, radius_m, backdrop)
    return area


def test_the_ground_beside_reached_roads_is_drawn_and_no_more() -> None:
    # From (-300, 50) it is 50 m to the road; 350 m are left: 50 m are left at the crossing.
    area = draw(CROSS, (-300, 50), 400)
    reached = shapely.union_all(
        [shapely.LineString([(-650, 0), (50, 0)]), shapely.LineString([(0, 50), (0, -50)])]
    )
    assert area.covers(reached)
    assert area.covers(reached.buffer(BESIDE_M - SIMPLIFY_M))
    assert reached.buffer(WIDTH_M).covers(area)


def test_a_site_whose_way_ends_on_its_own_edge_gets_a_stretch_of_it() -> None:
    area = draw(CROSS, (-500, 0), 100)
    assert area.covers(shapely.LineString([(-600, 0), (-400, 0)]))
    assert area.bounds == pytest.approx((-640, -40, -360, 40), abs=SIMPLIFY_M)


def test_roads_that_lead_back_are_drawn_where_they_are_reached_from_both_ends() -> None:
    block = draw_roads([(0, 0), (300, 0)], [(300, 0), (300, 300), (0, 300), (0, 0)])
    far, all_round = draw(block, (150, 0), 500), draw(block, (150, 0), 600)
    north = shapely.Point(150, 300)  # 600 m either way
    assert not far.covers(north)
    assert all_round.covers(north)


def test_an_edge_without_length_is_not_drawn_where_nobody_gets() -> None:
    far = draw_roads([(0.0, 0.0), (100.0, 0.0)], [(5000.0, 0.0), (5000.0, 0.0)])
    assert draw(far, (0, 0), 400).bounds[2] < 100 + WIDTH_M


def test_a_site_that_is_not_joined_or_farther_from_the_road_than_the_radius_has_no_ground() -> None:
    assert draw(CROSS, (-500, 160), 400).is_empty
    assert draw(CROSS, (-500, 100), 90).is_empty


@pytest.mark.parametrize(("island_m2", "filled"), [(39_000, True), (41_000, False)])
def test_islands_below_4_ha_are_the_inside_of_a_block(island_m2: float, *, filled: bool) -> None:
    side = island_m2**0.5 + 2 * BESIDE_M
    block = draw_roads([(0, 0), (side, 0)], [(side, 0), (side, side), (0, side), (0, 0)])
    area = draw(block, (0, 0), 2000)
    assert area.covers(shapely.Point(side / 2, side / 2)) is filled
    hole_m2 = shapely.convex_hull(area).area - area.area
    assert hole_m2 == pytest.approx(0 if filled else island_m2, abs=1)


def test_no_ground_is_drawn_in_water_or_beyond_it_where_no_road_is_reached() -> None:
    quay = draw_roads([(-500, 0), (500, 0)], [(500, 0), (500, 300)], [(500, 300), (-500, 300)])
    river = shapely.box(-900, 10, 480, 30)
    area = draw(quay, (-100, 0), 300, river)
    assert area.bounds == pytest.approx((-440, -40, 240, 10), abs=SIMPLIFY_M)
    around = draw(quay, (400, 0), 600, river)  # along the river's end to the other bank
    assert around.covers(shapely.LineString([(450, 300), (320, 300)]))
    assert not around.intersects(shapely.box(-900, 12, 400, 28))


def test_no_ground_is_drawn_beyond_a_barrier_that_no_reached_road_crosses() -> None:
    street = draw_roads([(-500, 0), (0, 0)], [(0, 0), (0, 300)], [(0, 300), (-500, 300)])
    railway = shapely.LineString([(-900, 20), (900, 20)])
    near = draw(street, (-200, 0), 150, railway)
    assert near.bounds == pytest.approx((-390, -40, -10, 19), abs=SIMPLIFY_M)
    across = draw(street, (-50, 0), 200, railway)  # 150 m of the street north of it
    assert across.covers(shapely.LineString([(0, 30), (0, 140)]))


def test_without_roads_it_is_a_circle() -> None:
    area = draw(None, (10, 20), 500)
    assert shapely.Point(10, 20).buffer(500.001).covers(area)
    assert area.area == pytest.approx(np.pi * 500**2, rel=0.01)


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.floats(50, 700))
def test_it_holds_the_roads_within_the_radius_and_nothing_far_from_them(
    seed: int, radius_m: float
) -> None:
    rng = np.random.default_rng(seed)
    spots = [tuple(each) for each in (rng.random((7, 2)) * 600).tolist()]
    pairs = {tuple(sorted(rng.choice(7, 2, replace=False).tolist())) for _ in range(9)}
    bend = tuple((rng.random(2) * 600).tolist())
    roads = draw_roads(*([spots[a], bend, spots[b]] for a, b in sorted(pairs)))
    area = draw(roads, spots[0], radius_m)

    graph, step_m = make_graph(roads), 5.0
    offsets = [np.arange(0, length, step_m) for length in graph.chains.length_m]
    chain, offset_m = np.repeat(np.arange(len(offsets)), [*map(len, offsets)]), np.hstack(offsets)
    spot = shapely.line_interpolate_point(graph.chains.lines[chain], offset_m)
    here = join_to_roads(*np.array([spots[0]]).T, graph, 150)
    there = Places(shapely.get_x(spot), shapely.get_y(spot), chain, offset_m, 0 * offset_m)
    reached, _ = measure_reach(graph, here, there, radius_m - 1e-3).of(0)
    points = spot[reached]
    assert shapely.covers(area, points).all()
    ground = shapely.union_all(shapely.buffer(points, WIDTH_M + 2 * step_m))
    assert shapely.difference(area, ground).area == pytest.approx(0, abs=1e-6)
