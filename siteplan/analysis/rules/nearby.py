"""Rules on what is around a centre: public transport and existing services."""

import math

from siteplan.analysis.nearby import RELATIONS
from siteplan.analysis.rules.facts import (
    NOT_APPLICABLE,
    PASS,
    Facts,
    Outcome,
    lack,
    say_figure,
    say_limit,
    say_walk,
)
from siteplan.errors import Text, shorten
from siteplan.model import (
    TOLERANCE_M,
    DistanceMethod,
    NearbyFacility,
    Site,
    StopWalk,
    Threshold,
    Verdict,
)

NEARLY = 1.5  # times the limit: a stop beyond is far
MOST_NAMED = 3  # in one finding


def judge_transit(facts: Facts) -> list[Outcome]:
    """S05: a stop of public transport is near each member."""
    if not facts.members:
        return [NOT_APPLICABLE]
    walks = facts.nearby.stop_walks
    if walks is None:
        message = Text("没有公共交通站点资料", "no stops of public transport are known")
        return [Outcome("unknown", message)]
    limit = facts.standard.thresholds.get("transit")
    if limit is None:
        return [lack("transit")]
    return [_judge_transit(site, walks[site.id], limit, facts.method) for site in facts.members]


def judge_resources(facts: Facts) -> list[Outcome]:
    """P05: each existing service in the subdistrict has a relation to the centre."""
    inside = [one for one in facts.nearby.facilities or () if one.inside]
    if not inside or not facts.members:
        return [NOT_APPLICABLE]
    if not facts.nearby.relations_known:
        count = f"{len(inside)} existing {'facilities' if len(inside) > 1 else 'facility'}"
        message = Text(
            f"没有资料说明街道内 {len(inside)} 处现有设施与中心的关系（整合、对接或转介）",
            f"no file says whether the centre integrates, links with or refers to the {count} of "
            "the subdistrict",
        )
        return [Outcome("unknown", message)]
    without = [one for one in inside if one.relation not in RELATIONS]
    if not without:
        return [PASS]
    named = [_name_facility(one) for one in without[:MOST_NAMED]]
    rest = len(without) > MOST_NAMED
    message = Text(
        f"{len(inside)} 处现有设施中 {len(without)} 处没有与中心整合、对接或转介："
        f"{'、'.join(name.zh for name in named)}{'等' if rest else ''}",
        f"{len(without)} of {len(inside)} existing facilities are neither integrated, linked nor "
        f"referred: {', '.join(name.en for name in named)}{' and others' if rest else ''}",
    )
    return [Outcome("warn", message, None, float(len(without)))]


def _judge_transit(site: Site, walk: StopWalk, limit: Threshold, method: DistanceMethod) -> Outcome:
    if math.isinf(walk.distance_m):
        message = Text("步行到不了任何公共交通站点", "no stop of public transport can be walked to")
        return Outcome("fail", message, site.id, None, "m", (limit,))
    if walk.distance_m <= limit.number + TOLERANCE_M:
        return Outcome("pass", subject=site.id)
    figure, allowed = say_figure(walk.distance_m, limit.number), say_limit(limit.number)
    name, by = f"“{shorten(walk.name)}”" if walk.name else "", say_walk(method)
    message = Text(
        f"到最近的公共交通站点{name}{by.zh} {figure} 米，应不超过 {allowed} 米",
        f"{figure} m {by.en} to the nearest stop of public transport{name and f', {name}'}; "
        f"at most {allowed} m are asked for",
    )
    near = walk.distance_m <= NEARLY * limit.number + TOLERANCE_M
    verdict: Verdict = "warn" if near else "fail"
    return Outcome(verdict, message, site.id, walk.distance_m, "m", (limit,))


def _name_facility(one: NearbyFacility) -> Text:
    """Return what a facility is called, with its department and the word that is no relation."""
    name = f"“{shorten(one.name or one.kind)}”"
    said = f"“{shorten(one.relation)}”" if one.relation else ""
    zh = [one.department.zh] if one.department else []
    en = [one.department.en] if one.department else []
    zh, en = zh + [said] * bool(said), en + [said] * bool(said)
    return Text(
        f"{name}（{'，'.join(zh)}）" if zh else name, f"{name} ({', '.join(en)})" if en else name
    )
