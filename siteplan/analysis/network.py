"""Whether a headquarters and its branches form a service network (服务网络)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from siteplan.analysis.coverage import SLACK
from siteplan.analysis.links import LinkWalk
from siteplan.model import (
    Indices,
    Link,
    Matrix,
    Reach,
    Residents,
    ServiceNetwork,
    Site,
    Sites,
)


def find_headquarters(sites: Sites, members: Indices) -> int | None:
    """Return the headquarters: the only member, or the only one that says so; else None."""
    if len(members) == 1:
        return int(members[0])
    named = [int(m) for m in members if sites.records[m].role == "headquarters"]
    return named[0] if len(named) == 1 else None


def check_network(
    ids: Mapping[int, str],
    headquarters: int | None,
    walks: Reach,
    catchment: Mapping[int, float],
    losses: Mapping[int, float],
    *,
    on_foot: bool,
) -> ServiceNetwork:
    """Check the network of one subdistrict.

    Parameters
    ----------
    ids
        Of the members by site index, in order of id.
    headquarters
        Site index of the one; None without exactly one.
    walks
        From each member to each member, without a cut-off.
    catchment
        Residents of each member's catchment.
    losses
        Share of residents left covered without each member.
    on_foot
        Whether the walks follow roads; a straight line cannot show that a branch is connected.

    Returns
    -------
    ServiceNetwork
        Without exactly one headquarters only the best-placed members are given.
    """
    names = list(ids.values())
    link_m = to_matrix(walks, len(ids))
    weights = np.array([catchment.get(member, 0.0) for member in ids])
    ranking = _rank_members(link_m, weights)
    best_median, best_center = ranking.name_best(names)
    named = {ids[member]: ratio for member, ratio in losses.items()}
    if headquarters is None:
        return ServiceNetwork(None, None, (), (), best_median, best_center, None, named)
    here = list(ids).index(headquarters)
    to_headquarters = {
        name: float(link_m[row, here]) for row, name in enumerate(names) if row != here
    }
    stranded = tuple(site for site, walk_m in to_headquarters.items() if math.isinf(walk_m))
    links = tuple(
        Link(site, walk_m) for site, walk_m in to_headquarters.items() if math.isfinite(walk_m)
    )
    lost = sorted(losses)
    worst = lost[_first_least([losses[member] for member in lost])] if lost else None
    return ServiceNetwork(
        headquarters=names[here],
        connected=not stranded if on_foot or len(ids) == 1 else None,
        stranded=stranded,
        links=links,
        best_median=best_median,
        best_center=best_center,
        worst_loss=None if worst is None else (ids[worst], losses[worst]),
        losses=named,
        median_factor=ranking.find_factor(here),
        is_center=ranking.is_center(here),
        median_saving_m=ranking.find_saving(here),
    )


def complete_network(
    network: ServiceNetwork,
    members: Sequence[Site],
    walks: Sequence[LinkWalk | None],
    near: Reach,
    population: Residents,
) -> ServiceNetwork:
    """Add to a network what is asked of a scheme as proposed, and not of others that are tried.

    Parameters
    ----------
    network
        Checked.
    members
        In order of id.
    walks
        From each member to the headquarters.
    near
        From each member to the residents within its radius.
    population
        Residents at each demand point of the subdistrict.
    """
    traced = {site.id: walk for site, walk in zip(members, walks, strict=True) if walk is not None}
    links = tuple(
        replace(link, line=walk.line, crossings=walk.crossings)
        if (walk := traced.get(link.site)) is not None
        else link
        for link in network.links
    )
    redundant = tuple(
        members[row].id
        for row in find_redundant(near, population)
        if members[row].id != network.headquarters
    )
    services = tuple(sorted({service for site in members for service in site.services}))
    return replace(network, links=links, redundant=redundant, services=services)


def find_redundant(near: Reach, population: Residents) -> list[int]:
    """Return the sites without each of which, by itself, every resident covered stays covered.

    Parameters
    ----------
    near
        From each site to the residents within its radius.
    population
        Residents at each demand point; without any there is nothing to say.
    """
    if not population.any():
        return []
    times = np.bincount(near.demand, minlength=len(population))
    needed = (times == 1) & (population > 0)
    return [row for row in range(len(near.start) - 1) if not needed[near.of(row)[0]].any()]


def to_matrix(walks: Reach, size: int) -> Matrix:
    """Return the walks as an array; inf where there is none, 0 from a member to itself."""
    matrix = np.full((size, size), np.inf)
    for row in range(size):
        there, walk_m = walks.of(row)
        matrix[row, there] = walk_m
    np.fill_diagonal(matrix, 0.0)
    symmetric: Matrix = np.minimum(matrix, matrix.T)  # one walk, whichever end it was measured from
    return symmetric


@dataclass(frozen=True, slots=True)
class _Ranking:
    """How well each member that reaches all the rest would do as headquarters.

    Attributes
    ----------
    compete
        Their rows, ascending; none where nobody reaches all the rest.
    totals, largest
        Residents-weighted sum and largest of the distances to them.
    population
        Residents whose distances were added up.
    """

    compete: list[int]
    totals: list[float]
    largest: list[float]
    population: float

    def name_best(self, ids: list[str]) -> tuple[str | None, str | None]:
        """Return the 1-median and the 1-centre; ties go to the smallest id."""
        if not self.compete:
            return None, None
        median, center = _first_least(self.totals), _first_least(self.largest)
        return ids[self.compete[median]], ids[self.compete[center]]

    def find_factor(self, row: int) -> float:
        """Return how many times the sum of the best one a member has."""
        if len(self.compete) <= 1:
            return math.nan
        if row not in self.compete:
            return math.inf
        total, least = self.totals[self.compete.index(row)], min(self.totals)
        if total == least:
            return 1.0
        return total / least if least else math.inf

    def find_saving(self, row: int) -> float:
        """Return how much nearer the best one is than a member, on average over residents."""
        if len(self.compete) <= 1 or not self.population:
            return math.nan
        if row not in self.compete:
            return math.inf
        return (self.totals[self.compete.index(row)] - min(self.totals)) / self.population

    def is_center(self, row: int) -> bool | None:
        """Whether no member has a smaller largest distance."""
        if len(self.compete) <= 1:
            return None
        if row not in self.compete:
            return False
        return self.largest[self.compete.index(row)] <= min(self.largest) * (1 + SLACK)


def _rank_members(link_m: Matrix, weights: npt.NDArray[np.float64]) -> _Ranking:
    """Rank the members as headquarters.

    A member that no other can walk to is left out of the sums, and only members that reach all the
    rest compete.
    """
    if len(link_m) == 1:
        return _Ranking([0], [0.0], [0.0], math.fsum(weights))
    reachable = np.isfinite(link_m).sum(axis=0) > 1  # by somebody other than itself
    compete = [
        row
        for row in np.flatnonzero(reachable).tolist()
        if np.isfinite(link_m[row, reachable]).all()
    ]
    totals = [math.fsum(link_m[row, reachable] * weights[reachable]) for row in compete]
    largest = [float(link_m[row, reachable].max()) for row in compete]
    return _Ranking(compete, totals, largest, math.fsum(weights[reachable]))


def _first_least(values: list[float]) -> int:
    """Return the first of the least values; equal on paper is equal, whatever the last bit says."""
    enough = min(values) * (1 + SLACK)
    return next(index for index, value in enumerate(values) if value <= enough)
