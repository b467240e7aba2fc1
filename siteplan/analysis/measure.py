"""Measure a case, subdistrict by subdistrict: who is reached, by whom, how evenly, past what."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from siteplan.analysis.access import People, measure_equity
from siteplan.analysis.coverage import (
    SLACK,
    Catchment,
    Cover,
    find_older,
    find_ratio,
    list_groups,
    measure_coverage,
    measure_losses,
    measure_older_coverage,
)
from siteplan.analysis.datum import Evidence
from siteplan.analysis.detour import (
    Walks,
    find_p90,
    find_passages,
    measure_detours,
    name_crossing,
)
from siteplan.analysis.gaps import NamedPlaces, find_gaps, name_gap
from siteplan.analysis.links import trace_links
from siteplan.analysis.nearby import (
    JoinedFacilities,
    join_facilities,
    list_nearby,
    measure_stop_walks,
)
from siteplan.analysis.network import (
    check_network,
    complete_network,
    find_headquarters,
    to_matrix,
)
from siteplan.analysis.places import Places, WalkGraph, join_to_roads
from siteplan.analysis.position import gather_evidence
from siteplan.analysis.sums import add_up
from siteplan.analysis.travel import measure_reach
from siteplan.analysis.trial import choose_walks, gather_walks
from siteplan.errors import Text
from siteplan.model import (
    Case,
    Coverage,
    Demand,
    Equity,
    Flags,
    Gap,
    Indices,
    Metres,
    Nearby,
    ServiceNetwork,
    Standard,
    StopWalk,
    Trial,
)
from siteplan.standard import find_older_radius


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
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
class Measured:
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
    trial
        What other schemes of it can be tried with.
    """

    index: int
    own: Indices
    members: Indices
    coverage: Coverage
    network: ServiceNetwork
    catchments: Mapping[int, Catchment]
    gaps: tuple[Gap, ...]
    equity: Equity
    trial: Trial


def join_case(case: Case, demand: Demand, graph: WalkGraph | None) -> Ground:
    """Join residents and sites to the roads, and gather what every subdistrict is measured with.

    Parameters
    ----------
    case, demand
        The case, and its residents at points.
    graph
        None measures straight lines.
    """
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
    return Ground(
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


def measure_subdistrict(
    case: Case, demand: Demand, ground: Ground, cover: Cover, index: int
) -> Measured:
    """Measure one subdistrict: its own residents, its own members, its network.

    Parameters
    ----------
    case, demand, ground
        Of the whole case.
    cover
        How many sites of the case cover each demand point.
    index
        Of the subdistrict in the study area.
    """
    own = np.flatnonzero(demand.subdistrict == index)
    members = case.sites.members(case.area.subdistricts[index].code)
    places, people = ground.sites.take(members), ground.residents.take(own)
    standard = ground.standards[index]

    trial = measure_trial(case, demand, ground, index)
    population, radius_m, rows = trial.population, trial.radius_m, np.flatnonzero(trial.members)
    walks = choose_walks(trial.distance_m, rows)
    coverage = measure_coverage(population, trial.groups, members, walks, radius_m=radius_m)
    older = find_older(demand, own)
    straight = measure_reach(None, places, people, radius_m)
    circled = add_up(population[np.unique(straight.demand)])
    cut_off = add_up(population[trial.cut_off])
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
    headquarters = find_headquarters(case.sites, members)
    network = check_network(
        {member: case.sites.records[member].id for member in members.tolist()},
        headquarters,
        choose_walks(trial.link_m[:, rows], rows),
        {member: add_up(near.population) for member, near in catchments.items()},
        measure_losses(population, members, walks, radius_m=radius_m),
        on_foot=trial.on_foot,
    )
    network = complete_network(
        network,
        [case.sites.records[member] for member in members.tolist()],
        trace_links(ground.graph, places, members == headquarters, case.area.crs),
        walks.within(radius_m),
        population,
    )
    areas_m2 = [case.sites.records[member].floor_area_m2 for member in members.tolist()]
    slower = find_older_radius(standard) / radius_m if radius_m else math.nan
    equity = measure_equity(
        walks.within(radius_m),
        np.array([math.nan if area is None else area for area in areas_m2], dtype=np.float64),
        coverage,
        People(population, older, slower, trial.target),
    )
    gaps = find_gaps(demand.x[own], demand.y[own], population, coverage)
    named = tuple(replace(gap, name=name_gap(gap, ground.named)) for gap in gaps)
    return Measured(index, own, members, coverage, network, catchments, named, equity, trial)


def measure_trial(case: Case, demand: Demand, ground: Ground, index: int) -> Trial:
    """Measure every walk of one subdistrict that any scheme of it may need.

    Parameters
    ----------
    case, demand, ground
        Of the whole case.
    index
        Of the subdistrict in the study area.
    """
    code, standard = case.area.subdistricts[index].code, ground.standards[index]
    own = np.flatnonzero(demand.subdistrict == index)
    claiming = [i for i, site in enumerate(case.sites.records) if site.subdistrict == code]
    venues = np.array(claiming, dtype=np.intp)
    members = case.sites.in_scheme[venues]
    headquarters = find_headquarters(case.sites, venues[members])
    places, people = ground.sites.take(venues), ground.residents.take(own)
    links = measure_reach(ground.graph, places, places)
    target = standard.number("coverage_target")
    return Trial(
        subdistrict=code,
        venues=tuple(case.sites.records[venue].id for venue in claiming),
        members=members,
        headquarters=-1 if headquarters is None else claiming.index(headquarters),
        radius_m=standard.number("service_radius") or 0.0,
        target=math.nan if target is None else target,
        x=demand.x[own],
        y=demand.y[own],
        population=demand.population[own],
        groups=list_groups(demand, own),
        cut_off=ground.cut_off[own],
        distance_m=gather_walks(measure_reach(ground.graph, places, people), len(own)),
        link_m=to_matrix(links, len(venues)),
        on_foot=ground.graph is not None,
    )


def _list_named(case: Case) -> NamedPlaces:
    """Return the public services that have a name."""
    known = case.facilities
    if known is None:
        return NamedPlaces(np.empty(0), np.empty(0), np.empty(0, dtype=np.str_))
    return NamedPlaces(known.x, known.y, known.name)


def find_nearby(case: Case, ground: Ground, measured: Measured) -> Nearby:
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


def list_passages(
    case: Case, demand: Demand, ground: Ground, measured: Measured, detours: Mapping[str, float]
) -> dict[str, tuple[tuple[Text, float], ...]]:
    """Return by which bridges and tunnels people walk whose detour is longer than is asked for."""
    limit = (ground.standards[measured.index].number("max_detour") or math.inf) * (1 + SLACK)
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
