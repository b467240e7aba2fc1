"""How far it is on foot: places joined to roads, and distances between them.

A place is joined to the nearest point of the nearest edge, not to a node, and the legs off the road
count at both ends, so that no distance is below the straight line. Without roads the straight line
itself is measured.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree

from siteplan.model import TOLERANCE_M, Flags, Geometries, Indices, Metres, Reach, Roads

BLOCK_CELLS = 4_000_000
"""Distances held at once, origins × nodes or destinations: 32 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Points that people walk from or to, joined to the roads.

    Attributes
    ----------
    x, y
        Working CRS, shape (places,).
    edge
        The edge each is joined to; -1 where every road is beyond the snap limit, or without roads.
    offset_m
        Along the edge from its tail to where it is joined.
    leg_m
        From there to the place, off the road; to the nearest road also where that is too far.
        nan without roads.
    """

    x: Metres
    y: Metres
    edge: Indices
    offset_m: Metres
    leg_m: Metres

    def take(self, index: Indices | Flags) -> "Places":
        """Return some of the places."""
        return Places(
            self.x[index],
            self.y[index],
            self.edge[index],
            self.offset_m[index],
            self.leg_m[index],
        )


@dataclass(frozen=True, slots=True, eq=False)
class WalkGraph:
    """Roads made ready for searching.

    Attributes
    ----------
    roads
        What it was made of.
    adjacency
        Length of the shortest edge between two nodes, both ways, shape (nodes, nodes), sparse.
    main
        Whether each edge lies in the component with the greatest length of road.
    """

    roads: Roads
    adjacency: csr_array[np.float64, tuple[int, int]]
    main: Flags


def make_graph(roads: Roads) -> WalkGraph:
    """Prepare roads for searching. Of parallel edges the shortest counts; loops lead nowhere."""
    nodes, tail, head = len(roads.node_x), roads.tail, roads.head
    rows, columns = np.r_[tail, head], np.r_[head, tail]
    length_m = np.r_[roads.length_m, roads.length_m]
    order = np.lexsort((length_m, columns, rows))
    rows, columns, length_m = rows[order], columns[order], length_m[order]
    first = np.r_[True, (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])][: len(rows)]
    keep = first & (rows != columns)
    start = np.searchsorted(rows[keep], np.arange(nodes + 1))
    adjacency = csr_array((length_m[keep], columns[keep], start), shape=(nodes, nodes))
    _, component = connected_components(adjacency, directed=False)
    size_m = np.bincount(component[tail], weights=roads.length_m) if len(tail) else np.zeros(1)
    return WalkGraph(roads, adjacency, component[tail] == np.argmax(size_m))


def join_to_roads(x: Metres, y: Metres, graph: WalkGraph | None, snap_limit_m: float) -> Places:
    """Join points to the nearest point of the nearest edge of any component.

    Ties go to the lower edge. A point farther than the limit from every road is not joined.

    Parameters
    ----------
    x, y
        Working CRS, shape (places,).
    graph
        Roads; None joins nothing.
    snap_limit_m
        Inclusive.
    """
    count = len(x)
    edge = np.full(count, -1, dtype=np.intp)
    offset_m, leg_m = np.full(count, np.nan), np.full(count, np.nan)
    if graph is None or not count or not len(graph.roads.lines):
        return Places(x, y, edge, offset_m, leg_m)
    points: Geometries = np.asarray(shapely.points(x, y), dtype=object)
    tree = shapely.STRtree(graph.roads.lines)
    _, leg_m = tree.query_nearest(points, all_matches=False, return_distance=True)
    near = np.flatnonzero(leg_m <= snap_limit_m + TOLERANCE_M)
    # a tie on paper is a tie, whatever the last bit says: look again a little farther
    within_m = leg_m[near] + TOLERANCE_M
    point, line = tree.query(points[near], predicate="dwithin", distance=within_m)
    order = np.argsort(line, kind="stable")[::-1]  # the lowest edge is written last
    edge[near[point[order]]] = line[order]
    lines = graph.roads.lines[edge[near]]
    offset_m[near] = shapely.line_locate_point(lines, points[near])
    leg_m[near] = shapely.distance(lines, points[near])
    return Places(x, y, edge, offset_m, leg_m)


def measure_reach(
    graph: WalkGraph | None, origins: Places, destinations: Places, limit_m: float = np.inf
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

    Returns
    -------
    Reach
        Pairs in order of origin and destination; no pair for a place that is not joined.
    """
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


def measure_nodes(graph: WalkGraph, origins: Places, limit_m: float) -> Iterator[Metres]:
    """Yield, for each origin, the distance to every node; inf beyond the limit or unreachable."""
    for block_m in _search(graph, origins, limit_m, len(graph.roads.node_x)):
        yield from block_m


def _measure_blocks(
    graph: WalkGraph | None, origins: Places, destinations: Places, limit_m: float
) -> Iterator[npt.NDArray[np.float64]]:
    """Yield distances of a few origins at a time, shape (origins, destinations)."""
    if graph is None:
        yield from _measure_straight(origins, destinations, limit_m)
        return
    roads, edge = graph.roads, destinations.edge
    joined = np.flatnonzero(edge >= 0)
    on = edge[joined]
    to_tail = destinations.offset_m[joined]
    to_head = roads.length_m[on] - to_tail
    begin = 0
    for node_m in _search(graph, origins, limit_m, max(len(roads.node_x), len(edge))):
        block_m = np.full((len(node_m), len(edge)), np.inf)
        walk_m = np.minimum(
            node_m[:, roads.tail[on]] + to_tail, node_m[:, roads.head[on]] + to_head
        )
        for row in range(len(node_m)):
            origin = begin + row
            same = on == origins.edge[origin]
            along_m = np.abs(to_tail[same] - origins.offset_m[origin]) + origins.leg_m[origin]
            walk_m[row, same] = np.minimum(walk_m[row, same], along_m)
        block_m[:, joined] = walk_m + destinations.leg_m[joined]
        begin += len(node_m)
        yield block_m


def _measure_straight(
    origins: Places, destinations: Places, limit_m: float
) -> Iterator[npt.NDArray[np.float64]]:
    points = np.column_stack([destinations.x, destinations.y])
    tree = KDTree(points) if np.isfinite(limit_m) and len(points) else None
    for x, y in zip(origins.x, origins.y, strict=True):
        row_m = np.full((1, len(points)), np.inf)
        near = np.array(
            tree.query_ball_point([x, y], limit_m + 1) if tree else range(len(points)),
            dtype=np.intp,
        )
        row_m[0, near] = np.hypot(points[near, 0] - x, points[near, 1] - y)
        yield row_m


def _search(
    graph: WalkGraph, origins: Places, limit_m: float, width: int
) -> Iterator[npt.NDArray[np.float64]]:
    """Yield distances to the nodes, the first off-road leg included, a few origins at a time.

    As many as fit into `BLOCK_CELLS`, where each takes `width` of them.

    Each origin becomes a node of its own with one-way edges to both ends of the edge it is joined
    to, so that no search can pass through another origin.
    """
    roads, nodes = graph.roads, len(graph.roads.node_x)
    block = max(1, BLOCK_CELLS // max(width, 1))
    for begin in range(0, len(origins.edge), block):
        some = origins.take(np.arange(begin, min(begin + block, len(origins.edge))))
        node_m = np.full((len(some.edge), nodes), np.inf)
        joined = np.flatnonzero(some.edge >= 0)
        if len(joined):
            on, offset_m, leg_m = some.edge[joined], some.offset_m[joined], some.leg_m[joined]
            ends = np.column_stack([roads.tail[on], roads.head[on]])
            first_m = np.column_stack([offset_m, roads.length_m[on] - offset_m]) + leg_m[:, None]
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
