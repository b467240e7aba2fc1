"""Rules on the centre as a whole: one project, one headquarters, one network."""

import math

from siteplan.analysis.coverage import SLACK
from siteplan.analysis.rules.facts import (
    NOT_APPLICABLE,
    PASS,
    Facts,
    Outcome,
    assume,
    lack,
    reaches,
    say_figure,
    say_limit,
    say_share,
    say_walk,
)
from siteplan.errors import Text, join_names
from siteplan.model import TOLERANCE_M, Site, Verdict
from siteplan.schema import find_field

FAR = 1.5  # times the limit: beyond it a binding limit fails
OFFICE_AREA = assume("office_area", 0, "m2", ">")
MEDIAN_FACTOR = assume("median_factor", 1.1, None)
"""A headquarters a tenth farther from its residents than the best placed is as good as that."""


def judge_centre(facts: Facts) -> list[Outcome]:
    """N01: the subdistrict has one centre."""
    limit = facts.standard.thresholds.get("centres_per_street")
    used = (limit,) if limit else ()
    if len(facts.projects) > max(1, len(facts.pilots)):  # two pilots may lie in it today
        names = join_names(project.project_id for project in facts.projects)
        message = Text(f"申报了多个项目：{names.zh}", f"several projects are filed: {names.en}")
        return [Outcome("fail", message, None, float(len(facts.projects)), "project", used)]
    if not facts.members:
        message = Text("没有现有或拟建的场地", "there is no existing or proposed site")
        return [Outcome("warn", message, None, 0.0, "site", used)]
    return [PASS]


def judge_headquarters(facts: Facts) -> list[Outcome]:
    """N02: a dispersed centre has exactly one headquarters."""
    if not facts.members:
        return [NOT_APPLICABLE]
    named = [site.label for site in facts.members if site.role == "headquarters"]
    if len(facts.members) == 1 or len(named) == 1:
        return [PASS]
    best = _call(facts, facts.network.best_median)
    hint = Text(f"；最适合的是 {best}", f"; {best} is best placed") if best else Text("", "")
    count = len(facts.members)
    if named:
        names = join_names(named)
        message = Text(
            f"有 {len(named)} 个总部：{names.zh}{hint.zh}",
            f"{len(named)} sites are called headquarters: {names.en}{hint.en}",
        )
    else:
        message = Text(
            f"{count} 个场地都不是总部{hint.zh}",
            f"none of its {count} sites is headquarters{hint.en}",
        )
    limit = facts.standard.thresholds.get("hq_count")
    used = (limit,) if limit else ()
    return [Outcome("fail", message, None, float(len(named)), "site", used)]


def judge_headquarters_place(facts: Facts) -> list[Outcome]:
    """N03: the headquarters is one of the centre's own sites, and not only a candidate."""
    if not facts.members:
        return [NOT_APPLICABLE]
    named = any(site.role == "headquarters" for site in facts.members)
    if len(facts.members) == 1 or named:
        return [PASS]
    if not facts.candidate_headquarters:
        return [NOT_APPLICABLE]
    names = join_names(site.label for site in facts.candidate_headquarters)
    message = Text(
        f"总部 {names.zh} 只是备选场地", f"the headquarters {names.en} is only a candidate"
    )
    return [Outcome("fail", message)]


def judge_connection(facts: Facts) -> list[Outcome]:
    """N05: every branch can be reached on foot from the headquarters."""
    if not facts.members:
        return [NOT_APPLICABLE]
    if len(facts.members) == 1:
        return [PASS]
    network = facts.network
    if network.headquarters is None:
        several = any(site.role == "headquarters" for site in facts.members)
        message = (
            Text("总部不止一个，无法判断", "cannot be told with more than one headquarters")
            if several
            else Text("没有总部，无法判断", "cannot be told without a headquarters")
        )
        return [Outcome("unknown", message)]
    if network.connected is None:
        message = Text(
            "没有沿道路量算，无法判断是否连通", "cannot be told without walks along roads"
        )
        return [Outcome("unknown", message)]
    if network.connected:
        return [PASS]
    names = join_names(_call(facts, one) for one in network.stranded)
    leader = _call(facts, network.headquarters)
    message = Text(
        f"从总部 {leader} 步行到不了：{names.zh}",
        f"cannot be reached on foot from the headquarters {leader}: {names.en}",
    )
    return [Outcome("fail", message, None, float(len(network.stranded)), "site")]


def judge_office(facts: Facts) -> list[Outcome]:
    """N04: the headquarters has rooms for its office."""
    site = _find_headquarters(facts)
    if site is None:
        return [NOT_APPLICABLE]
    if site.office_area_m2 is None:
        message = Text("总部未注明办公面积", "the headquarters gives no office area")
        return [Outcome("warn", message, site.id, None, "m2", (OFFICE_AREA,))]
    if site.office_area_m2 > 0:
        return [Outcome("pass", subject=site.id)]
    message = Text("总部没有办公用房", "the headquarters has no office")
    return [Outcome("fail", message, site.id, site.office_area_m2, "m2", (OFFICE_AREA,))]


def judge_links(facts: Facts) -> list[Outcome]:
    """N06: no branch is far from the headquarters. Where there is not one, that is N02."""
    network = facts.network
    if len(facts.members) <= 1 or network.headquarters is None:
        return [NOT_APPLICABLE]
    limit = facts.standard.thresholds.get("hq_link")
    if limit is None:
        return [lack("hq_link")]
    outcomes, by, wanted = [], say_walk(facts.method), say_limit(limit.number)
    for link in network.links:
        if link.distance_m <= limit.number + TOLERANCE_M:
            outcomes.append(Outcome("pass", subject=link.site))
            continue
        far = say_figure(link.distance_m, limit.number)
        message = Text(
            f"距总部{by.zh} {far} 米，应在 {wanted} 米以内",
            f"{far} m {by.en} from the headquarters, at most {wanted} m are asked for",
        )
        near = link.distance_m <= FAR * limit.number + TOLERANCE_M
        verdict: Verdict = "warn" if near else "fail"
        outcomes.append(Outcome(verdict, message, link.site, link.distance_m, "m", (limit,)))
    return outcomes or [NOT_APPLICABLE]  # all stranded: that is N05


def judge_headquarters_location(facts: Facts) -> list[Outcome]:
    """N07: the headquarters is about as well placed as any member could be."""
    network = facts.network
    if math.isnan(network.median_factor) or network.headquarters is None:
        return [NOT_APPLICABLE]
    if network.median_factor <= MEDIAN_FACTOR.number * (1 + SLACK) or network.is_center:
        return [PASS]
    best = _call(facts, network.best_median)
    if math.isinf(network.median_factor):
        message = Text(
            f"总部无法步行到达其余场地，{best} 可以",
            f"the headquarters cannot be walked to from all the rest, {best} can",
        )
        return [Outcome("warn", message, network.headquarters, None, None, (MEDIAN_FACTOR,))]
    more = say_share(network.median_factor - 1)
    message = Text(
        f"按服务人口加权，到总部的总距离比到 {best} 多 {more}",
        f"weighted by residents, the way to the headquarters is {more} longer than to {best}",
    )
    return [
        Outcome(
            "warn", message, network.headquarters, network.median_factor, None, (MEDIAN_FACTOR,)
        )
    ]


def judge_gain(facts: Facts) -> list[Outcome]:
    """N08: each branch covers residents whom no other member covers."""
    branches = [site for site in facts.members if site.id != facts.network.headquarters]
    ratio = facts.coverage.coverage_ratio
    if len(facts.members) <= 1 or math.isnan(ratio):
        return [NOT_APPLICABLE]
    least = facts.standard.thresholds.get("min_gain")
    if least is None:
        return [lack("min_gain")]
    outcomes = []
    for site in branches:
        gain = max(ratio - facts.network.losses.get(site.id, ratio), 0.0)
        if reaches(gain, least.number):
            outcomes.append(Outcome("pass", subject=site.id))
            continue
        share, wanted = say_share(gain, least.number), say_share(least.number)
        message = Text(
            f"只由它覆盖的居民占 {share}，应不少于 {wanted}",
            f"only {share} of the residents are covered by it alone, {wanted} are asked for",
        )
        outcomes.append(Outcome("warn", message, site.id, gain, None, (least,)))
    return outcomes


def judge_single_failure(facts: Facts) -> list[Outcome]:
    """N09: enough residents stay covered when one member closes."""
    worst = facts.network.worst_loss
    if len(facts.members) <= 1 or worst is None:
        return [NOT_APPLICABLE]
    least = facts.standard.thresholds.get("n1_coverage")
    if least is None:
        return [lack("n1_coverage")]
    site, left = worst
    if reaches(left, least.number):
        return [PASS]
    now, wanted = facts.coverage.coverage_ratio, say_share(least.number)
    if reaches(left, now):
        share = say_share(left, least.number)
        message = Text(
            f"撤掉任何一个场地，覆盖率都仍为 {share}，应不低于 {wanted}",
            f"whichever site closes, coverage stays at {share}, {wanted} are asked for",
        )
        return [Outcome("warn", message, None, left, None, (least,))]
    before, share = say_share(now, left), say_share(left, now, least.number)
    closed = _call(facts, site)
    message = Text(
        f"没有 {closed} 时覆盖率由 {before} 降到 {share}，应不低于 {wanted}",
        f"without {closed} coverage falls from {before} to {share}, {wanted} are asked for",
    )
    return [Outcome("warn", message, None, left, None, (least,))]


def judge_services(facts: Facts) -> list[Outcome]:
    """N10: all sites together offer what a centre must offer."""
    if not facts.members:
        return [NOT_APPLICABLE]
    services = facts.standard.services
    if services is None:
        return [lack("services")]
    offered = {service for site in facts.members for service in site.services}
    if not offered:
        message = Text("各场地均未注明服务项目", "none of its sites says what it offers")
        return [Outcome("warn", message, None, 0.0, "service", (services.threshold,))]
    required = [service for service in services.required if service not in offered]
    lacking = required + [one for one in services.recommended if one not in offered]
    if not lacking:
        return [PASS]
    titles = {str(choice.value): choice.label for choice in find_field("services").choices}
    chinese = join_names(titles[one].zh if one in titles else one for one in lacking)
    english = join_names(titles[one].en if one in titles else one for one in lacking)
    message = Text(f"各场地均未提供：{chinese.zh}", f"offered at none of its sites: {english.en}")
    count = float(len(services.required) - len(required))
    verdict: Verdict = "fail" if required else "warn"
    return [Outcome(verdict, message, None, count, "service", (services.threshold,))]


def _find_headquarters(facts: Facts) -> Site | None:
    return next((site for site in facts.members if site.id == facts.network.headquarters), None)


def _call(facts: Facts, id_: str | None) -> str:
    """Return what a sentence calls a member; empty for none."""
    return next((site.label for site in facts.members if site.id == id_), "")
