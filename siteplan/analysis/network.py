"""Whether a headquarters and its branches form a service network (服务网络)."""

import math
from collections.abc import Mapping

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
    best_median, best_center = _find_best(ids, link_m, weights)
    headquarters = find_headquarters(sites, members)
    if headquarters is None:
        return ServiceNetwork(None, None, (), (), best_median, best_center, None)
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


def _find_best(
    ids: list[str], link_m: Matrix, weights: npt.NDArray[np.float64]
) -> tuple[str | None, str | None]:
    """Return the 1-median and the 1-centre among the members.

    A member that no other can walk to is left out of the sums, and only members that reach all the
    rest compete. Ties go to the smallest id.
    """
    if len(ids) <= 1:
        return (ids[0], ids[0]) if ids else (None, None)
    reachable = np.isfinite(link_m).sum(axis=0) > 1  # by somebody other than itself
    compete = [
        row for row in np.flatnonzero(reachable) if np.isfinite(link_m[row, reachable]).all()
    ]
    if not compete:
        return None, None
    totals = [math.fsum(link_m[row, reachable] * weights[reachable]) for row in compete]
    largest = [float(link_m[row, reachable].max()) for row in compete]
    return ids[compete[_first_least(totals)]], ids[compete[_first_least(largest)]]


def _first_least(values: list[float]) -> int:
    """Return the first of the least values; equal on paper is equal, whatever the last bit says."""
    enough = min(values) * (1 + SLACK)
    return next(index for index, value in enumerate(values) if value <= enough)
