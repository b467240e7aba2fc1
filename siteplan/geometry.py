"""Small geometry that reading, measuring and drawing share."""

import numpy as np
import shapely

from siteplan.model import Geometries


def stand_inside(geometry: Geometries) -> Geometries:
    """Return one point for each shape: its centroid, or a point inside where that falls outside.

    Examples
    --------
    >>> import numpy as np
    >>> horseshoe = shapely.Polygon([(0, 0), (9, 0), (9, 9), (8, 9), (8, 1), (1, 1), (1, 9)])
    >>> stand_inside(np.array([horseshoe, shapely.box(0, 0, 2, 2)]))[1]
    <POINT (1 1)>
    >>> bool(shapely.intersects(horseshoe, stand_inside(np.array([horseshoe]))[0]))
    True
    """
    points = np.asarray(shapely.centroid(geometry), dtype=object)
    outside = ~shapely.intersects(geometry, points)
    points[outside] = shapely.point_on_surface(geometry[outside])
    return points
