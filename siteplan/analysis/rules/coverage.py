"""Rules on coverage: how many residents are near enough."""

import math

from siteplan.analysis.rules.facts import (
    NOT_APPLICABLE,
    PASS,
    Facts,
    Outcome,
    lack,
    reaches,
    say_figure,
    say_people,
    say_share,
)
from siteplan.errors import Text
from siteplan.model import TOLERANCE_M, Verdict
from siteplan.standard import find_older_radius

NEARLY = 0.9  # of the target: below it a binding target fails


def judge_walking_coverage(facts: Facts) -> list[Outcome]:
    """C01: enough residents live within the service radius on foot.

    The figure depends on the radius as much as on the target, so it fails only where both bind.
    """
    target, radius = (
        facts.standard.thresholds.get(name) for name in ("coverage_target", "service_radius")
    )
    if target is None or radius is None:
        return [lack("coverage_target" if target is None else "service_radius")]
    used, ratio = (target, radius), facts.coverage.coverage_ratio
    if math.isnan(ratio):
        message = Text("没有居民", "nobody lives there")
        return [Outcome("unknown", message, thresholds=used)]
    wanted = target.number
    if reaches(ratio, wanted):
        return [PASS]
    missed = facts.subdistrict.population - facts.coverage.covered_population
    message = Text(
        f"覆盖 {say_share(ratio, wanted)}，目标 {say_share(wanted)}；"
        f"{say_people(missed)} 人在 {radius.number:g} 米之外",
        f"{say_share(ratio, wanted)} covered, {say_share(wanted)} asked for; "
        f"{say_people(missed)} residents are farther than {radius.number:g} m",
    )
    verdict: Verdict = "warn" if reaches(ratio, NEARLY * wanted) else "fail"
    return [Outcome(verdict, message, None, ratio, None, used)]


def judge_straight_coverage(facts: Facts) -> list[Outcome]:
    """C02: the same by straight line, as a screening figure beside C01."""
    target = facts.standard.thresholds.get("coverage_target")
    if target is None:
        return [lack("coverage_target")]
    ratio = facts.coverage.straight_line_ratio
    if math.isnan(ratio):
        return [Outcome("unknown", Text("没有居民", "nobody lives there"), thresholds=(target,))]
    wanted = target.number
    if reaches(ratio, wanted):
        return [PASS]
    message = Text(
        f"即使按直线也只覆盖 {say_share(ratio, wanted)}，目标 {say_share(wanted)}",
        f"{say_share(ratio, wanted)} covered even by straight line, {say_share(wanted)} asked for",
    )
    return [Outcome("warn", message, None, ratio, None, (target,))]


def judge_older_coverage(facts: Facts) -> list[Outcome]:
    """C03: enough older residents come as far in the time that others take for the radius."""
    names = ("coverage_target", "service_radius", "walk_speed", "walk_speed_older")
    used = [facts.standard.thresholds.get(name) for name in names]
    for name, threshold in zip(names, used, strict=True):
        if threshold is None:
            return [lack(name)]
    target, _, speed, older = (threshold for threshold in used if threshold is not None)
    radius_m = find_older_radius(facts.standard)
    ratio = facts.coverage.older_ratio
    if math.isnan(ratio):
        return [Outcome("unknown", Text("没有居民", "nobody lives there"), thresholds=(target,))]
    if reaches(ratio, target.number):
        return [PASS]
    share, wanted = say_share(ratio, target.number), say_share(target.number)
    message = Text(
        f"老年人步速（{older.number:g} 米/秒，一般为 {speed.number:g} 米/秒）在相同时间内走 "
        f"{radius_m:,.0f} 米，覆盖 {share}，目标 {wanted}",
        f"at an older walker's speed ({older.number:g} m/s, others {speed.number:g} m/s) the same "
        f"time takes them {radius_m:,.0f} m: {share} covered, {wanted} asked for",
    )
    return [Outcome("warn", message, None, ratio, None, (target, older))]


def judge_farthest(facts: Facts) -> list[Outcome]:
    """C04: all but the farthest residents live within the radius of a member."""
    radius = facts.standard.thresholds.get("service_radius")
    if radius is None:
        return [lack("service_radius")]
    if not facts.members:
        return [NOT_APPLICABLE]
    p95_m = facts.coverage.p95_distance_m
    if math.isnan(p95_m):
        message = Text("没有居民能走到任何场地", "no resident can walk to any of the sites")
        return [Outcome("unknown", message, None, None, "m", (radius,))]
    if p95_m <= radius.number + TOLERANCE_M:
        return [PASS]
    far = say_figure(p95_m, radius.number)
    message = Text(
        f"95% 的居民在 {far} 米以内，服务半径为 {radius.number:g} 米",
        f"95 % of the residents live within {far} m, the radius is {radius.number:g} m",
    )
    return [Outcome("warn", message, None, p95_m, "m", (radius,))]
