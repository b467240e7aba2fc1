"""Where a site lies."""

import numpy as np
import pytest
import shapely
from small import make_area, make_site, make_subdistrict

from siteplan.analysis.position import locate_site
from siteplan.analysis.rules.facts import Position
from siteplan.crs import WGS84, Datum, from_wgs84, make_projection
from siteplan.model import Site

AREA = make_area(make_subdistrict("A", (0, 0, 100, 100)), make_subdistrict("B", (100, 0, 200, 100)))


@pytest.mark.parametrize(
    ("x", "y", "own_m", "all_m"),
    [
        (50, 50, 0, 0),
        (100, 50, 0, 0),  # on the border
        (130, 50, 30, 0),  # in B
        (-3, -4, 5, 5),
        (240, 50, 140, 40),
    ],
)
def test_a_site_is_so_far_outside_its_own_and_all(
    x: float, y: float, own_m: float, all_m: float
) -> None:
    found = locate_site(AREA, make_site(x=x, y=y), 0)
    assert found == Position(pytest.approx(own_m), pytest.approx(all_m), None)


GUANGZHOU = (113.264, 23.129)
CENTRE = make_projection(WGS84, "EPSG:4547")(*np.array([GUANGZHOU]).T)
TIANHE = make_area(
    make_subdistrict("A", geometry=shapely.Point(CENTRE[0][0], CENTRE[1][0]).buffer(200))
)


def shift(datum: Datum, *, datum_of_the_case: bool = True) -> Site:
    """Make a site whose street drew it on a web map, and which is read as if in WGS84."""
    lon, lat = from_wgs84(*np.array([GUANGZHOU]).T, datum)
    x, y = make_projection(WGS84, "EPSG:4547")(lon, lat)
    given = (float(lon[0]), float(lat[0])) if datum_of_the_case else None
    return make_site(x=x[0], y=y[0], given_lon_lat=given)


@pytest.mark.parametrize(
    ("datum", "least_m", "most_m"), [("gcj02", 590, 634), ("bd09", 1100, 1400)]
)
def test_a_site_from_a_web_map_is_recognised_by_where_it_falls_back_to(
    datum: Datum, least_m: float, most_m: float
) -> None:
    found = locate_site(TIANHE, shift(datum), 0)
    assert found.fits_after is not None
    name, moved_m = found.fits_after
    assert name == datum
    assert least_m < moved_m < most_m
    assert found.outside_own_m == pytest.approx(moved_m - 200, abs=1)


def test_a_site_that_lies_right_needs_no_conversion() -> None:
    assert locate_site(TIANHE, shift("wgs84"), 0).fits_after is None


def test_metres_are_not_taken_for_a_web_map() -> None:
    assert locate_site(TIANHE, shift("gcj02", datum_of_the_case=False), 0).fits_after is None


def test_outside_china_no_datum_is_tried() -> None:
    away = make_site(x=-500, y=50, given_lon_lat=(9.5, 47.1))
    assert locate_site(AREA, away, 0).fits_after is None
