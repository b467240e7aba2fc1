"""The rules, and how their answers become verdicts and findings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from siteplan.analysis.datum import Alignment
from siteplan.analysis.rules import administration, coverage, data, nearby, network, sites
from siteplan.analysis.rules.facts import NOT_APPLICABLE, Facts, Outcome, Rule, say_limit
from siteplan.errors import Defect, InputError, Text
from siteplan.model import (
    DECISIVE,
    Case,
    Finding,
    FindingSeverity,
    Site,
    Standard,
    Threshold,
    Verdict,
)

RULES = (
    Rule("D01", Text("坐标系已知", "Coordinates are known"), "categorical", "street",
         "RFC 7946", data.judge_coordinates),
    Rule("D02", Text("属性完整", "Required attributes present"), "categorical", "street",
         None, data.judge_attributes),
    Rule("D03", Text("边界年份一致", "Boundary vintage stated"), "numeric", "planner",
         None, data.judge_vintage),
    Rule("D04", Text("人口守恒", "Population is conserved"), "categorical", "planner",
         None, data.judge_population),
    Rule("D05", Text("路网完整", "Walk network is usable"), "numeric", "planner",
         None, data.judge_roads),
    Rule("S01", Text("场地在本街道内", "Site lies in its own subdistrict"), "categorical", "street",
         None, sites.judge_place),
    Rule("S02", Text("场地来源合规", "Premises source is one of the listed ways"), "categorical",
         "street", None, sites.judge_premises),
    Rule("S03", Text("场地面积", "Floor area"), "numeric", "street",
         None, sites.judge_floor_area),
    Rule("S04", Text("场地按期到位", "Premises ready in time"), "numeric", "district",
         None, sites.judge_availability),
    Rule("S05", Text("公共交通可达", "Public transport reach"), "numeric", "transport",
         None, nearby.judge_transit),
    Rule("S06", Text("不被阻隔", "Not cut off by barriers"), "numeric", "planning",
         None, sites.judge_detour),
    Rule("N01", Text("每街道一个中心", "One centre (project) per subdistrict"), "categorical",
         "street", None, network.judge_centre),
    Rule("N02", Text("总部唯一", "Exactly one headquarters when dispersed"), "categorical",
         "street", None, network.judge_headquarters),
    Rule("N03", Text("总部为中心场地之一", "HQ is one of the centre's sites"), "categorical",
         "street", None, network.judge_headquarters_place),
    Rule("N04", Text("总部有办公用房", "HQ has office space"), "numeric", "street",
         None, network.judge_office),
    Rule("N05", Text("网络连通", "All sites are connected to HQ on foot"), "categorical",
         "planning", None, network.judge_connection),
    Rule("N06", Text("分站点距总部", "Branch to HQ distance"), "numeric", "planning",
         None, network.judge_links),
    Rule("N07", Text("总部位置合理", "HQ is well placed"), "numeric", "street",
         None, network.judge_headquarters_location),
    Rule("N08", Text("分站点不重复", "Each branch adds coverage"), "numeric", "street",
         None, network.judge_gain),
    Rule("N09", Text("单点失效", "Coverage after losing one site"), "numeric", "planning",
         None, network.judge_single_failure),
    Rule("N10", Text("服务内容完整", "Services complete over the network"), "numeric", "street",
         None, network.judge_services),
    Rule("C01", Text("人口覆盖率", "Resident coverage within service radius"), "numeric",
         "planning", None, coverage.judge_walking_coverage),
    Rule("C02", Text("直线服务半径覆盖率", "Coverage by straight line (screening)"), "numeric",
         "planning", None, coverage.judge_straight_coverage),
    Rule("C03", Text("老年人步速覆盖率", "Coverage at older walking speed"), "numeric", "planning",
         None, coverage.judge_older_coverage),
    Rule("C04", Text("最远居民", "Farthest resident"), "numeric", "planning",
         None, coverage.judge_farthest),
    Rule("C05", Text("覆盖盲区", "Coverage gaps"), "numeric", "planning",
         None, coverage.judge_gaps),
    Rule("C06", Text("服务人口规模", "Population per centre"), "numeric", "planning",
         None, coverage.judge_population),
    Rule("C07", Text("人均面积", "Floor area per resident"), "numeric", "district",
         None, coverage.judge_area_per_resident),
    Rule("C08", Text("跨界服务", "Cross-boundary service"), "numeric", "planning",
         None, coverage.judge_cross_boundary),
    Rule("P01", Text("试点名单", "Subdistrict is in the pilot list"), "numeric", "city",
         None, administration.judge_listing),
    Rule("P02", Text("运作模式", "Operating mode declared and as listed"), "categorical",
         "district", None, administration.judge_mode),
    Rule("P03", Text("经费分担", "Funding split matches the annex"), "categorical", "finance",
         None, administration.judge_funding),
    Rule("P04", Text("审批进度", "Approval step order"), "categorical", "district",
         None, administration.judge_approval),
    Rule("P05", Text("资源对接", "Nearby public resources have a relation"), "numeric",
         "departments", None, nearby.judge_resources),
    Rule("P06", Text("全市推进率", "City roll-out ratio"), "numeric", "city",
         None, lambda _: [NOT_APPLICABLE]),  # asked of the case as a whole, in judge_case
)  # fmt: skip
"""All rules there are, in the order in which they are reported."""

WORST_FIRST: Sequence[Verdict] = ("fail", "unknown", "warn", "pass", "na")
SEVERITY: Mapping[Verdict, FindingSeverity] = {
    "fail": "violation",
    "warn": "warning",
    "unknown": "note",
}


def select_rules(standard: Standard) -> tuple[Rule, ...]:
    """Return the rules a standard asks for, in our order.

    Raises
    ------
    InputError
        Naming the rules it asks for that do not exist.
    """
    known = {rule.code for rule in RULES}
    unknown = sorted(set(standard.rules) - known)
    if unknown:
        listed = ", ".join(unknown)
        problem = Text(f"没有规则 {listed}", f"there is no rule {listed}")
        codes = ", ".join(sorted(known))
        remedy = Text(f"可用的规则：{codes}", f"Known rules: {codes}")
        raise InputError(Defect(standard.id, problem, remedy, field="rules.enable"))
    return tuple(rule for rule in RULES if rule.code in standard.rules)


def judge(facts: Facts, rules: Iterable[Rule]) -> tuple[dict[str, Verdict], list[Finding]]:
    """Judge one subdistrict by each rule.

    Returns
    -------
    tuple
        The verdict of each rule (over several sites the worst), and a finding for each answer that
        is not pass or na.
    """
    verdicts: dict[str, Verdict] = {}
    findings = []
    for rule in rules:
        outcomes = [(outcome, _settle(rule, outcome)) for outcome in rule.judge(facts)]
        verdicts[rule.code] = min((verdict for _, verdict in outcomes), key=WORST_FIRST.index)
        findings += [
            _report(rule, outcome, verdict, facts.standard, facts.subdistrict.code)
            for outcome, verdict in outcomes
            if verdict in SEVERITY
        ]
    return verdicts, findings


def judge_unclaimed(unclaimed: Iterable[Site], standard: Standard) -> list[Finding]:
    """Report sites that belong to no subdistrict: they count for nobody's centre."""
    rule = next(rule for rule in RULES if rule.code == "D02")
    if rule.code not in standard.rules:
        return []
    findings = []
    for site in unclaimed:
        outcome = data.judge_site_attributes(site, several=False)
        findings.append(_report(rule, outcome, _settle(rule, outcome), standard, site.id))
    return findings


def judge_case(case: Case, alignment: Alignment | None) -> list[Finding]:
    """Report what is wrong with the case as a whole.

    Boundaries in another datum than the roads (D01), and how far the city is with all of its
    subdistricts (P06).

    Parameters
    ----------
    case
        All that was read.
    alignment
        Of the boundaries with the roads; None where that was not measured.
    """
    names = {one.code: one.name for one in case.area.subdistricts}
    milestones = administration.list_milestones(case.standard)
    tabled = any(source.role == "projects" for source in case.sources)
    projects = case.projects if case.projects or tabled else None
    answers = [("P06", administration.judge_rollout(names, projects, case.date, milestones))]
    if alignment is not None:
        answers.append(("D01", [data.judge_boundaries(alignment)]))
    findings = []
    for code, outcomes in answers:
        rule = next(rule for rule in RULES if rule.code == code)
        for outcome in outcomes if code in case.standard.rules else []:
            verdict = _settle(rule, outcome)
            if verdict in SEVERITY:
                finding = _report(rule, outcome, verdict, case.standard, "case")
                department = "planner" if code == "D01" else rule.department
                findings.append(replace(finding, department=department))
    return findings


def combine(verdicts: Mapping[str, Verdict]) -> Verdict:
    """Return the verdict of a subdistrict.

    Examples
    --------
    >>> combine({"C01": "warn", "D03": "unknown", "S01": "pass"})
    'unknown'
    >>> combine({"C01": "warn", "S03": "unknown"})
    'warn'
    """
    if "fail" in verdicts.values():
        return "fail"
    if any(verdicts.get(code) == "unknown" for code in DECISIVE):
        return "unknown"
    return "warn" if "warn" in verdicts.values() else "pass"


def _settle(rule: Rule, outcome: Outcome) -> Verdict:
    """Return the verdict: a figure fails only where every threshold it was held against binds."""
    free = rule.kind == "numeric" and not (
        outcome.thresholds and all(threshold.binding for threshold in outcome.thresholds)
    )
    return "warn" if free and outcome.verdict == "fail" else outcome.verdict


def _report(
    rule: Rule, outcome: Outcome, verdict: Verdict, standard: Standard, code: str
) -> Finding:
    threshold = outcome.thresholds[0] if outcome.thresholds else None
    clause = threshold.clause if threshold else None
    return Finding(
        code=rule.code,
        severity=SEVERITY[verdict],
        subject=outcome.subject or code,
        title=rule.title,
        message=outcome.message,
        measured=outcome.measured,
        unit=outcome.unit or (threshold.unit if threshold else None),
        threshold=_to_figure(threshold),
        threshold_status=_weakest(outcome.thresholds),
        clause=clause or standard.clauses.get(rule.code) or rule.basis,
        department=rule.department,
        eased=verdict != outcome.verdict,
    )


def _to_figure(threshold: Threshold | None) -> float | str | None:
    """Return a threshold as a finding prints it: a number, a day, or a range or bound as text."""
    if threshold is None:
        return None
    value = threshold.value
    if not isinstance(value, int | float):
        return value.isoformat()
    if threshold.upper is not None:
        return f"{say_limit(value)}–{say_limit(threshold.upper)}"
    return f"> {say_limit(value)}" if threshold.op == ">" else float(value)


def _weakest(thresholds: Sequence[Threshold]) -> str | None:
    """Return the status that decides: the first one that does not bind, else the first."""
    loose = [threshold.status for threshold in thresholds if not threshold.binding]
    return next(iter(loose), thresholds[0].status if thresholds else None)
