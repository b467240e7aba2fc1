"""The ways in which the coordinates of a file may have been meant."""

from collections.abc import Callable
from functools import partial

import numpy as np
import shapely

from siteplan.crs import (
    GIVEN,
    LAT_LIMIT,
    LON_LIMIT,
    WGS84,
    Datum,
    Degrees,
    is_in_china,
    make_projection,
    project_geometry,
    to_wgs84,
)
from siteplan.errors import Text
from siteplan.inputs.vector import Layer
from siteplan.model import Flags, Geometries

SWAPPED = "swapped"
DATUMS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")
NORTH_FIRST = ":north-first"
MOST_METRES = 1e7  # farther from its origin no projection in use measures
READINGS = {
    GIVEN: Text("原坐标", "as given"),
    "wgs84": Text("按 WGS84", "as WGS84"),
    "gcj02": Text("经 GCJ-02 → WGS84 换算", "after GCJ-02 → WGS84"),
    "bd09": Text("经 BD-09 → WGS84 换算", "after BD-09 → WGS84"),
    SWAPPED: Text("对调经纬度", "with latitude and longitude swapped"),
}


def list_readings(layer: Layer, crs: str | None = None) -> dict[str, Geometries]:
    """Return the geometry of a layer in every way its coordinates can be read.

    The first reading is `given`: what the file, or the case, says of itself. Then follow the other
    datums that its degrees may be in (`wgs84`, `gcj02`, `bd09`, the latter two only in China),
    latitude before longitude (`swapped`), and for metres whose CRS the file does not say that of
    the case, east or north first.

    Parameters
    ----------
    layer
        As it was scanned.
    crs
        Working CRS of the case, if there is one.

    Returns
    -------
    dict
        WGS84 longitude and latitude, None where a feature has no place in that reading.
    """
    readings = {GIVEN: layer.project(WGS84)}
    if not layer.crs.is_geographic:
        return readings
    lon, lat = shapely.get_coordinates(layer.given).T
    for datum in DATUMS:
        if set(layer.datums) != {datum} and (datum == "wgs84" or is_in_china(lon, lat).all()):
            readings[datum] = project_geometry(layer.given, _undo(datum))
    if np.abs(lon).max(initial=0) <= LAT_LIMIT:
        readings[SWAPPED] = project_geometry(layer.given, lambda x, y: (y, x))
    metres = find_metres(layer)
    if crs is not None and metres.any():
        project = make_projection(crs, WGS84)
        east_first = layer.raw.copy()
        east_first[~metres] = None
        north_first = project_geometry(east_first, lambda x, y: (y, x))
        readings[crs] = project_geometry(east_first, project)
        readings[f"{crs}{NORTH_FIRST}"] = project_geometry(north_first, project)
    return readings


def find_metres(layer: Layer) -> Flags:
    """Whether each feature has coordinates in metres of a CRS that the file does not say."""
    farthest = np.abs(shapely.bounds(layer.raw)).max(axis=1)
    metres: Flags = (farthest > LON_LIMIT) & (farthest < MOST_METRES)
    return metres & shapely.is_missing(layer.geometry)


def say_reading(name: str) -> Text:
    """Say how coordinates are read."""
    if name in READINGS:
        return READINGS[name]
    crs = name.removesuffix(NORTH_FIRST)
    if crs == name:
        return Text(f"按 {crs} 的米", f"as metres of {crs}")
    return Text(f"按 {crs} 的米、北坐标在前", f"as metres of {crs} with the northing first")


def _undo(datum: Datum) -> Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]:
    return partial(to_wgs84, datum=datum)
