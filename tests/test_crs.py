"""The working CRS, and the shifted coordinates of Chinese web maps."""

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteplan.crs import (
    CHINA_BOX,
    LON_LAT,
    WGS84,
    Datum,
    check_working_crs,
    choose_working_crs,
    from_wgs84,
    make_projection,
    project_geometry,
    to_wgs84,
)
from siteplan.errors import CrsError

GEOD = pyproj.Geod(ellps="WGS84")
IN_CHINA = st.tuples(st.floats(74.0, 134.0), st.floats(4.0, 53.0))
SHIFTED = ("gcj02", "bd09")


def shift(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    there = from_wgs84(np.array([lon]), np.array([lat]), datum)
    return float(there[0][0]), float(there[1][0])


@pytest.mark.parametrize(
    ("place", "lon", "lat", "crs"),
    [
        ("Guangzhou", 113.36, 23.13, "EPSG:4547"),
        ("Shenzhen", 114.06, 22.54, "EPSG:4547"),
        ("Beijing", 116.4, 39.9, "EPSG:4548"),
        ("Kashgar, the westernmost zone but one", 75.99, 39.47, "EPSG:4534"),
        ("Fuyuan, the easternmost zone", 134.3, 48.36, "EPSG:4554"),
        ("Liechtenstein", 9.55, 47.15, "EPSG:32632"),
        ("Porto Alegre", -51.2, -30.03, "EPSG:32722"),
        ("Hanoi", 105.85, 21.03, "EPSG:32648"),
        ("Fiji, beyond the last zone", 180.0, -17.0, "EPSG:32760"),
    ],
)
def test_a_place_is_measured_in_its_own_zone(place: str, lon: float, lat: float, crs: str) -> None:
    if place == "Hanoi":  # inside the box of the Chinese zone at 105° E, outside China
        assert choose_working_crs(lon, lat) not in {f"EPSG:{n}" for n in range(4534, 4555)}
    assert choose_working_crs(lon, lat) == crs


@given(st.floats(98.0, 117.0), st.floats(27.0, 37.0))
def test_inland_china_has_the_zone_with_the_nearest_meridian(lon: float, lat: float) -> None:
    crs = pyproj.CRS(choose_working_crs(lon, lat))
    assert crs.name.startswith("CGCS2000 / 3-degree Gauss-Kruger CM")
    meridian = next(
        p["value"] for p in crs.to_json_dict()["conversion"]["parameters"] if "origin" in p["name"]
        and "Longitude" in p["name"]
    )  # fmt: skip
    assert abs(lon - meridian) <= 1.5


def test_the_poles_have_no_zone_and_the_file_is_named() -> None:
    with pytest.raises(CrsError, match=r"^a\.geojson: latitude 89° is beyond UTM\. Give crs"):
        choose_working_crs(0, 89, "a.geojson")


@pytest.mark.parametrize("crs", ["EPSG:4547", "EPSG:32649", "EPSG:2056", "epsg:4547"])
def test_a_projection_in_metres_is_taken(crs: str) -> None:
    assert check_working_crs(crs, "siteplan.toml") == crs.upper()


@pytest.mark.parametrize(
    ("crs", "reason"),
    [
        ("EPSG:3857", "does not measure"),
        ("ESRI:102100", "does not measure"),
        ("EPSG:4326", "does not measure"),
        ("EPSG:2272", "does not measure"),
        ("EPSG:4978", "does not measure"),
        ("EPSG:99999", "is unknown"),
        ("Guangzhou", "is unknown"),
    ],
)
def test_what_does_not_measure_in_metres_is_refused(crs: str, reason: str) -> None:
    with pytest.raises(CrsError, match=rf"^siteplan\.toml: crs .*{reason}") as refusal:
        check_working_crs(crs, "siteplan.toml")
    assert refusal.value.defects[0].field == "crs"
    assert "EPSG:4547" in refusal.value.defects[0].remedy.en


@pytest.mark.parametrize(
    ("datum", "place", "expected"),
    [  # tests of github.com/googollee/eviltransform and github.com/wandergis/coordtransform
        ("gcj02", (121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ("gcj02", (113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ("gcj02", (116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
        ("gcj02", (116.404, 39.915), (116.41024449916938, 39.91640428150164)),
        ("bd09", (116.404, 39.915), (116.41662724378733, 39.922699552216216)),
    ],
)
def test_published_pairs_are_met(
    datum: Datum, place: tuple[float, float], expected: tuple[float, float]
) -> None:
    assert shift(*place, datum) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("datum", "low_m", "high_m"), [("gcj02", 590, 634), ("bd09", 1150, 1350)])
def test_the_shift_around_guangzhou_has_the_measured_size(
    datum: Datum, low_m: float, high_m: float
) -> None:
    lon, lat = (
        a.ravel() for a in np.meshgrid(np.linspace(113.1, 113.6, 30), np.linspace(22.9, 23.4, 30))
    )
    _, _, moved_m = GEOD.inv(lon, lat, *from_wgs84(lon, lat, datum))
    assert low_m <= moved_m.min() <= moved_m.max() <= high_m


@pytest.mark.parametrize("datum", SHIFTED)
@given(place=IN_CHINA)
def test_there_and_back_is_the_same_place_to_a_micrometre(
    datum: Datum, place: tuple[float, float]
) -> None:
    lon, lat = np.array([place[0]]), np.array([place[1]])
    _, _, off_m = GEOD.inv(lon, lat, *to_wgs84(*from_wgs84(lon, lat, datum), datum))
    assert off_m[0] < 1e-6


@given(place=IN_CHINA)
def test_many_places_are_moved_as_each_by_itself(place: tuple[float, float]) -> None:
    lon, lat = np.array([place[0], 113.3]), np.array([place[1], 23.1])
    together = np.array(to_wgs84(lon, lat, "bd09"))
    alone = np.array([to_wgs84(lon[i : i + 1], lat[i : i + 1], "bd09") for i in (0, 1)])[:, :, 0].T
    assert together == pytest.approx(alone, abs=1e-10)


def test_wgs84_stays_where_it_is_anywhere_on_earth() -> None:
    lon, lat = np.array([-51.2]), np.array([-30.0])
    assert to_wgs84(lon, lat, "wgs84")[0] is lon
    assert from_wgs84(lon, lat, "wgs84")[1] is lat


@pytest.mark.parametrize("datum", SHIFTED)
@pytest.mark.parametrize("place", [(9.5, 47.1), (113.0, -23.0), (CHINA_BOX[2] + 0.01, 30.0)])
def test_outside_china_there_is_no_shift_to_undo(datum: Datum, place: tuple[float, float]) -> None:
    lon, lat = np.array([113.3, place[0]]), np.array([23.1, place[1]])
    with pytest.raises(CrsError, match=rf"^roads: \({place[0]:g}, {place[1]:g}\) is outside China"):
        to_wgs84(lon, lat, datum, "roads")
    with pytest.raises(CrsError, match="is outside China"):
        from_wgs84(lon, lat, datum)


def test_nothing_is_moved_without_complaint() -> None:
    lon, lat = to_wgs84(np.empty(0), np.empty(0), "gcj02")
    assert len(lon) == len(lat) == 0


def test_longitude_comes_first_whatever_the_crs_says() -> None:
    x, y = make_projection(WGS84, "EPSG:4547")(np.array([114.0]), np.array([23.0]))
    assert x[0] == pytest.approx(500_000, abs=1e-3)  # on the central meridian
    assert 2_540_000 < y[0] < 2_550_000


def test_every_vertex_is_projected_and_heights_are_dropped() -> None:
    line = shapely.LineString([(114, 23, 5), (114, 23.01, 6), (114.01, 23.01, 7)])
    (moved,) = project_geometry(np.array([line]), make_projection(WGS84, "EPSG:4547"))
    assert not moved.has_z
    assert len(moved.coords) == 3
    # 0.01° of latitude at 23° N are 1,107.5 m, of longitude 1,025 m
    assert moved.length == pytest.approx(1107.5 + 1025.0, abs=1.0)


def test_longitude_and_latitude_by_either_name_are_the_same_degrees() -> None:
    lon, lat = np.array([113.3, 113.9]), np.array([23.1, 22.5])
    named, numbered = (make_projection(name, "EPSG:4547") for name in (LON_LAT, WGS84))
    expected = pyproj.Transformer.from_crs(LON_LAT, "EPSG:4547", always_xy=True).transform(lon, lat)
    for project in (named, numbered, make_projection(pyproj.CRS(LON_LAT), "EPSG:4547")):
        assert np.array_equal(project(lon, lat), expected)
