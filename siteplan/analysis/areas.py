"""Service areas as ground on a map. Coverage is decided at people, never by these polygons."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely

from siteplan.analysis.chains import Chains
from siteplan.analysis.places import Places, WalkGraph
from siteplan.analysis.travel import measure_nodes
from siteplan.model import Geometries, Metres, Shape

BESIDE_M = 40.0
"""How far beside a reached road the ground is drawn: about half a block."""
HOLE_M2 = 40_000.0
"""Smaller islands in the ground are the inside of a block, and filled."""
SIMPLIFY_M = 4.0
CORNERS = 4  # segments of a quarter circle


def draw_service_areas(
    graph: WalkGraph | None, sites: Places, radius_m: float, water: Geometries
) -> list[Shape]:
    """Draw the ground within the radius of each site.

    Along roads: the stretches of road that are reached, cut where the radius ends, and the ground
    beside them, as far as no water lies between. Without roads: a circle. Empty for a site that is
    not joined to a road.

    Parameters
    ----------
    graph
        Roads; None draws circles.
    sites
        Joined to these roads.
    radius_m
        Inclusive.
    water
        Polygons that are no ground.
    """
    if graph is None:
        return [shapely.Point(x, y).buffer(radius_m) for x, y in zip(sites.x, sites.y, strict=True)]
    lakes = shapely.STRtree(water)
    stretches = (
        _cut_stretches(graph.chains, sites.take(np.array([index])), node_m, radius_m)
        for index, node_m in enumerate(measure_nodes(graph, sites, radius_m))
    )
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # GEOS lets go of the interpreter
        return list(pool.map(lambda reached: _spread(reached, lakes), stretches))


def _cut_stretches(chains: Chains, site: Places, node_m: Metres, radius_m: float) -> Geometries:
    """Return the stretches of road that one site reaches, `node_m` being the way to each node."""
    pieces = list(_cut_reached(chains, radius_m - node_m))
    if site.chain[0] >= 0:
        pieces.append(_cut_around(chains, site, radius_m))
    return np.concatenate(pieces)


def _spread(reached: Geometries, lakes: shapely.STRtree) -> Shape:
    """Return the ground beside stretches of road: no water, and nothing beyond it."""
    # each stretch buffered and then united: far faster than one buffer around all of them
    beside = shapely.buffer(reached, BESIDE_M, quad_segs=CORNERS)
    ground = _fill_holes(shapely.union_all(beside))
    near = lakes.geometries[lakes.query(ground, predicate="intersects")]
    if len(near):
        parts = shapely.get_parts(shapely.difference(ground, shapely.union_all(near)))
        part, _ = shapely.STRtree(reached).query(parts, predicate="intersects")
        ground = shapely.multipolygons(parts[np.unique(part)])
    return shapely.simplify(ground, SIMPLIFY_M)


def _cut_reached(chains: Chains, left_m: Metres) -> Iterator[Geometries]:
    """Yield what is reached of each chain from its tail, and from its head, as far as is left."""
    from_tail_m = np.clip(left_m[chains.tail], 0, None)
    from_head_m = np.clip(left_m[chains.head], 0, None)
    most_m = np.maximum(from_tail_m, from_head_m)
    whole = (most_m > 0) & (most_m >= chains.length_m)  # some chains have no length at all
    yield chains.lines[whole]
    some = np.flatnonzero(~whole & (from_tail_m > 0))
    yield _substrings(chains.lines[some], np.zeros(len(some)), from_tail_m[some])
    some = np.flatnonzero(~whole & (from_head_m > 0))
    length_m = chains.length_m[some]
    yield _substrings(chains.lines[some], length_m - from_head_m[some], length_m)


def _cut_around(chains: Chains, site: Places, radius_m: float) -> Geometries:
    """Return the stretch of the site's own chain on both sides of where it is joined."""
    left_m = radius_m - site.leg_m
    if left_m[0] <= 0:
        return np.empty(0, dtype=object)
    begin = np.maximum(site.offset_m - left_m, 0.0)
    end = np.minimum(site.offset_m + left_m, chains.length_m[site.chain])
    return _substrings(chains.lines[site.chain], begin, end)


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
