"""A place cut out of an OpenStreetMap extract: its subdistricts, and what siteplan reads there."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely

from siteplan.errors import Defect, InputError, Text
from siteplan.fetch.administration import (
    DISTRICT_LEVEL,
    Boundary,
    choose_level,
    cover_place,
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
from siteplan.fetch.wanted import (
    YEAR,
    CutSubdistrict,
    Own,
    Wanted,
    read_own,
    take_subdistricts,
)
from siteplan.files import clean_text
from siteplan.inputs.fields import parse_code, parse_number
from siteplan.model import Geometries, Shape

Tell = Callable[[Text], None]

SAFE_CODE = re.compile(r"[^\W_][\w.-]{0,39}\Z", re.ASCII)
SAFE_KEY = re.compile(r"ref:[\w:.-]{1,60}\Z", re.ASCII)
OFFICIAL_KEYS = ("de:amtlicher_gemeindeschluessel",)
# https://wiki.openstreetmap.org/wiki/Key:ref
MOST_PEOPLE = 1e8
PEOPLE_KEYS = ("population", "population:date", "source:population")
OSM_SOURCE = "OpenStreetMap (population)"
"""What the table of residents and the report name as the source: the tag, in no language."""


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
    own
        Polygons of one's own; None if there are none.
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
    own: Own | None
    coded_by: str
    share: float
    subdistricts: tuple[CutSubdistrict, ...]
    chosen: Chosen


def cut_place(
    path: Path, wanted: Wanted, tell: Tell = lambda _: None, label: str | None = None
) -> Cut:
    """Find a place in an extract, its subdistricts, and what siteplan reads there.

    Parameters
    ----------
    path
        The extract.
    wanted
        The place, its subdistricts or outline.
    tell
        Called with what is being done.
    label
        The extract in messages; None takes the name of its file.

    Raises
    ------
    InputError
        If the extract or the file cannot be used, there is not exactly one such place, its boundary
        is not closed, or its subdistricts are not mapped.
    """
    own = read_own(wanted)
    extract = open_extract(path, label)
    tell(Text("查找边界", "looking for boundaries"))
    if own is not None:
        tell(own.note)
        if not own.is_outline:
            return _cut_own(extract, own, wanted.place, tell)
    boundaries = list_boundaries(extract)
    if own is None:
        named = find_place(boundaries, wanted.place or "", extract.label)
        outlines = draw_outlines(extract, boundaries)
        outline = outlines.shapes[outlines.boundaries.index(named)]
        if outline is None:
            raise refuse_open([named], extract.label)
        name, origin, above, tags = named.title, named.osm, named.level, named.tags
    else:
        outlines = draw_outlines(extract, boundaries)
        outline = shapely.union_all(own.shapes)
        name, origin, above, tags = _name_file(own), own.layer.label, 0, {}
    chinese = is_chinese(outlines, outline, tags)
    levels = sort_levels(outlines, outline, above)
    picked = choose_level(levels, wanted.level, in_china=chinese, label=extract.label)
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
    return Cut(extract, name, origin, picked.level, own, key, picked.share, subdistricts, chosen)


def _cut_own(extract: Extract, own: Own, place: str | None, tell: Tell) -> Cut:
    """Take the subdistricts of a file as they are; a place gives its name and its ground.

    Raises
    ------
    InputError
        If codes or residents in the file cannot be used, there is not exactly one such place, its
        boundary is not closed, or the file lies elsewhere.
    """
    subdistricts = take_subdistricts(own)
    name, origin, share = _name_file(own), own.layer.label, 1.0
    if place is not None:
        named = find_place(list_boundaries(extract), place, extract.label)
        (outline,) = draw_outlines(extract, [named]).shapes
        if outline is None:
            raise refuse_open([named], extract.label)
        name, origin, share = named.title, named.osm, cover_place(outline, own.shapes)
        if not share:
            problem = Text(f"不在 {name} 范围内", f"lies outside {name}")
            remedy = Text("请核对地名和 --boundary 文件", "Check PLACE and the file of --boundary")
            raise InputError(Defect(own.layer.label, problem, remedy, stage="place"))
    chosen = _choose(extract, shapely.union_all(own.shapes), tell)
    return Cut(extract, name, origin, None, own, own.columns["code"], share, subdistricts, chosen)


def _name_file(own: Own) -> str:
    return clean_text(Path(own.layer.label).stem)


def _choose(extract: Extract, ground: Shape, tell: Tell) -> Chosen:
    tell(Text("选取道路、建筑和设施", "choosing roads, buildings and services"))
    return choose_objects(extract, grow(ground, MARGIN_M))


def _name_subdistricts(
    found: Sequence[Boundary], shapes: Geometries, districts: Sequence[str | None]
) -> tuple[tuple[CutSubdistrict, ...], str]:
    """Return subdistricts in order of code, and the tag that is their code."""
    key = find_code_key([each.tags for each in found])
    named = []
    for each, shape, district in zip(found, shapes, districts, strict=True):
        code = (parse_code(each.tags[key]) or "") if key else f"relation-{each.id}"
        people, year = count_people(each.tags)
        told = {key: each.tags[key] for key in PEOPLE_KEYS if key in each.tags}
        source = OSM_SOURCE if people is not None else ""
        one = CutSubdistrict(
            code, each.title, district, each.osm, shape, people, year, source, told
        )
        named.append(one)
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


def count_people(tags: Mapping[str, str]) -> tuple[float | None, int | None]:
    """Return the residents that a boundary is tagged with, and the year.

    Examples
    --------
    >>> count_people({"population": "5000", "population:date": "2010-11-01"})
    (5000.0, 2010)
    >>> count_people({"population": "5,000"})
    (None, None)
    """
    try:
        people = parse_number(tags.get("population"))
    except ValueError:
        people = None
    if people is None or not 0 <= people <= MOST_PEOPLE:
        return None, None
    year = YEAR.search(tags.get("population:date", ""))
    return people, int(year.group()) if year else None
