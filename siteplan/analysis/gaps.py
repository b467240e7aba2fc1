"""Where the residents live that no member covers: in which gaps, how many, how far from a site."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from siteplan.analysis.sums import add_up_each
from siteplan.geometry import even_out, find_spacing
from siteplan.model import TOLERANCE_M, Coverage, Flags, Gap, Indices, Labels, Metres, Residents

LINK_M = 100.0
"""Uncovered points no farther apart belong to one gap: the width of a block or a main road, and
twice the cell on which residents stand where nothing better is known."""
LINK_SPACINGS = 1.5
"""Points of a wider grid are linked with those beside them, also diagonally (1.41), not with those
beyond (2)."""
SAME_M = 1e-3
"""Points no farther apart are one: a projection rounds by less."""
NAME_M = 300.0
"""Farther than this from a place, its name would send people elsewhere."""

SQUARES_APART = math.sqrt(8)
"""Points in squares farther apart than two rows and two columns cannot be linked."""
NEIGHBOURS = 8
"""Nearest points asked for at first; almost all links are found so, whatever the density."""
BLOCK_PAIRS = 4_000_000
"""Pairs of points compared at once: 200 MB."""

Spots = npt.NDArray[np.float64]


class NamedPlaces(NamedTuple):
    """Points of named roads and facilities, working CRS, shape (places,)."""

    x: Metres
    y: Metres
    name: Labels


def find_gaps(x: Metres, y: Metres, population: Residents, coverage: Coverage) -> list[Gap]:
    """Group a subdistrict's uncovered residents into gaps.

    Two demand points are in one gap if a chain of uncovered points leads from one to the other in
    steps of at most `find_link` (single linkage). Points without residents link nothing.

    The place of a gap is the demand point for which the residents-weighted sum of squared straight
    distances is smallest, that is, the one nearest to the residents' centre of gravity, ties to the
    smallest x, then y. So it is the middle of the people, somebody lives there however the gap is
    bent, and it needs one pass. A point from which one can walk to a member comes before all from
    which one cannot, so that `nearest` is known wherever anybody can walk there.

    Parameters
    ----------
    x, y
        Own demand points of the subdistrict, working CRS, shape (points,).
    population
        Residents of each.
    coverage
        Of the same points.

    Returns
    -------
    list of Gap
        Most residents first, ties by place; the gaps partition the uncovered residents. Empty if
        everybody is covered.
    """
    missed = np.flatnonzero(~coverage.covered & (population > 0))
    if not len(missed):
        return []
    link_m = find_link(x[population > 0], y[population > 0])
    gap = link_points(x[missed], y[missed], link_m)
    order = np.lexsort((coverage.distance_m[missed], y[missed], x[missed], gap))
    points, gap = missed[order], gap[order]
    start = np.r_[0, np.flatnonzero(np.diff(gap)) + 1, len(gap)]
    people, away_m = population[points], coverage.distance_m[points]
    total = add_up_each(people, start)
    cut_off = add_up_each(people * np.isinf(away_m), start)
    place = _find_places(x[points], y[points], people, np.isfinite(away_m), start)
    middle = np.repeat(place, np.diff(start))
    apart_m = np.hypot(x[points] - x[points][middle], y[points] - y[points][middle])
    radius_m = np.maximum.reduceat(apart_m, start[:-1])
    walking, walk_m = np.isfinite(away_m), np.where(np.isfinite(away_m), away_m, 0.0)
    walked = add_up_each(people * walking, start)
    mean_m = add_up_each(people * walk_m, start) / np.where(walked > 0, walked, math.nan)
    farthest_m = np.maximum.reduceat(np.where(walking, away_m, -math.inf), start[:-1])
    at = points[place]
    return [
        Gap(
            population=float(total[i]),
            unreachable_population=float(cut_off[i]),
            x=float(x[at[i]]),
            y=float(y[at[i]]),
            radius_m=float(radius_m[i]),
            nearest=int(coverage.nearest[at[i]]),
            distance_m=float(coverage.distance_m[at[i]]),
            mean_distance_m=float(mean_m[i]),
            farthest_distance_m=float(farthest_m[i]) if walked[i] else math.nan,
            link_m=link_m,
            points=np.sort(points[start[i] : start[i + 1]]),
        )
        for i in np.lexsort((even_out(y[at]), even_out(x[at]), even_out(-total))).tolist()
    ]


def find_link(x: Metres, y: Metres) -> float:
    """Return how far apart two neighbours of one gap may be, in metres.

    `LINK_M`, or `LINK_SPACINGS` times as far as it is from a populated point to the nearest other
    one (the median, to the metre) where that is more: residents on a raster stand no closer than
    its cells. A quarter of a metre is added, so that on a grid of whole metres no two points are
    exactly a link apart, where the rounding of a projection would decide.

    Parameters
    ----------
    x, y
        All populated points of a subdistrict, covered or not, working CRS, shape (points,).

    Examples
    --------
    >>> import numpy as np
    >>> find_link(np.arange(5) * 50.0, np.zeros(5)), find_link(np.arange(5) * 200.0, np.zeros(5))
    (100.0, 300.25)
    """
    spots = np.unique(np.column_stack([x, y]), axis=0)
    _, first = np.unique(link_points(spots[:, 0], spots[:, 1], SAME_M), return_index=True)
    apart_m = find_spacing(spots[first])
    if math.isinf(apart_m):
        return LINK_M
    return max(LINK_M, LINK_SPACINGS * round(apart_m) + 0.25)


def link_points(x: Metres, y: Metres, link_m: float = LINK_M) -> Indices:
    """Return a number for each point that is the same for all points linked by steps of `link_m`.

    Exact, and fast however densely the points stand: all points of a square whose diagonal is a
    link are linked, nearest neighbours link most squares, and only squares still apart are compared
    point by point.

    Parameters
    ----------
    x, y
        Working CRS, shape (points,).
    link_m
        Longest step.

    Examples
    --------
    >>> import numpy as np
    >>> link_points(np.array([0.0, 300.0, 100.0, 200.1]), np.zeros(4)).tolist()
    [0, 1, 0, 1]
    """
    spots, of_spot = np.unique(np.column_stack([x, y]), axis=0, return_inverse=True)
    rows = np.floor(spots * math.sqrt(2) / link_m).astype(np.int64)
    squares, square = np.unique(rows, axis=0, return_inverse=True)
    order = np.argsort(square, kind="stable")
    start = np.searchsorted(square[order], np.arange(len(squares) + 1))
    links = square[_find_neighbours(spots, link_m)]
    group = _number_groups(links, len(squares))
    close = cKDTree(squares).query_pairs(SQUARES_APART + TOLERANCE_M, output_type="ndarray")
    apart = close[group[close[:, 0]] != group[close[:, 1]]]
    more = apart[_compare_squares(spots[order], start, apart, link_m)]
    group = _number_groups(np.concatenate([links, more]), len(squares))
    return group[square][of_spot]


def name_gap(gap: Gap, places: NamedPlaces) -> str | None:
    """Return the name of the named place nearest to a gap's, as `name_place` does."""
    return name_place(gap.x, gap.y, places)


def name_place(x: float, y: float, places: NamedPlaces) -> str | None:
    """Return the name of the nearest named place, ties to the first name; None beyond `NAME_M`.

    Parameters
    ----------
    x, y
        What is to be named, working CRS.
    places
        What has a name. A road is given as points along it; an empty name names nothing.
    """
    apart_m = np.hypot(places.x - x, places.y - y)
    apart_m = np.where(places.name == "", np.inf, apart_m)
    least_m = float(apart_m.min(initial=np.inf))
    if least_m > NAME_M + TOLERANCE_M:
        return None
    return min(str(name) for name in places.name[apart_m <= least_m + TOLERANCE_M])


def _find_neighbours(spots: Spots, link_m: float) -> Indices:
    """Return pairs of linked spots, each with its nearest ones, shape (pairs, 2)."""
    limit_m = np.nextafter(link_m + TOLERANCE_M, np.inf)  # the tree's bound is exclusive
    others = range(2, 2 + NEIGHBOURS)  # the nearest is the spot itself
    _, found = cKDTree(spots).query(spots, k=others, distance_upper_bound=limit_m)
    near = np.asarray(found, dtype=np.intp)
    row, column = np.nonzero(near < len(spots))
    return np.column_stack([row, near[row, column]])


def _compare_squares(spots: Spots, start: Indices, pairs: Indices, link_m: float) -> Flags:
    """Return which pairs of squares hold two spots that are linked.

    Each spot is compared with every other, unless the rectangles around them are too far apart.

    Parameters
    ----------
    spots
        By square, shape (spots, 2).
    start
        Square i holds spots[start[i]:start[i + 1]].
    pairs
        Squares, shape (pairs, 2).
    link_m
        Longest step.
    """
    one, other = pairs.T
    low, high = (edge.reduceat(spots, start[:-1]) for edge in (np.minimum, np.maximum))
    beyond_m = np.maximum(low[other] - high[one], low[one] - high[other]).clip(min=0)
    size = np.diff(start)[pairs]
    count = size.prod(axis=1) * (np.hypot(*beyond_m.T) <= link_m + TOLERANCE_M)
    linked = np.zeros(len(pairs), dtype=np.bool_)
    block = np.cumsum(count) // BLOCK_PAIRS
    for number in range(int(block.max(initial=-1)) + 1):
        some = np.flatnonzero(block == number)
        pair = np.repeat(some, count[some])
        turn = np.arange(len(pair)) - np.repeat(np.cumsum(count[some]) - count[some], count[some])
        here = start[one[pair]] + turn // size[pair, 1]
        there = start[other[pair]] + turn % size[pair, 1]
        apart_m = np.hypot(*(spots[here] - spots[there]).T)
        linked[pair[apart_m <= link_m + TOLERANCE_M]] = True
    return linked


def _number_groups(links: Indices, size: int) -> Indices:
    """Return to which connected group each of some things belongs."""
    linked = coo_array((np.ones(len(links), dtype=np.bool_), links.T), shape=(size, size))
    _, group = connected_components(linked, directed=False)
    return np.asarray(group, dtype=np.intp)


def _find_places(
    x: Metres, y: Metres, population: Residents, reached: Flags, start: Indices
) -> Indices:
    """Return the point of each run that is nearest to the run's centre of gravity.

    Among those reached where there are any; ties to the smallest x, then y.
    """
    size, total = np.diff(start), add_up_each(population, start)
    center_x, center_y = (
        np.repeat(add_up_each(population * axis, start) / total, size) for axis in (x, y)
    )
    eligible = reached | np.repeat(~np.logical_or.reduceat(reached, start[:-1]), size)
    apart_m = np.where(eligible, np.hypot(x - center_x, y - center_y), np.inf)
    least_m = np.minimum.reduceat(apart_m, start[:-1])
    tied = np.flatnonzero(apart_m <= np.repeat(least_m, size) + TOLERANCE_M)
    run = np.repeat(np.arange(len(size)), size)[tied]
    order = np.lexsort((even_out(y[tied]), even_out(x[tied]), run))
    return tied[order][np.searchsorted(run, np.arange(len(size)))]
