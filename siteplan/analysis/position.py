"""Where a site lies, and whether another datum would put it where it belongs."""

import math

import numpy as np
import shapely

from siteplan.analysis.rules.facts import Position
from siteplan.crs import CHINA_BOX, WGS84, Datum, make_projection, to_wgs84
from siteplan.model import TOLERANCE_M, Shape, Site, StudyArea

SHIFTED: tuple[Datum, ...] = ("gcj02", "bd09")


def locate_site(area: StudyArea, site: Site, index: int) -> Position:
    """Say where a site lies, seen from the subdistrict that it is for.

    Parameters
    ----------
    area
        All subdistricts.
    site
        Anywhere; on a border it lies inside.
    index
        Of its own subdistrict.
    """
    point = shapely.Point(site.x, site.y)
    own: Shape = area.subdistricts[index].geometry
    outside_own_m = own.distance(point)
    if outside_own_m <= TOLERANCE_M:
        return Position(outside_own_m, outside_own_m, None)
    outside_all_m = float(shapely.distance(area.geometry, point).min())
    return Position(outside_own_m, outside_all_m, _try_datums(area.crs, site, own))


def _try_datums(crs: str, site: Site, own: Shape) -> tuple[str, float] | None:
    """Return the datum whose inversion puts a site into its own subdistrict, and the move in m."""
    if site.given_lon_lat is None:
        return None
    lon, lat = site.given_lon_lat
    west, south, east, north = CHINA_BOX
    if not (west <= lon <= east and south <= lat <= north):
        return None
    project = make_projection(WGS84, crs)
    for datum in SHIFTED:
        x, y = project(*to_wgs84(np.array([lon]), np.array([lat]), datum))
        if own.intersects(shapely.Point(x[0], y[0])):
            return datum, math.hypot(x[0] - site.x, y[0] - site.y)
    return None
