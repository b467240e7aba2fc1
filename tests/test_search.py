"""The compiled search gives what SciPy gives, to the bit."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.analysis import travel
from siteplan.analysis.chains import Chains
from siteplan.analysis.places import Places, WalkGraph, make_graph
from siteplan.analysis.search import search_reach
from siteplan.model import Reach, Roads

LIMITS_M = (0.0, 3.0, 10.0, np.inf)


@st.composite
def draw_roads(draw: st.DrawFn) -> Roads:
    """Draw a small map with parallel edges, loops, edges of no length and parts not connected."""
    nodes = draw(st.integers(2, 9))
    node = st.integers(0, nodes - 1)
    edges = draw(st.lists(st.tuples(node, node, st.integers(0, 40)), min_size=1, max_size=14))
    tail, head, quarters = (np.array(column) for column in zip(*edges, strict=True))
    place = draw(st.permutations(range(nodes)))
    return Roads(
        node_x=np.array(place, dtype=np.float64),
        node_y=np.arange(nodes, dtype=np.float64),
        tail=tail.astype(np.intp),
        head=head.astype(np.intp),
        lines=np.array([shapely.LineString([(0, 0), (1, 0)])] * len(edges), dtype=object),
        length_m=quarters / 4 + draw(st.sampled_from([0.0, 0.1])),
        highway=np.full(len(edges), ""),
        crossing=np.full(len(edges), -1),
        crossings=(),
        ways=len(edges),
    )


@st.composite
def draw_places(draw: st.DrawFn, chains: Chains) -> Places:
    """Draw places on chains, at their ends, off the road, and some joined to none."""
    edge = st.integers(-1, len(chains.tail) - 1)
    share = st.sampled_from([0.0, 0.25, 1 / 3, 1.0])
    leg = st.sampled_from([0.0, 0.7, 2.0])
    drawn = draw(st.lists(st.tuples(edge, share, leg), min_size=1, max_size=12))
    edges, shares, legs = (np.array(column) for column in zip(*drawn, strict=True))
    nowhere = np.zeros(len(edges))
    return Places(nowhere, nowhere, edges.astype(np.intp), shares * chains.length_m[edges], legs)


def in_order(reach: Reach) -> list[tuple[int, int, float]]:
    """Return all pairs in order of origin and destination."""
    origin = np.repeat(np.arange(len(reach.start) - 1), np.diff(reach.start))
    pairs = (origin.tolist(), reach.demand.tolist(), reach.distance_m.tolist())
    return sorted(zip(*pairs, strict=True))


def search_with_scipy(
    graph: WalkGraph, origins: Places, destinations: Places, limit_m: float
) -> Reach:
    assert not graph.compiled
    return travel.measure_reach(graph, origins, destinations, limit_m)


@settings(max_examples=400)
@given(st.data())
def test_both_searches_agree_to_the_bit(data: st.DataObject) -> None:
    graph = make_graph(data.draw(draw_roads()))
    origins, destinations = (data.draw(draw_places(graph.chains)) for _ in range(2))
    limit_m = data.draw(st.sampled_from(LIMITS_M))
    one = search_with_scipy(graph, origins, destinations, limit_m)
    two = search_reach(graph, origins, destinations, limit_m, threads=1)
    assert in_order(one) == in_order(two)


@pytest.fixture(scope="module")
def grid() -> tuple[WalkGraph, Places, Places]:
    """Make streets 100 m apart, and places all over them."""
    side, rng = 40, np.random.default_rng(11)
    number = np.arange(side * side).reshape(side, side)
    tail = np.r_[number[:, :-1].ravel(), number[:-1].ravel()]
    head = np.r_[number[:, 1:].ravel(), number[1:].ravel()]
    x, y = (axis.ravel() * 100.0 for axis in np.meshgrid(np.arange(side), np.arange(side)))
    shuffle = rng.permutation(len(tail))
    tail, head = tail[shuffle], head[shuffle]
    ends = np.stack([np.column_stack([x[tail], y[tail]]), np.column_stack([x[head], y[head]])], 1)
    roads = Roads(
        node_x=x,
        node_y=y,
        tail=tail,
        head=head,
        lines=np.asarray(shapely.linestrings(ends), dtype=object),
        length_m=100 + rng.uniform(0, 9, len(tail)),
        highway=np.full(len(tail), ""),
        crossing=np.full(len(tail), -1),
        crossings=(),
        ways=len(tail),
    )

    graph = make_graph(roads)

    def scatter(count: int) -> Places:
        chain = rng.integers(0, len(graph.chains.tail), count)
        nowhere = np.zeros(count)
        offset_m = rng.uniform(0, 1, count) * graph.chains.length_m[chain]
        return Places(nowhere, nowhere, chain, offset_m, rng.uniform(0, 50, count))

    return graph, scatter(300), scatter(5000)


@pytest.mark.parametrize("limit_m", [500.0, np.inf])
def test_a_town_is_searched_alike_and_on_any_number_of_threads(
    grid: tuple[WalkGraph, Places, Places], limit_m: float
) -> None:
    graph, sites, people = grid
    expected = in_order(search_with_scipy(graph, sites, people, limit_m))
    assert len(expected) > 10_000
    for threads in (1, 2, 5):
        assert in_order(search_reach(graph, sites, people, limit_m, threads)) == expected


@pytest.mark.parametrize(("sites", "people"), [(0, 5000), (300, 0), (0, 0)])
def test_nobody_and_nowhere_are_searched_too(
    grid: tuple[WalkGraph, Places, Places], sites: int, people: int
) -> None:
    graph, origins, destinations = grid
    some = origins.take(np.arange(sites)), destinations.take(np.arange(people))
    found = search_reach(graph, *some, 500.0, threads=2)
    assert found.start.tolist() == [0] * (sites + 1)
    assert len(found.demand) == len(found.distance_m) == 0


def test_much_to_search_is_searched_by_the_compiled_code(
    grid: tuple[WalkGraph, Places, Places], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def search(graph: WalkGraph, sites: Places, people: Places, limit_m: float, _: int) -> Reach:
        asked.append(limit_m)
        return search_reach(graph, sites, people, limit_m, 1)

    monkeypatch.setattr("siteplan.analysis.search.search_reach", search)
    little, sites, people = grid
    expected = travel.measure_reach(little, sites, people, 300)
    assert not asked
    much = make_graph(little.roads, origins=10_000)
    found = travel.measure_reach(much, sites, people, 300)
    assert asked == [300]
    assert in_order(found) == in_order(expected)
