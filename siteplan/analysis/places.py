"""Places joined to the roads that people walk on.

A place is joined to the nearest point of the nearest edge, not to a node, and the leg off the road
counts, so that no distance is below the straight line.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from siteplan.analysis.chains import Chains, join_chains
from siteplan.model import TOLERANCE_M, Flags, Geometries, Indices, Metres, Roads

SMALL_WORK = 5_000_000
"""Origins × nodes that SciPy has searched by the time the compiled search is loaded: about 2 s."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Points that people walk from or to, joined to the roads.

    Attributes
    ----------
    x, y
        Working CRS, shape (places,).
    chain
        The chain each is joined to; -1 where every road is beyond the snap limit, or without roads.
    offset_m
        Along the chain from its tail to where it is joined.
    leg_m
        From there to the place, off the road; to the nearest road also where that is too far.
        nan without roads.
    """

    x: Metres
    y: Metres
    chain: Indices
    offset_m: Metres
    leg_m: Metres

    def take(self, index: Indices | Flags) -> "Places":
        """Return some of the places."""
        return Places(
            self.x[index],
            self.y[index],
            self.chain[index],
            self.offset_m[index],
            self.leg_m[index],
        )


@dataclass(frozen=True, slots=True, eq=False)
class WalkGraph:
    """Roads made ready for searching.

    Attributes
    ----------
    roads
        What it was made of; places are joined to its edges.
    chains
        The same from junction to junction: what is searched.
    adjacency
        Length of the shortest chain between two nodes, both ways, shape (nodes, nodes), sparse.
    component
        Which connected part of the roads each node belongs to, shape (nodes,).
    main
        Whether each chain lies in the component with the greatest length of road.
    compiled
        Whether there is enough to search for the compiled search to be worth loading.
    """

    roads: Roads
    chains: Chains
    adjacency: csr_array[np.float64, tuple[int, int]]
    component: Indices
    main: Flags
    compiled: bool


def make_graph(roads: Roads, origins: int = 0) -> WalkGraph:
    """Prepare roads for searching. Of parallel chains the shortest counts; loops lead nowhere.

    Parameters
    ----------
    roads
        What people walk on.
    origins
        From how many places will be searched; decides how, and changes no distance.
    """
    chains = join_chains(roads)
    nodes, tail, head = len(chains.node_x), chains.tail, chains.head
    rows, columns = np.r_[tail, head], np.r_[head, tail]
    length_m = np.r_[chains.length_m, chains.length_m]
    order = np.lexsort((length_m, columns, rows))
    rows, columns, length_m = rows[order], columns[order], length_m[order]
    first = np.r_[True, (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])][: len(rows)]
    keep = first & (rows != columns)
    start = np.searchsorted(rows[keep], np.arange(nodes + 1))
    adjacency = csr_array((length_m[keep], columns[keep], start), shape=(nodes, nodes))
    _, found = connected_components(adjacency, directed=False)
    component = np.asarray(found, dtype=np.intp)
    size_m = np.bincount(component[tail], weights=chains.length_m) if len(tail) else np.zeros(1)
    main = np.argmax(size_m >= size_m.max() - TOLERANCE_M)  # the first of those alike
    return WalkGraph(
        roads,
        chains,
        adjacency,
        component,
        component[tail] == main,
        origins * nodes > SMALL_WORK,
    )


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
    chain = np.full(count, -1, dtype=np.intp)
    offset_m, leg_m = np.full(count, np.nan), np.full(count, np.nan)
    if graph is None or not count or not len(graph.roads.lines):
        return Places(x, y, chain, offset_m, leg_m)
    points: Geometries = np.asarray(shapely.points(x, y), dtype=object)
    tree = shapely.STRtree(graph.roads.lines)
    _, leg_m = tree.query_nearest(points, all_matches=False, return_distance=True)
    near = np.flatnonzero(leg_m <= snap_limit_m + TOLERANCE_M)
    # a tie on paper is a tie, whatever the last bit says: look again a little farther
    within_m = leg_m[near] + TOLERANCE_M
    point, line = tree.query(points[near], predicate="dwithin", distance=within_m)
    order = np.argsort(line, kind="stable")[::-1]  # the lowest edge is written last
    edge = np.empty(len(near), dtype=np.intp)
    edge[point[order]] = line[order]
    lines, chains = graph.roads.lines[edge], graph.chains
    along_m = shapely.line_locate_point(lines, points[near])
    chain[near] = chains.of_edge[edge]
    back_m = graph.roads.length_m[edge] - along_m
    there_m = chains.begin_m[edge] + np.where(chains.forward[edge], along_m, back_m)
    offset_m[near] = np.clip(there_m, 0, chains.length_m[chain[near]])
    leg_m[near] = shapely.distance(lines, points[near])
    return Places(x, y, chain, offset_m, leg_m)


def find_joints(graph: WalkGraph, places: Places) -> tuple[Metres, Metres]:
    """Return x and y of where places are joined to the roads; nan where they are not."""
    x, y = np.full((2, len(places.chain)), np.nan)
    joined = places.chain >= 0
    lines = graph.chains.lines[places.chain[joined]]
    joints = shapely.line_interpolate_point(lines, places.offset_m[joined])
    x[joined], y[joined] = shapely.get_x(joints), shapely.get_y(joints)
    return x, y


def stand_on_nodes(graph: WalkGraph) -> Places:
    """Return the nodes of the chains as places, in their order."""
    chains, nodes = graph.chains, len(graph.chains.node_x)
    chain, offset_m = np.empty(nodes, dtype=np.intp), np.zeros(nodes)
    number = np.arange(len(chains.tail))
    chain[chains.head], offset_m[chains.head] = number, chains.length_m
    chain[chains.tail], offset_m[chains.tail] = number, 0.0
    return Places(chains.node_x, chains.node_y, chain, offset_m, np.zeros(nodes))
