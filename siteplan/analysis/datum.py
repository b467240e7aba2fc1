"""Which datum a file is really in, judged by what must fit. Nothing is converted here.

A file may say WGS84 and be GCJ-02 (some 600 m off) or BD-09 (1.2 km), have latitude and longitude
swapped, or hold metres of another zone. Each way to read its coordinates is a *reading*, given by
its name and what it makes of the file in the working CRS; the first is how the file is read now.
Sites must lie in the subdistricts they claim, an outline must follow a reference outline, and the
boundaries of subdistricts must run along roads. `best` names the reading that fits where that is
clear, and nothing where it is not: then the file stays as it is.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import KDTree

from siteplan.model import TOLERANCE_M, Flags, Geometries, Indices, Metres, Shape, StudyArea

WRONG_CLAIM = 0.05
"""Share of sites that claim a subdistrict other than their own, taken for the right reading."""
NEIGHBOURS = 6
"""Subdistricts that a wrong claim may name: those around. On average a map has fewer (Euler)."""
SURE = 0.99
"""Least probability of a reading that is named."""
LEAST_FIT = 2 / 3
"""Least share of the sites that must fit a reading that is named. Of 10 sites or more, the right
reading misses it less than twice in 1,000 files; one that is not among the readings mostly does."""
BORDER_M = 30.0
"""A site this far beyond the border of its subdistrict still fits: boundaries are no sharper."""

ROAD_M = 20.0
"""Half the width of a main road and its pavements: where a boundary along it may be drawn."""
OUTLINE_M = 50.0
"""How far two drawings of one outline lie apart: a millimetre on a sheet of 1:50,000."""
PIECE_M = 20.0
DETAIL_M = 5.0  # bends smaller than this say nothing of where a line runs
PIECES = 4000  # of more, so many tell as much
SHIFT_STEP_M = 150.0
SHIFTS_M = (200.0, 1500.0)
"""Shifts of a drawing to compare with: far enough that no line is along itself, and as far as one
datum is from another."""
OUTSTANDING = 5.0
"""Standard deviations by which the share of a reading that is named exceeds those of shifts. Real
boundaries laid on the roads of another town do not reach it (`benchmarks/datum.py`)."""
LEAST_M = 1000.0
"""Least length along roads of a reading that is named: by so little chance cannot be told."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well sites fit the subdistricts they claim, under each reading of their coordinates.

    Attributes
    ----------
    compared
        Sites that claim a subdistrict.
    fits
        How many of them lie in it or within the tolerance of it, by reading.
    probability
        Of each reading, if one of them is right; they sum to 1.
    best
        The reading that is right beyond doubt; None where that is open.
    moved_m
        Median distance by which it moves the compared sites from where the first reading has them;
        nan if it is the first, or open.
    """

    compared: int
    fits: Mapping[str, int]
    probability: Mapping[str, float]
    best: str | None
    moved_m: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """How much of a drawing runs along lines that it must follow, under each reading.

    Attributes
    ----------
    shares
        Of its length, by reading; nan where none of it lies where such lines are known.
    by_chance
        The highest share where the best fitting reading is shifted on purpose; nan without any.
    best
        The reading that is right beyond doubt; None where that is open.
    moved_m
        Median distance by which it moves the polygons from where the first reading has them; nan if
        it is the first, or open.
    """

    shares: Mapping[str, float]
    by_chance: float
    best: str | None
    moved_m: float


def compare_sites(
    area: StudyArea,
    claimed: Indices,
    readings: Mapping[str, tuple[Metres, Metres]],
    *,
    tolerance_m: float = BORDER_M,
) -> Evidence:
    """Say under which reading sites lie in the subdistricts they claim.

    Bayes' rule on counts. Under the right reading a site lies in the subdistrict it claims with
    probability 1 - e (`WRONG_CLAIM`). Otherwise its claim is wrong and names any one of m
    subdistricts (`NEIGHBOURS`, or all others where there are fewer) with probability e / m: wrong
    claims mostly name a neighbour, and m = all others would take each of them for near proof. A
    place outside all subdistricts, or none at all, is a wrong one like any other. With every
    reading as likely beforehand, the probability of one with f fits is proportional to

        (1 - e)^f (e / m)^(n - f), that is to ((1 - e) m / e)^f,

    so one site more multiplies the odds by 114, where there are 7 subdistricts or more. A reading
    that alone fits a single site has a probability of 0.983 against two others, and is open; of
    0.991 against one, and is named. The rule compares readings and cannot see that all are wrong:
    so the best must also fit most sites (`LEAST_FIT`), and a datum that is not among the readings
    may still be taken for one of them where subdistricts are wide.

    Parameters
    ----------
    area
        All subdistricts.
    claimed
        Index of the subdistrict each site claims, shape (sites,); -1 for none, not compared.
    readings
        By name, first the one in use: x and y in the working CRS, each of shape (sites,); nan or
        inf where a reading has no place for a site.
    tolerance_m
        How far beyond the border a site still fits, inclusive.

    Returns
    -------
    Evidence
        Open without sites or readings. A single reading is named if it fits most sites.

    Examples
    --------
    >>> from siteplan.model import Subdistrict
    >>> shapes = {"A": shapely.box(0, 0, 1000, 1000), "B": shapely.box(1000, 0, 2000, 1000)}
    >>> parts = tuple(Subdistrict(code, "", None, shape, 0) for code, shape in shapes.items())
    >>> x, y = np.array([1200.0, 1300.0, 1400.0]), np.array([300.0, 400.0, 500.0])
    >>> readings = {"wgs84": (x, y), "gcj02": (x - 500, y + 200)}
    >>> found = compare_sites(StudyArea(parts, "EPSG:4547"), np.array([0, 0, 0]), readings)
    >>> found.fits, found.best, round(found.moved_m)
    ({'wgs84': 0, 'gcj02': 3}, 'gcj02', 539)
    """
    compared = np.flatnonzero(claimed >= 0)
    own = area.geometry[claimed[compared]]
    shapely.prepare(own)
    places = {
        name: np.column_stack([x[compared], y[compared]]).astype(np.float64)
        for name, (x, y) in readings.items()
    }
    fits = {name: int(_fit(own, xy, tolerance_m).sum()) for name, xy in places.items()}
    probability = _weigh(fits, min(NEIGHBOURS, len(area.subdistricts) - 1))
    best = max(probability, key=lambda name: probability[name], default=None)
    if best is None or probability[best] < SURE or fits[best] < max(LEAST_FIT * len(compared), 1):
        return Evidence(len(compared), fits, probability, None, math.nan)
    return Evidence(len(compared), fits, probability, best, _measure_move(places, best))


def compare_outline(readings: Mapping[str, Geometries], reference: Geometries) -> Alignment:
    """Say under which reading the outline of polygons follows that of others of the same place.

    A district against its subdistricts, or the other way round. As `compare_boundaries`, but along
    the reference outline, with `OUTLINE_M` for `ROAD_M`, and counting everywhere. What two editions
    draw differently lowers all shares and decides nothing.

    Parameters
    ----------
    readings
        By name, first the one in use: the same polygons in the same order, working CRS.
    reference
        Polygons whose datum is known, working CRS. Only outer rings of the union count on either
        side; gaps between polygons that lead outside are taken for outline.

    Returns
    -------
    Alignment
        Open without polygons.

    Examples
    --------
    >>> here = np.array([shapely.box(0, 0, 4000, 3000)])
    >>> there = shapely.transform(here, lambda xy: xy + [490, -270])
    >>> found = compare_outline({"wgs84": there, "gcj02": here}, here)
    >>> found.best, round(found.moved_m), found.shares
    ('gcj02', 559, {'wgs84': 0.0, 'gcj02': 1.0})
    """
    outlines = {name: _trace(polygons) for name, polygons in readings.items()}
    return _compare(readings, outlines, _trace(reference), OUTLINE_M, None)


def compare_boundaries(readings: Mapping[str, Geometries], roads: Geometries) -> Alignment:
    """Say under which reading the boundaries of subdistricts run along roads.

    A piece of boundary is along a road if one is within `ROAD_M` of it and in its direction: place
    and direction are compared as one distance, in which a turn by the angle t counts
    4 × `ROAD_M` × sin(t), so a road that lies 0 m away may turn by 14°, and one that lies
    `ROAD_M` away by none. That tells roads that a boundary follows from those it crosses, which a
    dense city has everywhere. Only what lies in the convex hull of the roads counts.

    The share of the length along roads proves nothing by itself: it differs from town to town. It
    is held against the shares of the same drawing shifted to every point of a grid between 200 m
    and 1,500 m (a Monte Carlo test, Davison & Hinkley 1997, chapter 4). A reading is named if its
    share is above all of those and all other readings', and above their mean by `OUTSTANDING`
    standard deviations: a sharp peak, which a reading that is wrong by hundreds of metres is not,
    whatever the truth.

    Parameters
    ----------
    readings
        By name, first the one in use: the same polygons in the same order, working CRS. One without
        finite bounds has no place and does not count.
    roads
        LineStrings whose datum is known, working CRS; `Roads.lines`.

    Returns
    -------
    Alignment
        Open without roads or polygons, with less than `LEAST_M` of boundary along roads, and where
        boundaries follow no roads or blocks are all alike. A single reading can be named.
    """
    boundaries = {name: shapely.boundary(polygons) for name, polygons in readings.items()}
    hull = shapely.GeometryCollection(list(roads)).convex_hull
    return _compare(readings, boundaries, roads, ROAD_M, hull)


def _compare(
    readings: Mapping[str, Geometries],
    drawings: Mapping[str, Geometries],
    lines: Geometries,
    near_m: float,
    ground: Shape | None,
) -> Alignment:
    """Hold drawings against lines, and the one that fits best against itself, shifted."""
    target = _Target(KDTree(_cut(lines).lift(near_m)), near_m, ground)
    shapely.prepare(ground)
    pieces = {name: _draw_sample(drawing, ground) for name, drawing in drawings.items()}
    found = {name: target.measure(each, np.zeros(2)) for name, each in pieces.items()}
    shares = {name: along / on if on else math.nan for name, (along, on) in found.items()}
    known = [name for name, (_, on) in found.items() if on >= LEAST_M]
    best = max(known, key=lambda name: shares[name], default=None)
    if best is None:
        return Alignment(shares, math.nan, None, math.nan)
    shifts = _list_shifts()
    shifted = [target.measure(pieces[best], shift) for shift in shifts]
    chance = np.array([along / on for along, on in shifted if on >= found[best][1] / 2])
    by_chance = float(chance.max(initial=0))
    rivals = [shares[name] for name in known if name != best]
    if (
        found[best][0] < LEAST_M
        or len(chance) < len(shifts) / 2
        or shares[best] <= max([by_chance, *rivals])
        or shares[best] < chance.mean() + OUTSTANDING * chance.std()
    ):
        return Alignment(shares, by_chance, None, math.nan)
    corners = {name: shapely.bounds(polygons)[:, :2] for name, polygons in readings.items()}
    return Alignment(shares, by_chance, best, _measure_move(corners, best))


def _fit(own: Geometries, xy: Metres, tolerance_m: float) -> Flags:
    """Return which places lie within the tolerance of their polygons; nowhere does not."""
    placed = np.flatnonzero(np.isfinite(xy).all(axis=1))
    points = shapely.points(xy[placed])
    fits = np.zeros(len(xy), dtype=np.bool_)
    fits[placed] = shapely.dwithin(own[placed], points, tolerance_m + TOLERANCE_M)
    return fits


def _weigh(fits: Mapping[str, int], others: int) -> dict[str, float]:
    """Return the probability of each reading; `others` are the subdistricts a wrong claim names."""
    gain = math.log((1 - WRONG_CLAIM) * max(others, 1) / WRONG_CLAIM)
    most = max(fits.values(), default=0)
    weight = {name: math.exp(gain * (count - most)) for name, count in fits.items()}
    total = math.fsum(weight.values())
    return {name: each / total for name, each in weight.items()}


def _measure_move(places: Mapping[str, Metres], best: str) -> float:
    """Return the median distance between two readings of what has a place in both."""
    first = next(iter(places))
    if best == first:
        return math.nan
    placed = (np.isfinite(places[first]) & np.isfinite(places[best])).all(axis=1)
    step = places[best][placed] - places[first][placed]
    return float(np.median(np.hypot(*step.T))) if len(step) else math.nan


def _trace(polygons: Geometries) -> Geometries:
    """Return the outer rings of the union of the polygons that have a place."""
    parts = shapely.get_parts(shapely.union_all(_keep_placed(polygons)))
    return np.asarray(shapely.get_exterior_ring(parts), dtype=object)


def _keep_placed(shapes: Geometries) -> Geometries:
    """Return the shapes that are not empty and nowhere at infinity."""
    return shapes[np.isfinite(shapely.bounds(shapes)).all(axis=1)]


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Short straight pieces of lines: middle, length, unit vector of twice the direction.

    Twice the direction is the same whichever way a line is drawn.
    """

    xy: Metres
    length_m: Metres
    turn: npt.NDArray[np.float64]

    def lift(self, near_m: float) -> npt.NDArray[np.float64]:
        """Return places in four dimensions, where a turn by t is 4 × near_m × sin(t) apart."""
        return np.column_stack([self.xy, 2 * near_m * self.turn])


def _cut(lines: Geometries) -> _Pieces:
    """Cut lines into straight pieces of at most `PIECE_M`."""
    parts = shapely.segmentize(shapely.get_parts(lines), PIECE_M)
    ends, line = shapely.get_coordinates(parts, return_index=True)
    x, y = np.diff(ends, axis=0).T
    length_m = np.hypot(x, y)
    kept = np.flatnonzero((np.diff(line) == 0) & (length_m > 0))
    x, y, length_m = x[kept], y[kept], length_m[kept]
    turn = np.column_stack([x * x - y * y, 2 * x * y]) / (length_m * length_m)[:, None]
    return _Pieces((ends[kept] + ends[kept + 1]) / 2, length_m, turn)


def _draw_sample(lines: Geometries, ground: Shape | None) -> _Pieces:
    """Return the pieces of a drawing that are on the ground, or by some shift may be.

    Of more than `PIECES`, as many in order of place, each for those it stands between too.
    """
    pieces = _cut(shapely.simplify(_keep_placed(lines), DETAIL_M))
    near = np.arange(len(pieces.xy))
    if ground is not None:
        west, south, east, north = ground.bounds
        low, high = np.array([west, south]) - SHIFTS_M[1], np.array([east, north]) + SHIFTS_M[1]
        near = np.flatnonzero(((pieces.xy >= low) & (pieces.xy <= high)).all(axis=1))
    near = near[np.lexsort(pieces.xy[near].T)]
    some = near[np.linspace(0, len(near) - 1, min(len(near), PIECES)).astype(np.intp)]
    scale = len(near) / max(len(some), 1)
    return _Pieces(pieces.xy[some], pieces.length_m[some] * scale, pieces.turn[some])


@dataclass(frozen=True, slots=True, eq=False)
class _Target:
    """Lines that a drawing must follow, and the ground on which it must; None for everywhere."""

    lines: KDTree
    near_m: float
    ground: Shape | None

    def measure(self, pieces: _Pieces, shift: Metres) -> tuple[float, float]:
        """Return the length of a shifted drawing along the lines, and on the ground."""
        places = pieces.lift(self.near_m)
        places[:, :2] += shift
        length_m = pieces.length_m
        if self.ground is not None:
            here = shapely.contains_xy(self.ground, places[:, 0], places[:, 1])
            places, length_m = places[here], length_m[here]
        gap_m, _ = self.lines.query(places, distance_upper_bound=self.near_m + TOLERANCE_M)
        return float(length_m[np.isfinite(gap_m)].sum()), float(length_m.sum())


def _list_shifts() -> Metres:
    """Return the shifts to compare with, shape (shifts, 2)."""
    least_m, most_m = SHIFTS_M
    steps = SHIFT_STEP_M * np.arange(-(most_m // SHIFT_STEP_M), most_m // SHIFT_STEP_M + 1)
    x, y = (axis.ravel() for axis in np.meshgrid(steps, steps))
    far_m = np.hypot(x, y)
    return np.column_stack([x, y])[(far_m >= least_m) & (far_m <= most_m)]
