"""What streets propose: one feature per site, in English or Chinese keys and values."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import TypeVar, cast

import numpy as np
import shapely

from siteplan.crs import WGS84, make_projection
from siteplan.errors import Defect, DefectList, Text, join_names, shorten
from siteplan.geometry import stand_inside
from siteplan.inputs.fields import (
    find_name,
    is_missing,
    mend_number,
    parse_code,
    parse_date,
    parse_list,
    parse_number,
    parse_text,
    read_excel_day,
    require_text,
)
from siteplan.inputs.vector import Layer
from siteplan.model import Role, Site, Sites, Status, StudyArea
from siteplan.schema import FIELDS, KEYS, Field, find_field, find_header

Value = TypeVar("Value")
OWN_FIELDS = {field.name for field in fields(Site)}
EXPECTED = tuple(field.key for field in FIELDS if field.required or field.expected)
"""Attributes whose absence rule D02 names; a role is asked for only of several sites."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The sites of one file, and what was assumed while reading it."""

    sites: tuple[Site, ...]
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """One file as far as it could be read.

    Attributes
    ----------
    sites
        One of each feature; the place is nan where it has none, what could not be read is None.
    defects
        Everything that is wrong with the file, and what was assumed.
    """

    sites: tuple[Site, ...]
    defects: DefectList


def read_proposal(layer: Layer, columns: Mapping[str, str], area: StudyArea) -> Proposal:
    """Read the sites of one file.

    A parcel given as a polygon stands at its centroid, or at a point inside it. An absent status is
    `proposed`. What is missing, outside its list or out of range is kept for rule D02.

    Parameters
    ----------
    layer
        Points or polygons.
    columns
        The file's names of our keys; the Chinese names are known anyway.
    area
        Subdistricts that a proposal may be for, by code or by name.

    Raises
    ------
    InputError
        With every value of the wrong type, every unknown subdistrict and every id given twice.
    """
    draft = scan_proposal(layer, columns, area)
    draft.defects.raise_errors()
    notes = {defect.message for defect in draft.defects}
    return Proposal(draft.sites, tuple(sorted(notes, key=lambda note: note.en)))


def scan_proposal(layer: Layer, columns: Mapping[str, str], area: StudyArea | None) -> Draft:
    """Read the sites of one file as `read_proposal` does, but with its defects.

    Without an area the subdistricts are taken as they are claimed, and sites have no place in a
    working CRS.
    """
    layer = layer.leave_lost(area.crs if area else WGS84)
    defects = DefectList(layer.defects)
    renamed = []
    places = _find_places(layer, area)
    sites: list[Site] = []
    for properties, row, place in zip(layer.properties, layer.rows, places, strict=True):
        values, doubtful = _rename(properties, columns)
        renamed.append(values)
        given = _Attributes(values, layer.label, row)
        for key, names in doubtful.items():
            given.doubt(key, names)
        sites.append(
            replace(
                _read_site(given, area),
                x=place.x,
                y=place.y,
                lon=place.lon,
                lat=place.lat,
                given_lon_lat=place.given,
            )
        )
        defects += given.defects
    named = Counter(site.id for site in sites if site.id)
    for site in sites:
        if named[site.id] > 1:
            shown = shorten(site.id)
            problem = Text(f"编号 {shown} 重复", f"id {shown} stands twice")
            remedy = Text("每个场地一个编号", "Give each site an id of its own")
            at = Defect(layer.label, problem, remedy, "fields", feature=site.feature)
            defects.append(replace(at, name=site.name, field="id"))
    unknown = sorted({key for values in renamed for key in values} - set(KEYS))
    if unknown:
        listed = join_names(unknown)
        problem = Text(f"保留未知属性：{listed.zh}", f"kept unknown attributes: {listed.en}")
        remedy = Text("如是笔误请改名", "Rename them if a known one is meant")
        defects.append(Defect(layer.label, problem, remedy, "fields", "note"))
    defects.sort(key=lambda defect: defect.feature or 0)
    return Draft(tuple(sites), defects)


def list_lacking(site: Site) -> list[Defect]:
    """Return what rule D02 would say of a site, attribute by attribute.

    An attribute that is required and missing, or has a value outside its list or range, is an
    error; one that is only asked for, a warning.
    """
    at = Defect(site.path, Text("", ""), Text("", ""), "fields", feature=site.feature)
    lacking = []
    for key in site.missing:
        known = find_field(key)
        lacking.append(
            replace(
                at,
                message=Text(f"缺少{known.title.zh.strip()}", f"has no {key}"),
                remedy=Text(f"请填写：{known.help.zh}", f"Fill it in: {known.help.en}"),
                severity="error" if known.required else "warning",
                name=site.name,
                field=key,
            )
        )
    for key, value in site.invalid.items():
        lacking.append(
            replace(
                at,
                message=_say_value(key, value),
                remedy=_say_allowed(find_field(key)),
                name=site.name,
                field=key,
            )
        )
    return lacking


def gather_sites(
    proposals: Sequence[Proposal],
) -> tuple[Sites, list[tuple[Text, ...]], list[DefectList]]:
    """Put the sites of all files together, and make an id of code and order for those without.

    Parameters
    ----------
    proposals
        In order of path.

    Returns
    -------
    tuple
        The sites in order of id; the notes of each file; the defects of each file, whose sites are
        left out if it has an id that an earlier file has too.
    """
    kept: list[Site] = []
    notes: list[tuple[Text, ...]] = []
    refused: list[DefectList] = []
    owners: dict[str, str] = {}
    for proposal in proposals:
        defects = DefectList()
        for site in proposal.sites:
            if site.id in owners:
                other = owners[site.id]
                shown = shorten(site.id)
                problem = Text(f"编号 {shown} 已用于 {other}", f"id {shown} is taken by {other}")
                remedy = Text("请换一个编号", "Give another id")
                place = Defect(site.path, problem, remedy, "place", feature=site.feature)
                defects.append(replace(place, name=site.name, field="id"))
        if not defects:
            owners |= {site.id: site.path for site in proposal.sites if site.id}
            kept += proposal.sites
        refused.append(defects)
        notes.append(proposal.notes)
    taken = set(owners)
    named: list[Site] = []
    made: dict[str, int] = {}
    for site in kept:
        if site.id:
            named.append(site)
            continue
        stem, order = site.subdistrict or "site", 1
        while f"{stem}-{order}" in taken:
            order += 1
        taken.add(f"{stem}-{order}")
        named.append(replace(site, id=f"{stem}-{order}"))
        made[site.path] = made.get(site.path, 0) + 1
    for index, proposal in enumerate(proposals):
        count = made.get(proposal.sites[0].path, 0) if proposal.sites else 0
        if count:
            plural = "s" * (count > 1)
            note = Text(f"已为 {count} 个场地编号", f"made an id for {count} site{plural}")
            notes[index] = (*notes[index], note)
    return Sites(tuple(sorted(named, key=lambda site: site.id))), notes, refused


def find_subdistrict(claimed: object, area: StudyArea) -> str | None:
    """Return the code of a subdistrict given by code or by its name, if only one has that name."""
    code = parse_code(claimed)
    if code in area.codes:
        return code
    named = [subdistrict.code for subdistrict in area.subdistricts if subdistrict.name == code]
    return named[0] if len(named) == 1 else None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a site stands, as the fields of a `Site` say it."""

    lon: float = np.nan
    lat: float = np.nan
    x: float = np.nan
    y: float = np.nan
    given: tuple[float, float] | None = None


def _find_places(layer: Layer, area: StudyArea | None) -> list[_Place]:
    """Return where each site stands; a site without a usable geometry stands nowhere."""
    places = [_Place()] * len(layer.geometry)
    usable = np.flatnonzero(~shapely.is_missing(layer.geometry))
    rows = [layer.rows[index] for index in usable]
    standing = replace(layer, geometry=layer.geometry[usable], rows=rows)
    points = stand_inside(standing.project(area.crs if area else WGS84))
    x, y = shapely.get_x(points), shapely.get_y(points)
    lon, lat = make_projection(area.crs, WGS84)(x, y) if area else (x, y)
    given = stand_inside(layer.given[usable])
    for order, index in enumerate(usable.tolist()):
        places[index] = _Place(
            float(lon[order]),
            float(lat[order]),
            float(x[order]) if area else np.nan,
            float(y[order]) if area else np.nan,
            (given[order].x, given[order].y) if layer.crs.is_geographic else None,
        )
    return places


def _rename(
    properties: Mapping[str, object], columns: Mapping[str, str]
) -> tuple[dict[str, object], dict[str, list[str]]]:
    """Return the attributes under our keys, and those for which there are contradicting values.

    Keys that nobody knows keep their own. Of several columns for one key, the one named in the
    settings counts, then the English, then the Chinese one, then one whose header only means it
    (`Name*`); a blank gives way to the next.
    """
    renamed = dict(properties)
    meant: dict[str, list[str]] = defaultdict(list)
    for key in properties:
        meant[find_header(key) or ""].append(key)
    doubtful = {}
    for ours, chinese in KEYS.items():
        names = dict.fromkeys((columns.get(ours, ours), ours, chinese, *meant[ours]))
        values = {name: renamed.pop(name, None) for name in names}
        given = {name: value for name, value in values.items() if not is_missing(value)}
        renamed[ours] = next(iter(given.values()), None)
        if len({str(value).strip() for value in given.values()}) > 1 and ours not in columns:
            doubtful[ours] = list(given)
    return renamed, doubtful


@dataclass(slots=True)
class _Attributes:
    """The attributes of one site, and what was wrong with them so far."""

    values: Mapping[str, object]
    label: str
    row: int
    defects: list[Defect] = field(default_factory=list)
    invalid: dict[str, str] = field(default_factory=dict)

    def complain(self, key: str, problem: Text, remedy: Text) -> Defect:
        """Keep a defect of one attribute, and return it."""
        place = Defect(self.label, problem, remedy, "fields", feature=self.row)
        self.defects.append(replace(place, name=find_name(self.values), field=key))
        return self.defects[-1]

    def read(self, key: str, parse: Callable[[object], Value | None]) -> Value | None:
        """Return a parsed value; one of the wrong type is a defect."""
        value = self.values.get(key)
        try:
            return parse(value)
        except ValueError:
            self.complain(key, _say_value(key, value), _say_allowed(find_field(key)))
            return None

    def doubt(self, key: str, names: Sequence[str]) -> None:
        """Warn of values that contradict each other; the first counts."""
        listed = join_names(names)
        problem = Text(
            f"{listed.zh} 的值不同，取前者",
            f"has different values in {listed.en}; the first counts",
        )
        warning = self.complain(key, problem, Text("请只留一个", "Keep one of them"))
        self.defects[-1] = replace(warning, severity="warning")

    def text(self, key: str) -> str | None:
        """Return text."""
        return self.read(key, require_text)

    def choose(self, key: str) -> str | int | None:
        """Return what a word stands for; one that is not in the list is invalid."""
        word = self.text(key)
        chosen = None if word is None else find_field(key).choose(word)
        if word is not None and chosen is None:
            self.invalid[key] = word
        return chosen

    def number(self, key: str) -> float | None:
        """Return a number; one out of range is invalid, one that has to be guessed a defect."""
        mended = mend_number(self.values.get(key), find_field(key).unit_words)
        number = self.read(key, parse_number)
        if number is None and mended is not None:
            number = mended
            self.defects[-1] = replace(self.defects[-1], mended=f"{mended:.12g}")
        limits = find_field(key)
        if number is not None and (
            (limits.above is not None and number <= limits.above)
            or (limits.least is not None and number < limits.least)
        ):
            self.invalid[key] = f"{number:g}"
        return number

    def day(self, key: str) -> date | None:
        """Return a date; a number of days as Excel counts them is taken with a warning."""
        serial = read_excel_day(self.values.get(key))
        if serial is None:
            return self.read(key, parse_date)
        value = parse_text(self.values.get(key))
        problem = Text(
            f"{find_field(key).title.zh}为 {value}，按 Excel 日期读作 {serial}",
            f"{key} is {value}, taken for {serial} as Excel counts days",
        )
        warning = self.complain(key, problem, _say_allowed(find_field(key)))
        self.defects[-1] = replace(warning, severity="warning", mended=str(serial))
        return serial

    def list(self, key: str) -> tuple[str, ...]:
        """Return several texts, those of the list in their canonical form."""
        known = find_field(key)
        items = self.read(key, _parse_texts) or ()
        return tuple(str(known.choose(item) or item) for item in items)

    def subdistrict(self, area: StudyArea | None) -> str | None:
        """Return the code of the subdistrict that is claimed; an unknown one is a defect."""
        claimed = self.text("subdistrict")
        if area is None:
            return parse_code(claimed)
        code = find_subdistrict(claimed, area)
        if code is None and claimed is not None:
            shown = shorten(claimed)
            problem = Text(f"没有街道 {shown}", f"subdistrict {shown} is not in the case")
            remedy = Text("请填写代码或名称", "Give its code or name as in the boundaries")
            place = self.complain("subdistrict", problem, remedy)
            self.defects[-1] = replace(place, stage="place")
        return code


def _read_site(given: _Attributes, area: StudyArea | None) -> Site:
    """Read one site's attributes; its place is filled in by the caller."""
    for known in FIELDS:
        if known.key not in OWN_FIELDS:  # what no rule judges is checked all the same
            given.number(known.key) if known.kind == "number" else given.text(known.key)
    return Site(
        id=given.text("id") or "",
        name=given.text("name"),
        subdistrict=given.subdistrict(area),
        x=np.nan,
        y=np.nan,
        lon=np.nan,
        lat=np.nan,
        status=cast("Status | None", given.choose("status")) or "proposed",
        role=cast("Role | None", given.choose("role")),
        premises=cast("str | None", given.choose("premises")),
        floor_area_m2=given.number("floor_area_m2"),
        office_area_m2=given.number("office_area_m2"),
        available_from=given.day("available_from"),
        mode=cast("int | None", given.choose("mode")),
        services=given.list("services"),
        invalid=given.invalid,
        missing=tuple(key for key in EXPECTED if is_missing(given.values.get(key))),
        others={
            key: value
            for key, value in given.values.items()
            if key not in OWN_FIELDS and not is_missing(value)
        },
        path=given.label,
        feature=given.row,
    )


def _parse_texts(value: object) -> tuple[str, ...]:
    for item in value if isinstance(value, list | tuple) else [value]:
        require_text(item)
    return parse_list(value)


def _say_value(key: str, value: object) -> Text:
    shown = shorten(value)
    return Text(f'{find_field(key).title.zh}为 "{shown}"', f'{key} is "{shown}"')


def _say_allowed(known: Field) -> Text:
    """Say what may be filled in."""
    if known.kind == "choice":
        words = join_names([choice.label.zh for choice in known.choices], most=12)
        english = join_names([choice.value for choice in known.choices], most=12)
        return Text(f"请从中选择：{words.zh}", f"Choose one of {english.en}")
    if known.kind == "number":
        unit = known.unit or Text("", "")
        bound = (
            Text("大于 0", "above 0") if known.above is not None else Text("不小于 0", "0 or more")
        )
        return Text(f"请填数字（{unit.zh}），{bound.zh}", f"Give a number in {unit.en}, {bound.en}")
    if known.kind == "date":
        return Text("请写成 2010-08-31", "Write it as 2010-08-31")
    return Text("请填文本", "Give text")
