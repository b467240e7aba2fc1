"""What is wrong with a geometry, and what it can only have meant."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely

from siteplan.crs import LAT_LIMIT, LON_LIMIT, WGS84, make_projection, name_zone, recognise_zone
from siteplan.errors import Text
from siteplan.model import Metres, Shape

DRAW_AGAIN = Text("请重新绘制该要素", "Draw this feature again")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a geometry.

    Attributes
    ----------
    problem, remedy
        For a message.
    instead
        What it can only have meant; None if that is not clear.
    zoned
        Whether metres were taken to be those of a zone; `instead` has degrees then.
    """

    problem: Text
    remedy: Text = DRAW_AGAIN
    instead: Shape | None = None
    zoned: bool = False


def find_fault(geometry: Shape, kinds: Collection[str], crs: pyproj.CRS) -> Fault | None:
    """Return what is wrong with a geometry; None if nothing is.

    Parameters
    ----------
    geometry
        In `crs`.
    kinds
        Geometry types that can be used.
    crs
        What the file says, or longitude and latitude.
    """
    if geometry.is_empty:
        return Fault(Text("没有几何图形", "has no geometry"))
    if geometry.geom_type not in kinds:
        wanted = " / ".join(sorted(kinds))
        parts = getattr(geometry, "geoms", [])
        only = parts[0] if len(parts) == 1 and parts[0].geom_type in kinds else None
        return Fault(
            Text(f"几何类型为 {geometry.geom_type}", f"is a {geometry.geom_type}"),
            Text(f"这里要 {wanted}", f"Give {wanted} here"),
            only if only is None or find_fault(only, kinds, crs) is None else None,
        )
    if not geometry.is_valid:
        reason = shapely.is_valid_reason(geometry)
        return Fault(Text(f"图形无效（{reason}）", f"is not a valid shape ({reason})"))
    return _find_place_fault(geometry, crs)


def _find_place_fault(geometry: Shape, crs: pyproj.CRS) -> Fault | None:
    """Return what is wrong with where a geometry lies, judged by its numbers alone."""
    west, south, east, north = geometry.bounds
    lon, lat = max(abs(west), abs(east)), max(abs(south), abs(north))
    if not crs.is_geographic:
        if lon > LON_LIMIT or lat > LAT_LIMIT:
            return None
        return Fault(
            Text(
                f"坐标 ({west:g}, {south:g}) 是度，文件却写着米制坐标系 {crs.name}",
                f"has coordinates ({west:g}, {south:g}) in degrees, but the file names a CRS in"
                f" metres, {crs.name}",
            ),
            Text("请更正 crs", "Correct its crs"),
        )
    if lon == lat == 0:
        return Fault(
            Text("位于 (0, 0)，不是真实位置", "stands at (0, 0), which is no place"),
            Text("请补上坐标", "Give its coordinates"),
        )
    if lon <= LON_LIMIT and lat <= LAT_LIMIT:
        return None
    if lat <= LON_LIMIT and lon <= LAT_LIMIT:
        return Fault(
            Text("经度和纬度颠倒了", "has latitude and longitude swapped"),
            Text("请把经度写在前面", "Write the longitude first"),
            shapely.transform(geometry, lambda xy: xy[:, ::-1]),
        )
    return _find_zone(geometry)


def _find_zone(geometry: Shape) -> Fault:
    """Say in which zone of CGCS2000 metres without a CRS are, if their numbers tell."""
    west, south = geometry.bounds[:2]
    there = f"({west:.0f}, {south:.0f})"
    found = recognise_zone(west, south)
    if found is None:
        return Fault(
            Text(
                f"坐标 {there} 不是经纬度，文件又没有写米制坐标系",
                f"has coordinates {there} in metres, and the file names no CRS in metres",
            ),
            Text("请导出为 WGS84，或附上坐标系", "Export in WGS84, or with its CRS"),
        )
    crs, northing_first = found
    project = make_projection(crs, WGS84)

    def move(xy: Metres) -> Metres:
        return np.column_stack(project(*(xy[:, ::-1] if northing_first else xy).T))

    zone = name_zone(crs)
    return Fault(
        Text(
            f"坐标 {there} 是米，看来属于 {zone.zh}（{crs}），文件没有写",
            f"has coordinates {there} in metres, by their size of {zone.en} ({crs}), which the"
            " file does not say",
        ),
        Text(
            "请导出为 WGS84；若是西安 80 或北京 54 坐标，须先转换",
            "Export in WGS84; if they are of Xian 1980 or Beijing 1954, convert them first",
        ),
        shapely.transform(geometry, move),
        zoned=True,
    )


def say_place(geometry: Shape) -> str:
    """Write where a geometry stands: itself if it is a point, else a point inside."""
    x, y = shapely.get_coordinates(shapely.point_on_surface(geometry))[0]
    return f"({x:.7f}, {y:.7f})"
