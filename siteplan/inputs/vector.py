"""Vector layers of every format we take, as one record: geometry, attributes, CRS."""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyproj
import shapely

from siteplan.crs import LON_LAT, Datum, make_projection, project_geometry, to_wgs84
from siteplan.errors import CrsError, Defect, DefectList, InputError, Text, join_names
from siteplan.files import read_text
from siteplan.inputs.fields import find_name, parse_number, pick
from siteplan.inputs.geojson import parse_geojson
from siteplan.model import Geometries, Shape

GEOJSON = {".geojson", ".json"}
SHAPEFILE = ".shp"
GEOPACKAGE = ".gpkg"
FORMATS = (".geojson", ".json", GEOPACKAGE, SHAPEFILE)
HEADER_BYTES = 100
MAGIC = {
    GEOPACKAGE: re.compile(rb"SQLite format 3\0.{52}GP", re.DOTALL),
    SHAPEFILE: re.compile(rb"\x00\x00\x27\x0a"),
}
"""First bytes of the formats that GDAL reads for us. GDAL chooses its driver by content: a file
named .gpkg that holds something else must not reach it."""

POINTS = frozenset({"Point"})
LINES = frozenset({"LineString", "MultiLineString"})
POLYGONS = frozenset({"Polygon", "MultiPolygon"})

LON_LIMIT, LAT_LIMIT = 180.0, 90.0
POSITION = {"lon": "经度", "lat": "纬度"}
"""Columns of a CSV of points, and their Chinese names."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Features of one file.

    Attributes
    ----------
    label
        The file's name in messages.
    geometry
        In `crs`, shape (features,).
    properties
        Attributes by the names the file gives them.
    rows
        Number of each feature as the user counts: from 1; in a table, the row of the sheet.
    crs
        Of the geometry.
    given
        The geometry before any conversion of the datum.
    """

    label: str
    geometry: Geometries
    properties: list[dict[str, object]]
    rows: list[int]
    crs: pyproj.CRS
    given: Geometries

    @property
    def columns(self) -> list[str]:
        """Names of all attributes that any feature has."""
        return sorted({key for properties in self.properties for key in properties})

    def project(self, crs: str) -> Geometries:
        """Return the geometry in another CRS.

        Raises
        ------
        CrsError
            Naming every feature that has no place in it.
        """
        projected = project_geometry(self.geometry, make_projection(self.crs, crs))
        lost = ~np.isfinite(shapely.bounds(projected)).all(axis=1)
        problem = Text(f"无法投影到 {crs}", f"has no place in {crs}")
        remedy = Text("请检查坐标和坐标系", "Check its coordinates and the CRS")
        if lost.any():
            rows = np.array(self.rows)[lost]
            raise CrsError(
                *(Defect(self.label, problem, remedy, "place", feature=int(row)) for row in rows)
            )
        return projected


def read_layer(
    path: Path,
    label: str,
    *,
    kinds: Collection[str],
    datum: Datum = "wgs84",
    columns: Mapping[str, str] | None = None,
) -> Layer:
    """Read GeoJSON, GeoPackage, Shapefile, or a CSV of points with longitude and latitude.

    Parameters
    ----------
    path
        The file.
    label
        Its name in messages.
    kinds
        Geometry types that can be used.
    datum
        What its longitudes and latitudes really are; converted to WGS84.
    columns
        Names of the columns `lon` and `lat` of a CSV, where they differ.

    Raises
    ------
    InputError
        With every defect of the file.
    """
    suffix = path.suffix.lower()
    if suffix in GEOJSON:
        text = read_text(path, label, utf8_only=True)
        geometries, properties, crs = parse_geojson(text, label)
        rows = list(range(1, len(geometries) + 1))
    elif suffix in MAGIC:
        geometries, properties, crs = _read_with_gdal(path, label)
        rows = list(range(1, len(geometries) + 1))
    elif suffix == ".csv" and "Point" in kinds:
        geometries, properties, rows = _read_points(path, label, columns or {})
        crs = pyproj.CRS(LON_LAT)
    else:
        listed = ", ".join((*FORMATS, ".csv") if "Point" in kinds else FORMATS)
        problem = Text(f"不能读取 {suffix} 文件", f"{suffix or 'this'} is not a format read here")
        remedy = Text(f"请另存为 {listed}", f"Save it as one of {listed}")
        raise InputError(Defect(label, problem, remedy))
    if not (crs.is_geographic or crs.is_projected):
        problem = Text(f"crs 不是地图坐标系：{crs.name}", f"crs is not one of maps: {crs.name}")
        remedy = Text("请导出为 WGS84 经纬度", "Export in WGS84 longitude and latitude")
        raise CrsError(Defect(label, problem, remedy, field="crs"))
    given = np.array(geometries, dtype=object)
    layer = Layer(label, given, properties, rows, crs, given)
    defects = list(_find_geometry_defects(layer, kinds))
    if defects:
        raise InputError(*defects)
    return _undo_datum(layer, datum)


def read_table(path: Path, label: str) -> list[tuple[int, dict[str, object]]]:
    """Read a CSV with a header: (row of the sheet, values by column), blank rows left out.

    A row that is shorter than the header has blanks at its end.

    Raises
    ------
    InputError
        If it has no rows, no header, a column twice, or a row with more cells than the header.
    """
    reader = csv.reader(io.StringIO(read_text(path, label), newline=""), strict=True)
    defects = DefectList()
    try:
        sheet = [(row, [*map(str.strip, cells)]) for row, cells in enumerate(reader, start=1)]
    except csv.Error as error:
        line = reader.line_num
        problem = Text(
            f"第 {line} 行不是有效的 CSV（{error}）", f"is not a valid CSV at line {line} ({error})"
        )
        remedy = Text("请检查引号，或重新导出", "Check the quotes, or export it again")
        raise InputError(Defect(label, problem, remedy)) from error
    (_, header), *lines = [line for line in sheet if any(line[1])] or [(1, [])]
    doubled = sorted({name for name in header if name and header.count(name) > 1})
    for name in doubled:
        problem = Text(f"列 {name} 出现两次", f"column {name} stands twice")
        remedy = Text("请删去一列", "Remove one of them")
        defects.append(Defect(label, problem, remedy, field=name))
    rows: list[tuple[int, dict[str, object]]] = []
    for number, cells in lines:
        if any(cells[len(header) :]):
            problem = Text(
                f"有 {len(cells)} 格，表头只有 {len(header)} 格",
                f"has {len(cells)} cells, the header {len(header)}",
            )
            remedy = Text("请检查多余的逗号", "Look for a comma too many")
            defects.append(Defect(label, problem, remedy, feature=number))
        blanks = [""] * (len(header) - len(cells))
        rows.append((number, dict(zip(header, [*cells, *blanks], strict=False))))
    if not rows:
        problem = Text("表中没有数据行", "the table has no rows")
        defects.append(Defect(label, problem, Text("请重新导出", "Export it again")))
    defects.raise_errors()
    return rows


def require_columns(given: Sequence[str], wanted: Collection[str], label: str) -> None:
    """Refuse a file that lacks a column, naming those it has.

    Raises
    ------
    InputError
        For each column that is not there.
    """
    held = join_names(given, most=12)
    remedy = Text(
        f"现有的列：{held.zh}；可在 siteplan.toml 的 [columns] 中对应",
        f"It has {held.en}; say under [columns] in siteplan.toml which one is meant",
    )
    missing = [name for name in wanted if name not in given]
    if missing:
        raise InputError(
            *(
                Defect(label, Text(f"没有列 {n}", f"has no column {n}"), remedy, "fields", field=n)
                for n in missing
            )
        )


def _read_points(
    path: Path, label: str, columns: Mapping[str, str]
) -> tuple[list[Shape], list[dict[str, object]], list[int]]:
    table = read_table(path, label)
    header = table[0][1]
    chinese = {ours: theirs for ours, theirs in POSITION.items() if theirs in header}
    names = {**chinese, **columns}
    require_columns(list(table[0][1]), [names.get(field, field) for field in POSITION], label)
    defects = DefectList()
    points: list[Shape] = []
    for row, values in table:
        position = []
        for field in POSITION:
            value = pick(values, field, names)
            try:
                position.append(parse_number(value))
            except ValueError:
                position.append(None)
            if position[-1] is None:
                problem = Text(f"{field} 为 {value!r}", f"{field} is {value!r}")
                remedy = Text("请以度填写 WGS84 经纬度", "Give WGS84 degrees")
                name = find_name(values)
                defects.append(Defect(label, problem, remedy, feature=row, name=name, field=field))
        points.append(shapely.Point([value or 0.0 for value in position]))
    defects.raise_errors()
    return points, [values for _, values in table], [row for row, _ in table]


def _read_with_gdal(
    path: Path, label: str
) -> tuple[list[Shape], list[dict[str, object]], pyproj.CRS]:
    import geopandas as gpd
    import pyogrio

    suffix = path.suffix.lower()
    layers: list[str] = []
    frame = None
    try:
        with path.open("rb") as stream:
            genuine = MAGIC[suffix].match(stream.read(HEADER_BYTES))
        if genuine is None:
            problem = Text(f"不是 {suffix} 文件", f"is not a {suffix} file, whatever its name says")
            raise InputError(Defect(label, problem, Text("请重新导出", "Export it again")))
        layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind]
        if len(layers) == 1:
            frame = gpd.read_file(path, layer=layers[0], engine="pyogrio", on_invalid="ignore")
    except (OSError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        problem = Text(f"文件读不出来（{error}）", f"cannot be read ({error})")
        raise InputError(Defect(label, problem, Text("请重新导出", "Export it again"))) from error
    if frame is None:
        held = ", ".join(layers) or "—"
        problem = Text(f"应只有一个图层，现有：{held}", f"must hold one layer, holds: {held}")
        remedy = Text("请把一个图层单独导出", "Export one layer by itself")
        raise InputError(Defect(label, problem, remedy))
    if frame.empty:
        problem = Text("没有任何要素", "holds no features")
        raise InputError(Defect(label, problem, Text("请重新导出", "Export it again")))
    crs = pyproj.CRS(LON_LAT) if frame.crs is None else pyproj.CRS(frame.crs)
    table = frame.drop(columns=frame.geometry.name).astype(object)
    attributes = table.where(table.notna(), None).to_dict("records")
    return list(frame.geometry.to_numpy()), attributes, crs


def _find_geometry_defects(layer: Layer, kinds: Collection[str]) -> Iterator[Defect]:
    """Yield what is wrong with geometries: none, the wrong type, crossing itself, off the globe."""
    bounds = shapely.bounds(layer.geometry)
    valid = shapely.is_valid(layer.geometry)
    for index, geometry in enumerate(layer.geometry):
        row, name = layer.rows[index], find_name(layer.properties[index])
        problem, remedy = None, Text("请重新绘制该要素", "Draw this feature again")
        if geometry is None or geometry.is_empty:
            problem = Text("没有几何图形", "has no geometry")
        elif geometry.geom_type not in kinds:
            wanted = " / ".join(sorted(kinds))
            problem = Text(f"几何类型为 {geometry.geom_type}", f"is a {geometry.geom_type}")
            remedy = Text(f"这里要 {wanted}", f"Give {wanted} here")
        elif not valid[index]:
            reason = shapely.is_valid_reason(geometry)
            problem = Text(f"图形无效（{reason}）", f"is not a valid shape ({reason})")
        elif layer.crs.is_geographic:
            problem, remedy = _find_range_problem(bounds[index], remedy)
        if problem is not None:
            yield Defect(layer.label, problem, remedy, feature=row, name=name)


def _find_range_problem(
    bounds: tuple[float, float, float, float], remedy: Text
) -> tuple[Text | None, Text]:
    west, south, east, north = bounds
    lon, lat = max(abs(west), abs(east)), max(abs(south), abs(north))
    if not any(bounds):
        problem = Text("位于 (0, 0)，不是真实位置", "stands at (0, 0), which is no place")
        return problem, Text("请补上坐标", "Give its coordinates")
    if lon <= LON_LIMIT and lat <= LAT_LIMIT:
        return None, remedy
    if lat <= LON_LIMIT and lon <= LAT_LIMIT:
        problem = Text("经度和纬度颠倒了", "has latitude and longitude swapped")
        return problem, Text("请把经度写在前面", "Write the longitude first")
    problem = Text(
        f"坐标 ({west:.0f}, {south:.0f}) 不是经纬度，文件又没有写米制坐标系",
        f"has coordinates ({west:.0f}, {south:.0f}) in metres, and the file names no CRS in metres",
    )
    return problem, Text("请导出为 WGS84，或附上坐标系", "Export in WGS84, or with its CRS")


def _undo_datum(layer: Layer, datum: Datum) -> Layer:
    """Return the layer in WGS84 where its degrees are those of a Chinese web map."""
    if datum == "wgs84":
        return layer
    if not layer.crs.is_geographic:
        problem = Text(
            f"datum 写了 {datum}，但坐标是米", f"datum says {datum}, but it is in metres"
        )
        remedy = Text("请删去 [datum] 中的这一项", "Take the entry out of [datum]")
        raise CrsError(Defect(layer.label, problem, remedy, field="datum"))
    moved = project_geometry(
        layer.geometry, lambda lon, lat: to_wgs84(lon, lat, datum, layer.label)
    )
    return Layer(layer.label, moved, layer.properties, layer.rows, layer.crs, layer.given)
