"""Points that stand for shapes."""

import numpy as np
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from siteplan.geometry import stand_inside

COORDINATES = st.tuples(st.integers(-999, 999), st.integers(-999, 999))


def test_a_convex_shape_stands_at_its_centroid() -> None:
    assert stand_inside(np.array([shapely.box(0, 0, 4, 2)]))[0] == shapely.Point(2, 1)


def test_a_ring_shaped_parcel_stands_on_itself_and_not_in_its_court() -> None:
    ring = shapely.box(0, 0, 9, 9) - shapely.box(1, 1, 8, 8)
    (point,) = stand_inside(np.array([ring]))
    assert shapely.intersects(ring, point)
    assert point != shapely.centroid(ring)


def test_a_point_stands_where_it_is() -> None:
    assert stand_inside(np.array([shapely.Point(3, 4)]))[0] == shapely.Point(3, 4)


def test_nothing_stands_nowhere() -> None:
    assert len(stand_inside(np.empty(0, dtype=object))) == 0


@given(st.lists(COORDINATES, min_size=3, max_size=12))
def test_every_shape_with_an_area_holds_its_point(vertices: list[tuple[int, int]]) -> None:
    ring = shapely.Polygon(vertices)
    shape = shapely.make_valid(ring, method="structure", keep_collapsed=False)
    assume(shape.area > 0)
    (point,) = stand_inside(np.array([shape]))
    assert shapely.distance(shape, point) < 1e-6
