"""The one call that reads like the method: a case in, an evaluation out.

Residents stand at points, sites are joined to roads, walks are measured, every subdistrict is
judged on its own residents and its own members. `evaluate` follows that order.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from siteplan.analysis.access import People, measure_equity
from siteplan.analysis.areas import draw_service_areas
from siteplan.analysis.coverage import (
    Catchment,
    Cover,
    count_cover,
    find_older,
    find_ratio,
    measure_coverage,
    measure_losses,
    measure_older_coverage,
    measure_worth,
)
from siteplan.analysis.datum import Evidence
from siteplan.analysis.demand import place_residents
from siteplan.analysis.detour import (
    Walks,
    find_p90,
    find_passages,
    measure_detours,
    name_crossing,
)
from siteplan.analysis.gaps import NamedPlaces, find_gaps, name_gap
from siteplan.analysis.nearby import (
    JoinedFacilities,
    join_facilities,
    list_nearby,
    measure_stop_walks,
)
from siteplan.analysis.network import check_network
from siteplan.analysis.places import Places, WalkGraph, join_to_roads, make_graph
from siteplan.analysis.position import align_boundaries, gather_evidence, locate_site
from siteplan.analysis.rules import combine, judge, judge_case, judge_unclaimed, select_rules
from siteplan.analysis.rules.facts import Facts, Rule
from siteplan.analysis.sums import add_up
from siteplan.analysis.travel import measure_reach
from siteplan.errors import Defect, InputError, Text, join_names
from siteplan.inputs.fields import parse_code
from siteplan.model import (
    Case,
    Coverage,
    Demand,
    DistanceMethod,
    Drawing,
    Equity,
    Evaluation,
    Finding,
    Flags,
    Gap,
    Indices,
    Judgement,
    Layout,
    Metres,
    Nearby,
    Reach,
    ServiceNetwork,
    Site,
    SiteWorth,
    Standard,
    StopWalk,
    Summary,
    find_pilots,
)
from siteplan.standard import find_older_radius, override_radius, override_time

Tell = Callable[[Text], None]

LAYOUTS: tuple[Layout, ...] = ("none", "concentrated", "dispersed")
"""Of no member, of one, of several."""


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
    if radius_m is not None:
        case = replace(case, standard=override_radius(case.standard, radius_m))
    if minutes is not None:
        case = replace(case, standard=override_time(case.standard, minutes))
    rules = select_rules(case.standard)
    chosen = choose_subdistricts(case, subdistricts)
    method = _choose_method(case, distance)

    tell(Text("分布人口", "placing residents"))
    demand = place_residents(case.area, case.residents, case.buildings)
    tell(Text("连接道路", "joining residents and sites to roads"))
    searches = len(case.sites.records)
    graph = make_graph(case.roads, searches) if case.roads and method == "roads" else None
    ground = _join(case, demand, graph)

    tell(Text("量算步行距离", "measuring walking distances"))
    farthest_m = ground.radius_m.max(initial=0.0)
    reach = measure_reach(graph, ground.sites, ground.residents, farthest_m)
    if (ground.radius_m < farthest_m).any():
        reach = reach.within_each(ground.radius_m)
    cover = count_cover(reach, case.sites, len(demand.population))
    measured = [
        _measure(case, demand, ground, cover, index) for index in range(len(case.area.codes))
    ]

    tell(Text("评判", "judging"))
    judgements, findings = [], []
    for index in chosen:
        judgement, reasons = _judge(case, demand, ground, rules, measured[index])
        judgements.append(judgement)
        findings += reasons
    if len(chosen) == len(case.area.subdistricts):
        unclaimed = [site for site in case.sites.records if site.subdistrict is None]
        findings += judge_unclaimed(unclaimed, case.standard)
    alignment = align_boundaries(case.area, case.roads.lines) if case.roads else None
    findings += judge_case(case, alignment)
    findings.sort(key=lambda finding: (finding.code, finding.subject))
    worth = _measure_worth(case, demand, ground, measured, reach, cover)
    written = _select_sites(case, judgements)

    tell(Text("绘制服务范围", "drawing service areas"))
    return Evaluation(
        case=case,
        method=method,
        summary=_summarise(judgements, findings),
        judgements=tuple(judgements),
        worth={site.id: worth[index] for index, site in written},
        findings=tuple(findings),
        rule_titles={rule.code: rule.title for rule in rules},
        drawing=_draw(case, demand, ground, written, [measured[index] for index in chosen]),
    )


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


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """Residents and sites joined to what people walk on.

    Attributes
    ----------
    graph
        None where straight lines are measured.
    residents, sites
        Joined to it.
    cut_off, on_main
        Residents who could not be joined, and those joined to the main part of the roads.
    standards
        What each subdistrict is judged by, in order of code: districts may have figures of their
        own.
    radius_m
        Service radius of each site, shape (sites,): that of the subdistrict it is for.
    evidence
        On the datum of the sites, by file.
    named
        Places after which a gap may be called.
    stop_walks
        From each site to its nearest stop; None where the case has no stops.
    facilities
        Existing services; None where the case has none.
    """

    graph: WalkGraph | None
    residents: Places
    sites: Places
    cut_off: Flags
    on_main: Flags
    standards: tuple[Standard, ...]
    radius_m: Metres
    evidence: Mapping[str, Evidence]
    named: NamedPlaces
    stop_walks: Sequence[StopWalk] | None
    facilities: JoinedFacilities | None


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """One subdistrict measured, before it is judged.

    Attributes
    ----------
    index
        Its place in the study area.
    own, members
        Its demand points and its scheme sites.
    catchments
        By member, in order.
    gaps, equity
        Of its own residents.
    """

    index: int
    own: Indices
    members: Indices
    coverage: Coverage
    network: ServiceNetwork
    catchments: Mapping[int, Catchment]
    gaps: tuple[Gap, ...]
    equity: Equity


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


def _join(case: Case, demand: Demand, graph: WalkGraph | None) -> _Ground:
    """Join residents and sites to the roads."""
    snap_limit_m = case.standard.number("snap_limit") or 0.0
    standards = tuple(
        case.standard.for_subdistrict(one.code, one.district) for one in case.area.subdistricts
    )
    own = dict(zip(case.area.codes, standards, strict=True))
    radius_m = [
        own.get(site.subdistrict or "", case.standard).number("service_radius") or 0.0
        for site in case.sites.records
    ]
    radii_m = np.array(radius_m, dtype=np.float64)
    sites = join_to_roads(case.sites.x, case.sites.y, graph, snap_limit_m)
    residents = join_to_roads(demand.x, demand.y, graph, snap_limit_m)
    joined = residents.chain >= 0
    on_main = joined.copy()
    if graph is not None:
        on_main[joined] = graph.main[residents.chain[joined]]
    return _Ground(
        graph=graph,
        residents=residents,
        sites=sites,
        cut_off=~joined & (graph is not None),
        on_main=on_main,
        standards=standards,
        radius_m=radii_m,
        evidence=gather_evidence(case.area, case.sites.records),
        named=_list_named(case),
        stop_walks=measure_stop_walks(graph, sites, case.stops, snap_limit_m)
        if case.stops is not None
        else None,
        facilities=join_facilities(case.area, case.facilities, graph, sites, snap_limit_m, radii_m)
        if case.facilities is not None
        else None,
    )


def _measure(case: Case, demand: Demand, ground: _Ground, cover: Cover, index: int) -> _Measured:
    """Measure one subdistrict: its own residents, its own members, its network."""
    own = np.flatnonzero(demand.subdistrict == index)
    members = case.sites.members(case.area.subdistricts[index].code)
    places, people = ground.sites.take(members), ground.residents.take(own)
    population = demand.population[own]
    standard = ground.standards[index]
    radius_m = standard.number("service_radius") or 0.0

    walks = measure_reach(ground.graph, places, people)
    coverage = measure_coverage(demand, own, members, walks, radius_m=radius_m)
    older = find_older(demand, own)
    straight = measure_reach(None, places, people, radius_m)
    circled = add_up(population[np.unique(straight.demand)])
    cut_off = add_up(population[ground.cut_off[own]])
    detours = measure_detours(ground.graph, ground.sites, people, coverage)
    coverage = replace(
        coverage,
        older_ratio=measure_older_coverage(older, coverage, find_older_radius(standard)),
        detour_factor=detours.factor,
        p90_detour_factor=find_p90(detours, coverage.nearest >= 0, population),
        straight_line_ratio=find_ratio(circled, add_up(population)),
        by_any_population=add_up(population[cover.scheme[own] > 0]),
        unreachable_population=coverage.unreachable_population if len(members) else cut_off,
    )

    catchments = {}
    for member in members.tolist():
        near = coverage.nearest == member
        p90 = find_p90(detours, near, population)
        catchments[member] = Catchment(population[near], coverage.distance_m[near], p90)
    network = check_network(
        case.sites,
        members,
        measure_reach(ground.graph, places, places),
        {member: add_up(near.population) for member, near in catchments.items()},
        measure_losses(population, members, walks, radius_m=radius_m),
        on_foot=ground.graph is not None,
    )
    areas_m2 = [case.sites.records[member].floor_area_m2 for member in members.tolist()]
    slower = find_older_radius(standard) / radius_m if radius_m else math.nan
    wanted = standard.number("coverage_target")
    equity = measure_equity(
        walks.within(radius_m),
        np.array([math.nan if area is None else area for area in areas_m2], dtype=np.float64),
        coverage,
        People(population, older, slower, math.nan if wanted is None else wanted),
    )
    gaps = find_gaps(demand.x[own], demand.y[own], population, coverage)
    named = tuple(replace(gap, name=name_gap(gap, ground.named)) for gap in gaps)
    return _Measured(index, own, members, coverage, network, catchments, named, equity)


def _judge(
    case: Case, demand: Demand, ground: _Ground, rules: Sequence[Rule], measured: _Measured
) -> tuple[Judgement, list[Finding]]:
    """Judge one subdistrict by every rule of the standard."""
    index, coverage, network = measured.index, measured.coverage, measured.network
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
            site.id for site in claimed if not site.in_scheme and site.role == "headquarters"
        ),
        projects=case.projects.get(subdistrict.code, ()),
        pilots=find_pilots(subdistrict.code, case.standard.pilots.values(), case.succession),
        day=case.date,
        positions={
            site.id: locate_site(case.area, site, index, ground.evidence.get(site.path))
            for site in members
        },
        coverage=coverage,
        network=network,
        detours=detours,
        passages=_find_passages(case, demand, ground, measured, detours),
        demand_basis=demand.basis[index],
        demand_total=add_up(population),
        measured_ratio=float(demand.measured_ratio[index]),
        joined_ratio=joined_ratio if ground.graph is not None else math.nan,
        method="roads" if ground.graph is not None else "straight-line",
        roads_known=case.roads is not None,
        nearby=_find_nearby(case, ground, measured),
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


def _list_named(case: Case) -> NamedPlaces:
    """Return the public services that have a name."""
    known = case.facilities
    if known is None:
        return NamedPlaces(np.empty(0), np.empty(0), np.empty(0, dtype=np.str_))
    return NamedPlaces(known.x, known.y, known.name)


def _find_nearby(case: Case, ground: _Ground, measured: _Measured) -> Nearby:
    """Return which stops and existing services are around the members of a subdistrict."""
    ids = {member: case.sites.records[member].id for member in measured.members.tolist()}
    walks, joined = ground.stop_walks, ground.facilities
    members = ground.sites.take(measured.members)
    return Nearby(
        stop_walks=None if walks is None else {id_: walks[site] for site, id_ in ids.items()},
        facilities=None
        if joined is None
        else list_nearby(ground.graph, joined, measured.index, members, ids),
        relations_known=joined is not None and joined.facilities.relation is not None,
    )


def _find_passages(
    case: Case, demand: Demand, ground: _Ground, measured: _Measured, detours: Mapping[str, float]
) -> dict[str, tuple[tuple[Text, float], ...]]:
    """Return by which bridges and tunnels people walk whose detour is longer than is asked for."""
    limit = ground.standards[measured.index].number("max_detour") or math.inf
    graph, coverage = ground.graph, measured.coverage
    ids = [case.sites.records[member].id for member in measured.members.tolist()]
    around = [index for index, id_ in enumerate(ids) if detours[id_] > limit]
    passages: dict[str, tuple[tuple[Text, float], ...]] = dict.fromkeys(ids, ())
    if graph is None or not around:
        return passages
    sites = measured.members[around]
    far = np.isin(coverage.nearest, sites) & (coverage.detour_factor > limit)
    points, nearest = measured.own[far], np.searchsorted(sites, coverage.nearest[far])
    walks = Walks(nearest, coverage.distance_m[far], demand.population[points])
    found = find_passages(graph, ground.sites.take(sites), ground.residents.take(points), walks)
    for index, crossings in zip(around, found, strict=True):
        passages[ids[index]] = tuple(
            (name_crossing(graph.roads, number, case.area.crs), people)
            for number, people in crossings
        )
    return passages


def _measure_worth(
    case: Case,
    demand: Demand,
    ground: _Ground,
    measured: Sequence[_Measured],
    reach: Reach,
    cover: Cover,
) -> list[SiteWorth]:
    """Measure what each site of the case is worth, whichever subdistricts are judged."""
    catchments = {member: near for one in measured for member, near in one.catchments.items()}
    return measure_worth(demand, case.sites, reach, cover, catchments, ground.sites.leg_m)


def _select_sites(case: Case, judgements: Sequence[Judgement]) -> list[tuple[int, Site]]:
    """Return the sites of the judged subdistricts; of all of them, also those of none."""
    codes: set[str | None] = {judgement.subdistrict.code for judgement in judgements}
    if len(codes) == len(case.area.subdistricts):
        codes.add(None)
    return [(i, site) for i, site in enumerate(case.sites.records) if site.subdistrict in codes]


def _draw(
    case: Case,
    demand: Demand,
    ground: _Ground,
    written: Sequence[tuple[int, Site]],
    measured: Sequence[_Measured],
) -> Drawing:
    """Make the geometry that only maps need."""
    places = ground.sites.take(np.array([index for index, _ in written], dtype=np.intp))
    radius_m = ground.radius_m[[index for index, _ in written]]
    areas = np.empty(len(written), dtype=object)
    for one_m in np.unique(radius_m).tolist():
        same = np.flatnonzero(radius_m == one_m)
        drawn = draw_service_areas(ground.graph, places.take(same), one_m, case.backdrop)
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
