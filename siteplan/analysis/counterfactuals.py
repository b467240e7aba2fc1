"""What would be if one thing about a centre were otherwise: a site more, a site less, another head.

Every answer is an evaluation of another scheme of the same `Trial`, but for the best spot, from
which walks are measured that no site needs.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from siteplan.analysis.coverage import SLACK, average
from siteplan.analysis.places import SMALL_WORK, Places, WalkGraph
from siteplan.analysis.rules.facts import reaches
from siteplan.analysis.sums import add_up, add_up_each
from siteplan.analysis.travel import measure_reach
from siteplan.analysis.trial import try_out
from siteplan.model import TOLERANCE_M, Flags, Indices, Residents, SiteWorth, Trial, Tried
from siteplan.model.explanation import (
    Addition,
    Closure,
    Combination,
    Headship,
    Outlook,
    Placing,
)

MOST_SETS = 20_000
"""Sets of candidates tried one by one: all of 14 candidates, of 40 those of up to 3."""
BLOCK_SPOTS = 1_000
"""Places from which walks are measured at once: at most so many times the residents' points."""


class BestSpot(NamedTuple):
    """The demand point from which one more site covers most of those who are not covered.

    Attributes
    ----------
    point
        Counted among the subdistrict's own.
    covered
        Of those who are not covered today, whom it would cover; shape (points,).
    """

    point: int
    covered: Flags


def try_today(trial: Trial) -> Tried:
    """Return the figures of a centre as it is in the scheme."""
    headquarters = None if trial.headquarters < 0 else trial.headquarters
    return try_out(trial, trial.members, headquarters, trial.radius_m)


def look_ahead(trial: Trial, covered_population: float) -> Outlook:
    """Return what it means that so many own residents are covered.

    Parameters
    ----------
    trial
        The centre as it is today.
    covered_population
        Of the scheme that is looked at.
    """
    total = add_up(trial.population)
    ratio = covered_population / total if total else math.nan
    change = covered_population - try_today(trial).covered_population
    if not total or math.isnan(trial.target):
        return Outlook(covered_population, ratio, change, math.nan, None)
    met = reaches(ratio, trial.target)
    missing = 0.0 if met else trial.target * total - covered_population
    return Outlook(covered_population, ratio, change, missing, met)


def try_additions(trial: Trial) -> tuple[Addition, ...]:
    """Return what each candidate of a subdistrict would change by itself, in order of id."""
    return tuple(
        Addition(trial.venues[venue], look_with(trial, switch(trial.members, venue, on=True)))
        for venue in np.flatnonzero(~trial.members).tolist()
    )


def look_with(trial: Trial, chosen: Flags) -> Outlook:
    """Return what a scheme of some venues covers."""
    return look_ahead(trial, try_out(trial, chosen, None, trial.radius_m).covered_population)


def combine_candidates(trial: Trial, most_sets: int = MOST_SETS) -> Combination | None:
    """Find the smallest set of candidates with which a subdistrict meets its target.

    Sets are tried in order of size, and within a size all of them, so that the first size that is
    enough is the smallest; of its sets the one that covers most is taken, ties to the first ids.
    Where a size has more sets than may be tried, the candidate that adds most is taken, and again,
    until that is enough: then there may be a smaller set.

    Parameters
    ----------
    trial
        The centre.
    most_sets
        Sets that may be tried one by one.

    Returns
    -------
    Combination or None
        None without candidates, without a target or residents, or where the target is met.
    """
    candidates = np.flatnonzero(~trial.members)
    today = try_today(trial)
    outlook = look_ahead(trial, today.covered_population)
    if not len(candidates) or outlook.meets_target is not False:
        return None
    everything = look_with(trial, np.ones_like(trial.members))
    if not everything.meets_target:
        return Combination((), everything, len(candidates))
    near = trial.distance_m[candidates] <= trial.radius_m + TOLERANCE_M
    gains = _Gains.group(near[:, ~today.covered], trial.population[~today.covered])
    wanted = outlook.missing_population * (1 - SLACK)
    left = most_sets
    for size in range(1, len(candidates) + 1):
        left -= math.comb(len(candidates), size)
        if left < 0:
            rows, tried_size = gains.add_greedily(wanted), size - 1
            break
        rows, tried_size = gains.find_largest(size), size
        if gains.add_up(rows) >= wanted:
            break
    chosen = candidates[list(rows)]
    sites = tuple(trial.venues[venue] for venue in sorted(chosen.tolist()))
    return Combination(sites, look_with(trial, switch(trial.members, chosen, on=True)), tried_size)


def find_best_spot(
    graph: WalkGraph | None, people: Places, trial: Trial, covered: Flags
) -> BestSpot | None:
    """Find the own demand point from which one more site would cover most of the uncovered.

    Exact: the walks from every own demand point are measured. Ties go to the smallest x, then y.

    Parameters
    ----------
    graph
        None measures straight lines.
    people
        The subdistrict's own demand points, joined to it.
    trial
        The centre.
    covered
        Which of them are covered today.

    Returns
    -------
    BestSpot or None
        None where no site could cover anybody more.
    """
    missed = np.flatnonzero(~covered)
    if not len(missed):
        return None
    if graph is not None:
        work = len(people.x) * len(graph.chains.node_x)
        graph = replace(graph, compiled=graph.compiled or work > SMALL_WORK)
    aims, population = people.take(missed), trial.population[missed]
    gains = np.zeros(len(people.x))
    for begin in range(0, len(gains), BLOCK_SPOTS):
        some = np.arange(begin, min(begin + BLOCK_SPOTS, len(gains)))
        reach = measure_reach(graph, people.take(some), aims, trial.radius_m)
        gains[some] = add_up_each(population[reach.demand], reach.start)
    if not gains.any():
        return None
    tied = np.flatnonzero(gains >= gains.max() * (1 - SLACK))
    point = int(tied[np.lexsort((people.y[tied], people.x[tied]))[0]])
    reach = measure_reach(graph, people.take(np.array([point])), aims, trial.radius_m)
    newly = np.zeros_like(covered)
    newly[missed[reach.demand]] = True
    return BestSpot(point, newly)


def weigh_headquarters(trial: Trial) -> Headship | None:
    """Return how the members of a centre would do as headquarters; None without members."""
    if not trial.members.any():
        return None
    today = try_today(trial)
    best = today.network.best_median
    placed = None if best is None else place_headquarters(trial, trial.members, best)
    head = today.network.headquarters
    if head is None:
        return Headship(None, placed, None, None)
    others = switch(trial.members, trial.venues.index(head), on=False)
    return Headship(
        now=place_headquarters(trial, trial.members, head),
        best=placed,
        without=look_with(trial, others),
        successor=find_successor(trial, others),
    )


def find_successor(trial: Trial, others: Flags) -> Placing | None:
    """Return the best headquarters of some venues; None where there is none."""
    best = try_out(trial, others, None, trial.radius_m).network.best_median
    return None if best is None else place_headquarters(trial, others, best)


def place_headquarters(trial: Trial, chosen: Flags, site: str) -> Placing:
    """Return how far it is from the chosen venues to one of them as headquarters.

    Parameters
    ----------
    trial
        The centre.
    chosen
        Which venues are in the scheme, shape (venues,).
    site
        Id of one of them.
    """
    rows, here = np.flatnonzero(chosen), trial.venues.index(site)
    nearest = try_out(trial, chosen, None, trial.radius_m).nearest
    people = np.array([add_up(trial.population[nearest == row]) for row in rows])
    link_m = trial.link_m[rows, here]
    joined = np.isfinite(link_m)
    others = joined & (rows != here)
    longest_m = float(link_m[others].max()) if others.any() else math.nan
    far = rows[others & (link_m >= longest_m - TOLERANCE_M)] if others.any() else []
    return Placing(
        site=site,
        mean_m=average(link_m[joined], people[joined]),
        longest_m=longest_m,
        farthest=trial.venues[far[0]] if len(far) else None,
        stranded=tuple(trial.venues[row] for row in rows[~joined].tolist()),
    )


def find_closures(trial: Trial, worth: Mapping[str, SiteWorth]) -> Closure | None:
    """Return the members that may close, each by itself, without an own resident losing cover.

    None where no member may; the headquarters, without which there is no centre, is none of them.

    Parameters
    ----------
    trial
        The centre.
    worth
        Of its sites, by id: they may be all that residents of other subdistricts have.
    """
    idle = try_today(trial).network.redundant
    if not idle:
        return None
    venues = np.array([trial.venues.index(site) for site in idle], dtype=np.intp)
    together = look_with(trial, switch(trial.members, venues, on=False))
    elsewhere = {site: worth[site].lost - worth[site].lost_own for site in idle}
    return Closure(idle, together, {site: n for site, n in elsewhere.items() if round(n) > 0})


def switch(chosen: Flags, venues: int | Indices, *, on: bool) -> Flags:
    """Return a scheme with some venues added, or without them."""
    switched = chosen.copy()
    switched[venues] = on
    return switched


class _Gains(NamedTuple):
    """Uncovered residents by which of the candidates would cover them.

    Attributes
    ----------
    near
        Whether a candidate covers the residents of a kind, shape (candidates, kinds).
    population
        Residents of each kind.
    """

    near: Flags
    population: Residents

    @classmethod
    def group(cls, near: Flags, population: Residents) -> "_Gains":
        """Put together the points that the same candidates cover."""
        kinds, of_point = np.unique(near, axis=1, return_inverse=True)
        order = np.argsort(of_point, kind="stable")
        start = np.searchsorted(of_point[order], np.arange(kinds.shape[1] + 1))
        return cls(kinds, add_up_each(population[order], start))

    def add_up(self, rows: tuple[int, ...]) -> float:
        """Return how many residents some candidates would cover."""
        return math.fsum(self.population[self.near[list(rows)].any(axis=0)].tolist())

    def find_largest(self, size: int) -> tuple[int, ...]:
        """Return the set of a size that covers most, ties to the first."""
        best, most = tuple(range(size)), -1.0
        for rows in combinations(range(len(self.near)), size):
            if (people := self.add_up(rows)) > most * (1 + SLACK) or most < 0:
                best, most = rows, people
        return best

    def add_greedily(self, wanted: float) -> tuple[int, ...]:
        """Return the candidates that add most, one after the other, until enough are covered."""
        rows: tuple[int, ...] = ()
        while self.add_up(rows) < wanted:
            others = [row for row in range(len(self.near)) if row not in rows]
            gains = [self.add_up((*rows, row)) for row in others]
            rows = (*rows, others[gains.index(max(gains))])
        return rows
