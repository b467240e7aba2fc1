"""Who is covered, and by whom. The unit is people, never points."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from siteplan.analysis.sums import add_up
from siteplan.model import (
    TOLERANCE_M,
    Coverage,
    Demand,
    Factors,
    Flags,
    Indices,
    Metres,
    Reach,
    Residents,
    Sites,
)

P95 = 0.95
OLDER = "age_60_plus"
"""The group that walks slowly."""
SLACK = 1e-9  # relative; a share met on paper must not be missed by the last bit of a sum


class Catchment(NamedTuple):
    """Residents nearest to one member: how many at each point, how far, and their p90 detour."""

    population: Residents
    distance_m: Metres
    p90_detour_factor: float


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """How many sites cover each demand point.

    Attributes
    ----------
    reach
        From each site within its radius: what was counted.
    scheme, existing
        Number of existing and proposed sites, and of existing ones, shape (points,).
    """

    reach: Reach
    scheme: Indices
    existing: Indices


def count_cover(reach: Reach, sites: Sites, points: int) -> Cover:
    """Count the sites within whose radius each demand point lies."""
    owner = np.repeat(np.arange(len(sites.records)), np.diff(reach.start))
    in_scheme, existing = sites.in_scheme[owner], sites.existing[owner]
    return Cover(
        reach=reach,
        scheme=np.bincount(reach.demand[in_scheme], minlength=points),
        existing=np.bincount(reach.demand[existing], minlength=points),
    )


def measure_coverage(
    population: Residents,
    groups: Mapping[str, Residents],
    members: Indices,
    walks: Reach,
    *,
    radius_m: float,
) -> Coverage:
    """Measure how well a subdistrict's members reach its own residents.

    Parameters
    ----------
    population
        Residents at each demand point of the subdistrict.
    groups
        As `list_groups` returns them.
    members
        Sites that claim it, in order of id.
    walks
        From each member to each own point, without a cut-off.
    radius_m
        Inclusive.

    Returns
    -------
    Coverage
        Without its straight-line, cross-boundary and older residents' figures and detours (nan),
        which are measured apart, and with every resident unreachable where there is no member.
    """
    nearest, distance_m = find_nearest(walks, members, len(population))
    covered = distance_m <= radius_m + TOLERANCE_M
    total = add_up(population)
    reached = np.isfinite(distance_m)
    covered_population = add_up(population[covered])
    return Coverage(
        covered_population=covered_population,
        coverage_ratio=find_ratio(covered_population, total),
        straight_line_ratio=math.nan,
        by_any_population=math.nan,
        nearest=nearest,
        distance_m=distance_m,
        covered=covered,
        mean_distance_m=average(distance_m[reached], population[reached]),
        p95_distance_m=find_quantile(distance_m[reached], population[reached], P95),
        unreachable_population=add_up(population[~reached]),
        group_ratios={
            name: add_up(count[covered]) / add_up(count) for name, count in groups.items()
        },
        older_ratio=math.nan,
        detour_factor=np.full(len(population), np.nan),
        p90_detour_factor=math.nan,
    )


def list_groups(demand: Demand, own: Indices) -> dict[str, Residents]:
    """Return the groups that have residents and locations of their own at some demand points."""
    counts = {name: count[own] for name, count in demand.groups.items()}
    return {
        name: count for name, count in counts.items() if np.isfinite(count).all() and add_up(count)
    }


def find_older(demand: Demand, own: Indices) -> Residents:
    """Return the older residents at each point; all where they have no locations of their own."""
    older = demand.groups.get(OLDER, np.full(len(demand.population), np.nan))[own]
    return older if np.isfinite(older).all() and add_up(older) else demand.population[own]


def measure_older_coverage(older: Residents, coverage: Coverage, radius_m: float) -> float:
    """Return the share of older residents within a radius of a member; nan without residents."""
    near = coverage.distance_m <= radius_m + TOLERANCE_M
    return find_ratio(add_up(older[near]), add_up(older))


def measure_losses(
    population: Residents, members: Indices, walks: Reach, *, radius_m: float
) -> dict[int, float]:
    """Return the share of a subdistrict's residents left covered without each member."""
    total = add_up(population)
    if not total:
        return {}
    near = walks.within(radius_m)
    times = np.bincount(near.demand, minlength=len(population))
    left = {}
    for row, member in enumerate(members.tolist()):
        points, _ = near.of(row)
        without = times.copy()
        without[points] -= 1
        left[member] = add_up(population[without > 0]) / total
    return left


def find_ratio(part: float, whole: float) -> float:
    """Return a share; nan of nothing."""
    return part / whole if whole else math.nan


def average(distance_m: Metres, population: Residents) -> float:
    """Return the mean over people; nan without any."""
    return find_ratio(add_up(distance_m * population), add_up(population))


def find_quantile(values: Metres | Factors, population: Residents, share: float) -> float:
    """Return the smallest value that a share of the people do not exceed; nan without any.

    Examples
    --------
    >>> import numpy as np
    >>> find_quantile(np.array([300.0, 100.0, 200.0]), np.array([5.0, 50.0, 45.0]), 0.95)
    200.0
    """
    total = add_up(population)
    if not total:
        return math.nan
    order = np.argsort(values)
    reached = np.cumsum(population[order])
    first = int(np.searchsorted(reached, share * total * (1 - SLACK)))
    return float(values[order][first])


def find_nearest(walks: Reach, members: Indices, points: int) -> tuple[Indices, Metres]:
    """Return the nearest member of each point, and how far it is; -1 and inf where there is none.

    Parameters
    ----------
    walks
        From each member to the points.
    members
        What to call them, in order: the first of two that are equally near is taken.
    points
        How many there are.
    """
    nearest = np.full(points, -1, dtype=np.intp)
    distance_m = np.full(points, np.inf)
    for row, member in enumerate(members.tolist()):
        there, walk_m = walks.of(row)
        nearer: Flags = walk_m < distance_m[there] - TOLERANCE_M
        nearest[there[nearer]] = member
        distance_m[there] = np.minimum(distance_m[there], walk_m)
    return nearest, distance_m
