"""The ways in which the coordinates of a file may have been meant."""

from collections.abc import Callable
from functools import partial

import numpy as np
import shapely

from siteplan.crs import GIVEN, WGS84, Datum, Degrees, is_in_china, project_geometry, to_wgs84
from siteplan.inputs.vector import Layer
from siteplan.model import Geometries

SWAPPED = "swapped"
DATUMS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")
LAT_LIMIT = 90.0


def list_readings(layer: Layer) -> dict[str, Geometries]:
    """Return the geometry of a layer in every way its degrees can be read.

    The first reading is `given`: what the file, or the case, says of itself. Then follow the other
    datums that it may be in (`wgs84`, `gcj02`, `bd09`, the latter two only in China), and latitude
    before longitude (`swapped`). Metres have the first only.

    Returns
    -------
    dict
        WGS84 longitude and latitude, None where a feature has no geometry that can be used.
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
    return readings


def _undo(datum: Datum) -> Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]:
    return partial(to_wgs84, datum=datum)
