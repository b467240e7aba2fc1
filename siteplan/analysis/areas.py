"""Service areas as ground on a map. Coverage is decided at people, never by these polygons."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import shapely

from siteplan.analysis.chains import Chains, join_streets
from siteplan.analysis.places import Places, WalkGraph, stand_on_nodes
from siteplan.analysis.travel import measure_reach
from siteplan.model import Backdrop, Geometries, Indices, Metres, Shape

BESIDE_M = 40.0
"""How far beside a reached road the ground is drawn: about half a block."""
HOLE_M2 = 40_000.0
"""Smaller islands in the ground are the inside of a block, and filled."""
SIMPLIFY_M = 4.0
"""How far the outline may be off: half of it for the roads, half for the ground."""
BARRIER_M = 1.0
"""How far beside a barrier there is no ground: enough to part what lies on its two sides."""
GAP_M, TOUCH_M = 1.0, 0.01
"""Between two streets on the measure, and how near two stretches of one street touch."""
CORNERS = 4  # segments of a quarter circle


def draw_service_areas(
    graph: WalkGraph | None, sites: Places, radius_m: float, backdrop: Backdrop
) -> list[Shape]:
    """Draw the ground within the radius of each site.

    Along roads: the stretches of road that are reached, cut where the radius ends, and the ground
    beside them, as far as no water and no barrier lies between. Without roads: a circle. Empty for
    a site that is not joined to a road.

    Parameters
    ----------
    graph
        Roads; None draws circles.
    sites
        Joined to these roads.
    radius_m
        Inclusive.
    backdrop
        Water and barriers, which are no ground.
    """
    if graph is None:
        return [shapely.Point(x, y).buffer(radius_m) for x, y in zip(sites.x, sites.y, strict=True)]
    streets = _lay_streets(graph.chains)
    reach = measure_reach(graph, sites, stand_on_nodes(graph), radius_m)
    barriers = shapely.buffer(backdrop.barriers, BARRIER_M, cap_style="flat")
    obstacles = shapely.STRtree(np.r_[backdrop.water, barriers])
    reached = (
        _cut(streets, *_find_stretches(streets, sites, site, radius_m, reach.of(site)))
        for site in range(len(sites.chain))
    )
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # GEOS lets go of the interpreter
        return list(pool.map(lambda roads: _spread(roads, obstacles), reached))


@dataclass(frozen=True, slots=True, eq=False)
class _Streets:
    """Chains joined into streets, and all streets laid end to end along one measure.

    Attributes
    ----------
    end_m
        Where each end of a chain stands along the measure; the ends of chain c are 2 c and 2 c + 1.
    start, at_node
        Ends at node i: at_node[start[i]:start[i + 1]].
    vertex_m, x, y
        Every vertex of every street: where it stands along the measure, and on the ground.
    """

    end_m: Metres
    start: Indices
    at_node: Indices
    vertex_m: Metres
    x: Metres
    y: Metres


def _lay_streets(chains: Chains) -> _Streets:
    streets = join_streets(chains)
    vertices, street = shapely.get_coordinates(streets.lines, return_index=True)
    step_m = np.hypot(*np.diff(vertices, axis=0, prepend=vertices[:1]).T)
    step_m[np.diff(street, prepend=0) > 0] = GAP_M
    vertex_m = np.cumsum(step_m)
    first = np.searchsorted(street, np.arange(len(streets.lines)))
    low_m = vertex_m[first][streets.of_edge] + streets.begin_m
    high_m = low_m + chains.length_m
    ends_m = np.where(streets.forward, (low_m, high_m), (high_m, low_m))
    node = np.column_stack([chains.tail, chains.head]).ravel()
    at_node = np.argsort(node, kind="stable")
    start = np.searchsorted(node[at_node], np.arange(len(chains.node_x) + 1))
    return _Streets(ends_m.T.ravel(), start, at_node, vertex_m, *vertices.T)


def _find_stretches(
    streets: _Streets, sites: Places, site: int, radius_m: float, reached: tuple[Indices, Metres]
) -> tuple[Metres, Metres]:
    """Return where along the measure a site reaches: from each of the nodes, and around itself."""
    node, node_m = reached
    first, count = streets.start[node], streets.start[node + 1] - streets.start[node]
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    end = streets.at_node[np.repeat(first, count) + within]
    here_m, way_m = streets.end_m[end], streets.end_m[end ^ 1] - streets.end_m[end]
    left_m = np.clip(np.repeat(radius_m - node_m, count), 0, np.abs(way_m))
    there_m = here_m + np.copysign(left_m, way_m)
    begin_m, end_m = np.minimum(here_m, there_m), np.maximum(here_m, there_m)
    chain, around_m = sites.chain[site], radius_m - sites.leg_m[site]
    if chain < 0 or around_m < 0:
        return begin_m, end_m
    tail_m, head_m = streets.end_m[2 * chain : 2 * chain + 2]
    at_m = tail_m + np.copysign(sites.offset_m[site], head_m - tail_m)
    own_m = np.clip([at_m - around_m, at_m + around_m], min(tail_m, head_m), max(tail_m, head_m))
    return np.r_[begin_m, own_m[0]], np.r_[end_m, own_m[1]]


def _cut(streets: _Streets, begin_m: Metres, end_m: Metres) -> Geometries:
    """Return the lines between two places each on the measure; those that touch become one."""
    order = np.argsort(begin_m)
    begin_m, end_m = begin_m[order], np.maximum.accumulate(end_m[order])
    apart = begin_m[1:] > end_m[:-1] + TOUCH_M
    begin_m, end_m = (
        begin_m[np.r_[True, apart][: len(order)]],
        end_m[np.r_[apart, True][: len(order)]],
    )
    begin_m, end_m = begin_m[end_m > begin_m], end_m[end_m > begin_m]
    first = np.searchsorted(streets.vertex_m, begin_m, side="right")
    between = np.searchsorted(streets.vertex_m, end_m, side="left") - first
    line = np.repeat(np.arange(len(first)), between + 2)
    start = np.searchsorted(line, np.arange(len(first) + 1))
    vertex = np.repeat(first - 1 - start[:-1], between + 2) + np.arange(len(line))
    place_m = streets.vertex_m[np.minimum(vertex, len(streets.vertex_m) - 1)]
    place_m[start[:-1]], place_m[start[1:] - 1] = begin_m, end_m
    x, y = (np.interp(place_m, streets.vertex_m, axis) for axis in (streets.x, streets.y))
    return np.asarray(shapely.linestrings(x, y, indices=line), dtype=object)


def _spread(reached: Geometries, obstacles: shapely.STRtree) -> Shape:
    """Return the ground beside stretches of road: no water, and nothing beyond it or a barrier."""
    # each stretch buffered and then united: far faster than one buffer around all of them
    rough = shapely.simplify(reached, SIMPLIFY_M / 2)
    beside = shapely.buffer(rough, BESIDE_M, quad_segs=CORNERS)
    ground = _fill_holes(shapely.union_all(beside))
    near = obstacles.geometries[obstacles.query(ground, predicate="intersects")]
    if len(near):
        parts = shapely.get_parts(shapely.difference(ground, shapely.union_all(near)))
        part, _ = shapely.STRtree(reached).query(parts, predicate="intersects")
        ground = shapely.multipolygons(parts[np.unique(part)])
    return shapely.simplify(ground, SIMPLIFY_M / 2)


def _fill_holes(ground: Shape) -> Shape:
    """Return the ground without the holes smaller than `HOLE_M2`."""
    parts = shapely.get_parts(ground)
    filled = [
        shapely.Polygon(
            part.exterior, [hole for hole in part.interiors if shapely.Polygon(hole).area > HOLE_M2]
        )
        for part in parts
    ]
    return shapely.MultiPolygon(filled)
