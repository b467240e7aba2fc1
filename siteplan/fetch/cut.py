"""A place cut out of an OpenStreetMap extract: its subdistricts, and what siteplan reads there."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from siteplan.crs import WGS84
from siteplan.errors import Defect, InputError, Text
from siteplan.fetch.administration import (
    DISTRICT_LEVEL,
    Boundary,
    choose_level,
    draw_outlines,
    find_districts,
    find_place,
    grow,
    is_chinese,
    list_boundaries,
    refuse_open,
    sort_levels,
)
from siteplan.fetch.choosing import MARGIN_M, Chosen, choose_objects
from siteplan.fetch.passes import Extract, open_extract
from siteplan.files import clean_text, defuse_cell
from siteplan.inputs.fields import parse_code, parse_number, parse_text, parse_whole
from siteplan.inputs.vector import POLYGONS, Layer, read_layer
from siteplan.model import Geometries, Shape

Tell = Callable[[Text], None]

SAFE_CODE = re.compile(r"[^\W_][\w.-]{0,39}\Z", re.ASCII)
SAFE_KEY = re.compile(r"ref:[\w:.-]{1,60}\Z", re.ASCII)
YEAR = re.compile(r"(1[89]|20)\d\d")
OFFICIAL_KEYS = ("de:amtlicher_gemeindeschluessel",)
# https://wiki.openstreetmap.org/wiki/Key:ref
MOST_PEOPLE = 1e8


@dataclass(frozen=True, slots=True, eq=False)
class CutSubdistrict:
    """One subdistrict of the place.

    Attributes
    ----------
    code, name, district
        Its labels; the district is None where it is not known.
    osm
        `relation/ID`; empty for one of a file of one's own.
    shape
        Polygon in WGS84 degrees.
    population, year
        Residents and the year of that; None where nothing says them.
    source
        What says so, as a short sentence.
    """

    code: str
    name: str
    district: str | None
    osm: str
    shape: Shape
    population: float | None = None
    year: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """What a case is made of.

    Attributes
    ----------
    extract
        The file that it is cut out of.
    name
        Of the place.
    origin
        What its outline is: `relation/ID`, or the name of a file.
    level
        `admin_level` of the subdistricts; None where they are of a file of one's own.
    coded_by
        Tag or column that the codes are; empty where they are made of the ids of relations.
    share
        Of the ground of the place that the subdistricts cover.
    subdistricts
        In order of code.
    chosen
        The objects of the extract that belong to it.
    """

    extract: Extract
    name: str
    origin: str
    level: int | None
    coded_by: str
    share: float
    subdistricts: tuple[CutSubdistrict, ...]
    chosen: Chosen


def cut_place(
    path: Path,
    place: str | None,
    boundary: Path | None,
    level: int | None,
    tell: Tell = lambda _: None,
) -> Cut:
    """Find a place in an extract, its subdistricts, and what siteplan reads there.

    Parameters
    ----------
    path
        The extract.
    place
        Name of an administrative boundary, or `relation/ID`.
    boundary
        Instead of it a file of polygons: the outline of the place, or its subdistricts if it has a
        column `code`.
    level
        `admin_level` of the subdistricts; None chooses it, see `choose_level`.
    tell
        Called with what is being done.

    Raises
    ------
    InputError
        If the extract or the file cannot be used, there is not exactly one such place, its boundary
        is not closed, or its subdistricts are not mapped.
    """
    if (place is None) == (boundary is None):
        problem = Text(
            "请给出地名或 --boundary，二者取一", "needs a PLACE or --boundary, one of them"
        )
        remedy = Text("例如 siteplan fetch 天河区 --from …", "Write siteplan fetch PLACE --from …")
        raise InputError(Defect("", problem, remedy))
    extract = open_extract(path)
    tell(Text("查找边界", "looking for boundaries"))
    layer = _read_polygons(boundary) if boundary is not None else None
    if layer is not None and boundary is not None and "code" in layer.columns:
        own = _take_own(layer)
        union = shapely.union_all([each.shape for each in own])
        chosen = _choose(extract, union, tell)
        return Cut(
            extract, clean_text(boundary.stem), boundary.name, None, "code", 1.0, own, chosen
        )
    boundaries = list_boundaries(extract)
    named = find_place(boundaries, place, extract.label) if place is not None else None
    outlines = draw_outlines(extract, boundaries)
    if named is not None:
        outline = outlines.shapes[outlines.boundaries.index(named)]
        if outline is None:
            raise refuse_open([named], extract.label)
        name, origin, above, tags = named.title, named.osm, named.level, named.tags
    else:
        outline = shapely.union_all(_in_degrees(layer))
        name = clean_text(boundary.stem) if boundary is not None else ""
        origin = boundary.name if boundary is not None else ""
        above, tags = 0, {}
    chinese = is_chinese(outlines, outline, tags)
    levels = sort_levels(outlines, outline, above)
    picked = choose_level(levels, level, in_china=chinese, label=extract.label)
    others = ", ".join(str(each.level) for each in levels if each is not picked)
    tell(
        Text(
            f"{name}：admin_level {picked.level} 的街道 {len(picked.chosen)} 个"
            + (f"（--level 可选 {others}）" if others else ""),
            f"{name}: {len(picked.chosen)} subdistricts of admin_level {picked.level}"
            + (f" (--level may choose {others})" if others else ""),
        )
    )
    found = [outlines.boundaries[index] for index in picked.chosen]
    shapes = outlines.shapes[list(picked.chosen)]
    districts: Sequence[str | None] = (None,) * len(found)
    if chinese and picked.level > DISTRICT_LEVEL:
        districts = find_districts(outlines, shapes)
    subdistricts, key = _name_subdistricts(found, shapes, districts)
    chosen = _choose(extract, shapely.union_all([outline, *shapes]), tell)
    return Cut(extract, name, origin, picked.level, key, picked.share, subdistricts, chosen)


def _choose(extract: Extract, ground: Shape, tell: Tell) -> Chosen:
    tell(Text("选取道路、建筑和设施", "choosing roads, buildings and services"))
    return choose_objects(extract, grow(ground, MARGIN_M))


def _read_polygons(path: Path) -> Layer:
    return read_layer(path, path.name, kinds=POLYGONS)


def _in_degrees(layer: Layer | None) -> Geometries:
    return layer.project(WGS84) if layer is not None else np.array([], dtype=object)


def _take_own(layer: Layer) -> tuple[CutSubdistrict, ...]:
    """Return the subdistricts of a file with a column `code`.

    Raises
    ------
    InputError
        With every feature whose code is missing or stands twice, or whose population is none.
    """
    defects, taken = [], {}
    rows = zip(layer.rows, layer.properties, _in_degrees(layer), strict=True)
    for row, properties, shape in rows:
        code = parse_code(properties.get("code"))
        if code is None or code in taken or defuse_cell(code) != code:
            problem = Text("没有自己的代码（列 code）", "has no code of its own (column code)")
            remedy = Text(
                "每个街道给一个代码，以字母、数字或汉字开头",
                "Give each subdistrict a code of its own that begins with a letter or digit",
            )
            defects.append(Defect(layer.label, problem, remedy, "fields", feature=row))
            continue
        try:
            people = parse_number(properties.get("population"))
            year = parse_whole(properties.get("year"))
        except ValueError:
            problem = Text("population 或 year 不是数字", "population or year is no number")
            remedy = Text("请填数字或留空", "Give a number, or nothing")
            defects.append(Defect(layer.label, problem, remedy, "fields", feature=row))
            continue
        name = parse_text(properties.get("name")) or code
        district = parse_text(properties.get("district"))
        source = f"from {layer.label}" if people is not None else ""
        taken[code] = CutSubdistrict(code, name, district, "", shape, people, year, source)
    if defects:
        raise InputError(*defects)
    return tuple(taken[code] for code in sorted(taken))


def _name_subdistricts(
    found: Sequence[Boundary], shapes: Geometries, districts: Sequence[str | None]
) -> tuple[tuple[CutSubdistrict, ...], str]:
    """Return subdistricts in order of code, and the tag that is their code."""
    key = find_code_key([each.tags for each in found])
    named = []
    for each, shape, district in zip(found, shapes, districts, strict=True):
        code = (parse_code(each.tags[key]) or "") if key else f"relation-{each.id}"
        people, year, source = count_people(each)
        named.append(
            CutSubdistrict(code, each.title, district, each.osm, shape, people, year, source)
        )
    return tuple(sorted(named, key=lambda each: each.code)), key


def find_code_key(tags: Sequence[Mapping[str, str]]) -> str:
    """Return the tag that gives each of several boundaries a code of its own; empty if none does.

    Tags are tried in this order: `ref:…` by name, `de:amtlicher_gemeindeschluessel`, `ref`. A code
    is up to 40 letters, digits, dots, dashes and underscores, and begins with a letter or digit.

    Examples
    --------
    >>> find_code_key([{"ref": "1", "ref:zh": "A"}, {"ref": "2", "ref:zh": "A"}])
    'ref'
    >>> find_code_key([{"ref": "1"}, {"ref": "=1+1"}])
    ''
    """
    keys = sorted({key for each in tags for key in each if SAFE_KEY.match(key)})
    for key in (*keys, *OFFICIAL_KEYS, "ref"):
        values = [each.get(key, "") for each in tags]
        codes = {parse_code(value) for value in values}
        if all(SAFE_CODE.match(value) for value in values) and len(codes) == len(values):
            return key
    return ""


def count_people(boundary: Boundary) -> tuple[float | None, int | None, str]:
    """Return the residents that a boundary is tagged with, the year, and where that is from."""
    try:
        people = parse_number(boundary.tags.get("population"))
    except ValueError:
        people = None
    if people is None or not 0 <= people <= MOST_PEOPLE:
        return None, None, ""
    year = YEAR.search(boundary.tags.get("population:date", ""))
    source = clean_text(boundary.tags.get("source:population", ""))[:80]
    said = f"estimated: tag population of OpenStreetMap {boundary.osm}"
    return people, int(year.group()) if year else None, f"{said} ({source})" if source else said
