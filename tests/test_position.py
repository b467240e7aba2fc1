"""Where a site lies."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from small import make_area, make_site, make_subdistrict

from siteplan.analysis.position import gather_evidence, locate_site
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
    assert found.doubt is not None
    assert (found.doubt.datum, found.doubt.sure) == (datum, False)
    assert least_m < found.doubt.moved_m < most_m
    assert found.outside_own_m == pytest.approx(found.doubt.moved_m - 200, abs=1)


def test_a_site_within_the_tolerance_is_in_no_other_datum() -> None:
    (x,), (y,) = CENTRE
    wide = make_area(
        make_subdistrict("A", geometry=shapely.box(x - 900, y - 900, x + 900, y + 900))
    )
    (lon,), (lat,) = make_projection("EPSG:4547", WGS84)(np.array([x + 925]), np.array([y]))
    beside = make_site(x=x + 925, y=y, given_lon_lat=(float(lon), float(lat)))
    assert locate_site(wide, beside, 0, tolerance_m=30).doubt is None
    assert locate_site(wide, beside, 0, tolerance_m=20).doubt is not None
    assert locate_site(wide, beside, 0, tolerance_m=30).outside_own_m == pytest.approx(25)


def test_one_stray_site_is_in_no_datum_that_fits_fewer_of_its_file() -> None:
    right = make_site(x=CENTRE[0][0], y=CENTRE[1][0], given_lon_lat=GUANGZHOU)
    stray = shift("gcj02")
    alone = gather_evidence(TIANHE, [stray])[""]
    doubt = locate_site(TIANHE, stray, 0, alone).doubt
    assert doubt is not None
    assert (doubt.fits, doubt.fits_as_given) == (1, 0)
    many = gather_evidence(TIANHE, [right] * 5 + [stray])[""]
    assert locate_site(TIANHE, stray, 0, many).doubt is None
    tie = gather_evidence(TIANHE, [right, stray])[""]
    assert tie.fits["given"] == tie.fits["gcj02"] == 1
    assert locate_site(TIANHE, stray, 0, tie).doubt is None


def test_a_site_that_lies_right_needs_no_conversion() -> None:
    assert locate_site(TIANHE, shift("wgs84"), 0).doubt is None


def test_metres_are_not_taken_for_a_web_map() -> None:
    assert locate_site(TIANHE, shift("gcj02", datum_of_the_case=False), 0).doubt is None


def test_outside_china_no_datum_is_tried() -> None:
    away = make_site(x=-500, y=50, given_lon_lat=(9.5, 47.1))
    assert locate_site(AREA, away, 0).doubt is None


def test_the_sites_of_a_file_stand_surety_for_each_other() -> None:
    sites = [shift("bd09")] * 5 + [replace(shift("bd09"), subdistrict=None)]
    evidence = gather_evidence(TIANHE, sites)
    assert list(evidence) == [""]
    found = evidence[""]
    assert (found.compared, found.fits["given"], found.fits["bd09"], found.best) == (
        5,
        0,
        5,
        "bd09",
    )
    doubt = locate_site(TIANHE, sites[0], 0, found).doubt
    assert doubt is not None
    assert (doubt.datum, doubt.fits, doubt.fits_as_given, doubt.compared, doubt.sure) == (
        "bd09", 5, 0, 5, True,
    )  # fmt: skip


def test_a_site_inside_is_doubted_with_the_rest_of_its_file() -> None:
    lucky = make_site(x=CENTRE[0][0], y=CENTRE[1][0], given_lon_lat=GUANGZHOU)
    evidence = gather_evidence(TIANHE, [shift("gcj02")] * 9 + [lucky])[""]
    assert evidence.best == "gcj02"
    doubt = locate_site(TIANHE, lucky, 0, evidence).doubt
    assert doubt is not None
    assert doubt.sure


def test_a_datum_that_the_case_has_converted_is_the_given_one() -> None:
    (x,), (y,) = CENTRE
    sites = [replace(shift("gcj02"), x=float(x), y=float(y))] * 3
    evidence = gather_evidence(TIANHE, sites)[""]
    assert list(evidence.fits) == ["given", "bd09"]
    assert evidence.best == "given"
    assert locate_site(TIANHE, sites[0], 0, evidence).doubt is None


def test_files_in_metres_are_left_out() -> None:
    assert gather_evidence(TIANHE, [shift("gcj02", datum_of_the_case=False)]) == {}
