"""A strict GeoJSON reader (RFC 7946): what is not exactly a feature is a defect, never a guess.

General readers drop features, turn coordinates in quotes into empty geometry, keep NaN, and take
metres for degrees, all without a word. Here each of these is named with its feature.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Never

import pyproj
import shapely
from pyproj.exceptions import CRSError as ProjCrsError

from siteplan.crs import LON_LAT
from siteplan.errors import Defect, DefectList, InputError, Text
from siteplan.inputs.fields import find_name
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
LARGEST = 1e12
"""No coordinate in any unit is as large: what is larger overflows on the way."""
SHOWN = 80  # characters of a bad value in a message
EXPORT_AGAIN = Text("请重新导出为 GeoJSON", "Export it as GeoJSON again")
DRAW_AGAIN = Text("请重新绘制该要素", "Draw this feature again")


class GeometryError(ValueError):
    """A geometry is not what RFC 7946 asks for; its only argument is the problem as a `Text`."""

    @property
    def problem(self) -> Text:
        """What is wrong."""
        problem: Text = self.args[0]
        return problem


def parse_geojson(text: str, label: str) -> tuple[list[Shape], list[dict[str, object]], pyproj.CRS]:
    """Return geometries, properties and CRS of a FeatureCollection, in the order of the file.

    Parameters
    ----------
    text
        The file.
    label
        Its name in messages.

    Raises
    ------
    InputError
        With every defect: not JSON (with line and column), not a FeatureCollection, features
        without geometry, positions that are not finite numbers, open rings, unknown CRS, ….
    """
    document = _parse_json(text, label)
    defects = DefectList()
    crs = pyproj.CRS(LON_LAT)
    with defects.collect():
        crs = _read_crs(document, label)
    features = document.get("features") if document.get("type") == "FeatureCollection" else None
    if not isinstance(features, list):
        problem = Text("不是 GeoJSON FeatureCollection", "is not a GeoJSON FeatureCollection")
        raise InputError(*defects, Defect(label, problem, EXPORT_AGAIN))
    if not features:
        problem = Text("没有任何要素", "holds no features")
        raise InputError(*defects, Defect(label, problem, EXPORT_AGAIN))
    geometries, properties = [], []
    for number, feature in enumerate(features, start=1):
        is_feature = isinstance(feature, dict) and feature.get("type") == "Feature"
        attributes = feature.get("properties") if is_feature else None
        if not is_feature or not isinstance(attributes, dict | None):
            problem = Text("不是 GeoJSON Feature", "is not a GeoJSON Feature")
            defects.append(Defect(label, problem, EXPORT_AGAIN, feature=number))
            continue
        try:
            geometries.append(_read_geometry(feature.get("geometry")))
            properties.append(attributes or {})
        except GeometryError as error:
            name = find_name(attributes or {})
            defects.append(Defect(label, error.problem, DRAW_AGAIN, feature=number, name=name))
    defects.raise_errors()
    return geometries, properties, crs


def _parse_json(text: str, label: str) -> dict[str, object]:
    def refuse(constant: str) -> Never:
        problem = Text(f"含有 {constant}，不是 JSON", f"holds {constant}, which is not JSON")
        raise InputError(Defect(label, problem, EXPORT_AGAIN))

    def take_pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
        table = dict(pairs)
        if len(table) < len(pairs):
            ((key, _),) = Counter(key for key, _ in pairs).most_common(1)
            problem = Text(
                f"键 {key} 在同一对象中出现两次", f"holds the key {key} twice in one object"
            )
            raise InputError(Defect(label, problem, EXPORT_AGAIN, field=key))
        return table

    try:
        document = json.loads(text, parse_constant=refuse, object_pairs_hook=take_pairs)
    except InputError:
        raise  # it is a ValueError too
    except json.JSONDecodeError as error:
        place = f"{error.lineno}:{error.colno}"
        problem = Text(
            f"第 {error.lineno} 行第 {error.colno} 列不是有效的 JSON",
            f"is not valid JSON at line {error.lineno}, column {error.colno}",
        )
        remedy = Text(f"请检查 {place} 附近的逗号和括号", f"Check commas and brackets near {place}")
        raise InputError(Defect(label, problem, remedy)) from error
    except (RecursionError, ValueError) as error:  # nested too deep, or a number too long
        problem = Text("JSON 结构过于复杂", "is JSON too deep or with numbers too long to read")
        raise InputError(Defect(label, problem, EXPORT_AGAIN)) from error
    if not isinstance(document, dict):
        problem = Text("不是 GeoJSON FeatureCollection", "is not a GeoJSON FeatureCollection")
        raise InputError(Defect(label, problem, EXPORT_AGAIN))
    return document


def _read_crs(document: dict[str, object], label: str) -> pyproj.CRS:
    """Read the `crs` member of GeoJSON before RFC 7946; without one the CRS is WGS84."""
    member = document.get("crs")
    if member is None:
        return pyproj.CRS(LON_LAT)
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    try:
        return pyproj.CRS.from_user_input(name)
    except ProjCrsError as error:
        problem = Text(f"crs 无法识别：{name!r}", f"crs is unknown: {name!r}")
        remedy = Text("请导出为 WGS84 经纬度", "Export in WGS84 longitude and latitude")
        raise InputError(Defect(label, problem, remedy, field="crs")) from error


def _read_geometry(value: object) -> Shape:
    if value is None:
        raise GeometryError(Text("没有几何图形", "has no geometry"))
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(kind, str) or kind not in DEPTH:
        problem = Text(f"几何类型 {kind!r} 不能使用", f"geometry type {kind!r} cannot be used")
        raise GeometryError(problem)
    coordinates: Any = value.get("coordinates")  # lists of lists, as deep as the walk finds
    for depth, part in _walk(coordinates, DEPTH[kind]):
        _check_part(kind, depth, part)
    match kind:
        case "Point":
            return shapely.Point(coordinates[:2])
        case "MultiPoint":
            return shapely.MultiPoint([position[:2] for position in coordinates])
        case "LineString":
            return shapely.LineString(_flat(coordinates))
        case "MultiLineString":
            return shapely.MultiLineString([_flat(line) for line in coordinates])
        case "Polygon":
            return _make_polygon(coordinates)
        case _:
            return shapely.MultiPolygon([_make_polygon(rings) for rings in coordinates])


def _walk(value: object, depth: int) -> Iterator[tuple[int, Sequence[object]]]:
    """Yield every list of coordinates with how many lists it holds, positions last (depth 0)."""
    if not isinstance(value, list):
        shown = repr(value)[:SHOWN]
        raise GeometryError(Text(f"坐标 {shown} 无效", f"coordinates {shown} are not a list"))
    yield depth, value
    if depth:
        for item in value:
            yield from _walk(item, depth - 1)


def _check_part(kind: str, depth: int, part: Sequence[object]) -> None:
    if depth == 0:
        numbers = [n for n in part if isinstance(n, int | float) and not isinstance(n, bool)]
        usable = len(numbers) == len(part) and all(abs(n) < LARGEST for n in numbers)
        if not usable or len(part) < LINE_LENGTH:
            shown = json.dumps(part, ensure_ascii=False)[:SHOWN]
            problem = Text(f"坐标 {shown} 不是两个数", f"position {shown} is not two numbers")
            raise GeometryError(problem)
    elif not part:
        raise GeometryError(Text("几何图形是空的", "has an empty geometry"))
    elif depth == 1 and kind in {"Polygon", "MultiPolygon"}:
        if len(part) < RING_LENGTH or part[0] != part[-1]:
            raise GeometryError(Text("多边形边界没有闭合", "has a ring that is not closed"))
    elif depth == 1 and kind in {"LineString", "MultiLineString"} and len(part) < LINE_LENGTH:
        raise GeometryError(Text("线少于两个点", "has a line of fewer than two positions"))


def _make_polygon(rings: Sequence[Sequence[Sequence[float]]]) -> shapely.Polygon:
    return shapely.Polygon(_flat(rings[0]), [_flat(hole) for hole in rings[1:]])


def _flat(positions: Sequence[Sequence[float]]) -> list[Sequence[float]]:
    return [position[:2] for position in positions]
