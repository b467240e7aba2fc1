"""The walk from a branch to its headquarters: where it runs, and the crossings it depends on.

The roads around a headquarters are cut where members are joined to them and where a bridge or a
tunnel begins or ends. So members are nodes, a crossing is closed by leaving its pieces out, and two
members on one road, on a ring or at one joint are no cases of their own.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from siteplan.analysis.detour import name_crossing
from siteplan.analysis.places import Places, WalkGraph, find_joints
from siteplan.model import TOLERANCE_M, Flags, Indices, LinkCrossing, Metres, Shape

NONE = -1
SAME_M = 1e-8
"""Places on a road that are no farther apart are one: the rounding of a coordinate."""
SLACK_M = TOLERANCE_M / 2
"""Ways that are longer by no more are equally short; all along a walk together."""
NEAR = 2.0
NEAR_M = 500.0
"""Roads are searched first within this many times the straight line to the farthest branch, and
this much more: enough for most ways around a closed crossing."""
WIDER = 2.0
"""How many times as far the roads are searched next."""


class LinkWalk(NamedTuple):
    """The walk from a branch to its headquarters.

    Attributes
    ----------
    line
        From the branch to the headquarters along the roads, both legs off the road included;
        working CRS.
    crossings
        The bridges and tunnels on it, in order.
    """

    line: Shape
    crossings: tuple[LinkCrossing, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Patch:
    """Roads around a headquarters, cut into pieces.

    Attributes
    ----------
    chain, begin_m, end_m
        What each piece is part of, and from where to where along it; shape (pieces,).
    crossing
        Which crossing it is part of; -1 for none.
    start, other, piece, length_m
        Ways out of node i: entries start[i]:start[i + 1], to other nodes in order, the shortest
        first. A piece is walked from its begin to its end, and back.
    forward
        Whether the way runs from the begin of its piece to its end.
    stop
        The node each member is joined at, shape (places,); -1 where it is not joined.
    rim
        Nodes from which roads lead out of the patch.
    """

    chain: Indices
    begin_m: Metres
    end_m: Metres
    crossing: Indices
    start: Indices
    other: Indices
    piece: Indices
    length_m: Metres
    forward: Flags
    stop: Indices
    rim: Indices


class _Found(NamedTuple):
    """Distances from one node of a patch to all, and the node before each on the way."""

    node_m: Metres
    before: Indices


def trace_links(
    graph: WalkGraph | None, places: Places, is_headquarters: Flags, crs: str
) -> list[LinkWalk | None]:
    """Trace the walk from each branch to the headquarters, and close each crossing on it in turn.

    Of ways equally short (within 5e-7 m) the walk takes, wherever they part, the one that sets out
    farther to the west, or else to the south: no order of the input has a say in it.

    Parameters
    ----------
    graph
        Roads; None draws straight lines, on which there is no crossing.
    places
        The members, joined to these roads.
    is_headquarters
        Whether each is the headquarters, shape (places,); without exactly one nothing is traced.
    crs
        Working CRS; a crossing without a name is called by where it is.

    Returns
    -------
    list
        In the order of the members; None for the headquarters and for those who cannot walk there.
        Who is joined to a crossing itself, not at its end, has no way while it is closed.
    """
    walks: list[LinkWalk | None] = [None] * len(places.x)
    if is_headquarters.sum() != 1:
        return walks
    headquarters = int(np.argmax(is_headquarters))
    spots = np.column_stack([places.x, places.y])  # shape (places, 2)
    if graph is None:
        for row in range(len(walks)):
            if row != headquarters:
                walks[row] = LinkWalk(shapely.LineString(spots[[row, headquarters]]), ())
        return walks
    rows = _list_reachable(graph, places, headquarters)
    around = _widen(graph, places, headquarters, rows)
    for patch in around if rows else ():
        found = _search(patch, patch.stop[headquarters])
        if found.node_m[patch.stop[rows]].max() <= _find_certain(patch, found):
            break
    else:
        return walks
    routes = {row: _follow(graph, patch, found, row, headquarters) for row in rows}
    closed: dict[int, list[int]] = {}
    for row, route in routes.items():
        for number in _list_crossings(patch, route):
            closed.setdefault(number, []).append(row)
    without_m = _measure_without(patch, around, headquarters, closed)
    names = {number: name_crossing(graph.roads, number, crs) for number in closed}
    joints = np.column_stack(find_joints(graph, places))
    legs_m = places.leg_m + places.leg_m[headquarters]
    for row, route in routes.items():
        walks[row] = LinkWalk(
            _draw(
                spots[row],
                [_list_vertices(graph, patch, way) for way in route] or [joints[row]],
                spots[headquarters],
            ),
            tuple(
                LinkCrossing(names[number], float(without_m[number, row] + legs_m[row]))
                for number in _list_crossings(patch, route)
            ),
        )
    return walks


def _list_reachable(graph: WalkGraph, places: Places, headquarters: int) -> list[int]:
    """Return the branches that are joined to the same connected part of the roads."""
    joined = places.chain >= 0
    if not joined[headquarters]:
        return []
    component = graph.component[graph.chains.tail[places.chain]]
    together = joined & (component == component[headquarters])
    return [row for row in np.flatnonzero(together).tolist() if row != headquarters]


def _widen(
    graph: WalkGraph, places: Places, headquarters: int, rows: list[int]
) -> Iterator[_Patch]:
    """Yield wider and wider patches of the roads; the last one is all of them."""
    x, y = places.x[headquarters], places.y[headquarters]
    away_m = np.hypot(graph.chains.node_x - x, graph.chains.node_y - y)
    within_m = NEAR_M + NEAR * np.hypot(places.x[rows] - x, places.y[rows] - y).max(initial=0.0)
    near = away_m <= within_m
    while not near.all():
        yield _cut(graph, places, near)
        within_m *= WIDER
        near = away_m <= within_m
    yield _cut(graph, places, near)


def _cut(graph: WalkGraph, places: Places, near: Flags) -> _Patch:
    """Cut the chains that touch some nodes, and those that members are joined to, into pieces."""
    roads, chains = graph.roads, graph.chains
    joined = np.flatnonzero(places.chain >= 0)
    taken = near[chains.tail] | near[chains.head]
    taken[places.chain[joined]] = True
    chain = np.flatnonzero(taken)
    ends = np.r_[chains.tail[chain], chains.head[chain]]
    node, ends = np.unique(ends, return_inverse=True)
    tail, head = ends.reshape(2, -1)
    part = np.flatnonzero((roads.crossing >= 0) & (roads.length_m > SAME_M))
    part = part[taken[chains.of_edge[part]]]
    part = part[np.lexsort((chains.begin_m[part], chains.of_edge[part]))]
    part_chain, part_m = chains.of_edge[part], chains.begin_m[part]
    part_end_m = part_m + roads.length_m[part]
    on = np.r_[places.chain[joined], part_chain, part_chain]
    at_m = np.r_[places.offset_m[joined], part_m, part_end_m]

    # cuts at an end of the chain are no cuts; of the others, those in one place are one
    at_tail, at_head = at_m <= SAME_M, at_m >= chains.length_m[on] - SAME_M
    inner = np.flatnonzero(~at_tail & ~at_head)
    inner = inner[np.lexsort((at_m[inner], on[inner]))]
    apart = (np.diff(on[inner]) != 0) | (np.diff(at_m[inner]) > SAME_M)
    fresh = np.r_[True, apart][: len(inner)]
    rank = np.searchsorted(chain, on)
    cut_node = np.where(at_tail, tail[rank], head[rank])
    cut_node[inner] = len(node) + np.cumsum(fresh) - 1
    first = inner[fresh]

    cut_on = np.r_[chain, on[first], chain]
    cut_m = np.r_[np.zeros(len(chain)), at_m[first], chains.length_m[chain]]
    number = np.r_[tail, cut_node[first], head]
    place = np.repeat([0, 1, 2], [len(chain), len(first), len(chain)])
    order = np.lexsort((cut_m, place, cut_on))
    cut_on, cut_m, number = cut_on[order], cut_m[order], number[order]
    piece = np.flatnonzero(cut_on[1:] == cut_on[:-1])
    one, other, begin_m, end_m = number[piece], number[piece + 1], cut_m[piece], cut_m[piece + 1]
    ways = np.r_[one, other], np.r_[other, one], np.tile(end_m - begin_m, 2)
    sort = np.lexsort(ways[::-1])
    stop = np.full(len(places.chain), NONE)
    stop[joined] = cut_node[: len(joined)]
    return _Patch(
        chain=cut_on[piece],
        begin_m=begin_m,
        end_m=end_m,
        crossing=_find_parts(
            (cut_on[piece], (begin_m + end_m) / 2),
            (part_chain, part_m, part_end_m),
            roads.crossing[part],
        ),
        start=np.searchsorted(ways[0][sort], np.arange(len(node) + fresh.sum() + 1)),
        other=ways[1][sort],
        piece=sort % max(len(piece), 1),
        length_m=ways[2][sort],
        forward=sort < len(piece),
        stop=stop,
        rim=np.flatnonzero(~near[node]),
    )


def _find_parts(
    middles: tuple[Indices, Metres], parts: tuple[Indices, Metres, Metres], crossing: Indices
) -> Indices:
    """Return the crossing in whose part each middle lies; both in order of chain and distance."""
    found = np.full(len(middles[0]), NONE)
    some = np.flatnonzero(np.isin(middles[0], parts[0]))
    chain, middle_m = (each[some] for each in middles)
    part_chain, begin_m, end_m = parts
    order = np.lexsort((np.r_[begin_m, middle_m], np.r_[part_chain, chain]))
    last = np.empty(len(order), dtype=np.intp)
    last[order] = np.cumsum(order < len(part_chain)) - 1  # the last part that begins before each
    last = last[len(part_chain) :]
    inside = (last >= 0) & (part_chain[last] == chain) & (middle_m < end_m[last])
    found[some[inside]] = crossing[last[inside]]
    return found


def _search(patch: _Patch, source: int, closed: int | None = None) -> _Found:
    """Search a patch from one node, without the pieces of a crossing that is closed."""
    nodes = len(patch.start) - 1
    row = np.repeat(np.arange(nodes), np.diff(patch.start))
    keep = row != patch.other
    if closed is not None:
        keep &= patch.crossing[patch.piece] != closed
    row, other, length_m = row[keep], patch.other[keep], patch.length_m[keep]
    shortest = np.r_[True, (row[1:] != row[:-1]) | (other[1:] != other[:-1])][: len(row)]
    start = np.searchsorted(row[shortest], np.arange(nodes + 1))
    ways = csr_array((length_m[shortest], other[shortest], start), shape=(nodes, nodes))
    node_m, before = dijkstra(ways, directed=True, indices=[source], return_predecessors=True)
    return _Found(node_m[0], np.asarray(before[0], dtype=np.intp))


def _find_certain(patch: _Patch, found: _Found) -> float:
    """Return up to where distances are those of all roads: whoever leaves the patch walks farther.

    inf where nobody can leave it.
    """
    return float(found.node_m[patch.rim].min(initial=math.inf))


def _measure_without(
    patch: _Patch, around: Iterator[_Patch], headquarters: int, closed: dict[int, list[int]]
) -> dict[tuple[int, int], float]:
    """Measure how far it is for some members while a crossing is closed, legs left out.

    Parameters
    ----------
    patch, around
        To search first, and then, for those to whom it is farther than it tells.
    headquarters
        Where they walk to.
    closed
        Members by the number of the crossing.

    Returns
    -------
    dict
        By crossing and member; inf where there is no way.
    """
    without_m: dict[tuple[int, int], float] = {}
    while closed:
        waiting: dict[int, list[int]] = {}
        for number, rows in closed.items():
            found = _search(patch, patch.stop[headquarters], number)
            certain_m = _find_certain(patch, found)
            for row in rows:
                walk_m = float(found.node_m[patch.stop[row]])
                if walk_m <= certain_m or _is_cut_off(patch, row, number, walk_m):
                    without_m[number, row] = walk_m
                else:
                    waiting.setdefault(number, []).append(row)
        closed = waiting
        if closed:
            patch = next(around)  # the last of them leaves nobody waiting
    return without_m


def _is_cut_off(patch: _Patch, row: int, closed: int, walk_m: float) -> bool:
    """Whether a member reaches neither the headquarters nor a way out of the patch."""
    if math.isfinite(walk_m):
        return False
    return math.isinf(_find_certain(patch, _search(patch, patch.stop[row], closed)))


def _follow(
    graph: WalkGraph, patch: _Patch, found: _Found, row: int, headquarters: int
) -> list[int]:
    """Return the ways of the shortest walk from a member to the headquarters.

    Each way leads nearer, or where a piece has no length on to the node that the search came from,
    so that the walk ends.
    """
    here, home, node_m = int(patch.stop[row]), int(patch.stop[headquarters]), found.node_m
    left_m = node_m[here] + SLACK_M
    route: list[int] = []
    while here != home:
        ways = np.arange(patch.start[here], patch.start[here + 1])
        there = patch.other[ways]
        nearer = (node_m[there] < node_m[here]) | (there == found.before[here])
        some = ways[nearer & (patch.length_m[ways] + node_m[there] <= left_m)].tolist()
        way = some[0] if len(some) == 1 else min(some, key=lambda each: _head(graph, patch, each))
        route.append(way)
        left_m -= patch.length_m[way]
        here = int(patch.other[way])
    return route


def _head(graph: WalkGraph, patch: _Patch, way: int) -> tuple[float, ...]:
    """Return in which direction a way sets out, and then by which vertices it leads."""
    vertices = _list_vertices(graph, patch, way)
    step = vertices[1] - vertices[0]
    direction = np.round(step / (np.hypot(*step) or 1.0), 9)
    return (*direction.tolist(), *vertices.ravel().tolist())


def _list_crossings(patch: _Patch, route: list[int]) -> list[int]:
    """Return the numbers of the crossings on a route, each once, in order."""
    numbers = patch.crossing[patch.piece[route]].tolist() if route else []
    return list(dict.fromkeys(number for number in numbers if number != NONE))


def _draw(here: Metres, along: list[Metres], home: Metres) -> Shape:
    """Draw a walk by what it comes along; a vertex that is there twice at once is drawn once."""
    vertices = np.vstack([here, *along, home])
    moves = np.r_[True, (np.diff(vertices, axis=0) != 0).any(axis=1)]
    return shapely.LineString(vertices[moves] if moves.sum() > 1 else vertices[:2])


def _list_vertices(graph: WalkGraph, patch: _Patch, way: int) -> Metres:
    """Return the vertices of a way as it is walked, shape (vertices, 2)."""
    piece = patch.piece[way]
    chain, begin_m, end_m = patch.chain[piece], patch.begin_m[piece], patch.end_m[piece]
    vertices = shapely.get_coordinates(graph.chains.lines[chain])
    if begin_m > 0 or end_m < graph.chains.length_m[chain]:
        along_m = np.r_[0.0, np.cumsum(np.hypot(*np.diff(vertices, axis=0).T))]
        inner = along_m[(along_m > begin_m) & (along_m < end_m)]
        at_m = np.r_[begin_m, inner, end_m]
        vertices = np.column_stack([np.interp(at_m, along_m, axis) for axis in vertices.T])
    return vertices if patch.forward[way] else vertices[::-1]
