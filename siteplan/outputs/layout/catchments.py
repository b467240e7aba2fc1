"""Catchments as polygons, drawn for maps only: no figure is ever taken from them."""

import numpy as np
import shapely

from siteplan.model import Indices, Metres, Shape


def draw_catchments(x: Metres, y: Metres, nearest: Indices, ground: Shape) -> dict[int, Shape]:
    """Return the ground of a subdistrict divided by the member that is nearest on foot.

    Every demand point stands for the ground that is nearer to it than to any other one (its Voronoi
    cell); the cells of all points with the same nearest member are put together and cut off at the
    boundary. Between two points the line is drawn half way, wherever the roads run. Of several
    points at one place the first counts; they walk the same way.

    Parameters
    ----------
    x, y
        Demand points of the subdistrict, shape (points,).
    nearest
        Member nearest to each on foot; -1 where none can be reached: their ground is nobody's.
    ground
        Polygon of the subdistrict, in the same CRS.

    Returns
    -------
    dict
        By member, ascending; without those that nobody is nearest to.

    Examples
    --------
    >>> x, y = np.array([100.0, 300.0]), np.array([50.0, 50.0])
    >>> halves = draw_catchments(x, y, np.array([7, 4]), shapely.box(0, 0, 400, 100))
    >>> {member: half.bounds for member, half in halves.items()}
    {4: (200.0, 0.0, 400.0, 100.0), 7: (0.0, 0.0, 200.0, 100.0)}
    """
    places, first = np.unique(np.column_stack([x, y]), axis=0, return_index=True)
    owner = nearest[first]
    members = np.unique(owner[owner >= 0]).tolist()
    if len(np.unique(owner)) <= 1:
        return dict.fromkeys(members, ground)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(places), extend_to=ground, ordered=True)
    )
    shapely.prepare(ground)
    grounds: dict[int, Shape] = {}
    for member in members:
        whole = shapely.coverage_union_all(cells[owner == member])
        part = shapely.intersection(shapely.make_valid(whole), ground)
        if part.area > 0:
            grounds[member] = part
    return grounds
