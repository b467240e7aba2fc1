"""A centre that can be tried out in the page, written so that the page reckons as the library does.

What is given, for `web/trial.js`; numbers in base64 are little-endian:

    subdistrict, venues, members, headquarters, radius_m, target, on_foot    as in `Trial`; the
                    headquarters is an index or null, and so is a target that is not known
    lon, lat        of the points in millionths of a degree, the first one and then steps
    population      float64 in base64
    groups          [{name, population}], population as above
    cut_off         indices of points
    distance_m      {step_mm, rounded, exact}: see below
    link_m          float64 in base64, venue by venue; infinite where there is no walk

A walk takes 3 bytes: whole steps of `step_mm`, venue by venue, `NONE` where there is none. It is
rounded up so that comparing it with any radius of whole steps is comparing the walk itself. Rounded
like that, two walks to one point may seem equal, or differ, that do not, and a walk may seem beyond
`radius_m` where that is no whole number of steps; these, which are rare, `exact` gives in full as
[venue, point, metres], and the page takes them.
"""

import base64
import math

import numpy as np
import numpy.typing as npt

from siteplan.model import TOLERANCE_M, Flags, Matrix, Metres, Trial
from siteplan.outputs.backdrop import DECIMALS, Degrees

NONE = 0xFFFFFF
FARTHEST = NONE - 1
"""Steps; what is farther is written as this and counts as reached."""
STEPS_MM = (1, 10, 100, 1000)
"""The first that reaches the longest walk is taken: 16.7 km, 167 km, 1,677 km, 16,777 km."""
MM_PER_M = 1000

Steps = npt.NDArray[np.int64]


def describe_trial(trial: Trial, degrees: Degrees) -> dict[str, object]:
    """Return a centre as the page takes it; what JSON can hold.

    Parameters
    ----------
    trial
        The centre.
    degrees
        Takes its points to longitude and latitude.
    """
    lon, lat = degrees.places(trial.x, trial.y)
    return {
        "subdistrict": trial.subdistrict,
        "venues": list(trial.venues),
        "members": trial.members.tolist(),
        "headquarters": trial.headquarters if trial.headquarters >= 0 else None,
        "radius_m": trial.radius_m,
        "target": None if math.isnan(trial.target) else trial.target,
        "on_foot": trial.on_foot,
        "lon": _list_steps(lon),
        "lat": _list_steps(lat),
        "population": _pack_floats(trial.population),
        "groups": [
            {"name": name, "population": _pack_floats(count)}
            for name, count in sorted(trial.groups.items())
        ],
        "cut_off": np.flatnonzero(trial.cut_off).tolist(),
        "distance_m": _describe_walks(trial.distance_m, trial.radius_m),
        "link_m": _pack_floats(trial.link_m),
    }


def round_up(distance_m: Metres | Matrix, step_mm: int) -> Steps:
    """Return walks in whole steps, so that any radius of whole steps parts them as it should.

    The smallest number of steps that, taken as a radius, includes the walk: `round_up(d) <= R` is
    `d <= R + TOLERANCE_M`, to the last bit.

    Parameters
    ----------
    distance_m
        >= 0; inf where there is none.
    step_mm
        Length of a step.

    Examples
    --------
    >>> round_up(np.array([0.0, 350.0, 350.0000005, 350.000002, np.inf]), 1).tolist()
    [0, 350000, 350000, 350001, 16777215]
    """
    finite = np.isfinite(distance_m)
    walk_m = np.where(finite, distance_m, 0.0)
    steps = np.ceil((walk_m - TOLERANCE_M) * (MM_PER_M / step_mm)).clip(0, FARTHEST)
    steps += walk_m > _to_metres(steps, step_mm) + TOLERANCE_M  # where the last bit was rounded
    steps -= (steps > 0) & (walk_m <= _to_metres(steps - 1, step_mm) + TOLERANCE_M)
    rounded: Steps = np.where(finite, steps.clip(0, FARTHEST), NONE).astype(np.int64)
    return rounded


def _describe_walks(distance_m: Matrix, radius_m: float) -> dict[str, object]:
    longest_mm = MM_PER_M * distance_m[np.isfinite(distance_m)].max(initial=0.0)
    fitting = [step_mm for step_mm in STEPS_MM if longest_mm < step_mm * FARTHEST]
    step_mm = fitting[0] if fitting else STEPS_MM[-1]
    steps = round_up(distance_m, step_mm)
    rounded_m = np.where(steps == NONE, np.inf, _to_metres(steps, step_mm))
    limit_m = radius_m + TOLERANCE_M
    outside = (distance_m <= limit_m) & (rounded_m > limit_m)
    venue, point = np.nonzero(_find_misleading(distance_m, rounded_m, outside, step_mm / MM_PER_M))
    return {
        "step_mm": step_mm,
        "rounded": _encode(steps.astype("<u4").reshape(-1, 1).view(np.uint8)[:, :3].tobytes()),
        "exact": [
            [row, column, float(distance_m[row, column])]
            for row, column in zip(venue.tolist(), point.tolist(), strict=True)
        ],
    }


def _find_misleading(
    distance_m: Matrix, rounded_m: Matrix, misleading: Flags, step_m: float
) -> Flags:
    """Return which walks must be exact for the nearer of any two venues to stay the nearer one.

    Once a walk is exact, as some are from the start, it must still compare with the rounded ones,
    so one round may call for another.
    """
    misleading = misleading.copy()
    in_order = np.sort(distance_m, axis=0)
    apart_m = in_order[1:] - np.where(np.isfinite(in_order[:-1]), in_order[:-1], 0.0)
    close = np.flatnonzero((apart_m <= 2 * step_m).any(axis=0))  # the rest cannot change places
    true_m = distance_m[:, close]
    shown_m = np.where(misleading[:, close], true_m, rounded_m[:, close])
    while True:
        differ = np.zeros(true_m.shape, dtype=np.bool_)
        for venue in range(len(true_m)):
            told = _is_nearer(true_m[venue], true_m) == _is_nearer(shown_m[venue], shown_m)
            asked = _is_nearer(true_m, true_m[venue]) == _is_nearer(shown_m, shown_m[venue])
            wrong = ~(told & asked)
            differ |= wrong
            differ[venue] |= wrong.any(axis=0)
        if not differ.any():
            break
        shown_m = np.where(differ, true_m, shown_m)
        misleading[:, close] |= differ
    return misleading


def _is_nearer(one_m: Metres | Matrix, other_m: Metres | Matrix) -> Flags:
    nearer: Flags = one_m < other_m - TOLERANCE_M
    return nearer


def _to_metres(steps: Steps | Matrix, step_mm: int) -> Matrix:
    metres: Matrix = steps * step_mm / MM_PER_M
    return metres


def _list_steps(degrees: list[float]) -> list[int]:
    """Return the first of some degrees in millionths, then the step to each of the others."""
    millionths = np.rint(np.array(degrees, dtype=np.float64) * 10**DECIMALS).astype(np.int64)
    steps: list[int] = np.diff(millionths, prepend=0).tolist()
    return steps


def _pack_floats(values: npt.NDArray[np.float64]) -> str:
    return _encode(values.astype("<f8").tobytes())


def _encode(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
