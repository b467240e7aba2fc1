"""The one call that reads like the method: a case in, an evaluation out.

`survey_case` measures: residents stand at points, sites are joined to roads, walks are measured.
`evaluate` judges what was measured: every subdistrict on its own residents and its own members.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from siteplan.analysis.areas import draw_service_areas
from siteplan.analysis.coverage import Cover, count_cover, find_ratio
from siteplan.analysis.datum import BORDER_M
from siteplan.analysis.demand import place_residents
from siteplan.analysis.measure import (
    Ground,
    Measured,
    find_nearby,
    join_case,
    list_passages,
    measure_subdistrict,
)
from siteplan.analysis.places import make_graph
from siteplan.analysis.position import align_boundaries, locate_site
from siteplan.analysis.rules import combine, judge, judge_case, judge_unclaimed, select_rules
from siteplan.analysis.rules.facts import Facts, Rule
from siteplan.analysis.sums import add_up
from siteplan.analysis.travel import measure_reach
from siteplan.analysis.worth import measure_worth
from siteplan.errors import Defect, InputError, Text, join_names
from siteplan.inputs.fields import parse_code
from siteplan.model import (
    Case,
    Demand,
    DistanceMethod,
    Drawing,
    Evaluation,
    Finding,
    Judgement,
    Layout,
    Reach,
    Site,
    SiteWorth,
    Summary,
    find_pilots,
)
from siteplan.standard import override_radius, override_time

Tell = Callable[[Text], None]

LAYOUTS: tuple[Layout, ...] = ("none", "concentrated", "dispersed")
"""Of no member, of one, of several."""


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """A case measured, before it is judged.

    Attributes
    ----------
    case
        What was measured, with the radius that was tried in its standard.
    method
        How distances were measured.
    demand
        Residents at points.
    ground
        Residents and sites joined to what people walk on.
    reach
        From each site to the residents within its service radius.
    cover
        How many sites cover each demand point.
    measured
        Every subdistrict of the case, in order of code.
    """

    case: Case
    method: DistanceMethod
    demand: Demand
    ground: Ground
    reach: Reach
    cover: Cover
    measured: tuple[Measured, ...]


def evaluate(
    case: Case,
    *,
    radius_m: float | None = None,
    minutes: float | None = None,
    subdistricts: Sequence[str] = (),
    distance: DistanceMethod | None = None,
    tell: Tell = lambda _: None,
) -> Evaluation:
    """Judge the proposals of a case.

    Parameters
    ----------
    case
        All that was read.
    radius_m
        Service radius to try instead of the standard's; its status is then `assumed`.
    minutes
        The same as a walking time, at the standard's speed.
    subdistricts
        Codes or names of those to judge; none judges all. The whole case is measured all the same,
        so that a result is the same whichever others are judged with it.
    distance
        `roads` or `straight-line`; None takes the roads if there are any.
    tell
        Called with what is being done.

    Raises
    ------
    InputError
        If a subdistrict is not in the case, the standard asks for an unknown rule, or distances
        along roads are asked for without roads.
    """
    rules = select_rules(case.standard)
    chosen = choose_subdistricts(case, subdistricts)
    survey = survey_case(case, radius_m=radius_m, minutes=minutes, distance=distance, tell=tell)
    case = survey.case

    tell(Text("评判", "judging"))
    judgements, findings = [], []
    for index in chosen:
        judgement, reasons = judge_subdistrict(survey, rules, index)
        judgements.append(judgement)
        findings += reasons
    if len(chosen) == len(case.area.subdistricts):
        unclaimed = [site for site in case.sites.records if site.subdistrict is None]
        findings += judge_unclaimed(unclaimed, case.standard)
    alignment = align_boundaries(case.area, case.roads.lines) if case.roads else None
    findings += judge_case(case, alignment)
    findings.sort(key=lambda finding: (finding.code, finding.subject))
    worth = measure_every_worth(survey)
    written = _select_sites(case, judgements)

    tell(Text("绘制服务范围", "drawing service areas"))
    return Evaluation(
        case=case,
        method=survey.method,
        summary=_summarise(judgements, findings),
        judgements=tuple(judgements),
        worth={site.id: worth[index] for index, site in written},
        findings=tuple(findings),
        rule_titles={rule.code: rule.title for rule in rules},
        drawing=_draw(survey, written, [survey.measured[index] for index in chosen]),
        trials={case.area.codes[index]: survey.measured[index].trial for index in chosen},
    )


def survey_case(
    case: Case,
    *,
    radius_m: float | None = None,
    minutes: float | None = None,
    distance: DistanceMethod | None = None,
    tell: Tell = lambda _: None,
) -> Survey:
    """Measure a case: its residents, the walks to its sites, every subdistrict.

    Parameters
    ----------
    case, radius_m, minutes, distance, tell
        As of `evaluate`.

    Raises
    ------
    InputError
        If distances along roads are asked for without roads, or a walking time without a speed.
    """
    if radius_m is not None:
        case = replace(case, standard=override_radius(case.standard, radius_m))
    if minutes is not None:
        case = replace(case, standard=override_time(case.standard, minutes))
    method = _choose_method(case, distance)

    tell(Text("分布人口", "placing residents"))
    demand = place_residents(case.area, case.residents, case.buildings)
    tell(Text("连接道路", "joining residents and sites to roads"))
    searches = len(case.sites.records)
    graph = make_graph(case.roads, searches) if case.roads and method == "roads" else None
    ground = join_case(case, demand, graph)

    tell(Text("量算步行距离", "measuring walking distances"))
    farthest_m = ground.radius_m.max(initial=0.0)
    reach = measure_reach(graph, ground.sites, ground.residents, farthest_m)
    if (ground.radius_m < farthest_m).any():
        reach = reach.within_each(ground.radius_m)
    cover = count_cover(reach, case.sites, len(demand.population))
    measured = tuple(
        measure_subdistrict(case, demand, ground, cover, index)
        for index in range(len(case.area.codes))
    )
    return Survey(case, method, demand, ground, reach, cover, measured)


def choose_subdistricts(case: Case, subdistricts: Sequence[str]) -> list[int]:
    """Return the subdistricts of a case that are meant, as indices in order of code.

    Parameters
    ----------
    case
        All that was read.
    subdistricts
        Codes or names; none means all.

    Raises
    ------
    InputError
        If one is not in the case, or a name is that of several.
    """
    if not subdistricts:
        return list(range(len(case.area.subdistricts)))
    codes, names = case.area.codes, [subdistrict.name for subdistrict in case.area.subdistricts]
    chosen, unclear = set(), []
    for wanted in subdistricts:
        if (code := parse_code(wanted)) in codes:
            chosen.add(codes.index(code))
        elif names.count(wanted) == 1:
            chosen.add(names.index(wanted))
        else:
            unclear.append(wanted)
    if unclear:
        listed, known = join_names(unclear), join_names(codes)
        problem = Text(
            f"没有街道 {listed.zh}，或不止一个",
            f"subdistrict {listed.en} is not in the case, or more than one has that name",
        )
        remedy = Text(f"可用的代码：{known.zh}", f"Known codes: {known.en}")
        raise InputError(Defect("--subdistrict", problem, remedy))
    return sorted(chosen)


def _choose_method(case: Case, distance: DistanceMethod | None) -> DistanceMethod:
    if distance == "roads" and case.roads is None:
        problem = Text("案例没有道路数据", "the case has no roads")
        remedy = Text(
            "请放入 data/roads.osm.pbf，或用 --distance straight-line",
            "Put in data/roads.osm.pbf, or use --distance straight-line",
        )
        raise InputError(Defect("--distance roads", problem, remedy))
    if distance is not None:
        return distance
    return "roads" if case.roads is not None else "straight-line"


def judge_subdistrict(
    survey: Survey, rules: Sequence[Rule], index: int
) -> tuple[Judgement, list[Finding]]:
    """Judge one subdistrict by every rule of the standard.

    Parameters
    ----------
    survey
        Of the whole case.
    rules
        Those to judge by, in order.
    index
        Of the subdistrict in the study area.
    """
    case, demand, ground = survey.case, survey.demand, survey.ground
    measured = survey.measured[index]
    coverage, network = measured.coverage, measured.network
    subdistrict = case.area.subdistricts[index]
    members = tuple(case.sites.records[m] for m in measured.members)
    claimed = [site for site in case.sites.records if site.subdistrict == subdistrict.code]
    near = zip(members, measured.catchments.values(), strict=True)
    detours = {site.id: catchment.p90_detour_factor for site, catchment in near}
    population, on_main = demand.population[measured.own], ground.on_main[measured.own]
    joined_ratio = find_ratio(add_up(population[on_main]), add_up(population))
    facts = Facts(
        subdistrict=subdistrict,
        standard=ground.standards[index],
        members=members,
        candidate_headquarters=tuple(
            site for site in claimed if not site.in_scheme and site.role == "headquarters"
        ),
        projects=case.projects.get(subdistrict.code, ()),
        pilots=find_pilots(subdistrict.code, case.standard.pilots.values(), case.succession),
        day=case.date,
        positions={
            site.id: locate_site(
                case.area,
                site,
                index,
                ground.evidence.get(site.path),
                tolerance_m=ground.standards[index].number("boundary_tolerance") or BORDER_M,
            )
            for site in members
        },
        coverage=coverage,
        network=network,
        detours=detours,
        passages=list_passages(case, demand, ground, measured, detours),
        demand_basis=demand.basis[index],
        demand_total=add_up(population),
        measured_ratio=float(demand.measured_ratio[index]),
        joined_ratio=joined_ratio if ground.graph is not None else math.nan,
        method=survey.method,
        roads_known=case.roads is not None,
        nearby=find_nearby(case, ground, measured),
        gaps=measured.gaps,
    )
    verdicts, findings = judge(facts, rules)
    judgement = Judgement(
        subdistrict=subdistrict,
        layout=LAYOUTS[min(len(members), 2)],
        verdict=combine(verdicts),
        rules=verdicts,
        coverage=coverage,
        network=network,
        sites=tuple(site.id for site in members),
        nearby=facts.nearby,
        gaps=measured.gaps,
        equity=measured.equity,
    )
    return judgement, findings


def measure_every_worth(survey: Survey) -> list[SiteWorth]:
    """Measure what each site of the case is worth, whichever subdistricts are judged."""
    catchments = {
        member: near for one in survey.measured for member, near in one.catchments.items()
    }
    return measure_worth(
        survey.demand,
        survey.case.area.codes,
        survey.case.sites,
        survey.cover,
        catchments,
        survey.ground.sites.leg_m,
    )


def _select_sites(case: Case, judgements: Sequence[Judgement]) -> list[tuple[int, Site]]:
    """Return the sites of the judged subdistricts; of all of them, also those of none."""
    codes: set[str | None] = {judgement.subdistrict.code for judgement in judgements}
    if len(codes) == len(case.area.subdistricts):
        codes.add(None)
    return [(i, site) for i, site in enumerate(case.sites.records) if site.subdistrict in codes]


def _draw(
    survey: Survey, written: Sequence[tuple[int, Site]], measured: Sequence[Measured]
) -> Drawing:
    """Make the geometry that only maps need."""
    demand, ground = survey.demand, survey.ground
    places = ground.sites.take(np.array([index for index, _ in written], dtype=np.intp))
    radius_m = ground.radius_m[[index for index, _ in written]]
    areas = np.empty(len(written), dtype=object)
    for one_m in np.unique(radius_m).tolist():
        same = np.flatnonzero(radius_m == one_m)
        drawn = draw_service_areas(ground.graph, places.take(same), one_m, survey.case.backdrop)
        areas[same] = np.array(drawn, dtype=object)
    missed = [one.own[~one.coverage.covered] for one in measured]
    points = np.concatenate([*missed, np.empty(0, dtype=np.intp)])
    return Drawing(
        service_areas={site.id: area for (_, site), area in zip(written, areas, strict=True)},
        uncovered_x=demand.x[points],
        uncovered_y=demand.y[points],
        uncovered_population=demand.population[points],
        uncovered_subdistrict=np.repeat(np.arange(len(missed)), [len(part) for part in missed]),
    )


def _summarise(judgements: Sequence[Judgement], findings: Sequence[Finding]) -> Summary:
    """Add up the judged subdistricts."""
    population = math.fsum(one.subdistrict.population for one in judgements)
    covered = math.fsum(one.coverage.covered_population for one in judgements)
    circled = math.fsum(
        one.coverage.straight_line_ratio * one.subdistrict.population
        for one in judgements
        if one.subdistrict.population
    )
    return Summary(
        subdistricts=len(judgements),
        population=population,
        covered_population=covered,
        coverage_ratio=find_ratio(covered, population),
        straight_line_coverage_ratio=find_ratio(circled, population),
        covered_by_any_population=math.fsum(one.coverage.by_any_population for one in judgements),
        unreachable_population=math.fsum(one.coverage.unreachable_population for one in judgements),
        violations=sum(finding.severity == "violation" for finding in findings),
        warnings=sum(finding.severity == "warning" for finding in findings),
    )
