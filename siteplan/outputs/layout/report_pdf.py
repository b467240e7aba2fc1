"""The text part of a layout plan: what was judged, how, and what came out for each subdistrict.

Everything was found out before; here it is only written down. Who reviewed, and what they remarked,
is not: a plan is published.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from siteplan.errors import Text, shorten
from siteplan.model import (
    Decision,
    DistanceMethod,
    Evaluation,
    Finding,
    Gap,
    Judgement,
    Site,
    Standing,
)
from siteplan.outputs.layout.blocks import (
    Block,
    Cell,
    head,
    icon,
    list_facts,
    paragraph,
    remark,
    show_verdict,
    small,
    stack,
    strong,
    tabulate,
)
from siteplan.outputs.layout.pictures import Printed
from siteplan.outputs.layout.report_parts import (
    describe_files,
    describe_method,
    describe_standard,
    describe_versions,
)
from siteplan.outputs.layout.typesetting import print_document
from siteplan.outputs.layout.words import (
    MOST_NAME,
    UNKNOWN,
    entitle,
    name_site,
    say_count,
    say_metres,
    say_people,
    say_share,
    say_square_metres,
)
from siteplan.outputs.measured import say_measured
from siteplan.outputs.paper.symbols import VERDICT_OF
from siteplan.outputs.report.words import LAYOUT_WORDS, ROLE_WORDS, STATUS_WORDS, VERDICT_WORDS
from siteplan.outputs.results import DEPARTMENTS, list_decided, rank_finding
from siteplan.outputs.reviews import list_states
from siteplan.outputs.sentences import say_worth
from siteplan.outputs.thresholds import THRESHOLD_WORDS
from siteplan.outputs.webmap import list_notices
from siteplan.review import DECISIONS

TITLE = Text("社区综合服务中心布局规划说明", "Layout plan of community service centres: report")
CONNECTED = {
    True: Text("连通", "connected"),
    False: Text("未连通", "not connected"),
    None: Text("无法判断", "cannot be told"),
}


def write_report_pdf(evaluation: Evaluation, lang: Printed, crs: str | None = None) -> bytes:
    """Return `report.pdf`: the same evaluation gives the same bytes.

    Parameters
    ----------
    evaluation
        What to write down.
    lang
        Language; None prints both.
    crs
        Of the layers in the same package, as `choose_target` takes it.

    Raises
    ------
    InputError
        If there is no font with Chinese characters.
    """
    return print_document(
        evaluation.case, entitle(TITLE, evaluation), list_blocks(evaluation, crs), lang
    )


def list_blocks(evaluation: Evaluation, crs: str | None = None) -> list[Block]:
    """Return all that the report says, in order."""
    standing = _find_standing(evaluation)
    judged = {one.subdistrict.code for one in evaluation.judgements}
    others = [one for code, group in standing.items() if code not in judged for one in group]
    sections = [
        block
        for one in evaluation.judgements
        for block in describe_judgement(evaluation, one, standing.get(one.subdistrict.code, []))
    ]
    return [
        *describe_summary(evaluation),
        *describe_method(evaluation, crs),
        *describe_standard(evaluation),
        head(1, Text("各街道", "Subdistricts")),
        *sections,
        *(
            [
                head(1, Text("其他审查决定", "Other decisions")),
                _tabulate_decisions(evaluation, others),
            ]
            if others
            else []
        ),
        *describe_files(evaluation.case),
        *describe_versions(),
    ]


def describe_summary(evaluation: Evaluation) -> list[Block]:
    """Return the figures of the case, and one line for each subdistrict."""
    summary, method = evaluation.summary, evaluation.method
    verdicts = Counter(one.verdict for one in evaluation.judgements)
    rows = [
        [
            icon(one.verdict),
            stack(strong(shorten(one.subdistrict.name, MOST_NAME)), small(one.subdistrict.code)),
            say_people(one.subdistrict.population),
            say_share(one.coverage.coverage_ratio),
            say_share(one.coverage.straight_line_ratio),
            say_metres(one.coverage.mean_distance_m),
            LAYOUT_WORDS[one.layout],
            say_count(len(one.sites)),
        ]
        for one in evaluation.judgements
    ]
    case_findings = [one for one in evaluation.findings if one.subject == "case"]
    return [
        head(1, Text("概况", "Summary")),
        *[remark(one) for one in list_notices(evaluation)],
        list_facts(
            [
                (Text("街道", "Subdistricts"), say_count(summary.subdistricts)),
                (Text("常住人口", "Residents"), say_people(summary.population)),
                (
                    say_measured(Text("步行覆盖", "Covered on foot"), method),
                    say_people(summary.covered_population),
                ),
                (
                    say_measured(Text("步行覆盖率", "Coverage on foot"), method),
                    strong(say_share(summary.coverage_ratio)),
                ),
                (
                    Text("直线覆盖率（对照）", "By straight line"),
                    say_share(summary.straight_line_coverage_ratio),
                ),
                (Text("无法到达", "Unreachable"), say_people(summary.unreachable_population)),
                (Text("不通过意见", "Violations"), say_count(summary.violations)),
                (Text("提醒意见", "Warnings"), say_count(summary.warnings)),
                *[
                    (
                        Text(f"{words.zh}的街道", f"Subdistricts: {words.en.lower()}"),
                        say_count(verdicts[verdict]),
                    )
                    for verdict, words in VERDICT_WORDS.items()
                    if verdicts[verdict]
                ],
            ]
        ),
        *(_describe_findings(case_findings, {"case": ""}) if case_findings else []),
        head(2, Text("各街道汇总", "Subdistricts")),
        tabulate(
            [
                "",
                Text("街道", "Subdistrict"),
                Text("人口", "Residents"),
                say_measured(Text("步行覆盖率", "On foot"), method),
                Text("直线覆盖率", "Straight line"),
                say_measured(Text("平均步行", "Mean walk"), method),
                Text("布置", "Layout"),
                Text("场地", "Sites"),
            ],
            rows,
            (0, 3, 2, 2, 2, 2, 2, 1),
            right=(2, 3, 4, 5, 7),
        ),
    ]


def describe_judgement(
    evaluation: Evaluation, judgement: Judgement, standing: Sequence[Standing]
) -> list[Block]:
    """Return the section on one subdistrict."""
    subdistrict = judgement.subdistrict
    sites = {one.id: one for one in evaluation.case.sites.records}
    own = [sites[id_] for id_ in evaluation.worth if sites[id_].subdistrict == subdistrict.code]
    subjects = {subdistrict.code: "", **{one.id: name_site(one) for one in own}}
    found = [one for one in evaluation.findings if one.subject in subjects]
    aside = [subdistrict.district and shorten(subdistrict.district, MOST_NAME), subdistrict.code]
    return [
        head(2, shorten(subdistrict.name, MOST_NAME)),
        show_verdict(
            judgement.verdict, VERDICT_WORDS[judgement.verdict], " · ".join(filter(None, aside))
        ),
        _describe_figures(judgement, evaluation.method),
        *_describe_findings(found, subjects),
        *_describe_sites(evaluation, own),
        *_describe_network(judgement, sites, evaluation.method),
        *_describe_gaps(judgement, evaluation),
        *(
            [
                head(3, Text("审查决定", "Decisions")),
                _tabulate_decisions(evaluation, standing),
            ]
            if standing
            else []
        ),
    ]


def _describe_figures(judgement: Judgement, method: DistanceMethod) -> Block:
    coverage, population = judgement.coverage, judgement.subdistrict.population
    return list_facts(
        [
            (Text("常住人口", "Residents"), say_people(population)),
            (Text("布置方式", "Layout"), LAYOUT_WORDS[judgement.layout]),
            (
                say_measured(Text("步行覆盖率", "Covered on foot"), method),
                strong(say_share(coverage.coverage_ratio)),
            ),
            (Text("未覆盖", "Not covered"), say_people(population - coverage.covered_population)),
            (Text("直线覆盖率", "By straight line"), say_share(coverage.straight_line_ratio)),
            (Text("老年人步速覆盖率", "At older walkers' speed"), say_share(coverage.older_ratio)),
            (
                Text("任一中心覆盖", "Covered by any centre"),
                say_people(coverage.by_any_population),
            ),
            (Text("无法到达", "Unreachable"), say_people(coverage.unreachable_population)),
            (
                say_measured(Text("平均步行距离", "Mean walk"), method),
                say_metres(coverage.mean_distance_m),
            ),
            (Text("95% 居民的距离", "95% live within"), say_metres(coverage.p95_distance_m)),
        ]
    )


def _describe_findings(found: Sequence[Finding], subjects: Mapping[str, str]) -> list[Block]:
    title = head(3, Text("审查意见", "Findings"))
    if not found:
        return [title, paragraph(Text("没有意见。", "Nothing was found."))]
    ordered = sorted(found, key=rank_finding)
    rows = [
        [
            icon(VERDICT_OF[one.severity]),
            strong(one.code),
            stack(one.title, small(subjects[one.subject]) if subjects[one.subject] else ""),
            one.message,
            _say_clause(one),
            DEPARTMENTS[one.department],
        ]
        for one in ordered
    ]
    top = [
        "",
        Text("规则", "Rule"),
        Text("要求、对象", "Asked, of"),
        Text("意见", "Finding"),
        Text("条款、标准", "Clause, threshold"),
        Text("责任部门", "Department"),
    ]
    return [title, tabulate(top, rows, (0, 0, 3, 6, 2, 2))]


def _say_clause(finding: Finding) -> Cell:
    status = THRESHOLD_WORDS.get(finding.threshold_status or "")
    return stack(finding.clause or "—", small(status) if status else "")


def _describe_sites(evaluation: Evaluation, own: Sequence[Site]) -> list[Block]:
    title = head(3, Text("场地及其作用", "Sites, and what each is worth"))
    if not own:
        return [title, paragraph(Text("没有场地。", "There are no sites."))]
    rows = []
    for site in own:
        under = STATUS_WORDS[site.status]
        if site.in_scheme or site.role:
            role = ROLE_WORDS[site.role]
            under = Text(f"{under.zh} · {role.zh}", f"{under.en} · {role.en}")
        rows.append(
            [
                stack(strong(name_site(site)), small(site.id)),
                under,
                say_square_metres(site.floor_area_m2),
                say_worth(site, evaluation.worth[site.id], evaluation.method),
            ]
        )
    top = [
        Text("场地", "Site"),
        Text("状态", "Status"),
        Text("建筑面积", "Floor area"),
        Text("作用", "Worth"),
    ]
    return [title, tabulate(top, rows, (4, 2, 2, 8), right=(2,))]


def _describe_network(
    judgement: Judgement, sites: Mapping[str, Site], method: DistanceMethod
) -> list[Block]:
    network = judgement.network
    if not judgement.sites:
        return []

    def name(id_: str | None) -> str:
        return "—" if id_ is None else name_site(sites[id_])

    rows: list[tuple[Text, Cell]] = [
        (Text("总部", "Headquarters"), name(network.headquarters)),
        (
            say_measured(Text("步行连通", "Connected on foot"), method),
            CONNECTED[network.connected],
        ),
    ]
    rows += [
        (
            say_measured(Text("到总部的步行距离", "Walk to headquarters"), method),
            stack(name(link.site), small(say_metres(link.distance_m))),
        )
        for link in network.links
    ]
    rows += [(Text("孤立分站点", "Stranded branch"), name(id_)) for id_ in network.stranded]
    if len(judgement.sites) > 1:
        rows += [
            (
                say_measured(Text("总距离最短的总部", "Least total walk as headquarters"), method),
                name(network.best_median),
            ),
            (
                say_measured(Text("最远距离最短的总部", "Least farthest walk"), method),
                name(network.best_center),
            ),
        ]
        if network.worst_loss:
            site, left = network.worst_loss
            words = Text(f"覆盖率降至 {left:.1%}", f"coverage falls to {left:.1%}")
            rows.append((Text("撤掉后影响最大", "Worst to lose"), stack(name(site), small(words))))
    return [head(3, Text("服务网络", "Service network")), list_facts(rows)]


def _describe_gaps(judgement: Judgement, evaluation: Evaluation) -> list[Block]:
    title = head(3, Text("覆盖盲区", "Coverage gaps"))
    if not judgement.gaps:
        return [title, paragraph(Text("没有盲区。", "There are none."))]
    rows = [
        [
            strong(str(number)),
            shorten(gap.name, MOST_NAME) if gap.name else Text("未命名", "unnamed"),
            say_people(gap.population),
            _say_walk(gap, evaluation),
            say_metres(gap.radius_m),
        ]
        for number, gap in enumerate(judgement.gaps, start=1)
    ]
    top = [
        "",
        Text("附近地名", "Place nearby"),
        Text("居民", "Residents"),
        Text("到最近场地", "To the nearest site"),
        Text("范围", "Reaches"),
    ]
    return [title, tabulate(top, rows, (0, 4, 2, 4, 2), right=(2, 4))]


def _say_walk(gap: Gap, evaluation: Evaluation) -> Cell:
    if gap.nearest < 0 or math.isnan(gap.mean_distance_m):
        return say_measured(Text("步行无法到达", "none to walk to"), evaluation.method)
    mean, far = say_metres(gap.mean_distance_m), say_metres(gap.farthest_distance_m)
    site = evaluation.case.sites.records[gap.nearest]
    return stack(
        Text(f"平均 {mean.zh}，最远 {far.zh}", f"{mean.en} on average, {far.en} at most"),
        small(name_site(site)),
    )


def _find_standing(evaluation: Evaluation) -> dict[str | None, list[Standing]]:
    """Return how the decisions stand, by the code of the subdistrict."""
    standing: dict[str | None, list[Standing]] = {}
    for one in list_decided(evaluation):
        standing.setdefault(one.decisions[0].subdistrict, []).append(one)
    return standing


def _tabulate_decisions(evaluation: Evaluation, standing: Sequence[Standing]) -> Block:
    names = {one.id: name_site(one) for one in evaluation.case.sites.records}
    rows = [
        [
            stack(
                strong(names.get(one.site, shorten(one.site, MOST_NAME))),
                small(one.site) if one.site in names else "",
            ),
            DECISIONS[decision.decision],
            _say_day(decision),
            _say_state(one),
        ]
        for one in standing
        for decision in one.decisions
    ]
    top = [
        Text("场地", "Site"),
        Text("决定", "Decision"),
        Text("日期", "Date"),
        Text("状态", "State"),
    ]
    return tabulate(top, rows, (4, 2, 2, 2))


def _say_day(decision: Decision) -> str:
    return decision.decided.date().isoformat()


def _say_state(standing: Standing) -> Cell:
    states = list_states(standing)
    return stack(*states) if states else UNKNOWN
