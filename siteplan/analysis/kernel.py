"""The search for shortest walks, compiled: for cases with many sites on many roads.

Compiling takes some seconds once and loading what was compiled about one, so `travel.py` comes here
only where SciPy would take longer than that. Both give the same distances to the bit: each adds the
same lengths in the same order.

The search is Dijkstra's with a heap. What it touches is noted and reset, so a search costs what it
reaches and not what the map holds.
"""

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Wide = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

CHILDREN = 4  # of each entry of the heap: flatter than two, and in one cache line
FIRST_PAIRS = 4096


class Net(NamedTuple):
    """Roads as the search reads them, nodes and edges numbered so that neighbours lie close by.

    Attributes
    ----------
    start, neighbour, length_m
        Ways out of node i: entries start[i]:start[i + 1].
    edge_start, edge
        Edges at node i, a loop once: entries edge_start[i]:edge_start[i + 1].
    tail, head, edge_length_m
        Of each edge.
    """

    start: Wide
    neighbour: Ints
    length_m: Floats
    edge_start: Wide
    edge: Ints
    tail: Ints
    head: Ints
    edge_length_m: Floats


class Stops(NamedTuple):
    """Places on edges that are walked to, in order of edge.

    Attributes
    ----------
    start
        Places on edge e: entries start[e]:start[e + 1].
    offset_m, leg_m
        Along the edge from its tail, and off the road.
    wanted
        Nodes at the ends of edges with places.
    """

    start: Wide
    offset_m: Floats
    leg_m: Floats
    wanted: Flags


class Starts(NamedTuple):
    """Places that are walked from.

    Attributes
    ----------
    edge, offset_m, leg_m
        As of `Stops`; edge -1 for a place that is not joined.
    wanted
        How many of the wanted nodes each could reach at all.
    """

    edge: Ints
    offset_m: Floats
    leg_m: Floats
    wanted: Wide


class Start(NamedTuple):
    """One place that is walked from, as of `Starts`."""

    edge: int
    offset_m: float
    leg_m: float
    wanted: int


class Desk(NamedTuple):
    """What a search writes on: all of it is as before once the search is over.

    Attributes
    ----------
    node_m
        Distance to each node; inf where the search has not been.
    touched
        Nodes it has been to.
    keys, entries
        The heap.
    """

    node_m: Floats
    touched: Ints
    keys: Floats
    entries: Ints


@numba.njit(nogil=True, cache=True)
def reach_stops(
    net: Net, starts: Starts, stops: Stops, limit_m: float
) -> tuple[Wide, Ints, Floats]:
    """Measure the walks from each start to every stop within a limit.

    Parameters
    ----------
    net, starts, stops
        As described there.
    limit_m
        Inclusive, with its slack already added.

    Returns
    -------
    tuple
        How many stops each start reaches; which, start after start; how far each is.
    """
    nodes, room = len(net.start) - 1, len(net.neighbour) + 2
    desk = Desk(
        np.full(nodes, np.inf),
        np.empty(nodes, np.int32),
        np.empty(room),
        np.empty(room, np.int32),
    )
    counts = np.zeros(len(starts.edge), np.int64)
    reached, reached_m = np.empty(FIRST_PAIRS, np.int32), np.empty(FIRST_PAIRS)
    used = 0
    for origin in range(len(starts.edge)):
        start = Start(
            starts.edge[origin],
            starts.offset_m[origin],
            starts.leg_m[origin],
            starts.wanted[origin],
        )
        if start.edge < 0 or start.wanted == 0:
            continue
        touches = _search(net, start, stops.wanted, limit_m, desk)
        most = used + _count_stops(net, stops, desk, touches, start.edge)
        while len(reached) < most:
            reached = np.concatenate((reached, np.empty_like(reached)))
            reached_m = np.concatenate((reached_m, np.empty_like(reached_m)))
        before = used
        for turn in range(touches):
            node = desk.touched[turn]
            for place in range(net.edge_start[node], net.edge_start[node + 1]):
                edge = net.edge[place]
                if node == net.tail[edge] or desk.node_m[net.tail[edge]] == np.inf:
                    used = _gather(net, start, stops, edge, limit_m, desk, used, reached, reached_m)
        if (
            desk.node_m[net.tail[start.edge]] == np.inf
            and desk.node_m[net.head[start.edge]] == np.inf
        ):  # the limit ends the walk before either end of the start's own edge
            used = _gather(net, start, stops, start.edge, limit_m, desk, used, reached, reached_m)
        counts[origin] = used - before
        for turn in range(touches):
            desk.node_m[desk.touched[turn]] = np.inf
    return counts, reached[:used], reached_m[:used]


@numba.njit(nogil=True, cache=True)
def _count_stops(net: Net, stops: Stops, desk: Desk, touches: int, own: int) -> int:
    """Return how many stops one search can find at the most."""
    most: int = stops.start[own + 1] - stops.start[own]
    for turn in range(touches):
        node = desk.touched[turn]
        for place in range(net.edge_start[node], net.edge_start[node + 1]):
            edge = net.edge[place]
            most += stops.start[edge + 1] - stops.start[edge]
    return most


@numba.njit(nogil=True, cache=True)
def _search(  # noqa: C901 - one loop, kept whole for the compiler
    net: Net, start: Start, wanted: Flags, limit_m: float, desk: Desk
) -> int:
    """Find the distance of every node within the limit; return how many were touched.

    Ends once every wanted node that can be reached at all is settled.
    """
    node_m, touched, keys, entries = desk
    remaining, touches, size = start.wanted, 0, 0
    for end in range(2):
        node = net.tail[start.edge] if end == 0 else net.head[start.edge]
        along_m = start.offset_m if end == 0 else net.edge_length_m[start.edge] - start.offset_m
        key = along_m + start.leg_m
        if key <= limit_m and key < node_m[node]:
            if node_m[node] == np.inf:
                touched[touches] = node
                touches += 1
            node_m[node] = key
            _push(keys, entries, size, key, node)
            size += 1
    while size > 0:
        key, node = keys[0], entries[0]
        size -= 1
        _pop(keys, entries, size)
        if key > node_m[node]:
            continue  # an older, longer way to a node already settled
        if wanted[node]:
            remaining -= 1
            if remaining == 0:
                break
        for way in range(net.start[node], net.start[node + 1]):
            other, there_m = net.neighbour[way], key + net.length_m[way]
            if there_m <= limit_m and there_m < node_m[other]:
                if node_m[other] == np.inf:
                    touched[touches] = other
                    touches += 1
                node_m[other] = there_m
                _push(keys, entries, size, there_m, other)
                size += 1
    return touches


@numba.njit(nogil=True, cache=True, inline="always")  # a call for each edge would cost more than it
def _gather(  # noqa: PLR0913, PLR0917 - compiled code has no objects to hold these together
    net: Net,
    start: Start,
    stops: Stops,
    edge: int,
    limit_m: float,
    desk: Desk,
    used: int,
    reached: Ints,
    reached_m: Floats,
) -> int:
    """Add the stops on one edge that are within the limit, from whichever end is nearer."""
    from_tail_m, from_head_m = desk.node_m[net.tail[edge]], desk.node_m[net.head[edge]]
    length_m, own = net.edge_length_m[edge], edge == start.edge
    for stop in range(stops.start[edge], stops.start[edge + 1]):
        offset_m = stops.offset_m[stop]
        walk_m = min(from_tail_m + offset_m, from_head_m + (length_m - offset_m))
        if own:
            walk_m = min(walk_m, abs(offset_m - start.offset_m) + start.leg_m)
        walk_m += stops.leg_m[stop]
        if walk_m <= limit_m:
            reached[used], reached_m[used] = stop, walk_m
            used += 1
    return used


@numba.njit(nogil=True, cache=True)
def _push(keys: Floats, entries: Ints, size: int, key: float, node: int) -> None:
    """Add an entry to a heap of `size`."""
    place = size
    while place > 0:
        above = (place - 1) // CHILDREN
        if keys[above] <= key:
            break
        keys[place], entries[place] = keys[above], entries[above]
        place = above
    keys[place], entries[place] = key, node


@numba.njit(nogil=True, cache=True)
def _pop(keys: Floats, entries: Ints, size: int) -> None:
    """Take the least entry out of a heap; `size` are left."""
    key, node, place = keys[size], entries[size], 0
    while True:
        below = CHILDREN * place + 1
        if below >= size:
            break
        least = below
        for child in range(below + 1, min(below + CHILDREN, size)):
            if keys[child] < keys[least]:
                least = child
        if keys[least] >= key:
            break
        keys[place], entries[place] = keys[least], entries[least]
        place = least
    keys[place], entries[place] = key, node
