"""What is drawn beneath a map, as the scripts of our pages take it: flat lists of degrees."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import shapely

from siteplan.crs import WGS84, make_projection, project_geometry
from siteplan.errors import Text
from siteplan.model import Case, Geometries, Metres, Shape
from siteplan.outputs.plain_backdrop import (
    MARGIN_M,
    simplify_backdrop,
    to_array,
)

DECIMALS = 6  # of a degree: 0.1 m
SIMPLIFY_M = 2.0


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


def describe_backdrop(
    case: Case, place: Shape, degrees: Degrees, *, most_vertices: int, margin_m: float = MARGIN_M
) -> dict[str, object]:
    """Return what a page draws beneath its figures, as JSON takes it.

    Give the place that the page shows, the whole case or one subdistrict, and how many vertices it
    can carry: one takes about 20 bytes of JSON, so 100,000 of them are 2 MB.

    Parameters
    ----------
    case
        Where no file tells of green areas, rails or names, their lists are empty.
    place
        Polygon in the working CRS; nothing farther than `margin_m` from it is returned.
    degrees
        Of the working CRS of the case.
    most_vertices
        Of everything together, lines of names as well.
    margin_m
        How much is shown around the place.

    Returns
    -------
    dict
        `roads`: [{class, lines}], class `motorway`, `major`, `minor` or `path`, the ones that
        matter most first. `water`, `green`: polygons, to be filled with one opaque colour each,
        green below water. `rail`: lines. `places`: [{lon, lat, kind, rank, name {zh, en}}] and
        `road_names`: [{name {zh, en}, rank, line}], both in order of rank, which counts from 0, the
        most important; which of them find room at a scale is for the page to say. Names are text
        from a file: they may only become text nodes. Polygons and lines are flat lists of degrees
        as `Degrees` returns them; a `line` is one of `lines`.
    """
    plain = simplify_backdrop(case, place, most_vertices=most_vertices, margin_m=margin_m)
    lon, lat = degrees.places(
        np.array([one.x for one in plain.places]), np.array([one.y for one in plain.places])
    )
    baselines = degrees.lines(to_array([one.line for one in plain.road_names]))
    return {
        "roads": [{"class": name, "lines": degrees.lines(lines)} for name, lines in plain.roads],
        "water": degrees.polygons(plain.water),
        "green": degrees.polygons(plain.green),
        "rail": degrees.lines(plain.rail),
        "places": [
            {"lon": x, "lat": y, "kind": one.kind, "rank": one.rank, "name": _say(one.name)}
            for one, x, y in zip(plain.places, lon, lat, strict=True)
        ],
        "road_names": [
            {"name": _say(one.name), "rank": one.rank, "line": line}
            for one, line in zip(plain.road_names, baselines, strict=True)
        ],
    }


def _say(name: Text) -> dict[str, str]:
    return {"zh": name.zh, "en": name.en}


def _flatten(lines: Geometries) -> list[list[float]]:
    """Return the vertices of each line or ring already in degrees."""
    vertices, line = shapely.get_coordinates(lines, return_index=True)
    values = np.round(vertices, DECIMALS).ravel().tolist()
    start = 2 * np.searchsorted(line, np.arange(len(lines) + 1))
    return [values[begin:end] for begin, end in pairwise(start.tolist())]
