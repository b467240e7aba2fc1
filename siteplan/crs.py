"""Coordinates: the working CRS in metres, and the datums of Chinese web maps.

Everything is measured in one planar CRS: in mainland China the CGCS2000 3-degree Gauss-Krüger zone
of the case, elsewhere the UTM zone. Web maps in China shift their coordinates: GCJ-02 (高德) by
some 600 m, BD-09 (百度) by some 1.2 km. Files rarely say so.
"""

import math
import warnings
from collections.abc import Callable, Iterable
from functools import cache
from typing import Literal

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError as ProjCrsError
from pyproj.transformer import AreaOfInterest, TransformerGroup

from siteplan.errors import CrsError, Defect, Text
from siteplan.model import Flags, Geometries, Metres, Shape

Datum = Literal["wgs84", "gcj02", "bd09"]
Degrees = Metres  # the same array type; the name says the unit

GIVEN = "given"
"""Name of the reading of coordinates that a file, or the case, itself claims."""
WGS84 = "EPSG:4326"
LON_LAT = "OGC:CRS84"
FIRST_CGCS2000_ZONE = 4534  # EPSG:4534 has its central meridian at 75° E, each next one 3° on
FIRST_CENTRAL_MERIDIAN = 75
ZONES = 21
WEB_MERCATOR = {"Popular Visualisation Pseudo Mercator", "Mercator Auxiliary Sphere"}
SAME_DATUMS = ("World Geodetic System 1984", "China 2000")
LON_LIMIT, LAT_LIMIT = 180.0, 90.0
UTM_LATITUDES = (-80.0, 84.0)

CHINA_BOX = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north of where the shift of GCJ-02 is defined, in degrees."""
KRASSOVSKY_A_M = 6378245.0
KRASSOVSKY_E2 = 0.00669342162296594323
BD_LON, BD_LAT = 0.0065, 0.006
BD_PI = math.pi * 3000 / 180
INVERSE_STEP = 1e-12  # degrees, about 1e-7 m
INVERSE_ROUNDS = 50


def choose_working_crs(lon: float, lat: float, label: str = "") -> str:
    """Return the metric CRS for a case whose bounding box has its centre at a point.

    The CGCS2000 3-degree Gauss-Krüger zone (EPSG:4534 to 4554) where its area of use in the PROJ
    database holds the point; elsewhere the WGS84 UTM zone. The areas of use are boxes, so a narrow
    strip outside the border may get a CGCS2000 zone: just as accurate there.

    Parameters
    ----------
    lon, lat
        Degrees.
    label
        The file in messages.

    Raises
    ------
    CrsError
        Beyond the latitudes of UTM.

    Examples
    --------
    >>> choose_working_crs(113.36, 23.13), choose_working_crs(9.55, 47.15)
    ('EPSG:4547', 'EPSG:32632')
    """
    zone = math.floor((lon - FIRST_CENTRAL_MERIDIAN) / 3 + 0.5)
    if 0 <= zone < ZONES:
        crs = pyproj.CRS.from_epsg(FIRST_CGCS2000_ZONE + zone)
        area = crs.area_of_use
        if (
            area is not None
            and area.south <= lat <= area.north
            and area.west - 1e-9 <= lon <= area.east + 1e-9
        ):
            return f"EPSG:{FIRST_CGCS2000_ZONE + zone}"
    if not UTM_LATITUDES[0] <= lat <= UTM_LATITUDES[1]:
        problem = Text(f"纬度 {lat:g}° 超出 UTM", f"latitude {lat:g}° is beyond UTM")
        remedy = Text("请在 [case] 中写 crs", "Give crs under [case]")
        raise CrsError(Defect(label, problem, remedy, stage="place", field="crs"))
    number = min(int((lon + 180) // 6) + 1, 60)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + number}"


def check_working_crs(name: str, label: str) -> str:
    """Return a CRS given by the user if lengths can be measured in it.

    Raises
    ------
    CrsError
        If it is unknown, not planar in metres, or the web's Mercator, whose metres are 8 to 9 % too
        long at Guangzhou.
    """
    remedy = Text("请用米制投影，如 EPSG:4547", "Give a projection in metres, e.g. EPSG:4547")
    try:
        crs = pyproj.CRS.from_user_input(name)
    except ProjCrsError as error:
        problem = Text(f"crs 无法识别：{name}", f"crs is unknown: {name}")
        raise CrsError(Defect(label, problem, remedy, stage="fields", field="crs")) from error
    metres = crs.is_projected and all(axis.unit_name == "metre" for axis in crs.axis_info)
    method = crs.coordinate_operation and crs.coordinate_operation.method_name
    if not metres or method in WEB_MERCATOR:
        problem = Text(f"crs {name} 不能量距离", f"crs {name} does not measure in true metres")
        raise CrsError(Defect(label, problem, remedy, stage="fields", field="crs"))
    return crs.to_string()


THREE_DEGREES, SIX_DEGREES = range(25, 46), range(16, 24)
"""Zone numbers of China's 3-degree and 6-degree Gauss-Krüger grids: no number is in both. The
6-degree zones 13 to 15 begin with the same numbers as metres of the web's Mercator in China."""
FIRST_3_DEGREE_PREFIXED, FIRST_6_DEGREE_PREFIXED = 4513, 4494  # EPSG codes of the zones 25 and 16
PREFIX = 1_000_000  # metres: eastings with a zone number in front begin there
EASTINGS = {3: (300_000, 700_000), 6: (100_000, 900_000)}
NORTHINGS = (300_000, 6_000_000)
"""Metres that points of mainland China have: within a zone, and from the equator."""


def recognise_zone(x: float, y: float) -> tuple[str, bool] | None:
    """Tell the CGCS2000 zone of metres by their size, and whether the northing stands first.

    Only eastings that begin with the number of their zone tell it, and not where the same numbers
    are metres of the web's Mercator in China: those of the 6-degree zones 13 to 15.

    Examples
    --------
    >>> recognise_zone(38_434_000, 2_559_000), recognise_zone(2_559_000, 38_434_000)
    (('EPSG:4526', False), ('EPSG:4526', True))
    >>> recognise_zone(434_000, 2_559_000) is None
    True
    """
    for east, north, swapped in ((x, y, False), (y, x, True)):
        zone, easting = divmod(east, PREFIX)
        if not NORTHINGS[0] <= north <= NORTHINGS[1]:
            continue
        if zone in THREE_DEGREES and EASTINGS[3][0] <= easting <= EASTINGS[3][1]:
            return f"EPSG:{FIRST_3_DEGREE_PREFIXED + int(zone) - THREE_DEGREES[0]}", swapped
        if zone in SIX_DEGREES and EASTINGS[6][0] <= easting <= EASTINGS[6][1]:
            return f"EPSG:{FIRST_6_DEGREE_PREFIXED + int(zone) - SIX_DEGREES[0]}", swapped
    return None


def name_zone(crs: str) -> Text:
    """Return what a CGCS2000 zone with its number in front is called.

    Examples
    --------
    >>> name_zone("EPSG:4526").en
    'CGCS2000 3-degree zone 38'
    """
    code = int(crs.removeprefix("EPSG:"))
    width, zone = 3, code - FIRST_3_DEGREE_PREFIXED + THREE_DEGREES[0]
    if code < FIRST_3_DEGREE_PREFIXED:
        width, zone = 6, code - FIRST_6_DEGREE_PREFIXED + SIX_DEGREES[0]
    return Text(f"CGCS2000 {width} 度带第 {zone} 带", f"CGCS2000 {width}-degree zone {zone}")


def find_shift_problem(crs: pyproj.CRS, geometries: Iterable[Shape | None]) -> Text | None:
    """Say if nobody knows how far the datum of a CRS is from WGS84 where the geometries lie.

    For Xian 1980 and Beijing 1954, say, PROJ takes both for the same without a word, up to a
    hundred metres off. CGCS2000 is WGS84 within a decimetre.
    """
    geodetic = crs.geodetic_crs
    if geodetic is None or geodetic.datum is None:
        return None
    if any(name in geodetic.datum.name for name in SAME_DATUMS):
        return None
    bounds = shapely.total_bounds(np.array(list(geometries), dtype=object))
    there = pyproj.Transformer.from_crs(crs, geodetic, always_xy=True)
    west, south, east, north = there.transform_bounds(*bounds)
    if not np.isfinite([west, south, east, north]).all():
        return None  # such places are defects of their own
    area = AreaOfInterest(west, south, east, north)
    with warnings.catch_warnings():  # of grids that would be exacter still
        warnings.simplefilter("ignore", UserWarning)
        ways = TransformerGroup(
            geodetic, WGS84, always_xy=True, allow_ballpark=False, area_of_interest=area
        )
    if ways.transformers:
        return None
    name = geodetic.datum.name
    return Text(f"{name} 与 WGS84 的差别未知", f"is in {name}, whose shift from WGS84 is not known")


@cache  # PROJ takes a tenth of a second to find its way between two CRS
def make_projection(
    source: str | pyproj.CRS, target: str | pyproj.CRS
) -> Callable[[Metres, Metres], tuple[Metres, Metres]]:
    """Return a function that takes x and y (or longitude and latitude) from one CRS to another."""
    if source == LON_LAT:  # the same degrees, from which PROJ finds its way five times as fast
        source = WGS84
    transformer = pyproj.Transformer.from_crs(source, target, always_xy=True)

    def project(x: Metres, y: Metres) -> tuple[Metres, Metres]:
        new_x, new_y = transformer.transform(x, y)
        return np.asarray(new_x, dtype=np.float64), np.asarray(new_y, dtype=np.float64)

    return project


def project_geometry(
    geometry: Geometries, project: Callable[[Metres, Metres], tuple[Metres, Metres]]
) -> Geometries:
    """Apply a projection, or any other change of coordinates, to every vertex."""

    def move(xy: Metres) -> Metres:
        return np.column_stack(project(xy[:, 0], xy[:, 1]))

    return np.asarray(shapely.transform(shapely.force_2d(geometry), move), dtype=object)


def to_wgs84(lon: Degrees, lat: Degrees, datum: Datum, label: str = "") -> tuple[Degrees, Degrees]:
    """Take coordinates of a Chinese web map back to WGS84 (CGCS2000).

    The shift has no closed inverse: it is undone by fixed-point iteration until a step is below
    1e-7 m, where the usual one-step inverse is up to 2.7 m off.

    Parameters
    ----------
    lon, lat
        Degrees in `datum`, shape (points,).
    datum
        `gcj02`, `bd09`, or `wgs84` (returned as given).
    label
        The file in messages.

    Raises
    ------
    CrsError
        Outside the box in which the shift is defined.

    Examples
    --------
    >>> import numpy as np
    >>> shifted = from_wgs84(np.array([113.264]), np.array([23.129]), "bd09")
    >>> lon, lat = to_wgs84(*shifted, "bd09")
    >>> bool(abs(lon[0] - 113.264) < 1e-11), bool(abs(lat[0] - 23.129) < 1e-11)
    (True, True)
    """
    if datum == "wgs84":
        return lon, lat
    _require_china(lon, lat, label)
    guess_lon, guess_lat = lon.copy(), lat.copy()
    for _ in range(INVERSE_ROUNDS):
        there_lon, there_lat = _shift(guess_lon, guess_lat, datum)
        step_lon, step_lat = lon - there_lon, lat - there_lat
        guess_lon, guess_lat = guess_lon + step_lon, guess_lat + step_lat
        largest = max(np.abs(step_lon).max(initial=0), np.abs(step_lat).max(initial=0))
        if largest < INVERSE_STEP:
            break
    return guess_lon, guess_lat


def from_wgs84(lon: Degrees, lat: Degrees, datum: Datum) -> tuple[Degrees, Degrees]:
    """Shift WGS84 coordinates as a Chinese web map would.

    Formula: the published reconstruction of GCJ-02 on the Krassovsky ellipsoid, and Baidu's polar
    shift on top of it for BD-09.

    Raises
    ------
    CrsError
        Outside the box in which the shift is defined.
    """
    if datum == "wgs84":
        return lon, lat
    _require_china(lon, lat, "")
    return _shift(lon, lat, datum)


def _shift(lon: Degrees, lat: Degrees, datum: Datum) -> tuple[Degrees, Degrees]:
    gcj_lon, gcj_lat = _shift_gcj02(lon, lat)
    return _shift_bd09(gcj_lon, gcj_lat) if datum == "bd09" else (gcj_lon, gcj_lat)


def _shift_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    x, y = lon - 105.0, lat - 35.0
    root, pi = np.sqrt(np.abs(x)), np.pi
    ripple = 20 * np.sin(6 * x * pi) + 20 * np.sin(2 * x * pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    waves = 20 * np.sin(y * pi) + 40 * np.sin(y / 3 * pi)
    swell = 160 * np.sin(y / 12 * pi) + 320 * np.sin(y / 30 * pi)
    north += (ripple + waves + swell) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    waves = 20 * np.sin(x * pi) + 40 * np.sin(x / 3 * pi)
    swell = 150 * np.sin(x / 12 * pi) + 300 * np.sin(x / 30 * pi)
    east += (ripple + waves + swell) * 2 / 3
    radians = np.radians(lat)
    flat = 1 - KRASSOVSKY_E2 * np.sin(radians) ** 2
    meridian_m = KRASSOVSKY_A_M * (1 - KRASSOVSKY_E2) / flat**1.5
    parallel_m = KRASSOVSKY_A_M / np.sqrt(flat) * np.cos(radians)
    return lon + np.degrees(east / parallel_m), lat + np.degrees(north / meridian_m)


def _shift_bd09(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BD_PI)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BD_PI)
    return radius * np.cos(angle) + BD_LON, radius * np.sin(angle) + BD_LAT


def is_in_china(lon: Degrees, lat: Degrees) -> Flags:
    """Whether points lie in the box in which the shift of Chinese web maps is defined."""
    west, south, east, north = CHINA_BOX
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _require_china(lon: Degrees, lat: Degrees, label: str) -> None:
    inside = is_in_china(lon, lat)
    if not inside.all():
        first = int(np.argmin(inside))
        place = f"({lon[first]:g}, {lat[first]:g})"
        problem = Text(f"{place} 不在中国范围内", f"{place} is outside China")
        remedy = Text("此处不用 GCJ-02 或 BD-09", "GCJ-02 and BD-09 are not used there")
        raise CrsError(Defect(label, problem, remedy, stage="place", field="datum"))
