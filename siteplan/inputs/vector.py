"""Vector layers of every format we take, as one record: geometry, attributes, CRS."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyproj
import shapely

from siteplan.crs import (
    WGS84,
    Datum,
    Degrees,
    find_shift_problem,
    is_in_china,
    make_projection,
    project_geometry,
    to_wgs84,
)
from siteplan.errors import TABLES, CrsError, Defect, DefectList, InputError, Text
from siteplan.files import decode_text, read_bytes
from siteplan.inputs.faults import DRAW_AGAIN, find_fault, say_place
from siteplan.inputs.features import Features
from siteplan.inputs.fields import find_name
from siteplan.inputs.gdal import MAGIC, read_with_gdal
from siteplan.inputs.geojson import parse_geojson
from siteplan.inputs.limits import Limits, check_size
from siteplan.inputs.tables import note_encoding, read_points
from siteplan.model import Geometries

GEOJSON = (".geojson", ".json")
FORMATS = (*GEOJSON, *MAGIC)
POINTS = frozenset({"Point"})
LINES = frozenset({"LineString", "MultiLineString"})
POLYGONS = frozenset({"Polygon", "MultiPolygon"})


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
    raw
        The geometry as the file has it, before anything in it was mended.
    datums
        What the degrees of each feature were taken for.
    defects
        What is wrong with the file, errors among it; a feature without a usable geometry has None.
    """

    label: str
    geometry: Geometries
    properties: list[dict[str, object]]
    rows: list[int]
    crs: pyproj.CRS
    given: Geometries
    raw: Geometries
    datums: Sequence[Datum]
    defects: DefectList = field(default_factory=DefectList)

    @property
    def notes(self) -> tuple[Text, ...]:
        """What was assumed while reading, once each."""
        texts = [defect.message for defect in self.defects if defect.severity == "note"]
        return tuple(dict.fromkeys(texts))

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
        lost &= ~shapely.is_missing(self.geometry)
        if lost.any():
            raise CrsError(*(self._say_lost(int(index), crs) for index in np.flatnonzero(lost)))
        return projected

    def leave_lost(self, crs: str) -> "Layer":
        """Return the layer with a defect in place of every geometry that has no place in a CRS."""
        try:
            self.project(crs)
        except CrsError as error:
            lost = {defect.feature for defect in error.defects}
            kept = [
                None if row in lost else one
                for row, one in zip(self.rows, self.geometry, strict=True)
            ]
            defects = DefectList([*self.defects, *error.defects])
            return replace(self, geometry=np.array(kept, dtype=object), defects=defects)
        return self

    def _say_lost(self, index: int, crs: str) -> Defect:
        problem = Text(f"无法投影到 {crs}", f"has no place in {crs}")
        remedy = Text("请检查坐标和坐标系", "Check its coordinates and the CRS")
        row, name = self.rows[index], find_name(self.properties[index])
        return Defect(self.label, problem, remedy, "place", feature=row, name=name)


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
        Names of the columns `lon`, `lat` and `datum` of a table, where they differ.

    Raises
    ------
    InputError
        With every defect of the file.
    """
    layer = scan_layer(path, label, kinds=kinds, datum=datum, columns=columns)
    layer.defects.raise_errors()
    return layer


def scan_layer(
    path: Path,
    label: str,
    *,
    kinds: Collection[str],
    datum: Datum = "wgs84",
    columns: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> Layer:
    """Read a layer as `read_layer` does, but with its defects instead of refusing it.

    Raises
    ------
    InputError
        If it holds no features to speak of, or more than the limits allow.
    """
    if limits:
        check_size(path, label, limits)
    features = _read_features(path, label, kinds, columns or {}, limits)
    crs = features.crs
    if not (crs.is_geographic or crs.is_projected):
        problem = Text(f"crs 不是地图坐标系：{crs.name}", f"crs is not one of maps: {crs.name}")
        remedy = Text("请导出为 WGS84 经纬度", "Export in WGS84 longitude and latitude")
        raise CrsError(*features.defects, Defect(label, problem, remedy, field="crs"))
    raw = np.array(features.geometries, dtype=object)
    zoned = _check_geometries(features, label, kinds)
    given = np.array(features.geometries, dtype=object)
    datums = [own or datum for own in features.datums or [None] * len(given)]
    datums = ["wgs84" if index in zoned else own for index, own in enumerate(datums)]
    layer = Layer(
        label, given, features.properties, features.rows, crs, given, raw, datums, features.defects
    )
    return _undo_datums(layer).leave_lost(WGS84)


def _read_features(
    path: Path,
    label: str,
    kinds: Collection[str],
    columns: Mapping[str, str],
    limits: Limits | None,
) -> Features:
    suffix = path.suffix.lower()
    if suffix in GEOJSON:
        text, encoding = decode_text(read_bytes(path, label), label)
        features = parse_geojson(text, label, limits)
        features.defects += note_encoding(encoding, label)
        return features
    if suffix in MAGIC:
        return read_with_gdal(path, label)
    if suffix in TABLES and "Point" in kinds:
        return read_points(path, label, columns, limits)
    listed = ", ".join((*FORMATS, *sorted(TABLES)) if "Point" in kinds else FORMATS)
    problem = Text(f"不能读取 {suffix} 文件", f"{suffix or 'this'} is not a format read here")
    remedy = Text(f"请另存为 {listed}", f"Save it as one of {listed}")
    raise InputError(Defect(label, problem, remedy))


def _check_geometries(features: Features, label: str, kinds: Collection[str]) -> set[int]:
    """Mend what can only mean one thing, and take out geometries that cannot be used.

    None, of the wrong type, crossing itself, off the globe, latitude first, metres without a CRS.
    Returns the features whose metres were recognised as those of a zone, by index.
    """
    zoned = set()
    if problem := find_shift_problem(features.crs, features.geometries):
        remedy = Text(
            "请按当地测绘部门的参数转换为 CGCS2000",
            "Convert it to CGCS2000 with the parameters of the local surveying office",
        )
        raise CrsError(*features.defects, Defect(label, problem, remedy, field="crs"))
    explained = {defect.feature for defect in features.defects.errors}
    for index, geometry in enumerate(features.geometries):
        row, name = features.rows[index], find_name(features.properties[index])
        if geometry is None:
            if row not in explained:
                problem = Text("没有几何图形", "has no geometry")
                features.defects.append(Defect(label, problem, DRAW_AGAIN, feature=row, name=name))
            continue
        fault = find_fault(geometry, kinds, features.crs)
        if fault is None:
            continue
        features.geometries[index] = fault.instead
        mended = None if fault.instead is None else say_place(fault.instead)
        features.defects.append(
            Defect(label, fault.problem, fault.remedy, feature=row, name=name, mended=mended)
        )
        if fault.zoned:
            zoned.add(index)
    return zoned


def _undo_datums(layer: Layer) -> Layer:
    """Return the layer in WGS84 where its degrees are those of a Chinese web map."""
    shifted = [index for index, datum in enumerate(layer.datums) if datum != "wgs84"]
    if not shifted:
        return layer
    if not layer.crs.is_geographic:
        datum = layer.datums[shifted[0]]
        problem = Text(
            f"datum 写了 {datum}，但坐标是米", f"datum says {datum}, but it is in metres"
        )
        remedy = Text("请删去 [datum] 中的这一项", "Take the entry out of [datum]")
        raise CrsError(Defect(layer.label, problem, remedy, field="datum"))
    moved = layer.geometry.copy()
    for index in shifted:
        geometry, datum = layer.geometry[index], layer.datums[index]
        if geometry is None:
            continue
        lon, lat = shapely.get_coordinates(geometry).T
        if not is_in_china(lon, lat).all():
            row, name = layer.rows[index], find_name(layer.properties[index])
            problem = Text(
                f"({lon[0]:g}, {lat[0]:g}) 不在中国范围内",
                f"({lon[0]:g}, {lat[0]:g}) is outside China",
            )
            remedy = Text("此处不用 GCJ-02 或 BD-09", "GCJ-02 and BD-09 are not used there")
            place = Defect(layer.label, problem, remedy, "place", feature=row, name=name)
            layer.defects.append(replace(place, field="datum"))
            moved[index] = None
    for datum in sorted({layer.datums[index] for index in shifted}):
        chosen = [i for i in shifted if layer.datums[i] == datum and moved[i] is not None]

        def undo(lon: Degrees, lat: Degrees, datum: Datum = datum) -> tuple[Degrees, Degrees]:
            return to_wgs84(lon, lat, datum, layer.label)

        if chosen:
            moved[chosen] = project_geometry(moved[chosen], undo)
    return replace(layer, geometry=moved)
