"""Geometry of the working CRS as the scripts of our pages take it: flat lists of degrees."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import shapely

from siteplan.crs import WGS84, make_projection, project_geometry
from siteplan.model import Geometries, Labels, Metres, Shape

DECIMALS = 6  # of a degree: 0.1 m
SIMPLIFY_M = 2.0
ROAD_CLASSES = {
    "major": (
        "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link",
        "tertiary", "tertiary_link",
    ),
    "path": ("footway", "path", "steps", "track", "cycleway", "bridleway", "corridor"),
}  # fmt: skip
OTHER_ROADS = "minor"


class Degrees:
    """Takes geometry of the working CRS to lists of longitude and latitude.

    Parameters
    ----------
    crs
        The working CRS.
    """

    def __init__(self, crs: str) -> None:
        self._project = make_projection(crs, WGS84)

    def project(self, shapes: Geometries) -> Geometries:
        """Return the shapes in degrees."""
        return project_geometry(shapes, self._project)

    def places(self, x: Metres, y: Metres) -> tuple[list[float], list[float]]:
        """Return longitudes and latitudes of points."""
        lon, lat = self._project(x, y)
        return np.round(lon, DECIMALS).tolist(), np.round(lat, DECIMALS).tolist()

    def lines(self, lines: Geometries) -> list[list[float]]:
        """Return the vertices of each line."""
        return _flatten(self.project(lines))

    def polygons(self, shapes: Iterable[Shape]) -> list[list[list[float]]]:
        """Return every polygon of the shapes as its rings, the outer one first."""
        parts = shapely.get_parts(np.array(list(shapes), dtype=object))
        areal = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
        return [
            _flatten(shapely.get_rings(polygon))
            for polygon in self.project(areal)
            if not polygon.is_empty
        ]


def group_roads(lines: Geometries, highway: Labels, most: int) -> list[tuple[str, Geometries]]:
    """Return roads by class, the classes that matter most first, while they fit.

    Parameters
    ----------
    lines
        LineStrings, shape (roads,).
    highway
        The OSM `highway` value of each.
    most
        Vertices of all lines together; a class that would pass it, and those after it, are left
        out.

    Examples
    --------
    >>> lines = np.array([shapely.LineString([(0, 0), (1, 1)])] * 3)
    >>> groups = group_roads(lines, np.array(["steps", "primary", "service"]), most=4)
    >>> [(name, len(some)) for name, some in groups]
    [('major', 1), ('minor', 1)]
    """
    named = {value: name for name, values in ROAD_CLASSES.items() for value in values}
    classes = np.array([named.get(str(value), OTHER_ROADS) for value in highway])
    groups: list[tuple[str, Geometries]] = []
    for name in ("major", OTHER_ROADS, "path"):
        some = lines[classes == name]
        most -= len(shapely.get_coordinates(some))
        if most < 0:
            break
        groups.append((name, some))
    return groups


def _flatten(lines: Geometries) -> list[list[float]]:
    """Return the vertices of each line or ring already in degrees."""
    vertices, line = shapely.get_coordinates(lines, return_index=True)
    values = np.round(vertices, DECIMALS).ravel().tolist()
    start = 2 * np.searchsorted(line, np.arange(len(lines) + 1))
    return [values[begin:end] for begin, end in pairwise(start.tolist())]
