"""Shapes of what an OpenStreetMap file holds: drawn as hexadecimal WKB, read all at once."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import osmium
import shapely
from osmium.osm import Way

from siteplan.model import Geometries

SMALLEST_LINE = 2
WKB = osmium.geom.WKBFactory()


def draw_way(way: Way) -> str | None:
    """Return the line of a way as WKB; None if the file does not hold all of its nodes."""
    try:
        return str(WKB.create_linestring(way, osmium.geom.ALL))
    except osmium.InvalidLocationError:
        return None


def split_way(way: Way) -> tuple[list[tuple[list[int], str]], int]:
    """Return the runs of nodes of a way that the file holds, and how many nodes it does not.

    Each run as the ids of its nodes and its line; a node that follows itself stands once.
    """
    refs = [node.ref for node in way.nodes]
    line = draw_way(way) if len(refs) >= SMALLEST_LINE else None
    if line is not None and all(one != next_ for one, next_ in pairwise(refs)):
        return [(refs, line)], 0
    runs: list[list[tuple[int, float, float]]] = [[]]
    missing = 0
    for node in way.nodes:
        if not node.location.valid():
            missing += 1
            runs.append([])
        elif not runs[-1] or runs[-1][-1][0] != node.ref:
            runs[-1].append((node.ref, node.lon, node.lat))
    return [
        ([ref for ref, _, _ in run], shapely.LineString([at for _, *at in run]).wkb_hex)
        for run in runs
        if len(run) >= SMALLEST_LINE
    ], missing


def read_shapes(shapes: Sequence[str]) -> Geometries:
    """Return shapes of hexadecimal WKB."""
    return np.asarray(shapely.from_wkb(np.array(shapes, dtype=object)), dtype=object)


def mend_shapes(shapes: Geometries) -> Geometries:
    """Return shapes of which none crosses itself; one that collapses is empty."""
    bad = ~shapely.is_valid(shapes)
    # the other method fails on some shapes (GEOS 3.14)
    shapes[bad] = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    return shapes


def close_lines(lines: Geometries) -> Geometries:
    """Return closed lines as rings."""
    vertices, line = shapely.get_coordinates(lines, return_index=True)
    return np.asarray(shapely.linearrings(vertices, indices=line), dtype=object)
