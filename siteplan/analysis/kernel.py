"""The search for shortest walks, compiled: for cases with many sites on many roads.

Compiling takes some seconds once and loading what was compiled about one, so `travel.py` comes here
only where SciPy would take longer than that. Both give the same distances to the bit: each adds the
same lengths in the same order.

The search is Dijkstra's with buckets (Dial 1969): nodes wait in rings of equal distance instead of
a heap. A node of the ring at hand whose distance is lowered waits in it again, so that nothing is
left to lower when the search moves on. What it touches is noted and reset, so a search costs what
it reaches and not what the map holds.
"""

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Wide = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

Found = tuple[Wide, Ints, Floats]
"""How many stops each start reaches; which, start after start; how far each is."""

NOBODY = -1  # before the first of a bucket, and after the last
NOT_WAITING = -2
FIRST_PAIRS = 4096


class Net(NamedTuple):
    """Roads as the search reads them, nodes numbered so that neighbours lie close by.

    Attributes
    ----------
    start, neighbour, length_m
        Ways out of node i: entries start[i]:start[i + 1].
    bucket_m
        Width of a bucket.
    buckets
        How many there are, a power of two; together they are wider than the longest chain.
    """

    start: Ints
    neighbour: Ints
    length_m: Floats
    bucket_m: float
    buckets: int


class Stops(NamedTuple):
    """Places on chains that are walked to, in order of chain.

    Attributes
    ----------
    start, other, end
        Ends of chains with places at node i: entries start[i]:start[i + 1], with the node at the
        other end, and twice the number of the chain, one more if node i is its head.
    most
        How many places lie on these chains, by node.
    chain_start, chain_length_m
        Of chain e, among those with places: its places are chain_start[e]:chain_start[e + 1].
    offset_m, leg_m
        Of each place, along the chain from its tail, and off the road.
    """

    start: Ints
    other: Ints
    end: Ints
    most: Ints
    chain_start: Ints
    chain_length_m: Floats
    offset_m: Floats
    leg_m: Floats


class Starts(NamedTuple):
    """Places that are walked from.

    Attributes
    ----------
    tail, head
        Ends of the chain of each; -1 for a place that is not joined.
    tail_m, head_m
        Along the chain to its tail and to its head.
    leg_m
        Off the road.
    chain
        Its number in `Stops`; -1 where nothing lies on it.
    wanted
        How many of the nodes with stops each could reach at all.
    """

    tail: Ints
    head: Ints
    tail_m: Floats
    head_m: Floats
    leg_m: Floats
    chain: Ints
    wanted: Wide


class Desk(NamedTuple):
    """What a search writes on: all of it is as before once the search is over.

    Attributes
    ----------
    node_m
        Distance to each node; inf where the search has not been.
    before, after
        Nodes that wait in the same bucket.
    touched
        Nodes the search has been to.
    first
        The first node that waits in each bucket.
    """

    node_m: Floats
    before: Ints
    after: Ints
    touched: Ints
    first: Ints


def make_desk(net: Net) -> Desk:
    """Return a clean desk for one search after the other."""
    nodes = len(net.start) - 1
    return Desk(
        node_m=np.full(nodes, np.inf),
        before=np.full(nodes, NOT_WAITING, np.int32),
        after=np.empty(nodes, np.int32),
        touched=np.empty(nodes, np.int32),
        first=np.full(net.buckets, NOBODY, np.int32),
    )


@numba.njit(nogil=True, cache=True)
def reach_stops(net: Net, starts: Starts, stops: Stops, limit_m: float, desk: Desk) -> Found:
    """Measure the walks from each start to every stop within a limit.

    Parameters
    ----------
    net, starts, stops
        As described there.
    limit_m
        Inclusive, with its slack already added.
    desk
        A clean one.

    Returns
    -------
    tuple
        As described there.
    """
    counts = np.zeros(len(starts.tail), np.int64)
    reached, reached_m = np.empty(FIRST_PAIRS, np.int32), np.empty(FIRST_PAIRS)
    used = 0
    for origin in range(len(starts.tail)):
        if starts.tail[origin] < 0 or starts.wanted[origin] == 0:
            continue
        touches = _search(net, starts, origin, stops.most, limit_m, desk)
        own = starts.chain[origin]
        most = used
        if own >= 0:
            most += stops.chain_start[own + 1] - stops.chain_start[own]
        for turn in range(touches):
            most += stops.most[desk.touched[turn]]
        while len(reached) < most:
            reached = np.concatenate((reached, np.empty_like(reached)))
            reached_m = np.concatenate((reached_m, np.empty_like(reached_m)))
        before = used
        used = _gather(
            stops, own, touches, limit_m, desk.node_m, desk.touched, used, reached, reached_m
        )
        if own >= 0:
            used = _gather_own(
                stops, starts, origin, limit_m, desk.node_m, used, reached, reached_m
            )
        counts[origin] = used - before
        for turn in range(touches):
            desk.node_m[desk.touched[turn]] = np.inf
    return counts, reached[:used], reached_m[:used]


@numba.njit(nogil=True, cache=True)
def arrange(found: Found, begin: Wide, place: Wide, demand: Wide, distance_m: Floats) -> None:
    """Put the pairs of each start where they belong, and say which place each stop is.

    Parameters
    ----------
    found
        What `reach_stops` returned.
    begin
        Where the pairs of each start go.
    place
        Number of each stop.
    demand, distance_m
        What is written.
    """
    counts, reached, reached_m = found
    pair = 0
    for origin in range(len(counts)):
        to = begin[origin]
        for _ in range(counts[origin]):
            demand[to], distance_m[to] = place[reached[pair]], reached_m[pair]
            to += 1
            pair += 1


@numba.njit(nogil=True, cache=True)
def _search(  # noqa: C901, PLR0912, PLR0915 - one loop, kept whole for the compiler
    net: Net, starts: Starts, origin: int, wanted: Ints, limit_m: float, desk: Desk
) -> int:
    """Find the distance of every node within the limit; return how many were touched.

    Goes no farther than it takes to settle every wanted node that can be reached at all. Nodes that
    are not wanted may then be left with a distance that is too long.
    """
    node_m, before, after, touched, first = desk
    narrow, around = 1.0 / net.bucket_m, net.buckets - 1
    remaining, touches, waiting = starts.wanted[origin], 0, 0
    nearest_m = np.inf
    for end in range(2):
        node = starts.tail[origin] if end == 0 else starts.head[origin]
        along_m = starts.tail_m[origin] if end == 0 else starts.head_m[origin]
        there_m = along_m + starts.leg_m[origin]
        if there_m <= limit_m and there_m < node_m[node]:
            if node_m[node] == np.inf:
                touched[touches] = node
                touches += 1
                remaining -= wanted[node] > 0
            else:
                _leave(node, int(node_m[node] * narrow) & around, before, after, first)
                waiting -= 1
            node_m[node] = there_m
            _join(node, int(there_m * narrow) & around, before, after, first)
            waiting += 1
            nearest_m = min(nearest_m, there_m)
    bucket = int(nearest_m * narrow) if waiting else 0
    closing = False
    while waiting > 0:
        if remaining == 0 and not closing:  # all are found: none is farther than it is now
            limit_m, closing = 0.0, True
            for turn in range(touches):
                if wanted[touched[turn]] > 0:
                    limit_m = max(limit_m, node_m[touched[turn]])
        node = first[bucket & around]
        if node == NOBODY:
            bucket += 1
            continue
        _leave(node, bucket & around, before, after, first)
        waiting -= 1
        here_m = node_m[node]
        if here_m > limit_m:
            continue
        for way in range(net.start[node], net.start[node + 1]):
            other, there_m = net.neighbour[way], here_m + net.length_m[way]
            if there_m > limit_m or there_m >= node_m[other]:
                continue
            place = int(there_m * narrow) & around
            if node_m[other] == np.inf:
                touched[touches] = other
                touches += 1
                remaining -= wanted[other] > 0
                _join(other, place, before, after, first)
                waiting += 1
            elif before[other] == NOT_WAITING:
                _join(other, place, before, after, first)
                waiting += 1
            else:
                left = int(node_m[other] * narrow) & around
                if left != place:
                    _leave(other, left, before, after, first)
                    _join(other, place, before, after, first)
            node_m[other] = there_m
    return touches


@numba.njit(nogil=True, cache=True, inline="always")
def _join(node: int, bucket: int, before: Ints, after: Ints, first: Ints) -> None:
    """Let a node wait in a bucket."""
    second = first[bucket]
    before[node], after[node], first[bucket] = NOBODY, second, node
    if second != NOBODY:
        before[second] = node


@numba.njit(nogil=True, cache=True, inline="always")
def _leave(node: int, bucket: int, before: Ints, after: Ints, first: Ints) -> None:
    """Take a node out of the bucket it waits in."""
    ahead, behind = before[node], after[node]
    if ahead == NOBODY:
        first[bucket] = behind
    else:
        after[ahead] = behind
    if behind != NOBODY:
        before[behind] = ahead
    before[node] = NOT_WAITING


@numba.njit(nogil=True, cache=True, inline="always")
def _gather(  # noqa: PLR0913, PLR0917 - compiled code has no objects to hold these together
    stops: Stops,
    own: int,
    touches: int,
    limit_m: float,
    node_m: Floats,
    touched: Ints,
    used: int,
    reached: Ints,
    reached_m: Floats,
) -> int:
    """Add the stops within the limit, from whichever end of their chain is nearer.

    Each chain is taken at its tail, or at its head where the search has not been to its tail.
    """
    for turn in range(touches):
        node = touched[turn]
        here_m = node_m[node]
        for entry in range(stops.start[node], stops.start[node + 1]):
            end, there_m = stops.end[entry], node_m[stops.other[entry]]
            chain, at_head = end >> 1, end & 1
            if chain == own or (at_head and there_m != np.inf):
                continue
            from_tail_m, from_head_m = (np.inf, here_m) if at_head else (here_m, there_m)
            length_m = stops.chain_length_m[chain]
            for stop in range(stops.chain_start[chain], stops.chain_start[chain + 1]):
                offset_m = stops.offset_m[stop]
                walk_m = min(from_tail_m + offset_m, from_head_m + (length_m - offset_m))
                walk_m += stops.leg_m[stop]
                if walk_m <= limit_m:
                    reached[used], reached_m[used] = stop, walk_m
                    used += 1
    return used


@numba.njit(nogil=True, cache=True)
def _gather_own(  # noqa: PLR0913, PLR0917 - as above
    stops: Stops,
    starts: Starts,
    origin: int,
    limit_m: float,
    node_m: Floats,
    used: int,
    reached: Ints,
    reached_m: Floats,
) -> int:
    """Add the stops on the start's own chain: along it, or around by its ends."""
    chain = starts.chain[origin]
    from_tail_m, from_head_m = node_m[starts.tail[origin]], node_m[starts.head[origin]]
    length_m = stops.chain_length_m[chain]
    for stop in range(stops.chain_start[chain], stops.chain_start[chain + 1]):
        offset_m = stops.offset_m[stop]
        walk_m = min(from_tail_m + offset_m, from_head_m + (length_m - offset_m))
        along_m = abs(offset_m - starts.tail_m[origin]) + starts.leg_m[origin]
        walk_m = min(walk_m, along_m) + stops.leg_m[stop]
        if walk_m <= limit_m:
            reached[used], reached_m[used] = stop, walk_m
            used += 1
    return used
