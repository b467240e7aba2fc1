"""Roads from junction to junction: what no search needs to stop at on the way is taken out.

A way is cut wherever another one begins, so many nodes join two edges only: where a name or a
surface changes, at both ends of a bridge. Edges joined end to end there leave fewer nodes to search
and fewer lines to draw. The ground stays as it is, and places are still joined to single edges.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from siteplan.model import Flags, Geometries, Indices, Metres, Roads

NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """Edges joined end to end where nothing branches off, in order of their lowest edge.

    Attributes
    ----------
    node_x, node_y
        Of the nodes that are left, working CRS, shape (nodes,).
    tail, head
        Node at the start and the end of each chain, shape (chains,).
    lines
        From tail to head, in the direction of the chain's lowest edge.
    length_m
        Of all its edges together.
    of_edge
        The chain that each edge of the roads belongs to, shape (edges,).
    begin_m
        Where the edge begins along it.
    forward
        Whether the edge runs in the chain's direction.
    """

    node_x: Metres
    node_y: Metres
    tail: Indices
    head: Indices
    lines: Geometries
    length_m: Metres
    of_edge: Indices
    begin_m: Metres
    forward: Flags


def join_chains(roads: Roads) -> Chains:
    """Join the edges of roads end to end.

    Two edges become one at a node that no third edge uses, if their lines meet there to the bit.
    A ring without a junction keeps one node.

    Parameters
    ----------
    roads
        Any; their lines run from tail to head.
    """
    vertices, of_line = shapely.get_coordinates(roads.lines, return_index=True)
    start = np.searchsorted(of_line, np.arange(len(roads.lines) + 1))
    ends = vertices[np.column_stack([start[:-1], start[1:] - 1]).ravel()]
    edge, forward, first = _follow(_pair_ends(roads, ends).tolist())
    size = np.diff(np.r_[first, len(edge)])
    tail = np.where(forward, roads.tail[edge], roads.head[edge])
    head = np.where(forward, roads.head[edge], roads.tail[edge])
    used, node = np.unique(np.r_[tail[first], head[first + size - 1]], return_inverse=True)
    walked_m = np.r_[0.0, np.cumsum(roads.length_m[edge])]
    chain = np.repeat(np.arange(len(first)), size)
    back = np.argsort(edge)
    return Chains(
        node_x=roads.node_x[used],
        node_y=roads.node_y[used],
        tail=node[: len(first)],
        head=node[len(first) :],
        lines=_join_lines(roads.lines, vertices, start, (edge, forward, first)),
        length_m=np.add.reduceat(roads.length_m[edge], first) if len(first) else np.empty(0),
        of_edge=chain[back],
        begin_m=(walked_m[:-1] - walked_m[first][chain])[back],
        forward=forward[back],
    )


def _pair_ends(roads: Roads, place: Metres) -> Indices:
    """Return which end of an edge goes on into which other; the ends of edge e are 2 e and 2 e + 1.

    `place` holds where each end lies. -1 for an end at a junction or where a road ends.
    """
    ends = len(place)
    node = np.column_stack([roads.tail, roads.head]).ravel()
    by_node = np.argsort(node, kind="stable")
    start = np.flatnonzero(np.r_[True, np.diff(node[by_node]) > 0][:ends])
    pairs = start[np.diff(np.r_[start, ends]) == 2]  # noqa: PLR2004 - one end each
    one, other = by_node[pairs], by_node[pairs + 1]
    meet = (one // 2 != other // 2) & (place[one] == place[other]).all(axis=1)
    partner = np.full(ends, NONE, dtype=np.intp)
    partner[one[meet]], partner[other[meet]] = other[meet], one[meet]
    return partner


def _follow(partner: list[int]) -> tuple[Indices, Flags, Indices]:
    """Follow each chain of edges from one end to the other, in order of their lowest edge.

    Returns
    -------
    tuple
        Edges, chain after chain; whether each is walked from its tail; where each chain begins.
    """
    edges: list[int] = []
    forward: list[bool] = []
    first: list[int] = []
    seen = bytearray(len(partner) // 2)
    for lowest in range(len(seen)):
        if seen[lowest]:
            continue
        first.append(len(edges))
        if partner[2 * lowest] == partner[2 * lowest + 1] == NONE:  # most are alone
            edges.append(lowest)
            forward.append(True)
            continue
        seen[lowest] = True
        ahead = _walk(2 * lowest + 1, partner, seen)  # ends by which edges are entered
        behind = _walk(2 * lowest, partner, seen)[::-1]  # … and those by which they are left
        edges += [end // 2 for end in behind] + [lowest] + [end // 2 for end in ahead]
        forward += [end % 2 == 1 for end in behind] + [True] + [end % 2 == 0 for end in ahead]
    return np.array(edges, np.intp), np.array(forward, np.bool_), np.array(first, np.intp)


def _walk(end: int, partner: list[int], seen: bytearray) -> list[int]:
    """Return the ends at which a walk that leaves an edge by one of its ends comes into others."""
    entered = []
    while partner[end] != NONE and not seen[partner[end] // 2]:
        end = partner[end]
        seen[end // 2] = True
        entered.append(end)
        end ^= 1  # out at the other side
    return entered


def _join_lines(
    lines: Geometries, vertices: Metres, start: Indices, chains: tuple[Indices, Flags, Indices]
) -> Geometries:
    """Return one line for each chain; the parts meet, so all but the first leave out a vertex."""
    edge, forward, first = chains
    size = np.diff(np.r_[first, len(edge)])
    joined = lines[edge[first]]
    long = size > 1
    chain = np.repeat(np.cumsum(long) - 1, size)
    some, leads = np.repeat(long, size), np.zeros(len(edge), dtype=np.bool_)
    leads[first] = True
    edge, forward, chain, leads = edge[some], forward[some], chain[some], leads[some]
    count = start[edge + 1] - start[edge]
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    begin, step = np.where(forward, start[edge], start[edge + 1] - 1), np.where(forward, 1, -1)
    vertex = np.repeat(begin, count) + within * np.repeat(step, count)
    keep = (within > 0) | np.repeat(leads, count)
    numbers = np.repeat(chain, count)[keep]
    joined[long] = shapely.linestrings(vertices[vertex[keep]], indices=numbers)
    return joined
