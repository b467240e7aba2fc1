"""What streets propose: one feature per site, in English or Chinese keys and values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import PurePath
from typing import TypeVar

import numpy as np
import shapely

from siteplan.crs import WGS84, make_projection
from siteplan.errors import TABLES, Defect, DefectList, InputError, Text, join_names
from siteplan.geometry import stand_inside
from siteplan.inputs.fields import (
    find_name,
    is_missing,
    parse_code,
    parse_date,
    parse_list,
    parse_number,
    parse_text,
    parse_whole,
    require_text,
)
from siteplan.inputs.vector import POSITION, Layer
from siteplan.model import Role, Site, Sites, Status, StudyArea

Value = TypeVar("Value")

KEYS = {
    "id": "编号",
    "name": "名称",
    "subdistrict": "街道",
    "status": "状态",
    "role": "角色",
    "premises": "场地来源",
    "floor_area_m2": "建筑面积",
    "office_area_m2": "办公面积",
    "available_from": "可用日期",
    "mode": "运作模式",
    "services": "服务项目",
    "cost_wan": "建设费用",
    "annual_cost_wan": "年度费用",
    "parcel_id": "地块编号",
    "land_use": "用地性质",
    "address": "地址",
    "contact": "联系人",
    "note": "备注",
}
"""Our key of each attribute, and the Chinese one."""

STATUSES: Mapping[str, Status] = {
    "existing": "existing",
    "现有": "existing",
    "proposed": "proposed",
    "拟建": "proposed",
    "candidate": "candidate",
    "备选": "candidate",
}
ROLES: Mapping[str, Role] = {
    "headquarters": "headquarters",
    "总部": "headquarters",
    "branch": "branch",
    "分站点": "branch",
}
PREMISES = {
    "new_build": "新建",
    "extension": "扩建",
    "conversion": "改建",
    "lease": "租赁",
    "existing": "整合现有",
    "other": "其他",
}
MODES = {"1": 1, "2": 2, "购买服务": 1, "街道间接管理": 2, "模式一": 1, "模式二": 2}
TEXTS = ("parcel_id", "land_use", "address", "contact", "note")
COSTS = ("cost_wan", "annual_cost_wan")
OWN_FIELDS = {field.name for field in fields(Site)}
EXPECTED = ("name", "subdistrict", "premises", "floor_area_m2")
"""Attributes whose absence rule D02 names; a role is asked for only of several sites."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The sites of one file, and what was assumed while reading it."""

    sites: tuple[Site, ...]
    notes: tuple[Text, ...]


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
    defects = DefectList()
    renamed = [_rename(properties, columns) for properties in layer.properties]
    points = stand_inside(layer.project(area.crs))
    x, y = shapely.get_x(points), shapely.get_y(points)
    lon, lat = make_projection(area.crs, WGS84)(x, y)
    given = stand_inside(layer.given) if layer.crs.is_geographic else [None] * len(points)
    sites: list[Site] = []
    for index, (values, row) in enumerate(zip(renamed, layer.rows, strict=True)):
        with defects.collect():
            site = _read_site(values, layer.label, row, area)
            here = given[index]
            sites.append(
                replace(
                    site,
                    x=float(x[index]),
                    y=float(y[index]),
                    lon=float(lon[index]),
                    lat=float(lat[index]),
                    given_lon_lat=None if here is None else (here.x, here.y),
                )
            )
    named = [site.id for site in sites if site.id]
    for site in sites:
        if site.id and named.count(site.id) > 1:
            problem = Text(f"编号 {site.id} 重复", f"id {site.id} stands twice")
            remedy = Text("每个场地一个编号", "Give each site an id of its own")
            defects.append(
                Defect(
                    layer.label, problem, remedy, feature=site.feature, name=site.name, field="id"
                )
            )
    defects.raise_errors()
    return Proposal(tuple(sites), _note_unknown_keys(renamed, layer))


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
                problem = Text(
                    f"编号 {site.id} 已用于 {other}", f"id {site.id} is taken by {other}"
                )
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
            note = Text(f"已为 {count} 个场地编号", f"made an id for {count} sites")
            notes[index] = (*notes[index], note)
    return Sites(tuple(sorted(named, key=lambda site: site.id))), notes, refused


def _rename(properties: Mapping[str, object], columns: Mapping[str, str]) -> dict[str, object]:
    """Return the attributes under our keys; keys that nobody knows keep their own.

    Of several columns for one key, the one named in the settings counts, then the English, then the
    Chinese one; a blank gives way to the next.
    """
    renamed = dict(properties)
    for ours, chinese in KEYS.items():
        values = [renamed.pop(key, None) for key in (columns.get(ours, ours), ours, chinese)]
        given = [value for value in values if not is_missing(value)]
        renamed[ours] = given[0] if given else None
    return renamed


def _note_unknown_keys(renamed: Sequence[Mapping[str, object]], layer: Layer) -> tuple[Text, ...]:
    unknown = {key for values in renamed for key in values} - set(KEYS)
    if PurePath(layer.label).suffix.lower() in TABLES:
        unknown -= {*POSITION, *POSITION.values()}
    if not unknown:
        return ()
    names = join_names(sorted(unknown))
    return (Text(f"保留未知属性：{names.zh}", f"kept unknown attributes: {names.en}"),)


@dataclass(slots=True)
class _Attributes:
    """The attributes of one site, and what was wrong with them so far."""

    values: Mapping[str, object]
    place: Callable[[Text, Text], Defect]
    defects: list[Defect] = field(default_factory=list)
    invalid: dict[str, str] = field(default_factory=dict)

    def read(self, key: str, parse: Callable[[object], Value | None], remedy: Text) -> Value | None:
        """Return a parsed value; one of the wrong type is a defect."""
        value = self.values.get(key)
        try:
            return parse(value)
        except ValueError:
            problem = Text(f'{key} 为 "{value}"', f'{key} is "{value}"')
            self.defects.append(replace(self.place(problem, remedy), field=key))
            return None

    def text(self, key: str) -> str | None:
        """Return text."""
        return self.read(key, require_text, Text("请填文本", "Give text"))

    def choose(self, key: str, choices: Mapping[str, Value]) -> Value | None:
        """Return what a word stands for; one that is not in the list is invalid."""
        word = self.text(key)
        if word is not None and word not in choices:
            self.invalid[key] = word
        return None if word is None else choices.get(word)

    def measure(self, key: str) -> float | None:
        """Return an area; one that is not above 0 is invalid."""
        remedy = Text("请以平方米填写，大于 0", "Give square metres, a number above 0")
        number = self.read(key, parse_number, remedy)
        if number is not None and number <= 0:
            self.invalid[key] = f"{number:g}"
        return number

    def mode(self) -> int | None:
        """Return the mode of operation; a number that is none of them is invalid."""
        mode = self.read("mode", _parse_mode, Text("请填 1 或 2", "Give 1 or 2"))
        if mode is not None and mode not in MODES.values():
            self.invalid["mode"] = str(mode)
        return mode

    def check_rest(self) -> None:
        """Check the attributes that no rule judges."""
        for key in COSTS:
            cost = self.read(key, parse_number, Text("请以万元填写", "Give 10,000 yuan, a number"))
            if cost is not None and cost < 0:
                self.invalid[key] = f"{cost:g}"
        for key in TEXTS:
            self.text(key)

    def subdistrict(self, area: StudyArea) -> str | None:
        """Return the code of the subdistrict that is claimed; an unknown one is a defect."""
        claimed = self.text("subdistrict")
        code = find_subdistrict(claimed, area)
        if code is None and claimed is not None:
            problem = Text(f"没有街道 {claimed}", f"subdistrict {claimed} is not in the case")
            remedy = Text("请填写代码或名称", "Give its code or name as in the boundaries")
            defect = replace(self.place(problem, remedy), stage="place", field="subdistrict")
            self.defects.append(defect)
        return code


def _read_site(values: Mapping[str, object], label: str, row: int, area: StudyArea) -> Site:
    """Read one site's attributes; its place is filled in by the caller.

    Raises
    ------
    InputError
        With every value of the wrong type, and an unknown subdistrict.
    """

    def place(problem: Text, remedy: Text) -> Defect:
        return Defect(label, problem, remedy, "fields", feature=row, name=find_name(values))

    given = _Attributes(values, place)
    given.check_rest()
    site = Site(
        id=given.text("id") or "",
        name=given.text("name"),
        subdistrict=given.subdistrict(area),
        x=np.nan,
        y=np.nan,
        lon=np.nan,
        lat=np.nan,
        status=given.choose("status", STATUSES) or "proposed",
        role=given.choose("role", ROLES),
        premises=given.choose(
            "premises", {word: key for key, chinese in PREMISES.items() for word in (key, chinese)}
        ),
        floor_area_m2=given.measure("floor_area_m2"),
        office_area_m2=given.measure("office_area_m2"),
        available_from=given.read(
            "available_from", parse_date, Text("请写成 2010-08-31", "Write it as 2010-08-31")
        ),
        mode=given.mode(),
        services=parse_list(values.get("services")),
        invalid=given.invalid,
        missing=tuple(key for key in EXPECTED if is_missing(values.get(key))),
        others={
            key: value
            for key, value in values.items()
            if key not in OWN_FIELDS and not is_missing(value)
        },
        path=label,
        feature=row,
    )
    if given.defects:
        raise InputError(*given.defects)
    return site


def _parse_mode(value: object) -> int | None:
    return MODES.get(parse_text(value) or "") or parse_whole(value)


def find_subdistrict(claimed: object, area: StudyArea) -> str | None:
    """Return the code of a subdistrict given by code or by its name, if only one has that name."""
    code = parse_code(claimed)
    if code in area.codes:
        return code
    named = [subdistrict.code for subdistrict in area.subdistricts if subdistrict.name == code]
    return named[0] if len(named) == 1 else None
