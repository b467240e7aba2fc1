"""What stands in the workbook of a layout plan of what was found, and of what it was found in."""

from collections.abc import Iterable, Mapping

import numpy as np

from siteplan.crs import WGS84, make_projection
from siteplan.errors import Text
from siteplan.model import Evaluation
from siteplan.outputs.layout.sheets import (
    CODE,
    NAME,
    PLACE,
    SEPARATOR,
    YES,
    Column,
    Figure,
    Kind,
    Names,
    Row,
    Sheet,
    head_columns,
    project_places,
    put_together,
)
from siteplan.outputs.layout.target import Target
from siteplan.outputs.results import DEPARTMENTS, ROLES, SEVERITIES
from siteplan.outputs.thresholds import say_status

KIND_OF_UNIT: Mapping[str | None, Kind] = {"m": "metres", "m2": "area", "person": "people"}
STRANDED = Text("走不到总部", "cannot reach the headquarters")
REFUSED = Text("未采用", "left out")
FINDINGS = (
    Column("severity", Text("程度", "Severity"), "text", 16),
    Column("rule", Text("规则", "Rule"), "code", 7),
    Column("subject", Text("对象", "Subject"), "code", 15),
    Column("subject_name", Text("对象名称", "Subject, name"), "text", 22),
    Column("title", Text("规则名称", "What it asks"), "text", 32),
    Column("zh", Text("意见", "Finding in Chinese"), "text", 60),
    Column("en", Text("意见（英文）", "Finding in English"), "text", 60),
    Column("measured", Text("实测", "Measured"), "figure", 12),
    Column("threshold", Text("标准", "Threshold"), "figure", 12),
    Column("unit", Text("单位", "Unit"), "text", 8),
    Column("status", Text("标准状态", "Status of the threshold"), "text", 16),
    Column("clause", Text("条款", "Clause"), "text", 13),
    Column("department", Text("办理部门", "Who acts on it"), "text", 24),
)


def list_findings(evaluation: Evaluation) -> Sheet:
    """Return the findings in order of rule and subject."""
    names = Names(evaluation)
    rows: list[Row] = []
    for finding in evaluation.findings:
        kind = KIND_OF_UNIT.get(finding.unit, "figure")
        status = finding.threshold_status
        rows.append(
            {
                "severity": put_together(SEVERITIES[finding.severity]),
                "rule": finding.code,
                "subject": finding.subject,
                "subject_name": names.name_subject(finding.subject),
                "title": put_together(finding.title),
                "zh": finding.message.zh,
                "en": finding.message.en,
                "measured": Figure(finding.measured, kind),
                "threshold": Figure(finding.threshold, kind),
                "unit": finding.unit,
                "status": status and put_together(say_status(status)),
                "clause": finding.clause,
                "department": put_together(DEPARTMENTS[finding.department]),
            }
        )
    return Sheet(Text("审查意见", "findings"), FINDINGS, tuple(rows), frozen=3)


LINKS = (
    CODE,
    NAME,
    Column("headquarters", Text("总部编号", "Headquarters"), "code", 15),
    Column("headquarters_name", Text("总部名称", "Headquarters, name"), "text", 24),
    Column("branch", Text("分站点编号", "Branch"), "code", 15),
    Column("branch_name", Text("分站点名称", "Branch, name"), "text", 24),
    Column("distance_m", Text("步行距离（米）", "Walk (m)"), "metres", 11),
    Column("state", Text("连通", "Connected"), "text", 30),
    Column("crossings", Text("途经桥梁、通道", "Bridges and tunnels"), "text", 40),
)


def list_links(evaluation: Evaluation) -> Sheet:
    """Return each branch and its walk to the headquarters, in order of subdistrict and branch.

    A branch that cannot reach it has no distance.
    """
    names = Names(evaluation)
    rows: list[Row] = []
    for judgement in evaluation.judgements:
        network = judgement.network
        links = {link.site: link for link in network.links}
        for branch in sorted({*links, *network.stranded}):
            link = links.get(branch)
            crossings = link.crossings if link else ()
            rows.append(
                {
                    "code": judgement.subdistrict.code,
                    "name": judgement.subdistrict.name,
                    "headquarters": network.headquarters,
                    "headquarters_name": names.name_site(network.headquarters),
                    "branch": branch,
                    "branch_name": names.name_site(branch),
                    "distance_m": link.distance_m if link else None,
                    "state": put_together(YES if link else STRANDED),
                    "crossings": SEPARATOR.join(put_together(one.name) for one in crossings),
                }
            )
    headed = head_columns(LINKS, evaluation.method)
    return Sheet(Text("服务网络", "network"), headed, tuple(rows))


GAPS = (
    CODE,
    NAME,
    Column("number", Text("序号", "Number"), "count", 7),
    Column("place", Text("附近地名", "Place nearby"), "text", 24),
    Column("population", Text("未覆盖人口", "Uncovered residents"), "people", 12, "sum"),
    Column("unreachable", Text("其中走不到的", "Unreachable among them"), "people", 12, "sum"),
    Column("radius_m", Text("范围半径（米）", "Radius (m)"), "metres", 11),
    Column("nearest", Text("最近场地编号", "Nearest site"), "code", 15),
    Column("nearest_name", Text("最近场地", "Nearest site, name"), "text", 24),
    Column("mean_m", Text("居民平均步行距离（米）", "Mean walk (m)"), "metres", 12),
    Column("farthest_m", Text("最远步行距离（米）", "Farthest walk (m)"), "metres", 12),
    *PLACE,
)


def list_gaps(evaluation: Evaluation, target: Target) -> Sheet:
    """Return the gaps of each judged subdistrict, the largest first, their places in a CRS."""
    records = evaluation.case.sites.records
    gaps = [(one.subdistrict, n, gap) for one in evaluation.judgements
            for n, gap in enumerate(one.gaps, start=1)]  # fmt: skip
    x, y = np.array([(gap.x, gap.y) for *_, gap in gaps], dtype=np.float64).reshape(-1, 2).T
    lon, lat = make_projection(evaluation.case.area.crs, WGS84)(x, y)
    projected = project_places(evaluation, [(gap.x, gap.y) for *_, gap in gaps], target)
    rows: list[Row] = []
    for (subdistrict, number, gap), place, *degrees in zip(
        gaps, projected, lon.tolist(), lat.tolist(), strict=True
    ):
        nearest = records[gap.nearest] if gap.nearest >= 0 else None
        rows.append(
            {
                "code": subdistrict.code,
                "name": subdistrict.name,
                "number": number,
                "place": gap.name,
                "population": gap.population,
                "unreachable": gap.unreachable_population,
                "radius_m": gap.radius_m,
                "nearest": nearest and nearest.id,
                "nearest_name": nearest and nearest.name,
                "mean_m": gap.mean_distance_m,
                "farthest_m": gap.farthest_distance_m,
                "x": place[0],
                "y": place[1],
                "lon": degrees[0],
                "lat": degrees[1],
            }
        )
    return Sheet(
        Text("覆盖盲区", "gaps"), head_columns(GAPS, evaluation.method, target), tuple(rows)
    )


SOURCES = (
    Column("role", Text("用途", "Role"), "text", 20),
    Column("path", Text("文件", "File"), "text", 36),
    Column("rows", Text("记录数", "Rows"), "count", 10),
    Column("crs", Text("坐标系", "CRS"), "text", 13),
    Column("datum", Text("基准", "Datum"), "text", 9),
    Column("licence", Text("许可", "Licence"), "text", 20),
    Column("sha256", Text("校验值", "SHA-256"), "code", 34),
    Column("zh", Text("说明", "Notes in Chinese"), "text", 44),
    Column("en", Text("说明（英文）", "Notes in English"), "text", 44),
)


def list_sources(evaluation: Evaluation) -> Sheet:
    """Return the files that were read, in order of path, and those that were left out."""
    case = evaluation.case
    rows: list[Row] = [
        {
            "role": put_together(ROLES.get(one.role, Text(one.role, one.role))),
            "path": one.path,
            "rows": one.rows,
            "crs": one.crs,
            "datum": one.datum,
            "licence": one.licence,
            "sha256": one.sha256,
            **_join_lines(one.notes),
        }
        for one in case.sources
    ]
    for refused in case.refused:
        told = [Text(defect.say("zh"), defect.say("en")) for defect in refused.defects]
        rows.append({"role": put_together(REFUSED), "path": refused.path, **_join_lines(told)})
    return Sheet(Text("数据来源", "sources"), SOURCES, tuple(rows))


def _join_lines(texts: Iterable[Text]) -> dict[str, str]:
    texts = list(texts)
    return {"zh": "\n".join(one.zh for one in texts), "en": "\n".join(one.en for one in texts)}
