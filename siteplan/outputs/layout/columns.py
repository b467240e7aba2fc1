"""The attributes of the layers of a layout plan, and what they are called in each format."""

from dataclasses import dataclass
from typing import Literal

from siteplan.errors import Text

FieldType = Literal["text", "integer", "real", "date"]
PERSON, METRE, SQUARE_METRE = Text("人", "person"), Text("m", "m"), Text("m²", "m²")
NO_UNIT = Text("", "")
MOST_BYTES = 254
"""Of a text in the table of a Shapefile."""


@dataclass(frozen=True, slots=True)
class LayoutField:
    """One attribute of a layer.

    Attributes
    ----------
    name
        In GeoPackage, FileGDB and GeoJSON, the same as in `evaluation.json` where it is there.
    short
        In a Shapefile: ASCII, at most ten bytes.
    alias
        What it is called where people read it.
    kind
        What its values are.
    width, precision
        Characters or digits of a value in a Shapefile, and decimals among them.
    unit
        Empty where a value has none.
    """

    name: str
    short: str
    alias: Text
    kind: FieldType = "text"
    width: int = MOST_BYTES
    precision: int = 0
    unit: Text = NO_UNIT


def _text(name: str, short: str, zh: str, en: str) -> LayoutField:
    return LayoutField(name, short, Text(zh, en))


def _people(name: str, short: str, zh: str, en: str) -> LayoutField:
    return LayoutField(name, short, Text(zh, en), "real", 18, 6, PERSON)


def _metres(name: str, short: str, zh: str, en: str) -> LayoutField:
    return LayoutField(name, short, Text(zh, en), "real", 14, 3, METRE)


def _area(name: str, short: str, zh: str, en: str) -> LayoutField:
    return LayoutField(name, short, Text(zh, en), "real", 18, 3, SQUARE_METRE)


def _ratio(name: str, short: str, zh: str, en: str) -> LayoutField:
    return LayoutField(name, short, Text(zh, en), "real", 18, 9)


def _count(name: str, short: str, zh: str, en: str) -> LayoutField:
    return LayoutField(name, short, Text(zh, en), "integer", 9)


def _date(name: str, short: str, zh: str, en: str) -> LayoutField:
    return LayoutField(name, short, Text(zh, en), "date", 8)


CODE = _text("subdistrict", "street", "街道代码", "Code of the subdistrict")
UNIT_NAME = _text("subdistrict_name", "street_nam", "街道", "Subdistrict")
STATUS = _text("status", "status", "状态代码", "Status")
STATUS_ZH = _text("status_zh", "status_zh", "状态", "Status in Chinese")
ROLE = _text("role", "role", "角色代码", "Role")
OWNER = (
    _text("site", "site", "场地编号", "Id of the site"),
    _text("site_name", "site_name", "场地名称", "Name of the site"),
    CODE, UNIT_NAME, STATUS, STATUS_ZH, ROLE,
)  # fmt: skip

SUBDISTRICTS = (
    _text("code", "code", "街道代码", "Code"),
    _text("name", "name", "街道", "Subdistrict"),
    _text("district", "district", "区", "District"),
    _people("population", "pop", "常住人口", "Residents"),
    _text("layout", "layout", "布局代码", "Layout"),
    _text("layout_zh", "layout_zh", "布局", "Layout in Chinese"),
    _text("verdict", "verdict", "结论代码", "Verdict"),
    _text("verdict_zh", "verdict_zh", "结论", "Verdict in Chinese"),
    _people("covered_population", "cov_pop", "步行覆盖人口", "Residents covered on foot"),
    _ratio("coverage_ratio", "cov_ratio", "步行覆盖率", "Coverage on foot"),
    _ratio("straight_line_coverage_ratio", "line_ratio", "直线覆盖率", "Coverage by straight line"),
    _people("covered_by_any_population", "any_pop", "任一场地覆盖人口", "Covered by any site"),
    _metres("mean_distance_m", "mean_m", "平均步行距离", "Mean walk"),
    _metres("p95_distance_m", "p95_m", "95% 居民步行距离不超过", "Walk that 95 % do not exceed"),
    _people("unreachable_population", "unreach", "无法步行到达人口", "Residents who cannot walk"),
    _ratio(
        "older_coverage_ratio", "older_cov", "老年人步速覆盖率", "Coverage at older people's pace"
    ),
    _ratio(
        "p90_detour_factor", "detour_p90", "90% 居民绕行系数不超过", "Detour 90 % do not exceed"
    ),
    _text("headquarters", "head", "总部编号", "Id of the headquarters"),
    _count("sites", "sites", "中心场地数", "Sites of the centre"),
    _count("gaps", "gaps", "覆盖盲区数", "Gaps"),
)
SITES = (
    _text("id", "id", "场地编号", "Id"),
    _text("name", "name", "场地名称", "Name"),
    CODE, UNIT_NAME, STATUS, STATUS_ZH, ROLE,
    _text("role_zh", "role_zh", "角色", "Role in Chinese"),
    _text("premises", "premises", "场地来源代码", "Premises"),
    _text("premises_zh", "premise_zh", "场地来源", "Premises in Chinese"),
    _area("floor_area_m2", "floor_m2", "建筑面积", "Floor area"),
    _area("office_area_m2", "office_m2", "办公面积", "Office area"),
    _date("available_from", "avail_from", "可用日期", "Available from"),
    _count("mode", "mode", "运作模式", "Mode of operation"),
    _text("services", "services", "服务项目代码", "Services"),
    _text("services_zh", "service_zh", "服务项目", "Services in Chinese"),
    _text("address", "address", "地址", "Address"),
    _text("parcel_id", "parcel_id", "地块编号", "Parcel"),
    _text("land_use", "land_use", "用地性质", "Land use"),
    _metres("snap_distance_m", "snap_m", "距最近道路", "To the nearest road"),
    _people("alone_population", "alone", "单独覆盖人口", "Covered alone"),
    _people("added_population", "added", "新增覆盖人口", "Covered anew"),
    _people("shared_population", "shared", "均分覆盖人口", "Covered, shared among sites"),
    _people("lost_population", "lost", "撤掉后失去覆盖人口", "Lost without it"),
    _people("alone_own_population", "alone_own", "单独覆盖本街道人口", "Own covered alone"),
    _people("added_own_population", "added_own", "新增覆盖本街道人口", "Own covered anew"),
    _people("shared_own_population", "shared_own", "均分覆盖本街道人口", "Own covered, shared"),
    _people("lost_own_population", "lost_own", "撤掉后本街道失去覆盖人口", "Own lost without it"),
    _people("catchment_population", "catchment", "就近服务人口", "Residents nearest to it"),
    _ratio("load_per_m2", "load_m2", "每平方米服务人数", "Residents per m² of floor"),
    _metres("mean_distance_m", "mean_m", "就近居民平均步行距离", "Mean walk of those nearest"),
    _ratio("p90_detour_factor", "detour_p90", "90% 就近居民绕行系数", "Detour 90 % do not exceed"),
    _text("decision", "decision", "审查决定代码", "Decision in force"),
    _text("decision_zh", "decisio_zh", "审查决定", "Decision in Chinese"),
    _date("decided", "decided", "审查日期", "Decided on"),
    _count("decision_outdated", "outdated", "审查后评审已变（1 是）", "Outdated (1)"),
)  # fmt: skip
SITES_PRIVATE = (
    _text("contact", "contact", "联系人", "Contact"),
    _text("note", "note", "备注", "Note"),
    _text("reviewer", "reviewer", "审查人", "Reviewer"),
    _text("comment", "comment", "审查说明", "Comment of the reviewer"),
)
"""Of sites, only where people's names may be told."""
SERVICE_AREAS = (
    *OWNER,
    _metres("radius_m", "radius_m", "服务半径", "Service radius"),
    _people("population", "pop", "范围内人口", "Residents within"),
)
CATCHMENTS = (
    *OWNER,
    _people("population", "pop", "就近服务人口", "Residents nearest to it"),
)
LINKS = (
    _text("site", "site", "分站点编号", "Id of the branch"),
    _text("site_name", "site_name", "分站点", "Branch"),
    _text("headquarters", "head", "总部编号", "Id of the headquarters"),
    _text("headquarters_name", "head_name", "总部", "Headquarters"),
    CODE,
    UNIT_NAME,
    _metres("distance_m", "distance_m", "距离", "Distance"),
    _count("crossings", "crossings", "经过桥隧数", "Bridges and tunnels"),
    _text("crossings_zh", "cross_zh", "经过桥隧", "Bridges and tunnels in Chinese"),
    _text("crossings_en", "cross_en", "经过桥隧（英文）", "Bridges and tunnels in English"),
    _count("traced", "traced", "沿道路绘制（0 为直线）", "Along roads (1) or straight (0)"),
)  # fmt: skip
GAPS = (
    CODE,
    UNIT_NAME,
    _count("number", "number", "盲区序号", "Number in the subdistrict"),
    _text("name", "name", "附近地名", "Place nearby"),
    _people("population", "pop", "未覆盖人口", "Residents not covered"),
    _people("unreachable_population", "unreach", "无法步行到达人口", "Residents who cannot walk"),
    _text("nearest", "nearest", "最近场地编号", "Id of the nearest site"),
    _text("nearest_name", "near_name", "最近场地", "Nearest site"),
    _metres("mean_distance_m", "mean_m", "到最近场地平均距离", "Mean walk to the nearest site"),
    _metres("farthest_distance_m", "farthest_m", "到最近场地最远距离", "Farthest walk to it"),
    _metres("radius_m", "radius_m", "盲区半径", "Radius"),
)
FINDINGS = (
    _text("code", "code", "规则代码", "Rule"),
    _text("severity", "severity", "等级代码", "Severity"),
    _text("severity_zh", "severit_zh", "等级", "Severity in Chinese"),
    _text("subject", "subject", "对象代码", "Subject"),
    _text("subject_name", "subj_name", "对象", "Name of the subject"),
    _text("title_zh", "title_zh", "规则", "Rule in Chinese"),
    _text("title_en", "title_en", "规则（英文）", "Rule in English"),
    _text("message_zh", "message_zh", "意见", "Message in Chinese"),
    _text("message_en", "message_en", "意见（英文）", "Message in English"),
    _text("measured", "measured", "实测值", "Measured"),
    _text("unit", "unit", "单位", "Unit"),
    _text("threshold", "threshold", "标准值", "Threshold"),
    _text("threshold_status", "thr_status", "标准值依据", "Where the threshold comes from"),
    _text("clause", "clause", "条款", "Clause"),
    _text("department", "department", "责任部门代码", "Department"),
    _text("department_zh", "dept_zh", "责任部门", "Department in Chinese"),
)
DEMAND = (
    CODE,
    _people("population", "pop", "人口", "Residents"),
    _count("covered", "covered", "已覆盖（1 是，0 否）", "Covered (1) or not (0)"),
    _text("nearest", "nearest", "最近场地编号", "Id of the nearest site"),
    _metres("distance_m", "distance_m", "步行距离", "Walk to it"),
)
