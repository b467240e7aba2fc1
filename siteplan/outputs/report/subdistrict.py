"""The page of the report on one subdistrict: map, figures, findings, sites, network and gaps."""

import math
from collections.abc import Mapping, Sequence

from siteplan.errors import Text
from siteplan.model import DistanceMethod, Evaluation, Finding, Gap, Judgement, ServiceNetwork, Site
from siteplan.outputs.measured import say_measured
from siteplan.outputs.paper.dots import say_dots
from siteplan.outputs.paper.subdistrict_map import MOST_GAPS, DrawnMap, draw_subdistrict
from siteplan.outputs.paper.symbols import VERDICT_OF
from siteplan.outputs.report.charts import Curve, draw_curve
from siteplan.outputs.report.map_key import refer_to_key
from siteplan.outputs.report.markup import mark, quote, say, tabulate, tell
from siteplan.outputs.report.words import (
    LAYOUT_WORDS,
    ROLE_WORDS,
    STATUS_WORDS,
    VERDICT_WORDS,
    draw_icon,
    draw_site_icon,
    say_metres,
    say_people,
    say_percent,
)
from siteplan.outputs.results import DEPARTMENTS, rank_finding
from siteplan.outputs.thresholds import THRESHOLD_WORDS


def write_subdistrict(
    evaluation: Evaluation,
    judgement: Judgement,
    anchor: str,
    decided: Mapping[str, str],
    *,
    most_vertices: int,
) -> str:
    """Return the page of one subdistrict as markup.

    Parameters
    ----------
    evaluation, judgement
        What was found out.
    anchor
        Where it stands in the report.
    decided
        What the planning bureau decided on each site it decided on, as markup.
    most_vertices
        What the backdrop of its map may carry.
    """
    subdistrict = judgement.subdistrict
    sites = {site.id: site for site in evaluation.case.sites.records}
    own = [sites[id_] for id_ in evaluation.worth if sites[id_].subdistrict == subdistrict.code]
    drawn = draw_subdistrict(evaluation, judgement, anchor, most_vertices=most_vertices)
    under = [
        quote(subdistrict.district) if subdistrict.district else "",
        quote(subdistrict.code),
        say(LAYOUT_WORDS[judgement.layout]),
    ]
    return mark(
        "section",
        mark(
            "header",
            draw_icon(judgement.verdict),
            mark("div", mark("h2", quote(subdistrict.name)),
                 mark("p", " · ".join(filter(None, under)))),
            mark("strong", say(VERDICT_WORDS[judgement.verdict]), class_=judgement.verdict),
        ),
        mark(
            "div",
            mark("figure", drawn.picture, mark("figcaption", _write_key(drawn))),
            mark("div", _write_figures(judgement, evaluation.method),
                 _write_curve(evaluation, judgement), class_="aside"),
            class_="beside",
        ),
        _write_findings(evaluation, judgement, own),
        _write_sites(evaluation, own, decided),
        mark("div", _write_network(judgement, sites, evaluation.method),
             _write_gaps(judgement, evaluation), class_="halves"),
        class_="sheet subdistrict",
        id=anchor,
    )  # fmt: skip


def _write_key(drawn: DrawnMap) -> str:
    """Return what the symbols mean, and which sites the map does not show."""
    dots = [mark("p", say(say_dots(drawn.dot)))] if drawn.dot else []
    off_map = [
        mark(
            "p",
            draw_site_icon(site),
            quote(site.name or site.id),
            tell("：在图外", ": lies off the map"),
        )
        for site in drawn.missing
    ]
    return refer_to_key() + "".join(dots + off_map)


def _write_figures(judgement: Judgement, method: DistanceMethod) -> str:
    coverage, population = judgement.coverage, judgement.subdistrict.population
    uncovered = population - coverage.covered_population
    rows = [
        (tell("居民（人）", "Residents"), say_people(population)),
        (
            say(say_measured(Text("步行覆盖率", "Covered on foot"), method)),
            mark("b", say_percent(coverage.coverage_ratio)),
        ),
        (tell("未覆盖（人）", "Not covered"), say_people(uncovered)),
        (tell("无法到达（人）", "Unreachable"), say_people(coverage.unreachable_population)),
        (tell("直线覆盖率", "By straight line"), say_percent(coverage.straight_line_ratio)),
        (tell("老年人步速覆盖率", "At older walkers' speed"), say_percent(coverage.older_ratio)),
        (
            tell("任一中心覆盖（人）", "Covered by any centre"),
            say_people(coverage.by_any_population),
        ),
        (
            say(say_measured(Text("平均步行距离", "Mean distance"), method)),
            say_metres(coverage.mean_distance_m),
        ),
        (tell("95% 居民的距离", "95% live within"), say_metres(coverage.p95_distance_m)),
    ]
    items = [mark("dt", name) + mark("dd", value) for name, value in rows]
    return mark("dl", *items, class_="facts-list")


def _write_curve(evaluation: Evaluation, judgement: Judgement) -> str:
    standard = evaluation.case.standard.for_subdistrict(
        judgement.subdistrict.code, judgement.subdistrict.district
    )
    radius, target = (
        math.nan if (number := standard.number(name)) is None else number
        for name in ("service_radius", "coverage_target")
    )
    equity = judgement.equity
    drawing = draw_curve(Curve(equity.curve, equity.older_curve, radius, target, evaluation.method))
    key = [
        mark("span", mark("i", class_="line everybody"), tell("全体居民", "all residents")),
        mark("span", mark("i", class_="line older"), tell("老年人步速", "older walkers")),
    ]
    return mark(
        "figure",
        mark("h3", tell("覆盖曲线", "Coverage curve")),
        drawing,
        mark("figcaption", *key),
    )


def _write_findings(evaluation: Evaluation, judgement: Judgement, own: Sequence[Site]) -> str:
    names = {site.id: site.name or site.id for site in own}
    code = judgement.subdistrict.code
    found = [one for one in evaluation.findings if one.subject == code or one.subject in names]
    found.sort(key=rank_finding)
    title = mark("h3", tell("审查意见", "Findings"))
    if not found:
        return mark("div", title, mark("p", tell("没有意见。", "Nothing was found.")))
    head = [
        "",
        tell("规则", "Rule"),
        tell("意见", "Finding"),
        tell("条款、标准", "Clause, threshold"),
        tell("责任部门", "Department"),
    ]
    rows = [
        [
            draw_icon(VERDICT_OF[one.severity]),
            mark("b", one.code),
            _write_finding(one, names),
            _write_clause(one),
            say(DEPARTMENTS[one.department]),
        ]
        for one in found
    ]
    return mark("div", title, tabulate(head, rows, kind="findings"))


def _write_finding(finding: Finding, names: Mapping[str, str]) -> str:
    subject = names.get(finding.subject)
    who = mark("span", quote(subject), class_="subject") if subject else ""
    return who + say(finding.message)


def _write_clause(finding: Finding) -> str:
    """Return where the rule stands, and what its threshold is worth where that is not quoted."""
    status = THRESHOLD_WORDS.get(finding.threshold_status or "")
    if status is None or finding.threshold_status == "quoted":
        return quote(finding.clause)
    return quote(finding.clause) + mark("small", say(status), class_="chip")


def _write_sites(evaluation: Evaluation, own: Sequence[Site], decided: Mapping[str, str]) -> str:
    title = mark("h3", tell("各场地的作用", "What each site is worth"))
    if not own:
        return mark("div", title, mark("p", tell("没有场地。", "There are no sites.")))
    head = [
        tell("场地", "Site"),
        tell("面积", "Area"),
        tell("单独覆盖（人）", "Alone"),
        tell("新增", "Added"),
        tell("撤掉即失", "Lost without"),
        tell("分摊", "Shared"),
        tell("最近居民", "Nearest"),
        tell("平均距离", "Mean way"),
    ]
    rows = []
    for site in own:
        worth = evaluation.worth[site.id]
        area = site.floor_area_m2
        under = STATUS_WORDS[site.status]
        if site.in_scheme or site.role:
            role = ROLE_WORDS[site.role]
            under = Text(f"{under.zh} · {role.zh}", f"{under.en} · {role.en}")
        rows.append(
            [
                mark(
                    "div",
                    draw_site_icon(site),
                    mark("b", quote(site.name or site.id)),
                    mark("i", say(under)),
                    mark("em", decided[site.id]) if site.id in decided else "",
                    class_="site",
                ),
                "—" if area is None else f"{area:,.0f} m²",
                say_people(worth.alone),
                say_people(worth.added),
                say_people(worth.lost),
                say_people(worth.shared),
                say_people(worth.catchment),
                say_metres(worth.mean_distance_m),
            ]
        )
    return mark("div", title, tabulate(head, rows, numbers=range(1, 8), kind="sites"))


def _write_network(judgement: Judgement, sites: dict[str, Site], method: DistanceMethod) -> str:
    network = judgement.network

    def name(id_: str | None) -> str:
        return "—" if id_ is None else quote(sites[id_].name or id_)

    rows = [
        (tell("总部", "Headquarters"), name(network.headquarters)),
        *_say_state(network, method),
    ]
    rows += [(tell("分站点 ", "Branch ") + name(link.site), say_metres(link.distance_m))
             for link in network.links]  # fmt: skip
    rows += [
        (tell("孤立分站点", "Stranded branch"), name(stranded)) for stranded in network.stranded
    ]
    several = len(judgement.sites) > 1
    if several and network.best_median == network.best_center:
        rows.append((tell("最适合作总部", "Best as headquarters"), name(network.best_median)))
    elif several:
        rows.append((tell("总距离最短的总部", "Best HQ, total way"), name(network.best_median)))
        rows.append((tell("最远距离最短的总部", "Best HQ, farthest"), name(network.best_center)))
    if several and network.worst_loss:
        site, left = network.worst_loss
        words = tell(f"降至 {left:.1%}", f"down to {left:.1%}")
        rows.append((tell("撤掉后影响最大", "Worst to lose"), f"{name(site)}, {words}"))
    items = [mark("dt", one) + mark("dd", value) for one, value in rows]
    title = mark("h3", tell("服务网络", "Service network"))
    return mark("div", title, mark("dl", *items, class_="facts-list"))


def _say_state(network: ServiceNetwork, method: DistanceMethod) -> list[tuple[str, str]]:
    words = {
        True: tell("连通", "connected"),
        False: tell("未连通", "not connected"),
        None: tell("无法判断", "cannot be told"),
    }
    name = say_measured(Text("步行连通", "On foot"), method)
    return [(say(name), words[network.connected])]


def _write_gaps(judgement: Judgement, evaluation: Evaluation) -> str:
    title = mark("h3", tell("覆盖盲区", "Coverage gaps"))
    gaps = judgement.gaps
    if not gaps:
        return mark("div", title, mark("p", tell("没有盲区。", "There are none.")))
    head = [
        "",
        tell("附近地名", "Place nearby"),
        tell("居民（人）", "Residents"),
        tell("到最近场地（平均）", "To nearest site (mean)"),
        tell("范围", "Reaches"),
    ]
    rows = [
        [
            mark("b", str(number), class_="gap"),
            quote(gap.name) if gap.name else tell("未命名", "unnamed"),
            say_people(gap.population),
            _say_walk(gap, evaluation),
            say_metres(gap.radius_m),
        ]
        for number, gap in enumerate(gaps[:MOST_GAPS], start=1)
    ]
    rest = gaps[MOST_GAPS:]
    more = ""
    if rest:
        most = max(gap.population for gap in rest)
        more = mark(
            "p",
            tell(
                f"另有 {len(rest)} 处，每处不超过 {most:,.0f} 人。",
                f"{len(rest)} more, of at most {most:,.0f} residents each.",
            ),
            class_="key",
        )
    return mark("div", title, tabulate(head, rows, numbers=(2, 3, 4), kind="gaps"), more)


def _say_walk(gap: Gap, evaluation: Evaluation) -> str:
    if gap.nearest < 0 or math.isnan(gap.mean_distance_m):
        words = Text("步行无法到达", "none to walk to")
        return say(say_measured(words, evaluation.method))
    far, site = f"{gap.farthest_distance_m:,.0f}", evaluation.case.sites.records[gap.nearest]
    return (
        say_metres(gap.mean_distance_m)
        + mark("small", tell(f"最远 {far} 米", f"{far} m at most"))
        + mark("small", quote(site.name or site.id))
    )
