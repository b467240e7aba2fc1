"""Small geometry that reading, measuring and drawing share."""

import math

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from siteplan.model import TOLERANCE_M, Geometries, Metres

STEPS = 10_000
"""In a metre, or a person: what differs by less is told apart by nothing that is put in order."""
EDGE = (math.sqrt(5) - 1) / 2
"""Where a step begins: no round number, half or third lies so close that its last bit matters."""


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
    outside[outside] = ~shapely.dwithin(geometry[outside], points[outside], TOLERANCE_M)
    points[outside] = shapely.point_on_surface(geometry[outside])
    return points


def find_spacing(spots: npt.NDArray[np.float64]) -> float:
    """Return how far it is from a point to the nearest other one: the median of all.

    Parameters
    ----------
    spots
        Each once, shape (points, 2); of fewer than two it is inf.

    Examples
    --------
    >>> import numpy as np
    >>> find_spacing(np.array([[0.0, 0.0], [30.0, 40.0], [90.0, 40.0]]))
    50.0
    """
    if len(spots) < 2:  # noqa: PLR2004  # a pair
        return math.inf
    apart, _ = cKDTree(spots).query(spots, k=[2])  # the nearest is the spot itself
    return float(np.median(apart))


def even_out(values: Metres) -> Metres:
    """Return whole numbers to put coordinates or lengths in order by, whatever their last bits say.

    Two that are alike but for the rounding of a projection are the same.

    Examples
    --------
    >>> import numpy as np
    >>> even_out(np.array([0.25, 0.25 - 1e-9, 0.3])).tolist()
    [2500.0, 2500.0, 3000.0]
    """
    steps: Metres = np.floor(values * STEPS + EDGE)
    return steps
