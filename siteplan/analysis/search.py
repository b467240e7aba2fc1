"""Records to the compiled search and back: nodes in Morton order, sites shared among threads."""

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from siteplan.analysis.kernel import Ints, Net, Starts, Stops, Wide, reach_stops
from siteplan.analysis.places import Places, WalkGraph
from siteplan.model import TOLERANCE_M, Indices, Metres, Reach

MORTON_BITS = 16
SPREAD = (
    (8, 0x00FF00FF),
    (4, 0x0F0F0F0F),
    (2, 0x33333333),
    (1, 0x55555555),
)
"""Shifts and masks that put a zero between each two bits of a 16-bit number."""
SHARES_PER_THREAD = 4
"""In how many parts a thread takes its sites: enough that all threads end together."""


def search_reach(
    graph: WalkGraph, origins: Places, destinations: Places, limit_m: float, threads: int
) -> Reach:
    """Measure walks as `measure_reach` does, with the compiled search.

    Parameters
    ----------
    graph, origins, destinations, limit_m
        As there.
    threads
        Processors to use; their number changes nothing in the result.
    """
    net, edge_rank, component = _lay_out(graph)
    stops, place = _lay_stops(graph, destinations)
    in_component = np.bincount(component[stops.wanted], minlength=1 + component.max(initial=0))
    share = -(-len(origins.edge) // (SHARES_PER_THREAD * threads if threads > 1 else 1)) or 1

    def search(begin: int) -> tuple[Wide, Ints, Metres]:
        some = slice(begin, begin + share)
        edge = origins.edge[some]
        own = np.where(edge >= 0, edge_rank[edge], -1)
        starts = Starts(
            edge=own.astype(np.int32),
            offset_m=origins.offset_m[some],
            leg_m=origins.leg_m[some],
            wanted=in_component[component[net.tail[own]]],
        )
        return reach_stops(net, starts, stops, limit_m + TOLERANCE_M)

    begins = range(0, max(len(origins.edge), 1), share)
    with ThreadPoolExecutor(threads) as pool:
        counts, reached, reached_m = zip(*pool.map(search, begins), strict=True)
    start = np.r_[0, np.cumsum(np.concatenate(counts))]
    return Reach(start, place[np.concatenate(reached)], np.concatenate(reached_m))


@lru_cache(maxsize=1)
def _lay_stops(graph: WalkGraph, destinations: Places) -> tuple[Stops, Indices]:
    """Put the places that are walked to in order of their edge; return also which each one is."""
    net, edge_rank, component = _lay_out(graph)
    joined = np.flatnonzero(destinations.edge >= 0)
    on = edge_rank[destinations.edge[joined]]
    order = np.argsort(on, kind="stable")
    place = joined[order]
    wanted = np.zeros(len(component), dtype=np.bool_)
    wanted[net.tail[on]] = wanted[net.head[on]] = True
    stops = Stops(
        start=np.searchsorted(on[order], np.arange(len(net.tail) + 1)),
        offset_m=destinations.offset_m[place],
        leg_m=destinations.leg_m[place],
        wanted=wanted,
    )
    return stops, place


@lru_cache(maxsize=2)
def _lay_out(graph: WalkGraph) -> tuple[Net, Indices, Indices]:
    """Lay the roads out along a Morton curve, so that what lies close is stored close.

    Returns
    -------
    tuple
        The roads for the search, the new number of each edge, and the connected part that each
        node belongs to.
    """
    roads = graph.roads
    node_rank = _invert(np.argsort(_interleave(roads.node_x, roads.node_y), kind="stable"))
    tail, head = node_rank[roads.tail], node_rank[roads.head]
    edge_order = np.lexsort((head, tail))
    edge_rank = _invert(edge_order)
    near, far = tail[edge_order].astype(np.int32), head[edge_order].astype(np.int32)
    ways = csr_array(graph.adjacency)
    row = node_rank[np.repeat(np.arange(len(node_rank)), np.diff(ways.indptr))]
    column = node_rank[ways.indices]
    order = np.lexsort((column, row))
    number = np.arange(len(near), dtype=np.int32)
    loop = near == far
    ends = np.r_[near, far[~loop]]
    by_node = np.argsort(ends, kind="stable")
    nodes = np.arange(len(node_rank) + 1)
    net = Net(
        start=np.searchsorted(row[order], nodes),
        neighbour=column[order].astype(np.int32),
        length_m=ways.data[order],
        edge_start=np.searchsorted(ends[by_node], nodes),
        edge=np.r_[number, number[~loop]][by_node],
        tail=near,
        head=far,
        edge_length_m=roads.length_m[edge_order],
    )
    component = np.empty_like(graph.component)
    component[node_rank] = graph.component
    return net, edge_rank, component


def _interleave(x: Metres, y: Metres) -> npt.NDArray[np.uint32]:
    """Return the place of each point along a Morton curve over all of them."""
    code = np.zeros(len(x), dtype=np.uint32)
    side_m = max(np.ptp(x), np.ptp(y), 1.0) if len(x) else 1.0
    for shift, values in enumerate((x, y)):
        steps = (values - values.min(initial=np.inf)) / side_m * (2**MORTON_BITS - 1)
        bits = steps.astype(np.uint32)
        for width, mask in SPREAD:
            bits = (bits | (bits << np.uint32(width))) & np.uint32(mask)
        code |= bits << np.uint32(shift)
    return code


def _invert(order: Indices) -> Indices:
    """Return the place of each number in an order."""
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank
