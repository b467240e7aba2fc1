"""Residents counted on a raster of people, such as WorldPop or GHS-POP, by exact parts of cells."""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely

from siteplan.crs import WGS84, find_shift_problem, make_projection, project_geometry
from siteplan.errors import CrsError, Defect, DefectList, InputError, Text, join_names
from siteplan.geometry import stand_inside
from siteplan.inputs.boundaries import Boundaries
from siteplan.inputs.gdal import OFFLINE
from siteplan.model import Metres, Shape

SUFFIXES = (".tif", ".tiff")
MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""First bytes of a TIFF and a BigTIFF, little and big end first."""
CELLS_AT_ONCE = 4_000_000
CACHE_MEGABYTES = 64
STEP_M = 250.0
"""A straight side of a boundary is bent on another projection: it is cut into steps as long before
it is projected, which leaves less than a decimetre on all projections in use."""
WHOLE = 1 - 1e-6  # of a cell, in single precision
HELD = 0.9
"""Where less of a subdistrict than this has data, that is worth a note."""
MOST_PER_KM2 = 1_000_000
"""People on a square kilometre of a subdistrict: more is a mistake. Kowloon Walled City, as dense
as any quarter ever was, had 33,000 on its 2.6 ha in 1987; no subdistrict comes near."""
M2_PER_KM2 = 1e6
EXPORT_AGAIN = Text("请重新下载", "Download it again")


@dataclass(frozen=True, slots=True, eq=False)
class RasterCount:
    """The people of one subdistrict, and where the raster has them.

    Attributes
    ----------
    code
        Of the subdistrict.
    people
        Sum over cells of their people times the part of the cell that lies in the subdistrict.
    lon, lat
        WGS84 degrees of each cell that has people: its centre, or where only a part of it lies
        inside, that part's.
    weight
        People there.
    held
        Share of the subdistrict for which the raster has data.
    cells
        Area of the subdistrict, in cells.
    """

    code: str
    people: float
    lon: Metres
    lat: Metres
    weight: Metres
    held: float
    cells: float


def count_people(path: Path, label: str, boundaries: Boundaries) -> tuple[RasterCount, ...]:
    """Count the people that a raster has in each subdistrict, in order of code.

    The boundaries are taken to the CRS of the raster and not the other way round: no cell is
    resampled. Cells without data have nobody.

    Parameters
    ----------
    path, label
        A GeoTIFF with one band, people in each cell, and its name in messages.
    boundaries
        The subdistricts.

    Raises
    ------
    InputError
        If it is no such raster, does not cover a subdistrict, has negative values there, nobody
        anywhere, or more people than any place on Earth.
    """
    defects, counts = DefectList(), []
    with _open_raster(path, label) as raster:
        crs = _check_raster(raster, label)
        cut = shapely.segmentize(boundaries.geometry, STEP_M)
        shapes = project_geometry(cut, make_projection(boundaries.crs, crs))
        if problem := find_shift_problem(crs, shapes):
            remedy = Text("请换用 WGS84 的栅格", "Take a raster in WGS84")
            raise CrsError(Defect(label, problem, remedy, field="crs"))
        width, height = raster.res
        reach = shapely.box(*raster.bounds)
        reach = shapely.box(*(reach.bounds + np.array([-width, -height, width, height])))
        to_degrees = make_projection(crs, WGS84)
        for code, name, shape in zip(boundaries.codes, boundaries.names, shapes, strict=True):
            if not (np.isfinite(shape.bounds).all() and shapely.covers(reach, shape)):
                problem = Text(f"没有覆盖街道 {code}", f"does not cover subdistrict {code}")
                remedy = Text("请取更大范围的栅格", "Take a raster of a larger area")
                defects.append(Defect(label, problem, remedy, "place", name=name))
                continue
            found = _count_in_shape(raster, shape)
            if defect := _find_defect(found.values, code, label):
                defects.append(replace(defect, name=name))
                continue
            lon, lat = to_degrees(shapely.get_x(found.points), shapely.get_y(found.points))
            kept = found.people > 0
            counts.append(
                RasterCount(
                    code=code,
                    people=math.fsum(found.people),
                    lon=lon[kept],
                    lat=lat[kept],
                    weight=found.people[kept],
                    held=found.held,
                    cells=shape.area / (width * height),
                )
            )
    defects.raise_errors()
    _check_sums(counts, boundaries, label)
    return tuple(counts)


def _check_sums(counts: list[RasterCount], boundaries: Boundaries, label: str) -> None:
    """Refuse counts that no place on Earth has.

    Raises
    ------
    InputError
        If there is nobody at all, or for each subdistrict that has too many.
    """
    remedy = Text("请核对栅格：像元值应为人数", "Look at the raster: its cells must hold people")
    if not any(one.people for one in counts):
        problem = Text("各街道内合计 0 人", "has nobody in any subdistrict")
        raise InputError(Defect(label, problem, remedy, "place"))
    defects = DefectList()
    areas_km2 = shapely.area(boundaries.geometry) / M2_PER_KM2
    for one, name, area_km2 in zip(counts, boundaries.names, areas_km2, strict=True):
        if one.people > MOST_PER_KM2 * area_km2:
            density, most = f"{one.people / area_km2:,.0f}", f"{MOST_PER_KM2:,}"
            problem = Text(
                f"街道 {one.code} 每平方公里 {density} 人，不应超过 {most} 人",
                f"has {density} people per km² in {one.code}, and {most} are too many anywhere",
            )
            defects.append(Defect(label, problem, remedy, "place", name=name))
    defects.raise_errors()


def _find_defect(values: Metres, code: str, label: str) -> Defect | None:
    """Return why the cells of a subdistrict are no counts of people; None if they are."""
    if not len(values):
        problem = Text(f"街道 {code} 内没有数据", f"has no data in subdistrict {code}")
        remedy = Text("请取更大范围的栅格", "Take a raster of a larger area")
        return Defect(label, problem, remedy, "place")
    broken = values[(values < 0) | ~np.isfinite(values)]
    if not len(broken):
        return None
    problem = Text(
        f"街道 {code} 内有像元值 {broken[0]:g}", f"has a cell of {broken[0]:g} in {code}"
    )
    remedy = Text(
        "请在栅格中注明无数据值；人数不小于 0",
        "Name the value of no data in the raster; people are 0 or more",
    )
    return Defect(label, problem, remedy, "place")


def note_holes(counts: tuple[RasterCount, ...]) -> tuple[Text, ...]:
    """Say where a raster has no data for a good part of a subdistrict."""
    return tuple(
        Text(
            f"{one.code} 有 {1 - one.held:.0%} 的面积没有数据，按无人计",
            f"{one.code} has no data for {1 - one.held:.0%} of its area, counted as nobody",
        )
        for one in counts
        if one.held < HELD
    )


def note_coarse(counts: tuple[RasterCount, ...]) -> tuple[Text, ...]:
    """Say which subdistricts are smaller than a cell: what they have is their neighbours' too."""
    small = [one.code for one in counts if one.cells < 1]
    if not small:
        return ()
    names = join_names(small)
    return (
        Text(
            f"像元比街道大，其人口按面积摊分，不能当真：{names.zh}",
            f"smaller than a cell, so their people are a share of it by area and no count:"
            f" {names.en}",
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Cells that a shape meets and that have data: their values, and the part of each inside."""

    values: Metres
    people: Metres
    points: Any
    held: float


def _count_in_shape(raster: Any, shape: Shape) -> _Cells:  # noqa: ANN401  # rasterio has no types
    from exactextract import exact_extract

    feature = {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(shape)}
    (result,) = exact_extract(
        _make_source(raster),
        [feature],
        ["coverage", "values", "center_x", "center_y"],
        max_cells_in_memory=CELLS_AT_ONCE,
    )
    found = {key: np.asarray(column, float) for key, column in result["properties"].items()}
    inside = found["coverage"] > 0
    part, values, x, y = (
        found[key][inside] for key in ("coverage", "values", "center_x", "center_y")
    )
    width, height = raster.res
    held = math.fsum(part) * width * height / shape.area
    points = np.asarray(shapely.points(x, y), dtype=object)
    cut = (part < WHOLE) & (values > 0)
    boxes = shapely.box(
        x[cut] - width / 2, y[cut] - height / 2, x[cut] + width / 2, y[cut] + height / 2
    )
    shapely.prepare(shape)
    pieces = np.asarray(shapely.intersection(boxes, shape), dtype=object)
    lost = shapely.is_empty(pieces)  # a touch, told apart by the last bit
    pieces[lost] = points[cut][lost]
    points[cut] = stand_inside(pieces)
    return _Cells(values, values * part, points, held)


def _make_source(raster: Any) -> Any:  # noqa: ANN401  # neither library has types
    """Return what exactextract reads: windows of float64, nan where there is no data.

    It loses a mask where the edges of a window miss its grid by a last bit, and knows no value of
    no data once a raster is scaled; nan it never takes for people.
    """
    from exactextract.raster import RasterioRasterSource

    class People(RasterioRasterSource):  # type: ignore[misc]  # it has no types
        def nodata_value(self) -> None:
            return None

        def read_window(self, x: int, y: int, width: int, height: int) -> Any:  # noqa: ANN401
            window = super().read_window(x, y, width, height)
            return np.ma.asarray(window, np.float64).filled(np.nan)

    return People(raster, 1, name="people")


@contextmanager
def _open_raster(path: Path, label: str) -> Iterator[Any]:
    """Open a GeoTIFF, with a GDAL that cannot reach the network and keeps to its memory."""
    try:
        import exactextract  # noqa: F401  # all or nothing: reading alone is no use
        import rasterio
        from rasterio.errors import NotGeoreferencedWarning, RasterioError
    except ImportError as error:
        problem = Text(
            f"读取栅格所需的 {error.name} 没有安装", f"needs {error.name}, which is not installed"
        )
        remedy = Text("请安装 siteplan[raster]", "Install siteplan[raster]")
        raise InputError(Defect(label, problem, remedy)) from error
    path = path.resolve()  # `a:b` must not look like an address
    try:
        with path.open("rb") as stream:
            genuine = stream.read(4) in MAGIC
        if not genuine:
            problem = Text("不是 GeoTIFF", "is not a GeoTIFF, whatever its name says")
            raise InputError(Defect(label, problem, EXPORT_AGAIN))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # told as a defect
            with (
                rasterio.Env(**OFFLINE, GDAL_CACHEMAX=CACHE_MEGABYTES),
                rasterio.open(path, driver="GTiff") as raster,
            ):
                yield raster
    except (OSError, RasterioError) as error:
        problem = Text(f"文件读不出来（{error}）", f"cannot be read ({error})")
        raise InputError(Defect(label, problem, EXPORT_AGAIN)) from error


def _check_raster(raster: Any, label: str) -> pyproj.CRS:  # noqa: ANN401  # rasterio has no types
    """Return the CRS of a raster that people can be counted on.

    Raises
    ------
    InputError
        With everything that keeps it from that.
    """
    defects = DefectList()
    turn = raster.transform
    checks = (
        (
            raster.crs is None,
            Text("没有坐标系", "says no CRS"),
            Text("请用带坐标系的 GeoTIFF", "Take a GeoTIFF with a CRS"),
        ),
        (
            turn.b != 0 or turn.d != 0 or turn.a <= 0 or turn.e >= 0,
            Text("栅格被旋转或翻转", "is rotated or upside down"),
            Text("请重采样为正北朝上", "Warp it so that north is up"),
        ),
        (
            raster.count != 1,
            Text(f"有 {raster.count} 个波段", f"has {raster.count} bands"),
            Text("请只留人口的一个波段", "Keep only the band of all people"),
        ),
        (
            raster.dtypes[0].startswith("complex"),
            Text("像元值是复数", "has complex values"),
            EXPORT_AGAIN,
        ),
    )
    defects += [Defect(label, problem, remedy) for wrong, problem, remedy in checks if wrong]
    defects.raise_errors()
    return pyproj.CRS.from_wkt(raster.crs.to_wkt())
