"""A strict GeoJSON reader (RFC 7946): what is not exactly a feature is a defect, never a guess.

General readers drop features, turn coordinates in quotes into empty geometry, keep NaN, and take
metres for degrees, all without a word. Here each of these is named with its feature.
"""

import json
import math
import re
from dataclasses import dataclass, field, replace
from typing import Any

import pyproj
import shapely
from pyproj.exceptions import CRSError as ProjCrsError

from siteplan.crs import LON_LAT
from siteplan.errors import Defect, DefectList, InputError, Text, shorten
from siteplan.inputs.features import Features
from siteplan.inputs.fields import find_name, mend_degrees
from siteplan.inputs.limits import Limits, say_excess
from siteplan.inputs.strict_json import Doubled, find_value_problem, parse_json, say_doubled
from siteplan.model import Shape

DEPTH = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
"""How many lists stand around the positions of each geometry type."""
RING_LENGTH = 4
LINE_LENGTH = 2
POSITION_LENGTH = 2
CRS_NAME = re.compile(r"(?:urn:ogc:def:crs:)?(EPSG|OGC):(?:[\d.]*:)?(\w+)", re.IGNORECASE)
"""What a CRS may be called. PROJ knows other ways to name one, some of which open files."""
LARGEST = 1e12
"""No coordinate in any unit is as large: what is larger overflows on the way."""
GEOJSON_LEVELS = 8  # those that a MultiPolygon needs
VALUES_A_VERTEX = 5  # of a file as a whole, its attributes among them
EXPORT_AGAIN = Text("请重新导出为 GeoJSON", "Export it as GeoJSON again")
DRAW_AGAIN = Text("请重新绘制该要素", "Draw this feature again")
REMOVE_ONE = Text("请删去一个", "Remove one of them")
GIVE_NUMBERS = Text("请填数字，不加引号", "Give numbers without quotes")

Position = tuple[float, float]


class GeometryError(ValueError):
    """A geometry is not what RFC 7946 asks for; its only argument is the problem as a `Text`."""

    @property
    def problem(self) -> Text:
        """What is wrong."""
        problem: Text = self.args[0]
        return problem


def parse_geojson(text: str, label: str, limits: Limits | None = None) -> Features:
    """Return the features of a FeatureCollection, and all that is wrong with them.

    Parameters
    ----------
    text
        The file.
    label
        Its name in messages.
    limits
        What it may hold at most; None sets no limit.

    Raises
    ------
    InputError
        If there are no features to speak of: not JSON (with line and column), not a
        FeatureCollection, more than the limits allow.
    """
    defects = DefectList()
    nesting = GEOJSON_LEVELS + (limits or Limits()).nesting
    values = VALUES_A_VERTEX * limits.vertices if limits else math.inf
    parsed = parse_json(text, label, nesting=nesting, values=values)
    document, oddities = parsed.document, parsed.oddities
    defects += parsed.commas
    if not isinstance(document, dict):
        problem = Text("不是 GeoJSON FeatureCollection", "is not a GeoJSON FeatureCollection")
        raise InputError(*defects, Defect(label, problem, EXPORT_AGAIN))
    crs = pyproj.CRS(LON_LAT)
    with defects.collect():
        crs = _read_crs(document, label)
    members = document.get("features") if document.get("type") == "FeatureCollection" else None
    if not isinstance(members, list):
        problem = Text("不是 GeoJSON FeatureCollection", "is not a GeoJSON FeatureCollection")
        raise InputError(*defects, Defect(label, problem, EXPORT_AGAIN))
    if not members:
        problem = Text("没有任何要素", "holds no features")
        odd = [Defect(label, oddity, EXPORT_AGAIN) for oddity in dict.fromkeys(oddities)]
        raise InputError(*defects, *odd, Defect(label, problem, EXPORT_AGAIN))
    if limits and len(members) > limits.features:
        raise InputError(say_excess(label, "features", len(members), limits.features))
    features = Features([], [], list(range(1, len(members) + 1)), crs, defects=defects)
    reader = _GeometryReader(label, limits)
    for number, member in enumerate(members, start=1):
        attributes = _read_attributes(member, (label, number), defects)
        features.properties.append(attributes or {})
        features.geometries.append(None)
        if isinstance(member, dict) and attributes is not None:
            found, shape = reader.read(member.get("geometry"), number, attributes)
            features.geometries[-1] = shape
            defects += found
    if oddities and not defects.errors:  # outside of what was read, and wrong all the same
        defects += [Defect(label, odd, EXPORT_AGAIN) for odd in dict.fromkeys(oddities)]
    if reader.heights:
        problem = Text(
            f"{reader.heights} 个坐标带高程", f"{reader.heights} positions have a height"
        )
        remedy = Text("高程不用，已忽略", "Heights are not used and left aside")
        defects.append(Defect(label, problem, remedy, severity="note"))
    return features


def _read_crs(document: dict[str, object], label: str) -> pyproj.CRS:
    """Read the `crs` member of GeoJSON before RFC 7946; without one the CRS is WGS84."""
    member = document.get("crs")
    if member is None:
        return pyproj.CRS(LON_LAT)
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    named = CRS_NAME.fullmatch(name) if isinstance(name, str) else None
    try:
        if named is not None:
            return pyproj.CRS.from_authority(named[1].upper(), named[2])
    except ProjCrsError:
        pass  # a number that is none
    shown = shorten(repr(name))
    problem = Text(f"crs 无法识别：{shown}", f"crs is unknown: {shown}")
    remedy = Text("请导出为 WGS84 经纬度", "Export in WGS84 longitude and latitude")
    raise InputError(Defect(label, problem, remedy, field="crs"))


def _read_attributes(
    member: object, place: tuple[str, int], defects: DefectList
) -> dict[str, object] | None:
    """Return the attributes of one feature; None if it is none. What is wrong joins the defects."""
    label, number = place
    attributes = member.get("properties") if isinstance(member, dict) else None
    if (
        not isinstance(member, dict)
        or member.get("type") != "Feature"
        or not isinstance(attributes, dict | None)
    ):
        problem = Text("不是 GeoJSON Feature", "is not a GeoJSON Feature")
        defects.append(Defect(label, problem, EXPORT_AGAIN, feature=number))
        return None
    attributes = attributes or {}
    name = find_name(attributes)
    for doubled in (member, attributes, member.get("geometry")):
        if isinstance(doubled, Doubled):
            twice = Defect(label, say_doubled(doubled), REMOVE_ONE, feature=number, name=name)
            defects.append(replace(twice, field=doubled.key))
    for key, value in attributes.items():
        unfit = find_value_problem({key: value})
        if unfit is not None:
            remedy = Text("请更正或删去该属性", "Correct the attribute, or remove it")
            defects.append(Defect(label, unfit, remedy, feature=number, name=name, field=key))
    return attributes


@dataclass(slots=True)
class _GeometryReader:
    """Reads geometries one by one, and counts what they hold."""

    label: str
    limits: Limits | None
    vertices: int = 0
    heights: int = 0
    mended: list[tuple[Text, Text, str]] = field(default_factory=list)

    def read(
        self, value: object, number: int, attributes: dict[str, object]
    ) -> tuple[list[Defect], Shape | None]:
        """Return one geometry, and what was wrong with it."""
        name = find_name(attributes)
        self.mended = []
        shape = None
        try:
            shape = self._make_shape(value)
        except GeometryError as error:
            return [Defect(self.label, error.problem, DRAW_AGAIN, feature=number, name=name)], None
        return [
            Defect(self.label, problem, remedy, feature=number, name=name, mended=mended)
            for problem, remedy, mended in self.mended
        ], shape

    def _make_shape(self, value: object) -> Shape:
        if value is None:
            raise GeometryError(Text("没有几何图形", "has no geometry"))
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(value, dict) or not isinstance(kind, str) or kind not in DEPTH:
            shown = shorten(repr(kind))
            problem = Text(f"几何类型 {shown} 不能使用", f"geometry type {shown} cannot be used")
            raise GeometryError(problem)
        coordinates: Any = self._clean(value.get("coordinates"), kind, DEPTH[kind])
        match kind:
            case "Point":
                return shapely.Point(coordinates)
            case "MultiPoint":
                return shapely.MultiPoint(coordinates)
            case "LineString":
                return shapely.LineString(coordinates)
            case "MultiLineString":
                return shapely.MultiLineString(coordinates)
            case "Polygon":
                return shapely.Polygon(coordinates[0], coordinates[1:])
            case _:
                return shapely.MultiPolygon([(rings[0], rings[1:]) for rings in coordinates])

    def _clean(self, value: object, kind: str, depth: int) -> object:
        """Return coordinates as lists of positions without heights, checked at every depth."""
        if depth == 0:
            return self._read_position(value)
        if not isinstance(value, list):
            shown = shorten(repr(value))
            raise GeometryError(Text(f"坐标 {shown} 无效", f"coordinates {shown} are not a list"))
        if not value:
            raise GeometryError(Text("几何图形是空的", "has an empty geometry"))
        parts = [self._clean(part, kind, depth - 1) for part in value]
        if depth == 1 and kind in {"Polygon", "MultiPolygon"}:
            if parts[0] != parts[-1] and len(parts) >= RING_LENGTH - 1:
                problem = Text("多边形边界没有闭合", "has a ring that is not closed")
                remedy = Text("请闭合边界", "Close it")
                self.mended.append((problem, remedy, json.dumps(parts[0])))
                parts.append(parts[0])
            if len(parts) < RING_LENGTH:
                raise GeometryError(
                    Text("多边形边界少于三个点", "has a ring of fewer than 3 points")
                )
        elif depth == 1 and kind in {"LineString", "MultiLineString"} and len(parts) < LINE_LENGTH:
            raise GeometryError(Text("线少于两个点", "has a line of fewer than two positions"))
        return parts

    def _read_position(self, value: object) -> Position:
        self.vertices += 1
        if self.limits and self.vertices > self.limits.vertices:
            excess = say_excess(self.label, "vertices", self.vertices, self.limits.vertices)
            raise InputError(excess)
        if isinstance(value, list) and len(value) >= POSITION_LENGTH:
            numbers = [
                _read_coordinate(part, "lat" if axis == 1 else "lon")
                for axis, part in enumerate(value)
            ]
            if all(number is not None for number in numbers):
                if any(isinstance(part, str) for part in value):
                    shown = _show(value)
                    problem = Text(
                        f"坐标 {shown} 是文字，不是数字", f"position {shown} is text, not numbers"
                    )
                    self.mended.append((problem, GIVE_NUMBERS, json.dumps(numbers)))
                self.heights += len(value) > POSITION_LENGTH
                x, y = numbers[:POSITION_LENGTH]
                return (x or 0.0, y or 0.0)
        shown = _show(value)
        raise GeometryError(
            Text(f"坐标 {shown} 不是两个数", f"position {shown} is not two numbers")
        )


def _show(value: object) -> str:
    return shorten(json.dumps(value, ensure_ascii=False))


def _read_coordinate(value: object, axis: str) -> float | None:
    if isinstance(value, str):
        value = mend_degrees(value, axis)
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < LARGEST:
        return None
    return float(value)
