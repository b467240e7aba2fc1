"""Detours, and the bridges and tunnels by which people walk."""

import math
from dataclasses import replace

import numpy as np
import pyproj
import pytest
import shapely
from small import draw_roads, make_coverage

from siteplan.analysis.detour import (
    Detours,
    Walks,
    find_p90,
    find_passages,
    measure_detours,
    name_crossing,
)
from siteplan.analysis.places import WalkGraph, join_to_roads, make_graph
from siteplan.analysis.travel import measure_reach
from siteplan.model import Crossing, Roads

# A river between two banks, y = 0 and y = 400. The west bridge, x = 0, is drawn in two parts.
#
#   400   a ------ 1000 -- b
#         |          |
#   0     s ------ 1000
BANKS = (
    [(0, 0), (1000, 0)],
    [(0, 400), (1000, 400)],
    [(1000, 400), (2000, 400)],
)
WEST = ([(0, 0), (0, 150)], [(0, 150), (0, 400)])
EAST = [(1000, 0), (1000, 400)]
CORNER = np.array([539_000.0, 5_220_000.0])
CROSSINGS = (Crossing("bridge", "西桥"), Crossing("tunnel", ""))


def build(*lines: list[tuple[float, float]]) -> WalkGraph:
    """Build the roads of both banks and some ways across."""
    roads = draw_roads(*BANKS, *lines)
    number = np.full(len(roads.lines), -1)
    for index, line in enumerate(roads.lines):
        west, _, east, _ = line.bounds
        if west == east:
            number[index] = 0 if west == 0 else 1
    return make_graph(replace(roads, crossing=number, crossings=CROSSINGS))


def walk(
    graph: WalkGraph, site: tuple[float, float], *homes: tuple[float, float]
) -> list[tuple[int, float]]:
    """Return the passages of one site by 100, 200, 400, … residents."""
    here = join_to_roads(*np.array([site], dtype=float).T, graph, 150)
    people = join_to_roads(*np.array(homes, dtype=float).T, graph, 150)
    reach = measure_reach(graph, people, here)
    assert np.diff(reach.start).tolist() == [1] * len(homes)
    walks = Walks(0 * reach.demand, reach.distance_m, 100 * 2.0 ** np.arange(len(homes)))
    [found] = find_passages(graph, here, people, walks)
    return found


def test_people_are_counted_at_the_crossing_they_walk_by() -> None:
    both = build(*WEST, EAST)
    # 100 on the same bank; 200 by the west bridge; 400 by the tunnel in the east
    assert walk(both, (400, 0), (600, 0), (200, 400), (1500, 400)) == [(1, 400), (0, 200)]
    assert walk(build(EAST), (0, 0), (500, 0), (0, 400), (1500, 400)) == [(1, 600)]


def test_a_site_or_home_on_a_bridge_passes_it_if_it_passes_its_middle() -> None:
    west = build(*WEST)
    assert walk(west, (0, 50), (0, 60)) == []
    assert walk(west, (0, 50), (0, 100)) == [(0, 100)]  # the middle of the first part, y = 75
    assert walk(west, (0, 50), (300, 0), (300, 400)) == [(0, 200)]


def test_two_sites_have_their_own_people() -> None:
    graph = build(*WEST, EAST)
    sites = join_to_roads(np.array([400.0, 900.0]), np.array([0.0, 400.0]), graph, 150)
    homes = join_to_roads(np.array([200.0, 800.0]), np.array([400.0, 0.0]), graph, 150)
    walks = Walks(np.array([0, 1]), np.array([1000.0, 700.0]), np.array([3.0, 5.0]))
    assert find_passages(graph, sites, homes, walks) == [[(0, 3)], [(1, 5)]]


def test_of_two_crossings_that_as_many_people_pass_the_lower_stands_first() -> None:
    roads = build(*WEST, EAST).roads
    turned = np.where(roads.crossing < 0, -1, 1 - roads.crossing)  # the west bridge is number 1
    graph = make_graph(replace(roads, crossing=turned, crossings=CROSSINGS[::-1]))
    sites = join_to_roads(np.array([400.0]), np.array([0.0]), graph, 150)
    homes = join_to_roads(np.array([200.0, 1500.0]), np.array([400.0, 400.0]), graph, 150)
    walks = Walks(np.array([0, 0]), np.array([1000.0, 1500.0]), np.array([5.0, 5.0]))
    assert find_passages(graph, sites, homes, walks) == [[(0, 5), (1, 5)]]


def test_without_crossings_nobody_passes_any() -> None:
    graph = make_graph(draw_roads(*BANKS, EAST))
    assert walk(graph, (0, 0), (1500, 400)) == []


def test_a_crossing_is_called_by_its_name_or_its_place() -> None:
    roads: Roads = build(*WEST, EAST).roads
    assert name_crossing(roads, 0, "EPSG:32632").en == "bridge “西桥”"
    here = replace(roads, lines=shapely.transform(roads.lines, lambda xy: xy + CORNER))
    named = name_crossing(here, 1, "EPSG:32632")
    degrees = pyproj.Transformer.from_crs("EPSG:32632", "EPSG:4326", always_xy=True)
    lon, lat = degrees.transform(CORNER[0] + 1000, CORNER[1] + 200)
    assert named.en == f"the tunnel at {lon:.5f}, {lat:.5f}"
    assert f"{lon:.5f}, {lat:.5f}" in named.zh


def test_the_factor_compares_ways_along_roads_and_not_the_legs_beside_them() -> None:
    graph = build(EAST)
    sites = join_to_roads(np.array([0.0]), np.array([100.0]), graph, 150)
    homes = join_to_roads(np.array([0.0, 300, 0, 0]), np.array([330.0, -40, 50, 700]), graph, 150)
    walks = measure_reach(graph, sites, homes)
    distance_m = np.full(4, np.inf)
    distance_m[walks.demand] = walks.distance_m
    nearest = np.where(np.isfinite(distance_m), 0, -1)
    coverage = make_coverage(nearest=nearest, distance_m=distance_m)
    found = measure_detours(graph, sites, homes, coverage)
    # over the tunnel 2,400 m, straight 400; along the road 300; at the site's own joint; not joined
    assert found.factor[:2] == pytest.approx([6, 1])
    assert np.isnan(found.factor[2:]).all()
    assert found.straight_m[:2] == pytest.approx([400, 300])
    assert np.isnan(measure_detours(None, sites, homes, coverage).factor).all()


def test_the_p90_is_over_people_far_enough_away_or_else_over_all() -> None:
    detours = Detours(np.array([10.0, 400, 500, 350, 400]), np.array([9.0, 1.2, 1.4, 3, math.nan]))
    people = np.array([1000.0, 50, 40, 10, 7])
    everybody = np.ones(5, dtype=bool)
    assert find_p90(detours, everybody, people) == 1.4
    assert find_p90(detours, np.array([True, False, False, False, True]), people) == 9
    assert math.isnan(find_p90(detours, ~everybody, people))
