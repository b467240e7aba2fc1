"""How far around people walk because something lies in the way, and where they get across it."""

from typing import NamedTuple

import numpy as np
import shapely

from siteplan.analysis.coverage import find_quantile
from siteplan.analysis.places import Places, WalkGraph, find_joints
from siteplan.analysis.sums import add_up
from siteplan.analysis.travel import measure_reach
from siteplan.crs import WGS84, make_projection
from siteplan.errors import Text
from siteplan.geometry import even_out
from siteplan.model import TOLERANCE_M, Coverage, Factors, Flags, Indices, Metres, Residents, Roads

P90 = 0.90
FAR_M = 300.0
KINDS = {"bridge": Text("桥梁", "bridge"), "tunnel": Text("隧道或地道", "tunnel")}


class Walks(NamedTuple):
    """Walks of residents: to which site, how far, and how many people."""

    site: Indices
    distance_m: Metres
    population: Residents


class Detours(NamedTuple):
    """How the roads lead from residents to their nearest member.

    Attributes
    ----------
    straight_m
        Straight line between where both are joined to the roads, shape (points,); nan for who can
        reach no member.
    factor
        Way along the roads / straight line; nan where there is none. The legs off the road count on
        neither side: how far a door is from the street is no barrier.
    """

    straight_m: Metres
    factor: Factors


def measure_detours(
    graph: WalkGraph | None, sites: Places, residents: Places, coverage: Coverage
) -> Detours:
    """Measure by how much roads are longer than the straight line.

    Parameters
    ----------
    graph
        Roads; None measures nothing.
    sites
        Of the case.
    residents
        Of one subdistrict.
    coverage
        Of that subdistrict.
    """
    nothing = np.full(len(residents.chain), np.nan)
    reached = np.flatnonzero(coverage.nearest >= 0)
    if graph is None or not len(reached):
        return Detours(nothing, nothing)
    from_here, there = residents.take(reached), sites.take(coverage.nearest[reached])
    (x, y), (site_x, site_y) = find_joints(graph, from_here), find_joints(graph, there)
    straight_m, factor = nothing.copy(), nothing.copy()
    straight_m[reached] = np.hypot(x - site_x, y - site_y)
    along_m = coverage.distance_m[reached] - from_here.leg_m - there.leg_m
    apart = straight_m[reached] > TOLERANCE_M
    factor[reached[apart]] = along_m[apart] / straight_m[reached[apart]]
    return Detours(straight_m, factor)


def find_p90(detours: Detours, some: Flags, population: Residents) -> float:
    """Return the smallest factor that 90 % of some residents do not exceed; nan without any.

    Over those who live at least `FAR_M` away, since the corner of a block makes the factor of those
    who live nearer; over all where nobody lives farther.
    """
    known = some & np.isfinite(detours.factor)
    far = known & (detours.straight_m >= FAR_M - TOLERANCE_M)
    among = far if add_up(population[far]) else known
    return find_quantile(detours.factor[among], population[among], P90)


def find_passages(
    graph: WalkGraph, sites: Places, residents: Places, walks: Walks
) -> list[list[tuple[int, float]]]:
    """Find the bridges and tunnels on the shortest walks from residents to their sites.

    A walk passes one if it is no shorter than the way to its middle and the way from there on.

    Parameters
    ----------
    graph
        Roads.
    sites
        What people walk to.
    residents
        Where people live.
    walks
        Of these residents.

    Returns
    -------
    list
        For each site the number of each crossing that somebody passes, and how many people do; most
        people first. Of the parts of a crossing the one that most people pass counts.
    """
    roads, chains, farthest_m = graph.roads, graph.chains, walks.distance_m.max(initial=0.0)
    part = np.flatnonzero(roads.crossing >= 0)
    half_m = chains.begin_m[part] + roads.length_m[part] / 2
    middles = Places(half_m, half_m, chains.of_edge[part], half_m, np.zeros(len(part)))
    to_middles = measure_reach(graph, sites, middles, farthest_m)
    reached, column = np.unique(to_middles.demand, return_inverse=True)
    to_middle_m = np.full((len(sites.chain), len(reached)), np.inf)
    row = np.repeat(np.arange(len(sites.chain)), np.diff(to_middles.start))
    to_middle_m[row, column] = to_middles.distance_m
    x, y = find_joints(graph, middles.take(reached))
    straight_m = np.hypot(x[:, None] - residents.x, y[:, None] - residents.y)
    likely = (to_middle_m.T[:, walks.site] + straight_m <= walks.distance_m + TOLERANCE_M).any(1)
    reached, to_middle_m = reached[likely], to_middle_m[:, likely]
    homes = measure_reach(graph, middles.take(reached), residents, farthest_m)
    middle = np.repeat(np.arange(len(reached)), np.diff(homes.start))
    site = walks.site[homes.demand]
    by_middle_m = to_middle_m[site, middle] + homes.distance_m
    passing = by_middle_m <= walks.distance_m[homes.demand] + TOLERANCE_M
    people = np.zeros(to_middle_m.shape)
    np.add.at(people, (site[passing], middle[passing]), walks.population[homes.demand[passing]])
    crossing = roads.crossing[part[reached]]
    return [_rank(crossing, row_people) for row_people in people]


def _rank(crossing: Indices, people: Residents) -> list[tuple[int, float]]:
    """Return the most people at any part of each crossing that has some, most people first.

    Ties go to the lower crossing.
    """
    most: dict[int, float] = {}
    for number, count in zip(crossing.tolist(), people.tolist(), strict=True):
        if count:
            most[number] = max(count, most.get(number, 0.0))
    numbers = sorted(most)
    steps = even_out(np.array([most[number] for number in numbers]))
    return [(numbers[i], most[numbers[i]]) for i in np.argsort(-steps, kind="stable").tolist()]


def name_crossing(roads: Roads, number: int, crs: str) -> Text:
    """Return what to call a bridge or tunnel: its name, or where it is in longitude and latitude.

    Parameters
    ----------
    roads
        With the crossing.
    number
        Of it.
    crs
        Working CRS.
    """
    crossing = roads.crossings[number]
    kind = KINDS[crossing.kind]
    if crossing.name:
        return Text(f"{kind.zh}“{crossing.name}”", f"{kind.en} “{crossing.name}”")
    line = roads.lines[np.argmax(roads.crossing == number)]
    middle = shapely.line_interpolate_point(line, 0.5, normalized=True)
    lon, lat = make_projection(crs, WGS84)(np.array([middle.x]), np.array([middle.y]))
    place = f"{lon[0]:.5f}, {lat[0]:.5f}"
    return Text(f"{kind.zh}（{place}）", f"the {kind.en} at {place}")
