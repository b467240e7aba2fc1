"""What stands in the workbook of a layout plan, sheet by sheet: the subdistricts and the sites.

Figures are those of `evaluation.json`; contacts and other notes of a street are left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeGuard

import numpy as np
import shapely

from siteplan.errors import Text
from siteplan.model import DistanceMethod, Evaluation, Geometries, Judgement, Site, Subdistrict
from siteplan.outputs.layout.target import Target, project_shapes
from siteplan.outputs.measured import say_measured
from siteplan.outputs.report.words import (
    LAYOUT_WORDS,
    ROLE_WORDS,
    STATUS_WORDS,
    VERDICT_WORDS,
)
from siteplan.schema import find_field

Kind = Literal[
    "text", "code", "count", "people", "metres", "area", "ratio", "factor", "money", "date",
    "degrees", "coordinate", "figure",
]  # fmt: skip
Row = Mapping[str, object]
SEPARATOR = "；"
GROUPS = {"age_60_plus": Text("60 岁及以上", "Aged 60 and over")}
YES, NO = Text("是", "yes"), Text("否", "no")
MOST_NUMBER = 1e300
"""Beyond it a spreadsheet could not add two of them."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value of another kind than its column has.

    Attributes
    ----------
    value
        As of any cell.
    kind
        How it is written.
    """

    value: object
    kind: Kind


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet.

    Attributes
    ----------
    key
        Of its values in the rows.
    title
        Its heading.
    kind
        How its values are written.
    width
        In digits, as Excel counts.
    total
        `sum`: of all rows, beneath them. `share`: of the totals of the two columns in `parts`.
    parts
        Part and whole of a share.
    """

    key: str
    title: Text
    kind: Kind = "text"
    width: float = 12
    total: Literal["", "sum", "share"] = ""
    parts: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a heading for each column, then a line for each row.

    Attributes
    ----------
    title
        Its name.
    columns
        In order.
    rows
        What is missing or None stays empty, and so does what is not finite.
    frozen
        How many columns stay in view.
    """

    title: Text
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    frozen: int = 2


def put_together(text: Text) -> str:
    """Return a short word in both languages.

    Examples
    --------
    >>> put_together(Text("总部", "headquarters")), put_together(Text("N05", "N05"))
    ('总部 headquarters', 'N05')
    """
    return text.zh if text.zh == text.en else f"{text.zh} {text.en}"


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a finite number: what a cell can hold as one.

    Examples
    --------
    >>> [is_number(value) for value in (1, 2.5, True, float("inf"), float("nan"), "1", 10**400)]
    [True, True, False, False, False, False, False]
    """
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and (abs(value) <= MOST_NUMBER)
    )


@dataclass(frozen=True)
class Names:
    """What codes and ids of an evaluation are called."""

    evaluation: Evaluation

    @cached_property
    def sites(self) -> Mapping[str, Site]:
        """Sites by id."""
        return {site.id: site for site in self.evaluation.case.sites.records}

    @cached_property
    def subdistricts(self) -> Mapping[str, Subdistrict]:
        """Subdistricts by code."""
        return {one.code: one for one in self.evaluation.case.area.subdistricts}

    def name_site(self, id_: str | None) -> str | None:
        """Return the name of a site."""
        site = self.sites.get(id_ or "")
        return site.name if site else None

    def name_subject(self, subject: str | None) -> str | None:
        """Return the name of a subdistrict, or of a site."""
        known = self.subdistricts.get(subject or "")
        return known.name if known else self.name_site(subject)


CODE = Column("code", Text("街道代码", "Subdistrict code"), "code", 13)
NAME = Column("name", Text("街道", "Subdistrict"), "text", 16)
PLACE = (
    Column("x", Text("横坐标（东，米）", "Easting (m)"), "coordinate", 14),
    Column("y", Text("纵坐标（北，米）", "Northing (m)"), "coordinate", 14),
    Column("lon", Text("经度（WGS 84）", "Longitude (WGS 84)"), "degrees", 12),
    Column("lat", Text("纬度（WGS 84）", "Latitude (WGS 84)"), "degrees", 12),
)
DISTRICT = Column("district", Text("区", "District"), "text", 12)


def head_columns(
    columns: Iterable[Column], method: DistanceMethod, target: Target | None = None
) -> tuple[Column, ...]:
    """Return columns whose headings are true of how distances and places were measured.

    Parameters
    ----------
    columns
        As of a case with roads.
    method
        How distances were measured.
    target
        The CRS of `x` and `y`; None where there are no such columns.
    """
    headed = []
    for column in columns:
        title = say_measured(column.title, method)
        if target is not None and column.key in {"x", "y"}:
            zh, en = title.zh.removesuffix("）"), title.en.removesuffix(")")
            title = Text(f"{zh}，{target.crs}）", f"{en}, {target.crs})")
        headed.append(replace(column, title=title))
    return tuple(headed)


def project_places(
    evaluation: Evaluation, places: Sequence[tuple[float, float]], target: Target
) -> list[tuple[float, float]]:
    """Take places from the working CRS to that of a package."""
    points = np.array(places, dtype=np.float64).reshape(-1, 2)
    shapes: Geometries = np.asarray(shapely.points(points), dtype=object)
    shapes = project_shapes(shapes, evaluation.case.area, target)
    return [(x, y) for x, y in shapely.get_coordinates(shapes).tolist()]


def list_subdistricts(evaluation: Evaluation) -> Sheet:
    """Return the judged subdistricts in order of code, with their totals."""
    names = Names(evaluation)
    groups = sorted({group for one in evaluation.judgements for group in one.subdistrict.groups})
    columns = [
        CODE,
        NAME,
        DISTRICT,
        Column("population", Text("常住人口", "Residents"), "people", 11, "sum"),
        Column("verdict", Text("结论", "Verdict"), "text", 13),
        Column("layout", Text("布置方式", "Layout"), "text", 20),
        Column("sites", Text("场地数（不含备选）", "Sites, no candidates"), "count", 11, "sum"),
        Column("headquarters", Text("总部编号", "Headquarters"), "code", 15),
        Column("headquarters_name", Text("总部名称", "Headquarters, name"), "text", 22),
        Column("connected", Text("网络连通", "Connected"), "text", 10),
        Column("covered", Text("覆盖人口", "Covered residents"), "people", 11, "sum"),
        Column("ratio", Text("覆盖率", "Coverage"), "ratio", 9, "share", ("covered", "population")),
        Column("straight_ratio", Text("直线覆盖率", "By straight line"), "ratio", 10),
        Column(
            "by_any", Text("含邻街道场地的覆盖人口", "Covered by any site"), "people", 13, "sum"
        ),
        Column("unreachable", Text("走不到的人口", "Unreachable"), "people", 11, "sum"),
        Column("mean_m", Text("平均步行距离（米）", "Mean walk (m)"), "metres", 11),
        Column("p95_m", Text("95% 居民步行距离（米）", "95% walk (m)"), "metres", 12),
        Column("older_ratio", Text("按老年人步速的覆盖率", "At older pace"), "ratio", 12),
        Column("detour", Text("绕行系数（90%）", "Detour factor (90%)"), "factor", 11),
        Column("supply", Text("千人建筑面积（平方米）", "m² per 1,000"), "area", 12),
        Column("gaps", Text("盲区数", "Gaps"), "count", 8, "sum"),
        Column("not_passed", Text("未通过的规则", "Rules not passed"), "text", 24),
    ]
    for group in groups:
        word = GROUPS.get(group, Text(group, group))
        columns += [
            Column(f"people {group}", Text(f"{word.zh}人口", word.en), "people", 11, "sum"),
            Column(f"ratio {group}", Text(f"{word.zh}覆盖率", f"{word.en}, covered"), "ratio", 11),
        ]
    rows = [_describe_judgement(names, judgement) for judgement in evaluation.judgements]
    headed = head_columns(columns, evaluation.method)
    return Sheet(Text("街道", "subdistricts"), headed, tuple(rows))


def _describe_judgement(names: Names, judgement: Judgement) -> Row:
    subdistrict, coverage, network = judgement.subdistrict, judgement.coverage, judgement.network
    connected = network.connected
    return {
        **{f"people {group}": people for group, people in subdistrict.groups.items()},
        **{f"ratio {group}": coverage.group_ratios.get(group) for group in subdistrict.groups},
        "code": subdistrict.code,
        "name": subdistrict.name,
        "district": subdistrict.district,
        "population": subdistrict.population,
        "verdict": put_together(VERDICT_WORDS[judgement.verdict]),
        "layout": put_together(LAYOUT_WORDS[judgement.layout]),
        "sites": len(judgement.sites),
        "headquarters": network.headquarters,
        "headquarters_name": names.name_site(network.headquarters),
        "connected": None if connected is None else put_together(YES if connected else NO),
        "covered": coverage.covered_population,
        "ratio": coverage.coverage_ratio,
        "straight_ratio": coverage.straight_line_ratio,
        "by_any": coverage.by_any_population,
        "unreachable": coverage.unreachable_population,
        "mean_m": coverage.mean_distance_m,
        "p95_m": coverage.p95_distance_m,
        "older_ratio": coverage.older_ratio,
        "detour": coverage.p90_detour_factor,
        "supply": judgement.equity.supply_m2_per_1000,
        "gaps": len(judgement.gaps),
        "not_passed": " ".join(
            rule for rule, verdict in judgement.rules.items() if verdict in {"fail", "warn"}
        ),
    }


SITES = (
    Column("id", Text("场地编号", "Site"), "code", 15),
    Column("site_name", Text("场地名称", "Name"), "text", 24),
    CODE,
    NAME,
    Column("status", Text("状态", "Status"), "text", 14),
    Column("role", Text("角色", "Role"), "text", 18),
    Column("premises", Text("场地来源", "Premises"), "text", 14),
    Column("floor_area_m2", Text("建筑面积（平方米）", "Floor area (m²)"), "area", 11, "sum"),
    Column("office_area_m2", Text("办公面积（平方米）", "Offices (m²)"), "area", 11, "sum"),
    Column("available_from", Text("可用日期", "Available from"), "date", 12),
    Column("mode", Text("运作模式", "Mode"), "text", 18),
    Column("services", Text("服务项目", "Services"), "text", 24),
    Column("address", Text("地址", "Address"), "text", 24),
    Column("parcel_id", Text("地块编号", "Parcel"), "code", 13),
    Column("land_use", Text("用地性质", "Land use"), "text", 11),
    Column("cost_wan", Text("建设费用（万元）", "Building cost (10,000 yuan)"), "money", 12, "sum"),
    Column("annual_cost_wan", Text("年度费用（万元）", "Annual (10,000 yuan)"), "money", 12, "sum"),
    *PLACE,
    Column("snap_m", Text("离路距离（米）", "Off the road (m)"), "metres", 9),
    Column("alone", Text("单独覆盖人口", "Alone"), "people", 11),
    Column("added", Text("新增覆盖人口", "Added"), "people", 11),
    Column("lost", Text("撤掉即失人口", "Lost without it"), "people", 11),
    Column("shared", Text("分摊覆盖人口", "Shared"), "people", 11, "sum"),
    Column("catchment", Text("就近服务人口", "Catchment"), "people", 11, "sum"),
    Column("load", Text("每平方米服务人数", "Residents per m²"), "factor", 10),
    Column("mean_m", Text("平均步行距离（米）", "Mean walk (m)"), "metres", 11),
    Column("detour", Text("绕行系数（90%）", "Detour factor (90%)"), "factor", 11),
)
EXTRA = ("address", "parcel_id", "land_use", "cost_wan", "annual_cost_wan")
"""What a street may say of a site that no rule judges, and a plan takes over."""


def list_sites(evaluation: Evaluation, target: Target) -> Sheet:
    """Return the sites of the judged subdistricts in order of id, their places in a CRS."""
    names = Names(evaluation)
    rows: list[Row] = []
    places = [(names.sites[id_].x, names.sites[id_].y) for id_ in evaluation.worth]
    projected = project_places(evaluation, places, target)
    for (id_, worth), (x, y) in zip(evaluation.worth.items(), projected, strict=True):
        site = names.sites[id_]
        rows.append(
            {
                **{key: site.others.get(key) for key in EXTRA},
                "id": id_,
                "site_name": site.name,
                "code": site.subdistrict,
                "name": names.name_subject(site.subdistrict) if site.subdistrict else None,
                "status": put_together(STATUS_WORDS[site.status]),
                "role": put_together(ROLE_WORDS[site.role]),
                "premises": _say_choice("premises", site.premises),
                "floor_area_m2": site.floor_area_m2,
                "office_area_m2": site.office_area_m2,
                "available_from": site.available_from,
                "mode": _say_choice("mode", site.mode),
                "services": SEPARATOR.join(
                    str(_say_choice("services", service)) for service in site.services
                ),
                "x": x,
                "y": y,
                "lon": site.lon,
                "lat": site.lat,
                "snap_m": worth.snap_distance_m,
                "alone": worth.alone,
                "added": worth.added,
                "lost": worth.lost,
                "shared": worth.shared,
                "catchment": worth.catchment,
                "load": worth.load_per_m2,
                "mean_m": worth.mean_distance_m,
                "detour": worth.p90_detour_factor,
            }
        )
    return Sheet(Text("场地", "sites"), head_columns(SITES, evaluation.method, target), tuple(rows))


def _say_choice(key: str, value: object) -> str | None:
    """Return the words for a value of a list; the value itself if it is none of them."""
    if value is None:
        return None
    choices = find_field(key).choices
    return next((put_together(one.label) for one in choices if one.value == value), str(value))
