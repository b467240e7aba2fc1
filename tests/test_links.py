"""The line of the walk from a branch to its headquarters, and the crossings it depends on."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from unittest import mock

import networkx as nx
import numpy as np
import pytest
import shapely
import town
from hypothesis import given
from hypothesis import strategies as st
from small import (
    CRS,
    draw_roads,
    join_roads,
    make_area,
    make_case,
    make_site,
    make_sites,
    make_subdistrict,
)

from siteplan.analysis import links
from siteplan.analysis.links import LinkWalk, trace_links
from siteplan.analysis.places import join_to_roads, make_graph
from siteplan.analysis.travel import measure_reach
from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.model import Crossing, Roads
from siteplan.outputs.results import to_document

Point = tuple[float, float]
Line = Sequence[Point]
SNAP_M = 150.0
NAMES = ("甲", "乙")
"""Of the crossings 0 and 1."""


def bridge(*lines: Line, **crossings: Sequence[Line]) -> Roads:
    """Draw roads, some of them the bridges A, B, …."""
    all_lines = [*lines, *(line for parts in crossings.values() for line in parts)]
    number = [-1] * len(lines)
    for index, parts in enumerate(crossings.values()):
        number += [index] * len(parts)
    return replace(
        draw_roads(*all_lines),
        crossing=np.array(number, dtype=np.intp),
        crossings=tuple(Crossing("bridge", name) for name in crossings),
    )


def trace_all(roads: Roads | None, headquarters: Point, *branches: Point) -> list[LinkWalk | None]:
    """Trace the walks of some branches; the headquarters stands in the middle of them."""
    half = len(branches) // 2
    spots = np.array([*branches[:half], headquarters, *branches[half:]], dtype=float)
    graph = None if roads is None else make_graph(roads)
    places = join_to_roads(spots[:, 0], spots[:, 1], graph, SNAP_M)
    walks = trace_links(graph, places, np.arange(len(spots)) == half, CRS)
    assert walks.pop(half) is None
    return walks


def trace(roads: Roads | None, headquarters: Point, branch: Point) -> LinkWalk:
    [walk] = trace_all(roads, headquarters, branch)
    assert walk is not None
    return walk


def list_vertices(walk: LinkWalk) -> list[Point]:
    return [(x, y) for x, y in shapely.get_coordinates(walk.line).tolist()]


def list_crossings(walk: LinkWalk) -> dict[str, float]:
    """Return the distance without each crossing by the last letter of its name, in order."""
    return {name.zh[-2]: distance_m for name, distance_m in walk.crossings}


# --- where the line runs


def test_without_roads_the_line_is_straight() -> None:
    walks = trace_all(None, (0, 0), (300, 400), (0, 5))
    assert [walk and (walk.line.wkt, walk.crossings) for walk in walks] == [
        ("LINESTRING (300 400, 0 0)", ()),
        ("LINESTRING (0 5, 0 0)", ()),
    ]


def test_the_line_follows_the_bends_of_the_road_and_both_legs_beside_it() -> None:
    roads = draw_roads([(0, 0), (100, 0), (100, 100)], [(100, 100), (300, 100)], [(0, 0), (0, -9)])
    walk = trace(roads, (40, 30), (250, 120))
    expected = [(250, 120), (250, 100), (100, 100), (100, 0), (40, 0), (40, 30)]
    assert list_vertices(walk) == expected
    assert walk.line.length == 20 + 150 + 100 + 60 + 30


def test_two_sites_on_one_road_walk_along_it() -> None:
    road = draw_roads([(0, 0), (100, 0), (100, 100)])
    assert list_vertices(trace(road, (80, 5), (30, 7))) == [(30, 7), (30, 0), (80, 0), (80, 5)]
    assert list_vertices(trace(road, (30, 7), (100, 20))) == [
        (100, 20), (100, 0), (30, 0), (30, 7),
    ]  # fmt: skip


def test_two_sites_at_one_joint_walk_to_the_road_and_back() -> None:
    road = draw_roads([(0, 0), (100, 0)])
    assert list_vertices(trace(road, (50, 10), (50, -20))) == [(50, -20), (50, 0), (50, 10)]
    same = trace(road, (50, 0), (50, 0))
    assert (list_vertices(same), same.line.length) == ([(50, 0), (50, 0)], 0)


def test_around_a_ring_the_shorter_way_is_taken_wherever_its_node_is() -> None:
    corners = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]
    for turn in range(4):
        ring = [*corners[turn:], *corners[: turn + 1]]
        walk = trace(draw_roads(ring), (10, 0), (0, 30))
        assert list_vertices(walk) == [(0, 30), (0, 0), (10, 0)]
        walk = trace(draw_roads(ring), (40, 0), (40, 100))  # 180 m by the west, 220 by the east
        assert list_vertices(walk) == [(40, 100), (0, 100), (0, 0), (40, 0)]


def test_of_parallel_roads_the_shortest_is_walked() -> None:
    lines: list[Line] = [
        [(0, 0), (50, 50), (100, 0)],
        [(0, 0), (100, 0)],
        [(0, 0), (50, -80), (100, 0)],
        [(-50, 0), (0, 0)],
        [(100, 0), (150, 0)],
    ]
    for order in (lines, lines[::-1]):
        walk = trace(draw_roads(*order), (150, 0), (-50, 0))
        assert list_vertices(walk) == [(-50, 0), (0, 0), (100, 0), (150, 0)]
    around = trace(draw_roads(*lines), (50, -80), (50, 50))
    assert around.line.length == pytest.approx(math.hypot(50, 50) + math.hypot(50, 80))


def test_a_road_that_leads_back_to_its_own_junction_leads_nowhere() -> None:
    loop = [(100, 0), (100, 90), (180, 90), (100, 0)]
    roads = draw_roads([(0, 0), (100, 0)], [(100, 0), (200, 0)], loop)
    assert list_vertices(trace(roads, (0, 0), (200, 0))) == [(200, 0), (100, 0), (0, 0)]
    walk = trace(roads, (0, 0), (100, 60))
    assert list_vertices(walk) == [(100, 60), (100, 0), (0, 0)]


def test_roads_without_length_are_walked_too() -> None:
    here = (100.0, 0.0)
    roads = join_roads(
        [(0, 0), here, here, (200, 0), (100, 50), (100, -50)],
        [
            (0, 1, [(0, 0), here]),
            (1, 2, [here, here]),
            (2, 3, [here, (200, 0)]),
            (1, 4, [here, (100, 50)]),
            (2, 5, [here, (100, -50)]),
        ],
    )
    assert list_vertices(trace(roads, (0, 0), (200, 0))) == [(200, 0), here, (0, 0)]


def test_of_ways_equally_short_the_one_that_sets_out_to_the_west_is_taken() -> None:
    around: list[Line] = [
        [(0, 0), (0, 100), (100, 100)],
        [(0, 0), (100, 0), (100, 100)],
        [(100, 100), (150, 150)],
        [(-50, -50), (0, 0)],
    ]
    for order in (around, around[::-1]):
        there = trace(draw_roads(*order), (150, 150), (-50, -50))
        back = trace(draw_roads(*order), (-50, -50), (150, 150))
        assert list_vertices(there)[2] == (0, 100)
        assert list_vertices(back)[2] == (0, 100)


def test_who_cannot_walk_to_the_headquarters_has_no_line() -> None:
    roads = draw_roads([(0, 0), (100, 0)], [(500, 0), (600, 0)])
    walks = trace_all(roads, (0, 10), (510, 0), (50, 900), (50, 0))
    assert [walk is not None for walk in walks] == [False, False, True]
    assert trace_all(roads, (0, 900), (50, 0), (510, 0)) == [None, None]
    assert trace_all(draw_roads(), (0, 0), (50, 0)) == [None]


def test_without_exactly_one_headquarters_nothing_is_traced() -> None:
    places = join_to_roads(np.array([0.0, 1, 2]), np.zeros(3), None, SNAP_M)
    for some in ([False, False, False], [True, False, True]):
        assert trace_links(None, places, np.array(some), CRS) == [None] * 3


# --- what it depends on

# A river between two banks, bridge A in the west in two parts, bridge B 1,000 m to the east.
BANKS: tuple[Line, ...] = (
    [(0, 0), (1000, 0)],
    [(0, 400), (1000, 400)],
    [(-300, 0), (0, 0)],
    [(1000, 400), (1000, 700)],
)
A: list[Line] = [[(0, 0), (0, 150)], [(0, 150), (0, 400)]]
B: list[Line] = [[(1000, 0), (1000, 400)]]


def test_a_link_depends_on_the_bridge_it_passes_and_not_on_the_other() -> None:
    walk = trace(bridge(*BANKS, A=A, B=B), (200, 0), (100, 400))
    assert walk.line.length == 100 + 400 + 200
    assert list_crossings(walk) == {"A": 900 + 400 + 800}
    assert walk.crossings[0].name.en == "bridge “A”"


def test_without_another_bridge_there_is_no_way_and_the_file_says_null() -> None:
    walk = trace(bridge(*BANKS, A=A), (200, 0), (100, 400))
    assert list_crossings(walk) == {"A": math.inf}
    case = make_case(
        make_area(make_subdistrict(box=(-500, -500, 1500, 1500))),
        make_sites(
            make_site("b", 100, 400, role="branch"), make_site("h", 200, 0, role="headquarters")
        ),
        bridge(*BANKS, A=A),
    )
    document: Any = to_document(evaluate(case))
    assert document["subdistricts"][0]["network"]["links"] == [
        {
            "site": "b",
            "distance_m": 700,
            "crossings": [
                {
                    "name": {"zh": "桥梁“A”", "en": "bridge “A”"},
                    "distance_without_m": None,
                }
            ],
        }
    ]


def test_crossings_stand_in_the_order_of_the_walk_each_once() -> None:
    river: list[Line] = [[(300, 0), (400, 0)], [(500, 0), (600, 0)]]
    roads = bridge([(0, 0), (100, 0)], [(200, 0), (300, 0)], [(400, 0), (500, 0)],
                   A=river, B=[[(100, 0), (200, 0)]])  # fmt: skip
    assert list(list_crossings(trace(roads, (600, 0), (0, 0)))) == ["B", "A"]
    assert list(list_crossings(trace(roads, (0, 0), (600, 0)))) == ["A", "B"]


def test_who_is_joined_to_a_crossing_has_no_way_while_it_is_closed() -> None:
    roads = bridge(*BANKS, A=A, B=B)
    on_it, at_its_end = trace_all(roads, (200, 0), (10, 100), (0, 400))
    assert on_it is not None
    assert at_its_end is not None
    assert list_crossings(on_it) == {"A": math.inf}
    assert list_crossings(at_its_end) == {"A": 1000 + 400 + 800}
    from_it = trace(roads, (10, 100), (200, 0))
    assert list_crossings(from_it) == {"A": math.inf}
    assert list_crossings(trace(roads, (10, 100), (20, 50))) == {"A": math.inf}


def test_of_two_bridges_equally_far_each_is_as_good_as_the_other() -> None:
    walk = trace(bridge(*BANKS, A=A, B=B), (500, 0), (500, 400))
    assert list_crossings(walk) == {"A": walk.line.length}


def test_a_way_around_is_found_however_far_it_leads() -> None:
    west, east = (0, -90_000), (70_000, -90_000)  # junctions far off, and a road between them
    detour: list[Line] = [
        [(0, 0), west],
        [west, east],
        [east, (70_000, 400), (1000, 400)],
        [west, (-1000, -90_000)],
        [east, (71_000, -90_000)],
    ]
    other = [[(1000, 400), (1400, 400)], [(1400, 400), (1500, 400)]]
    roads = bridge(*BANKS, *detour, A=A, B=other)
    far_m = 200 + 90_000 + 70_000 + 90_400 + 69_000 + 900
    assert list_crossings(trace(roads, (200, 0), (100, 400))) == {"A": far_m}


def test_who_is_cut_off_is_known_without_searching_every_road(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searched: list[int] = []
    cut = links._cut  # noqa: SLF001 - how far it searches is what is tested

    def count(*arguments: Any) -> Any:  # noqa: ANN401
        patch = cut(*arguments)
        searched.append(len(patch.rim))
        return patch

    monkeypatch.setattr(links, "_cut", count)
    far: list[Line] = [[(x, -1), (x + 5000, -1)] for x in range(-300, 100_000, 5000)]
    roads = bridge(*BANKS, [(-300, 0), (-300, -1)], *far, A=A)
    assert list_crossings(trace(roads, (200, 0), (100, 400))) == {"A": math.inf}
    assert searched == [1]


# --- against networkx


class Ground(NamedTuple):
    """Lines with the crossing of each, and sites: the headquarters, then its branches."""

    lines: list[list[Point]]
    crossing: list[int]
    sites: list[Point]

    def make_roads(self) -> Roads:
        """Make roads of the lines, the two crossings among them."""
        return replace(
            draw_roads(*self.lines),
            crossing=np.array(self.crossing, dtype=np.intp),
            crossings=tuple(Crossing("bridge", name) for name in NAMES),
        )

    def trace(self) -> list[LinkWalk | None]:
        """Trace the branches' walks, in their order."""
        graph = make_graph(self.make_roads())
        x, y = np.array(self.sites, dtype=float).T
        places = join_to_roads(x, y, graph, SNAP_M)
        walks = trace_links(graph, places, np.arange(len(x)) == 0, CRS)
        there = measure_reach(graph, places, places)
        for row, walk in enumerate(walks[1:], 1):
            reached, distance_m = there.of(row)
            known = distance_m[reached == 0].tolist()
            assert ([] if walk is None else [walk.line.length]) == pytest.approx(known, abs=1e-6)
        return walks[1:]


CORNER = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(lambda xy: (100 * xy[0], 100 * xy[1]))
CROSSING = st.sampled_from([-1, -1, -1, 0, 1])


@st.composite
def draw_ground(draw: st.DrawFn) -> Ground:
    """Draw bent roads that cross without meeting, run beside and over one another, and rings."""
    line = st.lists(CORNER, min_size=2, max_size=4).filter(
        lambda line: all(a != b for a, b in pairwise(line))
    )
    roads = draw(st.lists(st.tuples(line, CROSSING), min_size=1, max_size=9))
    x = st.integers(-20, 320)
    sites = draw(st.lists(st.tuples(x, x) | CORNER, min_size=2, max_size=5))
    return Ground([line for line, _ in roads], [number for _, number in roads], sites)


@st.composite
def draw_blocks(draw: st.DrawFn) -> Ground:
    """Draw streets between blocks of 100 m, where ties are everywhere, and sites beside them."""
    corners = [(100.0 * x, 100.0 * y) for x in range(4) for y in range(4)]
    streets = [[(x, y), (x + 100, y)] for x, y in corners if x < 300]
    streets += [[(x, y), (x, y + 100)] for x, y in corners if y < 300]
    lines = draw(st.lists(st.sampled_from(streets), min_size=8, unique_by=str))
    crossing = draw(st.lists(CROSSING, min_size=len(lines), max_size=len(lines)))
    along, beside = st.sampled_from([0, 25, 75, 100]), st.sampled_from([-8, 0, 8])

    def stand(where: tuple[list[Point], int, int]) -> Point:
        [(x, y), (end, _)], along_m, beside_m = where
        return (x + along_m, y + beside_m) if end > x else (x + beside_m, y + along_m)

    site = st.tuples(st.sampled_from(lines), along, beside).map(stand)
    return Ground(lines, crossing, draw(st.lists(site, min_size=2, max_size=5)))


NEARBY = st.sampled_from([(2.0, 500.0), (0.1, 1.0)])
"""How much is searched first: all of so small a ground, or next to nothing."""


def walk_with_networkx(ground: Ground, closed: int | None) -> list[float]:
    """Return how far each branch has to walk while a crossing is closed; inf: there is no way."""
    shapes = [shapely.LineString(line) for line in ground.lines]
    joints: list[tuple[int, float, float]] = []
    for site in ground.sites:
        legs = [shape.distance(shapely.Point(site)) for shape in shapes]
        first = next(i for i, leg in enumerate(legs) if leg <= min(legs) + 1e-6)
        joints.append((first, shapes[first].project(shapely.Point(site)), legs[first]))
    streets: nx.MultiGraph[Any] = nx.MultiGraph()

    def name(index: int, at: float) -> tuple[float, float, int]:
        if at < 1e-9:
            return (*ground.lines[index][0], -1)
        if at > shapes[index].length - 1e-9:
            return (*ground.lines[index][-1], -1)
        return (at, 0.0, index)

    for index, shape in enumerate(shapes):
        cuts = sorted([0.0, shape.length, *(at for line, at, _ in joints if line == index)])
        streets.add_nodes_from(name(index, at) for at in cuts)
        if ground.crossing[index] != closed or closed == -1:
            for one, two in pairwise(cuts):
                streets.add_edge(name(index, one), name(index, two), weight=two - one)
    index, at, leg = joints[0]
    metres = nx.single_source_dijkstra_path_length(streets, name(index, at))
    return [
        leg + metres.get(name(i, m), math.inf) + own if max(leg, own) <= SNAP_M else math.inf
        for i, m, own in joints[1:]
    ]


@given(draw_ground() | draw_blocks(), NEARBY)
def test_every_line_is_as_long_as_the_walk_and_every_detour_as_networkx_finds_them(
    ground: Ground, near: tuple[float, float]
) -> None:
    with mock.patch.multiple(links, NEAR=near[0], NEAR_M=near[1]):
        walks = ground.trace()
    expected_m = walk_with_networkx(ground, -1)
    closed_m = [walk_with_networkx(ground, number) for number in range(len(NAMES))]
    ways = shapely.union_all([shapely.LineString(line) for line in ground.lines])
    for row, walk in enumerate(walks):
        if walk is None:
            assert math.isinf(expected_m[row])
            continue
        vertices = list_vertices(walk)
        assert walk.line.length == pytest.approx(expected_m[row], abs=1e-6)
        assert (vertices[0], vertices[-1]) == (ground.sites[row + 1], ground.sites[0])
        steps = [shapely.LineString(pair) for pair in pairwise(vertices)]
        off_m = sum(step.difference(ways.buffer(1e-6)).length for step in steps)
        legs = (shapely.Point(end).distance(ways) for end in (vertices[0], vertices[-1]))
        assert off_m == pytest.approx(sum(legs), abs=1e-4)
        without_m = list_crossings(walk)
        for number, name in enumerate(NAMES):
            there_m = closed_m[number][row]
            if name in without_m:
                assert without_m[name] == pytest.approx(there_m, abs=1e-6)
                parts = [
                    shapely.LineString(line)
                    for line, one in zip(ground.lines, ground.crossing, strict=True)
                    if one == number
                ]
                on_it = shapely.union_all(parts).buffer(1e-6)
                assert max(step.intersection(on_it).length for step in steps) > 1e-5
            else:
                assert there_m == pytest.approx(expected_m[row], abs=1e-6)


@given(draw_blocks(), st.randoms(use_true_random=False), NEARBY)
def test_no_order_of_the_input_changes_a_byte(
    ground: Ground,
    random: Random,
    near: tuple[float, float],
) -> None:
    order = random.sample(range(len(ground.lines)), len(ground.lines))
    people = [0, *random.sample(range(1, len(ground.sites)), len(ground.sites) - 1)]
    turned = Ground(
        [ground.lines[i][:: random.choice([1, -1])] for i in order],
        [ground.crossing[i] for i in order],
        [ground.sites[i] for i in people],
    )
    walks = ground.trace()
    with mock.patch.multiple(links, NEAR=near[0], NEAR_M=near[1]):
        again = turned.trace()
    for row, walk in zip(people[1:], again, strict=True):
        before = walks[row - 1]
        assert (walk is None) == (before is None)
        if walk is not None and before is not None:
            assert walk.line.wkb == before.line.wkb
            assert walk.crossings == before.crossings


# --- in a case


def test_the_order_of_the_files_changes_no_byte_of_a_link(tmp_path: Path) -> None:
    offered = [
        ("总部", 1250, 250),
        ("分站点", 1750, 750),
        ("分站点", 1340, 860),
        ("分站点", 1260, 340),
    ]
    features: list[Any] = [
        (town.point(x, y), {"id": f"e{i}", "名称": f"东{i}", "街道": "东街道", "角色": role})
        for i, (role, x, y) in enumerate(offered)
    ]
    found = []
    for name, step in (("forwards", 1), ("backwards", -1)):
        folder = town.write_town(tmp_path / name)
        town.write(folder / "data" / "proposals" / "east.geojson", features[::step])
        path = folder / "data" / "roads.geojson"
        roads = json.loads(path.read_text(encoding="utf-8"))
        for feature in roads["features"]:
            feature["geometry"]["coordinates"] = feature["geometry"]["coordinates"][::step]
        roads["features"] = roads["features"][::step]
        path.write_text(json.dumps(roads), encoding="utf-8")
        evaluation = evaluate(read_case(folder))
        links_of = [link for one in evaluation.judgements for link in one.network.links]
        found.append([(link.site, shapely.to_wkb(link.line), link.distance_m) for link in links_of])
        for link in links_of:
            assert link.line is not None
            assert link.line.length == pytest.approx(link.distance_m, abs=1e-6)
    assert [site for site, _, _ in found[0]] == ["e1", "e2", "e3"]
    assert found[0] == found[1]
