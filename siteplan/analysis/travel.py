"""How far it is on foot between places, along roads or by straight line."""

import os
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from siteplan.analysis.places import Places, WalkGraph
from siteplan.model import TOLERANCE_M, Geometries, Reach

BLOCK_CELLS = 4_000_000
"""Distances held at once, origins × nodes or destinations: 32 MB."""


def measure_reach(
    graph: WalkGraph | None,
    origins: Places,
    destinations: Places,
    limit_m: float = np.inf,
    *,
    threads: int | None = None,
) -> Reach:
    """Measure how far it is from each origin to each destination within a limit.

    Parameters
    ----------
    graph
        Roads; None measures straight lines.
    origins, destinations
        Places joined to these roads.
    limit_m
        Inclusive; inf searches without a cut-off.
    threads
        Processors to use where there is much to search, all of them by default. Their number
        changes nothing in the result.

    Returns
    -------
    Reach
        Pairs in order of origin; no pair for a place that is not joined.
    """
    if graph is None:
        return _measure_straight(origins, destinations, limit_m)
    if graph.compiled:
        from siteplan.analysis.search import search_reach  # compiled: a second to load

        return search_reach(graph, origins, destinations, limit_m, threads or os.cpu_count() or 1)
    starts, demand, distances = [0], [], []
    for block_m in _measure_blocks(graph, origins, destinations, limit_m):
        near = np.isfinite(block_m) & (block_m <= limit_m + TOLERANCE_M)
        demand.append(np.nonzero(near)[1])
        distances.append(block_m[near])
        starts += (starts[-1] + np.cumsum(near.sum(axis=1))).tolist()
    return Reach(
        start=np.array(starts, dtype=np.intp),
        demand=np.concatenate([*demand, np.empty(0, dtype=np.intp)]),
        distance_m=np.concatenate([*distances, np.empty(0)]),
    )


def _measure_blocks(
    graph: WalkGraph, origins: Places, destinations: Places, limit_m: float
) -> Iterator[npt.NDArray[np.float64]]:
    """Yield distances of a few origins at a time, shape (origins, destinations)."""
    chains, chain = graph.chains, destinations.chain
    joined = np.flatnonzero(chain >= 0)
    on = chain[joined]
    to_tail = destinations.offset_m[joined]
    to_head = chains.length_m[on] - to_tail
    begin = 0
    for node_m in _search(graph, origins, limit_m, max(len(chains.node_x), len(chain))):
        block_m = np.full((len(node_m), len(chain)), np.inf)
        walk_m = np.minimum(
            node_m[:, chains.tail[on]] + to_tail, node_m[:, chains.head[on]] + to_head
        )
        for row in range(len(node_m)):
            origin = begin + row
            same = on == origins.chain[origin]
            along_m = np.abs(to_tail[same] - origins.offset_m[origin]) + origins.leg_m[origin]
            walk_m[row, same] = np.minimum(walk_m[row, same], along_m)
        block_m[:, joined] = walk_m + destinations.leg_m[joined]
        begin += len(node_m)
        yield block_m


def _measure_straight(origins: Places, destinations: Places, limit_m: float) -> Reach:
    size = len(destinations.x)
    if np.isfinite(limit_m) and size:
        points: Geometries = np.asarray(
            shapely.points(destinations.x, destinations.y), dtype=object
        )
        tree = shapely.STRtree(points)
        spots = shapely.points(origins.x, origins.y)
        origin, demand = tree.query(spots, predicate="dwithin", distance=limit_m + 1)
    else:
        origin, demand = np.indices((len(origins.x), size)).reshape(2, -1)
    distance_m = np.hypot(
        destinations.x[demand] - origins.x[origin], destinations.y[demand] - origins.y[origin]
    )
    near = distance_m <= limit_m + TOLERANCE_M
    order = np.lexsort((demand[near], origin[near]))
    start = np.searchsorted(origin[near][order], np.arange(len(origins.x) + 1))
    return Reach(start, demand[near][order], distance_m[near][order])


def _search(
    graph: WalkGraph, origins: Places, limit_m: float, width: int
) -> Iterator[npt.NDArray[np.float64]]:
    """Yield distances to the nodes, the first off-road leg included, a few origins at a time.

    As many as fit into `BLOCK_CELLS`, where each takes `width` of them.

    Each origin becomes a node of its own with one-way edges to both ends of the chain it is joined
    to, so that no search can pass through another origin.
    """
    chains, nodes = graph.chains, len(graph.chains.node_x)
    block = max(1, BLOCK_CELLS // max(width, 1))
    for begin in range(0, len(origins.chain), block):
        some = origins.take(np.arange(begin, min(begin + block, len(origins.chain))))
        node_m = np.full((len(some.chain), nodes), np.inf)
        joined = np.flatnonzero(some.chain >= 0)
        if len(joined):
            on, offset_m, leg_m = some.chain[joined], some.offset_m[joined], some.leg_m[joined]
            ends = np.column_stack([chains.tail[on], chains.head[on]])
            first_m = np.column_stack([offset_m, chains.length_m[on] - offset_m]) + leg_m[:, None]
            size = nodes + len(joined)
            old = graph.adjacency
            extended = csr_array(
                (
                    np.r_[old.data, first_m.ravel()],
                    np.r_[old.indices, ends.ravel()],
                    np.r_[old.indptr, old.indptr[-1] + 2 * np.arange(1, len(joined) + 1)],
                ),
                shape=(size, size),
            )
            sources = np.arange(nodes, size)
            reach_m = limit_m + TOLERANCE_M
            found_m = dijkstra(extended, directed=True, indices=sources, limit=reach_m)
            node_m[joined] = found_m[:, :nodes]
        yield node_m
