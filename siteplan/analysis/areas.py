"""Service areas as ground on a map. Coverage is decided at people, never by these polygons."""

from collections.abc import Iterator

import numpy as np
import shapely

from siteplan.analysis.places import Places, WalkGraph
from siteplan.analysis.travel import measure_nodes
from siteplan.model import Geometries, Metres, Roads, Shape

BESIDE_M = 40.0
"""How far beside a reached road the ground is drawn: about half a block."""
HOLE_M2 = 40_000.0
"""Smaller islands in the ground are the inside of a block, and filled."""
SIMPLIFY_M = 4.0
CORNERS = 4  # segments of a quarter circle


def draw_service_areas(graph: WalkGraph | None, sites: Places, radius_m: float) -> Iterator[Shape]:
    """Yield the ground within the radius of each site, for drawing.

    Along roads: the stretches of road that are reached, cut where the radius ends, and the ground
    beside them. Without roads: a circle. Empty for a site that is not joined to a road.

    Parameters
    ----------
    graph
        Roads; None draws circles.
    sites
        Joined to these roads.
    radius_m
        Inclusive.
    """
    if graph is None:
        for x, y in zip(sites.x, sites.y, strict=True):
            yield shapely.Point(x, y).buffer(radius_m)
        return
    for index, node_m in enumerate(measure_nodes(graph, sites, radius_m)):
        left_m = radius_m - node_m
        pieces = list(_cut_reached(graph.roads, left_m))
        edge = sites.edge[index]
        if edge >= 0:
            pieces.append(_cut_around(graph.roads, sites, index, radius_m))
        # each piece buffered and then united: far faster than one buffer around all of them
        ground = shapely.buffer(np.concatenate(pieces), BESIDE_M, quad_segs=CORNERS)
        yield shapely.simplify(_fill_holes(shapely.union_all(ground)), SIMPLIFY_M)


def _cut_reached(roads: Roads, left_m: Metres) -> Iterator[Geometries]:
    """Yield what is reached of each edge from its tail, and from its head, as far as is left."""
    from_tail_m = np.clip(left_m[roads.tail], 0, None)
    from_head_m = np.clip(left_m[roads.head], 0, None)
    most_m = np.maximum(from_tail_m, from_head_m)
    whole = (most_m > 0) & (most_m >= roads.length_m)  # some edges have no length at all
    yield roads.lines[whole]
    some = np.flatnonzero(~whole & (from_tail_m > 0))
    yield _substrings(roads.lines[some], np.zeros(len(some)), from_tail_m[some])
    some = np.flatnonzero(~whole & (from_head_m > 0))
    length_m = roads.length_m[some]
    yield _substrings(roads.lines[some], length_m - from_head_m[some], length_m)


def _cut_around(roads: Roads, sites: Places, index: int, radius_m: float) -> Geometries:
    """Return the stretch of the site's own edge on both sides of where it is joined."""
    edge = sites.edge[index]
    left_m, here_m = radius_m - sites.leg_m[index], sites.offset_m[index]
    if left_m <= 0:
        return np.empty(0, dtype=object)
    begin = np.array([max(here_m - left_m, 0.0)])
    end = np.array([min(here_m + left_m, roads.length_m[edge])])
    return _substrings(roads.lines[[edge]], begin, end)


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


def _substrings(lines: Geometries, begin_m: Metres, end_m: Metres) -> Geometries:
    from shapely.ops import substring

    cut = zip(lines, begin_m, end_m, strict=True)
    return np.array([substring(line, begin, end) for line, begin, end in cut], dtype=object)
