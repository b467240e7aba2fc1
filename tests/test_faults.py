"""What is wrong with where things lie, and what it can only have meant."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.crs import LON_LAT, WGS84, make_projection, name_zone, recognise_zone
from siteplan.errors import CrsError, Text
from siteplan.inputs.faults import find_fault
from siteplan.inputs.vector import LINES, POINTS, POLYGONS, scan_layer

DEGREES = pyproj.CRS(LON_LAT)
ZONES = [f"EPSG:{code}" for code in (*range(4494, 4502), *range(4513, 4534))]


def find(geometry: shapely.Geometry, crs: pyproj.CRS = DEGREES) -> tuple[str, object]:
    fault = find_fault(geometry, POINTS | POLYGONS, crs)
    return ("", None) if fault is None else (fault.problem.en, fault.instead)


@pytest.mark.parametrize("crs", ZONES)
@settings(max_examples=10)
@given(share=st.floats(-0.99, 0.99), lat=st.floats(4, 53))
def test_a_zone_is_told_by_the_size_of_its_metres(crs: str, share: float, lat: float) -> None:
    code = int(crs[5:])
    width, first, zone = (3, 25, code - 4513) if code >= 4513 else (6, 16, code - 4494)
    meridian = (first + zone) * width - (3 if width == 6 else 0)
    place = np.array([meridian + share * width / 2]), np.array([lat])
    (x,), (y,) = make_projection(WGS84, crs)(*place)
    assert recognise_zone(x, y) == (crs, False)
    assert recognise_zone(y, x) == (crs, True)
    assert name_zone(crs) == Text(
        f"CGCS2000 {width} 度带第 {first + zone} 带", f"CGCS2000 {width}-degree zone {first + zone}"
    )


@pytest.mark.parametrize("northing_first", [False, True])
def test_metres_of_a_numbered_zone_are_refused_but_understood(*, northing_first: bool) -> None:
    (x,), (y,) = make_projection(WGS84, "EPSG:4526")(np.array([113.36]), np.array([23.13]))
    problem, instead = find(shapely.Point(*((y, x) if northing_first else (x, y))))
    assert "in metres, by their size of CGCS2000 3-degree zone 38 (EPSG:4526)" in problem
    assert shapely.distance(instead, shapely.Point(113.36, 23.13)) < 1e-9


@pytest.mark.parametrize(
    "place",
    [
        (434_000, 2_559_000),
        (4e7, 1e8),
        (98_434_000, 2_559_000),
        (500, 500),
        (1e9, 1e9),
        (13_525_000, 3_662_000),
        (13_325_000, 4_400_000),
    ],
)
def test_other_metres_without_a_crs_are_not_guessed(place: tuple[float, float]) -> None:
    problem, instead = find(shapely.Point(place))
    assert problem.endswith("in metres, and the file names no CRS in metres")
    assert instead is None


def test_latitude_first_is_refused_but_understood() -> None:
    parcel = shapely.box(23.13, 113.36, 23.14, 113.38)
    problem, instead = find(parcel)
    assert problem == "has latitude and longitude swapped"
    assert shapely.equals(instead, shapely.box(113.36, 23.13, 113.38, 23.14))


def test_degrees_under_the_name_of_metres_are_refused() -> None:
    problem, instead = find(shapely.Point(113.36, 23.13), pyproj.CRS("EPSG:4547"))
    assert problem.startswith(
        "has coordinates (113.36, 23.13) in degrees, but the file names a CRS"
    )
    assert instead is None


def test_a_collection_of_one_is_that_one() -> None:
    point, square = shapely.Point(113, 23), shapely.box(113, 23, 114, 24)
    assert find(shapely.MultiPoint([point])) == ("is a MultiPoint", point)
    assert find(shapely.MultiPoint([point, (114, 23)])) == ("is a MultiPoint", None)
    assert find(shapely.MultiPoint([(0, 0)])) == ("is a MultiPoint", None)
    fault = find_fault(shapely.MultiPolygon([square]), POINTS, DEGREES)
    assert fault is not None
    assert fault.instead is None


def test_what_is_right_has_no_fault() -> None:
    assert find(shapely.Point(-70, -33)) == ("", None)
    assert find(shapely.Point(434_000, 2_559_000), pyproj.CRS("EPSG:4547")) == ("", None)


@pytest.mark.parametrize("crs", ["EPSG:4610", "EPSG:2383", "EPSG:4214"])
def test_a_datum_whose_shift_nobody_knows_is_refused(
    tmp_path: Path, write_geojson: Callable[..., Path], crs: str
) -> None:
    place = [113.36, 23.13] if crs != "EPSG:2383" else [434_000, 2_559_000]
    path = write_geojson(
        tmp_path / "a.geojson",
        ({"type": "Point", "coordinates": place}, {}),
        crs={"type": "name", "properties": {"name": crs}},
    )
    with pytest.raises(CrsError, match="whose shift from WGS84 is not known"):
        scan_layer(path, "a.geojson", kinds=POINTS)


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4547", "EPSG:32650", "EPSG:3857", "EPSG:4258"])
def test_a_datum_whose_shift_is_known_is_read(
    tmp_path: Path, write_geojson: Callable[..., Path], crs: str
) -> None:
    place = [[9.5, 47.1], [9.6, 47.1]]
    if crs in {"EPSG:4547", "EPSG:32650", "EPSG:3857"}:
        place = [[434_000, 2_559_000], [435_000, 2_559_000]]
    path = write_geojson(
        tmp_path / "a.geojson",
        ({"type": "LineString", "coordinates": place}, {}),
        crs={"type": "name", "properties": {"name": crs}},
    )
    assert scan_layer(path, "a", kinds=LINES).defects == []
