"""Rules on coverage: how many residents are near enough."""

import math

from siteplan.analysis.coverage import OLDER, SLACK
from siteplan.analysis.rules.facts import (
    NOT_APPLICABLE,
    PASS,
    Facts,
    Outcome,
    lack,
    reaches,
    say_figure,
    say_limit,
    say_people,
    say_share,
    say_walk,
)
from siteplan.errors import Text
from siteplan.model import TOLERANCE_M, Gap, Verdict
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
    asked = Text(f"目标 {say_share(wanted)}", f"{say_share(wanted)} asked for")
    if not facts.members:
        message = Text(
            f"没有场地，无人被覆盖；{asked.zh}", f"without a site nobody is covered; {asked.en}"
        )
        return [Outcome("fail", message, None, ratio, None, used)]
    missed = facts.subdistrict.population - facts.coverage.covered_population
    people, far, by = say_people(missed), say_limit(radius.number), say_walk(facts.method)
    message = Text(
        f"覆盖 {say_share(ratio, wanted)}，{asked.zh}；{people} 人不在{by.zh} {far} 米以内",
        f"{say_share(ratio, wanted)} covered, {asked.en}; "
        f"{people} residents are not within {far} m {by.en}",
    )
    verdict: Verdict = "warn" if reaches(ratio, NEARLY * wanted) else "fail"
    return [Outcome(verdict, message, None, ratio, None, used)]


def judge_straight_coverage(facts: Facts) -> list[Outcome]:
    """C02: the same by straight line, as a screening figure beside C01.

    Without a member, or where straight lines are all that was measured, C01 has said it.
    """
    if not facts.members or facts.method == "straight-line":
        return [NOT_APPLICABLE]
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
    """C03: enough older residents come as far in the time that others take for the radius.

    Those of 60 and over where they have places of their own, else everybody. Without a member there
    is nothing to walk to.
    """
    if not facts.members:
        return [NOT_APPLICABLE]
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
    slow, usual, far = say_limit(older.number), say_limit(speed.number), say_people(radius_m)
    placed = OLDER in facts.coverage.group_ratios
    who = Text("60 岁以上居民", "residents of 60 and over") if placed else Text("居民", "residents")
    message = Text(
        f"按老年人步速（{slow} 米/秒，一般 {usual} 米/秒），同样时间只走 {far} 米，"
        f"覆盖 {share} 的{who.zh}，目标 {wanted}",
        f"at older people's speed ({slow} m/s, others {usual} m/s) the same time is enough for "
        f"{far} m: {share} of the {who.en} covered, {wanted} asked for",
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
    far, limit, by = (
        say_figure(p95_m, radius.number),
        say_limit(radius.number),
        say_walk(facts.method),
    )
    message = Text(
        f"95% 的居民到最近场地{by.zh}不超过 {far} 米，服务半径为 {limit} 米",
        f"95% of the residents have at most {far} m {by.en} to a site, the radius is {limit} m",
    )
    return [Outcome("warn", message, None, p95_m, "m", (radius,))]


def judge_gaps(facts: Facts) -> list[Outcome]:
    """C05: no group of uncovered neighbours is large.

    Without a member everybody is uncovered: that is N01 and C01.
    """
    if not facts.members:
        return [NOT_APPLICABLE]
    least = facts.standard.thresholds.get("gap_pop")
    if least is None:
        return [lack("gap_pop")]
    large = [gap for gap in facts.gaps if gap.population >= least.number * (1 - SLACK)]
    if not large:
        return [PASS]
    first, several, wanted = large[0], len(large) > 1, say_limit(least.number)
    people, radius = say_people(first.population), say_people(first.radius_m)
    wide = Text(f"，半径 {radius} 米", f" within {radius} m") if radius != "0" else Text("", "")
    near = Text(f"（“{first.name}”附近）", f" near “{first.name}”") if first.name else Text("", "")
    way = _say_way(facts, first)
    message = Text(
        f"有 {len(large)} 处 {wanted} 人以上的盲区{'，最大的一处' if several else ''}{near.zh}："
        f"{people} 人{wide.zh}，{way.zh}",
        f"{len(large)} gap{'s' if several else ''} of {wanted} residents or more"
        f"{', the largest' if several else ''}{near.en}: {people} residents{wide.en}, "
        f"{way.en}",
    )
    return [Outcome("warn", message, None, first.population, "person", (least,))]


def judge_population(facts: Facts) -> list[Outcome]:
    """C06: the subdistrict has as many residents as one centre can serve."""
    limits = facts.standard.thresholds.get("pop_per_centre")
    if limits is None or limits.upper is None:
        return [lack("pop_per_centre")]
    least, most = limits.number, limits.upper
    people = facts.subdistrict.population
    if least <= people <= most:
        return [PASS]
    asked = f"{say_people(least)}–{say_people(most)}"
    hint = Text("", "")
    if people > most and len(facts.members) == 1:
        hint = Text("，可考虑增设分站点", "; a branch may help")
    message = Text(
        f"常住人口 {say_people(people)} 人，每个中心宜为 {asked} 人{hint.zh}",
        f"{say_people(people)} residents, {asked} are meant for one centre{hint.en}",
    )
    return [Outcome("warn", message, None, people, "person", (limits,))]


def judge_area_per_resident(facts: Facts) -> list[Outcome]:
    """C07: the centre has enough floor area for its residents."""
    if not facts.members:
        return [NOT_APPLICABLE]
    least = facts.standard.thresholds.get("area_per_1000")
    if least is None:
        return [lack("area_per_1000")]
    people = facts.subdistrict.population
    if not people:
        return [Outcome("unknown", Text("没有居民", "nobody lives there"), thresholds=(least,))]
    if any(site.floor_area_m2 is None for site in facts.members):
        message = Text("有场地未注明建筑面积", "not every site gives its floor area")
        return [Outcome("unknown", message, None, None, "m2", (least,))]
    area_m2 = sum(max(site.floor_area_m2 or 0.0, 0.0) for site in facts.members)
    per_1000 = 1000 * area_m2 / people
    if reaches(per_1000, least.number):
        return [PASS]
    there = say_figure(per_1000, least.number, 1)
    message = Text(
        f"每千名居民 {there} 平方米，应不少于 {say_limit(least.number)} 平方米",
        f"{there} m² for a thousand residents, {say_limit(least.number)} m² are asked for",
    )
    return [Outcome("fail", message, None, per_1000, "m2", (least,))]


def judge_cross_boundary(facts: Facts) -> list[Outcome]:  # noqa: ARG001  # it only informs
    """C08: centres of other subdistricts are counted apart, as `covered_by_any_population`."""
    return [PASS]


def _say_way(facts: Facts, gap: Gap) -> Text:
    """Say how far it is from where people live in a gap to the nearest member."""
    if math.isnan(gap.mean_distance_m):
        return Text("步行到不了任何场地", "and no site can be walked to")
    limit_m = facts.standard.number("service_radius") or math.nan
    mean, far = (
        say_figure(distance_m, limit_m)
        for distance_m in (gap.mean_distance_m, gap.farthest_distance_m)
    )
    by, cut_off = say_walk(facts.method), say_people(gap.unreachable_population)
    away = Text("", "")
    if cut_off != "0":
        away = Text(f"，其中 {cut_off} 人走不到任何场地", f"; {cut_off} of them cannot walk to any")
    if mean == far:
        way = Text(f"到最近场地{by.zh} {far} 米", f"{far} m {by.en} from the nearest site")
    else:
        way = Text(
            f"到最近场地{by.zh}平均 {mean} 米、最远 {far} 米",
            f"{mean} m {by.en} from the nearest site on average, {far} m at most",
        )
    return Text(f"{way.zh}{away.zh}", f"{way.en}{away.en}")
