"""Whether a headquarters and its branches form a service network (服务网络)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from siteplan.analysis.coverage import SLACK
from siteplan.model import Indices, Link, Reach, ServiceNetwork, Sites

Matrix = npt.NDArray[np.float64]


def find_headquarters(sites: Sites, members: Indices) -> int | None:
    """Return the headquarters: the only member, or the only one that says so; else None."""
    if len(members) == 1:
        return int(members[0])
    named = [int(m) for m in members if sites.records[m].role == "headquarters"]
    return named[0] if len(named) == 1 else None


def check_network(
    sites: Sites,
    members: Indices,
    walks: Reach,
    catchment: Mapping[int, float],
    losses: Mapping[int, float],
    *,
    on_foot: bool,
) -> ServiceNetwork:
    """Check the network of one subdistrict.

    Parameters
    ----------
    sites
        Of the case.
    members
        Sites that claim the subdistrict, in order of id.
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
    ids = [sites.records[m].id for m in members]
    link_m = _to_matrix(walks, len(members))
    weights = np.array([catchment.get(int(m), 0.0) for m in members])
    ranking = _rank_members(link_m, weights)
    best_median, best_center = ranking.name_best(ids)
    named = {sites.records[member].id: ratio for member, ratio in losses.items()}
    headquarters = find_headquarters(sites, members)
    if headquarters is None:
        return ServiceNetwork(None, None, (), (), best_median, best_center, None, named)
    here = members.tolist().index(headquarters)
    to_headquarters = {ids[row]: float(link_m[row, here]) for row in range(len(ids)) if row != here}
    stranded = tuple(site for site, walk_m in to_headquarters.items() if math.isinf(walk_m))
    links = tuple(
        Link(site, walk_m) for site, walk_m in to_headquarters.items() if math.isfinite(walk_m)
    )
    lost = sorted(losses)
    worst = lost[_first_least([losses[member] for member in lost])] if lost else None
    return ServiceNetwork(
        headquarters=ids[here],
        connected=not stranded if on_foot or len(ids) == 1 else None,
        stranded=stranded,
        links=links,
        best_median=best_median,
        best_center=best_center,
        worst_loss=None if worst is None else (sites.records[worst].id, losses[worst]),
        losses=named,
        median_factor=ranking.find_factor(here),
        is_center=ranking.is_center(here),
    )


def _to_matrix(walks: Reach, size: int) -> Matrix:
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
    """

    compete: list[int]
    totals: list[float]
    largest: list[float]

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
        return _Ranking([0], [0.0], [0.0])
    reachable = np.isfinite(link_m).sum(axis=0) > 1  # by somebody other than itself
    compete = [
        row
        for row in np.flatnonzero(reachable).tolist()
        if np.isfinite(link_m[row, reachable]).all()
    ]
    totals = [math.fsum(link_m[row, reachable] * weights[reachable]) for row in compete]
    largest = [float(link_m[row, reachable].max()) for row in compete]
    return _Ranking(compete, totals, largest)


def _first_least(values: list[float]) -> int:
    """Return the first of the least values; equal on paper is equal, whatever the last bit says."""
    enough = min(values) * (1 + SLACK)
    return next(index for index, value in enumerate(values) if value <= enough)
