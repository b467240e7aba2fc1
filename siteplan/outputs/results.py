"""The evaluation as data: `evaluation.json` (format `siteplan-evaluation/1`) and `findings.csv`.

The same input gives the same bytes: keys stand in a fixed order, residents have 6 decimals,
distances 3, ratios 9, and what cannot be computed is null.
"""

import csv
import io
import json
import math
from importlib.metadata import version

import numpy as np

from siteplan.crs import WGS84, make_projection
from siteplan.errors import Defect, Text
from siteplan.files import defuse_cell
from siteplan.model import (
    Case,
    DistanceMethod,
    Equity,
    Evaluation,
    Finding,
    Gap,
    Judgement,
    Nearby,
    ServiceNetwork,
    Site,
    SiteWorth,
    Source,
    Spread,
)
from siteplan.model.review import Standing
from siteplan.outputs.hashes import add_hashes
from siteplan.outputs.reviews import describe_standing, list_standing
from siteplan.outputs.sentences import say_worth
from siteplan.standard import note_adoption, note_districts, note_validity

FORMAT = "siteplan-evaluation/1"
PERSONS, METRES, RATIO, DEGREES = 6, 3, 9, 7
RANK = ("violation", "warning", "note")
DEPARTMENTS = {
    "street": Text("街道", "subdistrict office"),
    "planner": Text("规划编制人员", "planner"),
    "planning": Text("规划局", "planning bureau"),
    "district": Text("区（县级市）", "district"),
    "city": Text("市民政局", "city civil affairs bureau"),
    "finance": Text("财政局", "finance bureau"),
    "transport": Text("交通部门", "transport commission"),
    "departments": Text("各有关部门", "departments concerned"),
}
SEVERITIES = {
    "violation": Text("不通过", "violation"),
    "warning": Text("提醒", "warning"),
    "note": Text("数据不足", "note"),
}
METHODS = {"roads": Text("沿道路步行距离", "walking distance along roads"),
           "straight-line": Text("直线距离", "straight line")}  # fmt: skip
ROLES = {
    "boundaries": Text("街道边界", "boundaries"),
    "population": Text("人口", "population"),
    "residents": Text("居民点", "residents"),
    "roads": Text("道路", "roads"),
    "buildings": Text("建筑", "buildings"),
    "facilities": Text("现有设施", "facilities"),
    "stops": Text("公交站", "stops"),
    "proposals": Text("申报", "proposals"),
    "projects": Text("项目", "projects"),
    "standard": Text("设置标准", "standard"),
}
"""What files are for."""
COLUMNS = (
    "case", "distance", "severity", "code", "subject", "title_zh", "title_en", "message_zh",
    "message_en", "measured", "unit", "threshold", "threshold_status", "clause", "department",
)  # fmt: skip


def to_document(evaluation: Evaluation) -> dict[str, object]:
    """Return the evaluation as the document of `evaluation.json`: every key present."""
    case, summary = evaluation.case, evaluation.summary
    places = {site.id: site for site in case.sites.records}
    subdistricts = [describe_judgement(one, case) for one in evaluation.judgements]
    sites = [
        describe_site(places[id_], worth, evaluation.method)
        for id_, worth in evaluation.worth.items()
    ]
    findings = [describe_finding(finding) for finding in evaluation.findings]
    add_hashes(subdistricts, sites, findings, case.sites.records)
    return {
        "format": FORMAT,
        "siteplan_version": version("siteplan"),
        "case": case.name,
        "date": case.date.isoformat() if case.date else None,
        "standard": _describe_standard(case),
        "crs": case.area.crs,
        "distance": {
            "method": evaluation.method,
            "snap_limit_m": _round(case.standard.number("snap_limit"), METRES),
        },
        "sources": [describe_source(source) for source in case.sources],
        "refused": [
            {"path": refused.path, "defects": [describe_defect(d) for d in refused.defects]}
            for refused in case.refused
        ],
        "summary": {
            "subdistricts": summary.subdistricts,
            "population": _round(summary.population, PERSONS),
            "covered_population": _round(summary.covered_population, PERSONS),
            "coverage_ratio": _round(summary.coverage_ratio, RATIO),
            "straight_line_coverage_ratio": _round(summary.straight_line_coverage_ratio, RATIO),
            "covered_by_any_population": _round(summary.covered_by_any_population, PERSONS),
            "unreachable_population": _round(summary.unreachable_population, PERSONS),
            "violations": summary.violations,
            "warnings": summary.warnings,
        },
        "subdistricts": subdistricts,
        "sites": sites,
        "findings": findings,
        "reviews": [
            entry for one in list_standing(evaluation, sites) for entry in describe_standing(one)
        ],
    }


def rank_finding(finding: Finding) -> tuple[int, str, str]:
    """Return where a finding stands among those of a subdistrict: what weighs most comes first."""
    return RANK.index(finding.severity), finding.code, finding.subject


def list_decided(evaluation: Evaluation) -> tuple[Standing, ...]:
    """Return how the decisions on the judged sites stand, as `list_standing` does."""
    if not evaluation.case.reviews:
        return ()  # spares the hashes
    sites = to_document(evaluation)["sites"]
    return list_standing(evaluation, sites if isinstance(sites, list) else [])


def write_json(evaluation: Evaluation) -> bytes:
    """Return `evaluation.json`: RFC 8259, UTF-8."""
    document = json.dumps(to_document(evaluation), ensure_ascii=False, allow_nan=False, indent=1)
    return (document + "\n").encode("utf-8", errors="replace")


def write_findings(evaluation: Evaluation) -> bytes:
    """Return `findings.csv`: UTF-8 with a mark, so that Excel shows Chinese.

    No cell can run as a formula: text that would begin one is quoted with an apostrophe.
    """
    stream = io.StringIO(newline="")
    table = csv.writer(stream)
    table.writerow(COLUMNS)
    for finding in evaluation.findings:
        cells = (
            evaluation.case.name,
            evaluation.method,
            finding.severity,
            finding.code,
            finding.subject,
            finding.title.zh,
            finding.title.en,
            finding.message.zh,
            finding.message.en,
            _measure(finding.measured, finding.unit),
            finding.unit,
            _measure(finding.threshold, finding.unit),
            finding.threshold_status,
            finding.clause,
            DEPARTMENTS[finding.department].zh,
        )
        table.writerow([defuse_cell(cell) for cell in cells])
    return stream.getvalue().encode("utf-8-sig", errors="replace")


def describe_judgement(judgement: Judgement, case: Case) -> dict[str, object]:
    """Return one subdistrict as it stands in the document."""
    subdistrict, coverage = judgement.subdistrict, judgement.coverage
    return {
        "code": subdistrict.code,
        "name": subdistrict.name,
        "district": subdistrict.district,
        "population": _round(subdistrict.population, PERSONS),
        "layout": judgement.layout,
        "verdict": judgement.verdict,
        "rules": dict(judgement.rules),
        "covered_population": _round(coverage.covered_population, PERSONS),
        "coverage_ratio": _round(coverage.coverage_ratio, RATIO),
        "straight_line_coverage_ratio": _round(coverage.straight_line_ratio, RATIO),
        "covered_by_any_population": _round(coverage.by_any_population, PERSONS),
        "mean_distance_m": _round(coverage.mean_distance_m, METRES),
        "p95_distance_m": _round(coverage.p95_distance_m, METRES),
        "unreachable_population": _round(coverage.unreachable_population, PERSONS),
        "older_coverage_ratio": _round(coverage.older_ratio, RATIO),
        "p90_detour_factor": _round(coverage.p90_detour_factor, RATIO),
        "groups": {
            name: {
                "population": _round(count, PERSONS),
                "coverage_ratio": _round(coverage.group_ratios.get(name), RATIO),
            }
            for name, count in sorted(subdistrict.groups.items())
        },
        "sites": list(judgement.sites),
        "network": _describe_network(judgement.network),
        **_describe_nearby(judgement.nearby),
        "equity": _describe_equity(judgement.equity),
        "gaps": [_describe_gap(gap, case) for gap in judgement.gaps],
    }


def _describe_equity(equity: Equity) -> dict[str, object]:
    def describe(spread: Spread) -> dict[str, float | None]:
        return {
            "gini": _round(spread.gini, RATIO),
            "ratio_90_10": _round(spread.ratio_90_10, RATIO),
            "excluded_population": _round(spread.excluded_population, PERSONS),
        }

    return {
        "coverage_curve": [_round(share, RATIO) for share in equity.curve],
        "older_coverage_curve": [_round(share, RATIO) for share in equity.older_curve],
        "target_radius_m": _round(equity.target_radius_m, METRES),
        "older_target_radius_m": _round(equity.older_target_radius_m, METRES),
        "distance": describe(equity.distance),
        "supply_m2_per_1000": _round(equity.supply_m2_per_1000, METRES),
        "supply": describe(equity.supply),
        "balanced_supply_m2_per_1000": _round(equity.balanced_supply_m2_per_1000, METRES),
        "balanced_supply": describe(equity.balanced_supply),
    }


def _describe_gap(gap: Gap, case: Case) -> dict[str, object]:
    (lon,), (lat,) = make_projection(case.area.crs, WGS84)(np.array([gap.x]), np.array([gap.y]))
    return {
        "population": _round(gap.population, PERSONS),
        "unreachable_population": _round(gap.unreachable_population, PERSONS),
        "name": gap.name,
        "lon": _round(lon, DEGREES),
        "lat": _round(lat, DEGREES),
        "radius_m": _round(gap.radius_m, METRES),
        "nearest": None if gap.nearest < 0 else case.sites.records[gap.nearest].id,
        "distance_m": _round(gap.distance_m, METRES),
        "mean_distance_m": _round(gap.mean_distance_m, METRES),
        "farthest_distance_m": _round(gap.farthest_distance_m, METRES),
    }


def describe_site(site: Site, worth: SiteWorth, method: DistanceMethod) -> dict[str, object]:
    """Return one site as it stands in the document."""
    return {
        "id": site.id,
        "name": site.name,
        "subdistrict": site.subdistrict,
        "status": site.status,
        "role": site.role,
        "premises": site.premises,
        "floor_area_m2": _round(site.floor_area_m2, METRES),
        "lon": _round(site.lon, DEGREES),
        "lat": _round(site.lat, DEGREES),
        "snap_distance_m": _round(worth.snap_distance_m, METRES),
        "alone_population": _round(worth.alone, PERSONS),
        "added_population": _round(worth.added, PERSONS),
        "shared_population": _round(worth.shared, PERSONS),
        "lost_population": _round(worth.lost, PERSONS),
        "alone_own_population": _round(worth.alone_own, PERSONS),
        "added_own_population": _round(worth.added_own, PERSONS),
        "shared_own_population": _round(worth.shared_own, PERSONS),
        "lost_own_population": _round(worth.lost_own, PERSONS),
        "catchment_population": _round(worth.catchment, PERSONS),
        "load_per_m2": _round(worth.load_per_m2, RATIO),
        "mean_distance_m": _round(worth.mean_distance_m, METRES),
        "p90_detour_factor": _round(worth.p90_detour_factor, RATIO),
        "groups": {
            name: {
                "alone_population": _round(group.alone, PERSONS),
                "added_population": _round(group.added, PERSONS),
            }
            for name, group in worth.groups.items()
        },
        "sentence": describe_text(say_worth(site, worth, method)),
    }


def describe_defect(defect: Defect) -> dict[str, object]:
    """Return a defect as it stands in the document."""
    return {
        "stage": defect.stage,
        "severity": defect.severity,
        "feature": defect.feature,
        "name": defect.name,
        "field": defect.field,
        "message": describe_text(defect.message),
        "remedy": describe_text(defect.remedy),
    }


def describe_text(text: Text) -> dict[str, str]:
    """Return a text in both languages."""
    return {"zh": text.zh, "en": text.en}


def list_notes(case: Case) -> list[Text]:
    """Return what is to be known of judging this case by its standard."""
    places = [(one.code, one.district) for one in case.area.subdistricts]
    notes = (
        note_validity(case.standard, case.date),
        note_adoption(case.standard, case.date),
        note_districts(case.standard, places, case.succession),
    )
    return [note for note in notes if note is not None]


def _describe_standard(case: Case) -> dict[str, object]:
    standard = case.standard
    return {
        "id": standard.id,
        "title": describe_text(standard.title),
        "service_radius_m": _round(standard.number("service_radius"), METRES),
        "thresholds": {
            name: {
                "value": threshold.plain,
                "unit": threshold.unit,
                "op": threshold.op,
                "status": threshold.status,
                "source": threshold.source,
                "clause": threshold.clause,
            }
            for name, threshold in sorted(standard.thresholds.items())
        },
        "districts": {
            district: {name: threshold.plain for name, threshold in sorted(own.items())}
            for district, own in sorted(standard.districts.items())
        },
        "sources": {id_: describe_text(title) for id_, title in sorted(standard.sources.items())},
        "notes": [describe_text(note) for note in list_notes(case)],
    }


def describe_source(source: Source) -> dict[str, object]:
    """Return a file that was read as it stands in the document."""
    return {
        "role": source.role,
        "path": source.path,
        "sha256": source.sha256,
        "rows": source.rows,
        "crs": source.crs,
        "datum": source.datum,
        "licence": source.licence,
        "notes": [describe_text(note) for note in source.notes],
    }


def _describe_network(network: ServiceNetwork) -> dict[str, object]:
    worst = network.worst_loss
    return {
        "headquarters": network.headquarters,
        "connected": network.connected,
        "stranded": list(network.stranded),
        "links": [
            {
                "site": link.site,
                "distance_m": _round(link.distance_m, METRES),
                "crossings": [
                    {
                        "name": describe_text(crossing.name),
                        "distance_without_m": _round(crossing.distance_without_m, METRES),
                    }
                    for crossing in link.crossings
                ],
            }
            for link in network.links
        ],
        "best_headquarters": {"median": network.best_median, "center": network.best_center},
        "worst_loss": None
        if worst is None
        else {"site": worst[0], "coverage_ratio": _round(worst[1], RATIO)},
        "losses": [
            {"site": site, "coverage_ratio": _round(left, RATIO)}
            for site, left in sorted(network.losses.items())
        ],
        "headquarters_factor": _round(network.median_factor, RATIO),
        "best_headquarters_saving_m": _round(network.median_saving_m, METRES),
        "redundant": list(network.redundant),
        "services": list(network.services),
    }


def _describe_nearby(nearby: Nearby) -> dict[str, object]:
    """Return what is around a centre; null where no file tells."""
    walks, facilities = nearby.stop_walks, nearby.facilities
    return {
        "stops": None
        if walks is None
        else [
            {
                "site": site,
                "distance_m": _round(walk.distance_m, METRES),
                "kind": walk.kind or None,
                "name": walk.name or None,
            }
            for site, walk in sorted(walks.items())
        ],
        "facilities": None
        if facilities is None
        else [
            {
                "kind": one.kind,
                "name": one.name or None,
                "department": one.department and describe_text(one.department),
                "relation": one.relation or None,
                "inside": one.inside,
                "nearest": one.member,
                "distance_m": _round(one.distance_m, METRES),
            }
            for one in facilities
        ],
    }


def describe_finding(finding: Finding) -> dict[str, object]:
    """Return one finding as it stands in the document."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "subject": finding.subject,
        "title": describe_text(finding.title),
        "message": describe_text(finding.message),
        "measured": _measure(finding.measured, finding.unit),
        "unit": finding.unit,
        "threshold": _measure(finding.threshold, finding.unit),
        "threshold_status": finding.threshold_status,
        "clause": finding.clause,
        "department": finding.department,
    }


def _measure(value: float | str | None, unit: str | None) -> float | str | None:
    """Round a figure by what it is: metres, people, or a share."""
    if not isinstance(value, int | float):
        return value
    return _round(value, {"m": METRES, "m2": METRES, "person": PERSONS}.get(unit or "", RATIO))


def _round(value: float | None, decimals: int) -> float | None:
    """Return a finite number with a fixed number of decimals; None for what is not computable."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), decimals) + 0.0  # no negative zero
