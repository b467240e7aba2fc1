"""Rules on the data: whether the figures can be trusted."""

import math

from siteplan.analysis.datum import Alignment
from siteplan.analysis.rules.facts import (
    NOT_APPLICABLE,
    PASS,
    Doubt,
    Facts,
    Outcome,
    assume,
    reaches,
    say_figure,
    say_people,
    say_share,
)
from siteplan.crs import GIVEN
from siteplan.errors import Text, join_names
from siteplan.model import TOLERANCE_M, Site, Verdict
from siteplan.schema import find_field

VINTAGE_YEARS = assume("vintage_years", 2, "year")
MEASURED_RATIO = assume("measured_ratio", 0.5, None, ">=")
JOINED_RATIO = assume("joined_ratio", 0.95, None, ">=")
JOINED_RATIO_LEAST = 0.80
CONSERVED_PERSONS, CONSERVED_RATIO = 0.5, 1e-6
REQUIRED = ("name", "subdistrict")
DATUM_NAMES = {"gcj02": "GCJ-02", "bd09": "BD-09"}


def judge_coordinates(facts: Facts) -> list[Outcome]:
    """D01: each member's coordinates are what they claim to be."""
    return [_judge_coordinates(facts, site) for site in facts.members] or [NOT_APPLICABLE]


def judge_boundaries(alignment: Alignment) -> Outcome:
    """D01 of the case: its boundaries run along roads as they are, and not in another datum."""
    if alignment.best not in DATUM_NAMES:
        return PASS
    name = DATUM_NAMES[alignment.best]
    there, here = alignment.shares[alignment.best], alignment.shares[GIVEN]
    message = Text(
        f"街道边界看来是 {name}：换算为 WGS84 后 {there:.0%} 的长度沿道路，原坐标 {here:.0%}；"
        f'移动 {say_people(alignment.moved_m)} 米。请在 [datum] 写 boundaries = "{alignment.best}"',
        f"the boundaries look like {name}: {there:.0%} of their length runs along roads after"
        f" {name} → WGS84, {here:.0%} as given; they move by {say_people(alignment.moved_m)} m."
        f' Write boundaries = "{alignment.best}" under [datum]',
    )
    return Outcome("warn", message, "case", alignment.moved_m, "m")


def judge_attributes(facts: Facts) -> list[Outcome]:
    """D02: each member's required attributes are present and valid."""
    several = len(facts.members) > 1
    return [judge_site_attributes(site, several=several) for site in facts.members] or [
        NOT_APPLICABLE
    ]


def judge_site_attributes(site: Site, *, several: bool) -> Outcome:
    """Judge the attributes of one site; of several sites each has a role."""
    required = [field for field in REQUIRED if getattr(site, field) is None]
    lacking = required + [field for field in site.missing if field not in REQUIRED]
    if several and site.role is None and "role" not in site.invalid:
        lacking.append("role")
    reasons = []
    if site.invalid:
        invalid = sorted(site.invalid.items())
        chinese = join_names(f"{find_field(field).label.zh}“{value}”" for field, value in invalid)
        english = join_names(f"{field} “{value}”" for field, value in invalid)
        reasons.append(
            Text(
                f"取值不在允许范围：{chinese.zh}",
                f"values outside their list or range: {english.en}",
            )
        )
    if lacking:
        chinese = join_names(find_field(field).label.zh for field in lacking)
        reasons.append(Text(f"缺少{chinese.zh}", f"lacks {join_names(lacking).en}"))
    message = Text("；".join(r.zh for r in reasons), "; ".join(r.en for r in reasons))
    verdict: Verdict = "fail" if required or site.invalid else "warn" if lacking else "pass"
    return Outcome(verdict, message, site.id)


def judge_vintage(facts: Facts) -> list[Outcome]:
    """D03: boundary and population are of the same years."""
    vintage, year = facts.subdistrict.vintage, facts.subdistrict.population_year
    if vintage is None or year is None:
        if year is not None:
            message = Text("未注明边界年份", "the boundary has no year (vintage)")
        elif vintage is not None:
            message = Text("未注明人口年份", "the population has no year")
        else:
            message = Text(
                "边界和人口均未注明年份",
                "neither the boundary (vintage) nor the population has a year",
            )
        return [Outcome("unknown", message, unit="year", thresholds=(VINTAGE_YEARS,))]
    apart = abs(vintage - year)
    if apart <= VINTAGE_YEARS.number:
        return [PASS]
    message = Text(
        f"边界为 {vintage} 年，人口为 {year} 年", f"boundary of {vintage}, population of {year}"
    )
    return [Outcome("warn", message, None, apart, "year", (VINTAGE_YEARS,))]


def judge_population(facts: Facts) -> list[Outcome]:
    """D04: the residents placed at points are all residents, and stand where they live."""
    total, placed = facts.subdistrict.population, facts.demand_total
    off = abs(placed - total)
    if off > CONSERVED_PERSONS and off > CONSERVED_RATIO * total:
        message = Text(
            f"分布后为 {placed:,.1f} 人，应为 {total:,.1f} 人",
            f"{placed:,.1f} residents at points, {total:,.1f} in the table",
        )
        return [Outcome("fail", message, None, placed, "person")]
    if facts.demand_basis == "area":
        message = Text(
            "没有建筑或居民点数据，人口按面积平均分布",
            "no buildings or places of residence: people are spread evenly over the ground",
        )
        return [Outcome("warn", message)]
    if facts.demand_basis == "buildings" and facts.measured_ratio < MEASURED_RATIO.number:
        share = say_share(facts.measured_ratio, MEASURED_RATIO.number)
        known = Text(f"仅 {share} 的建筑注明层数", f"only {share} of the buildings have storeys")
        if not facts.measured_ratio:
            known = Text("没有建筑注明层数", "none of the buildings has storeys")
        message = Text(
            f"人口按建筑占地面积分布：{known.zh}", f"people are placed by footprint: {known.en}"
        )
        return [Outcome("warn", message, None, facts.measured_ratio, None, (MEASURED_RATIO,))]
    return [PASS]


def judge_roads(facts: Facts) -> list[Outcome]:
    """D05: nearly everybody lives beside the main part of the road network."""
    if not facts.roads_known:
        message = Text("没有道路数据，按直线距离计算", "no roads: straight lines are measured")
        return [Outcome("unknown", message, thresholds=(JOINED_RATIO,))]
    if facts.method == "straight-line" or math.isnan(facts.joined_ratio):
        return [NOT_APPLICABLE]
    if reaches(facts.joined_ratio, JOINED_RATIO.number):
        return [PASS]
    share = say_share(facts.joined_ratio, JOINED_RATIO.number)
    message = Text(
        f"仅 {share} 的居民邻近主路网",
        f"only {share} of the residents live by the main road network",
    )
    if not facts.joined_ratio:
        message = Text("没有居民邻近主路网", "no resident lives by the main road network")
    verdict: Verdict = "warn" if reaches(facts.joined_ratio, JOINED_RATIO_LEAST) else "unknown"
    return [Outcome(verdict, message, None, facts.joined_ratio, None, (JOINED_RATIO,))]


def _judge_coordinates(facts: Facts, site: Site) -> Outcome:
    position = facts.positions[site.id]
    if position.doubt is not None:
        message = _say_doubt(position.doubt)
        return Outcome("warn", message, site.id, position.doubt.moved_m, "m")
    tolerance = facts.standard.thresholds.get("boundary_tolerance")
    limit_m = tolerance.number if tolerance else 0.0
    if position.outside_all_m > limit_m + TOLERANCE_M:
        far = say_figure(position.outside_all_m, limit_m)
        message = Text(f"位于所有街道之外 {far} 米", f"lies {far} m outside all subdistricts")
        used = (tolerance,) if tolerance else ()
        return Outcome("fail", message, site.id, position.outside_all_m, "m", used)
    return Outcome("pass", subject=site.id)


def _say_doubt(doubt: Doubt) -> Text:
    """Say in which datum coordinates may be, with the evidence, and what to do."""
    name = DATUM_NAMES[doubt.datum]
    evidence = Text(
        f"同一文件 {doubt.compared} 个场地中，经 {name} → WGS84 换算后有 {doubt.fits} 个"
        f"位于所报街道，原坐标 {doubt.fits_as_given} 个；本场地移动 {say_people(doubt.moved_m)} 米",
        f"{doubt.fits} of {doubt.compared} sites of its file fit after {name} → WGS84, "
        f"{doubt.fits_as_given} as given; this one moves by {say_people(doubt.moved_m)} m",
    )
    if not doubt.sure:
        return Text(
            f"坐标可能是 {name}：{evidence.zh}。请询问坐标在何处读取",
            f"the coordinates may be {name}: {evidence.en}. Ask where they were read",
        )
    return Text(
        f'坐标是 {name}：{evidence.zh}。请在 [datum] 写 proposals = "{doubt.datum}"，'
        "或用 siteplan check --fix 换算",
        f'the coordinates are {name}: {evidence.en}. Write proposals = "{doubt.datum}" under'
        " [datum], or convert them with siteplan check --fix",
    )
