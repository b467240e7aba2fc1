"""Walking distances, against plain dictionaries, a heap and every segment looked at."""

import heapq
import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small import Edge, Point, draw_roads, join_roads

from siteplan.analysis.places import WalkGraph, join_to_roads, make_graph
from siteplan.analysis.travel import measure_reach
from siteplan.model import Reach, Roads

SNAP_M = 80.0
SEEDS = st.integers(0, 10**9)
Matrix = np.ndarray


# --- the brute force


def snap(edges: list[Edge], point: Point) -> tuple[int, float, float]:
    """Return edge, metres from its tail and leg of the nearest place of all edges."""
    spots = []
    for number, (_, _, line) in enumerate(edges):
        begin = 0.0
        for a, b in pairwise(np.array(line, dtype=float)):
            step, length = b - a, math.dist(a, b)
            share = 0.0
            if length:
                share = min(max(float((point - a) @ step) / length**2, 0.0), 1.0)
            spots.append((math.dist(point, a + share * step), number, begin + share * length))
            begin += length
    least = min(spots)[0]
    # nearer by less than a micrometre is not nearer: the lower edge wins, and its nearest place
    number = min(edge for leg, edge, _ in spots if leg <= least + 1e-6)
    leg, _, offset = min(spot for spot in spots if spot[1] == number)
    return number, offset, leg


def walk_everywhere(edges: list[Edge], start: int, offset_m: float) -> dict[int, float]:
    """Return the way from a place on an edge to every node it leads to."""
    steps: dict[int, list[tuple[int, float]]] = {}
    for tail, head, line in edges:
        length = sum(math.dist(a, b) for a, b in pairwise(line))
        steps.setdefault(tail, []).append((head, length))
        steps.setdefault(head, []).append((tail, length))
    tail, head, line = edges[start]
    length = sum(math.dist(a, b) for a, b in pairwise(line))
    heap = [(offset_m, tail), (length - offset_m, head)]
    best: dict[int, float] = {}
    heapq.heapify(heap)
    while heap:
        metres, node = heapq.heappop(heap)
        if node not in best:
            best[node] = metres
            for other, step in steps[node]:
                heapq.heappush(heap, (metres + step, other))
    return best


def walk(edges: list[Edge], points: list[Point]) -> Matrix:
    """Return the walking distance between all points."""
    lengths = [sum(math.dist(a, b) for a, b in pairwise(line)) for _, _, line in edges]
    joins = [snap(edges, point) for point in points]
    ways = np.full((len(points), len(points)), np.inf)
    for row, (here, here_m, leg) in enumerate(joins):
        best = walk_everywhere(edges, here, here_m)
        for column, (there, there_m, other_leg) in enumerate(joins):
            if max(leg, other_leg) > SNAP_M:
                continue
            tail, head, _ = edges[there]
            way = min(
                best.get(tail, math.inf) + there_m,
                best.get(head, math.inf) + lengths[there] - there_m,
                abs(here_m - there_m) if here == there else math.inf,
            )
            ways[row, column] = leg + way + other_leg
    return ways


def make_town(seed: int, *, ties: bool = True) -> tuple[list[Point], list[Edge], list[Point]]:
    """Make places, edges of every odd kind, and points to walk between.

    Without ties no two edges lie in the same place, so that none has to be the lower one.
    """
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 9))
    places = [tuple(each) for each in (rng.random((count, 2)) * 300).tolist()]
    if ties:
        places += places[: rng.integers(0, 3)]  # twins: another node at the same place
    edges: list[Edge] = []
    for _ in range(int(rng.integers(1, 12))):
        tail, head = rng.integers(0, len(places), 2).tolist()
        # there and back on one line is a tie, two straight roads beside one another too
        least = 2 if places[tail] == places[head] else 0 if ties else 1
        bends = (rng.random((rng.integers(least, 4), 2)) * 300).tolist()
        bends = [tuple(each) for each in bends]
        edges.append((tail, head, [places[tail], *bends, places[head]]))
    if len(places) > count:
        edges.append((0, count, [places[0], places[count]]))  # no length at all
    if ties:
        edges += edges[: rng.integers(0, 2)]  # the same road twice
    if rng.random() < 0.5:
        tail, head, line = edges[0]
        bends = [(line[0][0] - 20.0, line[0][1] + 50.0), (line[0][0] + 20.0, line[0][1] + 50.0)]
        edges.append((head, tail, [line[-1], *bends, line[0]]))  # another way beside it
    points = [tuple(each) for each in (rng.random((5, 2)) * 400 - 50).tolist()]
    points += [places[0], points[0], (5000.0, 5000.0)]  # on a node, the same place twice, far away
    _, _, line = edges[int(rng.integers(len(edges)))]
    share = rng.random()
    points.append(tuple((np.array(line[0]) * share + np.array(line[1]) * (1 - share)).tolist()))
    return places, edges, points


# --- the code under test, as a matrix


def to_matrix(reach: Reach, columns: int) -> Matrix:
    matrix = np.full((len(reach.start) - 1, columns), np.inf)
    for row in range(len(matrix)):
        points, metres = reach.of(row)
        matrix[row, points] = metres
    return matrix


def measure(
    roads: Roads | None,
    origins: list[Point],
    destinations: list[Point],
    limit_m: float = math.inf,
    snap_m: float = SNAP_M,
) -> Matrix:
    """Measure between points; inf where there is no pair."""
    graph = make_graph(roads) if roads is not None else None
    start, stop = (
        join_to_roads(*np.array(points, dtype=float).reshape(-1, 2).T, graph, snap_m)
        for points in (origins, destinations)
    )
    return to_matrix(measure_reach(graph, start, stop, limit_m), len(destinations))


# --- the brute force agrees


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_walks_are_as_long_as_brute_force_finds_them(first: int) -> None:
    for seed in range(first, first + 50):
        places, edges, points = make_town(seed)
        found = measure(join_roads(places, edges), points, points)
        assert found == pytest.approx(walk(edges, points), abs=1e-6), f"seed {seed}"


def test_the_towns_of_this_test_are_odd_enough() -> None:
    """Every kind of trouble is met, so that the comparison above means something."""
    met = set()
    for seed in range(300):
        places, edges, points = make_town(seed)
        ends = [tuple(sorted(edge[:2])) for edge in edges]
        joins = [snap(edges, point) for point in points]
        ways = measure(join_roads(places, edges), points, points)
        met |= {"parallel"} if len(set(ends)) < len(ends) else set()
        met |= {"loop"} if any(tail == head for tail, head in ends) else set()
        met |= {"nothing"} if any(shapely.LineString(e[2]).length == 0 for e in edges) else set()
        met |= {"curved"} if any(len(line) > 2 for _, _, line in edges) else set()
        met |= {"far"} if any(leg > SNAP_M for _, _, leg in joins) else set()
        met |= {"same edge"} if len({edge for edge, _, _ in joins}) < len(joins) - 1 else set()
        joined = np.array([leg <= SNAP_M for _, _, leg in joins])
        met |= {"parts"} if np.isinf(ways[np.ix_(joined, joined)]).any() else set()
    assert met == {"parallel", "loop", "nothing", "curved", "far", "same edge", "parts"}


@settings(max_examples=60)
@given(SEEDS)
def test_walking_is_never_shorter_than_the_straight_line(seed: int) -> None:
    places, edges, points = make_town(seed)
    walks = measure(join_roads(places, edges), points, points)
    straight = measure(None, points, points)
    assert (walks >= straight - 1e-9).all()


@settings(max_examples=60)
@given(SEEDS)
def test_the_way_back_is_as_long(seed: int) -> None:
    places, edges, points = make_town(seed)
    roads = join_roads(places, edges)
    there, back = measure(roads, points[:3], points), measure(roads, points, points[:3])
    assert there == pytest.approx(back.T, abs=1e-9)


@settings(max_examples=60)
@given(SEEDS, st.floats(0, 900), st.booleans())
def test_a_limit_only_leaves_out_what_is_beyond_it(
    seed: int,
    limit_m: float,
    on_foot: bool,  # noqa: FBT001
) -> None:
    places, edges, points = make_town(seed)
    roads = join_roads(places, edges) if on_foot else None
    far, near = measure(roads, points, points), measure(roads, points, points, limit_m)
    assert (near == np.where(far <= limit_m + 1e-6, far, np.inf)).all()


@settings(max_examples=60)
@given(SEEDS)
def test_neither_the_order_nor_the_direction_of_edges_matters(seed: int) -> None:
    places, edges, points = make_town(seed, ties=False)
    rng = np.random.default_rng(seed + 1)
    other = [edges[i] for i in rng.permutation(len(edges))]
    other = [e if rng.random() < 0.5 else (e[1], e[0], e[2][::-1]) for e in other]
    first, second = (measure(join_roads(places, each), points, points) for each in (edges, other))
    assert first == pytest.approx(second, abs=1e-6)


@settings(max_examples=60)
@given(SEEDS)
def test_a_shift_of_a_kilometre_changes_nothing(seed: int) -> None:
    places, edges, points = make_town(seed)

    def move(points: list[Point]) -> list[Point]:
        return [(x + 1000, y - 1000) for x, y in points]

    moved = join_roads(move(places), [(a, b, move(list(line))) for a, b, line in edges])
    here = measure(join_roads(places, edges), points, points)
    there = measure(moved, move(points), move(points))
    assert here == pytest.approx(there, abs=1e-6)


def test_many_origins_are_searched_in_blocks_as_if_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places, edges, points = make_town(7)
    roads = join_roads(places, edges)
    whole = measure(roads, points, points)
    monkeypatch.setattr("siteplan.analysis.travel.BLOCK_CELLS", 20)
    assert (measure(roads, points, points) == whole).all()


# --- joining, by hand

STREET = draw_roads([(0, 0), (100, 0)])


def test_a_point_joins_the_nearest_point_of_an_edge_and_not_a_node() -> None:
    places = join_to_roads(np.array([30.0]), np.array([40.0]), make_graph(STREET), 150)
    assert (places.chain[0], places.offset_m[0], places.leg_m[0]) == (0, 30, 40)


def test_beyond_the_end_of_an_edge_its_end_is_nearest() -> None:
    places = join_to_roads(np.array([103.0]), np.array([-4.0]), make_graph(STREET), 150)
    assert (places.offset_m[0], places.leg_m[0]) == (100, 5)


@pytest.mark.parametrize(("away_m", "edge"), [(150, 0), (150 + 1e-7, 0), (150.001, -1), (2500, -1)])
def test_the_snap_limit_is_inclusive_and_the_leg_is_known_beyond_it(
    away_m: float, edge: int
) -> None:
    places = join_to_roads(np.array([50.0]), np.array([away_m]), make_graph(STREET), 150)
    assert places.chain[0] == edge
    assert places.leg_m[0] == pytest.approx(away_m)


@pytest.mark.parametrize("y", [0, 20])
def test_a_tie_goes_to_the_lower_edge(y: float) -> None:
    lines = [[(0.0, y), (100.0, y)], [(0.0, 20 - y), (100.0, 20 - y)]]
    places = join_to_roads(np.array([50.0]), np.array([10.0]), make_graph(draw_roads(*lines)), 150)
    assert places.chain[0] == 0


@given(st.floats(0, 6.28), st.floats(-1e4, 1e4), st.booleans())
def test_a_tie_on_paper_is_a_tie_whatever_the_last_bit_says(
    angle: float,
    shift: float,
    first_left: bool,  # noqa: FBT001
) -> None:
    across = np.array([math.cos(angle), math.sin(angle)]) * 10
    along = np.array([-across[1], across[0]]) * 5
    here = np.array([shift, -shift])
    sides = [here + across, here - across][:: 1 if first_left else -1]
    places = [tuple((side + step).tolist()) for side in sides for step in (-along, along)]
    roads = join_roads(places, [(0, 1, places[:2]), (2, 3, places[2:])])
    assert join_to_roads(here[:1], here[1:], make_graph(roads), 150).chain[0] == 0


def test_the_nearest_edge_of_any_part_of_the_roads_is_joined() -> None:
    main, island = [(0.0, 0.0), (1000.0, 0.0)], [(400.0, 50.0), (420.0, 50.0)]
    roads = draw_roads(main, island)
    assert np.isinf(measure(roads, [(410, 40)], [(0, 0)])).all()


def test_without_roads_or_edges_nobody_is_joined() -> None:
    nothing = join_roads([], [])
    for graph in (None, make_graph(nothing)):
        places = join_to_roads(np.array([1.0]), np.array([2.0]), graph, 150)
        assert places.chain.tolist() == [-1]
        assert np.isnan(places.leg_m).all()
    assert np.isinf(measure(nothing, [(0, 0)], [(0, 0)])).all()


def test_no_points_give_no_distances() -> None:
    for roads in (STREET, None):
        for limit_m in (math.inf, 100):
            assert measure(roads, [], [(0, 0)], limit_m).shape == (0, 1)
            assert measure(roads, [(0, 0)], [], limit_m).shape == (1, 0)


# --- distances, by hand


def test_both_legs_count_and_one_edge_is_walked_along() -> None:
    assert measure(STREET, [(10, 30)], [(70, -40)]) == pytest.approx(30 + 60 + 40)


def test_sites_at_one_place_are_two_legs_apart() -> None:
    assert measure(STREET, [(50, 30)] * 2, [(50, 30)] * 2) == pytest.approx(np.full((2, 2), 60))


def test_the_way_round_is_taken_where_it_is_shorter_than_along_the_edge() -> None:
    places = [(0.0, 0.0), (100.0, 0.0)]
    detour = [places[0], (0.0, 100.0), (100.0, 100.0), places[1]]
    roads = join_roads(places, [(0, 1, detour), (0, 1, places)])
    assert measure(roads, [(0, 20)], [(100, 20)]) == pytest.approx(20 + 100 + 20)


def test_a_loop_is_walked_the_shorter_way_round() -> None:
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    roads = draw_roads(ring)
    assert measure(roads, [(50, 0)], [(0, 50)]) == pytest.approx(100)  # through the node
    assert measure(roads, [(90, 0)], [(100, 30)]) == pytest.approx(40)  # along the edge


def test_an_edge_without_length_still_joins_two_nodes() -> None:
    """SciPy keeps an explicit zero as an edge."""
    places = [(0.0, 0.0), (100.0, 0.0), (100.0, 0.0), (200.0, 0.0)]
    west, joint, east = (0, 1, places[:2]), (1, 2, places[1:3]), (2, 3, places[2:])
    ends = [(0.0, 0.0)], [(200.0, 0.0)]
    assert np.isinf(measure(join_roads(places, [west, east]), *ends)).all()
    assert measure(join_roads(places, [west, joint, east]), *ends) == pytest.approx(200)
    assert make_graph(join_roads(places, [west, joint, east])).main.all()


def test_of_parallel_edges_the_shortest_counts_whatever_their_order() -> None:
    places = [(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)]
    long = (0, 1, [places[0], (50.0, 200.0), places[1]])
    short, on = (1, 0, [places[1], places[0]]), (1, 2, places[1:])
    for edges in ([long, short, on], [short, long, on]):
        assert measure(join_roads(places, edges), [(-1, 0)], [(200, 0)]) == pytest.approx(201)


@pytest.mark.parametrize("roads", [STREET, None])
def test_the_limit_is_inclusive(roads: Roads | None) -> None:
    for limit_m, within in [(60, True), (60 - 5e-7, True), (59.99, False), (60.01, True)]:
        found = measure(roads, [(10, 0)], [(70, 0)], limit_m)
        assert np.isfinite(found).all() == within


def test_a_place_beyond_the_snap_limit_reaches_nobody_and_is_reached_by_nobody() -> None:
    near, off = (50, 10), (50, 200)
    assert np.isinf(measure(STREET, [off], [near, off])).all()
    assert np.isinf(measure(STREET, [near], [off])).all()


def test_the_main_part_is_the_one_with_most_road() -> None:
    long, short = [(0.0, 0.0), (500.0, 0.0)], [(0.0, 50.0), (100.0, 50.0)]
    shorter = [(0.0, 90.0), (0.0, 60.0)]
    graph: WalkGraph = make_graph(draw_roads(short, long, shorter))
    assert graph.main.tolist() == [False, True, False]
    for west in (-900.0, 900.0):  # whichever part the nodes are counted from
        moved: WalkGraph = make_graph(draw_roads(short, [(west, 0.0), (west + 500, 0.0)], shorter))
        assert moved.chains.length_m[moved.main].tolist() == [500]


@settings(max_examples=50)
@given(st.integers(0, 10**6), st.floats(0, 900), st.floats(0, 900))
def test_one_search_serves_several_radii(seed: int, one_m: float, other_m: float) -> None:
    rng = np.random.default_rng(seed)
    spots = [tuple(each) for each in (rng.random((6, 2)) * 500).tolist()]
    roads = draw_roads(*([spots[a], spots[b]] for a, b in rng.integers(0, 6, (8, 2)) if a != b))
    graph = make_graph(roads)
    places = join_to_roads(*(rng.random((2, 9)) * 500), graph, 150)
    small_m, large_m = sorted((one_m, other_m))
    within = measure_reach(graph, places, places, large_m).within(small_m)
    alone = measure_reach(graph, places, places, small_m)
    assert within.start.tolist() == alone.start.tolist()
    assert within.demand.tolist() == alone.demand.tolist()
    assert within.distance_m.tolist() == alone.distance_m.tolist()
