"""Rules on single venues: place, origin, size and time."""

import math

from siteplan.analysis.coverage import SLACK
from siteplan.analysis.rules.facts import (
    NOT_APPLICABLE,
    PASS,
    Facts,
    Outcome,
    lack,
    say_figure,
    say_limit,
    say_people,
)
from siteplan.errors import Text, join_names
from siteplan.model import TOLERANCE_M, Site, Threshold

MOST_PASSAGES = 3  # named in one finding


def judge_place(facts: Facts) -> list[Outcome]:
    """S01: each member lies in its own subdistrict."""
    return [_judge_place(facts, site) for site in facts.members] or [NOT_APPLICABLE]


def judge_premises(facts: Facts) -> list[Outcome]:
    """S02: each member's premises come from one of the ways the plan lists."""
    return [_judge_premises(site) for site in facts.members] or [NOT_APPLICABLE]


def judge_floor_area(facts: Facts) -> list[Outcome]:
    """S03: the sites of the centre together have the floor area it needs."""
    if not facts.members:
        return [NOT_APPLICABLE]
    least = facts.standard.thresholds.get("min_floor_area")
    if least is None:
        return [lack("min_floor_area")]
    needed_m2 = least.number
    areas = [site.floor_area_m2 or 0.0 for site in facts.members]
    without = [
        site.label for site, area_m2 in zip(facts.members, areas, strict=True) if area_m2 <= 0
    ]
    total_m2 = sum(area_m2 for area_m2 in areas if area_m2 > 0)
    if without:
        names = join_names(without)
        message = Text(
            f"未注明建筑面积或其值不大于 0：{names.zh}", f"without a floor area above 0: {names.en}"
        )
    elif total_m2 < needed_m2:
        there, needed = say_figure(total_m2, needed_m2), say_limit(needed_m2)
        every = Text("各场地建筑面积共", " in all sites together")
        if len(facts.members) == 1:
            every = Text("建筑面积", "")
        message = Text(
            f"{every.zh} {there} 平方米，应不少于 {needed} 平方米",
            f"{there} m² of floor area{every.en}, at least {needed} m² are asked for",
        )
    else:
        return [PASS]
    return [Outcome("fail", message, None, total_m2, "m2", (least,))]


def judge_availability(facts: Facts) -> list[Outcome]:
    """S04: the premises of a pilot are there in time."""
    if not facts.members or not facts.pilots:
        return [NOT_APPLICABLE]
    deadline = facts.standard.thresholds.get("premises_deadline")
    if deadline is None:
        return [lack("premises_deadline")]
    outcomes = []
    for site in facts.members:
        day = site.available_from
        limit = str(deadline.value)
        if day is None and site.status == "existing":
            outcomes.append(Outcome("pass", subject=site.id))
        elif day is None:
            message = Text("未注明可用日期", "does not say from when it is available")
            outcomes.append(Outcome("warn", message, site.id, None, "date", (deadline,)))
        elif day.isoformat() <= limit:
            outcomes.append(Outcome("pass", subject=site.id))
        else:
            message = Text(
                f"{day} 才可用，应不晚于 {limit}",
                f"is available only from {day}, {limit} is the last day",
            )
            outcomes.append(Outcome("fail", message, site.id, day.isoformat(), "date", (deadline,)))
    return outcomes


def judge_detour(facts: Facts) -> list[Outcome]:
    """S06: nothing in the way makes people walk much farther than the straight line."""
    if not facts.members:
        return [NOT_APPLICABLE]
    if facts.method == "straight-line":
        message = Text("没有沿道路量算，无法判断", "cannot be told without walks along roads")
        return [Outcome("unknown", message)]
    limit = facts.standard.thresholds.get("max_detour")
    if limit is None:
        return [lack("max_detour")]
    return [_judge_detour(facts, site, limit) for site in facts.members]


def _judge_detour(facts: Facts, site: Site, limit: Threshold) -> Outcome:
    detour = facts.detours[site.id]
    if math.isnan(detour):
        return Outcome("na", subject=site.id)
    if detour <= limit.number * (1 + SLACK):
        return Outcome("pass", subject=site.id)
    figure, allowed = say_figure(detour, limit.number, 2), say_limit(limit.number)
    message = Text(
        f"就近的居民中 90% 步行距离在直线的 {figure} 倍以内，应在 {allowed} 倍以内",
        f"of the residents whose nearest site it is, 90% walk at most {figure} times the straight "
        f"line; at most {allowed} times are asked for",
    )
    named = facts.passages[site.id][:MOST_PASSAGES]
    if named:
        zh = "、".join(f"{name.zh}（{say_people(count)} 人）" for name, count in named)
        counted = [(name.en, say_people(count)) for name, count in named]
        en = ", ".join(f"{name} ({n} resident{'s' * (n != '1')})" for name, n in counted)
        message = Text(
            f"{message.zh}；绕行者途经{zh}",
            f"{message.en}; those who walk farther get across by {en}",
        )
    return Outcome("warn", message, site.id, detour, None, (limit,))


def _judge_place(facts: Facts, site: Site) -> Outcome:
    outside_m = facts.positions[site.id].outside_own_m
    if outside_m <= TOLERANCE_M:
        return Outcome("pass", subject=site.id)
    tolerance = facts.standard.thresholds.get("boundary_tolerance")
    if tolerance is None:
        return lack("boundary_tolerance", site.id)
    far, allowed = say_figure(outside_m, tolerance.number), say_limit(tolerance.number)
    message = Text(
        f"位于本街道之外 {far} 米（允许 {allowed} 米）",
        f"lies {far} m outside its subdistrict ({allowed} m are tolerated)",
    )
    near = outside_m <= tolerance.number + TOLERANCE_M
    return Outcome("warn" if near else "fail", message, site.id, outside_m, "m", (tolerance,))


def _judge_premises(site: Site) -> Outcome:
    if site.premises is None:
        given = site.invalid.get("premises")
        message = (
            Text(
                f"场地来源“{given}”不在方案所列之内",
                f"premises “{given}” is none of the listed ways",
            )
            if given
            else Text("未注明场地来源", "does not say where the premises come from")
        )
        return Outcome("fail", message, site.id)
    if site.premises == "other":
        message = Text("场地来源为“其他”，请说明", "premises “other”: say which")
        return Outcome("warn", message, site.id)
    return Outcome("pass", subject=site.id)
