"""Subdistrict boundaries: codes, labels, and polygons that tile the ground."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from siteplan.crs import WGS84, choose_working_crs
from siteplan.errors import Defect, DefectList, InputError, Text, join_names
from siteplan.inputs.fields import (
    parse_code,
    parse_number,
    parse_text,
    parse_whole,
    pick,
    require_text,
)
from siteplan.inputs.headers import refuse_multiples
from siteplan.inputs.tables import require_columns
from siteplan.inputs.vector import Layer
from siteplan.model import Geometries, Shape

FIELDS = ("code", "name", "district", "population", "vintage")
SLIVER_WIDTH_M = 5.0
"""Overlaps and gaps that hold no circle of this diameter are drawing noise: half a millimetre on a
1:10,000 sheet. They are closed; a wider overlap is a contradiction and refused."""

NOTED_M2 = 0.5  # what is closed below this comes from rounding and is not worth a note


@dataclass(frozen=True, slots=True, eq=False)
class Boundaries:
    """Boundaries in order of code.

    Attributes
    ----------
    codes, names, districts, vintages
        Labels of each subdistrict.
    populations
        Residents, where the boundaries have such a column; None where a value is missing.
    geometry
        Polygons in the working CRS that do not overlap.
    crs
        The working CRS.
    notes
        What was mended.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    districts: tuple[str | None, ...]
    vintages: tuple[int | None, ...]
    populations: tuple[float | None, ...]
    geometry: Geometries
    crs: str
    notes: tuple[Text, ...]


def read_boundaries(
    layers: Sequence[Layer], columns: Mapping[str, str], crs: str | None = None
) -> Boundaries:
    """Make subdistricts of polygon layers.

    Parameters
    ----------
    layers
        One or several files of polygons.
    columns
        The files' names of `code`, `name`, `district`, `population` and `vintage`.
    crs
        Working CRS; None chooses it from the centre of all layers.

    Raises
    ------
    InputError
        With every missing or doubled code, bad population or year, and overlap wider than a sliver.
    """
    working = crs or _choose_crs(layers)
    defects = DefectList()
    rows: dict[str, tuple[Shape, Mapping[str, object]]] = {}
    for layer in layers:
        field = columns.get("code", "code")
        with defects.collect():
            require_columns(layer.columns, [field], layer.label)
            refuse_multiples([columns.get("population", "population")], layer.label)
        if field not in layer.columns:
            continue
        projected = layer.project(working)
        for geometry, properties, row in zip(projected, layer.properties, layer.rows, strict=True):
            code = parse_code(pick(properties, "code", columns))
            problem = None
            if code is None:
                problem = Text(f"没有代码（列 {field}）", f"has no code (column {field})")
            elif code in rows:
                problem = Text(f"代码 {code} 重复", f"code {code} stands twice")
            else:
                rows[code] = (geometry, properties)
            defects += _find_value_defects(properties, columns, layer.label, row)
            if problem:
                remedy = Text("每个街道给一个代码", "Give each subdistrict a code of its own")
                name = parse_text(pick(properties, "name", columns))
                defects.append(
                    Defect(layer.label, problem, remedy, feature=row, name=name, field="code")
                )
    defects.raise_errors()
    codes = sorted(rows)
    table = [rows[code][1] for code in codes]
    geometry, notes = _close_slivers(
        np.array([rows[code][0] for code in codes], dtype=object), codes, layers[0].label
    )
    return Boundaries(
        codes=tuple(codes),
        names=tuple(
            parse_text(pick(row, "name", columns)) or code
            for code, row in zip(codes, table, strict=True)
        ),
        districts=tuple(parse_text(pick(row, "district", columns)) for row in table),
        vintages=tuple(parse_whole(pick(row, "vintage", columns)) for row in table),
        populations=tuple(parse_number(pick(row, "population", columns)) for row in table),
        geometry=geometry,
        crs=working,
        notes=notes,
    )


def _choose_crs(layers: Sequence[Layer]) -> str:
    bounds = np.array([shapely.total_bounds(layer.project(WGS84)) for layer in layers])
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    return choose_working_crs((west + east) / 2, (south + north) / 2, layers[0].label)


def _find_value_defects(
    properties: Mapping[str, object], columns: Mapping[str, str], label: str, row: int
) -> list[Defect]:
    name = parse_text(pick(properties, "name", columns))
    text = Text("请填文本", "Give text")
    defects = []
    checks: tuple[tuple[str, Callable[[object], object], Text], ...] = (
        ("code", require_text, text),
        ("name", require_text, text),
        ("district", require_text, text),
        (
            "population",
            _parse_count,
            Text("请填常住人口数，不小于 0", "Give the residents, 0 or more"),
        ),
        ("vintage", parse_whole, Text("请填边界年份，如 2010", "Give its year, e.g. 2010")),
    )
    for field, parse, remedy in checks:
        value = pick(properties, field, columns)
        try:
            parse(value)
        except ValueError:
            problem = Text(f"{field} 为 {value!r}", f"{field} is {value!r}")
            defects.append(
                Defect(label, problem, remedy, "fields", feature=row, name=name, field=field)
            )
    return defects


def _parse_count(value: object) -> float | None:
    number = parse_number(value)
    if number is not None and number < 0:
        raise ValueError(value)
    return number


def _close_slivers(
    geometry: Geometries, codes: Sequence[str], label: str
) -> tuple[Geometries, tuple[Text, ...]]:
    """Close narrow overlaps between neighbours, and narrow gaps that they enclose.

    So no resident stands in two subdistricts, or in none between them.

    Raises
    ------
    InputError
        For each overlap wider than `SLIVER_WIDTH_M`, or where closing would move more than that.
    """
    tree = shapely.STRtree(geometry)
    first, second = tree.query(geometry, predicate="intersects")
    pairs = [(int(i), int(j)) for i, j in zip(first, second, strict=True) if i < j]
    defects, overlaps, overlap_m2 = [], 0, 0.0
    for i, j in sorted(pairs):
        shared = shapely.intersection(geometry[i], geometry[j])
        if shared.area == 0:
            continue
        overlaps, overlap_m2 = overlaps + 1, overlap_m2 + shared.area
        if not shapely.buffer(shared, -SLIVER_WIDTH_M / 2).is_empty:
            problem = Text(
                f"街道 {codes[i]} 与 {codes[j]} 重叠 {shared.area:.0f} 平方米",
                f"subdistricts {codes[i]} and {codes[j]} overlap by {shared.area:.0f} m²",
            )
            remedy = Text("请更正边界", "Correct the boundaries")
            defects.append(Defect(label, problem, remedy, stage="place"))
    if defects:
        raise InputError(*defects)
    if shapely.coverage_is_valid(geometry, gap_width=SLIVER_WIDTH_M):
        return geometry, ()
    closed = shapely.coverage_clean(  # type: ignore[attr-defined]  # newer than its stubs
        geometry, gap_width=SLIVER_WIDTH_M, snapping_distance=0
    )  # snapping by a centimetre gave a whole subdistrict of Tianhe to its neighbour (GEOS 3.14)
    moved = shapely.buffer(shapely.symmetric_difference(geometry, closed), -SLIVER_WIDTH_M / 2)
    lost = shapely.is_empty(closed) | ~shapely.is_empty(moved)
    if lost.any():
        names = join_names(np.array(codes)[lost])
        problem = Text(
            f"街道 {names.zh} 与相邻街道的缝隙无法闭合",
            f"the slivers between {names.en} and their neighbours cannot be closed",
        )
        remedy = Text("请更正边界", "Correct the boundaries")
        raise InputError(Defect(label, problem, remedy, stage="place"))
    gap_m2 = shapely.area(closed).sum() - shapely.area(shapely.union_all(geometry))
    if overlap_m2 + gap_m2 < NOTED_M2:
        return np.asarray(closed, dtype=object), ()
    note = Text(
        f"已闭合窄于 {SLIVER_WIDTH_M:g} 米的缝隙：重叠 {overlaps} 处共 {overlap_m2:.0f} 平方米，"
        f"空隙共 {max(gap_m2, 0):.0f} 平方米",
        f"closed slivers narrower than {SLIVER_WIDTH_M:g} m: {overlaps} overlaps of "
        f"{overlap_m2:.0f} m² in all, gaps of {max(gap_m2, 0):.0f} m²",
    )
    return np.asarray(closed, dtype=object), (note,)
