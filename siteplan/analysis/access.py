"""How much floor area residents can reach, how evenly, and how far a service would have to reach.

All of one subdistrict: its own residents and its own members.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from siteplan.analysis.coverage import find_quantile, find_ratio
from siteplan.analysis.detour import P90
from siteplan.analysis.sums import Floats, add_up, add_up_each
from siteplan.model import (
    TOLERANCE_M,
    Coverage,
    Equity,
    Indices,
    Metres,
    Reach,
    Residents,
    Spread,
)

SquareMetres = npt.NDArray[np.float64]
Rates = npt.NDArray[np.float64]

THOUSAND = 1000.0
P10 = 0.10
RADII_M = tuple(100.0 * step for step in range(31))
"""Where the coverage curve is measured: 0 to 3,000 m."""


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Residents of a subdistrict, and what they ask for.

    Attributes
    ----------
    population, older
        At each own demand point: all, and the older ones, or all where those have no locations of
        their own.
    pace
        How far older people walk while others walk 1 m; nan where the standard does not say.
    target
        Share of residents to be covered; nan where the standard does not say.
    """

    population: Residents
    older: Residents
    pace: float
    target: float


@dataclass(frozen=True, slots=True, eq=False)
class BalancedAccess:
    """Floor area within reach where nobody is counted at more than one site.

    Attributes
    ----------
    residents
        Who use each site if they use all within reach alike, shape (sites,).
    access_m2_per_1000
        Floor area per 1,000 residents of each demand point, shape (points,); 0 out of reach.
    """

    residents: Residents
    access_m2_per_1000: Rates


def measure_equity(
    reach: Reach, floor_area_m2: SquareMetres, coverage: Coverage, people: People
) -> Equity:
    """Measure how unevenly the centre of a subdistrict is spread over its residents.

    Parameters
    ----------
    reach
        From its members to its own demand points, within the service radius.
    floor_area_m2
        Of the members; nan where unknown, which adds nothing.
    coverage
        Of the same points.
    people
        Who lives there, and what they ask for.
    """
    population, walk_m = people.population, coverage.distance_m
    supply = measure_access(reach, floor_area_m2, population)
    balanced = measure_balanced_access(reach, floor_area_m2, population).access_m2_per_1000
    total = add_up(population)
    return Equity(
        curve=tuple(measure_curve(walk_m, population).tolist()),
        older_curve=tuple(measure_curve(walk_m, people.older, pace=people.pace).tolist()),
        target_radius_m=find_target_radius(walk_m, population, people.target),
        older_target_radius_m=find_target_radius(
            walk_m, people.older, people.target, pace=people.pace
        ),
        distance=measure_spread(walk_m, population),
        supply=measure_spread(supply, population),
        balanced_supply=measure_spread(balanced, population),
        supply_m2_per_1000=find_ratio(add_up(supply * population), total),
        balanced_supply_m2_per_1000=find_ratio(add_up(balanced * population), total),
    )


def measure_access(reach: Reach, floor_area_m2: SquareMetres, population: Residents) -> Rates:
    """Return the floor area per 1,000 residents that is within reach of each demand point.

    The two-step floating catchment area: a site's floor area is shared equally by all residents
    within its radius, and a resident has the shares of all sites within reach (Luo & Wang 2003,
    Measures of spatial accessibility to health care in a GIS environment, Environment and Planning
    B 30: 865-884):

        R_j = S_j / sum of P_k over the points k within reach of site j
        A_i = sum of R_j over the sites j within reach of point i

    Whatever reaches anybody is handed out exactly once: the sum of P_i A_i is the sum of S_j.

    Parameters
    ----------
    reach
        From each site to the demand points within the radius.
    floor_area_m2
        Of each site, >= 0, shape (sites,); nan if unknown, which adds nothing to anybody.
    population
        Residents of each demand point, shape (points,).

    Returns
    -------
    Rates
        m² per 1,000 residents, shape (points,); 0 out of reach.

    Examples
    --------
    >>> import numpy as np
    >>> reach = Reach(np.array([0, 2, 3]), np.array([0, 1, 1]), np.array([90.0, 400.0, 10.0]))
    >>> measure_access(reach, np.array([1200.0, 300.0]), np.array([1000.0, 1000.0, 500.0]))
    array([600., 900.,   0.])
    """
    within = add_up_each(population[reach.demand], reach.start)
    level = _divide(floor_area_m2, within)
    return THOUSAND * _add_up_by_point(reach, _give(reach, level), len(population))


def measure_balanced_access(
    reach: Reach, floor_area_m2: SquareMetres, population: Residents
) -> BalancedAccess:
    """Measure the same where residents divide themselves among the sites within reach.

    The balanced floating catchment area (Páez, Higgins & Vivona 2019, Demand and level of service
    inflation in floating catchment area methods, PLoS ONE 14(6): e0218773). With w_ij = 1 within
    the radius, else 0, weights are standardised by row, so that nobody is counted twice, and then
    by column, so that no floor area is:

        u_ij = w_ij / sum of w_ij over j          N_j = sum of P_i u_ij over i
        v_ij = P_i u_ij / N_j                     L_j = S_j / N_j
        A_i  = sum of S_j v_ij over j / P_i = sum of L_j u_ij over j

    The sum of N_j is the number of residents within reach of a site, the sum of v_ij over i is 1,
    and the sum of P_i A_i is the sum of S_j. The paper standardises columns over zones, v_ij =
    w_ij / sum of w_ij over i, so that a level is divided by the number of zones; here they are
    standardised over residents, and the figure does not depend on how many points they stand at.

    Parameters
    ----------
    reach, floor_area_m2, population
        As for `measure_access`. The residents allotted to a site of unknown floor area still count
        as its own.

    Examples
    --------
    >>> import numpy as np
    >>> reach = Reach(np.array([0, 2, 3]), np.array([0, 1, 1]), np.array([90.0, 400.0, 10.0]))
    >>> areas_m2, people = np.array([1200.0, 300.0]), np.array([1000.0, 1000.0, 500.0])
    >>> balanced = measure_balanced_access(reach, areas_m2, people)
    >>> balanced.residents, balanced.access_m2_per_1000
    (array([1500.,  500.]), array([800., 700.,   0.]))
    """
    sites = np.bincount(reach.demand, minlength=len(population))[reach.demand]
    residents = add_up_each(population[reach.demand] / sites, reach.start)
    level = _divide(floor_area_m2, residents)
    access = _add_up_by_point(reach, _give(reach, level) / sites, len(population))
    return BalancedAccess(residents, THOUSAND * access)


def measure_spread(values: Floats, population: Residents) -> Spread:
    """Measure how unevenly a distance, or floor area within reach, is spread over people.

    The Gini coefficient is half the mean absolute difference between two people, by their mean
    (Gini 1912; by ranks, each person standing in the middle of those with the same value: Lerman &
    Yitzhaki 1989, Improving the accuracy of estimates of Gini coefficients, Journal of Econometrics
    42: 43-47):

        G = sum of P_i P_k |x_i - x_k| / (2 P · sum of P_i x_i)

    The ratio divides two quantiles, defined as `find_quantile` does for the 95 % of the coverage.

    Parameters
    ----------
    values
        >= 0, shape (points,); people where it is inf or nan are counted apart.
    population
        People at each point, shape (points,).

    Examples
    --------
    >>> import numpy as np
    >>> measure_spread(np.array([100.0, 300.0, np.inf]), np.array([1.0, 1.0, 5.0]))
    Spread(gini=0.25, ratio_90_10=3.0, population=2.0, excluded_population=5.0)
    """
    known = np.isfinite(values)
    amounts, people = values[known], population[known]
    p10, p90 = (find_quantile(amounts, people, share) for share in (P10, P90))
    return Spread(
        gini=_find_gini(amounts, people),
        ratio_90_10=find_ratio(p90, p10),
        population=add_up(people),
        excluded_population=add_up(population[~known]),
    )


def measure_curve(distance_m: Metres, population: Residents, *, pace: float = 1.0) -> Floats:
    """Return the share of residents within each of `RADII_M` of a member, inclusive.

    At the service radius it is the `coverage_ratio` to the last bit.

    Parameters
    ----------
    distance_m
        Walking distance to the nearest member, shape (points,); inf if there is none.
    population
        Residents of each point, shape (points,).
    pace
        How far they walk while others walk 1 m: for older walkers their speed by that of others.
        The radii stay those of the others, so that both curves stand on one axis.

    Returns
    -------
    Floats
        Shape (31,), never falling; nan without residents.

    Examples
    --------
    >>> import numpy as np
    >>> measure_curve(np.array([0.0, 100.0, 190.0]), np.array([1.0, 1.0, 2.0]))[:4]
    array([0.25, 0.5 , 1.  , 1.  ])
    """
    total = add_up(population)
    limits_m = [radius_m * pace + TOLERANCE_M for radius_m in RADII_M]
    return np.array([find_ratio(add_up(population[distance_m <= m]), total) for m in limits_m])


def find_target_radius(
    distance_m: Metres, population: Residents, target: float, *, pace: float = 1.0
) -> float:
    """Return the smallest radius within which a target share of the residents live.

    It is the distance of one of them, not a step of the curve. nan if no radius would do, or
    without residents.

    Parameters
    ----------
    distance_m, population, pace
        As for `measure_curve`.
    target
        A ratio, above 0; nan where the standard does not say.

    Examples
    --------
    >>> import numpy as np
    >>> distances_m, people = np.array([340.0, 720.0, np.inf]), np.array([60.0, 30.0, 10.0])
    >>> [find_target_radius(distances_m, people, target) for target in (0.6, 0.8, 0.95)]
    [340.0, 720.0, nan]
    """
    if math.isnan(target) or target > 1:
        return math.nan
    walk_m = find_quantile(distance_m, population, target)
    return walk_m / pace if math.isfinite(walk_m) else math.nan


def _divide(floor_area_m2: SquareMetres, residents: Residents) -> Rates:
    """Return m² per resident of each site; nan without residents or where the area is unknown."""
    return floor_area_m2 / np.where(residents > 0, residents, np.nan)


def _give(reach: Reach, level: Rates) -> Rates:
    """Return what each pair gives to its point; nothing where the level is not known."""
    return np.repeat(np.nan_to_num(level), np.diff(reach.start))


def _add_up_by_point(reach: Reach, values: Floats, points: int) -> Floats:
    """Return the sum of the pairs of each demand point."""
    order = np.argsort(reach.demand, kind="stable")
    start: Indices = np.searchsorted(reach.demand[order], np.arange(points + 1))
    return add_up_each(values[order], start)


def _find_gini(values: Floats, population: Residents) -> float:
    """Return the Gini coefficient; nan without people, or if nobody has anything."""
    amounts, group = np.unique(values, return_inverse=True)
    order = np.argsort(group, kind="stable")
    start = np.searchsorted(group[order], np.arange(len(amounts) + 1))
    people = add_up_each(population[order], start)
    below, total = np.cumsum(people) - people, add_up(people)
    rank = 2 * below + people - total  # those who have less, less those who have more
    return find_ratio(add_up(people * amounts * rank), total * add_up(people * amounts))
