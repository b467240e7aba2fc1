"""What another scheme of a centre would give: other venues, another headquarters, another radius.

Nothing is searched again and nothing is decided here: the walks of a `Trial` were measured once,
and the functions of the evaluation say what they mean, so that the two cannot differ.
"""

from dataclasses import replace

import numpy as np

from siteplan.analysis.coverage import measure_coverage, measure_losses
from siteplan.analysis.network import check_network, find_redundant
from siteplan.analysis.sums import add_up, add_up_each
from siteplan.model import Flags, Indices, Matrix, Reach, Trial, Tried


def try_out(trial: Trial, chosen: Flags, headquarters: int | None, radius_m: float) -> Tried:
    """Return the figures that an evaluation would give of another scheme.

    Parameters
    ----------
    trial
        The centre.
    chosen
        Which venues are in the scheme, shape (venues,); none at all is a scheme too.
    headquarters
        Index into the venues; None, or one that is not chosen, is none. A venue that stands alone
        is its own headquarters.
    radius_m
        Service radius, inclusive.
    """
    rows = np.flatnonzero(chosen)
    population = trial.population
    walks = choose_walks(trial.distance_m, rows)
    coverage = measure_coverage(population, trial.groups, rows, walks, radius_m=radius_m)
    by_venue = np.argsort(coverage.nearest, kind="stable")
    start = np.searchsorted(coverage.nearest[by_venue], np.arange(len(trial.venues) + 1))
    catchments = add_up_each(population[by_venue], start)
    if len(rows) == 1:
        headquarters = int(rows[0])
    network = check_network(
        {row: trial.venues[row] for row in rows.tolist()},
        headquarters if headquarters in rows.tolist() else None,
        choose_walks(trial.link_m[:, rows], rows),
        dict(enumerate(catchments.tolist())),
        measure_losses(population, rows, walks, radius_m=radius_m),
        on_foot=trial.on_foot,
    )
    idle = (trial.venues[rows[row]] for row in find_redundant(walks.within(radius_m), population))
    redundant = tuple(id_ for id_ in idle if id_ != network.headquarters)
    unreachable = ~np.isfinite(coverage.distance_m) if len(rows) else trial.cut_off
    return Tried(
        covered_population=coverage.covered_population,
        uncovered_population=add_up(population[~coverage.covered]),
        coverage_ratio=coverage.coverage_ratio,
        unreachable_population=add_up(population[unreachable]),
        mean_distance_m=coverage.mean_distance_m,
        p95_distance_m=coverage.p95_distance_m,
        group_ratios=coverage.group_ratios,
        covered=coverage.covered,
        nearest=coverage.nearest,
        distance_m=coverage.distance_m,
        network=replace(network, redundant=redundant),
    )


def gather_walks(walks: Reach, points: int) -> Matrix:
    """Return walks as an array of one row a site; inf where there is none."""
    matrix = np.full((len(walks.start) - 1, points), np.inf)
    matrix[np.repeat(np.arange(len(matrix)), np.diff(walks.start)), walks.demand] = walks.distance_m
    return matrix


def choose_walks(distance_m: Matrix, rows: Indices) -> Reach:
    """Return the walks of some rows of an array, as a search would have found them."""
    some_m = distance_m[rows]
    row, point = np.nonzero(np.isfinite(some_m))
    start: Indices = np.searchsorted(row, np.arange(len(rows) + 1))
    return Reach(start, point, some_m[row, point])
