"""Roads joined end to end: into chains for searching, and into streets for drawing.

A way is cut wherever another one begins, so many nodes join two edges only: where a name or a
surface changes, at both ends of a bridge. Chains run from junction to junction and leave fewer
nodes to search. Streets run on through junctions, as straight as they can, and leave fewer lines to
draw. The ground stays as it is, and places are still joined to single edges.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from siteplan.model import Flags, Geometries, Indices, Metres, Roads

NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """Lines made of edges joined end to end, in order of their lowest edge.

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
    """Join the edges of roads from junction to junction.

    Two edges become one at a node that no third edge uses, if their lines meet there to the bit.
    A ring without a junction keeps one node.

    Parameters
    ----------
    roads
        Any; their lines run from tail to head.
    """
    node = _list_ends(roads)
    by_node = np.argsort(node, kind="stable")
    start = np.flatnonzero(np.r_[True, np.diff(node[by_node]) > 0][: len(node)])
    pairs = start[np.diff(np.r_[start, len(node)]) == 2]  # noqa: PLR2004 - one end each
    return _join(roads, by_node[pairs], by_node[pairs + 1])


def join_streets(chains: Chains) -> Chains:
    """Join chains through junctions, first where they run on the straightest.

    Parameters
    ----------
    chains
        From junction to junction; each is an edge of the streets.
    """
    node = _list_ends(chains)
    heading = _measure_headings(chains)
    by_node = np.argsort(node, kind="stable")
    apart, ones, others = 1, [by_node[:0]], [by_node[:0]]
    while apart < len(node):
        near = np.flatnonzero(node[by_node[:-apart]] == node[by_node[apart:]])
        if not len(near):
            break
        ones.append(by_node[near])
        others.append(by_node[near + apart])
        apart += 1
    one, other = np.concatenate(ones), np.concatenate(others)
    bend = (heading[one] * heading[other]).sum(axis=1)  # -1 where it runs straight on
    order = np.lexsort((other, one, np.round(bend, 9)))  # alike but for the last bits is alike
    return _join(chains, one[order], other[order])


def _list_ends(ways: Roads | Chains) -> Indices:
    """Return the node at each end; the ends of way w are 2 w and 2 w + 1."""
    return np.column_stack([ways.tail, ways.head]).ravel()


def _measure_headings(chains: Chains) -> Metres:
    """Return the direction from each end into its chain, of length 1, shape (ends, 2).

    Zero for a chain whose first step has no length.
    """
    vertices, of_line = shapely.get_coordinates(chains.lines, return_index=True)
    start = np.searchsorted(of_line, np.arange(len(chains.lines) + 1))
    end = np.column_stack([start[:-1], start[1:] - 1]).ravel()
    step = vertices[end + np.tile([1, -1], len(chains.lines))] - vertices[end]
    length_m = np.hypot(*step.T)
    heading: Metres = step / np.where(length_m > 0, length_m, 1.0)[:, None]
    return heading


def _join(ways: Roads | Chains, one: Indices, other: Indices) -> Chains:
    """Join ends that meet to the bit, each once, in the order in which they are given."""
    vertices, of_line = shapely.get_coordinates(ways.lines, return_index=True)
    start = np.searchsorted(of_line, np.arange(len(ways.lines) + 1))
    place = vertices[np.column_stack([start[:-1], start[1:] - 1]).ravel()]
    meet = (one // 2 != other // 2) & (place[one] == place[other]).all(axis=1)
    partner = [NONE] * len(place)
    for here, there in zip(one[meet].tolist(), other[meet].tolist(), strict=True):
        if partner[here] == partner[there] == NONE:
            partner[here], partner[there] = there, here
    edge, forward, first = _follow(partner)
    size = np.diff(np.r_[first, len(edge)])
    tail = np.where(forward, ways.tail[edge], ways.head[edge])
    head = np.where(forward, ways.head[edge], ways.tail[edge])
    used, node = np.unique(np.r_[tail[first], head[first + size - 1]], return_inverse=True)
    walked_m = np.r_[0.0, np.cumsum(ways.length_m[edge])]
    chain = np.repeat(np.arange(len(first)), size)
    back = np.argsort(edge)
    return Chains(
        node_x=ways.node_x[used],
        node_y=ways.node_y[used],
        tail=node[: len(first)],
        head=node[len(first) :],
        lines=_join_lines(ways.lines, vertices, start, (edge, forward, first)),
        length_m=np.add.reduceat(ways.length_m[edge], first) if len(first) else np.empty(0),
        of_edge=chain[back],
        begin_m=(walked_m[:-1] - walked_m[first][chain])[back],
        forward=forward[back],
    )


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
