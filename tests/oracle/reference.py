"""The method of DESIGN section 3, spelled out slowly over all pairs of sites and residents."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.demand import Demand, Subdistrict, Weighted, place_residents
from oracle.graph import Edge, Snap, Streets
from oracle.osm import read_edges, read_residential_buildings
from oracle.pbf import OsmData

TOLERANCE_M = 1e-6
P95 = 0.95 * (1 - 1e-9)  # so that 19 of 20 equal shares are 95 % whatever the rounding

Mask = NDArray[np.bool_]
Metres = dict[str, NDArray[np.float64]]  # site id → distance to each demand point


class Site(NamedTuple):
    """A site; the subdistrict is the one that claims it, wherever it lies."""

    id: str
    subdistrict: str
    x: float
    y: float
    status: str
    role: str | None


class Case(NamedTuple):
    """What is measured once and then judged."""

    demand: Demand
    sites: list[Site]
    radius_m: float
    metres: Metres
    straight: Metres
    between: dict[tuple[str, str], float]
    joined: dict[str, bool]
    unjoined_demand: Mask

    def scheme(self) -> list[Site]:
        """List the existing and proposed sites."""
        return [site for site in self.sites if site.status != "candidate"]

    def people(self, among: Mask) -> float:
        """Add up residents so that the order doesn't matter."""
        return math.fsum(self.demand.population[among])

    def covered(self, by: Iterable[Site], metres: Metres | None = None) -> Mask:
        """Say which demand points lie within the radius of any of these sites."""
        mask = np.zeros(len(self.demand.x), dtype=bool)
        for site in by:
            mask |= (self.metres if metres is None else metres)[site.id] <= (
                self.radius_m + TOLERANCE_M
            )
        return mask

    def nearest(self, members: list[Site]) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
        """Find distance and id of the nearest member, inf and None where none is reached."""
        distance = np.full(len(self.demand.x), np.inf)
        who: NDArray[np.object_] = np.full(len(self.demand.x), None, dtype=object)
        for member in members:  # in order of id, so that a tie stays with the smallest
            closer = self.metres[member.id] < distance
            distance[closer] = self.metres[member.id][closer]
            who[closer] = member.id
        return distance, who


def evaluate(  # noqa: PLR0913 - the whole method's inputs, plain, in one call
    subdistricts: Sequence[Subdistrict],
    roads: OsmData | Sequence[Edge] | None,
    sites: Sequence[tuple[str, str, float, float, str, str | None]],
    radius_m: float,
    *,
    snap_limit_m: float = 150.0,
    residents: Sequence[Weighted] | None = None,
    buildings: Sequence[Weighted] | None = None,
    distance: str = "roads",
    crs: str | None = None,
) -> dict[str, Any]:
    """Judge sites by who can walk to them.

    Parameters
    ----------
    subdistricts
        (code, polygon in the working CRS, population).
    roads
        OSM data, of which buildings come too unless given, or (tail, head, [(x, y), …]) edges.
    sites
        (id, subdistrict code, x, y, status, role), in the working CRS.
    radius_m
        Service radius, inclusive.
    snap_limit_m
        How far a point may be from the roads, inclusive.
    residents, buildings
        (x, y, weight) in the working CRS; see `place_residents`.
    distance
        "roads" or "straight-line".
    crs
        The working CRS, needed for OSM data only.

    Returns
    -------
    dict
        summary; subdistricts by code; sites by id; `demand`; `distances` and `straight_line`:
        site id → metres to each demand point, inf where unreachable. Missing figures are None.
    """
    edges: Sequence[Edge] = ()
    if isinstance(roads, OsmData):
        if crs is None:
            raise ValueError("OSM data need the working CRS")
        edges = read_edges(roads, crs) if distance == "roads" else ()
        if buildings is None:
            buildings = [each[:3] for each in read_residential_buildings(roads, crs)]
    elif roads is not None:
        edges = roads
    demand = place_residents(subdistricts, residents, buildings)
    ordered = sorted((Site(*site) for site in sites), key=lambda site: site.id)
    straight = {s.id: np.hypot(demand.x - s.x, demand.y - s.y) for s in ordered}
    legs: dict[str, float | None] = {site.id: None for site in ordered}
    if distance == "roads":
        streets = Streets(edges)
        doors = [streets.snap(x, y, snap_limit_m) for x, y in zip(demand.x, demand.y, strict=True)]
        gates = {site.id: streets.snap(site.x, site.y, snap_limit_m) for site in ordered}
        legs |= {name: gate.leg_m for name, gate in gates.items() if math.isfinite(gate.leg_m)}
        metres, between = _walk(streets, doors, gates)
        joined = {name: gate.edge >= 0 for name, gate in gates.items()}
        unjoined = np.array([door.edge < 0 for door in doors], dtype=bool)
    else:
        metres = straight
        between = {(a.id, b.id): math.hypot(a.x - b.x, a.y - b.y) for a in ordered for b in ordered}
        joined = {site.id: True for site in ordered}
        unjoined = np.zeros(len(demand.x), dtype=bool)
    case = Case(demand, ordered, radius_m, metres, straight, between, joined, unjoined)
    by_code = {
        code: judge_subdistrict(case, code, float(population))
        for code, _, population in sorted(subdistricts, key=lambda each: each[0])
    }
    return {
        "summary": _sum_up(case, by_code),
        "subdistricts": by_code,
        "sites": {s.id: {"snap_distance_m": legs[s.id], **judge_site(case, s)} for s in ordered},
        "demand": demand,
        "distances": metres,
        "straight_line": straight,
    }


def _walk(
    streets: Streets, doors: Sequence[Snap], gates: dict[str, Snap]
) -> tuple[Metres, dict[tuple[str, str], float]]:
    """Measure from each site to every demand point, and to every other site."""
    metres, between = {}, {}
    for name, gate in gates.items():
        ways = streets.measure(gate, [*doors, *gates.values()])
        metres[name] = ways[: len(doors)]
        for other, way in zip(gates, ways[len(doors) :], strict=True):
            # Nobody walks to the road and back to be where they are.
            between[name, other] = 0.0 if name == other and gate.edge >= 0 else float(way)
    return metres, between


def judge_subdistrict(case: Case, code: str, population: float) -> dict[str, Any]:
    """Judge a subdistrict on its own residents and its own members."""
    own: Mask = case.demand.subdistrict == code
    members = [site for site in case.scheme() if site.subdistrict == code]
    nearest, who = case.nearest(members)
    reached = own & np.isfinite(nearest)
    covered = case.people(own & case.covered(members))
    circled = case.people(own & case.covered(members, case.straight))
    missed = own & ~np.isfinite(nearest) if members else own & case.unjoined_demand
    catchments = {site.id: case.people(own & (who == site.id)) for site in members}
    return {
        "population": population,
        "covered_population": covered,
        "coverage_ratio": _ratio(covered, population),
        "straight_line_coverage_ratio": _ratio(circled, population),
        "covered_by_any_population": case.people(own & case.covered(case.scheme())),
        "mean_distance_m": _mean(case, nearest, reached),
        "p95_distance_m": _p95(case, nearest, reached),
        "unreachable_population": case.people(missed),
        "layout": ("none", "concentrated", "dispersed")[min(len(members), 2)],
        "sites": [site.id for site in members],
        "network": judge_network(case, own, population, members, catchments),
    }


def judge_network(
    case: Case,
    own: Mask,
    population: float,
    members: list[Site],
    catchments: dict[str, float],
) -> dict[str, Any]:
    """Judge whether the members are one headquarters and branches that reach it on foot."""
    network: dict[str, Any] = {
        "headquarters": None,
        "connected": None,
        "stranded": [],
        "links": [],
        "best_headquarters": _best_headquarters(case, members, catchments),
        "worst_loss": None,
    }
    named = members if len(members) == 1 else [s for s in members if s.role == "headquarters"]
    if len(named) != 1:
        return network
    head = named[0].id
    ways = {site.id: case.between[site.id, head] for site in members if site.id != head}
    network["headquarters"] = head
    network["links"] = [
        {"site": name, "distance_m": way} for name, way in ways.items() if math.isfinite(way)
    ]
    network["stranded"] = [name for name, way in ways.items() if not math.isfinite(way)]
    network["connected"] = not network["stranded"]
    left = {
        site.id: case.people(own & case.covered(other for other in members if other != site))
        for site in members
    }
    worst = min(left, key=lambda name: (left[name], name))
    network["worst_loss"] = {"site": worst, "coverage_ratio": _ratio(left[worst], population)}
    return network


def _best_headquarters(
    case: Case, members: list[Site], catchments: dict[str, float]
) -> dict[str, str | None]:
    """Find the members nearest to all on average and at worst.

    A member that nobody else can walk to neither counts nor competes; of the rest, whoever does
    not reach all the others does not compete.
    """
    if len(members) == 1:
        return {"median": members[0].id, "center": members[0].id}
    names = [site.id for site in members]
    joined = [
        name
        for name in names
        if any(other != name and math.isfinite(case.between[other, name]) for other in names)
    ]
    ways = {head: [case.between[name, head] for name in joined] for head in joined}
    ways = {head: each for head, each in ways.items() if all(map(math.isfinite, each))}
    people = [catchments[name] for name in joined]
    median = {
        head: math.fsum(p * way for p, way in zip(people, each, strict=True))
        for head, each in ways.items()
    }
    center = {head: max(each) for head, each in ways.items()}
    return {
        "median": min(median, key=lambda name: (median[name], name), default=None),
        "center": min(center, key=lambda name: (center[name], name), default=None),
    }


def judge_site(case: Case, site: Site) -> dict[str, float | None]:
    """Measure a site's worth over the residents of the whole case."""
    scheme = case.scheme()
    candidate = site.status == "candidate"
    others = [other for other in scheme if other.id != site.id]
    rivals = [other for other in others if candidate or other.status == "existing"]
    here = case.covered([site])
    figures: dict[str, float | None] = {
        "alone_population": case.people(here),
        "added_population": case.people(here & ~case.covered(rivals)),
        "shared_population": None,
        "lost_population": None,
        "catchment_population": None,
        "mean_distance_m": None,
    }
    if candidate:
        return figures
    votes = np.sum([case.covered([other]) for other in scheme], axis=0)
    figures["shared_population"] = math.fsum(case.demand.population[here] / votes[here])
    figures["lost_population"] = case.people(here & ~case.covered(others))
    nearest, who = case.nearest([s for s in scheme if s.subdistrict == site.subdistrict])
    catchment = (case.demand.subdistrict == site.subdistrict) & (who == site.id)
    figures["catchment_population"] = case.people(catchment)
    figures["mean_distance_m"] = _mean(case, nearest, catchment)
    return figures


def _sum_up(case: Case, by_code: dict[str, dict[str, Any]]) -> dict[str, Any]:
    def total(figure: str) -> float:
        return math.fsum(each[figure] for each in by_code.values())

    circled = np.zeros(len(case.demand.x), dtype=bool)
    for code in by_code:
        members = [site for site in case.scheme() if site.subdistrict == code]
        circled |= (case.demand.subdistrict == code) & case.covered(members, case.straight)
    return {
        "subdistricts": len(by_code),
        "population": total("population"),
        "covered_population": total("covered_population"),
        "coverage_ratio": _ratio(total("covered_population"), total("population")),
        "straight_line_coverage_ratio": _ratio(case.people(circled), total("population")),
        "covered_by_any_population": total("covered_by_any_population"),
        "unreachable_population": total("unreachable_population"),
    }


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def _mean(case: Case, metres: NDArray[np.float64], among: Mask) -> float | None:
    people = case.people(among)
    return _ratio(math.fsum(case.demand.population[among] * metres[among]), people)


def _p95(case: Case, metres: NDArray[np.float64], among: Mask) -> float | None:
    """Take the smallest distance that reaches 95 % of the people."""
    needed = P95 * case.people(among)
    reached = 0.0
    pairs = zip(metres[among], case.demand.population[among], strict=True)
    for distance, people in sorted(pairs):
        reached += people
        if reached >= needed > 0:
            return float(distance)
    return None
