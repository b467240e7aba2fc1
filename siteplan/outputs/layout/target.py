"""The coordinates a layout plan is written in."""

from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError as ProjCrsError

from siteplan.crs import (
    SAME_DATUMS,
    WEB_MERCATOR,
    WGS84,
    find_shift_problem,
    make_projection,
    project_geometry,
)
from siteplan.errors import CrsError, Defect, Text, shorten
from siteplan.model import Geometries, StudyArea
from siteplan.outputs.layout.words import say_crs

OPTION = "--crs"
SLACK_DEGREES = 1e-6
"""By how much a case may pass the area of use of a CRS: 0.1 m."""
DATUM_WORDS = {
    "China 2000": Text("2000 国家大地坐标系（CGCS2000）", "China Geodetic Coordinate System 2000"),
    "World Geodetic System 1984": Text("WGS 84", "WGS 84"),
}
REMEDY = Text(
    "请给出 EPSG 代码，如 EPSG:4490、EPSG:4547、EPSG:4526",
    "Give an EPSG code, e.g. EPSG:4490, EPSG:4547, EPSG:4526",
)


@dataclass(frozen=True, slots=True)
class Target:
    """A CRS that layers are written in: east or longitude first, as in every GIS file.

    Attributes
    ----------
    crs
        As `EPSG:…` where it has a number.
    name
        What its register calls it.
    datum
        What its degrees stand on. Between CGCS2000 and WGS84 nothing is shifted: they are the same
        within a decimetre.
    geographic
        Whether its coordinates are degrees.
    """

    crs: str
    name: str
    datum: Text
    geographic: bool


def choose_target(name: str | None, area: StudyArea) -> Target:
    """Return the CRS a layout plan is asked for in; the working CRS if none is.

    Parameters
    ----------
    name
        As `EPSG:4526` or `4526`: projected or geographic.
    area
        The case. It must lie in the area of use of the CRS; the working CRS serves it anyway.

    Raises
    ------
    CrsError
        If the CRS is unknown, no plane or pair of degrees, the web's Mercator, in use elsewhere,
        or on a datum whose shift from WGS84 nobody knows there.
    """
    if name is None or name == area.crs:
        return _describe(pyproj.CRS.from_user_input(area.crs))
    code = name.strip()
    try:
        crs = pyproj.CRS.from_user_input(f"EPSG:{code}" if code.isdigit() else code)
    except ProjCrsError as error:
        shown = shorten(name)
        raise _refuse(Text(f"无法识别 {shown}", f"{shown} is unknown"), REMEDY) from error
    method = crs.coordinate_operation and crs.coordinate_operation.method_name
    if method in WEB_MERCATOR:
        problem = Text(f"{shorten(name)} 是网页地图投影", f"{shorten(name)} is the web's Mercator")
        raise _refuse(problem, REMEDY)
    plain = crs.is_projected or (crs.is_geographic and not crs.is_derived)
    if not plain or len(crs.axis_info) != 2 or crs.is_compound:  # noqa: PLR2004  # x and y
        problem = Text(
            f"{shorten(name)} 不是平面或经纬度坐标系",
            f"{shorten(name)} is neither projected nor geographic in two dimensions",
        )
        raise _refuse(problem, REMEDY)
    if crs.equals(pyproj.CRS.from_user_input(area.crs)):
        return _describe(crs)
    _check_use(crs, area)
    shapes = project_geometry(area.geometry, make_projection(area.crs, crs))
    if not np.isfinite(shapely.total_bounds(shapes)).all():
        problem = Text(f"案例超出 {crs.name}", f"the case is beyond {crs.name}")
        raise _refuse(problem, REMEDY)
    problem_of_datum = find_shift_problem(crs, shapes)
    if problem_of_datum is not None:
        raise _refuse(problem_of_datum, REMEDY)
    return _describe(crs)


def say_targets(name: str | None, area: StudyArea) -> Text:
    """Return in which CRS maps are drawn and, where it is another one, layers are written.

    Parameters
    ----------
    name, area
        As of `choose_target`.

    Raises
    ------
    CrsError
        As `choose_target`.
    """
    drawn, asked = choose_target(None, area), choose_target(name, area)
    said = say_crs(drawn.crs, drawn.name)
    if asked.crs == drawn.crs:
        return said
    layers = say_crs(asked.crs, asked.name)
    datum = Text(f"，{asked.datum.zh}", f", {asked.datum.en}")
    if asked.datum == drawn.datum:
        datum = Text("", "")
    return Text(
        f"图面：{said.zh}；图层：{layers.zh}{datum.zh}",
        f"maps: {said.en}; layers: {layers.en}{datum.en}",
    )


def project_shapes(shapes: Geometries, area: StudyArea, target: Target) -> Geometries:
    """Take shapes of the working CRS to the target; a missing one stays missing."""
    flat: Geometries = np.asarray(shapely.force_2d(shapes), dtype=object)
    if target.crs == area.crs or not len(flat):
        return flat
    there = ~shapely.is_missing(flat)
    flat[there] = project_geometry(flat[there], make_projection(area.crs, target.crs))
    return flat


def _check_use(crs: pyproj.CRS, area: StudyArea) -> None:
    """Refuse a CRS that is not meant for where the case lies."""
    used = crs.area_of_use
    if used is None:
        problem = Text(f"{crs.name} 没有适用范围", f"{crs.name} has no area of use")
        raise _refuse(problem, REMEDY)
    degrees = project_geometry(area.geometry, make_projection(area.crs, WGS84))
    west, south, east, north = shapely.total_bounds(degrees).tolist()
    inside = (
        used.west - SLACK_DEGREES <= west
        and used.south - SLACK_DEGREES <= south
        and east <= used.east + SLACK_DEGREES
        and north <= used.north + SLACK_DEGREES
    )
    if not inside and used.west <= used.east:
        place = f"{west:.2f}–{east:.2f}°, {south:.2f}–{north:.2f}°"
        ground = f"{used.west:g}–{used.east:g}°, {used.south:g}–{used.north:g}°"
        problem = Text(
            f"{crs.name} 适用于 {ground}，案例在 {place}",
            f"{crs.name} is for {ground}, the case is at {place}",
        )
        raise _refuse(problem, REMEDY)


def _describe(crs: pyproj.CRS) -> Target:
    geodetic = crs.geodetic_crs
    datum = geodetic.datum.name if geodetic is not None and geodetic.datum is not None else ""
    same = next((name for name in SAME_DATUMS if name in datum), datum)
    authority = crs.to_authority(auth_name="EPSG", min_confidence=100)
    return Target(
        crs=f"EPSG:{authority[1]}" if authority else crs.to_string(),
        name=crs.name,
        datum=DATUM_WORDS.get(same, Text(datum, datum)),
        geographic=crs.is_geographic,
    )


def _refuse(problem: Text, remedy: Text) -> CrsError:
    return CrsError(Defect(OPTION, problem, remedy, stage="fields", field="crs"))
