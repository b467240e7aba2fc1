"""Records to the compiled search and back: nodes in Morton order, sites shared among threads."""

import math
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from siteplan.analysis.kernel import (
    Desk,
    Found,
    Ints,
    Net,
    Starts,
    Stops,
    arrange,
    make_desk,
    reach_stops,
)
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
BUCKET_M = 32.0
MOST_BUCKETS = 1024
"""Narrow enough that a node rarely waits twice, and no more than fit into the cache."""


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
    layout = _lay_out(graph)
    stops, place, chain_rank, wanted = _lay_stops(graph, destinations)
    order = np.argsort(layout.rank[graph.chains.tail[origins.chain]], kind="stable")
    share = -(-len(order) // (SHARES_PER_THREAD * threads if threads > 1 else 1)) or 1
    shares = [order[begin : begin + share] for begin in range(0, len(order), share)]
    desks = SimpleQueue[Desk]()
    for _ in range(threads):
        desks.put(make_desk(layout.net))

    def search(some: Indices) -> Found:
        starts = _lay_starts(graph, origins.take(some), layout, chain_rank, wanted)
        desk = desks.get()
        found = reach_stops(layout.net, starts, stops, limit_m + TOLERANCE_M, desk)
        desks.put(desk)
        return found

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(search, shares))
        counts = np.zeros(len(order), dtype=np.int64)
        for some, (count, _, _) in zip(shares, found, strict=True):
            counts[some] = count
        start = np.r_[0, np.cumsum(counts)]
        demand, distance_m = np.empty(start[-1], dtype=np.intp), np.empty(start[-1])

        def write(some: Indices, part: Found) -> None:
            arrange(part, start[some], place, demand, distance_m)

        list(pool.map(write, shares, found))
    return Reach(start, demand, distance_m)


class _Layout(NamedTuple):
    """Roads laid out for the search, the new number of each node, and its connected part."""

    net: Net
    rank: Indices
    component: Indices


def _lay_starts(
    graph: WalkGraph, origins: Places, layout: _Layout, chain_rank: Indices, wanted: Indices
) -> Starts:
    """Say where the search begins for each place; `wanted` counts its aims by connected part."""
    chains, chain = graph.chains, origins.chain
    joined = chain >= 0
    tail = layout.rank[chains.tail[chain]]
    return Starts(
        tail=np.where(joined, tail, -1).astype(np.int32),
        head=layout.rank[chains.head[chain]].astype(np.int32),
        tail_m=origins.offset_m,
        head_m=chains.length_m[chain] - origins.offset_m,
        leg_m=origins.leg_m,
        chain=chain_rank[chain].astype(np.int32),
        wanted=wanted[layout.component[tail]],
    )


@lru_cache(maxsize=1)
def _lay_stops(graph: WalkGraph, destinations: Places) -> tuple[Stops, Indices, Indices, Indices]:
    """Lay out the places that are walked to.

    Returns
    -------
    tuple
        The stops, the place that each is, the number of each chain among those with stops (-1 for
        one without), and how many nodes with stops each connected part of the roads has.
    """
    chains, (_, rank, component) = graph.chains, _lay_out(graph)
    joined = np.flatnonzero(destinations.chain >= 0)
    on = destinations.chain[joined]
    busy = np.flatnonzero(np.bincount(on, minlength=len(chains.tail)))
    busy = busy[np.lexsort((rank[chains.head[busy]], rank[chains.tail[busy]]))]
    chain_rank = np.full(len(chains.tail), -1, dtype=np.intp)
    chain_rank[busy] = np.arange(len(busy))
    by_chain, chain_start = _sort(chain_rank[on], len(busy))
    place, many = joined[by_chain], np.diff(chain_start)
    tail, head, number = rank[chains.tail[busy]], rank[chains.head[busy]], np.arange(len(busy))
    open_ = np.flatnonzero(tail != head)  # a loop has one end only
    node = np.r_[tail, head[open_]]
    by_node, start = _sort(node, len(rank))
    stops = Stops(
        start=start,
        other=np.r_[head, tail[open_]][by_node].astype(np.int32),
        end=np.r_[2 * number, 2 * number[open_] + 1][by_node].astype(np.int32),
        most=np.bincount(node, np.r_[many, many[open_]], len(rank)).astype(np.int32),
        chain_start=chain_start,
        chain_length_m=chains.length_m[busy],
        offset_m=destinations.offset_m[place],
        leg_m=destinations.leg_m[place],
    )
    parts = np.bincount(
        component[np.flatnonzero(np.diff(start))], minlength=1 + component.max(initial=0)
    )
    return stops, place, chain_rank, parts


@lru_cache(maxsize=2)
def _lay_out(graph: WalkGraph) -> _Layout:
    """Lay the roads out along a Morton curve, so that what lies close is stored close."""
    chains = graph.chains
    rank = _invert(np.argsort(_interleave(chains.node_x, chains.node_y), kind="stable"))
    ways = csr_array(graph.adjacency)
    row = rank[np.repeat(np.arange(len(rank)), np.diff(ways.indptr))]
    column = rank[ways.indices]
    order, start = _sort(row, len(rank))
    longest_m = chains.length_m.max(initial=0.0)
    bucket_m = max(BUCKET_M, longest_m / (MOST_BUCKETS - 2))
    net = Net(
        start=start,
        neighbour=column[order].astype(np.int32),
        length_m=ways.data[order],
        bucket_m=bucket_m,
        buckets=2 ** math.ceil(math.log2(longest_m / bucket_m + 2)),
    )
    component = np.empty_like(graph.component)
    component[rank] = graph.component
    return _Layout(net, rank, component)


def _sort(number: Indices, size: int) -> tuple[Indices, Ints]:
    """Return the order of whole numbers below `size`, and where each begins in it."""
    count = np.arange(len(number) + 1)
    grouped = csr_array((number, number, count), shape=(len(number), size)).tocsc()
    return grouped.indices.astype(np.intp), grouped.indptr.astype(np.int32)


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
